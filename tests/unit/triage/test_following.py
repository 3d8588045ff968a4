"""A re-route from the journal to the last look: what is told after each failure, and what has been written then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    FencedTransaction,
    OffsetOutOfRange,
    OutcomeUnknown,
    PlanNoLongerHolds,
    RefusedHere,
    Unreachable,
)
from kafkaview.cluster.ports.cluster import Copy, GroupMove, TransactionStage
from kafkaview.journal.entry import EntryState
from kafkaview.journal.errors import JournalUnavailable
from kafkaview.session import Session
from kafkaview.terms import UNKNOWN_OFFSETS, PartitionOffsets, Record, RecordId, TopicPartition
from kafkaview.triage.provenance_headers import source_of
from kafkaview.triage.reroute import execution as rerouting
from kafkaview.triage.reroute.bulk.planner import plan_bulk_reroute
from kafkaview.triage.reroute.bulk.request import BulkRequest, reasons_of
from kafkaview.triage.reroute.outcome import RerouteOutcome, TransactionState
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes import follow_up as following
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.records import read_back
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName
from tests.kit.fake_cluster import FakeCluster, FakeMember, OnPoison
from tests.unit.triage.rerouting import BAD, P0, P1, POISON, Q0, poisoned, session_on

Check = Callable[[TransactionStage], Awaitable[None]]


class Broken(FakeCluster):
    """A cluster that fails in the middle: `after_commit` runs when a transaction is committed, and may raise."""

    def __init__(self) -> None:
        super().__init__()
        self.after_commit: Callable[[], None] = lambda: None
        self.at_commit: Callable[[], None] = lambda: None
        self.transactional_ids: list[str] = []

    async def transact(
        self,
        transactional_id: str,
        copies: Sequence[Copy],
        moves: Sequence[GroupMove],
        check: Check,
        *,
        batch_bytes: int | None = None,
    ) -> tuple[RecordId, ...]:
        """As the port says, with something before and after."""
        self.transactional_ids.append(transactional_id)
        self.at_commit()
        written = await super().transact(transactional_id, copies, moves, check, batch_bytes=batch_bytes)
        self.after_commit()
        return written


@pytest.fixture
def cluster() -> Broken:
    cluster = Broken()
    poisoned(cluster)
    cluster.add_topic("orders-dlq", settings={"retention.ms": "-1"})
    cluster.commit("g", P0, 10)
    return cluster


@pytest.fixture
async def session(cluster: Broken, tmp_path: Path) -> AsyncIterator[Session]:
    async with session_on(cluster, tmp_path / "journal.sqlite3") as session:
        yield session


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here needs seconds."""
    monkeypatch.setattr(following, "HOLD_SECONDS", 0.02)
    monkeypatch.setattr(following, "WATCH_SECONDS", 0.3)
    monkeypatch.setattr(following, "_POLL_SECONDS", 0.01)
    for module, pause in ((rerouting, "_PAUSE"), (read_back, "_PAUSE_S")):
        monkeypatch.setattr(module, pause, 0.001)


async def run(
    session: Session, report: Callable[[WriteStep], None] = lambda _step: None, **wishes: Any
) -> RerouteOutcome:
    """Plan to move g past the poison, and do it."""
    plan = await plan_reroute(session, [POISON], **{"groups": ["g"], **wishes})
    return await carry_out(session, plan, report)


def dead_letters(cluster: FakeCluster) -> list[bytes | None]:
    """The committed values in the queue."""
    log = cluster.log(Q0)
    return [r.value for r in log.entries if r is not None and r.offset not in log.aborted]


async def state(session: Session) -> EntryState:
    """What the journal says of the last entry."""
    return (await session.journal.entries())[0].state


async def test_copies_and_groups_of_several_partitions_go_together(session: Session, cluster: Broken) -> None:
    cluster.commit("g", P1, 10)
    plan = await plan_reroute(session, [POISON, RecordId("orders", 1, 10)], groups=["g"])
    outcome = await carry_out(session, plan, lambda _step: None)
    assert [(one.group, one.after, one.effective) for one in outcome.groups] == [("g", 11, None), ("g", 11, None)]
    assert dead_letters(cluster) == [BAD, BAD]
    assert await state(session) is EntryState.COMMITTED


