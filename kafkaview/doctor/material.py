"""The files of a profile's TLS, read and tried before any socket is opened.

Everything stays in memory: a key that was decrypted never goes to a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs12

from kafkaview.doctor.diagnosis import Cause, StepName
from kafkaview.doctor.fault import Fault
from kafkaview.profiles.security import Certificate, SecretField, Secrets, Tls

_KEY: Final = re.compile(rb"-----BEGIN ((?:\w+ )*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL)
_JKS: Final = bytes.fromhex("feedfeed")
_PEM: Final = b"-----BEGIN"
_CA_FILE: Final = "security.tls.ca_file"
_CA_PEM: Final = "security.tls.ca_pem"
_TRUSTSTORE: Final = "security.tls.truststore_file"
_CERTIFICATE: Final = "security.tls.certificate"


@dataclass(frozen=True, slots=True)
class Identity:
    """Our own certificate, its key, and the certificates between it and its CA."""

    certificate: x509.Certificate
    key: PrivateKeyTypes
    chain: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """Whom to trust (None: whom the system trusts), which field of the profile says so, and who we are."""

    trust: tuple[x509.Certificate, ...] | None
    identity: Identity | None
    verify_hostname: bool
    trust_field: str = _CA_FILE


def load_material(tls: Tls, secrets: Secrets) -> Material:
    """Read all of it. Blocks on files; a Fault says which of them is wrong and how."""
    trust: list[x509.Certificate] = []
    if tls.ca_file:
        trust += _certificates(_read(tls.ca_file, _CA_FILE), tls.ca_file, _CA_FILE)
    if tls.ca_pem:
        trust += _certificates(tls.ca_pem.encode(), "The pasted CA", _CA_PEM)
    if tls.truststore_file:
        trust += _truststore(tls.truststore_file, secrets.get(SecretField.TRUSTSTORE_PASSWORD))
    identity = _identity(tls.certificate, secrets) if tls.certificate else None
    given = [
        field
        for field, value in ((_CA_FILE, tls.ca_file), (_CA_PEM, tls.ca_pem), (_TRUSTSTORE, tls.truststore_file))
        if value
    ]
    return Material(tuple(trust) if given else None, identity, tls.verify_hostname, next(iter(given), _CA_FILE))


def _fault(cause: Cause, detail: str, hint: str = "", field: str = "") -> Fault:
    return Fault(StepName.CONFIG, cause, detail, hint, field)


def _read(file: str, field: str) -> bytes:
    try:
        return Path(file).expanduser().read_bytes()
    except OSError as failure:
        raise _fault(Cause.CERTIFICATE_FILE, f"{file} cannot be read: {failure.strerror}.", field=field) from None


def _certificates(pem: bytes, named: str, field: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as failure:
        raise _fault(Cause.CERTIFICATE_FILE, f"{named} holds no PEM certificate: {failure}", field=field) from None


def _truststore(file: str, password: str | None) -> list[x509.Certificate]:
    data = _read(file, _TRUSTSTORE)
    if data.startswith(_PEM):
        return _certificates(data, file, _TRUSTSTORE)
    store = _pkcs12(data, file, password, _TRUSTSTORE, SecretField.TRUSTSTORE_PASSWORD)
    found = [entry.certificate for entry in store.additional_certs]
    if store.cert is not None:
        found.append(store.cert.certificate)
    if not found:
        raise _fault(Cause.CERTIFICATE_FILE, f"{file} holds no certificate.", field=_TRUSTSTORE)
    return found


def _pkcs12(
    data: bytes, file: str, password: str | None, field: str, secret: SecretField
) -> pkcs12.PKCS12KeyAndCertificates:
    if data.startswith(_JKS):
        convert = (
            f"keytool -importkeystore -srckeystore {file} -destkeystore {Path(file).stem}.p12 -deststoretype PKCS12"
        )
        raise _fault(Cause.CERTIFICATE_FILE, f"{file} is a JKS store.", f"Convert it: {convert}", field)
    if not data.startswith(b"0"):  # a DER sequence
        raise _fault(Cause.CERTIFICATE_FILE, f"{file} is neither a PKCS12 store nor PEM.", field=field)
    try:
        return pkcs12.load_pkcs12(data, password.encode() if password is not None else None)
    except ValueError as failure:
        if password is None:
            raise _fault(Cause.SECRET_MISSING, f"{file} needs a password.", field=secret.value) from None
        words = f"The password does not open {file}: {failure}."
        raise _fault(Cause.KEYSTORE_PASSWORD_WRONG, words, field=secret.value) from None


def _identity(given: Certificate, secrets: Secrets) -> Identity:
    if given.pkcs12_file:
        field = f"{_CERTIFICATE}.pkcs12_file"
        password = secrets.get(SecretField.KEYSTORE_PASSWORD)
        store = _pkcs12(
            _read(given.pkcs12_file, field), given.pkcs12_file, password, field, SecretField.KEYSTORE_PASSWORD
        )
        if store.key is None or store.cert is None:
            words = f"{given.pkcs12_file} holds no private key with its certificate."
            raise _fault(Cause.CERTIFICATE_FILE, words, field=field)
        chain = tuple(entry.certificate for entry in store.additional_certs)
        return Identity(store.cert.certificate, store.key, chain)
    if given.pem:
        field = f"{_CERTIFICATE}.pem"
        named, pem, key_pem, key_field = "The pasted certificate", given.pem.encode(), given.pem.encode(), field
    elif given.certificate_file:
        field, named = f"{_CERTIFICATE}.certificate_file", given.certificate_file
        pem = key_pem = _read(given.certificate_file, field)
        key_field = field
        if given.key_file:
            key_field = f"{_CERTIFICATE}.key_file"
            key_pem = _read(given.key_file, key_field)
    else:
        raise _fault(Cause.BAD_SETTING, "A client certificate is set, and no file is named.", field=_CERTIFICATE)
    certificate, *chain_found = _certificates(pem, named, field)
    key = _key(key_pem, given.key_file or named, key_field, secrets.get(SecretField.KEY_PASSPHRASE))
    if _public(key.public_key) != _public(certificate.public_key):
        words = f"The private key in {given.key_file or named} is not that of the certificate in {named}."
        raise _fault(Cause.KEY_DOES_NOT_MATCH, words, field=key_field)
    return Identity(certificate, key, tuple(chain_found))


def _key(pem: bytes, named: str, field: str, passphrase: str | None) -> PrivateKeyTypes:
    block = _KEY.search(pem)
    if block is None:
        raise _fault(Cause.CERTIFICATE_FILE, f"{named} holds no PEM private key.", field=field)
    encrypted = b"ENCRYPTED" in block.group()
    if encrypted and not passphrase:
        raise _fault(Cause.KEY_PASSPHRASE_MISSING, f"The private key in {named} is encrypted.")
    try:
        return load_pem_private_key(block.group(), passphrase.encode() if encrypted and passphrase else None)
    except (ValueError, TypeError) as failure:
        if encrypted:
            words = f"The passphrase does not decrypt the private key in {named}."
            raise _fault(Cause.KEY_PASSPHRASE_WRONG, words) from None
        words = f"The private key in {named} cannot be read: {failure}"
        raise _fault(Cause.CERTIFICATE_FILE, words, field=field) from None


def _public(key: Callable[[], object]) -> bytes:
    public = key()
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined, no-any-return]
