"""The TLS files of a profile, read and checked before any socket is opened, by the clients and by the doctor.

Everything stays in memory: a decrypted key is never written to a file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key, pkcs12

from kafkaview.cluster.errors import UnusableProfile
from kafkaview.profiles.environment import KEY_VARIABLE, TRUST_VARIABLE
from kafkaview.profiles.file_paths import typed_path
from kafkaview.profiles.key_stores import StoreKind, holds_bare_key, how_to_convert, kind_of
from kafkaview.profiles.security import Certificate, SecretField, Secrets, Tls, WebTrust

_KEY: Final = re.compile(rb"-----BEGIN ((?:\w+ )*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL)
# Up to the next beginning: one that is cut short does not take its neighbour along.
_CERTIFICATE_BLOCK: Final = re.compile(
    rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----(?:(?!-----BEGIN ).)*", re.DOTALL
)
_ENCRYPTED: Final = b"ENCRYPTED"
_DER: Final = b"\x30"  # a SEQUENCE
_CA_FILE: Final = "security.tls.ca_file"
_CA_PEM: Final = "security.tls.ca_pem"
_TRUSTSTORE: Final = "security.tls.truststore_file"
_CERTIFICATE: Final = "security.tls.certificate"
_WEB_CA_FILE: Final = "security.web.ca_file"
_WEB_CA_PEM: Final = "security.web.ca_pem"


class TlsFileProblem(StrEnum):
    """What is wrong with a file, or with the secret that opens it; also used by the doctor."""

    SETTING = "bad_setting"
    FILE = "certificate_file"
    KEY_PASSPHRASE_MISSING = "key_passphrase_missing"  # noqa: S105 - a word
    KEY_PASSPHRASE_WRONG = "key_passphrase_wrong"  # noqa: S105
    KEY_DOES_NOT_MATCH = "key_does_not_match"
    STORE_PASSWORD_MISSING = "secret_missing"  # noqa: S105
    STORE_PASSWORD_WRONG = "keystore_password_wrong"  # noqa: S105


HINTS: Final[Mapping[TlsFileProblem, str]] = {
    TlsFileProblem.SETTING: "Correct this setting.",
    TlsFileProblem.FILE: "Choose another file, PEM or PKCS12.",
    TlsFileProblem.KEY_PASSPHRASE_MISSING: "Enter the passphrase of the private key.",
    TlsFileProblem.KEY_PASSPHRASE_WRONG: "Enter the passphrase of the private key again.",
    TlsFileProblem.KEY_DOES_NOT_MATCH: "Choose the private key that belongs to this certificate.",
    TlsFileProblem.STORE_PASSWORD_MISSING: "Enter it; it is kept in the keyring.",
    TlsFileProblem.STORE_PASSWORD_WRONG: "Enter the password of the store again.",
}


class UnusableMaterial(UnusableProfile):
    """A file, or the secret that opens it, cannot be used. `field` is the profile's field (`security.tls.ca_file`) or a
    secret's name.
    """

    def __init__(self, flaw: TlsFileProblem, message: str, field: str, hint: str = "") -> None:
        super().__init__(message, hint or HINTS[flaw])
        self.flaw = flaw
        self.field = field


@dataclass(frozen=True, slots=True)
class Identity:
    """Our own certificate, its key, and the certificates between it and its CA."""

    certificate: x509.Certificate
    key: PrivateKeyTypes = field(repr=False)
    chain: tuple[x509.Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """The trusted authorities (None: the system's), the profile's field that names them, and our own certificate."""

    trust: tuple[x509.Certificate, ...] | None
    identity: Identity | None
    verify_hostname: bool
    trust_field: str = _CA_FILE
    unreadable: tuple[str, ...] = ()  # certificates of a bundle that were left out, by their place


@dataclass(frozen=True, slots=True)
class WebAuthorities:
    """The authorities trusted for https, and the certificates of a bundle that were left out, by position."""

    trust: tuple[x509.Certificate, ...]
    unreadable: tuple[str, ...]


def read_material(tls: Tls, secrets: Secrets) -> Material:
    """Reads all TLS files. Blocks on files; raises UnusableMaterial, which says which file is wrong and how."""
    trusted: dict[str, list[x509.Certificate]] = {}
    unreadable: list[str] = []
    if tls.ca_file:
        trusted[_CA_FILE] = _authorities(_read(tls.ca_file, _CA_FILE), tls.ca_file, _CA_FILE, unreadable)
    if tls.ca_pem:
        trusted[_CA_PEM] = _authorities(tls.ca_pem.encode(), "The pasted CA", _CA_PEM, unreadable)
    if tls.truststore_file:
        trusted[_TRUSTSTORE] = _truststore(tls.truststore_file, secrets, unreadable)
    identity = _identity(tls.certificate, secrets) if tls.certificate else None
    if not trusted:
        return Material(None, identity, tls.verify_hostname)
    every = tuple(certificate for found in trusted.values() for certificate in found)
    return Material(every, identity, tls.verify_hostname, next(iter(trusted)), tuple(unreadable))


def read_web_trust(web: WebTrust) -> WebAuthorities:
    """Reads the authorities of the web services only. Blocks and raises as `read_material` does."""
    found: list[x509.Certificate] = []
    unreadable: list[str] = []
    if web.ca_file:
        found += _authorities(_read(web.ca_file, _WEB_CA_FILE), web.ca_file, _WEB_CA_FILE, unreadable)
    if web.ca_pem:
        found += _authorities(web.ca_pem.encode(), "The pasted CA of web services", _WEB_CA_PEM, unreadable)
    return WebAuthorities(tuple(found), tuple(unreadable))


def _read(file: str, field: str) -> bytes:
    try:
        return typed_path(file).read_bytes()
    except OSError as failure:
        raise UnusableMaterial(TlsFileProblem.FILE, f"{file} cannot be read: {failure.strerror}.", field) from None


def _certificates(data: bytes, named: str, field: str) -> list[x509.Certificate]:
    """Returns the certificates of PEM text, or the one certificate of a DER file."""
    try:
        return [x509.load_der_x509_certificate(data)] if data[:1] == _DER else x509.load_pem_x509_certificates(data)
    except (ValueError, x509.InvalidVersion):
        raise UnusableMaterial(
            TlsFileProblem.FILE, f"{named} holds no certificate, neither as PEM nor as DER.", field
        ) from None


def _authorities(data: bytes, named: str, field: str, unreadable: list[str]) -> list[x509.Certificate]:
    """Returns the certificates of a bundle. One that cannot be read is left out and listed by position."""
    blocks = _CERTIFICATE_BLOCK.findall(data)
    if len(blocks) < 2 or data[:1] == _DER:
        return _certificates(data, named, field)
    found = []
    for place, block in enumerate(blocks, 1):
        try:
            found.append(x509.load_pem_x509_certificate(block))
        except (ValueError, x509.InvalidVersion):
            unreadable.append(f"Certificate {place} of {len(blocks)} in {named} cannot be read and is left out")
    return found or _certificates(data, named, field)


def _truststore(file: str, secrets: Secrets, unreadable: list[str]) -> list[x509.Certificate]:
    data = _read(file, _TRUSTSTORE)
    if kind_of(data) is StoreKind.PEM:
        return _authorities(data, file, _TRUSTSTORE, unreadable)
    store = _pkcs12(data, file, _TRUSTSTORE, secrets, SecretField.TRUSTSTORE_PASSWORD)
    found = [entry.certificate for entry in (*store.additional_certs, store.cert) if entry is not None]
    if not found:
        raise UnusableMaterial(TlsFileProblem.FILE, f"{file} holds no certificate.", _TRUSTSTORE)
    return found


def _pkcs12(
    data: bytes, file: str, field: str, secrets: Secrets, secret: SecretField
) -> pkcs12.PKCS12KeyAndCertificates:
    kind, password = kind_of(data), secrets.get(secret)
    if kind is StoreKind.JKS:
        convert = f"Convert it: {how_to_convert(Path(file))}"
        raise UnusableMaterial(TlsFileProblem.FILE, f"{file} is a JKS store, which only Java reads.", field, convert)
    if kind is not StoreKind.PKCS12:
        raise UnusableMaterial(TlsFileProblem.FILE, f"{file} is no PKCS12 store.", field)
    try:
        return pkcs12.load_pkcs12(data, password.encode() if password else None)
    except (ValueError, TypeError) as failure:
        if not password:
            variable = TRUST_VARIABLE if secret is SecretField.TRUSTSTORE_PASSWORD else KEY_VARIABLE
            hint = f"{HINTS[TlsFileProblem.STORE_PASSWORD_MISSING]} For one run {variable} may hold it."
            raise UnusableMaterial(
                TlsFileProblem.STORE_PASSWORD_MISSING, f"{file} needs a password.", secret.value, hint
            ) from None
        words = f"The password does not open {file}: {failure}."
        raise UnusableMaterial(TlsFileProblem.STORE_PASSWORD_WRONG, words, secret.value) from None


def _identity(given: Certificate, secrets: Secrets) -> Identity:
    if given.pkcs12_file:
        return _from_keystore(given.pkcs12_file, secrets)
    if given.pem:
        return _read_pasted(given.pem, secrets)
    if not given.certificate_file:
        raise UnusableMaterial(
            TlsFileProblem.SETTING, "A client certificate is set, and no file is named.", _CERTIFICATE
        )
    field = key_field = f"{_CERTIFICATE}.certificate_file"
    pem = key_pem = _read(given.certificate_file, field)
    if given.key_file:
        key_field = f"{_CERTIFICATE}.key_file"
        key_pem = _read(given.key_file, key_field)
    found = _certificates(pem, given.certificate_file, field)
    key_named = given.key_file or given.certificate_file
    return _pair(found, given.certificate_file, _key(key_pem, key_named, key_field, secrets), key_named, key_field)


def _from_keystore(file: str, secrets: Secrets) -> Identity:
    field = f"{_CERTIFICATE}.pkcs12_file"
    store = _pkcs12(_read(file, field), file, field, secrets, SecretField.KEYSTORE_PASSWORD)
    if store.key is None or store.cert is None:
        raise UnusableMaterial(TlsFileProblem.FILE, f"{file} holds no private key with its certificate.", field)
    found = [store.cert.certificate, *(entry.certificate for entry in store.additional_certs)]
    return _pair(found, file, store.key, file, field)


def _read_pasted(pem: str, secrets: Secrets) -> Identity:
    field, named = f"{_CERTIFICATE}.pem", "The pasted certificate"
    if holds_bare_key(pem):
        words = "The pasted private key is not encrypted, and would stand so in the profile's file."
        raise UnusableMaterial(
            TlsFileProblem.SETTING, words, field, "Encrypt it: openssl pkcs8 -topk8 -in KEY, or name its file."
        )
    found = _certificates(pem.encode(), named, field)
    return _pair(found, named, _key(pem.encode(), named, field, secrets), named, field)


def _pair(found: list[x509.Certificate], named: str, key: PrivateKeyTypes, key_named: str, key_field: str) -> Identity:
    certificate, *chain = found
    if _public(key) != _public(certificate):
        words = f"The private key in {key_named} is not that of the certificate in {named}."
        raise UnusableMaterial(TlsFileProblem.KEY_DOES_NOT_MATCH, words, key_field)
    return Identity(certificate, key, tuple(chain))


def _key(pem: bytes, named: str, field: str, secrets: Secrets) -> PrivateKeyTypes:
    passphrase, opens = secrets.get(SecretField.KEY_PASSPHRASE), SecretField.KEY_PASSPHRASE.value
    block = _KEY.search(pem)
    if block is None:
        raise UnusableMaterial(TlsFileProblem.FILE, f"{named} holds no private key in PEM.", field)
    encrypted = _ENCRYPTED in block.group()
    if encrypted and not passphrase:
        words = f"The private key in {named} is encrypted, and its passphrase is not known here."
        raise UnusableMaterial(TlsFileProblem.KEY_PASSPHRASE_MISSING, words, opens)
    try:
        return load_pem_private_key(block.group(), passphrase.encode() if encrypted and passphrase else None)
    except (ValueError, TypeError) as failure:
        if encrypted:
            words = f"The passphrase does not open the private key in {named}."
            raise UnusableMaterial(TlsFileProblem.KEY_PASSPHRASE_WRONG, words, opens) from None
        raise UnusableMaterial(
            TlsFileProblem.FILE, f"The private key in {named} cannot be read: {failure}", field
        ) from None


def _public(owner: PrivateKeyTypes | x509.Certificate) -> bytes:
    return owner.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
