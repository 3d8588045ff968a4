"""A scan beside kcat, which only reads: both over the same topic in one run, and their ratio."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import Producer

from kafkaview.decode.rules import parse_rule
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.triage.scan import scan
from tests.broker.material import Broker, session_on

RECORDS = 500_000
VALUE = (
    b'{"order_id":"o-%07d","customer":"c-0731","name":"Rene Faure","amount":42.90,"currency":"EUR","items":[{"qty":2}]}'
)


@pytest.fixture(scope="module")
def kafka() -> Iterator[EmbeddedKafka]:
    with EmbeddedKafka() as kafka:
        yield kafka


def test_a_scan_beside_kcat(kafka: EmbeddedKafka, tmp_path: Path) -> None:
    topic = Broker(kafka.bootstrap).topic("orders", partitions=6)
    producer = Producer(
        {
            "bootstrap.servers": kafka.bootstrap,
            "compression.type": "lz4",
            "linger.ms": 50,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    for number in range(RECORDS):
        producer.produce(topic, VALUE % number, b"k%d" % (number % 997))
        if number % 1_000 == 0:
            producer.poll(0)
    assert producer.flush(60) == 0
    read = _seconds_of_kcat(kafka.bootstrap, topic)
    scanned = asyncio.run(_seconds_of_scan(kafka.bootstrap, topic, tmp_path))
    print(
        f"\nscan with the JSON rule: {RECORDS / scanned:,.0f}/s, {scanned / read:.2f} x kcat's reading ({read:.1f} s)"
    )


def _seconds_of_kcat(bootstrap: str, topic: str) -> float:
    began = time.monotonic()
    line = ["kcat", "-C", "-b", bootstrap, "-t", topic, "-e", "-q", "-f", ""]
    subprocess.run(line, check=True, capture_output=True)
    return time.monotonic() - began


async def _seconds_of_scan(bootstrap: str, topic: str, folder: Path) -> float:
    async with session_on(bootstrap, folder / "journal.sqlite3") as session:
        began = time.monotonic()
        last = [progress async for progress in scan(session, [topic], value_rule=parse_rule("json"))][-1]
        assert (last.scanned, last.found, last.complete) == (RECORDS, 0, True)
        return time.monotonic() - began
