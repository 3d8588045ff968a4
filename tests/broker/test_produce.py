"""Producing a record, and importing an export, on real brokers: every byte as kcat and `records` read it."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.terms import Header
from kafkaview.writes.topic_limits import batch_size
from tests.broker.material import Broker
from tests.broker.test_records import kcat

Say = Callable[..., tuple[int, list[dict[str, Any]]]]

ODD: list[tuple[str, bytes | None]] = [("a", None), ("a", b""), ("\xe9=", b"\xff\x00"), ("a", b"x")]


@pytest.fixture(scope="module")
def broker(kafka: EmbeddedKafka) -> Broker:
    return Broker(kafka.bootstrap)


@pytest.fixture
def say(kafka: EmbeddedKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Say:  # noqa: ARG001
    """A line with --json: its exit code and its documents."""

    def run(*words: str) -> tuple[int, list[dict[str, Any]]]:
        code = main(["--bootstrap", kafka.bootstrap, *words, "--json"])
        return code, [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def headers_json(headers: list[tuple[str, bytes | None]]) -> str:
    documents = [
        {"key": name, "value_b64": None if value is None else base64.b64encode(value).decode()}
        for name, value in headers
    ]
    return orjson.dumps(documents).decode()


def test_a_record_is_produced_as_the_line_says_and_read_back(broker: Broker, say: Say) -> None:
    topic = broker.topic(partitions=3)
    key, value = b"k\x00\xff", b"\xff\n\x00 v"
    code, (document,) = say(
        *("records", "produce", topic, "--partition", "2", "--key-b64", base64.b64encode(key).decode()),
        *("--value-b64", base64.b64encode(value).decode(), "--headers", headers_json(ODD)),
        *("--timestamp", "@1790000000123", "--yes"),
    )
    assert code == 0, document
    assert document["outcome"]["record"] == {
        "topic": topic, "partition": 2, "offset": 0, "timestamp_ms": 1790000000123,
    }  # fmt: skip
    (record,) = broker.read_committed(topic)
    assert record == (key, value, ODD)
    code, found = say("records", topic)
    assert found[0]["timestamp_ms"] == 1790000000123
    code, (entry,) = say("journal", "show", str(document["journal_id"]))
    assert [one["offset"] for one in entry["records"]] == [None]
    assert base64.b64decode(entry["records"][0]["value_b64"]) == value


def test_a_key_goes_to_the_partition_of_java_clients(broker: Broker, say: Say) -> None:
    topic = broker.topic(partitions=7)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "partitioner": "murmur2_random"})
    keys = [b"o-%d" % number for number in range(6)]
    for key in keys:
        producer.produce(topic, b"theirs", key)
        code, (document,) = say("records", "produce", topic, "--key", key.decode(), "--tombstone", "--yes")
        assert (code, document["plan"]["chosen_by"]) == (0, "key")
    assert producer.flush(10) == 0
    _, found = say("records", topic)
    places = {key: {one["partition"] for one in found[:-1] if one["key"] == key.decode()} for key in keys}
    assert all(len(partitions) == 1 for partitions in places.values())
    assert len(found) == 2 * len(keys) + 1


def test_the_largest_record_that_a_topic_takes_is_foreseen_to_the_byte(
    broker: Broker, say: Say, tmp_path: Path
) -> None:
    chance = random.Random(7)
    value = chance.randbytes(50_000)
    size = batch_size(b"k", value, (Header("trace", b"7"),))
    file = tmp_path / "value.bin"
    file.write_bytes(value)
    line = ("--key", "k", "--header", "trace=7", "--value-file", str(file))
    fits = broker.topic(settings={"max.message.bytes": str(size)})
    code, (document,) = say("records", "produce", fits, *line, "--yes")
    assert (code, document["plan"]["size"]) == (0, size)
    tight = broker.topic(settings={"max.message.bytes": str(size - 1)})
    code, (document,) = say("records", "produce", tight, *line, "--yes")
    assert (code, document["error"]["kind"]) == (5, "record_too_large")
    past = Producer({"bootstrap.servers": broker.bootstrap, "message.max.bytes": 1_000_000_000})
    told: list[Any] = []
    past.produce(tight, value, b"k", headers=[("trace", b"7")], on_delivery=lambda error, _message: told.append(error))
    assert past.flush(10) == 0
    assert told[0] is not None, "the broker refuses it too"


def test_what_a_compacted_topic_refuses_is_refused_before_anything_is_sent(broker: Broker, say: Say) -> None:
    topic = broker.topic(settings={"cleanup.policy": "compact"})
    code, (document,) = say("records", "produce", topic, "--value", "v", "--dry-run")
    assert (code, document["done"]) == (5, False)
    code, (document,) = say("records", "produce", topic, "--value", "v", "--yes")
    assert (code, document["error"]["kind"]) == (5, "policy")
    assert broker.read_committed(topic) == []


def test_a_read_only_connection_produces_nothing(broker: Broker, say: Say) -> None:
    topic = broker.topic()
    code, (document,) = say("-X", "read.only=true", "records", "produce", topic, "--value", "v", "--yes")
    assert (code, document["error"]["kind"]) == (4, "read_only")
    assert kcat(broker.bootstrap, topic) == []
