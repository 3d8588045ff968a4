"""The dead letters that a redrive is about: named ones, or all of a queue, of which a filter may keep some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from kafkaview.cluster.errors import RefusedHere
from kafkaview.records.decoding import filter_decoder
from kafkaview.records.passage import Passage
from kafkaview.records.positions import BEGINNING, END
from kafkaview.records.progress import ReadProgress
from kafkaview.records.ranges import ReadRange, find_range, partitions_of
from kafkaview.records.search import RecordQuery, RecordSearch
from kafkaview.terms import Record, TopicPartition
from kafkaview.triage.dead_letters.letters import row_of_letter
from kafkaview.triage.redrive.offset_set import BLOCK_OFFSETS, OffsetSet, blocks_of
from kafkaview.triage.redrive.request import EVERY_LETTER

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch
    from kafkaview.session import Session
    from kafkaview.terms import Topic
    from kafkaview.triage.redrive.request import RedriveRequest


class LetterSelection:
    """The dead letters of a request. `starts` are where the logs began, `blocks` the blocks of offsets in which the
    letters can lie. Once they are read, `progress` says what was left out, `voids` has offsets that hold no record.
    """

    def __init__(self, session: Session, queue: Topic, request: RedriveRequest, search: RecordSearch) -> None:
        self._session = session
        self._queue = queue
        self._search = search
        self._whole = not request.records and not request.where and request.cut == EVERY_LETTER
        self._cut = request.cut
        self._named: dict[TopicPartition, OffsetSet] = {}
        for record in request.records:
            self._named.setdefault(record.topic_partition, OffsetSet()).add(record.offset)
        self._range = ReadRange({})
        self._seen: defaultdict[int, OffsetSet] = defaultdict(OffsetSet)
        self.progress = ReadProgress()

    @classmethod
    async def open(cls, session: Session, queue: Topic, request: RedriveRequest) -> LetterSelection:
        """Looks where the queue begins and ends. Raises ClusterError, and ValueError for a filter that cannot be used
        (as a FilterError).
        """
        foreign = next((one for one in request.records if one.topic != queue.name), None)
        if foreign is not None:
            raise RefusedHere(f"{foreign} is no dead letter of {queue.name}", "Redrive each queue by itself.")
        decoder = await filter_decoder(session, queue.name, "") if request.where else None
        made = cls(session, queue, request, RecordSearch(RecordQuery(request.where), decoder))
        places = partitions_of(queue, {one.partition for one in request.records} or None)
        made._range = await find_range(session.cluster, places, BEGINNING, END)
        return made

    @property
    def starts(self) -> dict[int, int]:
        """The first offset of each partition."""
        return {place.partition: first for place, (first, _) in self._range.spans.items()}

    @property
    def blocks(self) -> set[int]:
        """The blocks of offsets in which the letters can lie."""
        if self._named:
            return blocks_of(self._named.values())
        spans = self._range.spans.values()
        return {
            block
            for first, end in spans
            if first < end
            for block in range(first // BLOCK_OFFSETS, (end - 1) // BLOCK_OFFSETS + 1)
        }

    @property
    def voids(self) -> dict[int, OffsetSet]:
        """The offsets without a record, where all of the queue was read: markers of transactions, and what compaction
        removed.
        """
        if not self._whole or not self.progress.complete:
            return {}
        return {
            place.partition: OffsetSet.of(
                offset for offset in range(first, end) if offset not in self._seen[place.partition]
            )
            for place, (first, end) in self._range.spans.items()
        }

    async def letters(self) -> AsyncGenerator[Sequence[Record], None]:
        """Yields the letters, those of a partition in the order of their offsets. Raises ClusterError."""
        if self._named:
            opened = self._session.cluster.read_at(self._named)
            async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
                async for batch in batches:
                    result = self._search.look(batch.records)
                    for record in batch.records:
                        self._seen[record.partition].add(record.offset)
                    yield self._of_cut(result.things)
            return
        passage = Passage(self._session.cluster, (self._queue,), self._range, self._search, in_order=True)
        async with aclosing(passage.steps(self.progress)) as steps:
            async for progress, records in steps:
                self.progress = progress
                for record in records:
                    self._seen[record.partition].add(record.offset)
                yield self._of_cut(records)

    def _of_cut(self, records: Sequence[Record]) -> Sequence[Record]:
        """Returns the letters that are of the cut."""
        if self._cut == EVERY_LETTER:
            return records
        rows = (row_of_letter(record) for record in records)
        return [record for record, row in zip(records, rows, strict=True) if self._cut.takes(row.key, row.arrived_ms)]

    def missing(self) -> list[tuple[int, int]]:
        """Returns partition and offset of the named letters that were not found."""
        return [
            (place.partition, offset)
            for place, offsets in sorted(self._named.items())
            for offset in offsets
            if offset not in self._seen[place.partition]
        ]
