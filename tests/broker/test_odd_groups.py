"""Groups whose ids a client library alters or cannot carry: the one that was named moves, or nothing does."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kafkaview.cluster.errors import RefusedHere
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, RecordId, TopicPartition
from kafkaview.triage.reroute.outcome import TransactionState
from kafkaview.triage.reroute.plan import GroupPosition
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes import follow_up as following
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.steps import WriteStep
from tests.broker.material import POISON_AT, Broker, session_on

CARRIED = [" {}", "  {}", "{} ", "a {} b", '"{}"', "-{}", "{}:1=2,3", "%{}%"]
NOT_CARRIED = ["", "\t{}", "gr\u00fc\u00dfe {}", "{}\n", "{}\x1b[2J", "{}\x7f"]


@pytest.fixture
async def session(kafka: EmbeddedKafka, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Session]:
    monkeypatch.setattr(following, "HOLD_SECONDS", 0.3)
    async with session_on(kafka.bootstrap, tmp_path / "journal.sqlite3") as session:
        yield session


def silent(_step: WriteStep) -> None:
    """Nobody looks at the progress."""


async def offset_of(session: Session, group: str, where: TopicPartition) -> int:
    committed = (await session.cluster.committed_offsets([group]))[group]
    assert not isinstance(committed, Exception)
    return committed[where].offset


@pytest.mark.parametrize("form", CARRIED)
async def test_the_group_that_was_named_moves_and_no_other(kafka: EmbeddedKafka, session: Session, form: str) -> None:
    topic = Broker(kafka.bootstrap).poisoned_topic()
    where, group = TopicPartition(topic, 0), form.format(uuid.uuid4().hex[:8])
    likeness = f"x{group.strip()}" if group == group.strip() else group.strip()
    await session.cluster.group_offsets.commit(group, {where: CommittedOffset(POISON_AT)})
    await session.cluster.group_offsets.commit(likeness, {where: CommittedOffset(3)})
    plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group])
    outcome = await carry_out(session, plan, silent)
    assert outcome.transaction is TransactionState.COMMITTED
    assert (await offset_of(session, group, where), await offset_of(session, likeness, where)) == (POISON_AT + 1, 3)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("form", NOT_CARRIED)
async def test_a_group_that_no_transaction_can_name_is_refused_before_anything_is_written(
    kafka: EmbeddedKafka, session: Session, form: str, *, named: bool
) -> None:
    broker = Broker(kafka.bootstrap)
    topic = broker.poisoned_topic()
    where, group = TopicPartition(topic, 0), form.format(uuid.uuid4().hex[:8])
    await session.cluster.group_offsets.commit(group, {where: CommittedOffset(POISON_AT)})
    try:
        plan = await plan_reroute(session, [RecordId(topic, 0, POISON_AT)], groups=[group] if named else None)
        assert [left.standing for left in plan.left_alone if left.group == group] == [GroupPosition.UNNAMEABLE]
        with pytest.raises(RefusedHere, match="no transaction can name"):
            await carry_out(session, plan, silent)
        assert await offset_of(session, group, where) == POISON_AT
        assert not broker.exists(f"{topic}-dlq")
        assert await session.journal.entries() == ()
    finally:
        await session.cluster.group_offsets.delete_group(group)
