"""What a broker would refuse of a re-route is a problem of its plan, and nothing is made on the way to a refusal."""

from __future__ import annotations

import uuid
from pathlib import Path
from time import time

import pytest
from confluent_kafka import Producer

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RecordTooLarge, RefusedByPolicy
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.session import Session
from kafkaview.terms import RecordId
from kafkaview.triage.reroute.outcome import TransactionState
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.steps import StepState, WriteStep, WriteStepName
from kafkaview.writes.topics.deletion import plan_delete_topic
from tests.broker.material import POISON_AT, Broker, session_on, wait_until

DAY_MS = 86_400_000


def silent(_step: WriteStep) -> None:
    """Nobody looks at the progress."""


def of_one(broker: Broker, name: str = "", *, away_ms: int = 0, **settings: str) -> RecordId:
    """A topic with one record, whose timestamp lies so far from now."""
    topic = broker.topic(name, settings={key.replace("_", "."): value for key, value in settings.items()})
    producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    producer.produce(topic, b"v", b"k", 0, timestamp=round(1_000 * time()) + away_ms)
    assert producer.flush(10) == 0
    return RecordId(topic, 0, 0)


async def check_refused(session: Session, broker: Broker, plan: ReroutePlan, kind: type[ClusterError]) -> None:
    """The dry run says it, and a run makes nothing."""
    queue_was_there = broker.exists(plan.dlq)
    assert [type(problem) for problem in plan.problems] == [kind]
    assert plan.problems[0].hint
    with pytest.raises(kind):
        await carry_out(session, plan, silent)
    assert await session.journal.entries() == ()
    assert broker.exists(plan.dlq) is queue_was_there


@pytest.mark.parametrize("form", ["a.{}", "-a.{}", "{}" + "x" * 217])
async def test_a_queue_that_cannot_be_made_is_refused_with_a_name_that_can(
    broker: Broker, session: Session, form: str
) -> None:
    name = form.format(uuid.uuid4().hex)
    record = of_one(broker, name)
    if "." in name:
        broker.topic(f"{name.replace('.', '_')}-dlq")
    plan = await plan_reroute(session, [record], groups=[])
    await check_refused(session, broker, plan, RefusedByPolicy)
    other = plan.problems[0].hint.removesuffix(".").removeprefix("Choose another queue: --to").lstrip(" =")
    again = await plan_reroute(session, [record], groups=[], dlq=other)
    assert (await carry_out(session, again, silent)).transaction is TransactionState.COMMITTED
    assert len(broker.read_committed(other)) == 1


async def test_kafkas_own_topic_is_no_queue(broker: Broker, session: Session) -> None:
    plan = await plan_reroute(session, [of_one(broker)], groups=[], dlq="__consumer_offsets")
    await check_refused(session, broker, plan, RefusedByPolicy)


@pytest.mark.parametrize("exists", [True, False])
async def test_a_timestamp_that_the_queue_does_not_take_is_refused(
    broker: Broker, session: Session, *, exists: bool
) -> None:
    """By default a record may lie an hour before the broker's time since Kafka 4.0."""
    record = of_one(broker, away_ms=30 * DAY_MS, message_timestamp_after_max_ms=str(60 * DAY_MS))
    if exists:
        broker.topic(f"{record.topic}-dlq", settings={"retention.ms": "-1"})
    plan = await plan_reroute(session, [record], groups=[])
    await check_refused(session, broker, plan, RefusedByPolicy)
    assert "message.timestamp.after.max.ms=3600000" in plan.problems[0].message


async def test_a_queue_that_stamps_records_anew_takes_it_and_says_so(broker: Broker, session: Session) -> None:
    record = of_one(broker, away_ms=-30 * DAY_MS)
    settings = {"message.timestamp.type": "LogAppendTime", "message.timestamp.before.max.ms": "1000"}
    broker.topic(f"{record.topic}-dlq", settings=settings)
    plan = await plan_reroute(session, [record], groups=[])
    assert plan.problems == ()
    assert any("LogAppendTime" in one.why for one in plan.cautions)
    assert (await carry_out(session, plan, silent)).transaction is TransactionState.COMMITTED


async def test_a_record_that_a_new_queue_would_not_take_by_its_size_is_refused(
    broker: Broker, session: Session
) -> None:
    """The copy has headers of its own, and fits no more where the record itself just did."""
    record = of_one(broker, max_message_bytes="200")
    plan = await plan_reroute(session, [record], groups=[])
    await check_refused(session, broker, plan, RecordTooLarge)


