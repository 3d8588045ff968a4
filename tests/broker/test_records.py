"""What `records` prints of real brokers, beside what kcat reads, byte for byte."""

from __future__ import annotations

import base64
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from confluent_kafka import Producer
from confluent_kafka.cimpl import NewPartitions

from kafkaview.cli.main import main
from kafkaview.cluster.errors import OffsetOutOfRange
from kafkaview.cluster.kafka.cluster import KafkaCluster
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.records import passage
from kafkaview.records.detail import RecordDetails, RecordField
from kafkaview.records.read import follow_records, read_records
from kafkaview.records.request import FollowRequest, ReadRequest
from kafkaview.session import Session
from kafkaview.terms import TopicPartition
from tests.broker.console_consumer import read_by_kafkas_tool
from tests.broker.material import Broker
from tests.broker.raw_records import produce_raw
from tests.kit.patience import patience

Say = Callable[..., tuple[int, list[dict[str, Any]]]]

# Lengths before the bytes themselves: nothing in them can end a record. -1 is null.
_KCAT_FORMAT: Final = "%p %o %T %K %k %S %s %h\n"
COMMITTED: Final = ("-X", "isolation.level=read_committed")
UNCOMMITTED: Final = ("-X", "isolation.level=read_uncommitted")
ROOM: Final = {"max.message.bytes": "30000000"}
LARGE: Final = 20_000_000


@pytest.fixture
def say(kafka: EmbeddedKafka, tmp_home: Path, capsys: pytest.CaptureFixture[str]) -> Say:  # noqa: ARG001
    """A line of `records --json`: its exit code and its documents."""

    def run(*words: str) -> tuple[int, list[dict[str, Any]]]:
        code = main(["--bootstrap", kafka.bootstrap, "records", *words, "--json"])
        return code, [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def kcat(bootstrap: str, topic: str, *options: str) -> list[bytes]:
    """What kcat reads to the end, a piece for each record, ordered by partition and offset."""
    command = ["kcat", "-C", "-b", bootstrap, "-t", topic, "-e", "-q", "-f", _KCAT_FORMAT, *options]
    said = subprocess.run(command, capture_output=True, check=True, timeout=patience(60)).stdout
    found: list[bytes] = []
    while said:
        partition, offset, timestamp, size, rest = said.split(b" ", 4)
        key, rest = cut(rest, int(size))
        length, rest = rest.split(b" ", 1)
        value, rest = cut(rest, int(length))
        headers, said = rest.split(b"\n", 1)
        found.append(b" ".join([partition, offset, timestamp, size, key, length, value, headers]))
    return sorted(found, key=lambda one: tuple(map(int, one.split(b" ", 2)[:2])))


def cut(data: bytes, size: int) -> tuple[bytes, bytes]:
    size = max(0, size)
    return data[:size], data[size + 1 :]


def as_kcat_has_it(document: dict[str, Any]) -> bytes:
    key, value = (
        None if document[field] is None else base64.b64decode(document[field]) for field in ("key_b64", "value_b64")
    )
    headers = b",".join(
        one["key"].encode() + b"=" + (b"NULL" if one["value_b64"] is None else base64.b64decode(one["value_b64"]))
        for one in document["headers"]
    )
    return b"%d %d %d %d %s %d %s %s" % (
        document["partition"],
        document["offset"],
        document["timestamp_ms"],
        -1 if key is None else len(key),
        key or b"",
        -1 if value is None else len(value),
        value or b"",
        headers,
    )


def printed(documents: list[dict[str, Any]]) -> list[bytes]:
    *records, last = documents
    assert last["summary"]["matched"] == len(records)
    ordered = sorted(records, key=lambda one: (one["partition"], one["offset"]))
    return [as_kcat_has_it(one) for one in ordered]


def odd_bytes(chance: random.Random) -> bytes | None:
    return chance.choice([None, b"", b"\x00\xff\n ", b"%d" % chance.getrandbits(40), chance.randbytes(60), b'{"n": 1}'])


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_every_codec_gives_the_bytes_that_kcat_gives(broker: Broker, say: Say, codec: str) -> None:
    topic, chance = broker.topic(partitions=3), random.Random(codec)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "compression.type": codec, "linger.ms": 5})
    for number in range(900):
        producer.produce(
            topic,
            odd_bytes(chance),
            odd_bytes(chance),
            number % 3,
            timestamp=1_790_000_000_000 + number,
            headers=[("trace", b"a\x01"), ("trace", None), ("raw", b"\xfe")] if number % 9 == 0 else [],
        )
    assert producer.flush(10) == 0
    code, all_of_it = say(topic)
    assert code == 0
    assert printed(all_of_it) == kcat(broker.bootstrap, topic, "-o", "beginning")
    assert all_of_it[-1]["summary"]["complete"] is True
    _, part = say(topic, "--partition", "1", "--from", "10", "--to", "210")
    assert printed(part) == kcat(broker.bootstrap, topic, "-p", "1", "-o", "10", "-c", "200")
    _, timed = say(topic, "--from", "@1790000000300", "--to", "@1790000000600")
    times = ("-o", "s@1790000000300", "-o", "e@1790000000600")
    assert printed(timed) == kcat(broker.bootstrap, topic, *times)
    _, last_ones = say(topic, "--partition", "2", "--from", "-7")
    assert printed(last_ones) == kcat(broker.bootstrap, topic, "-p", "2", "-o", "-7")


