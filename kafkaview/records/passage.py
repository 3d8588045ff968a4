"""The passage through a range: its records are read here or by several processes, and nothing that goes missing
meanwhile ends it.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, TypeVar, cast

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.ports.cluster import Batch, Cluster
from kafkaview.decode.schemas import Schemas
from kafkaview.records.progress import MOST_DAMAGED, ReadProgress
from kafkaview.records.ranges import ReadRange, Spans, find_skipped
from kafkaview.records.worker_pool import Order, PoolReport, Silence, count_workers, read_beside, shares_of
from kafkaview.terms import Isolation, Record, RecordId, RemovalCause, RemovedOffsets, Topic, TopicPartition

P = TypeVar("P", bound=ReadProgress)

_BATCH = 10_000
_DAMAGES: Final = (RemovalCause.DAMAGE, RemovalCause.MUCH_DAMAGE)
_ATTEMPTS, _BETWEEN_ATTEMPTS_S = 3, 1.0  # to learn where the next batch begins


@dataclass(frozen=True, slots=True)
class PassageResult:
    """What was found in some records, and on how many of them the work failed."""

    things: Sequence[Any]
    failed: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Instructions:
    """How another process does the work: the module that it runs, and what that needs to know; schemas it asks for."""

    module: str
    parameters: Mapping[str, Any]
    schemas: Schemas | None = None


class PassageWork(Protocol):
    """What is done with the records of a range."""

    def instructions(self) -> Instructions | None:
        """Returns how another process does it; None if only this one can."""
        ...

    def look(self, records: Sequence[Record], stop: Callable[[], bool]) -> PassageResult:
        """Looks through records, on a thread of its own; ends early on a request to stop."""
        ...

    def restore(self, thing: Sequence[Any]) -> Any:
        """Makes a found value from what another process reported."""
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage: the range, the work, and how it is read. With `in_order` partition comes after partition, and what
    is found comes in the order of the offsets, so that its first part is the same each time.
    """

    cluster: Cluster
    topics: Sequence[Topic]
    range: ReadRange
    work: PassageWork
    isolation: Isolation = Isolation.READ_COMMITTED
    in_order: bool = False
    divide: bool = True
    batch: int | None = None

    async def steps(self, progress: P) -> AsyncGenerator[tuple[P, tuple[Any, ...]], None]:
        """Yields the progress at least every 250 ms, with what was found since. Closing the iterator stops the read at
        once. Raises ClusterError where not one partition could be read to its end.
        """
        spans = self.range.spans
        progress = replace(
            progress, total=self.range.offsets, skipped=self.range.skipped, held_back=self.range.held_back
        )
        yield progress, ()
        silences: list[Silence] = []
        began = time.monotonic()
        async with aclosing(self._reports()) as reports:
            async for report in reports:
                silences += [report.silence] if report.silence is not None else ()
                progress = replace(
                    progress,
                    scanned=progress.scanned + report.scanned,
                    passed=progress.passed + report.passed,
                    removed=progress.removed + _without_damage(report.removed),
                    damaged=progress.damaged + _damage(report.removed),
                    failed=progress.failed + report.failed,
                    failure=progress.failure or report.failure,
                    seconds=time.monotonic() - began,
                )
                yield progress, report.found
        unread = dict.fromkeys(tp for silence in silences for tp in silence.partitions)
        if silences and len(unread) == sum(first < last for first, last in spans.values()):
            raise silences[0].error  # not one partition was read to its end: the cluster is away, not a broker of it
        removed = await self._removed(progress.removed)
        unread_too = await find_skipped(self.cluster, unread)
        progress = replace(progress, skipped=(*progress.skipped, *unread_too), removed=removed)
        complete = not (progress.skipped or progress.held_back or progress.removed or progress.damaged)
        seconds = time.monotonic() - began
        yield replace(progress, passed=progress.total, seconds=seconds, complete=complete), ()

    async def _removed(self, removed: tuple[RemovedOffsets, ...]) -> tuple[RemovedOffsets, ...]:
        """Returns what was removed; all of a topic that was created anew."""
        anew = await _find_recreated(self.cluster, self.topics)
        return (
            *(one for one in removed if one.topic_partition.topic not in anew),
            *(
                RemovedOffsets(tp, *span, RemovalCause.DELETION)
                for tp, span in self.range.spans.items()
                if tp.topic in anew and span[0] < span[1]
            ),
        )

    async def _reports(self) -> AsyncGenerator[PoolReport, None]:
        """Reads spans, and behind each batch that cannot be read what is left of its span; of a partition with very
        many such batches the rest is not read.
        """
        left, batches_of = list(self.range.spans.items()), Counter[TopicPartition]()
        while left:
            now: dict[TopicPartition, tuple[int, int]] = {}
            for tp, span in left:
                now.setdefault(tp, span)  # a partition that was divided may have several
            left = [(tp, span) for tp, span in left if now[tp] != span]
            again = bool(batches_of)  # what is behind a damaged batch is not worth other processes
            async with aclosing(await self._reports_of(now, here=again)) as reports:
                async for report in reports:
                    batches: list[RemovedOffsets] = []
                    if report.silence is not None:
                        report = await _tell_damage(self.cluster, report, report.silence)  # noqa: PLW2901
                    for gap in _damage(report.removed):
                        batches_of[gap.topic_partition] += 1
                        many = batches_of[gap.topic_partition] > MOST_DAMAGED
                        try:
                            batch = (
                                replace(gap, cause=RemovalCause.MUCH_DAMAGE)
                                if many
                                else await _damaged_batch(self.cluster, gap)
                            )
                        except Unreachable as error:
                            span = (gap.from_offset, gap.to_offset)
                            yield PoolReport(silence=Silence({gap.topic_partition: span}, error))
                            continue
                        batches.append(batch)
                        left.append((gap.topic_partition, (batch.to_offset, gap.to_offset)))
                    passed = report.passed + sum(batch.offsets for batch in batches)
                    yield replace(report, passed=passed, removed=_without_damage(report.removed) + tuple(batches))
            left = [(tp, (first, last)) for tp, (first, last) in left if first < last]

    async def _reports_of(self, spans: Spans, *, here: bool) -> AsyncGenerator[PoolReport, None]:
        """Returns the reports of the spans. Several processes read a large range, unless `here` is set, or the cluster
        or the work does not allow it.
        """
        count = 0 if here else count_workers(sum(last - first for first, last in spans.values()))
        instructions = self.work.instructions() if count else None
        settings = await self.cluster.reader_settings(self.isolation) if instructions is not None else None
        if instructions is None or settings is None:
            return self._read_here(spans)
        order = Order(
            settings,
            instructions.module,
            instructions.parameters,
            self.work.restore,
            self.in_order,
            instructions.schemas,
        )
        return read_beside(order, shares_of(spans, count, divide=self.divide, in_order=self.in_order))

    async def _read_here(self, spans: Spans) -> AsyncGenerator[PoolReport, None]:
        looking = _Looker(self.work)
        following: Mapping[TopicPartition, int] = {tp: first for tp, (first, _) in spans.items()}
        try:
            async with aclosing(self._batches(spans)) as batches:
                async for batch in batches:
                    found = await looking.look(batch.records)
                    passed = sum(offset - following[tp] for tp, offset in batch.next_offsets.items())
                    following = batch.next_offsets
                    yield PoolReport(
                        len(batch.records),
                        passed,
                        tuple(found.things),
                        batch.removed,
                        failed=found.failed,
                        failure=found.failure,
                    )
        except Unreachable as error:
            yield PoolReport(silence=Silence.of(spans, following, error))
        finally:
            looking.close()

    def _batches(self, spans: Spans) -> AsyncGenerator[Batch, None]:
        opened = self.cluster.read(
            {tp: span[0] for tp, span in spans.items()},
            {tp: span[1] for tp, span in spans.items()},
            isolation=self.isolation,
            batch=self.batch or _BATCH,
            pass_removed=True,
            in_order=self.in_order,
        )
        return cast("AsyncGenerator[Batch, None]", opened)


