"""Dead letters go back to where they came from, each once, on the fake cluster."""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kafkaview.cluster.errors import (
    ClientStuck,
    ClusterError,
    NotAuthorized,
    OutcomeUnknown,
    PlanNoLongerHolds,
    Unreachable,
)
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.entry import EntryState, Intent
from kafkaview.journal.sealing import SealingKeys
from kafkaview.journal.store import Journal
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.records.progress import ReadProgress
from kafkaview.session import Session
from kafkaview.terms import Header, Record, RecordId, TimestampType, Topic, TopicPartition
from kafkaview.triage.dead_letters.sent_back import HOPS_HEADER
from kafkaview.triage.mending.rules import Acceptance, AcceptKind, MendRule, RuleKind
from kafkaview.triage.redrive.cautions import redrive_cautions
from kafkaview.triage.redrive.outcome import RedriveOutcome, redrive_words
from kafkaview.triage.redrive.plan import RedrivePlan
from kafkaview.triage.redrive.planner import plan_redrive
from kafkaview.triage.redrive.preparation import PreparationNote
from kafkaview.triage.redrive.redrive_memory import read_memory
from kafkaview.triage.redrive.request import RedrivePartition, RedriveRequest
from kafkaview.triage.redrive.tally import RedriveCounts, RedriveTally
from kafkaview.writes.carrying_out import carry_out, find_outcome
from kafkaview.writes.memory_groups import memory_group
from kafkaview.writes.records import batch_room
from kafkaview.writes.steps import WriteStep, WriteStepName
from kafkaview.writes.topic_ids import topic_id
from tests.kit.fake_cluster import FakeCluster
from tests.ui.connections.rings import MemoryRing, keyring

ALL = RedriveRequest("dlq")
FIRST = TopicPartition("dlq", 0)
OWN = (Header("a", None), Header("a", b""), Header("a", b"\xff\x00"))


@pytest.fixture
def cluster() -> FakeCluster:
    made = FakeCluster()
    made.add_topic("orders", 3)
    made.add_topic("dlq", 2)
    return made


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


