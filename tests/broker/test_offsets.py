"""Changes of committed offsets on a real broker: every target by Kafka's own rules, undo, and groups that are read."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as ClientPartition
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.journal.entry import EntryState
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, TopicPartition
from kafkaview.writes import follow_up
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.offsets.planner import plan_delete_group, plan_delete_offsets, plan_offsets
from kafkaview.writes.offsets.request import LiveMembers, MemberWays, OffsetsRequest, parse_target
from kafkaview.writes.offsets.undo import plan_undo_of_offsets
from kafkaview.writes.plan import ChangePlan
from tests.broker.coming_and_going import coming_and_going
from tests.broker.material import Broker, retrier, session_on, wait_until
from tests.broker.offsets_tool import export_by_kafkas_tool, offsets_of
from tests.broker.program import Program

PARTITIONS = 4
FIRST_MS = 1_790_000_000_000
START, END = 5, 40  # of every log


@pytest.fixture(scope="module")
def topic(broker: Broker) -> str:
    """Partitions with the offsets 5 to 40, a record each second."""
    return filled(broker, PARTITIONS, END, START)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(None, tmp_path)


@pytest.fixture
def group() -> str:
    return f"g-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle groups of a test need no seconds of holding: nobody is there to commit late."""
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 0.3)


def filled(broker: Broker, partitions: int, records: int, start: int = 0) -> str:
    topic = broker.topic(partitions=partitions, settings={"retention.ms": "-1"})  # its records are old
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for partition in range(partitions):
        for number in range(records):
            producer.produce(topic, b"%d" % number, partition=partition, timestamp=FIRST_MS + 1000 * number)
    assert producer.flush(10) == 0
    for partition in range(partitions):
        at = ClientPartition(topic, partition, start)
        broker.admin.delete_records([at])[at].result(10)
    return topic


async def stands(session: Session, group: str) -> Mapping[TopicPartition, CommittedOffset]:
    """What OffsetFetch tells, whole."""
    answer = (await session.cluster.committed_offsets([group], require_stable=True))[group]
    assert not isinstance(answer, ClusterError)
    return answer


async def commit(session: Session, group: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> None:
    assert await session.cluster.group_offsets.commit(group, offsets) == {}


async def plan(session: Session, group: str, to: str, **wishes: Any) -> ChangePlan:
    return await plan_offsets(session, OffsetsRequest(group, parse_target(to, group), **wishes))


def goes(plan: ChangePlan) -> dict[TopicPartition, int | None]:
    assert plan.offsets is not None
    return {row.topic_partition: row.after.offset if row.after else None for row in plan.offsets.rows}


@pytest.mark.parametrize(
    ("to", "of_the_tool"),
    [
        ("earliest", ["--to-earliest"]),
        ("latest", ["--to-latest"]),
        ("3", ["--to-offset", "3"]),
        ("17", ["--to-offset", "17"]),
        ("99", ["--to-offset", "99"]),
        ("+20", ["--shift-by", "20"]),
        ("-20", ["--shift-by", "-20"]),
        (f"@{FIRST_MS + 19_500}", ["--to-datetime", "2026-09-21T14:13:39.500"]),
    ],
)
async def test_a_target_lies_where_kafkas_own_tool_puts_it(
    broker: Broker, session: Session, topic: str, group: str, to: str, of_the_tool: list[str]
) -> None:
    await commit(
        session,
        group,
        {TopicPartition(topic, number): CommittedOffset(12 + 9 * number) for number in range(PARTITIONS)},
    )
    answer = await asyncio.to_thread(export_by_kafkas_tool, broker.bootstrap, group, topic, *of_the_tool)
    assert goes(await plan(session, group, to)) == offsets_of(answer)


async def test_a_time_after_all_records_goes_to_the_log_end(session: Session, topic: str, group: str) -> None:
    places = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    await commit(session, group, dict.fromkeys(places, CommittedOffset(12)))
    later, latest = [goes(await plan(session, group, to)) for to in ("@2100-01-01T00:00:00Z", "latest")]
    assert set(later) == set(places)
    assert later == latest


@pytest.mark.usefixtures("quick")
async def test_what_kafkas_tool_exports_is_applied(
    broker: Broker, session: Session, topic: str, group: str, tmp_path: Path
) -> None:
    await commit(session, group, {TopicPartition(topic, number): CommittedOffset(20) for number in range(PARTITIONS)})
    file = tmp_path / "offsets.csv"
    exported = await asyncio.to_thread(export_by_kafkas_tool, broker.bootstrap, group, topic, "--shift-by", "-3")
    file.write_text(exported)
    assert (await carry_out(session, await plan(session, group, f"file:{file}"))).effective
    assert {at.offset for at in (await stands(session, group)).values()} == {17}


COMMITTED = st.none() | st.builds(
    CommittedOffset,
    st.integers(0, 60),
    st.none() | st.integers(0, 7),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40),
)
TARGETS = st.sampled_from(("earliest", "latest", "@2100-01-01T00:00:00Z", "0", "60", "+3", "-3", "+99", "-99")) | (
    st.integers(0, 45).map(str) | st.integers(0, END).map(lambda second: f"@{FIRST_MS + 1000 * second}")
)