async def test_a_journal_that_fails_before_keeps_everything_from_being_written(
    session: Session, cluster: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.journal, "begin", disk_full)
    with pytest.raises(JournalUnavailable):
        await run(session)
    assert (dead_letters(cluster), cluster.calls["transact"], cluster.calls["create_topic"]) == ([], 0, 0)


async def test_a_journal_that_fails_after_the_commit_does_not_hide_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.journal, "end", disk_full)
    outcome = await run(session)
    assert outcome.transaction is TransactionState.COMMITTED
    assert [one.effective for one in outcome.groups] == [None]
    assert (
        outcome.message
        == "The copy is safe; whether g moves was not seen; but the journal does not hold the outcome: the disk is full"
    )


async def test_a_journal_that_fails_after_a_refusal_does_not_hide_the_refusal(
    session: Session, cluster: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.journal, "end", disk_full)
    cluster.at_commit = lambda: cluster.commit("g", P0, 20)
    with pytest.raises(PlanNoLongerHolds, match="has moved to 20"):
        await run(session)
    assert dead_letters(cluster) == []


async def disk_full(*_: object) -> int:
    """What the journal does on a full disk."""
    raise JournalUnavailable("the disk is full")


async def test_an_unanswered_commit_that_stands_is_reported_as_committed(session: Session, cluster: Broken) -> None:
    cluster.after_commit = no_answer
    outcome = await run(session)
    assert (outcome.transaction, [one.effective for one in outcome.groups]) == (TransactionState.COMMITTED, [None])
    assert [done.target.offset for done in outcome.done] == [0]


async def test_an_unanswered_move_without_a_new_copy_is_committed_only_if_it_stands(
    session: Session, cluster: Broken
) -> None:
    await run(session)
    cluster.commit("g", P0, 10)
    cluster.after_commit = no_answer
    assert (await run(session)).transaction is TransactionState.COMMITTED
    cluster.commit("g", P0, 10)
    cluster.at_commit = no_answer
    assert (await run(session)).transaction is TransactionState.UNKNOWN
    assert len(dead_letters(cluster)) == 1


@pytest.mark.parametrize("dead", [False, True])
async def test_an_unanswered_commit_that_cannot_be_seen_is_unknown(
    session: Session, cluster: Broken, *, dead: bool
) -> None:
    def silence() -> None:
        cluster.down = {1, 2, 3} if dead else set()
        no_answer()

    cluster.at_commit = silence
    outcome = await run(session)
    assert (outcome.transaction, outcome.done, outcome.groups) == (TransactionState.UNKNOWN, (), ())
    assert await state(session) is EntryState.UNKNOWN


def no_answer() -> None:
    """The commit is sent, the connection is gone."""
    raise OutcomeUnknown("the commit was sent and no clear answer came")


async def test_a_cancel_while_the_outcome_is_looked_up_leaves_it_unknown_in_the_journal(
    session: Session, cluster: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerouting, "_PAUSE", 5)
    sent = asyncio.Event()

    def silence() -> None:
        sent.set()
        no_answer()

    cluster.at_commit = silence
    task = asyncio.ensure_future(run(session))
    await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await state(session) is EntryState.UNKNOWN


@pytest.mark.parametrize(
    ("name", "after"),
    [
        (WriteStepName.JOURNAL, EntryState.ABORTED),
        (WriteStepName.CHECK, EntryState.ABORTED),
        (WriteStepName.TRANSACTION, EntryState.COMMITTED),
        (WriteStepName.EVICT, EntryState.COMMITTED),
        (WriteStepName.WATCH, EntryState.COMMITTED),
    ],
)
async def test_a_cancel_after_each_step_leaves_all_or_nothing_and_the_journal_knows(
    session: Session, cluster: Broken, name: WriteStepName, after: EntryState
) -> None:
    def cancel(step: WriteStep) -> None:
        done = StepState.RUNNING if name is WriteStepName.WATCH else StepState.DONE
        if (step.name, step.state) == (name, done):
            task.cancel()

    task = asyncio.ensure_future(run(session, cancel))
    with pytest.raises(asyncio.CancelledError):
        await task
    committed = after is EntryState.COMMITTED
    assert await state(session) is after
    assert dead_letters(cluster) == ([BAD] if committed else [])
    assert cluster.grouped["g"].committed[P0].offset == (11 if committed else 10)


