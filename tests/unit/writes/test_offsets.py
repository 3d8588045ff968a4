"""Changes of committed offsets on the fake: what is planned, refused, written, watched and given back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    NotAuthorized,
    OutcomeUnknown,
    PlanNoLongerHolds,
    RefusedHere,
    UnknownGroup,
    UnknownTopicOrPartition,
    Unreachable,
)
from kafkaview.cluster.read_only import ReadOnlyCluster
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.entry import EntryState
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, Group, GroupState, GroupType, TopicPartition
from kafkaview.triage.neighbours import read_skipped
from kafkaview.writes import follow_up
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.memory_groups import memory_group
from kafkaview.writes.offsets import group_facts
from kafkaview.writes.offsets.planner import plan_delete_group, plan_delete_offsets, plan_offsets
from kafkaview.writes.offsets.request import LiveMembers, MemberWays, OffsetsRequest, parse_target
from kafkaview.writes.offsets.undo import plan_undo_of_offsets
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS, FakeCluster, FakeMember

P0, P1, P2 = (TopicPartition("orders", number) for number in range(3))
WHERE_I_WAS = CommittedOffset(10, 4, "where I was")
EVICT = MemberWays(LiveMembers.EVICT)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here needs seconds."""
    monkeypatch.setattr(follow_up, "HOLD_SECONDS", 0.3)
    monkeypatch.setattr(follow_up, "WATCH_SECONDS", 2.0)
    monkeypatch.setattr(follow_up, "_POLL_SECONDS", 0.02)
    monkeypatch.setattr(group_facts, "_PAUSE_S", 0.02)


@pytest.fixture
def cluster() -> FakeCluster:
    """Three partitions with the offsets 5 to 30; billing stands on two of them."""
    cluster = FakeCluster()
    cluster.add_topic("orders", 3)
    for partition in range(3):
        for _ in range(30):
            cluster.add_record("orders", b"v", partition=partition)
        cluster.retain(TopicPartition("orders", partition), 5)
    cluster.add_group("billing").committed.update({P0: WHERE_I_WAS, P1: CommittedOffset(20)})
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("p", "b:1"), cluster, TopicDecoders(), journal)
    await journal.close()


async def plan(session: Session, to: str, group: str = "billing", **wishes: Any) -> ChangePlan:
    return await plan_offsets(session, OffsetsRequest(group, parse_target(to, group), **wishes))


def rows(plan: ChangePlan) -> Mapping[TopicPartition, tuple[int | None, bool]]:
    """Where each partition goes, and whether that was clamped."""
    assert plan.offsets is not None
    return {row.topic_partition: (row.after.offset if row.after else None, row.clamped) for row in plan.offsets.rows}


@pytest.mark.parametrize(
    ("to", "first", "second"),
    [
        ("earliest", (5, False), (5, False)),
        ("latest", (30, False), (30, False)),
        ("12", (12, False), (12, False)),
        ("3", (5, True), (5, True)),
        ("99", (30, True), (30, True)),
        ("+2", (12, False), (22, False)),
        ("+15", (25, False), (30, True)),
        ("-7", (5, True), (13, False)),
        (f"@{FIRST_TIMESTAMP_MS + 20 * 8}", (7, False), (5, False)),
        ("@2100-01-01T00:00:00Z", (30, False), (30, False)),
    ],
)
async def test_every_target_is_kept_within_the_log(
    session: Session, to: str, first: tuple[int, bool], second: tuple[int, bool]
) -> None:
    assert rows(await plan(session, to)) == {P0: first, P1: second}


async def test_another_groups_offsets_are_copied_without_their_metadata(session: Session, cluster: FakeCluster) -> None:
    cluster.add_group("audit").committed.update({P0: CommittedOffset(6, 2, "its own"), P2: CommittedOffset(7)})
    made = await plan(session, "from:audit")
    assert rows(made) == {P0: (6, False), P2: (7, False)}
    assert made.changes[0].after == CommittedOffset(6, 2, "")