async def test_a_group_beyond_an_end_of_the_log_moves_or_is_left_alone_with_the_reason(
    broker: Broker, session: Session
) -> None:
    topic, name = broker.poisoned_topic(), uuid.uuid4().hex
    for group, offset in ((f"beyond-{name}", 1_000), (f"below-{name}", 5)):
        broker.commit(group, topic, offset)
    broker.purge(topic, POISON_AT)
    record = RecordId(topic, 0, POISON_AT)
    plan = await plan_reroute(session, [record], groups=None)
    assert [(one.group, one.after) for one in plan.moves] == [(f"below-{name}", POISON_AT + 1)]
    (left,) = plan.left_alone
    assert (left.group, left.note) == (f"beyond-{name}", "beyond the log's end (30), where no record is: left alone")
    assert (await carry_out(session, plan, silent)).transaction is TransactionState.COMMITTED
    assert broker.committed_offsets(f"below-{name}", topic) == POISON_AT + 1
    assert broker.committed_offsets(f"beyond-{name}", topic) == 1_000
    (refused,) = (await plan_reroute(session, [record], groups=[f"beyond-{name}"])).problems
    assert "beyond the log's end (30)" in refused.message


async def test_the_replicas_of_a_new_queue_are_named(broker: Broker, session: Session) -> None:
    plan = await plan_reroute(session, [of_one(broker)], groups=[])
    assert (plan.dlq_replication_factor, plan.problems) == (1, ())
    assert plan.new_queue.endswith(": 1 partition, 1 replica, kept for ever")


async def test_a_queue_with_fewer_replicas_than_its_topic_is_warned_of_and_made_as_the_plan_says(
    tmp_path: Path,
) -> None:
    """The cluster's default decides of a queue that is made, not its topic."""
    with EmbeddedKafka(nodes=3, settings={"default.replication.factor": "1"}) as kafka:
        broker = Broker(kafka.bootstrap)
        topic = broker.topic(replicas=3)
        producer = Producer({"bootstrap.servers": broker.bootstrap, "log_level": 0})
        producer.produce(topic, b"v", b"k", 0)
        assert producer.flush(10) == 0
        async with session_on(kafka.bootstrap, tmp_path / "journal.sqlite3") as session:
            plan = await plan_reroute(session, [RecordId(topic, 0, 0)], groups=[])
            assert (plan.dlq_replication_factor, plan.problems) == (1, ())
            assert f"The queue gets 1 replica, {topic} has 3:" in [one.consequence for one in plan.cautions]
            assert (await carry_out(session, plan, silent)).transaction is TransactionState.COMMITTED
            assert (await session.cluster.topic(plan.dlq)).replication_factor == 1
            again = await plan_reroute(session, [RecordId(topic, 0, 0)], groups=[])
            assert not any("replica" in one.consequence for one in again.cautions), "it is there, nothing is made"
            await session.cluster.create_topic(f"{topic}-kept", 1, 3, {"retention.ms": "-1"})
            kept = await plan_reroute(session, [RecordId(topic, 0, 0)], groups=[], dlq=f"{topic}-kept")
            assert not any("replica" in one.consequence for one in kept.cautions)


async def test_a_queue_that_was_made_before_the_refusal_is_offered_for_removal_and_removed(
    broker: Broker, session: Session
) -> None:
    topic, group = broker.poisoned_topic(), f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic, POISON_AT)
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])

    def commit_meanwhile(step: WriteStep) -> None:
        if (step.name, step.state) == (WriteStepName.TRANSACTION, StepState.RUNNING):
            broker.commit(group, topic, 20)

    with pytest.raises(PlanNoLongerHolds) as refused:
        await carry_out(session, plan, commit_meanwhile)
    assert f"topics delete {topic}-dlq" in refused.value.hint
    removal = await plan_delete_topic(session, f"{topic}-dlq")
    assert (await carry_out(session, removal)).doubt == ""
    wait_until(lambda: not broker.exists(f"{topic}-dlq"))
    assert (await plan_delete_topic(session, topic)).destroys


async def test_a_cluster_that_can_keep_no_transactions_is_known_beforehand(tmp_path: Path) -> None:
    with EmbeddedKafka(settings={"transaction.state.log.replication.factor": "3"}) as kafka:
        broker = Broker(kafka.bootstrap)
        record = of_one(broker)
        async with session_on(kafka.bootstrap, tmp_path / "journal.sqlite3") as session:
            plan = await plan_reroute(session, [record], groups=[])
            await check_refused(session, broker, plan, RefusedByPolicy)
            assert "1 broker runs" in plan.problems[0].message
            assert not broker.exists("__transaction_state")
