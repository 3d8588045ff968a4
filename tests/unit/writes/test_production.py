"""One record that is produced: its plan, what the topic would not take, and what is read back."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    OutcomeUnknown,
    PlanNoLongerHolds,
    RecordTooLarge,
    RefusedByPolicy,
    RefusedHere,
    UnknownTopicOrPartition,
    Unreachable,
)
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.entry import EntryState
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import Header, Record, RecordId, TimestampType, TopicPartition
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.records import production_execution
from kafkaview.writes.records.production import NO_UNDO, plan_produce_record
from kafkaview.writes.records.request import ProductionRequest, SourcePart
from kafkaview.writes.topic_limits import batch_size
from tests.kit.fake_cluster import FakeCluster
from tests.kit.payloads import payloads_of

ODD = (Header("a", None), Header("a", b""), Header("é", b"\xff\x00"), Header("a", b"x"))
KEPT = SourcePart.KEPT
PLAIN = ProductionRequest("orders", b"o-1", b"{}")


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("orders", 4)
    for number in range(20):
        cluster.add_record("orders", b'{"n": %d}' % number, partition=number % 4, key=b"k%d" % number)
    cluster.add_topic("state", settings={"cleanup.policy": "compact,delete"})
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


def newest(cluster: FakeCluster, place: TopicPartition) -> Record:
    found = cluster.log(place).entries[-1]
    assert found is not None
    return found


async def problem(session: Session, request: ProductionRequest) -> ClusterError:
    plan = await plan_produce_record(session, request)
    with pytest.raises(ClusterError) as raised:
        await carry_out(session, plan)
    assert raised.value is plan.problems[0]
    return plan.problems[0]


async def test_a_record_is_written_and_read_back_byte_for_byte(session: Session, cluster: FakeCluster) -> None:
    request = ProductionRequest("orders", b"\xff", b"", ODD, 2, 1_790_000_000_123)
    plan = await plan_produce_record(session, request)
    outcome = await carry_out(session, plan)
    record = newest(cluster, TopicPartition("orders", 2))
    assert (record.key, record.value, record.headers, record.timestamp_ms) == (b"\xff", b"", ODD, 1_790_000_000_123)
    assert outcome.succeeded
    assert outcome.detail == "It is orders:2 at offset 5"
    written = {"topic": "orders", "partition": 2, "offset": 5, "timestamp_ms": 1_790_000_000_123}
    assert outcome.document()["record"] == written


async def test_the_journal_holds_the_record_before_it_is_sent(session: Session, cluster: FakeCluster) -> None:
    cluster.failures["produce"] = OutcomeUnknown("no answer")
    with pytest.raises(OutcomeUnknown):
        await carry_out(session, await plan_produce_record(session, replace(PLAIN, headers=ODD)))
    (entry,) = await session.journal.entries()
    (payload,) = await payloads_of(session.journal, entry.id)
    assert (entry.state, entry.intent.kind) == (EntryState.UNKNOWN, "records.produce")
    assert (payload.key, payload.value, payload.headers, payload.offset) == (b"o-1", b"{}", ODD, -1)


async def test_a_key_goes_where_java_puts_it_and_a_record_without_one_to_the_first_with_a_leader(
    session: Session, cluster: FakeCluster
) -> None:
    keyed = await plan_produce_record(session, replace(PLAIN, key=b"21"))
    assert (keyed.document["chosen_by"], keyed.document["partitioner"]) == ("key", "murmur2")
    assert keyed.rows[0].after == f"orders:{keyed.document['partition']}, where murmur2 (Java clients) puts the key"
    assert "--partition" not in keyed.command
    cluster.log(TopicPartition("orders", 0)).leader = None
    free = await plan_produce_record(session, replace(PLAIN, key=None))
    assert (free.document["partition"], free.document["chosen_by"]) == (1, "none")
    assert free.command[:5] == ("records", "produce", "orders", "--partition", "1")
    with pytest.raises(UnknownTopicOrPartition, match="partitions 0 to 3"):
        await plan_produce_record(session, replace(PLAIN, partition=4))


async def test_what_is_kept_of_a_source_is_its_bytes_and_the_plan_shows_what_differs(
    session: Session, cluster: FakeCluster
) -> None:
    source = cluster.add_record("orders", b"\xff\x00", partition=3, key=b"k", headers=ODD)
    request = ProductionRequest("orders", KEPT, KEPT, KEPT, 3, source=source)
    plan = await plan_produce_record(session, request)
    rows = {row.what: (row.before, row.after) for row in plan.rows}
    assert rows["Value"] == ("\ufffd\x00 (2 bytes, not UTF-8)", "\ufffd\x00 (2 bytes, not UTF-8)")
    await carry_out(session, plan)
    record = newest(cluster, TopicPartition("orders", 3))
    assert (record.key, record.value, record.headers) == (b"k", b"\xff\x00", ODD)
    edited = await plan_produce_record(session, replace(request, value=b"\xff\x01", headers=ODD[:1]))
    rows = {row.what: (row.before, row.after) for row in edited.rows}
    assert rows["Value"][0] != rows["Value"][1]
    assert [row.after for row in edited.rows if row.what.startswith("Header")] == ["a: null", None, None, None]
    assert edited.title == "Send a record again to orders:3"


async def test_two_values_that_look_alike_are_told_apart(session: Session, cluster: FakeCluster) -> None:
    source = cluster.add_record("orders", b"a" * 500 + b"1", partition=3)
    request = ProductionRequest("orders", KEPT, b"a" * 500 + b"2", KEPT, 3, source=source)
    row = (await plan_produce_record(session, request)).rows[2]
    assert row.before is not None
    assert row.after == f"{row.before} (other bytes)"


async def test_the_plan_tells_null_and_empty_from_a_text_of_the_same_words(session: Session) -> None:
    values: dict[bytes | None, str] = {
        None: "null (tombstone)",
        b"": "(empty, 0 bytes)",
        b"null": "null (4 bytes)",
        b"null (tombstone)": "null (tombstone) (16 bytes)",
        b"null (4 bytes)": "null (4 bytes) (14 bytes)",
        b"(empty, 0 bytes)": "(empty, 0 bytes) (16 bytes)",
        b"f(x)": "f(x) (4 bytes)",
        b"nul": "nul",
    }
    for value, words in values.items():
        headers = (Header("h", value),)
        plan = await plan_produce_record(session, replace(PLAIN, key=value, value=value, headers=headers))
        key, shown, header = (row.after for row in plan.rows[1:4])
        assert shown == words
        other = "null" if value is None else words  # only a value is a tombstone
        assert (key, header) == (other, f"h: {other}")


async def test_headers_that_no_client_reads_are_not_sent_again_as_they_are(
    session: Session, cluster: FakeCluster
) -> None:
    source = cluster.add_record("orders", b"v", partition=0)
    log = cluster.log(source.topic_partition)
    log.entries[source.offset] = replace(
        newest(cluster, source.topic_partition), headers=None, unreadable_header=b"\xff"
    )
    request = ProductionRequest("orders", KEPT, KEPT, KEPT, 0, source=source)
    with pytest.raises(RefusedHere, match="cannot be sent again as it is"):
        await plan_produce_record(session, request)
    await carry_out(session, await plan_produce_record(session, replace(request, headers=())))
    assert newest(cluster, source.topic_partition).headers == ()


async def test_what_the_topic_would_not_take_is_refused_beforehand(session: Session, cluster: FakeCluster) -> None:
    assert "compacted" in (await problem(session, replace(PLAIN, topic="state", key=None))).message
    large = random.Random(1).randbytes(2_000_000)
    assert type(await problem(session, replace(PLAIN, value=large))) is RecordTooLarge
    await plan_produce_record(session, replace(PLAIN, value=b"x" * 2_000_000))
    assert (await plan_produce_record(session, replace(PLAIN, value=b"x" * 2_000_000))).problems == (), "it packs well"
    cluster.add_topic("plain", settings={"compression.type": "uncompressed"})
    assert type(await problem(session, replace(PLAIN, topic="plain", value=b"x" * 2_000_000))) is RecordTooLarge
    cluster.add_topic("strict", settings={"message.timestamp.before.max.ms": "1000"})
    old = await problem(session, replace(PLAIN, topic="strict", timestamp_ms=1_000))
    assert type(old) is RefusedByPolicy
    assert "message.timestamp.before.max.ms=1000" in old.message
    assert type(await problem(session, replace(PLAIN, timestamp_ms=0))) is RefusedHere
    assert type(await problem(session, replace(PLAIN, headers=(Header("a\0b", b""),)))) is RefusedHere
    cluster.add_topic("__mine")
    assert type(await problem(session, replace(PLAIN, topic="__mine"))) is RefusedHere
    cluster.log(TopicPartition("orders", 2)).leader = None
    assert type(await problem(session, replace(PLAIN, partition=2))) is Unreachable
    assert not await session.journal.entries()


async def test_what_may_stop_a_reader_or_go_at_once_is_a_caution(session: Session, cluster: FakeCluster) -> None:
    plan = await plan_produce_record(session, replace(PLAIN, value=b"{"))
    assert [one.consequence for one in plan.cautions] == ["A reader of orders may stop on it.", "It cannot be undone."]
    assert "ends inside an object" in plan.cautions[0].why
    assert (await plan_produce_record(session, PLAIN)).cautions == (NO_UNDO,)
    dead = await plan_produce_record(session, replace(PLAIN, topic="state", value=None))
    assert dead.cautions[0].consequence == "It deletes its key."
    cluster.add_topic("short", settings={"retention.ms": "1000"})
    old = await plan_produce_record(session, replace(PLAIN, topic="short", timestamp_ms=1_000))
    assert old.cautions[0].consequence == "It may be removed at once."
    cluster.add_topic("stamped", settings={"message.timestamp.type": "LogAppendTime"})
    stamped = await plan_produce_record(session, replace(PLAIN, topic="stamped", timestamp_ms=1_000))
    assert stamped.cautions[0].consequence == "The timestamp is not kept."


async def test_a_topic_that_has_changed_since_the_plan_gets_nothing(session: Session, cluster: FakeCluster) -> None:
    plan = await plan_produce_record(session, PLAIN)
    cluster.add_topic("orders", 4)
    with pytest.raises(PlanNoLongerHolds, match="made anew"):
        await carry_out(session, plan)
    assert not cluster.calls["produce"]


async def test_a_record_that_does_not_read_back_as_written_is_a_doubt(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await plan_produce_record(session, replace(PLAIN, partition=0))
    append = cluster._append
    monkeypatch.setattr(cluster, "_append", lambda copy, to: append(replace(copy, value=b"other"), to))
    outcome = await carry_out(session, plan)
    assert outcome.doubt == "orders:0:5 does not read back as it was written"
    assert (outcome.succeeded, outcome.effective) == (False, False)


async def test_a_record_that_nobody_reads_back_is_unknown_and_not_wrong(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(production_execution, "_LOOK_FOR_S", 0.0)
    plan = await plan_produce_record(session, replace(PLAIN, partition=0))
    produce = cluster.produce

    async def fall_silent(copies: Sequence[Copy]) -> tuple[RecordId, ...]:
        written = await produce(copies)
        cluster.failures["read"] = Unreachable("broker 1 does not answer")
        return written

    monkeypatch.setattr(cluster, "produce", fall_silent)
    outcome = await carry_out(session, plan)
    assert outcome.doubt == "orders:0:5 could not be read back: broker 1 does not answer"
    assert (outcome.effective, outcome.record) == (None, RecordId("orders", 0, 5))


def test_a_plan_for_the_window_leaves_the_bytes_in_the_engine() -> None:
    record = Record("t", 0, -1, None, TimestampType.NOT_AVAILABLE, None, b"v")
    plan = ChangePlan("records.produce", "Produce 1 record", "Produce", "t", (), (), {}, payloads=(record,))
    assert plan.copy_for_window().payloads == ()
    assert plan.payloads == (record,)


@pytest.mark.parametrize(
    ("key", "value", "headers", "size"),
    [
        (None, None, (), 61 + 7),
        (b"", b"", (), 61 + 7),
        (b"k", b"v" * 100, (Header("a", None),), 61 + 1 + 1 + 3 + 2 + 102 + 1 + 3 - 1 + 1),
    ],
)
def test_the_size_of_a_batch_is_that_of_its_format(
    key: bytes | None, value: bytes | None, headers: tuple[Header, ...], size: int
) -> None:
    assert batch_size(key, value, headers) == size
