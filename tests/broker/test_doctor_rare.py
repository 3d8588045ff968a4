"""Causes that are seldom met: no route, no common cipher, certificates that were issued for something else."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.profiles.security import Certificate, Tls
from tests.broker import false_servers as false
from tests.broker.certificates import Certificates
from tests.broker.examining import encrypted, guilty, plain
from tests.broker.oidc import OidcServer
from tests.broker.secure_kafka import SecureKafka


class Purposeful:
    """A CA, and one certificate of it for localhost that serves a single purpose."""

    def __init__(self, folder: Path, purpose: x509.ObjectIdentifier) -> None:
        key, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        authority = _begun("The CA", "The CA", key.public_key()).add_extension(x509.BasicConstraints(True, None), True)
        leaf = _begun("The CA", "localhost", own.public_key())
        leaf = leaf.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        leaf = leaf.add_extension(x509.ExtendedKeyUsage([purpose]), False)
        signed = leaf.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
        self.ca_pem = authority.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
        self.pair_file = str(folder / "purposeful.pem")
        sealed = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        Path(self.pair_file).write_bytes(sealed + signed)


def _begun(issuer: str, subject: str, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return x509.CertificateBuilder(
        _name(issuer), _name(subject), key, x509.random_serial_number(), now, now + dt.timedelta(days=1)
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


async def test_an_address_that_no_route_leads_to_is_no_route() -> None:
    step = await guilty(plain("255.255.255.255:9092"))  # no connection is made to a whole network
    assert (step.step, step.cause, step.field) == (DiagnosisLayer.TCP, Cause.NO_ROUTE, "bootstrap")


async def test_no_common_cipher_is_told_in_the_other_sides_words(files: Certificates) -> None:
    context = false.tls_server(files.broker, ssl.TLSVersion.TLSv1_2)
    context.set_ciphers("PSK-AES128-GCM-SHA256")  # wants a key that was shared before
    with false.http_server(context=context) as port:
        step = await guilty(encrypted(f"localhost:{port}", Tls(ca_file=files.ca_file)))
    assert (step.step, step.cause) == (DiagnosisLayer.TLS, Cause.TLS_REFUSED)
    assert "handshake failure" in step.detail


async def test_a_broker_certificate_for_another_purpose_is_invalid(tmp_path: Path) -> None:
    issued = Purposeful(tmp_path, ExtendedKeyUsageOID.CLIENT_AUTH)
    with false.http_server(context=false.tls_server(issued.pair_file)) as port:
        step = await guilty(encrypted(f"localhost:{port}", Tls(ca_pem=issued.ca_pem)))
    assert (step.step, step.cause) == (DiagnosisLayer.TLS, Cause.CERTIFICATE_INVALID)


async def test_a_client_certificate_for_another_purpose_is_refused(files: Certificates, tmp_path: Path) -> None:
    issued = Purposeful(tmp_path, ExtendedKeyUsageOID.SERVER_AUTH)
    context = false.tls_server(files.broker)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=issued.ca_pem)
    own = Tls(ca_file=files.ca_file, certificate=Certificate(issued.pair_file))
    with false.http_server(context=context) as port:
        step = await guilty(encrypted(f"localhost:{port}", own))
    assert (step.step, step.cause, step.field) == (
        DiagnosisLayer.TLS,
        Cause.CLIENT_CERTIFICATE_REFUSED,
        "security.tls.certificate",
    )


async def test_a_token_endpoint_whose_certificate_nobody_trusts_is_told_with_what_to_check(
    secure_kafka: SecureKafka,
) -> None:
    with OidcServer(context=false.tls_server(secure_kafka.certificates.unknown_ca)) as oidc:
        way = secure_kafka.way("SASL_SSL", mechanism="OAUTHBEARER", token_endpoint=oidc.token_endpoint)
        step = await guilty(way)
    assert (step.step, step.cause) == (DiagnosisLayer.SASL, Cause.TOKEN_ENDPOINT_UNREACHABLE)
    assert "certificate verify failed" in step.detail
    assert "trusts its CA" in step.hint