@pytest.mark.parametrize(
    "text",
    [
        "orders,0,6\norders,2,7\n",
        "topic,partition,offset\n\n orders , 0, 6\norders,2,7",
        "billing,orders,0,6\nbilling,orders,2,7\naudit,orders,1,1\n",
        '"orders",0,6\n"orders",2,7\n',
        '[{"topic":"orders","partition":0,"offset":6},{"topic":"orders","partition":2,"offset":7}]',
        '{"group":"billing","plan":[{"topic":"orders","partition":0,"after":6},{"topic":"orders","partition":2,"after":7}]}',
    ],
)
async def test_a_file_names_its_partitions(session: Session, tmp_path: Path, text: str) -> None:
    file = tmp_path / "offsets"
    file.write_text(text)
    assert rows(await plan(session, f"file:{file}")) == {P0: (6, False), P2: (7, False)}
    assert rows(await plan(session, f"file:{file}", partitions=(P2,))) == {P2: (7, False)}


@pytest.mark.parametrize("group", [" g", "g ", "a\nb", "a\r\nb", "a\u2028b", "a,b", 'a"b'])
def test_a_file_keeps_the_very_name_of_each_group(tmp_path: Path, group: str) -> None:
    file = tmp_path / "offsets"
    quoted = group.replace('"', '""')
    file.write_text(f'g,orders,0,5\r\n"{quoted}",orders,0,6\r\n', encoding="utf-8", newline="")
    assert parse_target(f"file:{file}", group).offsets == {P0: 6}
    assert parse_target(f"file:{file}", "g").offsets == {P0: 5}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"orders,0,\xff", "is not UTF-8 at byte 9"),
        (b'"' + b"x" * 200_000 + b'",0,1', "Line 1 is no CSV"),
        (None, "No such"),
    ],
)
def test_a_file_of_offsets_that_is_no_text_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / os.fsdecode(b"caf\xe9")
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ValueError, match=message) as refused:
        parse_target(f"file:{file}", "billing")
    assert content is None or "Errno" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("orders,0", "Line 1 is not"),
        ("orders,0,1\norders,x,2", "Line 2 is not"),
        ("orders,0,1\norders,0,2", "two offsets for orders:0"),
        ("", "no offset for billing"),
        ("audit,orders,0,1", "no offset for billing"),
        ("{", "is no JSON"),
        ('{"rows":[]}', "no list of rows"),
        ('[{"topic":"orders","partition":0}]', "Row 1 has no topic"),
        ('[{"topic":"orders","partition":0,"offset":-1}]', "Row 1 has no topic"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "offsets"
    file.write_text(text)
    with pytest.raises(ValueError, match=message):
        parse_target(f"file:{file}", "billing")


async def test_a_partition_never_committed_is_left_alone_unless_named(session: Session) -> None:
    made = await plan(session, "latest", topics=("orders",))
    assert (set(rows(made)), made.offsets and made.offsets.uncommitted) == ({P0, P1}, (P2,))
    assert set(rows(await plan(session, "latest", partitions=(P2,)))) == {P2}
    assert set(rows(await plan(session, "latest", include_uncommitted=True))) == {P0, P1, P2}


async def test_a_shift_needs_a_committed_offset(session: Session) -> None:
    (problem,) = (await plan(session, "+1", partitions=(P2,))).problems
    assert "orders:2 has no committed offset to count +1 from" in problem.message


async def test_a_leader_that_does_not_tell_the_place_of_a_time_moves_nothing_to_the_end(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = cluster.offsets_at

    async def silent(partitions: Collection[TopicPartition], at: int) -> Mapping[TopicPartition, int | None]:
        return {one: offset for one, offset in (await asked(partitions, at)).items() if one != P1}

    monkeypatch.setattr(cluster, "offsets_at", silent)
    made = await plan(session, f"@{FIRST_TIMESTAMP_MS}")
    assert [type(one) for one in made.problems] == [Unreachable]
    assert "orders:1" in made.problems[0].message
    assert [row.what for row in made.rows] == ["orders:0"]


async def test_what_is_skipped_and_repeated_is_counted_within_the_log(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("billing", P1, 2)  # retention has passed it
    made = (await plan(session, "8")).offsets
    assert made is not None
    assert [(row.records_skipped, row.records_repeated) for row in made.rows] == [(0, 2), (3, 0)]


@pytest.mark.parametrize("limit", [2, 5])
async def test_the_first_of_the_skipped_records_are_read(session: Session, limit: int) -> None:
    made = (await plan(session, "25", topics=("orders",))).offsets
    assert made is not None
    spans = {row.topic_partition: row.skipped_span for row in made.rows if row.skipped_span is not None}
    found = (await read_skipped(session, spans, limit))[P1]
    assert [record.offset for record in found.records] == list(range(20, 20 + limit))
    assert found.complete is (limit == 5)


async def test_a_span_without_offsets_is_not_read(session: Session) -> None:
    assert await read_skipped(session, {P0: (10, 10)}, 5) == {}


async def test_a_missing_group_or_partition_is_refused(session: Session, cluster: FakeCluster) -> None:
    with pytest.raises(UnknownTopicOrPartition, match="no topic payments"):
        await plan(session, "latest", topics=("payments",))
    with pytest.raises(UnknownTopicOrPartition, match="orders:9"):
        await plan(session, "latest", partitions=(TopicPartition("orders", 9),))
    assert isinstance((await plan(session, "latest", "nobody")).problems[0], UnknownGroup)
    with pytest.raises(UnknownGroup):
        await plan(session, "from:nobody")
    cluster.log(P1).leader = None
    assert isinstance((await plan(session, "latest")).problems[0], Unreachable)


async def test_a_topic_that_may_not_be_seen_is_not_called_missing(session: Session, cluster: FakeCluster) -> None:
    cluster.failures["topic"] = NotAuthorized("no right")
    for wishes in ({"topics": ("payments",)}, {"partitions": (TopicPartition("payments", 0),)}):
        with pytest.raises(NotAuthorized, match="no right"):
            await plan(session, "earliest", **wishes)


async def test_a_change_is_journalled_with_what_stood_before_and_holds(session: Session, cluster: FakeCluster) -> None:
    steps: list[WriteStep] = []
    outcome = await carry_out(session, await plan(session, "latest"), steps.append)
    assert (outcome.effective, outcome.doubt) == (True, "")
    assert cluster.grouped["billing"].committed == {P0: CommittedOffset(30), P1: CommittedOffset(30)}
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.COMMITTED
    kept = [(one.topic_partition, one.before, one.after) for one in entry.intent.offsets]
    assert kept == [(P0, WHERE_I_WAS, CommittedOffset(30)), (P1, CommittedOffset(20), CommittedOffset(30))]
    assert {one.topic_id for one in entry.intent.offsets} == {str(UUID(bytes=cluster.logged["orders"].id))}
    done = [step.name for step in steps if step.state is StepState.DONE]
    assert done == [WriteStepName.JOURNAL, WriteStepName.CHECK, WriteStepName.WRITE, WriteStepName.WATCH]


async def test_an_offset_that_does_not_change_keeps_its_metadata(session: Session, cluster: FakeCluster) -> None:
    await carry_out(session, await plan(session, "10"))
    assert cluster.grouped["billing"].committed[P0] == WHERE_I_WAS


async def test_undo_gives_back_exactly_what_stood_before(session: Session, cluster: FakeCluster) -> None:
    before = dict(cluster.grouped["billing"].committed)
    done = await carry_out(session, await plan(session, "latest", include_uncommitted=True))
    assert set(cluster.grouped["billing"].committed) == {P0, P1, P2}
    undone = await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))
    assert undone.effective
    assert cluster.grouped["billing"].committed == before
    await carry_out(session, await plan_undo_of_offsets(session, undone.journal_id))  # and that can be undone too
    assert cluster.grouped["billing"].committed == dict.fromkeys((P0, P1, P2), CommittedOffset(30))


async def test_undo_is_refused_where_the_group_has_moved_since(session: Session, cluster: FakeCluster) -> None:
    done = await carry_out(session, await plan(session, "latest"))
    cluster.commit("billing", P1, 25)
    with pytest.raises(PlanNoLongerHolds, match="moved on orders:1 since: 30 was written, now 25"):
        await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))
    assert cluster.grouped["billing"].committed[P0] == CommittedOffset(30)


