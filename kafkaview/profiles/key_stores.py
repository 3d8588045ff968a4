"""Key and trust stores, and keys, as they lie in files: what kind they are, and what is read from them."""

from __future__ import annotations

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Final

from kafkaview.command_words import shell_word

_JKS_MAGIC: Final = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_ASN1_SEQUENCE: Final = b"\x30"
_PKCS12_SUFFIXES: Final = (".p12", ".pfx", ".pkcs12")
_KEY_BEGINS: Final = "PRIVATE KEY-----"
_ENCRYPTED: Final = ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED")


class StoreKind(StrEnum):
    """What a store's file is; Java's default type JKS reads PKCS12 files as well."""

    PEM = "PEM"
    PKCS12 = "PKCS12"
    JKS = "JKS"


def store_kind(path: Path, type_name: str = "") -> StoreKind:
    """The kind of a file by its first bytes; where it cannot be read by its `type_name`, else by its name."""
    try:
        with path.open("rb") as file:
            begin = file.read(4)
    except OSError:
        begin = b""
    if begin:
        return kind_of(begin)
    if type_name.upper() in list(StoreKind):
        return StoreKind(type_name.upper())
    if path.suffix.lower() in _PKCS12_SUFFIXES:
        return StoreKind.PKCS12
    return StoreKind.JKS if path.suffix.lower() == ".jks" else StoreKind.PEM


def kind_of(data: bytes) -> StoreKind:
    """The kind of a store by its first bytes."""
    if data.startswith(_JKS_MAGIC):
        return StoreKind.JKS
    return StoreKind.PKCS12 if data.startswith(_ASN1_SEQUENCE) else StoreKind.PEM


def how_to_convert(path: Path) -> str:
    """The command that makes a PKCS12 store of a JKS one; it asks for the password, none stands in it."""
    target = path.with_suffix(".p12")
    return (
        f"keytool -importkeystore -srckeystore {shell_word(str(path))} -destkeystore {shell_word(str(target))}"
        " -deststoretype PKCS12"
    )


def authorities_of(path: Path, password: str | None) -> str:
    """The certificates of a PKCS12 truststore as PEM: they are public, so they may stand where its password does not.
    Raises ValueError with a sentence.
    """
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12  # heavy, and few have such a store

    try:
        store = pkcs12.load_pkcs12(path.read_bytes(), password.encode() if password else None)
    except OSError as failure:
        raise ValueError(f"{path} cannot be read: {failure.strerror}.") from failure
    except (ValueError, TypeError):
        words = "its password does not open it" if password else "it needs a password"
        raise ValueError(f"{path} cannot be read as a PKCS12 store: {words}.") from None
    found = [entry.certificate for entry in (*store.additional_certs, store.cert) if entry is not None]
    if not found:
        raise ValueError(f"{path} holds no certificate.")
    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in found)


def holds_bare_key(pem: str) -> bool:
    """Whether a private key stands there that no passphrase protects."""
    return _KEY_BEGINS in pem and not any(mark in pem for mark in _ENCRYPTED)


def seal_key(pem: str) -> tuple[str, str]:
    """A bare private key, encrypted, and the passphrase made for it: so the PEM may stand in a profile's file while
    what opens it is in the keyring. Raises ValueError if it is no key.
    """
    from cryptography.hazmat.primitives.serialization import (  # heavy, and few keys are pasted
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
        load_pem_private_key,
    )

    passphrase = secrets.token_urlsafe(32)
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as failure:
        raise ValueError("The pasted private key cannot be read: it is not PEM.") from failure
    protection = BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection).decode(), passphrase