@pytest.fixture
def tens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions of ten records."""
    monkeypatch.setattr(batch_room, "BATCH_RECORDS", 10)


def named(partition: int | None, offset: int, topic: str = "orders") -> tuple[Header, ...]:
    """The headers of Connect."""
    names = {"topic": topic.encode(), "offset": b"%d" % offset}
    if partition is not None:
        names["partition"] = b"%d" % partition
    return tuple(Header(f"__connect.errors.{name}", value) for name, value in names.items())


def fill(cluster: FakeCluster, count: int = 25) -> None:
    """Dead letters that came from three partitions, in two of the queue."""
    for number in range(count):
        headers = (*OWN, *named(number % 3, number))
        cluster.add_record("dlq", b"v%d" % number, key=b"k%d" % number, partition=number % 2, headers=headers)


def held(cluster: FakeCluster, topic: str = "orders") -> list[Record]:
    """What a read_committed consumer gets, by partition."""
    logs = cluster.logged[topic].logs
    return [one for log in logs for one in log.entries if one is not None and one.offset not in log.aborted]


def values(cluster: FakeCluster) -> list[bytes | None]:
    return sorted((one.value for one in held(cluster)), key=lambda value: (value is not None, value))


def numbered(count: int) -> list[bytes]:
    return sorted(b"v%d" % number for number in range(count))


async def redriven(session: Session, request: RedriveRequest = ALL) -> RedriveOutcome:
    outcome = await carry_out(session, await plan_redrive(session, request))
    assert isinstance(outcome, RedriveOutcome)
    return outcome


async def problem(session: Session, request: RedriveRequest) -> ClusterError:
    plan = await plan_redrive(session, request)
    with pytest.raises(ClusterError) as raised:
        await carry_out(session, plan)
    assert raised.value is plan.problems[0]
    return plan.problems[0]


async def test_dead_letters_come_back_byte_for_byte_and_are_counted(session: Session, cluster: FakeCluster) -> None:
    fill(cluster)
    plan = await plan_redrive(session, ALL)
    assert plan.title == "Send 25 dead letters of dlq back to orders"
    assert plan.counts.document() == {
        "selected": 25, "unchanged": 25, "mended": 0, "failed": 0, "sent": 0, "already_sent": 0, "overtaken": 0,
    }  # fmt: skip
    outcome = await carry_out(session, plan)
    assert isinstance(outcome, RedriveOutcome)
    assert (outcome.doubt, outcome.sent, outcome.result["read_back"]) == ("", 25, 25)
    for one in held(cluster):
        number = int((one.key or b"")[1:])
        assert (one.partition, one.value) == (number % 3, b"v%d" % number)
        assert one.headers == (*OWN, Header(HOPS_HEADER, b"1"))
        assert one.timestamp_ms == held(cluster, "dlq")[0].timestamp_ms or one.timestamp_ms is not None
    assert values(cluster) == numbered(25)
    (entry,) = await session.journal.entries()
    assert (entry.state, entry.intent.kind) == (EntryState.COMMITTED, "redrive")


@pytest.mark.usefixtures("tens")
async def test_a_second_run_sends_nothing_twice(session: Session, cluster: FakeCluster) -> None:
    fill(cluster)
    first = await redriven(session)
    assert (first.sent, first.detail) == (25, "25 dead letters are sent back, all read back byte for byte")
    group = cluster.grouped[memory_group("dlq")]
    assert {place.partition: one.offset for place, one in group.committed.items()} == {0: 13, 1: 12}
    again = await redriven(session)
    assert (again.sent, again.result["counts"]["already_sent"], again.succeeded) == (0, 25, True)
    cluster.add_record("dlq", b"v25", key=b"k25", headers=named(0, 25))
    more = await redriven(session)
    assert (more.sent, more.result["counts"]["already_sent"]) == (1, 25)
    assert values(cluster) == numbered(26)


async def test_some_are_sent_and_later_the_rest(session: Session, cluster: FakeCluster) -> None:
    fill(cluster)
    chosen = (RecordId("dlq", 0, 3), RecordId("dlq", 1, 0), RecordId("dlq", 0, 7), RecordId("dlq", 0, 99))
    outcome = await redriven(session, replace(ALL, records=chosen))
    assert outcome.sent == 3
    assert outcome.result["failed"] == [{"record": "dlq:0:99", "reason": "there is no such dead letter"}]
    assert values(cluster) == [b"v1", b"v14", b"v6"]
    some = await redriven(session, replace(ALL, where='value.startsWith("v1")'))
    assert (some.sent, some.result["counts"]["already_sent"]) == (9, 2)
    rest = await redriven(session)
    assert (rest.sent, rest.result["counts"]["already_sent"]) == (13, 12)
    assert values(cluster) == numbered(25)


@pytest.mark.usefixtures("tens")
@pytest.mark.parametrize("cut", [0, 1, 2])
async def test_what_is_cut_off_goes_on_without_a_second_copy(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, cut: int
) -> None:
    fill(cluster)
    run, calls = cluster.run_transaction, 0

    async def dying(copies: Any, moves: Any, check: Any, fenced: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > cut:
            raise Unreachable("no broker answers")
        return await run(copies, moves, check, fenced)

    monkeypatch.setattr(cluster, "run_transaction", dying)
    plan = await plan_redrive(session, ALL)
    if cut:
        outcome = await carry_out(session, plan)
        assert isinstance(outcome, RedriveOutcome)
        assert (outcome.doubt, outcome.sent) == ("no broker answers", cut * 10)
        assert outcome.hint == "Redrive the queue again: it goes on with what is left."
    else:
        with pytest.raises(Unreachable):
            await carry_out(session, plan)
    monkeypatch.setattr(cluster, "run_transaction", run)
    rest = await redriven(session)
    assert (rest.sent, rest.result["counts"]["already_sent"]) == (25 - cut * 10, cut * 10)
    assert values(cluster) == numbered(25)


@pytest.mark.usefixtures("tens")
async def test_a_commit_without_an_answer_is_found_out_from_the_group(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cluster)
    run = cluster.run_transaction

    async def unanswered(*arguments: Any) -> Any:
        await run(*arguments)
        raise OutcomeUnknown("no answer")

    monkeypatch.setattr(cluster, "run_transaction", unanswered)
    outcome = await redriven(session)
    monkeypatch.setattr(cluster, "run_transaction", run)
    assert (outcome.sent, outcome.result["transaction"]) == (10, "committed")
    assert (await redriven(session)).sent == 15
    assert values(cluster) == numbered(25)


@pytest.mark.usefixtures("tens")
async def test_of_two_at_once_the_later_one_goes_on(session: Session, cluster: FakeCluster) -> None:
    fill(cluster, 95)
    cluster.delays["commit"] = 0.01
    others: list[asyncio.Future[RedriveOutcome]] = []

    def begin_another(step: WriteStep) -> None:
        if step.detail == "20 of 95 dead letters" and not others:
            others.append(asyncio.ensure_future(redriven(session)))

    first = await carry_out(session, await plan_redrive(session, ALL), begin_another)
    assert "Another redrive of dlq has begun meanwhile" in first.doubt
    (second,) = await asyncio.gather(*others)
    assert isinstance(first, RedriveOutcome)
    assert first.sent + second.sent == 95
    assert second.result["counts"]["already_sent"] == first.sent
    assert values(cluster) == numbered(95)


@pytest.mark.usefixtures("tens")
async def test_a_redrive_ends_between_transactions_where_it_is_stopped(session: Session, cluster: FakeCluster) -> None:
    fill(cluster)
    plan = await plan_redrive(session, ALL)
    stop = plan.stop
    assert stop is not None

    def stop_then(step: WriteStep) -> None:
        if step.detail == "10 of 25 dead letters":
            assert step.name is WriteStepName.WRITE, "the step at which the window offers to stop"
            stop()

    outcome = await carry_out(session, plan, stop_then)
    assert (outcome.doubt, outcome.detail) == ("It was stopped", "10 of 25 dead letters are sent back")
    assert (await redriven(session)).sent == 15
    assert values(cluster) == numbered(25)


@pytest.mark.usefixtures("tens")
async def test_a_cancelled_redrive_leaves_whole_transactions_and_says_what_stands(
    session: Session, cluster: FakeCluster
) -> None:
    fill(cluster)
    cluster.delays["commit"] = 0.02
    plan = await plan_redrive(session, ALL)

    def cancel_then(step: WriteStep) -> None:
        if step.detail == "10 of 25 dead letters":
            work.cancel()

    work = asyncio.ensure_future(carry_out(session, plan, cancel_then))
    with pytest.raises(asyncio.CancelledError):
        await work
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.COMMITTED
    assert entry.outcome is not None
    assert entry.outcome["counts"]["sent"] == len(held(cluster))
    assert (await redriven(session)).sent == 25 - entry.outcome["counts"]["sent"]
    assert values(cluster) == numbered(25)


@pytest.mark.usefixtures("tens")
@pytest.mark.parametrize("notes", [1, 2, 3])
async def test_a_window_whose_engine_died_learns_what_stands(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, notes: int
) -> None:
    fill(cluster)
    plan = await plan_redrive(session, ALL)
    note, made = session.journal.note, 0

    async def killed(entry_id: int, outcome: Any) -> None:
        nonlocal made
        made += 1
        await note(entry_id, outcome)
        if made == notes:
            raise KeyboardInterrupt

    monkeypatch.setattr(session.journal, "note", killed)
    with pytest.raises(KeyboardInterrupt):
        await carry_out(session, plan)
    monkeypatch.undo()
    monkeypatch.setattr(batch_room, "BATCH_RECORDS", 10)
    kept = plan.copy_for_window()
    assert isinstance(kept, RedrivePlan)
    told = await find_outcome(session, kept, 0)
    assert isinstance(told, RedriveOutcome)
    assert (told.sent, told.doubt) == ((notes - 1) * 10, "kafkaview ended before all were sent")
    (entry,) = await session.journal.entries()
    assert entry.state is (EntryState.COMMITTED if notes > 1 else EntryState.NONE)
    assert (await redriven(session)).sent == 25 - told.sent
    assert values(cluster) == numbered(25)


async def test_a_redrive_that_had_ended_is_told_as_the_journal_has_it(session: Session, cluster: FakeCluster) -> None:
    fill(cluster)
    plan = await plan_redrive(session, ALL)
    outcome = await carry_out(session, plan)
    before = await session.journal.entries()
    kept = plan.copy_for_window()
    assert isinstance(kept, RedrivePlan)
    told = await find_outcome(session, kept, 0)
    assert isinstance(told, RedriveOutcome)
    assert (told.sent, told.doubt, told.document()) == (25, "", outcome.document())
    assert told.detail == "25 dead letters are sent back"
    assert await session.journal.entries() == before, "it is not written again"


@pytest.mark.usefixtures("tens")
async def test_what_the_journal_knows_is_not_forgotten_with_the_group(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cluster)
    plan = await plan_redrive(session, ALL)
    note, made = session.journal.note, 0

    async def killed(entry_id: int, outcome: Any) -> None:
        nonlocal made
        made += 1
        await note(entry_id, outcome)
        if made == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(session.journal, "note", killed)
    with pytest.raises(KeyboardInterrupt):
        await carry_out(session, plan)
    monkeypatch.undo()
    cluster.grouped.clear()
    kept = plan.copy_for_window()
    assert isinstance(kept, RedrivePlan)
    told = await find_outcome(session, kept, 0)
    assert isinstance(told, RedriveOutcome)
    assert (told.sent, told.unsure, told.result["transaction"]) == (20, True, "unknown")
    (entry,) = await session.journal.entries()
    assert entry.outcome is not None
    assert entry.outcome["redriven"]["sending"], "nobody can tell what became of the third"
    assert (await plan_redrive(session, ALL)).counts.already_sent == 20


async def test_the_journal_remembers_what_brokers_have_forgotten(session: Session, cluster: FakeCluster) -> None:
    fill(cluster)
    await redriven(session, replace(ALL, records=(RecordId("dlq", 0, 1), RecordId("dlq", 1, 5))))
    cluster.grouped.clear()
    plan = await plan_redrive(session, ALL)
    assert plan.counts.already_sent == 2
    assert any(one.consequence.startswith("2 dead letters are taken as sent") for one in plan.cautions)
    assert (await redriven(session)).sent == 23
    assert values(cluster) == numbered(25)


async def test_what_nobody_can_tell_any_more_stays(session: Session, cluster: FakeCluster) -> None:
    fill(cluster, 4)
    plan = await plan_redrive(session, ALL)
    document = {**plan.document}
    intent = Intent("redrive", "", "", "fake", (await cluster.describe()).cluster_id, document)
    entry = await session.journal.begin(intent, ())
    sending = {"sent": {}, "sending": {"0": {"0": _packed(1)}}}
    await session.journal.note(entry, {"redriven": sending})
    assert (await plan_redrive(session, ALL)).counts.failed == 0  # a day has not passed: the group would know
    await _age(session.journal, entry)
    plan = await plan_redrive(session, ALL)
    assert [str(one.record) for one in plan.staying] == ["dlq:0:1"]
    assert "the group that would tell whether it stands has expired" in plan.staying[0].reason


def _packed(*offsets: int) -> str:
    from kafkaview.triage.redrive.offset_set import OffsetSet

    return OffsetSet.of(offsets).pack(0)


async def _age(journal: Journal, entry: int) -> None:
    await journal._writing.run(
        lambda db: db.execute("UPDATE entry SET begun_at_ms = 0 WHERE id = ?", (entry,)).rowcount
    )


async def test_a_queue_that_was_made_anew_has_no_memory(session: Session, cluster: FakeCluster) -> None:
    fill(cluster, 4)
    assert (await redriven(session)).sent == 4
    kept = dict(cluster.grouped[memory_group("dlq")].committed)
    del cluster.logged["dlq"]
    cluster.add_topic("dlq", 2)
    cluster.grouped[memory_group("dlq")].committed.update(kept)
    fill(cluster, 3)
    assert (await redriven(session)).sent == 3


async def test_markers_of_transactions_do_not_hold_the_group_back(session: Session, cluster: FakeCluster) -> None:
    for number in range(4):
        cluster.add_record("dlq", b"v%d" % number, headers=named(0, number))
        cluster.log(FIRST).mark()
    assert (await redriven(session)).sent == 4
    assert cluster.grouped[memory_group("dlq")].committed[FIRST].offset == 8


async def test_without_a_named_origin_a_topic_is_needed(session: Session, cluster: FakeCluster) -> None:
    cluster.add_record("dlq", b"v0", key=b"k", headers=OWN)
    found = await problem(session, ALL)
    assert found.message == "None of 1 dead letter can be sent back: no header of a known dialect names its origin"
    assert (found.hint, found.exit_code) == ("Name the topic with --to.", 4)
    outcome = await redriven(session, replace(ALL, to="orders"))
    assert (outcome.sent, outcome.succeeded) == (1, True)
    assert held(cluster)[0].headers == (*OWN, Header(HOPS_HEADER, b"1"))


async def test_a_partition_that_is_gone_is_asked_about(session: Session, cluster: FakeCluster) -> None:
    cluster.add_record("dlq", b"v0", key=b"k", headers=named(2, 1))
    cluster.add_record("dlq", b"v1", key=b"k", headers=named(7, 1))
    found = await problem(session, ALL)
    assert "1 dead letter cannot go back to the same partition: orders has no partition 7 any more" in found.message
    assert "--partition key" in found.hint
    outcome = await redriven(session, replace(ALL, partition=RedrivePartition.KEY))
    assert (outcome.sent, len({one.partition for one in held(cluster)})) == (2, 1)


@pytest.mark.parametrize("to", ["dlq", None])
async def test_a_loop_is_refused(session: Session, cluster: FakeCluster, to: str | None) -> None:
    cluster.add_record("dlq", b"v0", key=b"k", headers=named(0, 1, "dlq"))
    found = await problem(session, replace(ALL, to=to))
    assert ("dlq is the queue itself" if to else "it came from dlq itself") in found.message
    assert len(held(cluster, "dlq")) == 1


async def test_letters_of_a_topic_that_may_not_be_seen_stay_alone(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.add_record("dlq", b"v0", headers=named(0, 1, "secret"))
    cluster.add_record("dlq", b"v1", headers=named(0, 1, ""))
    cluster.add_record("dlq", b"v2", headers=named(0, 1))
    find = cluster.topic

    async def topic(name: str) -> Topic:
        if name == "secret":
            raise NotAuthorized("describing the topic: TOPIC_AUTHORIZATION_FAILED")
        return await find(name)

    monkeypatch.setattr(cluster, "topic", topic)
    outcome = await redriven(session)
    assert [one.value for one in held(cluster)] == [b"v2"]
    reasons = [one["reason"] for one in outcome.result["failed"]]
    assert reasons == ["the topic secret may not be seen", "its headers do not name its origin"]


async def test_what_its_topic_would_not_take_stays_with_the_reason(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("small", settings={"max.message.bytes": "500", "cleanup.policy": "compact"})
    cluster.add_record("dlq", random.Random(7).randbytes(900), key=b"k", headers=named(0, 1, "small"))
    cluster.add_record("dlq", b"v1", headers=named(0, 1, "small"))
    cluster.add_record("dlq", b"v2", key=b"k", headers=named(0, 1, "small"))
    cluster.add_record("dlq", b"v3", key=b"k", headers=named(0, 1, "nowhere"))
    outcome = await redriven(session)
    assert [one.value for one in held(cluster, "small")] == [b"v2"]
    reasons = [one["reason"] for one in outcome.result["failed"]]
    assert reasons[1:] == ["small is compacted and takes no record without a key", "there is no topic nowhere any more"]
    assert "small takes 500" in reasons[0]
    assert (outcome.succeeded, outcome.result["counts"]["failed"]) == (True, 3)


async def test_what_the_topics_format_still_cannot_read_is_said_first(session: Session, cluster: FakeCluster) -> None:
    for number in range(30):
        cluster.add_record("orders", b'{"n":%d}' % number, partition=number % 3)
    for value in (b'{"n":', b'{"n":1}', b'{"n"'):
        cluster.add_record("dlq", value, headers=named(0, 1))
    plan = await plan_redrive(session, ALL)
    assert plan.cautions[0].consequence == "2 records cannot be read as the topic's format."
    mended = replace(ALL, mend=MendRule(RuleKind.CEL, b'{"n": 1}'))
    assert not any("cannot be read" in one.consequence for one in (await plan_redrive(session, mended)).cautions)


async def test_newer_records_of_the_same_keys_are_counted(session: Session, cluster: FakeCluster) -> None:
    for number in range(12):
        cluster.add_record("orders", b"o", key=b"k%d" % (number % 3), partition=1)
    for offset, key in ((0, b"k0"), (7, b"k1"), (4, b"k1"), (5, b"k2")):
        cluster.add_record("dlq", b"v", key=key, headers=named(1, offset))
    plan = await plan_redrive(session, ALL)
    assert plan.counts.overtaken == 3 + 1 + 2  # k0 at 3, 6, 9; k1 at 10, 7 being a dead letter's own; k2 at 8, 11
    assert plan.cautions[0].consequence == "6 newer records of the same keys are overtaken."
    elsewhere = await plan_redrive(session, replace(ALL, to="orders"))
    assert elsewhere.counts.overtaken == 6
    cluster.add_topic("copy", 3)
    assert (await plan_redrive(session, replace(ALL, to="copy"))).counts.overtaken is None


def share(offset: int) -> tuple[Header, ...]:
    names = {"topic": b"orders", "partition": b"1", "offset": b"%d" % offset, "group": b"g"}
    return tuple(Header(f"__dlq.errors.{name}", value) for name, value in names.items())


async def test_what_was_not_copied_is_fetched_and_never_a_tombstone(session: Session, cluster: FakeCluster) -> None:
    cluster.add_record("orders", b"v0", key=b"k0", partition=1, headers=OWN)
    cluster.add_record("orders", b"v1", key=b"k1", partition=1)
    for offset in (0, 1, 2, 3):
        cluster.add_record("dlq", None, headers=share(offset))
    kept = Record("orders", 1, 2, 1_790_000_000_777, TimestampType.CREATE_TIME, b"k2", b"v2", OWN)
    intent = Intent("reroute", "", "", "fake", (await cluster.describe()).cluster_id, {})
    await session.journal.begin(intent, [kept])
    plan = await plan_redrive(session, ALL)
    assert any("3 records were not copied into the queue." in one.consequence for one in plan.cautions)
    outcome = await carry_out(session, plan)
    assert isinstance(outcome, RedriveOutcome)
    assert outcome.result["failed"] == [
        {
            "record": "dlq:0:3",
            "reason": "its key and value were not copied, and orders:1:3 is neither there any more nor in the journal",
        }
    ]
    found = held(cluster)[2:]
    assert [(one.key, one.value) for one in found] == [(b"k0", b"v0"), (b"k1", b"v1"), (b"k2", b"v2")]
    assert [one.headers for one in found] == [
        (*OWN, Header(HOPS_HEADER, b"1")), (Header(HOPS_HEADER, b"1"),), (*OWN, Header(HOPS_HEADER, b"1")),
    ]  # fmt: skip
    assert found[2].timestamp_ms == 1_790_000_000_777


async def test_what_was_not_copied_is_read_from_an_encrypted_journal_while_its_key_is_there(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    ring = MemoryRing()
    journal = Journal(tmp_path / "sealed.sqlite3", SealingKeys(keyring(ring)))
    session = replace(session, journal=journal)
    cluster.add_record("dlq", None, headers=share(2))
    kept = Record("orders", 1, 2, 1_790_000_000_777, TimestampType.CREATE_TIME, b"k2", b"v2", OWN)
    intent = Intent("reroute", "", "", "fake", (await cluster.describe()).cluster_id, {})
    await journal.begin(intent, [kept], JournalRules(PayloadForm.ENCRYPTED))
    keys = dict(ring.entries)
    ring.entries.clear()
    without = replace(session, journal=Journal(journal.path, SealingKeys(keyring(ring))))
    (left,) = (await plan_redrive(without, ALL)).staying
    assert "orders:1:2 is in the journal alone: The record is encrypted, and its key" in left.reason
    ring.entries.update(keys)
    assert (await redriven(without)).sent == 1
    assert [(one.key, one.value) for one in held(cluster)] == [(b"k2", b"v2")]
    await journal.close()
    await without.journal.close()


async def test_a_missing_right_is_told_beforehand(session: Session, cluster: FakeCluster) -> None:
    fill(cluster, 2)
    cluster.transactions.refused = [NotAuthorized("The right WRITE on Topic orders is missing")]
    assert (await problem(session, ALL)).exit_code == 5
    assert held(cluster) == []


async def test_a_target_that_was_made_anew_since_the_plan_gets_nothing(session: Session, cluster: FakeCluster) -> None:
    fill(cluster, 2)
    plan = await plan_redrive(session, ALL)
    del cluster.logged["orders"]
    cluster.add_topic("orders", 3)
    with pytest.raises(PlanNoLongerHolds):
        await carry_out(session, plan)
    assert held(cluster) == []


async def test_what_another_redrive_has_sent_meanwhile_is_said(session: Session, cluster: FakeCluster) -> None:
    fill(cluster, 6)
    plan = await plan_redrive(session, ALL)
    await redriven(session, replace(ALL, records=(RecordId("dlq", 0, 0), RecordId("dlq", 0, 2))))
    outcome = await carry_out(session, plan)
    assert isinstance(outcome, RedriveOutcome)
    assert (outcome.sent, outcome.partial, outcome.doubt) == (4, True, "")
    assert (
        outcome.detail
        == outcome.message
        == ("4 of 6 dead letters are sent back; 2 were sent back meanwhile by another redrive")
    )


async def test_a_dead_letter_that_is_removed_meanwhile_is_said(session: Session, cluster: FakeCluster) -> None:
    fill(cluster, 6)
    plan = await plan_redrive(session, ALL)
    cluster.retain(FIRST, 2)
    outcome = await carry_out(session, plan)
    assert outcome.doubt == "2 dead letters are not there any more"
    assert isinstance(outcome, RedriveOutcome)
    assert outcome.sent == 4


async def test_values_are_mended_by_a_rule_and_those_that_are_not_accepted_stay(
    session: Session, cluster: FakeCluster
) -> None:
    for number, value in enumerate((b'{"id": 1}', b'{"id": "2"}', b'{"id": "x"}', b"<no json>", None)):
        cluster.add_record("dlq", value, key=b"k%d" % number, headers=(*OWN, *named(0, number)))
    schema = b'{"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}'
    rule = MendRule(RuleKind.CEL, b"{'id': int(value.id)}")
    request = replace(ALL, mend=rule, accept=Acceptance(AcceptKind.JSON_SCHEMA, schema, "orders.json"))
    plan = await plan_redrive(session, request)
    counts = plan.counts
    assert (counts.selected, counts.unchanged, counts.mended, counts.failed) == (5, 1, 1, 3)
    assert [str(one.record) for one in plan.staying] == ["dlq:0:2", "dlq:0:3", "dlq:0:4"]
    assert "--accept jsonschema:orders.json" in " ".join(plan.line)
    assert plan.rows[0].after == "2 dead letters to send in 1 transaction, 1 of them mended"
    outcome = await carry_out(session, plan)
    assert isinstance(outcome, RedriveOutcome)
    assert outcome.detail == "2 dead letters are sent back, 1 of them mended and all read back byte for byte"
    assert (outcome.sent, outcome.result["counts"]["mended"], outcome.succeeded) == (2, 1, True)
    assert [json.loads(one.value or b"") for one in held(cluster)] == [{"id": 1}, {"id": 2}]
    assert all(one.headers == (*OWN, Header(HOPS_HEADER, b"1")) for one in held(cluster))
    again = await redriven(session, ALL)
    assert (again.sent, again.result["counts"]["already_sent"]) == (3, 2)


async def test_a_rule_in_python_has_ended_with_the_plan_and_with_the_redrive(
    session: Session, cluster: FakeCluster, tmp_path: Path
) -> None:
    cluster.add_record("dlq", b'{"id": 1}', key=b"k", headers=named(0, 0))
    source = b"def mend(record):\n    return b'mended'\n"
    plan = await plan_redrive(session, replace(ALL, mend=MendRule(RuleKind.PYTHON, source, str(tmp_path / "rule.py"))))
    assert plan.counts.mended == 1
    assert plan.rows[0].after == "1 dead letter to send in 1 transaction, mended"
    outcome = await carry_out(session, plan)
    assert (outcome.succeeded, values(cluster)) == (True, [b"mended"])
    assert isinstance(outcome, RedriveOutcome)
    assert outcome.detail == "1 dead letter is sent back, mended and read back byte for byte"
    edited = await plan_redrive(session, replace(ALL, records=(RecordId("dlq", 0, 0),)))
    assert edited.counts.already_sent == 1


async def test_where_all_that_can_be_sent_were_the_rest_is_no_refusal(session: Session, cluster: FakeCluster) -> None:
    cluster.add_record("dlq", b"v0", key=b"k", headers=named(0, 0))
    cluster.add_record("dlq", b"v1", key=b"k")
    assert (await redriven(session)).sent == 1
    again = await redriven(session)
    assert (again.sent, again.result["counts"]["failed"], again.succeeded) == (0, 1, True)


async def test_a_header_whose_name_the_client_cuts_keeps_its_letter_where_it_is(
    session: Session, cluster: FakeCluster
) -> None:
    fill(cluster, 2)
    place = RecordId("dlq", 1, 0)
    cluster.whole_names[place] = ("a\0b", *(header.key for header in (*OWN[1:], *named(1, 1))))
    outcome = await redriven(session)
    assert outcome.sent == 1
    (stays,) = outcome.result["failed"]
    assert (stays["record"], "holds NUL" in stays["reason"]) == (str(place), True)


async def test_what_brokers_do_not_take_stays_and_is_not_remembered_as_sent(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.add_topic("small", settings={"max.message.bytes": "520"})
    large = base64.b64encode(random.Random(7).randbytes(400))  # the plan takes it for small once it is packed
    for number in range(20):
        value = large if number in (3, 4, 17) else b"v%d" % number
        cluster.add_record("dlq", value, key=b"k", headers=named(0, number, "small"))
    outcome = await redriven(session)
    assert [one["record"] for one in outcome.result["failed"]] == ["dlq:0:3", "dlq:0:4", "dlq:0:17"]
    assert (outcome.sent, len(held(cluster, "small")), outcome.succeeded) == (17, 17, True)
    again = await redriven(session)
    assert (again.sent, again.result["counts"]["already_sent"], again.result["counts"]["failed"]) == (0, 17, 3)
    cluster.logged["small"].settings["max.message.bytes"] = "1000"
    assert (await redriven(session)).sent == 3


@pytest.mark.usefixtures("tens")
async def test_a_client_that_does_not_come_back_is_replaced_by_another(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cluster)
    run, calls = cluster.run_transaction, 0

    async def stuck(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ClientStuck("the client library does not come back")
        return await run(*arguments)

    monkeypatch.setattr(cluster, "run_transaction", stuck)
    outcome = await redriven(session)
    assert (outcome.sent, outcome.doubt, outcome.result["counts"]["already_sent"]) == (25, "", 0)
    assert values(cluster) == numbered(25)
    assert cluster.calls["transactor"] == 2


@pytest.mark.usefixtures("tens")
async def test_what_was_sent_before_a_new_producer_is_remembered_though_its_group_is_gone(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cluster)
    run, calls = cluster.run_transaction, 0

    async def stuck(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 2:
            cluster.grouped.clear()
            raise ClientStuck("the client library does not come back")
        return await run(*arguments)

    monkeypatch.setattr(cluster, "run_transaction", stuck)
    assert (await redriven(session)).sent == 25
    memory = await read_memory(cluster, "dlq", topic_id(await cluster.topic("dlq")), [0])
    assert [sum(offset in memory.partitions[one] for offset in range(20)) for one in range(2)] == [13, 12]


@pytest.mark.parametrize(
    ("counts", "read_back", "words"),
    [
        (RedriveCounts(5, 2, 3, 0, 0, 0, sent=5), None, "5 dead letters are sent back, 3 of them mended"),
        (RedriveCounts(5, 0, 5, 0, 0, 0, sent=5), None, "5 dead letters are sent back, all mended"),
        (RedriveCounts(1, 0, 1, 0, 0, 0, sent=1), None, "1 dead letter is sent back, mended"),
        (RedriveCounts(1, 1, 0, 0, 0, 0, sent=1), 1, "1 dead letter is sent back, read back byte for byte"),
        (RedriveCounts(5, 2, 3, 0, 0, 0, sent=1), 1, "1 of 5 dead letters is sent back"),
        (RedriveCounts(5, 2, 3, 0, 0, 0, sent=3), 3, "3 of 5 dead letters are sent back"),
    ],
)
def test_what_was_sent_is_said_in_its_number(counts: RedriveCounts, read_back: int | None, words: str) -> None:
    assert redrive_words(counts, read_back) == words


@pytest.mark.parametrize(("many", "sentence"), [(1, "1 record goes to the partition of its key."), (2, "2 records go")])
def test_a_caution_about_records_is_in_their_number(many: int, sentence: str) -> None:
    tally = RedriveTally(notes=Counter({PreparationNote.BY_KEY: many}))
    (caution,) = redrive_cautions("dlq", tally, ReadProgress(), 0, 0)
    assert caution.consequence.startswith(sentence)