async def test_undo_is_refused_where_the_topic_was_made_anew(session: Session, cluster: FakeCluster) -> None:
    done = await carry_out(session, await plan(session, "latest"))
    cluster.add_topic("orders", 3)
    with pytest.raises(PlanNoLongerHolds, match="deleted and made anew"):
        await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))


async def test_an_entry_that_cannot_be_undone_has_a_reason(session: Session, cluster: FakeCluster) -> None:
    with pytest.raises(RefusedHere, match="no entry 7"):
        await plan_undo_of_offsets(session, 7)
    cluster.failures["commit_offsets"] = ClusterError("refused")
    with pytest.raises(ClusterError, match="refused"):
        await carry_out(session, await plan(session, "latest"))
    with pytest.raises(RefusedHere, match="was not carried out"):
        await plan_undo_of_offsets(session, 1)


async def test_members_keep_a_group_from_being_changed(session: Session, cluster: FakeCluster) -> None:
    cluster.join("billing", FakeMember("app-1", (P0,)))
    with pytest.raises(RefusedHere, match="billing has 1 member: app-1 at"):
        await carry_out(session, await plan(session, "latest"))
    assert await session.journal.entries() == ()


async def test_a_member_that_joins_after_the_plan_keeps_it_from_being_written(
    session: Session, cluster: FakeCluster
) -> None:
    made = await plan(session, "latest")
    cluster.join("billing", FakeMember("app-1", (P0,)))
    with pytest.raises(PlanNoLongerHolds, match="app-1"):
        await carry_out(session, made)
    assert cluster.grouped["billing"].committed[P0] == WHERE_I_WAS


