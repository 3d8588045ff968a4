"""Producing a record, and importing an export, on real brokers: every byte as kcat and `records` read it."""

from __future__ import annotations

import base64
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin._acl import AclOperation
from confluent_kafka.admin._resource import ResourceType

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.security import SecretField
from kafkaview.terms import Header
from kafkaview.writes.records import batch_room
from kafkaview.writes.topic_limits import batch_size
from tests.broker.material import Broker
from tests.broker.secure_kafka import SecureKafka
from tests.broker.test_records import COMMITTED, kcat, odd_bytes
from tests.kit.patience import patience

Say = Callable[..., tuple[int, list[dict[str, Any]]]]

ODD: list[tuple[str, str | bytes | None]] = [("a", None), ("a", b""), ("\xe9=", b"\xff\x00"), ("a", b"x")]
FOR_EVER: Final = {"retention.ms": "-1"}  # the records are older than what a broker keeps by default

# The program, with transactions of 50 records, so that there is a middle to be cut off in.
_SMALL: Final = "from kafkaview.writes.records import batch_room; batch_room.BATCH_RECORDS = 50"
_PROGRAM: Final = f"{_SMALL}\nimport sys; from kafkaview.cli.main import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture
def say(kafka: EmbeddedKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Say:  # noqa: ARG001
    """A line with --json: its exit code and its documents."""

    def run(*words: str) -> tuple[int, list[dict[str, Any]]]:
        code = main(["--bootstrap", kafka.bootstrap, *words, "--json"])
        return code, [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def headers_json(headers: list[tuple[str, str | bytes | None]]) -> str:
    documents = [
        {"key": name, "value_b64": base64.b64encode(value).decode() if isinstance(value, bytes) else None}
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


def exported(
    broker: Broker, say: Say, file: Path, *, records: int = 900, partitions: int = 3
) -> tuple[str, list[bytes]]:
    """A topic of odd records, exported to a file; its name and what kcat reads of it."""
    topic, chance = broker.topic(partitions=partitions, settings=FOR_EVER), random.Random(records)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "compression.type": "lz4", "linger.ms": 5})
    for number in range(records):
        producer.produce(
            topic,
            odd_bytes(chance),
            odd_bytes(chance),
            number % partitions,
            timestamp=1_790_000_000_000 + number,
            headers=list(ODD) if number % 7 == 0 else [],
        )
    assert producer.flush(10) == 0
    code, documents = say("records", topic)
    assert code == 0
    file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in documents))
    return topic, kcat(broker.bootstrap, topic)


def without_offsets(lines: list[bytes]) -> list[tuple[bytes, bytes]]:
    """Partition and content: the offsets of an import have gaps where its transactions end."""
    return [(line.split(b" ", 2)[0], line.split(b" ", 2)[2]) for line in lines]


def test_an_import_is_what_was_exported_byte_for_byte(broker: Broker, say: Say, tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    _, original = exported(broker, say, file)
    target = broker.topic(partitions=3, settings=FOR_EVER)
    code, (plan,) = say("records", "import", str(file), "--to", target, "--dry-run")
    assert (code, plan["plan"]["records"], plan["plan"]["bad"]) == (0, 900, 0)
    assert plan["plan"]["by_partition"] == [{"partition": one, "records": 300} for one in range(3)]
    code, (done,) = say("records", "import", str(file), "--to", target, "--yes")
    assert (code, done["outcome"]["read_back"], done["outcome"]["doubt"]) == (0, 900, None)
    assert without_offsets(kcat(broker.bootstrap, target)) == without_offsets(original)


def test_an_import_that_was_killed_goes_on_without_a_second_copy(
    broker: Broker, say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "orders.jsonl"
    _, original = exported(broker, say, file, records=3_000)
    target = broker.topic(partitions=3, settings=FOR_EVER)
    monkeypatch.setattr(batch_room, "BATCH_RECORDS", 50)
    line = ["--bootstrap", broker.bootstrap, "records", "import", str(file), "--to", target, "--yes"]
    for cut in range(3):
        killed = subprocess.Popen([sys.executable, "-c", _PROGRAM, *line], stderr=subprocess.DEVNULL, text=True)
        wait_for(partial(has_more, broker, target, cut * 300 + 50, killed))
        time.sleep(cut / 50)  # somewhere in a transaction
        killed.kill()
        killed.wait()
        assert len(broker.read_committed(target)) < 3_000, "it was killed in the middle"
    code, (done,) = say("records", "import", str(file), "--to", target, "--yes")
    assert code == 0, done["outcome"]
    assert done["plan"]["already"] > 0
    assert without_offsets(kcat(broker.bootstrap, target, *COMMITTED)) == without_offsets(original)


def test_an_interrupted_import_says_what_stands_and_goes_on(broker: Broker, say: Say, tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    _, original = exported(broker, say, file, records=3_001)
    target = broker.topic(partitions=3, settings=FOR_EVER)
    line = ["--bootstrap", broker.bootstrap, "records", "import", str(file), "--to", target, "--yes"]
    process = subprocess.Popen([sys.executable, "-c", _PROGRAM, *line], stderr=subprocess.PIPE, text=True)
    wait_for(partial(has_more, broker, target, 100, process))
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=patience(30))[1]
    assert process.returncode == 130, said
    assert "It was interrupted" in said
    stands = len(broker.read_committed(target))
    assert 100 < stands < 3_001
    assert f"{stands:,} of 3,001 records" in said
    code, (done,) = say("records", "import", str(file), "--to", target, "--yes")
    assert (code, done["plan"]["already"]) == (0, stands)
    assert without_offsets(kcat(broker.bootstrap, target, *COMMITTED)) == without_offsets(original)


def has_more(broker: Broker, topic: str, records: int, process: subprocess.Popen[str]) -> bool:
    """Whether a topic has more committed records than that, or the process has ended."""
    return len(broker.read_committed(topic)) > records or process.poll() is not None


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + patience(30)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_missing_right_is_named_and_nothing_is_written(
    secure_kafka: SecureKafka,
    tmp_path: Path,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    broker = Broker(secure_kafka.bootstrap("PLAINTEXT"))
    mine, other = broker.topic(), broker.topic()
    profile, secrets = secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256", user="nobody")
    password = secrets.get(SecretField.SASL_PASSWORD)
    config = tmp_path / "client.properties"
    config.write_text(
        f"""bootstrap.servers={profile.bootstrap}
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-256
sasl.username=nobody
sasl.password={password}
ssl.ca.location={profile.security.tls.ca_file}
"""
    )

    def produced() -> tuple[int, dict[str, Any]]:
        code = main(["--config", str(config), "records", "produce", mine, "--value", "v", "--yes", "--json"])
        document: dict[str, Any] = orjson.loads(capsys.readouterr().out)
        return code, document

    with secure_kafka.allowing_nobody([(ResourceType.TOPIC, AclOperation.DESCRIBE, mine)]) as allow:
        for topic in (mine, other):  # without a right to write anywhere no producer id is given
            code, document = produced()
            assert (code, document["error"]["kind"]) == (5, "authorization"), document
            assert document["error"]["hint"] == f"Ask for the right WRITE on Topic {mine}."
            assert broker.read_committed(mine) == []
            allow(ResourceType.TOPIC, AclOperation.WRITE, other if topic == mine else mine)
        code, document = produced()
    assert (code, document["outcome"]["record"]["offset"]) == (1, 0)
    assert "could not be read back" in document["outcome"]["doubt"], "it may not be read"
