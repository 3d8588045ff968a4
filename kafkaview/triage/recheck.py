"""Whether a plan still holds: asked before anything is made, and twice inside its transaction."""

from __future__ import annotations

from collections.abc import Mapping

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, UnknownTopicOrPartition
from kafkaview.cluster.port import Cluster, TransactionStage
from kafkaview.terms import CommittedOffset, Record, RecordId, TopicPartition
from kafkaview.triage.plan import ReroutePlan
from kafkaview.triage.reading import find_copies

_HINT = "Nothing was written. Make a new plan."


async def check_plan(cluster: Cluster, plan: ReroutePlan, stage: TransactionStage | None = None) -> None:
    """Raise PlanNoLongerHolds if a group has moved, a record is gone, or another has copied a record meanwhile.

    Asked before anything is made (no stage), and at both stages of the transaction. Once it has begun, a transaction
    that somebody else holds pending on a group's offsets is waited for; when ours is ready it would be our own.
    """
    await _check_groups(cluster, plan, require_stable=stage is TransactionStage.BEGUN)
    await _check_records(cluster, plan)
    for source, copy in (await new_copies(cluster, plan)).items():
        raise PlanNoLongerHolds(f"{source} has been copied to {copy.id} meanwhile", _HINT)


async def new_copies(cluster: Cluster, plan: ReroutePlan) -> dict[RecordId, Record]:
    """Committed copies of the plan's records that came into the dead letter queue since the plan was made."""
    sources = {copy.record.id for copy in plan.copies if copy.already is None}
    if not sources:
        return {}
    try:
        await cluster.topic(plan.dlq)
    except UnknownTopicOrPartition:
        return {}
    known = dict(plan.dlq_ends)
    holding = {TopicPartition(plan.dlq, source.partition % plan.dlq_partitions) for source in sources}
    return await find_copies(cluster, {tp: known.get(tp, 0) for tp in holding}, sources)


async def _check_groups(cluster: Cluster, plan: ReroutePlan, *, require_stable: bool) -> None:
    groups = {move.group for move in plan.moves}
    if not groups:
        return
    committed = await cluster.committed(groups, require_stable=require_stable)
    for move in plan.moves:
        now = _offset(committed[move.group], move.topic_partition)
        before = move.before.offset if move.before else None
        if now != before:
            where = "has no committed offset" if now is None else f"has moved to {now:,}"
            raise PlanNoLongerHolds(f"{move.group} {where} on {move.topic_partition} meanwhile", _HINT)


def _offset(
    committed: Mapping[TopicPartition, CommittedOffset] | ClusterError, partition: TopicPartition
) -> int | None:
    if isinstance(committed, ClusterError):
        raise committed
    found = committed.get(partition)
    return found.offset if found else None


async def _check_records(cluster: Cluster, plan: ReroutePlan) -> None:
    bounds = await cluster.offsets({copy.record.topic_partition for copy in plan.copies})
    for copy in plan.copies:
        start = bounds[copy.record.topic_partition].log_start_offset
        if start is not None and copy.record.offset < start:
            raise PlanNoLongerHolds(f"{copy.record.id} is gone: the log starts at {start:,} now", _HINT)
