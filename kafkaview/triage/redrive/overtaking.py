"""How many newer records of the same keys are overtaken by what is sent back: it lands behind them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, cast

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import RecordId, TopicPartition

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from kafkaview.cluster.ports.cluster import Batch, Cluster

_MOST_OFFSETS: Final = 500_000  # that are looked through
_MOST_S: Final = 15.0
_BATCH: Final = 5_000


class Overtaking:
    """The places and keys of what is sent back."""

    def __init__(self) -> None:
        self._first: defaultdict[TopicPartition, dict[bytes, int]] = defaultdict(dict)
        self._own: set[RecordId] = set()
        self._unplaced = False

    def add(self, origin: RecordId | None, key: bytes | None) -> None:
        """Adds a record with the place that it has, or had, in the topic it goes to; None where that is unknown. Where
        it has no key nothing is overtaken.
        """
        if key is None:
            return
        if origin is None:
            self._unplaced = True
            return
        firsts = self._first[origin.topic_partition]
        firsts[key] = min(origin.offset, firsts.get(key, origin.offset))
        self._own.add(origin)

    async def count(self, cluster: Cluster) -> int | None:
        """Returns how many records lie behind those with the same key; None where that is too much to look at, or
        cannot be.
        """
        if self._unplaced:
            return None
        try:
            async with asyncio.timeout(_MOST_S):
                return await self._count(cluster)
        except (TimeoutError, ClusterError):
            return None

    async def _count(self, cluster: Cluster) -> int | None:
        bounds = await cluster.offsets(self._first) if self._first else {}
        spans: dict[TopicPartition, tuple[int, int]] = {}
        for place, firsts in self._first.items():
            start, end = bounds[place].log_start_offset, bounds[place].last_stable_offset
            if start is None or end is None:
                return None
            spans[place] = (max(start, min(firsts.values()) + 1), end)
        spans = {place: span for place, span in spans.items() if span[0] < span[1]}
        if sum(last - first for first, last in spans.values()) > _MOST_OFFSETS:
            return None
        found = 0
        opened = cluster.read(
            {place: first for place, (first, _) in spans.items()},
            {place: last for place, (_, last) in spans.items()},
            batch=_BATCH,
            pass_removed=True,
        )
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                for record in batch.records:
                    first = self._first[record.topic_partition].get(record.key) if record.key is not None else None
                    if first is not None and record.offset > first and record.id not in self._own:
                        found += 1
        return found