@pytest.fixture(scope="module")
def transactional(broker: Broker) -> Iterator[str]:
    """Records of committed, aborted and, at the end of partition 0, one open transaction, and plain ones behind it."""
    topic = broker.topic(partitions=2)
    settings = {"transactional.id": topic, "transaction.timeout.ms": 900_000, "log_level": 0}
    producer = Producer({"bootstrap.servers": broker.bootstrap, **settings})
    producer.init_transactions(20)
    for number in range(40):
        producer.begin_transaction()
        for record in range(5):
            producer.produce(topic, b"%d.%d" % (number, record), b"k", record % 2)
        if number % 3:
            producer.commit_transaction(20)
        else:
            producer.flush(10)
            producer.abort_transaction(20)
    producer.begin_transaction()
    producer.produce(topic, b"open", partition=0)
    assert producer.flush(10) == 0
    plain = Producer({"bootstrap.servers": broker.bootstrap})
    plain.produce(topic, b"behind", partition=0)
    assert plain.flush(10) == 0
    yield topic
    producer.abort_transaction(20)


def test_committed_records_are_those_of_kcat_and_what_is_held_back_is_said(
    broker: Broker, say: Say, transactional: str
) -> None:
    _, committed = say(transactional)
    assert printed(committed) == kcat(broker.bootstrap, transactional, "-o", "beginning", *COMMITTED)
    summary = committed[-1]["summary"]
    (held,) = summary["held_back"]
    assert (held["partition"], held["offsets"], summary["complete"]) == (0, 2, False)
    assert summary["without_record"] == 80 + 14 * 5  # a marker of each transaction on each partition, what was aborted
    _, uncommitted = say(transactional, "--isolation", "read_uncommitted")
    assert printed(uncommitted) == kcat(broker.bootstrap, transactional, "-o", "beginning", *UNCOMMITTED)
    assert (uncommitted[-1]["summary"]["held_back"], uncommitted[-1]["summary"]["complete"]) == ([], True)


def test_committed_records_are_those_that_the_java_console_consumer_shows(
    broker: Broker, say: Say, transactional: str
) -> None:
    _, committed = say(transactional)
    *records, _summary = committed
    ours = sorted(
        (one["partition"], base64.b64decode(one["key_b64"]), base64.b64decode(one["value_b64"])) for one in records
    )
    assert ours == sorted(read_by_kafkas_tool(broker.bootstrap, transactional, len(ours)))