class _Looker:
    """Looks through records on a thread of its own. It can be stopped between two records."""

    def __init__(self, work: PassageWork) -> None:
        self._work = work
        self._stop = False
        self._thread = ThreadPoolExecutor(1, "kafkaview-look")

    async def look(self, records: Sequence[Record]) -> PassageResult:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._look, records)

    def close(self) -> None:
        self._stop = True
        self._thread.shutdown()

    def _look(self, records: Sequence[Record]) -> PassageResult:
        return self._work.look(records, lambda: self._stop)


async def _tell_damage(cluster: Cluster, report: PoolReport, silence: Silence) -> PoolReport:
    """Moves partitions whose next batch is damaged from the report's silence to `removed`. A reader waits for such a
    batch as for an absent leader.
    """
    left, damage = dict(silence.left), []
    for place, span in silence.left.items():
        with suppress(ClusterError):  # its leader is away
            if not await cluster.is_batch_sound(RecordId(place.topic, place.partition, span[0])):
                damage.append(RemovedOffsets(place, *left.pop(place), RemovalCause.DAMAGE))
    silence_left = replace(silence, left=left) if left else None
    return replace(report, removed=(*report.removed, *damage), silence=silence_left)


async def _damaged_batch(cluster: Cluster, gap: RemovedOffsets) -> RemovedOffsets:
    """Returns the offsets of the batch with which a gap begins; all of the gap if its end cannot be told, or the broker
    does not find what is behind it. Raises Unreachable if the leader does not answer several times.
    """
    place = gap.topic_partition
    for attempts_left in reversed(range(_ATTEMPTS)):
        try:
            behind = await cluster.next_batch(RecordId(place.topic, place.partition, gap.from_offset))
        except Unreachable:
            if not attempts_left:
                raise
            await asyncio.sleep(_BETWEEN_ATTEMPTS_S)
        except ClusterError:  # the broker refuses to read behind it
            break
        else:
            return replace(gap, to_offset=min(gap.to_offset, behind or gap.to_offset))
    return gap


def _damage(gaps: tuple[RemovedOffsets, ...]) -> tuple[RemovedOffsets, ...]:
    return tuple(gap for gap in gaps if gap.cause in _DAMAGES)


def _without_damage(gaps: tuple[RemovedOffsets, ...]) -> tuple[RemovedOffsets, ...]:
    return tuple(gap for gap in gaps if gap.cause not in _DAMAGES)


async def _find_recreated(cluster: Cluster, topics: Iterable[Topic]) -> set[str]:
    """Returns the topics that were deleted and created again during the read: the records may be from either."""
    found = set()
    for topic in topics:
        with suppress(ClusterError):  # it is gone: what was not read of it is known already
            now = await cluster.topic(topic.name)
            if None not in (now.id, topic.id) and now.id != topic.id:
                found.add(topic.name)
    return found
