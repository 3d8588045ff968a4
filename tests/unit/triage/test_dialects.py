"""Provenance is written in the names and encodings that other tools read."""

from __future__ import annotations

import pytest

from kafkaview.terms import Header, Record, RecordId, TimestampType
from kafkaview.triage.provenance_headers import Dialect, Provenance, provenance_headers, source_of

RECORD = Record("orders", 3, 18_442, 1_790_000_000_123, TimestampType.CREATE_TIME, b"k", b"v", (), 5)
WHY = Provenance(("billing", "audit"), "byte 53 of the value is not UTF-8", "2026-11-23T02:48:07.000Z", "abc", "0.1.0")


def pairs(dialect: Dialect) -> list[tuple[str, bytes | None]]:
    return [(header.key, header.value) for header in provenance_headers(dialect, RECORD, WHY)]


def test_kafka_names_are_those_of_kip_1191_as_utf8_text() -> None:
    assert pairs(Dialect.KAFKA)[:6] == [
        ("__dlq.errors.topic", b"orders"),
        ("__dlq.errors.partition", b"3"),
        ("__dlq.errors.offset", b"18442"),
        ("__dlq.errors.group", b"billing"),
        ("__dlq.errors.group", b"audit"),
        ("__dlq.errors.message", b"byte 53 of the value is not UTF-8"),
    ]


def test_spring_integers_are_big_endian_of_fixed_width() -> None:
    found = dict(pairs(Dialect.SPRING))
    assert found["kafka_dlt-original-partition"] == b"\x00\x00\x00\x03"
    assert found["kafka_dlt-original-offset"] == (18_442).to_bytes(8, "big")
    assert found["kafka_dlt-original-timestamp"] == (1_790_000_000_123).to_bytes(8, "big")


@pytest.mark.parametrize(
    ("dialect", "name"),
    [(Dialect.CONNECT, "__connect.errors.offset"), (Dialect.STREAMS, "__streams.errors.offset")],
)
def test_connect_and_streams_numbers_are_decimal_text(dialect: Dialect, name: str) -> None:
    assert dict(pairs(dialect))[name] == b"18442"


@pytest.mark.parametrize("dialect", list(Dialect))
def test_every_dialect_leads_back_to_the_source(dialect: Dialect) -> None:
    assert source_of(provenance_headers(dialect, RECORD, WHY)) == RecordId("orders", 3, 18_442)


def test_the_last_hop_is_the_source() -> None:
    hops = (Header("kafkaview.source", b"orders:3:1"), Header("kafkaview.source", b"orders-dlq:0:9"))
    assert source_of(hops) == RecordId("orders-dlq", 0, 9)


@pytest.mark.parametrize("value", [None, b"", b"nonsense", b"a:b:c", b"\xff:1:2"])
def test_a_strange_source_header_is_no_source(value: bytes | None) -> None:
    assert source_of([Header("kafkaview.source", value)]) is None