async def test_a_cancel_during_the_commit_is_journalled_as_what_stands(
    session: Session, monkeypatch: pytest.MonkeyPatch, cluster: Broken
) -> None:
    transact = cluster.transact

    async def cancelled_at_commit(_id: str, copies: Any, moves: Any, check: Check, **options: Any) -> Any:
        async def checked(stage: TransactionStage) -> None:
            await check(stage)
            if stage is TransactionStage.READY:
                asyncio.get_running_loop().call_soon(task.cancel)

        return await transact(_id, copies, moves, checked, **options)

    monkeypatch.setattr(cluster, "transact", cancelled_at_commit)
    task = asyncio.ensure_future(run(session))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await state(session) is EntryState.COMMITTED
    assert dead_letters(cluster) == [BAD]
    assert cluster.grouped["g"].committed[P0].offset == 11


async def test_a_queue_created_by_somebody_else_is_not_written_to(session: Session, cluster: Broken) -> None:
    plan = await plan_reroute(session, [POISON], groups=["g"], dlq="other")
    cluster.add_topic("other", partitions=7)
    with pytest.raises(PlanNoLongerHolds, match="made by somebody else"):
        await carry_out(session, plan, lambda _step: None)
    assert cluster.calls["transact"] == 0


async def test_the_queue_is_named_by_the_pattern_of_the_connection(session: Session) -> None:
    session = replace(session, profile=replace(session.profile, dead_letter_queue="dead.{topic}"))
    assert (await plan_reroute(session, [POISON], groups=["g"])).dlq == "dead.orders"
    bulk = await plan_bulk_reroute(session, BulkRequest("orders", reasons_of([POISON])))
    assert bulk.document["to"] == "dead.orders"
    assert (await plan_reroute(session, [POISON], groups=["g"], dlq="other")).dlq == "other"


async def test_a_topic_made_again_meanwhile_is_seen(session: Session, cluster: Broken) -> None:
    plan = await plan_reroute(session, [POISON], groups=["g"])
    cluster.add_topic("orders", partitions=2)
    with pytest.raises(PlanNoLongerHolds, match="the log ends at 0 now"):
        await carry_out(session, plan, lambda _step: None)


async def test_a_group_that_is_gone_meanwhile_is_seen(session: Session, cluster: Broken) -> None:
    plan = await plan_reroute(session, [POISON], groups=["g"])
    del cluster.grouped["g"]
    with pytest.raises(PlanNoLongerHolds, match="g has no committed offset"):
        await carry_out(session, plan, lambda _step: None)
    assert dead_letters(cluster) == []


async def test_no_group_moves_if_an_earlier_copy_is_gone(session: Session, cluster: Broken) -> None:
    await run(session)
    cluster.commit("g", P0, 10)
    plan = await plan_reroute(session, [POISON], groups=["g"])
    cluster.add_topic("orders-dlq", settings={"retention.ms": "-1"})
    with pytest.raises(PlanNoLongerHolds, match="is no longer at orders-dlq:0:0"):
        await carry_out(session, plan, lambda _step: None)
    assert cluster.grouped["g"].committed[P0].offset == 10


async def test_a_transaction_of_somebody_else_in_the_queue_could_hide_a_copy(session: Session, cluster: Broken) -> None:
    with cluster.open_transaction(Q0), pytest.raises(RefusedHere, match="a transaction of somebody else is open"):
        await run(session)
    assert (dead_letters(cluster), cluster.grouped["g"].committed[P0].offset) == ([], 10)
    assert (await run(session)).transaction is TransactionState.COMMITTED


async def test_a_copy_that_differs_is_reported_and_the_group_is_watched(session: Session, cluster: Broken) -> None:
    def spoil() -> None:
        entries = cluster.log(Q0).entries
        assert isinstance(entries[0], Record)
        entries[0] = replace(entries[0], value=b"other")

    cluster.after_commit = spoil
    outcome = await run(session)
    assert outcome.doubt == "the copy at orders-dlq:0:0 does not read back as it was written"
    assert (outcome.message, [one.effective for one in outcome.groups]) == (
        f"The copy is safe; whether g moves was not seen; but {outcome.doubt}",
        [None],
    )