async def test_a_group_with_unknown_members_is_not_empty_while_its_state_is_stable(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.grouped["billing"] = replace(cluster.grouped["billing"], type=GroupType.STREAMS, state=GroupState.STABLE)
    (problem,) = (await plan(session, "latest")).problems
    assert "billing is Stable" in problem.message


async def test_waiting_applies_to_where_the_group_stands_when_it_is_empty(
    session: Session, cluster: FakeCluster
) -> None:
    member = cluster.join("billing", FakeMember("app-1", (P0,)))
    made = await plan(session, "+1", ways=MemberWays(LiveMembers.WAIT, 5))

    def leave(step: WriteStep) -> None:
        if step.name is WriteStepName.WAIT and step.detail:
            cluster.commit("billing", P0, 15)
            member.joined = False

    outcome = await carry_out(session, made, leave)
    assert outcome.effective
    assert outcome.offsets is not None
    assert rows(replace(made, offsets=outcome.offsets)) == {P0: (16, False), P1: (21, False)}
    assert cluster.grouped["billing"].committed[P0] == CommittedOffset(16)


async def test_a_wait_that_times_out_names_the_remaining_members(session: Session, cluster: FakeCluster) -> None:
    cluster.join("billing", FakeMember("app-1", (P0,)))
    with pytest.raises(RefusedHere, match=r"1 member: app-1 at .*, still after .* Nothing was written"):
        await carry_out(session, await plan(session, "latest", ways=MemberWays(LiveMembers.WAIT, 0.1)))


async def test_a_cancel_while_it_waits_leaves_nothing(session: Session, cluster: FakeCluster) -> None:
    cluster.join("billing", FakeMember("app-1", (P0,)))
    made = await plan(session, "latest", ways=MemberWays(LiveMembers.WAIT))

    def cancel(step: WriteStep) -> None:
        if step.detail:
            task.cancel()

    task = asyncio.ensure_future(carry_out(session, made, cancel))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await session.journal.entries(), cluster.calls["commit_offsets"]) == ((), 0)


