"""Checks whether a plan still holds: before anything is created, and twice inside its transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from kafkaview.cluster.errors import (
    ClusterError,
    OffsetOutOfRange,
    PlanNoLongerHolds,
    QueueUnsure,
    TopicExists,
    UnknownTopicOrPartition,
    Unreachable,
)
from kafkaview.cluster.ports.cluster import Cluster, TransactionStage
from kafkaview.terms import CommittedOffset, Record, RecordId, TopicPartition
from kafkaview.triage.record_reads import copy_fits, find_copies, is_copy, read_range
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.writes.records.read_back import wait_for_transactions

_HINT = "Nothing was written. Make a new plan."


async def check_plan(cluster: Cluster, plan: ReroutePlan, stage: TransactionStage | None = None) -> None:
    """Raises PlanNoLongerHolds if a group has moved, a record is gone, or the queue has changed. Runs before anything
    is created (no stage) and at both stages of the transaction. At the first stage it waits for other open transactions
    on a group's offsets or in the queue; later our own transaction would be among them.
    """
    await _check_groups(cluster, plan, require_stable=stage is TransactionStage.BEGUN)
    await _check_records(cluster, plan)
    if stage is None and plan.create_dlq:
        await check_still_missing(cluster, plan.dlq)
        return
    if stage is TransactionStage.BEGUN:
        await wait_for_transactions(cluster, _partitions_of(plan))
    await _check_old_copies(cluster, plan)
    for source, copy in (await new_copies(cluster, plan)).items():
        raise PlanNoLongerHolds(f"{source} has been copied to {copy} meanwhile", _HINT)


async def new_copies(cluster: Cluster, plan: ReroutePlan) -> dict[RecordId, RecordId]:
    """Returns the committed copies of the plan's records that were written to the queue since the plan was made."""
    sources = {copy.record.id: copy.record for copy in plan.new_copies}
    if not sources:
        return {}
    known = dict(plan.dlq_ends)
    return await find_copies(cluster, {tp: known.get(tp, 0) for tp in _partitions_of(plan)}, copy_fits(sources))


async def has_moved(cluster: Cluster, plan: ReroutePlan) -> bool:
    """Returns whether every group of the plan has the committed offset that the plan gives it."""
    committed = await cluster.committed_offsets({move.group for move in plan.moves}, require_stable=True)
    return all(_offset(committed[move.group], move.topic_partition) == move.after for move in plan.moves)


def _partitions_of(plan: ReroutePlan) -> set[TopicPartition]:
    """Returns the partitions of the queue that the copies go to."""
    return {TopicPartition(plan.dlq, copy.record.partition % plan.dlq_partitions) for copy in plan.new_copies}


async def _check_groups(cluster: Cluster, plan: ReroutePlan, *, require_stable: bool) -> None:
    groups = {move.group for move in plan.moves}
    if not groups:
        return
    committed = await cluster.committed_offsets(groups, require_stable=require_stable)
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
        end = bounds[copy.record.topic_partition].log_end_offset
        if start is not None and copy.record.offset < start:
            raise PlanNoLongerHolds(f"{copy.record.id} is gone: the log starts at {start:,} now", _HINT)
        if end is not None and copy.record.offset >= end:
            raise PlanNoLongerHolds(f"{copy.record.id} is gone: the log ends at {end:,} now", _HINT)


async def check_still_missing(cluster: Cluster, dlq: str) -> None:
    """Raises if somebody else has created the queue."""
    try:
        await cluster.topic(dlq)
    except UnknownTopicOrPartition:
        return
    raise made_meanwhile(dlq)


def made_meanwhile(dlq: str) -> PlanNoLongerHolds:
    """Returns the error for a queue that was to be made: its partitions or settings may not fit the copies."""
    return PlanNoLongerHolds(f"{dlq} was missing and has been made by somebody else meanwhile", _HINT)


@contextmanager
def making_queue(dlq: str) -> Iterator[None]:
    """Makes a queue within its block. Raises PlanNoLongerHolds where somebody else has made it, QueueUnsure where
    nobody says whether it is made.
    """
    try:
        yield
    except TopicExists as error:
        raise made_meanwhile(dlq) from error
    except Unreachable as error:
        hint = f"No record was copied and no group was moved. Look whether {dlq} is there: brokers may make it yet."
        raise QueueUnsure(f"{dlq} may have been made. {error.message}", hint) from error


async def _check_old_copies(cluster: Cluster, plan: ReroutePlan) -> None:
    """Raises if a copy from an earlier run, which replaces a new one, is gone."""
    for copy in plan.copies:
        if copy.already is not None and not await _holds(cluster, copy.already, copy.record):
            raise PlanNoLongerHolds(f"The copy of {copy.record.id} is no longer at {copy.already}", _HINT)


async def _holds(cluster: Cluster, where: RecordId, source: Record) -> bool:
    try:
        found = await read_range(cluster, where.topic_partition, where.offset, where.offset + 1)
    except (OffsetOutOfRange, UnknownTopicOrPartition):
        return False
    return bool(found) and is_copy(found[0], source)
