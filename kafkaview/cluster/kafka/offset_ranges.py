"""The offset range of a read, checked against the log before a consumer is made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from kafkaview.cluster.errors import ClusterError, OffsetOutOfRange, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.kafka.log_offsets import bounds
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.kafka.span_reader import GONE_SECONDS
from kafkaview.cluster.leaders import leaderless
from kafkaview.terms import Isolation, Partition, PartitionOffsets, TopicPartition


async def ends_of(
    columns: ColumnRequests,
    start: Mapping[TopicPartition, int],
    end: Mapping[TopicPartition, int] | None,
    isolation: Isolation,
) -> dict[TopicPartition, int]:
    """Returns where each partition's read ends: the requested end, or the log's end for this isolation if it comes
    first.
    """
    known = await _wait_for_bounds(columns, start)
    ends = {}
    for partition, first in start.items():
        log = known[partition]
        _check_in_range(partition, first, log)
        last = log.last_stable_offset if isolation is Isolation.READ_COMMITTED else log.log_end_offset
        wished = last if end is None else end.get(partition, last)
        ends[partition] = min(wished or 0, last or 0)
    return ends


async def _wait_for_bounds(
    columns: ColumnRequests, start: Mapping[TopicPartition, int]
) -> dict[TopicPartition, PartitionOffsets]:
    """Returns the bounds of all partitions; waits while a broker restarts."""
    deadline = time.monotonic() + GONE_SECONDS
    while True:
        try:
            await _check_known(columns, start)
            logs = await bounds(columns, start)
            missing = [p for p, log in logs.items() if None in (log.log_start_offset, log.last_stable_offset)]
            if not missing:
                return logs
            late: ClusterError = _silence((await columns.table()).one(missing[0]), missing[0])
        except Unreachable as failure:
            late = failure
        if time.monotonic() > deadline:
            raise late
        await asyncio.sleep(0.2)


def _silence(known: Partition | None, partition: TopicPartition) -> ClusterError:
    if known is not None and known.leader is None:
        return leaderless(known)
    return Unreachable(
        f"The leader of {partition} does not say where its log ends.",
        "Read again when its broker is back. Of fewer replicas in sync than min.insync.replicas, a new leader"
        " does not know until they are enough again.",  # KIP-966: the high watermark stands still meanwhile
    )


async def _check_known(columns: ColumnRequests, start: Mapping[TopicPartition, int]) -> None:
    table = await columns.table()
    if any(table.place_of(partition) < 0 for partition in start):
        table = await columns.table(fresh=True)
    for partition in start:
        if table.place_of(partition) < 0:
            raise UnknownTopicOrPartition(
                f"There is no partition {partition}.", "Check the name; without the right to describe it looks missing."
            )


def _check_in_range(partition: TopicPartition, first: int, log: PartitionOffsets) -> None:
    low, high = log.log_start_offset or 0, log.log_end_offset or 0
    if not low <= first <= high:
        holds = f"holds offsets {low} to {high - 1}" if high > low else f"is empty at offset {high}"
        raise OffsetOutOfRange(
            f"Offset {first} is not in {partition}, which {holds}.", "Retention may have removed it."
        )
