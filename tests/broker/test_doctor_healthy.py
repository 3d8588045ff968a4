"""What works is not called broken, and the fault that got furthest is the cause."""

from __future__ import annotations

import pytest

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.profiles.mechanisms.registry import MECHANISMS
from kafkaview.profiles.security import (
    SecretField,
    Tls,
)
from tests.broker import false_servers as false
from tests.broker.certificates import KEY_PASSPHRASE, KEYSTORE_PASSWORD, TRUSTSTORE_PASSWORD
from tests.broker.examining import NOWHERE, at, client, examined, guilty
from tests.broker.secure_kafka import SecureKafka


@pytest.mark.parametrize("listener", ["SASL_PLAINTEXT", "SASL_SSL"])
@pytest.mark.parametrize("mechanism", [one for one in MECHANISMS if one != "GSSAPI"])
async def test_a_good_login_is_sound(secure_kafka: SecureKafka, listener: str, mechanism: str) -> None:
    diagnosis = await examined(secure_kafka.way(listener, mechanism=mechanism))
    assert diagnosis.ok, diagnosis
    rights = diagnosis.steps[-1]
    assert rights.target == "User:alice"
    assert "may not make new ones" in rights.detail
    assert all(step.ms is not None for step in diagnosis.steps)


async def test_a_user_name_with_the_signs_of_scram_is_sound(secure_kafka: SecureKafka) -> None:
    assert (await examined(secure_kafka.way("SASL_PLAINTEXT", mechanism="SCRAM-SHA-256", user="a=b,c"))).ok


async def test_every_form_of_a_client_certificate_is_sound(secure_kafka: SecureKafka) -> None:
    files = secure_kafka.certificates
    passphrase = {SecretField.KEY_PASSPHRASE: KEY_PASSPHRASE}
    keystore = {SecretField.KEYSTORE_PASSWORD: KEYSTORE_PASSWORD}
    forms: list[tuple[dict[str, str], dict[SecretField, str]]] = [
        ({"certificate_file": files.client_certificate_file, "key_file": files.client_key_file}, {}),
        ({"certificate_file": files.client_certificate_file, "key_file": files.client_encrypted_key_file}, passphrase),
        ({"pem": files.client_pem}, passphrase),
        ({"pkcs12_file": files.client_keystore_file}, keystore),
        ({"pkcs12_file": files.chained_keystore_file}, keystore),
    ]
    for form, secrets in forms:
        diagnosis = await examined(secure_kafka.way("MTLS", tls=client(secure_kafka, **form), secrets=secrets))
        assert diagnosis.ok, form
        tls = next(step for step in diagnosis.steps if step.step is DiagnosisLayer.TLS)
        assert "client certificate asked for and sent" in tls.detail


async def test_every_form_of_trust_is_sound(secure_kafka: SecureKafka) -> None:
    files = secure_kafka.certificates
    password = {SecretField.TRUSTSTORE_PASSWORD: TRUSTSTORE_PASSWORD}
    for tls in (Tls(ca_pem=files.ca_pem), Tls(truststore_file=files.truststore_file)):
        diagnosis = await examined(secure_kafka.way("REQUESTED", tls=tls, secrets=password))
        assert diagnosis.ok
        assert any("asked for, none sent" in step.detail for step in diagnosis.steps)


@pytest.mark.parametrize("dead", [f"{NOWHERE}:9092", "127.0.0.1:{closed}", "127.0.0.1:{silent}"])
@pytest.mark.parametrize("first", [True, False])
async def test_one_dead_bootstrap_server_of_two_is_sound_and_noted(
    secure_kafka: SecureKafka, closed_port: int, dead: str, *, first: bool
) -> None:
    async with false.serving(false.silent) as silent:
        servers = [dead.format(closed=closed_port, silent=silent), secure_kafka.bootstrap("SASL_SSL")]
        bootstrap = ",".join(servers if first else reversed(servers))
        diagnosis = await examined(at(secure_kafka.way("SASL_SSL", mechanism="PLAIN"), bootstrap))
    assert diagnosis.ok
    assert any(f"but {servers[0].rpartition(':')[0]}" in step.detail for step in diagnosis.steps)


async def test_the_fault_that_got_furthest_is_the_cause_where_all_bootstrap_servers_fail(
    secure_kafka: SecureKafka, closed_port: int
) -> None:
    bootstrap = f"{NOWHERE}:9092,127.0.0.1:{closed_port},{secure_kafka.bootstrap('EXPIRED')}"
    step = await guilty(at(secure_kafka.way("SSL"), bootstrap))
    assert step.cause is Cause.CERTIFICATE_EXPIRED
