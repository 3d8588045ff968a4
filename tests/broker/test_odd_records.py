"""Records that producers really write, on a real broker: odd timestamps, JSON that parsers disagree on, text that no
parser gives back, and records behind a transaction that stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from kafkaview.triage.neighbours import read_around
from tests.broker.material import Broker

Say = Callable[..., tuple[int, str]]

GOOD, CUT = b'{"n":1}', b'{"n":'
MICROSECONDS, NANOSECONDS = 1_700_000_000_000_001, 1_700_000_000_000_000_001
DEBATED: Final = {rb'{"x":"\ud800"}': 6, b'{"x":1e400}': 5, b'{"x":NaN}': 5, b'\xef\xbb\xbf{"x":1}': 0}
NOT_PARSED: Final = b'{"id":12345678901234567890123,"a":1,"a":2,"amount":0.10}'
DEEP: Final = b"[" * 100_000 + b"]" * 100_000
LONG: Final = b'{"a":"' + b"x" * 5_000_000 + b'"}'
ROOM: Final = {"message.timestamp.after.max.ms": str(2**63 - 1), "max.message.bytes": "20000000"}


@pytest.fixture
def say(kafka: EmbeddedKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Say:  # noqa: ARG001
    """A line of the program: its exit code and what it says; without --json what it notes beside that, too."""

    def run(*words: str) -> tuple[int, str]:
        code = main(["--bootstrap", kafka.bootstrap, *words])
        said = capsys.readouterr()
        return code, said.out if "--json" in words else said.out + said.err

    return run


def fill(broker: Broker, topic: str, *values: bytes, timestamp: int = 0) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, "message.max.bytes": 20_000_000})
    for value in values:
        producer.produce(topic, value, b"k", 0, timestamp=timestamp)
    assert producer.flush(20) == 0


def documents(said: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in said.splitlines()]


@pytest.fixture(scope="module")
def held(broker: Broker) -> Iterator[str]:
    """40 good records, a transaction left open at 40, and 500 records behind it, three of them cut."""
    topic = broker.topic()
    fill(broker, topic, *[GOOD] * 40)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "transactional.id": topic, "log_level": 0})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(topic, GOOD, partition=0)
    producer.flush(10)
    fill(broker, topic, *([GOOD] * 96 + [CUT]) * 3, *[GOOD] * 209)
    yield topic
    producer.abort_transaction(20)


@pytest.mark.parametrize(
    ("options", "scanned", "begin", "offsets"),
    [
        ([], 40, 40, 501),
        (["--from", "30"], 10, 40, 501),
        (["--from", "60"], 0, 60, 481),
        (["--from", "60", "--to", "70"], 0, 60, 10),
        (["--from", "-5"], 5, 40, 501),
        (["--to", "45"], 40, 40, 5),
        (["--to", "40"], 40, None, 0),
    ],
)
def test_a_scan_says_what_an_open_transaction_holds_back_of_what_was_asked_for(
    say: Say, held: str, options: list[str], scanned: int, begin: int | None, offsets: int
) -> None:
    place = {"topic": held, "partition": 0, "from_offset": begin, "offsets": offsets}
    code, said = say("scan", held, "--rule", "json", *options, "--json")
    summary = documents(said)[-1]
    assert (code, summary["found"], summary["scanned"], summary["complete"]) == (0, 0, scanned, begin is None)
    assert summary["held_back"] == ([] if begin is None else [place])


async def test_a_timestamp_that_is_no_time_is_its_number_everywhere(broker: Broker, session: Session) -> None:
    topic = broker.topic(settings=ROOM)
    for timestamp in (MICROSECONDS, NANOSECONDS):
        fill(broker, topic, CUT, timestamp=timestamp)
    around = await read_around(session, TopicPartition(topic, 0), 1)
    assert [record.timestamp_ms for record in around.records.values()] == [MICROSECONDS, NANOSECONDS]


def test_a_timestamp_that_is_no_time_is_kept_by_a_reroute_or_refused(broker: Broker, say: Say) -> None:
    topic, queue = broker.topic(settings=ROOM), broker.topic(settings=ROOM)
    for timestamp in (MICROSECONDS, NANOSECONDS):
        fill(broker, topic, CUT, timestamp=timestamp)
    found = documents(say("scan", topic, "--from", f"@{MICROSECONDS}ms", "--rule", "json", "--json")[1])
    assert [one.get("timestamp_ms") for one in found] == [MICROSECONDS, NANOSECONDS, None]
    assert "2 found in 2 records" in say("scan", topic, "--rule", "json")[1]
    code, said = say("reroute", f"{topic}:0:0", f"{topic}:0:1", "--create-dlq", "--dry-run")
    assert (code, f"does not take the timestamp of {topic}:0:0: {MICROSECONDS} lies" in said) == (5, True)
    code, said = say("reroute", f"{topic}:0:0", f"{topic}:0:1", "--to", queue, "--no-skip", "--yes", "--json")
    (document,) = documents(said)
    assert (code, [one["timestamp_ms"] for one in document["plan"]["records"]]) == (0, [MICROSECONDS, NANOSECONDS])
    assert timestamps_of(broker, queue, 2) == [MICROSECONDS, NANOSECONDS]
    (entry,) = documents(say("journal", "show", str(document["done"][0]["journal_id"]), "--json")[1])
    assert [one["timestamp_ms"] for one in entry["records"]] == [MICROSECONDS, NANOSECONDS]


def timestamps_of(broker: Broker, topic: str, count: int) -> list[int]:
    consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": "times"})
    consumer.assign([ClientPartition(topic, 0, 0)])
    messages = consumer.consume(count, 20)
    consumer.close()
    return [message.timestamp()[1] for message in messages]


def test_json_that_some_parsers_take_is_evidence_and_no_proof(broker: Broker, say: Say) -> None:
    topic = broker.topic()
    fill(broker, topic, GOOD, *DEBATED)
    code, said = say("scan", topic, "--rule", "json", "--json")
    *found, summary = documents(said)
    assert (code, summary["complete"], [one["position"] for one in found]) == (0, True, [*DEBATED.values()])
    assert all(one["reason"].endswith("(some parsers take it: evidence, not proof)") for one in found)
    assert say("scan", topic, "--rule", "json")[1].count("evidence, not proof") == len(DEBATED)


async def test_text_is_laid_out_from_the_bytes_whatever_they_hold(broker: Broker, session: Session) -> None:
    topic = broker.topic(settings=ROOM)
    fill(broker, topic, *[GOOD] * 20, NOT_PARSED, DEEP, LONG)
    around = await read_around(session, TopicPartition(topic, 0), 21)
    numbers, deep, long = (around.readings[offset] for offset in (20, 21, 22))
    assert numbers.text is not None
    assert "".join(numbers.text.split()) == NOT_PARSED.decode()
    assert deep.tried
    assert "nested deeper than 1,024 levels" in around.problems[21].reason
    assert long.text is not None
    assert "".join(long.text.split()) == LONG.decode()


def test_a_record_of_any_depth_and_length_is_scanned_and_copied_as_it_is(broker: Broker, say: Say) -> None:
    topic, queue = broker.topic(settings=ROOM), broker.topic(settings=ROOM)
    fill(broker, topic, GOOD, DEEP, LONG, LONG[:-2])
    *found, summary = documents(say("scan", topic, "--rule", "json", "--json")[1])
    assert (summary["scanned"], summary["complete"]) == (4, True)
    assert [(one["offset"], one["position"]) for one in found] == [(1, 1_025), (3, len(LONG) - 3)]
    code, said = say("reroute", f"{topic}:0:1", f"{topic}:0:3", "--to", queue, "--no-skip", "--yes")
    assert (code, [value for _, value, _ in broker.read_committed(queue)]) == (0, [DEEP, LONG[:-2]]), said
