"""Browsing: the records of all partitions in the order of their timestamps, a page at a time, from either end of a
range and without reading the rest of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Protocol, TypeVar

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.records.passage import Instructions, Passage, PassageResult
from kafkaview.records.progress import ReadProgress
from kafkaview.records.ranges import ReadRange, find_skipped
from kafkaview.terms import Isolation, Record, Topic, TopicPartition

_FIRST_PIECE: Final = 500  # offsets of a partition at once, at most, while nothing is known of their size
_LARGEST_PIECE: Final = 5_000
_PIECE_BYTES: Final = 33_554_432  # of all partitions' pieces together


class Dated(Protocol):
    """A record, or what is kept of one."""

    @property
    def partition(self) -> int:
        """Its partition."""
        ...

    @property
    def offset(self) -> int:
        """Its offset."""
        ...

    @property
    def timestamp_ms(self) -> int | None:
        """Its timestamp."""
        ...


T = TypeVar("T", bound=Dated)


@dataclass(frozen=True, slots=True)
class RecordPage(Generic[T]):
    """Some records of a page in its order, and the progress. `resume` is set in the last part: for each partition with
    more records where the next page begins, or, read backwards, ends; None where there are none.
    """

    records: tuple[T, ...]
    progress: ReadProgress
    ended: bool = False
    resume: Mapping[int, int] | None = None


class _Cursor(Generic[T]):
    """One partition: the records that wait to be shown, and the offsets that are still to be read."""

    def __init__(self, first: int, last: int) -> None:
        self.first = first
        self.last = last
        self.waiting: deque[T] = deque()

    @property
    def left(self) -> bool:
        """Whether offsets are still to be read."""
        return self.first < self.last

    def cut(self, offsets: int, *, backwards: bool) -> tuple[int, int]:
        """Takes the next offsets off those that are to be read."""
        if backwards:
            span = (max(self.first, self.last - offsets), self.last)
            self.last = span[0]
        else:
            span = (self.first, min(self.last, self.first + offsets))
            self.first = span[1]
        return span

    def resume(self, *, backwards: bool) -> int:
        """Returns the offset where a later page goes on."""
        if not self.waiting:
            return self.last if backwards else self.first
        return self.waiting[0].offset + 1 if backwards else self.waiting[0].offset


class Browser(Generic[T]):
    """Reads one page. `keep` makes what is kept of each record, on a thread of its own."""

    def __init__(
        self,
        cluster: Cluster,
        topic: Topic,
        span: ReadRange,
        keep: Callable[[Sequence[Record]], Sequence[T]],
        *,
        limit: int,
        isolation: Isolation = Isolation.READ_COMMITTED,
        backwards: bool = False,
    ) -> None:
        self._cluster = cluster
        self._topic = topic
        self._keeper = _Keeper(keep)
        self._limit = limit
        self._isolation = isolation
        self._backwards = backwards
        self._cursors: dict[TopicPartition, _Cursor[T]] = {tp: _Cursor(*one) for tp, one in span.spans.items()}
        self._piece = max(1, min(_FIRST_PIECE, -(-2 * limit // max(1, len(span.spans)))))
        self._progress = ReadProgress(total=span.offsets, skipped=span.skipped, held_back=span.held_back)
        self._taken = 0

    async def pages(self) -> AsyncGenerator[RecordPage[T], None]:
        """Yields the parts of the page. Raises ClusterError where no partition can be read."""
        while self._taken < self._limit and any(cursor.left or cursor.waiting for cursor in self._cursors.values()):
            if any(cursor.left and not cursor.waiting for cursor in self._cursors.values()):
                async with aclosing(self._fill()) as steps:
                    async for progress in steps:
                        yield RecordPage((), progress)
            records = self._merge()
            if records:
                yield RecordPage(tuple(records), self._progress)
        resume = {
            tp.partition: cursor.resume(backwards=self._backwards)
            for tp, cursor in self._cursors.items()
            if cursor.left or cursor.waiting
        }
        progress = self._progress
        gone = progress.skipped or progress.held_back or progress.removed or progress.damaged
        yield RecordPage((), replace(progress, complete=not gone), ended=True, resume=resume or None)

    def _merge(self) -> list[T]:
        """Takes the records that come next, until a partition must be read on."""
        taken: list[T] = []
        while self._taken < self._limit:
            cursors = [cursor for cursor in self._cursors.values() if cursor.waiting or cursor.left]
            if not cursors or any(not cursor.waiting for cursor in cursors):
                break
            choose = max if self._backwards else min
            best = choose(cursors, key=lambda cursor: cursor.waiting[0].timestamp_ms or 0)
            taken.append(best.waiting.popleft())
            self._taken += 1
        return taken

    async def _fill(self) -> AsyncGenerator[ReadProgress, None]:
        """Reads the next piece of each partition that has few records left."""
        few = self._piece // 2
        cursors = {tp: cursor for tp, cursor in self._cursors.items() if cursor.left and len(cursor.waiting) <= few}
        spans = {tp: cursor.cut(self._piece, backwards=self._backwards) for tp, cursor in cursors.items()}
        passage = Passage(self._cluster, (self._topic,), ReadRange(spans), self._keeper, self._isolation)
        before = self._progress
        found: dict[int, list[T]] = {tp.partition: [] for tp in spans}
        try:
            async with aclosing(passage.steps(ReadProgress())) as steps:
                async for step, records in steps:
                    for record in records:
                        found[record.partition].append(record)
                    self._progress = _sum(before, step)
                    yield self._progress
        except Unreachable:
            if len(spans) == len(self._cursors):
                raise  # the cluster is away, not a broker of it
            self._progress = replace(before, skipped=(*before.skipped, *await find_skipped(self._cluster, spans)))
        for one in self._progress.skipped:
            self._cursors.pop(one.topic_partition, None)
        for tp, cursor in cursors.items():
            cursor.waiting.extend(sorted(found[tp.partition], key=lambda one: one.offset, reverse=self._backwards))
        self._resize()

    def _resize(self) -> None:
        """Doubles the next pieces, within what their records may take of memory."""
        each = self._keeper.bytes // max(1, self._keeper.records)
        most = max(1, _PIECE_BYTES // max(1, each) // max(1, len(self._cursors)))
        self._piece = min(2 * self._piece, _LARGEST_PIECE, most)


class _Keeper:
    """Keeps what a browser wants of each record, and counts their bytes."""

    def __init__(self, keep: Callable[[Sequence[Record]], Sequence[Any]]) -> None:
        self._keep = keep
        self.records = self.bytes = 0

    def instructions(self) -> Instructions | None:
        """A page is read by this process."""
        return None

    def look(self, records: Sequence[Record], _stop: Callable[[], bool]) -> PassageResult:
        """Returns what is kept."""
        self.records += len(records)
        self.bytes += sum(len(record.value or b"") + len(record.key or b"") for record in records)
        return PassageResult(self._keep(records))

    def restore(self, thing: Sequence[Any]) -> Sequence[Any]:
        """Nothing comes from another process."""
        return thing


def _sum(before: ReadProgress, step: ReadProgress) -> ReadProgress:
    """Returns the progress of a page after a step of one of its pieces."""
    return replace(
        before,
        scanned=before.scanned + step.scanned,
        passed=before.passed + step.passed,
        seconds=before.seconds + step.seconds,
        skipped=before.skipped + step.skipped,
        removed=before.removed + step.removed,
        damaged=before.damaged + step.damaged,
    )
