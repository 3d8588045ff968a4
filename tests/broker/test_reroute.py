"""A re-route on a real broker: what it writes, what it refuses, and what becomes of live groups."""

from __future__ import annotations

import asyncio
import os
import uuid
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import Producer

from kafkaview.cluster.errors import (
    OffsetOutOfRange,
    PlanNoLongerHolds,
    RecordTooLarge,
    RefusedByPolicy,
    RefusedHere,
    UnknownGroup,
)
from kafkaview.journal.entry import EntryState
from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.reroute.outcome import TransactionState
from kafkaview.triage.reroute.plan import GroupPosition
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes import follow_up as following
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.records import read_back
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName
from tests.broker.material import (
    ODD_HEADERS,
    POISON_AT,
    POISON_TIME_MS,
    POISON_VALUE,
    Broker,
    kcat,
    retrier,
    wait_until,
)
from tests.kit.payloads import payloads_of


@pytest.fixture
def group() -> str:
    return f"g-{uuid.uuid4().hex[:8]}"


def silent(_step: WriteStep) -> None:
    """Nobody looks at the progress."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Idle groups of a test need no seconds of holding: nobody is there to commit late."""
    monkeypatch.setattr(following, "HOLD_SECONDS", 0.3)


@pytest.mark.usefixtures("quick")
async def test_the_copy_is_the_record_byte_for_byte_as_kcat_reads_it(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    outcome = await carry_out(session, plan, silent)

    assert outcome.transaction is TransactionState.COMMITTED
    assert [(one.group, one.after, one.effective) for one in outcome.groups] == [(group, POISON_AT + 1, None)]
    assert broker.committed_offsets(group, topic) == POISON_AT + 1
    common = ["-C", "-b", broker.bootstrap, "-e", "-q", "-X", "isolation.level=read_committed"]
    source = ["-t", topic, "-p", "0", "-o", str(POISON_AT), "-c", "1"]
    bytes_and_time = ["-f", "%K|%k|%S|%s|%T"]
    copies = kcat(*common, "-t", f"{topic}-dlq", *bytes_and_time)
    assert copies == kcat(*common, *source, *bytes_and_time)
    assert copies == b"3|k\x00\xff|%d|%s|%d" % (len(POISON_VALUE), POISON_VALUE, POISON_TIME_MS)
    headers = kcat(*common, "-t", f"{topic}-dlq", "-f", "%h")
    assert headers.startswith(kcat(*common, *source, "-f", "%h") + b",__dlq.errors.topic=")


@pytest.mark.usefixtures("quick")
async def test_headers_keep_order_duplicates_nulls_and_gain_the_provenance(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    await carry_out(session, plan, silent)
    [(_, _, headers)] = broker.read_committed(f"{topic}-dlq")
    assert headers[: len(ODD_HEADERS)] == ODD_HEADERS
    added = dict(headers[len(ODD_HEADERS) :])
    assert added["__dlq.errors.topic"] == topic.encode()
    assert added["__dlq.errors.partition"] == b"0"
    assert added["__dlq.errors.offset"] == b"10"
    assert added["__dlq.errors.group"] == group.encode()
    assert b"UTF-8" in (added["__dlq.errors.message"] or b"")
    assert added["kafkaview.timestamp"] == str(POISON_TIME_MS).encode()


@pytest.mark.usefixtures("quick")
async def test_null_empty_and_large_parts_of_several_partitions_are_copied_as_they_are(
    broker: Broker, session: Session
) -> None:
    large = {"max.message.bytes": "6000000"}
    topic = broker.topic(partitions=3, settings=large)
    odd: list[tuple[bytes | None, bytes | None]] = [
        (b"k", None),
        (None, b"v"),
        (None, None),
        (b"", b""),
        (None, b""),
        (b"", None),
        (b"k", os.urandom(5_000_000)),
    ]
    producer = Producer({"bootstrap.servers": broker.bootstrap, "message.max.bytes": 6_000_000})
    for number, (key, value) in enumerate(odd):
        producer.produce(topic, value, key, number % 3, headers=list(ODD_HEADERS))
    assert producer.flush(10) == 0
    records = [RecordId(topic, number % 3, number // 3) for number in range(len(odd))]
    plan = await plan_reroute(session, records, groups=[])
    outcome = await carry_out(session, plan, silent)
    assert (outcome.transaction, outcome.doubt) == (TransactionState.COMMITTED, "")
    copies = [(key, value) for key, value, headers in broker.read_committed(f"{topic}-dlq")]
    assert sorted(copies, key=repr) == sorted(odd, key=repr)
    payloads = await payloads_of(session.journal, outcome.journal_id or 0)
    assert sorted(((p.key, p.value) for p in payloads), key=repr) == sorted(odd, key=repr)


@pytest.mark.usefixtures("quick")
async def test_two_plans_that_share_a_record_write_it_once(broker: Broker, session: Session) -> None:
    topic = broker.topic(partitions=2)
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for partition in range(2):
        producer.produce(topic, POISON_VALUE, partition=partition)
    assert producer.flush(10) == 0
    broker.topic(f"{topic}-dlq", settings={"retention.ms": "-1"})
    shared = RecordId(topic, 1, 0)
    plans = [await plan_reroute(session, records, groups=[]) for records in ([shared], [RecordId(topic, 0, 0), shared])]
    outcomes = await asyncio.gather(*(carry_out(session, plan, silent) for plan in plans), return_exceptions=True)
    (refused,) = [one for one in outcomes if isinstance(one, BaseException)]
    assert isinstance(refused, PlanNoLongerHolds)
    headers = [dict(headers) for _, _, headers in broker.read_committed(f"{topic}-dlq")]
    assert [h["kafkaview.source"] for h in headers].count(str(shared).encode()) == 1


async def test_a_queue_with_an_open_transaction_may_hide_a_copy_and_is_refused(
    broker: Broker, session: Session, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_back, "_LOOKS", 3)
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    queue = broker.topic(f"{topic}-dlq", settings={"retention.ms": "-1"})
    other = Producer({"bootstrap.servers": broker.bootstrap, "transactional.id": f"other-{group}"})
    other.init_transactions(10)
    other.begin_transaction()
    other.produce(queue, b"somebody else's", partition=0)
    assert other.flush(10) == 0
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    with pytest.raises(RefusedHere, match="a transaction of somebody else is open"):
        await carry_out(session, plan, silent)
    other.abort_transaction(10)
    assert broker.committed_offsets(group, topic) == POISON_AT
    assert broker.read_committed(queue) == []


@pytest.mark.usefixtures("quick")
async def test_the_journal_holds_payload_plan_and_outcome(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    outcome = await carry_out(session, plan, silent)
    assert outcome.journal_id is not None
    entry = await session.journal.entry(outcome.journal_id)
    assert entry is not None
    assert entry.state is EntryState.COMMITTED
    assert f"reroute {topic}:0:10 --to {topic}-dlq --create-dlq --group {group} --evict" in entry.intent.command
    [payload] = await payloads_of(session.journal, entry.id)
    assert payload == plan.copies[0].record


async def test_a_group_that_has_moved_meanwhile_is_left_and_nothing_is_written(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    broker.commit(group, topic, 20)
    with pytest.raises(PlanNoLongerHolds, match="has moved to 20"):
        await carry_out(session, plan, silent)
    assert broker.committed_offsets(group, topic) == 20
    assert broker.read_committed(f"{topic}-dlq") == []
    [entry] = await session.journal.entries()
    assert entry.state is EntryState.ABORTED


async def test_a_commit_in_the_middle_of_the_transaction_aborts_it(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])

    def commit_meanwhile(step: WriteStep) -> None:
        if (step.name, step.state) == (WriteStepName.TRANSACTION, StepState.RUNNING):
            broker.commit(group, topic, 20)

    with pytest.raises(PlanNoLongerHolds, match="has moved to 20"):
        await carry_out(session, plan, commit_meanwhile)
    assert broker.committed_offsets(group, topic) == 20
    assert broker.read_committed(f"{topic}-dlq") == []


async def test_a_record_removed_by_retention_meanwhile_is_not_copied(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    broker.purge(topic, POISON_AT + 5)
    with pytest.raises(PlanNoLongerHolds, match="is gone: the log starts at 15"):
        await carry_out(session, plan, silent)
    assert broker.committed_offsets(group, topic) == POISON_AT
    assert broker.read_committed(f"{topic}-dlq") == []


async def test_a_record_that_is_not_there_cannot_be_planned(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    for past_the_end in (30, 999):
        with pytest.raises(OffsetOutOfRange):
            await plan_reroute(session, [RecordId(topic, 0, past_the_end)], groups=[group])
    broker.purge(topic, 5)
    with pytest.raises(OffsetOutOfRange) as removed:
        await plan_reroute(session, [RecordId(topic, 0, 3)], groups=[group])
    assert removed.value.hint == "Retention has removed it: the log starts at 5."


async def test_an_unknown_group_cannot_be_planned(broker: Broker, session: Session) -> None:
    topic = broker.poisoned_topic()
    with pytest.raises(UnknownGroup):
        await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=["nobody-at-all"])


async def test_a_copy_that_the_queue_does_not_take_moves_no_group(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    broker.topic(f"{topic}-dlq", settings={"max.message.bytes": "200", "retention.ms": "-1"})
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    assert [type(problem) for problem in plan.problems] == [RecordTooLarge]
    with pytest.raises(RecordTooLarge):
        await carry_out(session, replace(plan, problems=()), silent)  # as the broker itself refuses it
    assert broker.committed_offsets(group, topic) == POISON_AT
    assert broker.read_committed(f"{topic}-dlq") == []


async def test_a_queue_that_would_remove_an_old_record_at_once_is_refused(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    broker.topic(f"{topic}-dlq", settings={"retention.ms": "604800000"})
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    with pytest.raises(RefusedByPolicy, match="keeps records for 7 days"):
        await carry_out(session, plan, silent)
    other = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group], dlq=f"{topic}-kept")
    assert (other.problems, other.dlq_settings) == ((), (("retention.ms", "-1"),))


@pytest.mark.usefixtures("quick")
async def test_a_second_copy_is_never_written(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    record = RecordId(topic, 0, POISON_AT)
    broker.commit(group, topic, POISON_AT)
    first = await carry_out(session, await plan_reroute(session, [record], groups=[group]), silent)
    broker.commit(group, topic, POISON_AT)  # a member has rewound the group
    again = await plan_reroute(session, [record], groups=[group])
    assert [copy.already for copy in again.copies] == [first.done[0].target]
    outcome = await carry_out(session, again, silent)
    assert outcome.transaction is TransactionState.COMMITTED
    assert broker.committed_offsets(group, topic) == POISON_AT + 1
    assert len(broker.read_committed(f"{topic}-dlq")) == 1
    copy_only = await plan_reroute(session, [record], groups=[])
    assert [type(problem) for problem in copy_only.problems] == [PlanNoLongerHolds]


@pytest.mark.usefixtures("quick")
async def test_two_at_once_write_one_copy(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    broker.topic(f"{topic}-dlq", settings={"retention.ms": "-1"})
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    outcomes = await asyncio.gather(
        carry_out(session, plan, silent), carry_out(session, plan, silent), return_exceptions=True
    )
    assert sum(not isinstance(outcome, BaseException) for outcome in outcomes) == 1
    (refused,) = [one for one in outcomes if isinstance(one, BaseException)]
    assert isinstance(refused, PlanNoLongerHolds)
    assert len(broker.read_committed(f"{topic}-dlq")) == 1
    assert broker.committed_offsets(group, topic) == POISON_AT + 1


@pytest.mark.usefixtures("quick")
async def test_good_records_are_passed_over_only_when_asked(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    record = RecordId(topic, 0, POISON_AT)
    broker.commit(group, topic, 7)
    plan = await plan_reroute(session, [record], groups=[group])
    [left] = plan.left_alone
    assert (left.standing, [r.offset for r in left.records_between]) == (GroupPosition.BETWEEN, [7, 8, 9])
    with pytest.raises(RefusedHere, match="3 good records lie between"):
        await carry_out(session, plan, silent)
    assert broker.committed_offsets(group, topic) == 7
    asked = await plan_reroute(session, [record], groups=[group], skip_between=True)
    assert [(copy.record.offset, copy.good) for copy in asked.copies] == [(7, True), (8, True), (9, True), (10, False)]
    await carry_out(session, asked, silent)
    assert broker.committed_offsets(group, topic) == POISON_AT + 1
    assert [value for _, value, _ in broker.read_committed(f"{topic}-dlq")] == [
        b'{"n":7}',
        b'{"n":8}',
        b'{"n":9}',
        POISON_VALUE,
    ]


@pytest.mark.usefixtures("quick")
async def test_without_a_group_named_those_that_stand_at_the_record_move(
    broker: Broker, session: Session, group: str
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    broker.commit(f"{group}-past", topic, 12)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=None)
    assert [move.group for move in plan.moves] == [group]
    assert [(left.group, left.standing) for left in plan.left_alone] == [(f"{group}-past", GroupPosition.PAST)]
    assert plan.problems == ()
    await carry_out(session, plan, silent)
    assert broker.committed_offsets(f"{group}-past", topic) == 12


async def test_cancelling_before_the_commit_leaves_nothing(broker: Broker, session: Session, group: str) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    begun = asyncio.Event()

    def note(step: WriteStep) -> None:
        if step.name is WriteStepName.TRANSACTION:
            begun.set()

    task = asyncio.ensure_future(carry_out(session, plan, note))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert broker.committed_offsets(group, topic) == POISON_AT
    assert broker.read_committed(f"{topic}-dlq") == []
    [entry] = await session.journal.entries()
    assert entry.state is EntryState.ABORTED


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
async def test_a_live_member_that_retries_for_ever_goes_on_after_eviction(
    broker: Broker, session: Session, group: str, protocol: str
) -> None:
    topic = broker.poisoned_topic()
    with retrier(broker.bootstrap, topic, group, protocol):
        wait_until(lambda: broker.committed_offsets(group, topic) == POISON_AT)
        plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
        assert [move.members for move in plan.moves] == [1]
        outcome = await carry_out(session, plan, silent)
        [moved] = outcome.groups
        assert (moved.effective, len(moved.evicted)) == (True, 1)
        wait_until(lambda: broker.committed_offsets(group, topic) == 30)
    assert len(broker.read_committed(f"{topic}-dlq")) == 1


async def test_without_eviction_it_is_said_that_a_live_member_does_not_follow(
    broker: Broker, session: Session, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "WATCH_SECONDS", 2.0)
    topic = broker.poisoned_topic()
    with retrier(broker.bootstrap, topic, group):
        wait_until(lambda: broker.committed_offsets(group, topic) == POISON_AT)
        plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group], evict=False)
        outcome = await carry_out(session, plan, silent)
    [stays] = outcome.groups
    assert (stays.effective, stays.evicted) == (False, ())
    assert any("Restart" in advice for advice in stays.advice)


@pytest.mark.usefixtures("quick")
async def test_a_group_rewound_by_a_late_commit_is_moved_again(
    broker: Broker, session: Session, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = broker.poisoned_topic()
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    rewound: list[WriteStep] = []

    def rewind_once(step: WriteStep) -> None:
        if step.name is WriteStepName.WATCH and not rewound:
            rewound.append(step)
            broker.commit(group, topic, POISON_AT)

    ids, transact = [], session.cluster.transact

    async def noting(transactional_id: str, *parts: Any) -> Any:
        ids.append(transactional_id)
        return await transact(transactional_id, *parts)

    monkeypatch.setattr(session.cluster, "transact", noting)
    outcome = await carry_out(session, plan, rewind_once)
    assert ids == [f"kafkaview-{topic}"] * 2  # the right to this one is looked at by the plan
    assert [one.effective for one in outcome.groups] == [None]
    assert broker.committed_offsets(group, topic) == POISON_AT + 1
    assert len(broker.read_committed(f"{topic}-dlq")) == 1
