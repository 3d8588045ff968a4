"""The partition that holds the records of a key, found out from records that are there."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, cast

from kafkaview.records.partitioners import Partitioner
from kafkaview.terms import Record, Topic, TopicPartition

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from kafkaview.cluster.ports.cluster import Batch, Cluster
    from kafkaview.records.request import ReadRequest

_SAMPLE: Final = 10  # records from either end of each partition
_MOST_PARTITIONS: Final = 50  # that the sample is taken from


async def find_key_partitions(
    cluster: Cluster, topic: Topic, partitions: tuple[TopicPartition, ...], request: ReadRequest
) -> tuple[tuple[TopicPartition, ...], tuple[str, ...]]:
    """Returns the partitions to read for the request's key, and sentences that say why. Without a named partitioner it
    is the one that put the topic's records where they are; if none did, all partitions are read.
    """
    key, count = request.key or b"", len(topic.partitions)
    if request.partitions is not None or count == 1:
        return partitions, ()
    chosen = request.partitioner
    if chosen is None:
        agreeing = _agreeing(await _sample(cluster, partitions), count)
        if not agreeing:
            why = f"neither {' nor '.join(Partitioner)} put the keys of {topic.name} where they are"
            return partitions, (f"All {count} partitions are read: {why}, or partitions were added since.",)
        chosen = agreeing[0]
    place = TopicPartition(topic.name, chosen.choose(key, count))
    note = (
        f"Only {place} is read: {chosen} ({chosen.clients}) sends the key there. Records from before partitions were "
        "added, or of another partitioner, would lie elsewhere."
    )
    return (place,), (note,)


def _agreeing(records: Iterable[Record], partitions: int) -> list[Partitioner]:
    """Returns the partitioners that would have put every record where it is; Java's where there is none with a key."""
    keyed = [record for record in records if record.key]
    return [one for one in Partitioner if all(one.choose(of.key or b"", partitions) == of.partition for of in keyed)]


async def _sample(cluster: Cluster, partitions: tuple[TopicPartition, ...]) -> list[Record]:
    """Returns some of the oldest and newest records."""
    some = partitions[:: -(-len(partitions) // _MOST_PARTITIONS)]
    found: list[Record] = []
    bounds = await cluster.offsets(some)
    ends: dict[TopicPartition, tuple[int, int]] = {
        tp: (of.log_start_offset, of.last_stable_offset)
        for tp, of in bounds.items()
        if of.log_start_offset is not None and of.last_stable_offset is not None
    }
    heads = {tp: (first, min(last, first + _SAMPLE)) for tp, (first, last) in ends.items()}
    tails = {tp: (max(heads[tp][1], last - _SAMPLE), last) for tp, (_, last) in ends.items()}
    for spans in (heads, tails):
        opened = cluster.read(
            {tp: span[0] for tp, span in spans.items()},
            {tp: span[1] for tp, span in spans.items()},
            pass_removed=True,
        )
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                found += batch.records
    return found
