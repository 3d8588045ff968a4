"""The records of a bulk re-route in batches, each of which is one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, cast

from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import Record, RecordId, TopicPartition
from kafkaview.triage.reroute.bulk.survey import LeftRecords, SourceMark
from kafkaview.triage.reroute.bulk.work import BulkWork
from kafkaview.writes.records.batch_room import BatchRoom, batch_records

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster

RecordCopy = tuple[Record, Copy]
SourceBatch = list[RecordCopy]


class SourceBatches:
    """Makes the copies of the records that are `unsent`; at once of those that the plan has kept, though some may be
    found to stand meanwhile. Those that are not there any more are added to `left`.
    """

    def __init__(self, cluster: Cluster, work: BulkWork, left: LeftRecords) -> None:
        self.unsent = work.unsent
        self.looked_up = asyncio.Event()  # set once `unsent` is without what stands already
        self._cluster = cluster
        self._work = work
        self._left = left

    async def batches(self) -> AsyncGenerator[SourceBatch, None]:
        """Yields the records of one transaction after the other. The copies are made on a thread: thousands at once."""
        most = batch_records(self._work.queue.limits.largest)
        room, now = BatchRoom(most), SourceBatch()
        async with aclosing(self._sources()) as sources:
            async for records in sources:
                for first in range(0, len(records), most):
                    for record, copy in await asyncio.to_thread(self._make, records[first : first + most]):
                        if not room.takes(copy):
                            yield now
                            room, now = BatchRoom(most), []
                            room.takes(copy)
                        now.append((record, copy))
                    if room.is_full:  # it is sent while the next copies are made
                        yield now
                        room, now = BatchRoom(most), []
        if now:
            yield now

    def _make(self, records: Sequence[Record]) -> SourceBatch:
        maker = self._work.maker.of_now()
        return [(record, maker.make(record)) for record in records]

    async def _sources(self) -> AsyncGenerator[Sequence[Record], None]:
        """Yields the records that are to be sent: those that the plan has kept, then the others as they are read."""
        work = self._work
        wanted = {place: set(own) for place, own in self.unsent.items()}
        kept = [record for record in work.survey.kept if record.offset in wanted[record.topic_partition]]
        yield kept
        await self.looked_up.wait()
        rest = {place: set(own) for place, own in self.unsent.items()}
        for record in kept:
            rest[record.topic_partition].discard(record.offset)
        rest = {place: own for place, own in rest.items() if own}
        if not rest:
            return
        opened = self._cluster.read_at(rest)
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                for record in batch.records:
                    rest[record.topic_partition].discard(record.offset)
                yield [record for record in batch.records if self._is_planned(record)]
        for place, gone in rest.items():
            for offset in sorted(gone):
                self._left.add(RecordId(place.topic, place.partition, offset), "it is gone meanwhile")

    def _is_planned(self, record: Record) -> bool:
        """Returns whether a record is still the one that was planned; a log that was cut off may hold another there."""
        same = self._work.survey.marks[record.topic_partition][record.offset].digest == SourceMark.of(record).digest
        if not same:
            self._left.add(record.id, "another record stands there meanwhile")
        return same


@asynccontextmanager
async def one_ahead(batches: AsyncGenerator[SourceBatch, None]) -> AsyncIterator[AsyncIterator[SourceBatch]]:
    """Gives the batches. While one is sent the next is made; the first is begun at once."""
    following = asyncio.ensure_future(anext(batches, None))

    async def each() -> AsyncGenerator[SourceBatch, None]:
        nonlocal following
        while (batch := await following) is not None:
            following = asyncio.ensure_future(anext(batches, None))
            yield batch

    try:
        async with aclosing(each()) as ahead:
            yield ahead
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def offsets_of(batch: SourceBatch) -> dict[TopicPartition, set[int]]:
    """Returns the offsets of a batch by partition."""
    found: dict[TopicPartition, set[int]] = {}
    for record, _ in batch:
        found.setdefault(record.topic_partition, set()).add(record.offset)
    return found