async def test_a_cancel_while_it_is_sent_waits_for_the_answer(session: Session, cluster: FakeCluster) -> None:
    cluster.delays["commit_offsets"] = 0.05

    def cancel(step: WriteStep) -> None:
        if (step.name, step.state) == (WriteStepName.WRITE, StepState.RUNNING):
            asyncio.get_running_loop().call_later(0.01, task.cancel)

    task = asyncio.ensure_future(carry_out(session, await plan(session, "latest"), cancel))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cluster.grouped["billing"].committed[P0] == CommittedOffset(30)
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.COMMITTED


@pytest.mark.parametrize(("to", "again"), [("latest", 11), ("earliest", 10), ("earliest", 12), ("-1", 30)])
async def test_a_reader_that_assigns_itself_is_found(
    session: Session, cluster: FakeCluster, to: str, again: int
) -> None:
    outcome = await against(session, to, lambda: cluster.commit("billing", P0, again))
    assert outcome.effective is False
    assert "did not hold" in outcome.doubt
    assert [one.effective for one in outcome.groups] == [False, True]


async def test_a_member_that_joins_afterwards_reads_from_there(session: Session, cluster: FakeCluster) -> None:
    def join() -> None:
        cluster.join("billing", FakeMember("app-1", (P0,)))
        cluster.commit("billing", P0, 12)

    outcome = await against(session, "earliest", join)
    assert (outcome.effective, outcome.doubt) == (True, "")
    assert "app-1" in outcome.groups[0].detail


async def against(session: Session, to: str, deed: Any) -> ChangeOutcome:
    """The outcome of a change after which something happens."""

    def report(step: WriteStep) -> None:
        if (step.name, step.state) == (WriteStepName.WATCH, StepState.RUNNING):
            asyncio.get_running_loop().call_later(0.05, deed)

    made = await plan(session, to)
    return await carry_out(session, made, report)


@pytest.mark.parametrize(("to", "stands"), [("latest", 30), ("earliest", 5), ("+3", 13)])
async def test_evicted_members_go_on_from_there(session: Session, cluster: FakeCluster, to: str, stands: int) -> None:
    member = cluster.join("billing", FakeMember("app-1", (P0,), rate=0, auto_commit=True, positions={P0: 10}))

    def rejoin(step: WriteStep) -> None:
        if (step.name, step.state) == (WriteStepName.WATCH, StepState.RUNNING):
            cluster.tick()

    outcome = await carry_out(session, await plan(session, to, ways=EVICT), rejoin)
    assert (outcome.effective, outcome.groups[0].evicted) == (True, ("app-1-0000",))
    assert member.joined
    assert cluster.grouped["billing"].committed[P0].offset == stands


