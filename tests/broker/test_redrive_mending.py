"""Thousands of dead letters of a bad release, mended by a rule, held to what the reader takes, and sent back once each,
also when it is killed half-way.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from tests.broker.connect_letters import send_away
from tests.broker.material import Broker
from tests.broker.mended_numbers import NUMBERS, TO_NUMBERS, check_numbers, number_values
from tests.broker.registry_records import LATER_ORDER, UNKNOWN_ID, RegistryWriter
from tests.broker.schema_registry import EmbeddedRegistry
from tests.broker.small_transactions import small_transactions
from tests.kit.patience import patience

Say = Callable[..., tuple[int, Any]]

WITH_NOTE: Final = "cel:{'id': value.id, 'total': value.total, 'note': 'mended'}"


def redrive_with_kills(
    broker: Broker, say: Say, folder: Path, before: list[str], line: list[str], kills: int
) -> tuple[Any, float]:
    """Plans, is killed so often while it sends, and goes on to the end. Returns the last document, and its seconds."""
    chance, variables = random.Random(20261130), {**os.environ, **small_transactions(folder / "small", 500)}
    for _ in range(kills):
        words = ["--bootstrap", broker.bootstrap, *before, *line, "--yes", "--json"]
        program = [sys.executable, "-m", "kafkaview", *words]
        process = subprocess.Popen(program, stdout=subprocess.DEVNULL, env=variables)
        try:
            process.wait(chance.uniform(1.0, 8.0))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        process.wait(patience(30))
    begun = time.monotonic()
    code, document = say(*before, *line, "--yes")
    assert code == 0, document
    return document, time.monotonic() - begun


def check_counts(document: Any, count: int, beyond: int) -> None:
    """What was sent by all runs, and what stays."""
    counts = document["counts"]
    assert counts["sent"] + counts["already_sent"] == count - beyond
    assert (counts["selected"], counts["failed"]) == (count, beyond)
    assert len(document["failed"]) == beyond
    assert all(one["reason"] for one in document["failed"])


def mend_json(broker: Broker, say: Say, folder: Path, count: int, beyond: int, kills: int) -> str:
    topic, schema = broker.topic(partitions=3), folder / "numbers.json"
    schema.write_text(NUMBERS)
    lost = set(random.Random(7).sample(range(count), beyond))
    queue = send_away(broker, topic, number_values(count, lost), partitions=2)
    line = ["redrive", queue, "--mend", TO_NUMBERS, "--accept", f"jsonschema:{schema}"]
    code, plan = say(*line, "--dry-run")
    assert (code, plan["counts"]["mended"], plan["counts"]["failed"]) == (0, count - beyond, beyond)
    assert broker.read_committed(topic) == []
    document, seconds = redrive_with_kills(broker, say, folder, [], line, kills)
    check_counts(document, count, beyond)
    check_numbers(broker, topic, set(range(count)) - lost)
    return f"{count} dead letters, {beyond} of them beyond help, {kills} kills: the last run took {seconds:.1f} s"


def mend_avro(
    broker: Broker, say: Say, folder: Path, writer: RegistryWriter, url: str, count: int, beyond: int, kills: int
) -> str:
    topic = broker.topic(partitions=3)
    lost = set(random.Random(7).sample(range(count), beyond))
    old = {units: writer.order(topic, {"id": f"o-{units}", "total": {"units": units}}) for units in range(50)}
    latest = writer.order(topic, {"id": "o", "total": {"units": 1}, "note": None}, LATER_ORDER)
    values = [UNKNOWN_ID if number in lost else old[number % 50] for number in range(count)]
    queue = send_away(broker, topic, values, partitions=2)
    before = ["-X", f"schema.registry.url={url}"]
    line = ["redrive", queue, "--mend", WITH_NOTE, "--accept", "registry"]
    code, plan = say(*before, *line, "--dry-run")
    assert (code, plan["counts"]["mended"], plan["counts"]["failed"]) == (0, count - beyond, beyond), plan["failed"][:3]
    document, seconds = redrive_with_kills(broker, say, folder, before, line, kills)
    check_counts(document, count, beyond)
    found = broker.read_committed(topic)
    keys = Counter(key for key, _value, _headers in found)
    assert keys == Counter({b"k%d" % number: 1 for number in range(count) if number not in lost})
    assert {(value or b"")[:5] for _key, value, _headers in found} == {latest[:5]}, (
        "the schema id of the latest version"
    )
    read, where = AvroDeserializer(writer.client), SerializationContext(topic, MessageField.VALUE)
    for key, value, _headers in found[:: max(1, count // 200)]:
        units = int((key or b"")[1:]) % 50
        assert read(value, where) == {"id": f"o-{units}", "total": {"units": units}, "note": "mended"}
    return f"{count} dead letters in Avro, {beyond} beyond help, {kills} kills: the last run took {seconds:.1f} s"


def test_json_of_a_bad_release_is_mended_and_sent_back_once(broker: Broker, say: Say, tmp_path: Path) -> None:
    mend_json(broker, say, tmp_path, 1_500, 130, 2)


def test_avro_of_a_bad_release_is_mended_and_sent_back_once(
    broker: Broker, say: Say, tmp_path: Path, writer: RegistryWriter, registry: EmbeddedRegistry
) -> None:
    mend_avro(broker, say, tmp_path, writer, registry.url, 1_500, 130, 2)


@pytest.mark.soak
def test_23_000_dead_letters_in_json_of_which_2_000_are_beyond_help(broker: Broker, say: Say, tmp_path: Path) -> None:
    print(*(mend_json(broker, say, tmp_path, 23_000, 2_000, kills) for kills in (0, 3)), sep="\n")


@pytest.mark.soak
def test_23_000_dead_letters_in_avro_of_which_2_000_are_beyond_help(
    broker: Broker, say: Say, tmp_path: Path, writer: RegistryWriter, registry: EmbeddedRegistry
) -> None:
    print(*(mend_avro(broker, say, tmp_path, writer, registry.url, 23_000, 2_000, kills) for kills in (0, 3)), sep="\n")
