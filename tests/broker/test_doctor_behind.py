"""Behind the login: advertised listeners, rights; and beside the brokers: registry and ZooKeeper."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.ports import free_ports
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.profiles.profile import SchemaRegistry
from kafkaview.profiles.security import (
    SecretField,
    Secrets,
    Tls,
)
from tests.broker import false_servers as false
from tests.broker.examining import encrypted, examined, guilty, plain
from tests.broker.secure_kafka import SecureKafka
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka


@pytest.mark.parametrize("listener", ["UNREACHABLE", "UNRESOLVED"])
async def test_an_advertised_listener_out_of_reach_is_told_with_both_addresses(
    secure_kafka: SecureKafka, listener: str
) -> None:
    step = await guilty(secure_kafka.way(listener))
    assert (step.step, step.cause) == (DiagnosisLayer.ADVERTISED, Cause.ADVERTISED_UNREACHABLE)
    assert secure_kafka.bootstrap(listener) in step.detail
    assert "broker 1 at " in step.target


@pytest.fixture(scope="module")
def elsewhere(secure_kafka: SecureKafka) -> Iterator[tuple[str, str]]:
    """A broker whose certificate is good where one comes in, and not where it sends its clients."""
    with free_ports(1) as (port,):
        pass
    listeners = {f"SSL://0.0.0.0:{port}": f"SSL://127.0.0.2:{port}"}
    settings = {
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": secure_kafka.certificates.broker,
    }
    with EmbeddedKafka(settings=settings, listeners=listeners):
        yield f"localhost:{port}", f"127.0.0.2:{port}"


async def test_a_certificate_of_another_at_the_advertised_listener_is_told(
    secure_kafka: SecureKafka, elsewhere: tuple[str, str]
) -> None:
    used, advertised = elsewhere
    step = await guilty(encrypted(used, Tls(ca_file=secure_kafka.certificates.ca_file)))
    assert (step.step, step.cause) == (DiagnosisLayer.ADVERTISED, Cause.WRONG_HOSTNAME)
    assert step.target == f"broker 1 at {advertised}"


async def test_a_principal_without_rights_is_not_authorized_and_the_rights_are_listed(
    secure_kafka: SecureKafka,
) -> None:
    step = await guilty(secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256", user="nobody"))
    assert (step.step, step.cause, step.target) == (DiagnosisLayer.AUTHORIZATION, Cause.NOT_AUTHORIZED, "User:nobody")
    for words in ("may not read the quorum", "may not read the settings of brokers", "may write to 0 of"):
        assert words in step.detail


LOGIN = base64.b64encode(b"reader:let-me-read").decode()


@pytest.mark.parametrize(
    ("handler", "cause"),
    [
        (false.registry(b'["orders-value"]'), None),
        (false.registry(b"[]", user=LOGIN), None),
        (false.registry(b"[]", user="other"), Cause.REGISTRY_REFUSED),
        (false.registry(b"<html>"), Cause.NOT_A_REGISTRY),
        (false.registry(b"{}", status=404), Cause.NOT_A_REGISTRY),
        (false.registry(b"away", status=503), Cause.REGISTRY_UNREACHABLE),
    ],
)
async def test_a_registry_is_asked_for_its_subjects(
    secure_kafka: SecureKafka, handler: type[BaseHTTPRequestHandler], cause: Cause | None
) -> None:
    with false.http_server(handler) as port:
        registry = SchemaRegistry(f"http://127.0.0.1:{port}", "reader")
        profile, _ = plain(secure_kafka.bootstrap("PLAINTEXT"), schema_registry=registry)
        diagnosis = await examined((profile, Secrets({SecretField.REGISTRY_PASSWORD: "let-me-read"})))
    assert diagnosis.cause is cause
    assert diagnosis.steps[-1].step is DiagnosisLayer.REGISTRY


async def test_a_registry_that_is_not_there_is_unreachable(secure_kafka: SecureKafka, closed_port: int) -> None:
    registry = SchemaRegistry(f"http://127.0.0.1:{closed_port}")
    step = await guilty(plain(secure_kafka.bootstrap("PLAINTEXT"), schema_registry=registry))
    assert (step.step, step.cause) == (DiagnosisLayer.REGISTRY, Cause.REGISTRY_UNREACHABLE)


async def test_a_zookeeper_is_asked_what_it_is(zookeeper_kafka: EmbeddedZooKeeperKafka, closed_port: int) -> None:
    ensemble = f"{zookeeper_kafka.zookeeper},127.0.0.1:{closed_port}/kafka"
    diagnosis = await examined(plain(zookeeper_kafka.bootstrap, zookeeper=ensemble))
    assert diagnosis.ok
    assert "is standalone, 3." in diagnosis.steps[-1].detail
    assert "but 127.0.0.1" in diagnosis.steps[-1].detail
    assert "sees no quorum, as on ZooKeeper" in diagnosis.steps[-2].detail


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("This ZooKeeper instance is not currently serving requests\n", Cause.ZOOKEEPER_NOT_SERVING),
        ("HTTP/1.1 400 Bad Request\r\n", Cause.ZOOKEEPER_UNREACHABLE),
        ("srvr is not executed because it is not in the whitelist.\n", None),
    ],
)
async def test_a_zookeeper_that_does_not_serve_is_told(
    secure_kafka: SecureKafka, words: str, cause: Cause | None
) -> None:
    async with false.serving(false.zookeeper(words)) as port:
        diagnosis = await examined(plain(secure_kafka.bootstrap("PLAINTEXT"), zookeeper=f"127.0.0.1:{port}"))
    assert diagnosis.cause is cause
