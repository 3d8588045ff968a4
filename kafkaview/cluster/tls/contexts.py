"""The TLS material of a profile in the form that each client takes: PEM in memory, or an SSLContext.

A private key is always kept encrypted under a temporary password. Both clients then take it the same way, and the file
that Python's ssl needs for an instant holds no readable key.
"""

from __future__ import annotations

import secrets as randomness
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

from kafkaview.cluster.tls.files import Identity, read_material, read_web_trust
from kafkaview.profiles.security import Secrets, Security, Tls


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """Our own certificate, the certificates that sign it, and the key."""

    chain: str
    key: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """The TLS material as PEM. `authorities` None: the system's."""

    authorities: str | None
    own: OwnCertificate | None
    verify_hostname: bool

    def context(self) -> ssl.SSLContext:
        """Returns a context for a client that uses Python's ssl."""
        # Not create_default_context, which refuses some private CAs from Python 3.13 on.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = self.verify_hostname
        if self.authorities is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(cadata=self.authorities)
        if self.own is not None:
            with tempfile.TemporaryDirectory(prefix="kafkaview-") as folder:
                file = Path(folder, "own.pem")
                file.write_text(self.own.chain + self.own.key)
                context.load_cert_chain(file, password=self.own.passphrase)
        return context


def tls_material(tls: Tls, secrets: Secrets) -> TlsMaterial:
    """Reads every TLS file that a profile names. Raises UnusableProfile with the reason."""
    read = read_material(tls, secrets)
    authorities = None if read.trust is None else _pem(read.trust)
    return TlsMaterial(authorities, None if read.identity is None else _seal_key(read.identity), read.verify_hostname)


def web_context(security: Security, secrets: Secrets) -> ssl.SSLContext:
    """Returns the context for a web service beside the brokers (token endpoint, registry). It trusts the brokers' CA,
    the CA given for web services, or the system's. The host name is always checked, and our own certificate is not
    sent.
    """
    tls = security.tls
    trust = Tls(ca_file=tls.ca_file, ca_pem=tls.ca_pem, truststore_file=tls.truststore_file)
    context = tls_material(trust, secrets).context()
    context.load_default_certs()
    of_web = read_web_trust(security.web).trust
    if of_web:
        context.load_verify_locations(cadata=_pem(of_web))
    return context


def _seal_key(identity: Identity) -> OwnCertificate:
    passphrase = randomness.token_urlsafe(32)
    protection = BestAvailableEncryption(passphrase.encode())
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection)
    return OwnCertificate(_pem((identity.certificate, *identity.chain)), key.decode(), passphrase)


def _pem(certificates: Iterable[x509.Certificate]) -> str:
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates)
