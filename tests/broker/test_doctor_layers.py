"""The layers below Kafka: names, ports that are closed, silent or another's, and brokers that are no help."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.profiles.security import (
    Tls,
)
from tests.broker import false_servers as false
from tests.broker.examining import NOWHERE, Way, encrypted, guilty, plain
from tests.broker.secure_kafka import SecureKafka


async def test_a_host_that_nobody_knows_is_unknown_host() -> None:
    step = await guilty(plain(f"{NOWHERE}:9092"))
    assert (step.step, step.cause, step.field) == (DiagnosisLayer.DNS, Cause.UNKNOWN_HOST, "bootstrap")
    assert NOWHERE in step.detail


async def test_a_closed_port_is_connection_refused(closed_port: int) -> None:
    step = await guilty(plain(f"127.0.0.1:{closed_port}"))
    assert (step.step, step.cause) == (DiagnosisLayer.TCP, Cause.CONNECTION_REFUSED)


async def test_a_port_that_drops_the_syn_is_filtered() -> None:
    with false.filtered() as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (DiagnosisLayer.TCP, Cause.FILTERED)
    assert "firewall" in step.hint


async def test_a_port_that_accepts_and_stays_silent_is_silent() -> None:
    async with false.serving(false.silent) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (DiagnosisLayer.API, Cause.SILENT)
    assert "says nothing for 3 s" in step.detail


async def test_a_silent_port_is_silent_to_tls_too() -> None:
    async with false.serving(false.silent) as port:
        step = await guilty(encrypted(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (DiagnosisLayer.TLS, Cause.SILENT)


async def test_half_an_answer_is_told_with_its_bytes() -> None:
    async with false.serving(false.saying(b"\0\0\0\x40\0\0")) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert step.cause is Cause.SILENT
    assert "6 bytes" in step.detail


@pytest.mark.parametrize("way", [plain, encrypted])
async def test_a_port_that_closes_at_once_is_told(way: Callable[[str], Way]) -> None:
    async with false.serving(false.closing) as port:
        assert (await guilty(way(f"127.0.0.1:{port}"))).cause is Cause.CLOSED_AT_ONCE


@pytest.mark.parametrize("way", [plain, encrypted])
async def test_an_http_server_is_not_kafka(way: Callable[[str], Way]) -> None:
    with false.http_server() as port:
        step = await guilty(way(f"127.0.0.1:{port}"))
    assert step.cause is Cause.NOT_KAFKA
    assert "HTTP" in step.detail or "<!DOCTYPE" in step.detail


async def test_an_https_server_is_not_kafka_with_tls_or_without(secure_kafka: SecureKafka) -> None:
    certificates = secure_kafka.certificates
    with false.http_server(context=false.tls_server(certificates.broker)) as port:
        for way in (plain(f"localhost:{port}"), encrypted(f"localhost:{port}", Tls(ca_file=certificates.ca_file))):
            assert (await guilty(way)).cause is Cause.NOT_KAFKA


async def test_an_ssh_server_is_not_kafka_and_quoted() -> None:
    async with false.serving(false.greeting(b"SSH-2.0-OpenSSH_9.2\r\n")) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert step.cause is Cause.NOT_KAFKA
    assert "SSH-2.0-OpenSSH_9.2" in step.detail


@pytest.mark.parametrize(
    ("greeting", "words", "hint"),
    [(b"srvr", b"Zookeeper version: 3.9.3", "zookeeper.connect"), (b"JRMI\x00\x02K", b"\x4e\x00\x09", "JMX")],
)
@pytest.mark.parametrize("way", [plain, encrypted])
async def test_who_closes_at_kafkas_question_is_known_by_its_own(
    way: Callable[[str], Way], greeting: bytes, words: bytes, hint: str
) -> None:
    async with false.serving(false.answering(greeting, words)) as port:
        step = await guilty(way(f"127.0.0.1:{port}"))
    assert step.cause is Cause.NOT_KAFKA
    assert "not a broker" in step.detail
    assert hint in step.hint


async def test_a_broker_before_1_0_is_too_old() -> None:
    async with false.serving(false.broker(highest_metadata=4)) as port:
        assert (await guilty(plain(f"127.0.0.1:{port}"))).cause is Cause.API_TOO_OLD


async def test_a_broker_that_hangs_up_without_wanting_a_login_has_failed_itself() -> None:
    async with false.serving(false.broker(highest_metadata=12)) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (DiagnosisLayer.METADATA, Cause.METADATA_FAILED)


async def test_a_broker_that_freezes_after_its_first_answer_is_silent() -> None:
    async with false.serving(false.broker(12, then=false.silent)) as port:
        step = await guilty(plain(f"127.0.0.1:{port}"))
    assert (step.step, step.cause) == (DiagnosisLayer.METADATA, Cause.SILENT)
