"""Reads records at scattered offsets: spans that hold all of them, with what lies between left out."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, cast

from kafkaview.terms import Record, TopicPartition
from kafkaview.triage.redrive.offset_set import OffsetSet

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster

_MOST_BETWEEN: Final = 20_000  # offsets that are read for nothing: another reader costs as much


async def read_scattered(
    cluster: Cluster, wanted: Mapping[TopicPartition, OffsetSet], *, batch: int = 5_000
) -> AsyncGenerator[tuple[Record, ...], None]:
    """Yields the committed records at these offsets, those of a partition in their order, perhaps none at a time. What
    is not there any more is left out. Raises ClusterError.
    """
    bounds = await cluster.offsets(wanted) if wanted else {}
    left: dict[TopicPartition, list[tuple[int, int]]] = {}
    for place, offsets in wanted.items():
        first, end = bounds[place].log_start_offset or 0, bounds[place].last_stable_offset
        spans = [
            (max(one, first), last if end is None else min(last, end)) for one, last in offsets.spans(_MOST_BETWEEN)
        ]
        left[place] = [(one, last) for one, last in spans if one < last]
    while any(left.values()):
        now = {place: spans.pop(0) for place, spans in left.items() if spans}
        opened = cluster.read(
            {place: first for place, (first, _) in now.items()},
            {place: last for place, (_, last) in now.items()},
            batch=batch,
            pass_removed=True,
            in_order=True,
        )
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for read in batches:
                yield tuple(one for one in read.records if one.offset in wanted[one.topic_partition])