@pytest.mark.parametrize("call", ["committed_offsets", "describe_groups", "offsets", "remove_members", "read"])
async def test_a_broker_that_fails_after_the_commit_is_no_error(session: Session, cluster: Broken, call: str) -> None:
    member = cluster.join("g", FakeMember("c", (P0,), OnPoison.RETRY))

    def fail() -> None:
        cluster.failures[call] = Unreachable("no broker answers")

    cluster.after_commit = fail
    outcome = await run(session)
    assert outcome.transaction is TransactionState.COMMITTED
    assert await state(session) is EntryState.COMMITTED
    seen = {"describe_groups": False, "remove_members": False, "read": True}.get(call)
    assert [one.effective for one in outcome.groups] == [seen]
    assert ("no broker answers" in outcome.doubt) is (call == "read")
    assert outcome.unseen is (call == "read")
    assert member.joined is (call in ("describe_groups", "remove_members"))


async def test_a_coordinator_that_does_not_answer_for_a_while_is_waited_for(session: Session, cluster: Broken) -> None:
    looks = 0
    original = cluster.committed_offsets

    async def flaky(groups: Sequence[str], *, require_stable: bool = False) -> Mapping[str, Any]:
        nonlocal looks
        looks += dead_letters(cluster) != [] and not cluster.log(Q0).open_from
        if 1 < looks < 5:
            return dict.fromkeys(groups, Unreachable("no answer"))
        return await original(groups, require_stable=require_stable)

    cluster.after_commit = lambda: setattr(cluster, "committed_offsets", flaky)
    (idle,) = (await run(session)).groups
    assert (idle.effective, idle.detail) == (
        None,
        "11 is committed and no member is in the group; a reader that assigns itself would not be seen",
    )


async def test_an_unseen_result_is_no_failed_step(session: Session) -> None:
    steps: list[WriteStep] = []
    [idle] = (await run(session, steps.append)).groups
    assert idle.effective is None
    assert [step.name for step in steps if step.state is StepState.FAILED] == []


async def test_a_live_member_that_is_not_evicted_does_not_follow(session: Session, cluster: Broken) -> None:
    cluster.join("g", FakeMember("c", (P0,), OnPoison.RETRY))
    [stays] = (await run(session, evict=False)).groups
    assert (stays.effective, stays.advice[0]) == (False, "Restart g: it then starts at 11")


async def test_an_evicted_member_goes_on(session: Session, cluster: Broken) -> None:
    cluster.join("g", FakeMember("c", (P0,), OnPoison.RETRY))
    outcome = await run(session, lambda step: cluster.tick() if step.name is WriteStepName.WATCH else None)
    assert [(one.effective, len(one.evicted)) for one in outcome.groups] == [(True, 1)]


async def test_a_member_that_rewinds_repeatedly_is_reported(session: Session, cluster: Broken) -> None:
    cluster.after_commit = lambda: cluster.commit("g", P0, 10)
    [back] = (await run(session)).groups
    assert (back.effective, back.committed_now) == (False, 10)
    assert back.detail == "a member committed 10 again 3 times: it keeps the position in memory"
    assert len(dead_letters(cluster)) == 1


async def test_a_commit_again_that_another_re_route_fences_says_so_and_does_not_fence_that_in_turn(
    session: Session, cluster: Broken
) -> None:
    cluster.after_commit = lambda: cluster.commit("g", P0, 10)
    commits = 0

    def fence() -> None:
        nonlocal commits
        commits += 1
        if commits > 1:
            raise FencedTransaction("Another kafkaview has begun meanwhile; nothing was written.")

    cluster.at_commit = fence
    (back,) = (await run(session)).groups
    assert (back.effective, "could not be moved again: Another kafkaview has begun" in back.detail) == (False, True)
    assert commits == 4, "the first, and three that were fenced"


async def test_a_group_that_went_back_and_cannot_be_moved_again_is_reported(session: Session, cluster: Broken) -> None:
    def rewind_and_refuse() -> None:
        cluster.commit("g", P0, 10)
        cluster.failures["transact"] = ClusterError("refused")

    cluster.after_commit = rewind_and_refuse
    [back] = (await run(session)).groups
    assert (back.effective, back.detail) == (False, "it is back at 10 and could not be moved again: refused")


