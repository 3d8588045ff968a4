"""The run of a watch on the fake cluster: what is told, what is passed, and where a partition stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import NotAuthorized, OutcomeUnknown, ReadOnly, RecordTooLarge, RefusedHere, Unreachable
from kafkaview.cluster.ports.group_member import CommittedCopy, MemberPoll
from kafkaview.cluster.ports.schemas import RegisteredSchema, SchemaReference
from kafkaview.cluster.read_only import ReadOnlyCluster
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.entry import EntryState
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import Header, RecordId, TopicPartition
from kafkaview.triage.group_watch import run as running
from kafkaview.triage.group_watch.facts import look_at_watch
from kafkaview.triage.group_watch.figures import WatchFigures
from kafkaview.triage.group_watch.plan import plan_group_watch
from kafkaview.triage.group_watch.request import GroupWatchRequest
from kafkaview.triage.group_watch.run import GroupWatchRun
from kafkaview.triage.scan.findings import Finding
from kafkaview.triage.scan.rules import read_rule
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.stopping import Stopping
from tests.kit.fake_cluster import FakeCluster
from tests.kit.fake_group_member import FakeGroupMember
from tests.kit.patience import patience
from tests.unit.decode.registered import MemoryRegistry, framed

BAD = b"{"


class Ear:
    """Hears what a watch tells."""

    def __init__(self) -> None:
        self.findings: list[RecordId] = []
        self.copies: list[CommittedCopy] = []
        self.standing: list[RecordId] = []
        self.complaints: list[str] = []
        self.figures = WatchFigures()
        self.full = asyncio.Event()  # three copies

    def found(self, finding: Finding) -> None:
        self.findings.append(finding.record)

    def copied(self, copy: CommittedCopy) -> None:
        self.copies.append(copy)
        if len(self.copies) == 3:
            self.full.set()

    def stands(self, record: RecordId, reason: str) -> None:  # noqa: ARG002
        self.standing.append(record)

    def complains(self, sentence: str) -> None:
        self.complaints.append(sentence)

    def counted(self, figures: WatchFigures) -> None:
        self.figures = figures


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("orders", partitions=2)
    cluster.add_topic("queue", partitions=2)
    for number in range(20):
        cluster.add_record("orders", BAD if number in (3, 4, 13) else b"{}", partition=number // 10)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_home: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_home / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


def request(rule: str = "json", dlq: str | None = "queue") -> GroupWatchRequest:
    return GroupWatchRequest(("orders",), (read_rule(rule),), dlq=dlq)


async def watched(session: Session, ear: Ear, until: Callable[[], bool], asked: GroupWatchRequest) -> None:
    """Runs a watch until a condition holds."""
    stopping = Stopping()
    watching = GroupWatchRun(session, await look_at_watch(session, asked), ear, stopping)

    async def note(_figures: WatchFigures) -> None:
        await asyncio.sleep(0.01)
        if until():
            stopping.ask()

    async with asyncio.timeout(patience(10)):
        await watching.run(note)


def committed(cluster: FakeCluster, partition: int) -> int | None:
    group = cluster.grouped.get("kafkaview-watch-orders")
    known = group.committed.get(TopicPartition("orders", partition)) if group is not None else None
    return known.offset if known is not None else None


async def test_poison_is_told_and_copied_and_all_is_passed(session: Session, cluster: FakeCluster) -> None:
    ear = Ear()
    await watched(session, ear, lambda: len(ear.copies) == 3, request())
    expected = [RecordId("orders", 0, 3), RecordId("orders", 0, 4), RecordId("orders", 1, 3)]
    assert (ear.findings, [copy.source for copy in ear.copies]) == (expected, expected)
    assert [copy.target for copy in ear.copies] == [
        RecordId("queue", 0, 0), RecordId("queue", 0, 1), RecordId("queue", 1, 0),
    ]  # fmt: skip
    assert (committed(cluster, 0), committed(cluster, 1)) == (10, 10)
    assert (ear.figures.records.total(), ear.figures.findings["orders", "json"], ear.figures.up) == (20, 3, False)
    again = Ear()
    cluster.add_record("orders", BAD)
    await watched(session, again, lambda: bool(again.copies), request())
    assert (again.findings, again.figures.records.total()) == ([RecordId("orders", 0, 10)], 1)


async def test_without_a_queue_nothing_is_copied_and_all_is_passed(session: Session, cluster: FakeCluster) -> None:
    ear = Ear()
    await watched(session, ear, lambda: committed(cluster, 1) == 10, request(dlq=None))
    assert (len(ear.findings), ear.copies) == (3, [])


@pytest.mark.parametrize("anew", [True, False])
async def test_a_log_that_ends_before_what_was_read_is_of_a_new_topic_or_was_cut(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, *, anew: bool
) -> None:
    poll, place, polls = FakeGroupMember.poll, TopicPartition("orders", 0), 0

    async def shortened(member: FakeGroupMember) -> MemberPoll:
        nonlocal polls
        polls += 1
        if polls != 3:
            return await poll(member)
        if anew:
            cluster.logged["orders"].id = bytes(range(16))
        return replace(await poll(member), shortened=frozenset((place,)))

    monkeypatch.setattr(FakeGroupMember, "poll", shortened)
    ear = Ear()
    await watched(session, ear, lambda: polls == 5, request(dlq=None))
    assert len(ear.findings) == (6 if anew else 3)
    (said,) = ear.complaints
    assert ("made anew: it is read from its beginning" if anew else "orders:0 ends before what was read") in said


async def test_a_topic_that_is_made_anew_and_longer_than_what_was_read_is_read_from_its_beginning(
    session: Session, cluster: FakeCluster
) -> None:
    ear = Ear()

    def refilled() -> bool:
        if len(ear.copies) == 3 and not ear.standing:
            cluster.whole_names[cluster.add_record("orders", BAD, headers=[Header("a", b"")])] = ("a\0b",)
        if ear.standing and cluster.logged["orders"].id != bytes(range(16)):
            cluster.logged["orders"].id = bytes(range(16))
            cluster.add_record("orders", b"{}", partition=1)
            cluster.whole_names.clear()  # where the old topic had a record at which its partition stood
        return len(ear.copies) == 7

    await watched(session, ear, refilled, request())
    expected = [RecordId("orders", 0, 3), RecordId("orders", 0, 4), RecordId("orders", 1, 3)]
    behind = RecordId("orders", 0, 10)
    assert (ear.standing, ear.findings) == ([behind], [*expected, behind, *expected[:2], behind, *expected[2:]])
    assert ear.complaints == ["The topic orders was deleted and made anew: it is read from its beginning."]
    assert (committed(cluster, 0), committed(cluster, 1)) == (11, 11)


async def test_nothing_is_passed_while_brokers_do_not_tell_whether_a_topic_was_made_anew(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_TRY_AGAIN_S", 0.01)
    stopping, ear, looks = Stopping(), Ear(), 0
    watching = GroupWatchRun(session, await look_at_watch(session, request()), ear, stopping)
    cluster.failures["topic"] = Unreachable("No broker answers")

    async def note(_figures: WatchFigures) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            assert (committed(cluster, 0), ear.findings) == (None, [])
            del cluster.failures["topic"]
        elif len(ear.copies) == 3:
            stopping.ask()

    async with asyncio.timeout(patience(10)):
        await watching.run(note)
    assert ear.complaints == ["No broker answers."]


async def test_a_partition_stands_at_a_record_that_cannot_be_copied_and_is_tried_again(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = cluster.add_record("orders", BAD, headers=[Header("a", b"")])
    behind = cluster.add_record("orders", BAD)
    cluster.whole_names[odd] = ("a\0b",)
    ear = Ear()
    await watched(session, ear, lambda: len(ear.copies) == 3 and bool(ear.standing), request())
    assert (ear.standing, committed(cluster, 0), committed(cluster, 1)) == ([odd], odd.offset, 10)
    assert behind in ear.findings  # it is told though it is not passed
    assert ear.figures.document()["held"][0]["record"] == str(odd)
    monkeypatch.setattr(running, "HELD_S", 0.05)
    later, looks = Ear(), 0

    def mended() -> bool:
        nonlocal looks
        looks += 1
        if looks == 20:
            cluster.whole_names.clear()
        return len(later.copies) == 2

    await watched(session, later, mended, request())
    assert ([copy.source for copy in later.copies], later.standing) == ([odd, behind], [odd])
    assert committed(cluster, 0) == 12


async def test_what_the_brokers_refuse_is_held_and_told_once(session: Session, cluster: FakeCluster) -> None:
    cluster.failures["transact"] = RecordTooLarge("too large", "Raise it.")
    ear = Ear()
    await watched(session, ear, lambda: bool(ear.standing), request())
    assert ear.standing[0] == RecordId("orders", 0, 3)
    assert len(ear.standing) == len(set(ear.standing))
    assert (ear.copies, committed(cluster, 0)) == ([], None)
    assert len(ear.findings) == len(set(ear.findings)) == 3


async def test_nothing_is_passed_that_cannot_be_judged(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_TRY_AGAIN_S", 0.01)
    schema = RegisteredSchema("AVRO", '{"type": "record", "name": "A", "fields": []}', (), (("orders-value", 1),))
    known, away = MemoryRegistry({7: schema}), [True]

    def ask(reference: SchemaReference) -> RegisteredSchema:
        if away[0]:
            raise Unreachable("the registry is away")
        return known(reference)

    cluster.add_topic("orders")
    cluster.add_record("orders", framed(7, b""))
    cluster.add_record("orders", framed(8, b""))
    registered = Session(session.profile, cluster, TopicDecoders(Schemas(ask)), session.journal)
    ear = Ear()
    monkeypatch.setattr("kafkaview.decode.schemas._UNAVAILABLE_S", 0.0)

    def back() -> bool:
        if ear.complaints and away[0]:
            assert committed(cluster, 0) is None
            away[0] = False
        return committed(cluster, 0) == 2

    await watched(registered, ear, back, request("registry"))
    assert ear.findings == [RecordId("orders", 0, 1)]
    assert "the registry is away" in ear.complaints[0]


async def test_a_watch_is_journalled_and_the_end_that_is_asked_for_is_no_failure(
    session: Session, cluster: FakeCluster
) -> None:
    stopping, ear = Stopping(), Ear()
    plan = await plan_group_watch(session, await look_at_watch(session, request()), ear, stopping)
    assert (plan.kind, plan.title) == ("watch", "Watch orders, copy poison to queue")
    task = asyncio.ensure_future(carry_out(session, plan))
    await asyncio.wait_for(ear.full.wait(), patience(10))
    stopping.ask()
    outcome = await task
    assert (outcome.succeeded, outcome.document()["watched"]["copied"]) == (True, 3)
    (entry,) = await session.journal.entries()
    assert entry.outcome is not None
    assert (entry.state, entry.outcome["watched"]["copied"]) == (EntryState.COMMITTED, 3)
    assert entry.outcome["watched"]["complete"], "its entry may go once it is old"
    assert committed(cluster, 0) == 10


@pytest.mark.parametrize("ends", [True, False])
async def test_a_last_commit_without_an_answer_is_a_doubt(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch, *, ends: bool
) -> None:
    """It may be asked to end, or a topic may not be read any more before a copy is known to stand."""
    close = FakeGroupMember.close

    async def unanswered(member: FakeGroupMember) -> MemberPoll:
        return replace(await close(member), error=OutcomeUnknown("The last commit was sent"))

    monkeypatch.setattr(FakeGroupMember, "close", unanswered)
    stopping, ear = Stopping(), Ear()
    plan = await plan_group_watch(session, await look_at_watch(session, request()), ear, stopping)
    if not ends:
        cluster.failures["poll"] = NotAuthorized("reading orders")
        with pytest.raises(NotAuthorized):
            await carry_out(session, plan)
    else:
        task = asyncio.ensure_future(carry_out(session, plan))
        await asyncio.wait_for(ear.full.wait(), patience(10))
        stopping.ask()
        assert "the last copies may stand" in (await task).doubt
    (entry,) = await session.journal.entries()
    assert entry.state is (EntryState.COMMITTED if ends else EntryState.UNKNOWN)


async def test_a_watch_that_is_interrupted_says_so_in_the_journal(session: Session) -> None:
    ear = Ear()
    plan = await plan_group_watch(session, await look_at_watch(session, request()), ear, Stopping())
    task = asyncio.ensure_future(carry_out(session, plan))
    await asyncio.wait_for(ear.full.wait(), patience(10))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (entry,) = await session.journal.entries()
    assert entry.outcome is not None
    assert (entry.state, entry.outcome["doubt"]) == (EntryState.COMMITTED, "It was interrupted")
    assert entry.outcome["watched"]["copied"] == 3


async def test_what_cannot_work_is_a_problem_of_the_plan(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("tight", settings={"cleanup.policy": "compact"})
    problems = {}
    for dlq in ("orders", "tight", "missing"):
        facts = await look_at_watch(session, request(dlq=dlq))
        plan = await plan_group_watch(session, facts, Ear(), Stopping())
        problems[dlq] = [type(problem).__name__ for problem in plan.problems]
    assert problems == {
        "orders": ["RefusedHere"], "tight": ["RefusedByPolicy"], "missing": ["UnknownTopicOrPartition"],
    }  # fmt: skip
    facts = await look_at_watch(session, GroupWatchRequest(("orders",), dlq="queue", group="gr\u00fcn"))
    plan = await plan_group_watch(session, facts, Ear(), Stopping())
    assert isinstance(plan.problems[0], RefusedHere)


async def test_a_read_only_profile_joins_no_group(session: Session, cluster: FakeCluster) -> None:
    shut = Session(session.profile, ReadOnlyCluster(cluster), session.decoders, session.journal)
    with pytest.raises(ReadOnly, match="group kafkaview-watch-orders was not joined"):
        await watched(shut, Ear(), lambda: False, request())


def test_the_group_is_named_after_the_topics() -> None:
    one, other = GroupWatchRequest(("b", "a")), GroupWatchRequest(("a", "b"))
    assert one.group_name == other.group_name == "kafkaview-watch-a+b"
    assert GroupWatchRequest(("a",), group="mine").group_name == "mine"
    many = GroupWatchRequest(tuple(f"topic-{number}" for number in range(100))).group_name
    assert len(many) < 200
    assert many != GroupWatchRequest(tuple(f"topic-{number}" for number in range(101))).group_name