@dataclass(frozen=True)
class Change:
    """A random change of a random group."""

    before: tuple[CommittedOffset | None, ...]
    to: str
    named: frozenset[int]
    include_uncommitted: bool


CHANGES = st.builds(
    Change,
    st.tuples(*[COMMITTED] * PARTITIONS),
    TARGETS,
    st.frozensets(st.integers(0, PARTITIONS - 1)),
    st.booleans(),
)


@pytest.mark.parametrize("examples", [30, pytest.param(300, marks=pytest.mark.soak)])
def test_an_undone_change_leaves_exactly_what_stood_before(
    kafka: EmbeddedKafka, topic: str, tmp_path: Path, examples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 0.0)
    became: Counter[str] = Counter()
    opened = session_on(kafka.bootstrap, tmp_path / "journal.sqlite3")
    with asyncio.Runner() as runner:
        session = runner.run(opened.__aenter__())

        @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate])
        @given(CHANGES)
        def change_and_undo(change: Change) -> None:
            became[runner.run(there_and_back(session, topic, change))] += 1

        try:
            change_and_undo()
        finally:
            runner.run(opened.__aexit__(None, None, None))
    print(dict(became))
    assert {"clamped", "plain"} <= set(became)


async def there_and_back(session: Session, topic: str, change: Change) -> str:
    """Makes a change of a group of its own and undoes it; what became of it in a word."""
    group = f"g-{uuid.uuid4().hex[:8]}"
    before = {TopicPartition(topic, number): at for number, at in enumerate(change.before) if at is not None}
    if before:
        await commit(session, group, before)
    named = tuple(TopicPartition(topic, number) for number in sorted(change.named))
    made = await plan(session, group, change.to, partitions=named, include_uncommitted=change.include_uncommitted)
    if made.problems:
        with pytest.raises(type(made.problems[0])):
            await carry_out(session, made)
        assert await stands(session, group) == before
        return "refused"
    done = await carry_out(session, made)
    after = {where: at.offset for where, at in (await stands(session, group)).items()}
    assert after == {where: at.offset for where, at in before.items()} | goes(made)
    undone = await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))
    assert (done.doubt, undone.doubt) == ("", "")
    assert await stands(session, group) == before
    assert made.offsets is not None
    return "clamped" if any(row.clamped for row in made.offsets.rows) else "plain"


@pytest.mark.usefixtures("quick")
async def test_deletions_are_given_back_exactly(session: Session, topic: str, group: str) -> None:
    before = {
        TopicPartition(topic, 0): CommittedOffset(7, 3, "where I was: é"),
        TopicPartition(topic, 2): CommittedOffset(9, None, ""),
    }
    await commit(session, group, before)
    for made in (await plan_delete_offsets(session, group, topic), await plan_delete_group(session, group)):
        done = await carry_out(session, made)
        assert (done.effective, await stands(session, group)) == (True, {})
        await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))
        assert await stands(session, group) == before


@pytest.mark.usefixtures("quick")
async def test_undo_sees_a_group_that_moved_and_a_topic_made_anew(broker: Broker, session: Session, group: str) -> None:
    topic = filled(broker, 1, 10)
    where = TopicPartition(topic, 0)
    await commit(session, group, {where: CommittedOffset(2)})
    done = await carry_out(session, await plan(session, group, "5"))
    await commit(session, group, {where: CommittedOffset(6)})
    with pytest.raises(PlanNoLongerHolds, match="5 was written, now 6"):
        await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))
    await commit(session, group, {where: CommittedOffset(5)})
    await asyncio.to_thread(lambda: broker.admin.delete_topics([topic])[topic].result(10))
    await until(lambda: not broker.exists(topic))
    broker.topic(topic)
    await until(lambda: broker.exists(topic))
    with pytest.raises(PlanNoLongerHolds, match=r"anew|moved"):
        await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))


@contextmanager
def reader_of_its_own(broker: Broker, topic: str, group: str) -> Iterator[None]:
    """A reader that assigns itself a partition and commits its position twice a second, without joining."""
    stop = threading.Event()

    def read() -> None:
        consumer = Consumer({"bootstrap.servers": broker.bootstrap, "group.id": group, "enable.auto.commit": False})
        consumer.assign([ClientPartition(topic, 0, END)])
        while not stop.wait(0.5):
            consumer.poll(0)
            consumer.commit(offsets=[ClientPartition(topic, 0, END)], asynchronous=False)
        consumer.close()

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


