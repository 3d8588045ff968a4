"""Certificates for the tests: good ones, and one for each way in which they go wrong."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

KEY_PASSPHRASE = "open-the-key-7Q"  # noqa: S105 - of files that live as long as the test
KEYSTORE_PASSWORD = "open-the-keystore-4M"  # noqa: S105
TRUSTSTORE_PASSWORD = "open-the-truststore-2K"  # noqa: S105


class Certificates:
    """Files below one folder. A broker's are pairs of certificate and key in one PEM file, as Kafka reads them.

    `client_*` is User:alice to the brokers; `unknown_client_*` is signed by a CA that they do not know.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        now = dt.datetime.now(dt.UTC)
        self._began, self._ended = now - dt.timedelta(days=30), now - dt.timedelta(days=3)
        known, unknown = trustme.CA(), trustme.CA()
        between = known.create_child_ca()
        self.ca_pem = known.cert_pem.bytes().decode()
        self.ca_file = self._write("ca.pem", known.cert_pem.bytes())
        self.unknown_ca_file = self._write("unknown-ca.pem", unknown.cert_pem.bytes())
        self.truststore_file = self._write("truststore.p12", _truststore(known))
        self.broker = self._pair("broker", known.issue_cert("localhost", "127.0.0.1"))
        self.expired = self._pair(
            "expired", known.issue_cert("localhost", "127.0.0.1", not_before=self._began, not_after=self._ended)
        )
        self.wrong_host = self._pair("wrong-host", known.issue_cert("elsewhere.example"))
        self.unknown_ca = self._pair("unknown-ca-broker", unknown.issue_cert("localhost", "127.0.0.1"))
        self._write_clients(known, unknown, between)

    def _write_clients(self, known: trustme.CA, unknown: trustme.CA, between: trustme.CA) -> None:
        # An address too: Java refuses a certificate whose list of alternative names is empty.
        client = known.issue_cert("alice@example.org", common_name="alice")
        self.client_certificate_file = self._write("client.pem", _chain(client))
        self.client_key_file = self._write("client.key", _key(client, NoEncryption()))
        sealed = _key(client, BestAvailableEncryption(KEY_PASSPHRASE.encode()))
        self.client_encrypted_key_file = self._write("client-encrypted.key", sealed)
        self.client_pem = (_chain(client) + sealed).decode()
        self.client_keystore_file = self._write("client.p12", _keystore(client))
        self.chained_keystore_file = self._write(
            "chained.p12", _keystore(between.issue_cert("alice@example.org", common_name="alice"))
        )
        nobody = known.issue_cert("nobody@example.org", common_name="nobody")
        self.nobody_certificate_file = self._pair("nobody", nobody)
        self.unknown_client_file = self._pair(
            "unknown-client", unknown.issue_cert("alice@example.org", common_name="alice")
        )
        expired = known.issue_cert(
            "alice@example.org", common_name="alice", not_before=self._began, not_after=self._ended
        )
        self.expired_client_file = self._pair("expired-client", expired)
        self.other_key_file = self._write("other.key", _key(nobody, NoEncryption()))

    def _pair(self, name: str, leaf: trustme.LeafCert) -> str:
        return self._write(f"{name}.pair.pem", _key(leaf, NoEncryption()) + _chain(leaf))

    def _write(self, name: str, data: bytes) -> str:
        file = self._folder / name
        file.write_bytes(data)
        return str(file)


def _chain(leaf: trustme.LeafCert) -> bytes:
    return b"".join(blob.bytes() for blob in leaf.cert_chain_pems)


def _key(leaf: trustme.LeafCert, encryption: KeySerializationEncryption) -> bytes:
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _keystore(leaf: trustme.LeafCert) -> bytes:
    certificate, *above = x509.load_pem_x509_certificates(_chain(leaf))
    return pkcs12.serialize_key_and_certificates(
        b"alice",
        load_pem_private_key(leaf.private_key_pem.bytes(), None),  # type: ignore[arg-type]
        certificate,
        above,
        BestAvailableEncryption(KEYSTORE_PASSWORD.encode()),
    )


def _truststore(authority: trustme.CA) -> bytes:
    """As `keytool -importcert` makes it: certificates alone."""
    certificate = x509.load_pem_x509_certificate(authority.cert_pem.bytes())
    return pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(certificate, b"ca")], BestAvailableEncryption(TRUSTSTORE_PASSWORD.encode())
    )
