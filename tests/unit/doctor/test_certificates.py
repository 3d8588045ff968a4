"""For which hosts a certificate is good: as OpenSSL and both client libraries have it."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kafkaview.cluster.kafka.certificate_fields import names_of
from kafkaview.doctor.certificates import days_left, is_for


def issued(*names: str, common_name: str | None = None, days: float = 10.5) -> x509.Certificate:
    ends = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    leaf = trustme.CA().issue_cert(*names, common_name=common_name, not_after=ends)
    return x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())


@pytest.mark.parametrize(
    ("name", "host", "fits"),
    [
        ("kafka.example", "kafka.example", True),
        ("kafka.example", "KAFKA.example.", True),
        ("kafka.example", "kafka.example.org", False),
        ("*.kafka.example", "one.kafka.example", True),
        ("*.kafka.example", "a.one.kafka.example", False),
        ("*.kafka.example", "kafka.example", False),
        ("*.example", "kafka.example", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("::1", "0:0::1", True),
        ("localhost", "127.0.0.1", False),
    ],
)
def test_a_host_fits_a_name(name: str, host: str, *, fits: bool) -> None:
    assert is_for(issued(name), host) is fits


@pytest.mark.parametrize(
    ("names", "common_name", "host"),
    [
        ([x509.DNSName("127.0.0.1")], None, "127.0.0.1"),
        ([x509.IPAddress(ipaddress.ip_address("10.9.8.7"))], "kafka.example", "kafka.example"),
        ([x509.IPAddress(ipaddress.ip_address("10.9.8.7"))], "kafka.example", "10.9.8.7"),
        ([x509.DNSName("other.example")], "kafka.example", "kafka.example"),
        ([], "127.0.0.1", "127.0.0.1"),
        ([x509.DNSName("*.example")], None, "kafka.example"),
        ([x509.DNSName("*.kafka.example")], None, "one.kafka.example"),
        ([x509.DNSName("one*.kafka.example")], None, "one1.kafka.example"),
        ([x509.DNSName("*")], None, "localhost"),
    ],
)
def test_a_certificate_is_for_the_hosts_for_which_openssl_takes_it(
    names: list[x509.GeneralName], common_name: str | None, host: str, tmp_path: Path
) -> None:
    certificate = signed_by_itself(names, common_name, tmp_path / "pair.pem")
    assert is_for(certificate, host) is openssl_takes(tmp_path / "pair.pem", host)


def signed_by_itself(names: list[x509.GeneralName], common_name: str | None, pair: Path) -> x509.Certificate:
    """A certificate with these names alone, written with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)] if common_name else [])
    issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "kafkaview")])
    begin, end = (
        dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2000, 2100)
    )  # OpenSSL looks at a clock of its own
    builder = x509.CertificateBuilder(issuer, subject or issuer, key.public_key(), 1, begin, end)
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = builder.sign(key, hashes.SHA256())
    pair.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return made


def openssl_takes(pair: Path, host: str) -> bool:
    """Whether a handshake with this host goes through, as far as its name is concerned."""
    ours, theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(pair)
    ours.load_verify_locations(pair)
    ours.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    to_us, to_them = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ours.wrap_bio(to_us, to_them, server_hostname=host)
    server = theirs.wrap_bio(to_them, to_us, server_side=True)
    try:
        for end in (client, server, client):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    except ssl.SSLCertVerificationError as error:
        if error.verify_code not in (62, 64):  # a host's name, an address
            raise
        return False
    return client.version() is not None


def test_the_common_name_counts_only_where_there_is_no_other() -> None:
    both = issued("kafka.example", common_name="old.example")
    assert names_of(both) == ("kafka.example",)
    assert not is_for(both, "old.example")
    assert is_for(issued(common_name="old.example"), "old.example")


def test_days_left_are_whole_days_and_negative_when_over() -> None:
    assert days_left(issued("a.example", days=10.5)) == 10
    assert days_left(issued("a.example", days=-2.5)) == -3
