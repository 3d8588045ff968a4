"""A TLS connection that finds all errors of the broker's certificate in one handshake: they are collected, and `verify`
raises them before anything else is sent. It uses pyOpenSSL, because the standard library does not show which CAs a
broker accepts client certificates from.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from OpenSSL import SSL, crypto

from kafkaview.cluster.kafka.certificate_fields import DAMAGED, names_of, title
from kafkaview.cluster.tls.files import Material
from kafkaview.doctor.certificates import as_address, days_left, is_for
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.wire import Ended, PlainWire

_CHUNK: Final = 65_536
_SOON_DAYS: Final = 30
_EXPIRED, _NOT_YET = 10, 9
_UNKNOWN_CA: Final = frozenset({2, 18, 19, 20, 21, 27})
_ASKED: Final = b"read server certificate request"


class Refused(Exception):
    """The other side, or OpenSSL, ended TLS; `words` are OpenSSL's, with the name of an alert."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True)
class ChainError:
    """One error in the broker's chain: OpenSSL's number, and the certificate with the error."""

    number: int
    certificate: x509.Certificate


class TlsWire:
    """A TLS client on a plain connection."""

    def __init__(self, plain: PlainWire, host: str, material: Material) -> None:
        self.plain = plain
        self.complaints: list[ChainError] = []
        self.asked_for_certificate = False
        self._host = host
        self._material = material
        self._tls = SSL.Connection(self._context(), None)
        if as_address(host) is None:
            with suppress(UnicodeError):
                self._tls.set_tlsext_host_name(host.encode("idna"))
        self._tls.set_connect_state()

    async def handshake(self) -> None:
        """Shakes hands and accepts any certificate. Raises Ended or Refused."""
        while True:
            try:
                self._tls.do_handshake()
            except SSL.WantReadError:
                await self._exchange()
            except SSL.Error as error:
                await self._flush()  # the alert that tells the other side why
                raise Refused(_words(error)) from None
            except DAMAGED as damage:  # of the chain, as it is looked through
                raise Refused(f"a certificate cannot be read ({damage})") from None
            else:
                await self._flush()
                return

    async def send(self, data: bytes) -> None:
        """Encrypts and sends bytes."""
        self._tls.send(data)
        await self._flush()

    async def receive(self) -> bytes:
        """Returns some decrypted bytes. Raises Refused on an alert: TLS 1.3 refuses a client certificate only here."""
        while True:
            try:
                return self._tls.recv(_CHUNK)
            except SSL.WantReadError:
                await self._exchange()
            except SSL.ZeroReturnError:
                raise Ended from None
            except SSL.Error as error:
                raise Refused(_words(error)) from None

    def close(self) -> None:
        """Closes the connection."""
        self.plain.close()

    @property
    def certificate(self) -> x509.Certificate | None:
        """The broker's certificate."""
        return self._tls.get_peer_certificate(as_cryptography=True)

    @property
    def version(self) -> str:
        """The TLS version: `TLSv1.3`."""
        return self._tls.get_protocol_version_name()

    def accepts_issuer(self) -> bool | None:
        """Returns whether the broker accepts the CA of our certificate; None if it does not list its CAs."""
        accepted = [name.der() for name in self._tls.get_client_ca_list()]
        own = self._material.identity
        if own is None or not accepted:
            return None
        return any(one.issuer.public_bytes() in accepted for one in (own.certificate, *own.chain))

    def verify(self, target: str) -> None:
        """Raises the error of the broker's certificate, the chain first."""
        try:
            self._verify(target)
        except DAMAGED as damage:
            words = f"The certificate of {target} cannot be read: {damage}."
            raise FailedStep(DiagnosisLayer.TLS, Cause.CERTIFICATE_INVALID, words) from None

    def _verify(self, target: str) -> None:
        for complaint in sorted(self.complaints, key=lambda one: one.number not in _UNKNOWN_CA):
            raise _report_chain(complaint, target, self._material.trust_field)
        certificate = self.certificate
        if certificate is not None and self._material.verify_hostname and not is_for(certificate, self._host):
            named = ", ".join(names_of(certificate)) or "nobody"
            words = f"The certificate of {target} is for {named}, not for {self._host}."
            if self._host in names_of(certificate):
                words = f"The certificate of {target} holds {self._host} as the name of a host, not as an address."
            raise FailedStep(DiagnosisLayer.TLS, Cause.WRONG_HOSTNAME, words)

    def describe(self) -> str:
        """Returns the TLS version and the certificate in words."""
        try:
            return self._describe(self.certificate)
        except DAMAGED:
            return f"{self.version}; certificate not readable"

    def _describe(self, certificate: x509.Certificate | None) -> str:
        if certificate is None:
            return self.version
        names, left = ", ".join(names_of(certificate)), days_left(certificate)
        soon = "warning: only " if left < _SOON_DAYS else ""
        return f"{self.version}; certificate for {names} by {title(certificate.issuer)}, {soon}{left} days left"

    def describe_session(self) -> str:
        """Returns the facts of a good connection in words."""
        request = "asked for" if self.asked_for_certificate else "not asked for"
        sent = ", none sent" if self._material.identity is None else " and sent"
        sent = sent if self.asked_for_certificate else ""
        unchecked = "" if self._material.verify_hostname else "; warning: the host name is not checked"
        return f"{self.describe()}; client certificate {request}{sent}{unchecked}."

    def explain_refusal(self, words: str, target: str) -> FailedStep:
        """Returns the failure behind an alert. Java sends 42 for no certificate, 46 for any that it rejects."""
        lower = words.lower()
        if "protocol version" in lower or "unsupported protocol" in lower or "no protocols available" in lower:
            return FailedStep(
                DiagnosisLayer.TLS, Cause.TLS_VERSION, f"{target} and we share no version of TLS ({words})."
            )
        if self.asked_for_certificate and "alert" in lower:
            return self._own_certificate_refused(words, target)
        return FailedStep(DiagnosisLayer.TLS, Cause.TLS_REFUSED, f"{target} ends the TLS handshake: {words}.")

    def _own_certificate_refused(self, words: str, target: str) -> FailedStep:
        own = self._material.identity
        if own is None:
            detail = f"{target} asks for a client certificate and refuses to go on without ({words})."
            return FailedStep(DiagnosisLayer.TLS, Cause.CLIENT_CERTIFICATE_MISSING, detail)
        until = own.certificate.not_valid_after_utc
        if until < datetime.now(UTC):
            detail = f"{target} refuses our certificate ({words}): it expired on {until:%Y-%m-%d}."
            return FailedStep(DiagnosisLayer.TLS, Cause.CLIENT_CERTIFICATE_EXPIRED, detail)
        if self.accepts_issuer() is False or "unknown ca" in words.lower():
            issuer = title(own.certificate.issuer)
            detail = f"{target} refuses our certificate ({words}): it does not accept its CA, {issuer}"
            accepted = ", ".join(_common(name) for name in self._tls.get_client_ca_list())
            detail += f"; it accepts {accepted}." if accepted else "."
            return FailedStep(DiagnosisLayer.TLS, Cause.CLIENT_CERTIFICATE_UNKNOWN_CA, detail)
        return FailedStep(
            DiagnosisLayer.TLS, Cause.CLIENT_CERTIFICATE_REFUSED, f"{target} refuses our certificate: {words}."
        )

    def _context(self) -> SSL.Context:
        context = SSL.Context(SSL.TLS_CLIENT_METHOD)
        context.set_verify(SSL.VERIFY_PEER, self._hear)
        context.set_info_callback(self._look)
        if self._material.trust is None:
            context.set_default_verify_paths()
        else:
            store = context.get_cert_store()
            assert store is not None
            for certificate in self._material.trust:
                store.add_cert(crypto.X509.from_cryptography(certificate))
        own = self._material.identity
        if own is not None:
            context.use_certificate(own.certificate)
            for certificate in own.chain:
                context.add_extra_chain_cert(certificate)
            context.use_privatekey(own.key)  # type: ignore[arg-type]
        return context

    def _hear(self, _connection: SSL.Connection, certificate: crypto.X509, number: int, _depth: int, ok: int) -> bool:
        if not ok:
            self.complaints.append(ChainError(number, certificate.to_cryptography()))
        return True

    def _look(self, connection: SSL.Connection, _where: int, _code: int) -> None:
        if _ASKED in connection.get_state_string():
            self.asked_for_certificate = True

    async def _exchange(self) -> None:
        await self._flush()
        self._tls.bio_write(await self.plain.receive())

    async def _flush(self) -> None:
        with suppress(SSL.WantReadError):
            while True:
                await self.plain.send(self._tls.bio_read(_CHUNK))