async def test_a_reader_that_assigns_itself_is_said_to_have_taken_the_group_back(
    broker: Broker, session: Session, topic: str, group: str
) -> None:
    where = TopicPartition(topic, 0)
    await commit(session, group, {where: CommittedOffset(END)})
    with reader_of_its_own(broker, topic, group):
        outcome = await carry_out(session, await plan(session, group, "earliest"))
    assert outcome.effective is False
    assert "did not hold: 40 is committed again" in outcome.doubt


@pytest.mark.parametrize("changes", [6, pytest.param(100, marks=pytest.mark.soak)])
async def test_a_group_whose_members_come_and_go_is_changed_or_the_change_is_refused(
    broker: Broker, session: Session, group: str, monkeypatch: pytest.MonkeyPatch, changes: int
) -> None:
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 1.0)
    topic, chance, became = await asyncio.to_thread(filled, broker, 1, 2_000), random.Random(changes), Counter[str]()
    where = TopicPartition(topic, 0)
    await commit(session, group, {where: CommittedOffset(0)})
    with coming_and_going(broker.bootstrap, topic, group, changes) as reads:
        for number in range(changes):
            live = list(LiveMembers)[number % 3]
            target = chance.randrange(0, 1_500)
            await asyncio.sleep(chance.uniform(0, 2))
            started = time.monotonic()
            try:
                made = await plan(session, group, str(target), ways=MemberWays(live, 15))
                outcome = await carry_out(session, made)
            except (RefusedHere, PlanNoLongerHolds):
                became[f"{live} refused"] += 1
                continue
            nobody = "no member is in the group" in outcome.doubt  # its next reads show that it was effective
            assert outcome.effective is (None if nobody else True), (live, target, outcome)
            became[f"{live} applied"] += 1
            await until(lambda: target in reads.since(started))  # noqa: B023 - it is over before they change
    states = {entry.state for entry in await session.journal.entries()}
    print(dict(became))
    assert states <= {EntryState.COMMITTED, EntryState.ABORTED}
    assert sum(count for name, count in became.items() if name.endswith("applied"))


async def until(condition: Callable[[], bool]) -> None:
    """Waits for a condition; fails where it does not come."""
    await asyncio.to_thread(wait_until, condition)


def test_the_program_plans_applies_and_gives_back(broker: Broker, program: Program, topic: str, group: str) -> None:
    broker.commit(group, topic, 30, "kept")
    line = ("--bootstrap", broker.bootstrap, "offsets")
    code, planned = program.ask(*line, "plan", group, "--to", "-99")
    row = {"topic": topic, "partition": 0, "before": 30, "after": 5, "clamped": True}
    assert (code, planned["applied"], planned["effective"], planned["journal_id"]) == (0, False, None, None)
    assert planned["plan"][0] == planned["plan"][0] | row | {"records_skipped": 0, "records_repeated": 25}
    code, done = program.ask(*line, "apply", group, "--to", "-99", "--yes")
    assert (code, done["applied"], done["effective"]) == (0, True, True)
    assert broker.committed_offsets(group, topic) == 5
    code, undone = program.ask(*line, "undo", str(done["journal_id"]), "--yes")
    assert (code, undone["effective"], broker.committed_offsets(group, topic)) == (0, True, 30)
    code, error = program.ask(*line, "undo", str(done["journal_id"]), "--yes")
    assert (code, error["error"]["kind"]) == (6, "plan_no_longer_holds")
    code, error = program.ask(*line[:2], "-X", "read.only=true", "offsets", "apply", group, "--to", "9", "--yes")
    assert (code, error["error"]["kind"]) == (4, "read_only")
    with retrier(broker.bootstrap, topic, group):
        wait_until(lambda: broker.committed_offsets(group, topic) == END)
        code, error = program.ask(*line, "apply", group, "--to", "9", "--yes")
        assert (code, broker.committed_offsets(group, topic)) == (4, END)
        assert f"{group} has 1 member: rdkafka at 127.0.0.1" in error["error"]["message"]
        code, moved = program.ask(*line, "apply", group, "--to", "9", "--evict", "--yes")
        assert (code, moved["effective"], moved["outcome"]["groups"][0]["evicted"]) == (0, True, 1)
    wait_until(lambda: program.run(*line[:2], "groups", "delete", group, "--dry-run")[0] == 0)
    code, deleted = program.ask(*line[:2], "groups", "delete", group, "--yes")
    assert (code, deleted["applied"], broker.committed_offsets(group, topic)) == (0, True, None)