async def test_a_busy_member_is_moved_and_the_journal_knows_where_it_stood(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.join("billing", FakeMember("app-1", (P0,), rate=1, positions={P0: 10}))
    made = await plan(session, "earliest", ways=EVICT)

    def move_on(step: WriteStep) -> None:
        if (step.name, step.state) == (WriteStepName.WRITE, StepState.RUNNING):
            cluster.tick()

    outcome = await carry_out(session, made, move_on)
    assert outcome.effective
    (entry,) = await session.journal.entries()
    assert [one.before and one.before.offset for one in entry.intent.offsets] == [11, 20]


async def test_undo_evicts_members_that_have_not_moved_since(session: Session, cluster: FakeCluster) -> None:
    done = await carry_out(session, await plan(session, "latest"))
    cluster.join("billing", FakeMember("app-1", (P0,), rate=0, positions={P0: 30}))
    (problem,) = (await plan_undo_of_offsets(session, done.journal_id)).problems
    assert "--evict" in problem.hint
    made = await plan_undo_of_offsets(session, done.journal_id, EVICT)
    assert (made.problems, made.command) == ((), ("offsets", "undo", "1", "--evict"))

    said: list[str] = []

    def rejoin(step: WriteStep) -> None:
        said.append(step.text)
        if (step.name, step.state) == (WriteStepName.WATCH, StepState.RUNNING):
            cluster.tick()

    outcome = await carry_out(session, made, rejoin)
    assert outcome.groups[0].evicted == ("app-1-0000",)
    assert "1 member evicted" in said
    assert cluster.grouped["billing"].committed == {P0: WHERE_I_WAS, P1: CommittedOffset(20)}


async def test_undo_leaves_a_group_that_moves_before_its_members_are_evicted(
    session: Session, cluster: FakeCluster
) -> None:
    done = await carry_out(session, await plan(session, "earliest"))
    cluster.join("billing", FakeMember("app-1", (P0,), rate=1, positions={P0: 5}))
    made = await plan_undo_of_offsets(session, done.journal_id, EVICT)

    def move_on(step: WriteStep) -> None:
        if (step.name, step.state) == (WriteStepName.WRITE, StepState.RUNNING):
            cluster.tick()

    with pytest.raises(PlanNoLongerHolds, match="has moved to 6 on orders:0 meanwhile"):
        await carry_out(session, made, move_on)
    assert cluster.grouped["billing"].committed[P0].offset == 6
    assert cluster.calls["remove_members"] == 0


async def test_undo_tells_of_members_that_were_removed_though_the_group_moved_then(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await carry_out(session, await plan(session, "earliest"))
    cluster.join("billing", FakeMember("app-1", (P0,), rate=0, positions={P0: 5}))
    made = await plan_undo_of_offsets(session, done.journal_id, EVICT)
    remove = cluster.remove_members

    async def move_and_remove(group: Group, reason: str) -> tuple[str, ...]:
        cluster.grouped["billing"].committed[P0] = CommittedOffset(7)
        return await remove(group, reason)

    monkeypatch.setattr(cluster, "remove_members", move_and_remove)
    with pytest.raises(PlanNoLongerHolds, match="has moved to 7") as moved:
        await carry_out(session, made)
    assert moved.value.hint == "No offset was written; 1 member was removed and may rejoin. Make a new plan."


async def test_undo_evicts_nobody_where_a_commit_has_to_be_deleted(session: Session, cluster: FakeCluster) -> None:
    done = await carry_out(session, await plan(session, "latest", include_uncommitted=True))
    cluster.join("billing", FakeMember("app-1", (P0,), rate=0, positions={P0: 30}))
    (problem,) = (await plan_undo_of_offsets(session, done.journal_id, EVICT)).problems
    assert "Its commit on orders:2 can only be deleted without them" in problem.message


async def test_evicting_nobody_is_a_plain_change(session: Session, cluster: FakeCluster) -> None:
    outcome = await carry_out(session, await plan(session, "latest", ways=EVICT))
    assert (outcome.effective, cluster.calls["transact"]) == (True, 0)


async def test_refused_partitions_are_named_and_the_others_are_changed(session: Session, cluster: FakeCluster) -> None:
    made = await plan(session, "latest")
    cluster.group_offsets.refused[P1] = UnknownTopicOrPartition("not yours")
    outcome = await carry_out(session, made)
    assert (outcome.effective, [one.effective for one in outcome.groups]) == (False, [True, False])
    assert "not yours" in outcome.doubt


async def test_a_write_without_an_answer_is_looked_up(session: Session, cluster: FakeCluster) -> None:
    class Silent:
        """Commits, and then says nothing."""

        def __getattr__(self, name: str) -> Any:
            return getattr(cluster_offsets, name)

        async def commit(self, group: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> Any:
            if reaches:
                await cluster_offsets.commit(group, offsets)
            raise Unreachable("no answer")

    cluster_offsets, reaches = cluster.group_offsets, True
    cluster.group_offsets = Silent()  # type: ignore[assignment]
    assert (await carry_out(session, await plan(session, "latest"))).effective
    reaches = False
    with pytest.raises(OutcomeUnknown):
        await carry_out(session, await plan(session, "earliest"))


async def test_a_topics_offsets_are_deleted_and_given_back(session: Session, cluster: FakeCluster) -> None:
    before = dict(cluster.grouped["billing"].committed)
    done = await carry_out(session, await plan_delete_offsets(session, "billing", "orders"))
    assert (done.effective, cluster.grouped["billing"].committed) == (True, {})
    await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))
    assert cluster.grouped["billing"].committed == before


async def test_a_group_is_deleted_and_given_back(session: Session, cluster: FakeCluster) -> None:
    before = dict(cluster.grouped["billing"].committed)
    done = await carry_out(session, await plan_delete_group(session, "billing"))
    assert done.effective
    assert "billing" not in cluster.grouped
    await carry_out(session, await plan_undo_of_offsets(session, done.journal_id))
    assert cluster.grouped["billing"].committed == before


@pytest.mark.parametrize("group", [memory_group("orders"), memory_group("orders", 7)])
async def test_what_kafkaview_remembers_by_a_group_is_said_before_it_is_forgotten(
    session: Session, cluster: FakeCluster, group: str
) -> None:
    cluster.add_group(group).committed[P0] = CommittedOffset(7, metadata="kafkaview-1 - 0")
    for made in (await plan(session, "latest", group), await plan_delete_group(session, group)):
        assert "kafkaview forgets what was sent back from orders." in [one.consequence for one in made.cautions]
    done = await carry_out(session, await plan_delete_group(session, group))
    for made in (
        await plan_undo_of_offsets(session, done.journal_id),
        await plan(session, "+0", group),
        await plan(session, "latest"),
    ):
        assert not any("forgets" in one.consequence for one in made.cautions)


async def test_deleting_what_somebody_reads_is_refused(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("payments")
    cluster.commit("billing", TopicPartition("payments", 0), 0)
    cluster.join("billing", FakeMember("app-1", (P0,)))
    for made in (
        await plan_delete_group(session, "billing"),
        await plan_delete_offsets(session, "billing", "orders"),
    ):
        with pytest.raises(RefusedHere, match="app-1"):
            await carry_out(session, made)
    assert (await carry_out(session, await plan_delete_offsets(session, "billing", "payments"))).effective


async def test_a_read_only_profile_changes_nothing(session: Session, cluster: FakeCluster) -> None:
    guarded = replace(session, cluster=ReadOnlyCluster(cluster))
    for made in (
        await plan(guarded, "latest"),
        await plan_delete_offsets(guarded, "billing", "orders"),
        await plan_delete_group(guarded, "billing"),
    ):
        with pytest.raises(ClusterError, match="read-only"):
            await carry_out(guarded, made)
    assert cluster.grouped["billing"].committed[P0] == WHERE_I_WAS


async def test_what_a_transaction_would_be_refused_for_is_a_problem_where_members_are_evicted(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.transactions.refused = [
        NotAuthorized("The right WRITE on TransactionalId kafkaview-offsets-billing is missing")
    ]
    assert (await plan(session, "latest", ways=EVICT)).problems == (), "nobody is there: a plain commit"
    cluster.join("billing", FakeMember("m1", (P0,)))
    made = await plan(session, "latest", ways=EVICT)
    assert [type(problem) for problem in made.problems] == [NotAuthorized]
    cluster.join("gr\u00fc\u00dfe", FakeMember("m2", (P0,)))
    cluster.commit("gr\u00fc\u00dfe", P0, 10)
    (problem,) = (await plan(session, "latest", "gr\u00fc\u00dfe", ways=EVICT)).problems
    assert isinstance(problem, RefusedHere)
    assert "No transaction can name" in problem.message
