"""Whether a plan still holds: asked before its transaction, and once more inside it just before the commit."""

from __future__ import annotations

from collections.abc import Mapping

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds
from kafkaview.cluster.port import Cluster
from kafkaview.terms import CommittedOffset, Record, RecordId, TopicPartition
from kafkaview.triage.plan import ReroutePlan
from kafkaview.triage.reading import find_copies

_HINT = "Nothing was written. Make a new plan."


async def check_plan(cluster: Cluster, plan: ReroutePlan, *, require_stable: bool) -> None:
    """Raise PlanNoLongerHolds if a group has moved, a record is gone, or another has copied a record meanwhile.

    With `require_stable` a transaction that is pending on a group's offsets is waited for. Inside our own transaction
    that would be our own: there the committed offsets are asked for as they stand without it.
    """
    await _check_groups(cluster, plan, require_stable=require_stable)
    await _check_records(cluster, plan)
    made = await new_copies(cluster, plan)
    for source, copy in made.items():
        raise PlanNoLongerHolds(f"{source} has been copied to {copy.id} meanwhile", _HINT)


async def new_copies(cluster: Cluster, plan: ReroutePlan) -> dict[RecordId, Record]:
    """Committed copies of the plan's records that came into the dead letter queue since the plan was made."""
    sources = {copy.record.id for copy in plan.copies if copy.already is None}
    if not sources:
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
