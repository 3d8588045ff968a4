"""Every fault of TLS and of a certificate is named by its own cause."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import pytest
import trustme

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.profiles.security import (
    SecretField,
    Tls,
)
from tests.broker import false_servers as false
from tests.broker.certificates import TRUSTSTORE_PASSWORD
from tests.broker.examining import at, client, encrypted, examined, guilty, plain
from tests.broker.secure_kafka import SecureKafka


async def test_plain_text_to_a_tls_port_is_tls_needed(secure_kafka: SecureKafka) -> None:
    step = await guilty(plain(secure_kafka.bootstrap("SSL")))
    assert (step.step, step.cause, step.field) == (DiagnosisLayer.TLS, Cause.TLS_NEEDED, "security.protocol")
    assert step.hint.endswith(" SSL.")
    assert "localhost" in step.detail, "whose certificate it is"
    mutual = await guilty(plain(secure_kafka.bootstrap("MTLS")))
    assert mutual.cause is Cause.TLS_NEEDED
    login = await guilty(plain(secure_kafka.bootstrap("SASL_SSL")))
    assert (login.cause, login.hint) == (Cause.TLS_NEEDED, "Set the security protocol to SASL_SSL.")


async def test_tls_to_a_plain_text_port_is_tls_not_spoken(secure_kafka: SecureKafka) -> None:
    step = await guilty(at(secure_kafka.way("SSL"), secure_kafka.bootstrap("PLAINTEXT")))
    assert (step.step, step.cause) == (DiagnosisLayer.TLS, Cause.TLS_NOT_SPOKEN)


@pytest.mark.parametrize(
    ("listener", "cause", "words"),
    [
        ("UNKNOWNCA", Cause.UNKNOWN_CA, "not trusted"),
        ("WRONGHOST", Cause.WRONG_HOSTNAME, "for elsewhere.example, not for localhost"),
        ("EXPIRED", Cause.CERTIFICATE_EXPIRED, "days ago"),
        ("MTLS", Cause.CLIENT_CERTIFICATE_MISSING, "asks for a client certificate"),
    ],
)
async def test_each_fault_of_a_certificate_is_told(
    secure_kafka: SecureKafka, listener: str, cause: Cause, words: str
) -> None:
    step = await guilty(secure_kafka.way(listener))
    assert (step.step, step.cause) == (DiagnosisLayer.TLS, cause)
    assert words in step.detail


async def test_a_certificate_of_tomorrow_is_not_yet_valid(tmp_path: Path) -> None:
    authority, now = trustme.CA(), dt.datetime.now(dt.UTC)
    begins, ends = now + dt.timedelta(days=1), now + dt.timedelta(days=9)
    leaf = authority.issue_cert("localhost", not_before=begins, not_after=ends)
    leaf.private_key_and_cert_chain_pem.write_to_path(tmp_path / "pair.pem")
    with false.http_server(context=false.tls_server(str(tmp_path / "pair.pem"))) as port:
        step = await guilty(encrypted(f"localhost:{port}", Tls(ca_pem=authority.cert_pem.bytes().decode())))
    assert (step.step, step.cause) == (DiagnosisLayer.TLS, Cause.CERTIFICATE_NOT_YET_VALID)


async def test_a_private_ca_is_unknown_where_the_system_is_to_be_trusted(secure_kafka: SecureKafka) -> None:
    assert (await guilty(secure_kafka.way("SSL", tls=Tls()))).cause is Cause.UNKNOWN_CA


async def test_an_unknown_ca_leads_to_the_field_that_says_whom_to_trust(secure_kafka: SecureKafka) -> None:
    files = secure_kafka.certificates
    password = {SecretField.TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD}
    for tls, field in (
        (Tls(), "security.tls.ca_file"),
        (Tls(ca_pem=files.ca_pem), "security.tls.ca_pem"),
        (Tls(truststore_file=files.truststore_file), "security.tls.truststore_file"),
    ):
        step = await guilty(secure_kafka.way("UNKNOWNCA", tls=tls, secrets=password))
        assert (step.cause, step.field) == (Cause.UNKNOWN_CA, field)


async def test_a_host_name_that_is_not_checked_is_a_warning(secure_kafka: SecureKafka) -> None:
    trusted = Tls(ca_file=secure_kafka.certificates.ca_file, verify_hostname=False)
    diagnosis = await examined(secure_kafka.way("WRONGHOST", tls=trusted))
    assert diagnosis.ok
    assert any("warning: the host name is not checked" in step.detail for step in diagnosis.steps)


async def test_no_password_is_sent_where_the_certificate_is_not_trusted(secure_kafka: SecureKafka) -> None:
    """The false broker would have it: it answers in TLS and reads on."""
    read = bytearray()

    async def listening(reader: object, _writer: object) -> None:
        while data := await reader.read(1000):  # type: ignore[attr-defined]
            read.extend(data)

    certificates = secure_kafka.certificates
    context = false.tls_server(certificates.unknown_ca)
    async with false.serving(false.broker(12, then=listening), context) as port:
        way = at(secure_kafka.way("SASL_SSL", mechanism="PLAIN"), f"localhost:{port}")
        assert (await guilty(way)).cause is Cause.UNKNOWN_CA
    assert not read


@pytest.mark.parametrize(
    ("file", "cause"),
    [
        ("unknown_client_file", Cause.CLIENT_CERTIFICATE_UNKNOWN_CA),
        ("expired_client_file", Cause.CLIENT_CERTIFICATE_EXPIRED),
    ],
)
async def test_a_client_certificate_is_refused_for_its_own_reason(
    secure_kafka: SecureKafka, file: str, cause: Cause
) -> None:
    tls = client(secure_kafka, certificate_file=getattr(secure_kafka.certificates, file))
    step = await guilty(secure_kafka.way("MTLS", tls=tls))
    assert (step.step, step.cause, step.field) == (DiagnosisLayer.TLS, cause, "security.tls.certificate")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
async def test_no_common_version_of_tls_is_told(secure_kafka: SecureKafka) -> None:
    context = false.tls_server(secure_kafka.certificates.broker, ssl.TLSVersion.TLSv1_1)
    with false.http_server(context=context) as port:
        step = await guilty(encrypted(f"localhost:{port}", Tls(ca_file=secure_kafka.certificates.ca_file)))
    assert (step.step, step.cause) == (DiagnosisLayer.TLS, Cause.TLS_VERSION)


async def test_a_client_certificate_is_missed_with_tls_1_2_as_well(secure_kafka: SecureKafka) -> None:
    certificates = secure_kafka.certificates
    context = false.tls_server(certificates.broker, ssl.TLSVersion.TLSv1_2)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.ca_file)
    with false.http_server(context=context) as port:
        step = await guilty(encrypted(f"localhost:{port}", Tls(ca_file=certificates.ca_file)))
        assert step.cause is Cause.CLIENT_CERTIFICATE_MISSING
        tls = client(secure_kafka, certificate_file=certificates.unknown_client_file)
        step = await guilty(encrypted(f"localhost:{port}", tls))
        assert step.cause is Cause.CLIENT_CERTIFICATE_UNKNOWN_CA