async def test_pages_of_a_transactional_topic_show_each_committed_record_once(
    broker: Broker, session: Session, transactional: str
) -> None:
    expected = {tuple(one.split(b" ", 2)[:2]) for one in kcat(broker.bootstrap, transactional, *COMMITTED)}
    seen: list[tuple[bytes, bytes]] = []
    resume = None
    while True:
        request = ReadRequest(transactional, newest_first=True, limit=17, resume=resume)
        async with aclosing(read_records(session, request)) as batches:
            async for batch in batches:
                seen += [(b"%d" % row.partition, b"%d" % row.offset) for row in batch.rows]
        resume = batch.resume
        if resume is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


def test_what_compaction_removed_leaves_holes_and_nothing_is_missed(broker: Broker, say: Say) -> None:
    settings = {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.001",
        "max.compaction.lag.ms": "100",
    }
    topic = broker.topic(settings=settings)
    producer = Producer({"bootstrap.servers": broker.bootstrap})

    def cleaned() -> bool:
        for number in range(60):
            producer.produce(topic, b"%d" % number, b"k%d" % (number % 7), 0)
        assert producer.flush(10) == 0
        _, documents = say(topic)
        return bool(documents[-1]["summary"]["without_record"] > 40)

    deadline = time.monotonic() + patience(60)
    while not cleaned():
        assert time.monotonic() < deadline, "compaction removed no record"
        time.sleep(0.5)
    before = kcat(broker.bootstrap, topic, "-o", "beginning")
    _, documents = say(topic)
    if before == kcat(broker.bootstrap, topic, "-o", "beginning"):  # else the cleaner came between
        assert printed(documents) == before


def test_a_record_of_20_mb_is_printed_whole(broker: Broker, say: Say) -> None:
    topic = large_topic(broker)
    _, (record, _last) = say(topic, "--max", "1")
    assert base64.b64decode(record["value_b64"]) == b'"' + b"x" * LARGE + b'"'


async def test_a_record_of_20_mb_opens_in_part_and_the_rest_comes_on_request(broker: Broker, session: Session) -> None:
    place = TopicPartition(large_topic(broker), 0)
    details = RecordDetails(session)
    detail = await details.at(place, 0, uncommitted=False)
    assert detail.value is not None
    assert (len(detail.value.head), detail.value.size, detail.value.complete) == (65_536, LARGE + 2, False)
    assert detail.value_reading is not None
    assert len(detail.value_reading.text or "") == 65_536
    assert await details.part(place, 0, RecordField.VALUE, LARGE - 1, 10) == b'xx"'
    with pytest.raises(OffsetOutOfRange):
        await details.at(place, 1, uncommitted=False)


def large_topic(broker: Broker) -> str:
    topic = broker.topic(settings=ROOM)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "message.max.bytes": 30_000_000})
    producer.produce(topic, b'"' + b"x" * LARGE + b'"', partition=0)
    assert producer.flush(30) == 0
    return topic


async def test_a_header_whose_name_is_not_utf8_hides_neither_its_record_nor_others(
    broker: Broker, session: Session
) -> None:
    topic = broker.topic()
    assert isinstance(session.cluster, KafkaCluster)
    await produce_raw(session.cluster, topic, b'{"n":1}', [(b"\xff", b"a")])
    await produce_raw(session.cluster, topic, b'{"n":2}', [(b"a", b"1"), (b"a", b"\xff")])
    rows, last = await rows_of(session, ReadRequest(topic))
    assert [row.headers for row in rows] == [None, 2]
    assert rows[0].problem is not None
    found, last = await rows_of(session, ReadRequest(topic, where='headers["a"] == b"\\xff"'))
    assert [row.offset for row in found] == [1]
    assert (last.progress.failed, "header" in last.progress.failure) == (1, True)
    detail = await RecordDetails(session).at(TopicPartition(topic, 0), 0, uncommitted=False)
    assert (detail.headers, detail.unreadable_header) == (None, b"\xff")


async def rows_of(session: Session, request: ReadRequest) -> tuple[list[Any], Any]:
    rows: list[Any] = []
    async with aclosing(read_records(session, request)) as batches:
        async for batch in batches:
            rows += batch.rows
    return rows, batch


