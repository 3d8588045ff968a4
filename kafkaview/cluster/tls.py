"""What a profile brings to TLS: whom it trusts and who it is, read from files, stores or pasted text into memory.

A private key is held encrypted under a password made for the moment, however it came: so both clients take it the same
way, and the file that Python's ssl needs for an instant tells nothing.
"""

from __future__ import annotations

import secrets as randomness
import ssl
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)

from kafkaview.cluster.errors import UnusableProfile
from kafkaview.profiles.security import Certificate, SecretField, Secrets, Tls

_JKS: Final = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """Who we are: the certificate and what it is signed by, and the key."""

    chain: str
    key: str = field(repr=False)
    passphrase: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """All of it as PEM. `authorities` None: the system's."""

    authorities: str | None
    own: OwnCertificate | None
    verify_hostname: bool

    def context(self, empty: ssl.SSLContext | None = None) -> ssl.SSLContext:
        """For a client that speaks TLS through Python; filled into `empty` where that is given."""
        # Not create_default_context, which refuses some private CAs from Python 3.13 on.
        context = empty or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
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
    """Read everything that a profile names. Raises UnusableProfile with the reason."""
    own = None if tls.certificate is None else _own(tls.certificate, secrets)
    return TlsMaterial(_authorities(tls, secrets), own, tls.verify_hostname)


def _authorities(tls: Tls, secrets: Secrets) -> str | None:
    if tls.ca_pem is not None:
        return _certificates(tls.ca_pem.encode(), "The pasted CA")
    if tls.ca_file is not None:
        return _certificates(_read(tls.ca_file), tls.ca_file)
    if tls.truststore_file is not None:
        return _truststore(tls.truststore_file, secrets)
    return None


def _truststore(file: str, secrets: Secrets) -> str:
    data = _read(file)
    if data.lstrip().startswith(b"-----BEGIN"):
        return _certificates(data, file)
    store = _pkcs12(file, data, secrets.get(SecretField.TRUSTSTORE_PASSWORD))
    held = [one.certificate for one in (store.cert, *store.additional_certs) if one is not None]
    if not held:
        raise UnusableProfile(f"{file} holds no certificate.", "Choose a truststore with the CA's certificate.")
    return _pem(held)


def _own(certificate: Certificate, secrets: Secrets) -> OwnCertificate:
    if certificate.pkcs12_file is not None:
        return _from_keystore(certificate.pkcs12_file, secrets)
    if certificate.pem is not None:
        if "PRIVATE KEY" in certificate.pem and "ENCRYPTED" not in certificate.pem:
            raise UnusableProfile(
                "The pasted private key is not encrypted, and would stand so in the profile's file.",
                "Encrypt it: openssl pkcs8 -topk8 -in KEY, or name its file.",
            )
        return _from_text("The pasted certificate", certificate.pem.encode(), certificate.pem.encode(), secrets)
    if certificate.certificate_file is None:
        raise UnusableProfile("The client certificate is not named.", "Choose its file.")
    key_file = certificate.key_file or certificate.certificate_file
    return _from_text(certificate.certificate_file, _read(certificate.certificate_file), _read(key_file), secrets)


def _from_keystore(file: str, secrets: Secrets) -> OwnCertificate:
    store = _pkcs12(file, _read(file), secrets.get(SecretField.KEYSTORE_PASSWORD))
    if store.cert is None or store.key is None:
        raise UnusableProfile(f"{file} holds no certificate with its key.", "Choose the client's keystore.")
    return _sealed(file, [store.cert.certificate, *(more.certificate for more in store.additional_certs)], store.key)


def _from_text(name: str, chain: bytes, key: bytes, secrets: Secrets) -> OwnCertificate:
    passphrase = secrets.get(SecretField.KEY_PASSPHRASE)
    certificates = x509.load_pem_x509_certificates(_certificates(chain, name).encode())
    encrypted = b"ENCRYPTED" in key
    if encrypted and not passphrase:
        raise UnusableProfile(f"The private key of {name} is encrypted.", "Give its passphrase.")
    try:
        loaded = load_pem_private_key(key, passphrase.encode() if encrypted and passphrase else None)
    except (ValueError, TypeError) as failure:
        if encrypted:
            raise UnusableProfile(
                f"The passphrase does not open the private key of {name}.", "Give the key's own passphrase."
            ) from failure
        raise UnusableProfile(f"{name} has no private key that can be read.", "Choose the key's PEM file.") from failure
    return _sealed(name, certificates, loaded)


def _sealed(name: str, chain: list[x509.Certificate], key: PrivateKeyTypes) -> OwnCertificate:
    def public(of: PrivateKeyTypes | x509.Certificate) -> bytes:
        return of.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    if public(chain[0]) != public(key):
        raise UnusableProfile(f"The private key is not that of the certificate in {name}.", "Choose the pair.")
    passphrase = randomness.token_urlsafe(32)
    encrypted = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase.encode()))
    return OwnCertificate(_pem(chain), encrypted.decode(), passphrase)


def _pkcs12(file: str, data: bytes, password: str | None) -> pkcs12.PKCS12KeyAndCertificates:
    if data.startswith(_JKS):
        raise UnusableProfile(
            f"{file} is a JKS store, which only Java reads.",
            f"Convert it: keytool -importkeystore -srckeystore {file} -destkeystore {Path(file).stem}.p12 "
            "-deststoretype PKCS12",
        )
    try:
        return pkcs12.load_pkcs12(data, password.encode() if password else None)
    except (ValueError, TypeError) as failure:
        raise UnusableProfile(
            f"{file} does not open: its password is not right, or it is no PKCS12 store.", "Give the store's password."
        ) from failure


def _certificates(data: bytes, name: str) -> str:
    """The certificates of a PEM text, without what else stands there."""
    try:
        found = x509.load_pem_x509_certificates(data)
    except ValueError as failure:
        raise UnusableProfile(f"{name} holds no certificate that can be read.", "Choose a PEM file.") from failure
    return _pem(found)


def _pem(certificates: list[x509.Certificate]) -> str:
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates)


def _read(file: str) -> bytes:
    try:
        return Path(file).expanduser().read_bytes()
    except OSError as failure:
        raise UnusableProfile(f"{file} cannot be read: {failure.strerror}.", "Choose another file.") from failure