def _report_chain(complaint: ChainError, target: str, trust_field: str) -> FailedStep:
    certificate = complaint.certificate
    subject, issuer = title(certificate.subject), title(certificate.issuer)
    whose = f"The certificate {subject} of {target}"
    if complaint.number == _EXPIRED:
        when = f"{whose} expired on {certificate.not_valid_after_utc:%Y-%m-%d}, {-days_left(certificate)} days ago."
        return FailedStep(DiagnosisLayer.TLS, Cause.CERTIFICATE_EXPIRED, when)
    if complaint.number == _NOT_YET:
        when = f"{whose} is valid from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on."
        return FailedStep(DiagnosisLayer.TLS, Cause.CERTIFICATE_NOT_YET_VALID, when)
    if complaint.number in _UNKNOWN_CA:
        who = "signed by itself" if certificate.subject == certificate.issuer else f"signed by {issuer}"
        detail = f"{whose} is {who}, which is not trusted here."
        return FailedStep(DiagnosisLayer.TLS, Cause.UNKNOWN_CA, detail, field=trust_field)
    return FailedStep(
        DiagnosisLayer.TLS, Cause.CERTIFICATE_INVALID, f"{whose} is invalid (OpenSSL's error {complaint.number})."
    )


def _words(error: SSL.Error) -> str:
    reasons = error.args[0] if error.args and isinstance(error.args[0], list) else []
    return "; ".join(str(reason[-1]) for reason in reasons) or "no reason given"


def _common(name: crypto.X509Name) -> str:
    return str(name.CN or name.O or "(no name)")