async def test_a_search_by_processes_finds_what_one_finds_in_the_same_order(
    broker: Broker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = broker.topic(partitions=4)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "compression.type": "lz4"})
    for number in range(20_000):
        kind = "odd" if number % 501 == 0 else "even"
        producer.produce(topic, b'{"n":%d,"kind":"%s"}' % (number, kind.encode()), b"k%d" % (number % 50), number % 4)
    assert producer.flush(20) == 0
    for where, count in (('value.kind == "odd"', 40), ("value.n % 1000 == 7", 20), ("value.no == 1", 0)):
        answers = []
        for processes in (0, 1, 3):
            monkeypatch.setattr(passage, "count_workers", lambda _offsets, many=processes: many)
            rows, last = await rows_of(session, ReadRequest(topic, where=where, limit=1_000))
            assert (last.progress.scanned, last.progress.complete) == (20_000, True)
            answers.append(([(row.partition, row.offset, row.value) for row in rows], last.progress.failed))
        assert len(answers[0][0]) == count
        assert answers[0] == answers[1] == answers[2]
        assert answers[0][0] == sorted(answers[0][0])
    first, last = await rows_of(session, ReadRequest(topic, where='value.kind == "odd"', limit=15))
    rest, _ = await rows_of(session, ReadRequest(topic, where='value.kind == "odd"', limit=100, resume=last.resume))
    assert len({(row.partition, row.offset) for row in (*first, *rest)}) == 40


async def test_the_records_of_a_key_are_read_from_its_partition_alone(broker: Broker, session: Session) -> None:
    topic = broker.topic(partitions=5)
    producer = Producer({"bootstrap.servers": broker.bootstrap, "partitioner": "murmur2_random"})
    for number in range(500):
        producer.produce(topic, b"{}", b"k%d" % (number % 50))
    assert producer.flush(20) == 0
    async with aclosing(read_records(session, ReadRequest(topic, key=b"k7"))) as batches:
        found = [batch async for batch in batches]
    assert sum(len(batch.rows) for batch in found) == 10
    assert "murmur2 (Java clients)" in found[0].notes[0]
    assert found[-1].progress.scanned < 200


async def test_a_follower_gets_what_is_written_and_hears_of_partitions_and_deletion(
    broker: Broker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.records.follow._TOPIC_SECONDS", 0.2)
    topic = broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    producer.produce(topic, b"before", partition=0)
    assert producer.flush(10) == 0
    values: list[str] = []
    notes: list[str] = []
    stage = 0
    async with aclosing(follow_records(session, FollowRequest(topic))) as arrivals:
        async for arrival in arrivals:
            values += [row.value for row in arrival.records]
            notes += arrival.notes
            if stage == 0:
                producer.produce(topic, b"first", partition=0)
                producer.flush(10)
                stage = 1
            elif stage == 1 and values == ["first"]:
                broker.admin.create_partitions([NewPartitions(topic, 2)])[topic].result(10)
                stage = 2
            elif stage == 2 and notes:
                producer = Producer({"bootstrap.servers": broker.bootstrap})
                producer.produce(topic, b"second", partition=1)
                assert producer.flush(10) == 0
                stage = 3
            elif stage == 3 and "second" in values:
                broker.admin.delete_topics([topic])[topic].result(10)
                stage = 4
    assert values == ["first", "second"]
    assert notes == [f"{topic} has 2 partitions now: 1 more than before", f"The topic {topic} was deleted"]


def test_raw_values_are_those_of_kcat(
    kafka: EmbeddedKafka, broker: Broker, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    topic, chance = broker.topic(), random.Random("raw")
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for _ in range(200):
        producer.produce(topic, odd_bytes(chance))
    assert producer.flush(10) == 0
    assert main(["--bootstrap", kafka.bootstrap, "records", topic, "--format", "raw", "--delimiter", r"\x1e"]) == 0
    said = capfdbinary.readouterr().out
    command = ["kcat", "-C", "-b", broker.bootstrap, "-t", topic, "-e", "-q", "-D", r"\x1e"]
    assert said == subprocess.run(command, capture_output=True, check=True, timeout=patience(60)).stdout
