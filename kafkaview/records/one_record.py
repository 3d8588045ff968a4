"""Reading one record, or saying why there is none at its offset."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from kafkaview.cluster.errors import OffsetOutOfRange, UnknownTopicOrPartition
from kafkaview.cluster.leaders import find_silence, leaderless
from kafkaview.terms import Isolation, PartitionOffsets, Record, RecordId

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster


async def read_record(cluster: Cluster, id_: RecordId, isolation: Isolation = Isolation.READ_COMMITTED) -> Record:
    """Returns one record. Raises UnknownTopicOrPartition, Unreachable where its partition has no leader or
    the leader is silent, or OffsetOutOfRange with the reason why it is missing.
    """
    partition = id_.topic_partition
    topic = await cluster.topic(id_.topic)
    if id_.partition >= len(topic.partitions):
        known = f"{topic.name} has partitions 0 to {len(topic.partitions) - 1}"
        raise UnknownTopicOrPartition(f"There is no partition {partition}: {known}")
    if topic.partitions[id_.partition].leader is None:
        raise leaderless(topic.partitions[id_.partition])
    bounds = (await cluster.offsets([partition]))[partition]
    end = bounds.log_end_offset if isolation is Isolation.READ_UNCOMMITTED else bounds.last_stable_offset
    if end is None:
        raise await find_silence(cluster, partition)  # a read would wait for it all the same, and not know for whom
    first = bounds.log_start_offset
    if (first is None or first <= id_.offset) and id_.offset < end:
        opened = cluster.read({partition: id_.offset}, {partition: id_.offset + 1}, isolation=isolation, batch=1)
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                for record in batch.records:
                    if record.offset == id_.offset:
                        return record
    kind = "committed record" if isolation is Isolation.READ_COMMITTED else "record"
    raise OffsetOutOfRange(f"There is no {kind} at {id_}", why_missing(id_.offset, bounds, isolation))


def why_missing(offset: int, bounds: PartitionOffsets, isolation: Isolation = Isolation.READ_COMMITTED) -> str:
    """Returns why an offset holds no record that a reader may see."""
    start, end, stable = bounds.log_start_offset, bounds.log_end_offset, bounds.last_stable_offset
    if start is not None and offset < start:
        return f"Retention has removed it: the log starts at {start}."
    if end is not None and offset >= end:
        return f"The log ends at {end}."
    if isolation is Isolation.READ_UNCOMMITTED:
        return "The offset holds a transaction marker, or a record that compaction removed."
    if stable is not None and offset >= stable:
        return f"A transaction is open from {stable} on: wait for its end."
    return "The offset holds a transaction marker, an aborted record, or one that compaction removed."