async def test_a_group_whose_offset_was_deleted_is_reported(session: Session, cluster: Broken) -> None:
    cluster.after_commit = cluster.grouped["g"].committed.clear
    [gone] = (await run(session)).groups
    assert (gone.effective, gone.committed_now) == (False, None)
    assert "has no committed offset" in gone.detail


async def test_a_record_removed_meanwhile_is_not_copied(session: Session, cluster: Broken) -> None:
    plan = await plan_reroute(session, [POISON], groups=["g"])
    cluster.retain(P0, 11)
    with pytest.raises(PlanNoLongerHolds, match="is gone"):
        await carry_out(session, plan, lambda _step: None)
    with pytest.raises(OffsetOutOfRange):
        await run(session)


async def test_a_queue_whose_leader_is_silent_is_not_said_to_have_an_open_transaction(
    session: Session, cluster: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_back, "_LOOKS", 1)
    plan = await plan_reroute(session, [POISON], groups=["g"])
    asked = cluster.offsets

    async def silent(partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, PartitionOffsets]:
        return {**await asked(partitions), **{one: UNKNOWN_OFFSETS for one in partitions if one == Q0}}

    monkeypatch.setattr(cluster, "offsets", silent)
    with pytest.raises(Unreachable, match="The leader of orders-dlq:0, broker 1, does not answer"):
        await carry_out(session, plan, lambda _step: None)


async def test_two_plans_that_share_a_record_write_one_copy(session: Session, cluster: Broken) -> None:
    second = RecordId("orders", 0, 12)
    cluster.delays["commit"] = 0.02
    plans = [await plan_reroute(session, records, groups=["g"]) for records in ([POISON], [POISON, second])]
    outcomes = await asyncio.gather(
        *(carry_out(session, plan, lambda _step: None) for plan in plans), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["FencedTransaction", "RerouteOutcome"]
    log = cluster.log(Q0)
    committed = [record for record in log.entries if record is not None and record.offset not in log.aborted]
    assert [source_of(record.headers or ()) for record in committed].count(POISON) == 1
    assert cluster.transactional_ids == ["kafkaview-orders", "kafkaview-orders"]  # the later one fences the earlier


async def test_a_queue_created_before_the_refusal_is_named_and_its_removal_offered(
    session: Session, cluster: Broken
) -> None:
    del cluster.logged["orders-dlq"]
    cluster.at_commit = lambda: cluster.commit("g", P0, 20)
    with pytest.raises(PlanNoLongerHolds) as refused:
        await run(session)
    line = "kafkaview --bootstrap localhost:1 topics delete orders-dlq"
    assert refused.value.hint.endswith(f"orders-dlq was made and stands empty: `{line}` removes it.")
    (entry,) = await session.journal.entries()
    assert entry.outcome is not None
    assert entry.outcome["empty_queue"] == "orders-dlq"


async def test_a_queue_that_somebody_else_makes_after_the_check_is_left_alone(
    session: Session, cluster: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cluster.create_topic

    async def late(name: str, partitions: int | None, *rest: Any) -> UUID | None:
        cluster.add_topic(name, 2)
        return await made(name, partitions, *rest)

    del cluster.logged["orders-dlq"]
    monkeypatch.setattr(cluster, "create_topic", late)
    with pytest.raises(PlanNoLongerHolds, match="made by somebody else meanwhile") as refused:
        await run(session)
    assert "topics delete" not in refused.value.hint
    assert (cluster.calls["transact"], cluster.log(Q0).entries) == (0, [])
    (entry,) = await session.journal.entries()
    assert entry.outcome is not None
    assert entry.outcome["empty_queue"] is None


async def test_a_refusal_that_made_no_queue_offers_nothing(session: Session, cluster: Broken) -> None:
    cluster.at_commit = lambda: cluster.commit("g", P0, 20)
    with pytest.raises(PlanNoLongerHolds) as there_before:
        await run(session)
    del cluster.logged["orders-dlq"]
    cluster.failures["create_topic"] = RefusedHere("no")
    with pytest.raises(RefusedHere) as never_made:
        await run(session, groups=[])
    assert "topics delete" not in there_before.value.hint + never_made.value.hint
    assert [entry.outcome and entry.outcome["empty_queue"] for entry in await session.journal.entries()] == [None, None]
