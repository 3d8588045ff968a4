"""Following a topic: its records as they come in, in bounded memory, and what is missed of them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition, attempt
from kafkaview.cluster.leaders import find_silence
from kafkaview.records.passage import PassageResult
from kafkaview.records.positions import Position, note_commits
from kafkaview.records.ranges import find_range, partitions_of
from kafkaview.terms import Isolation, PartitionOffsets, Record, RemovalCause, RemovedOffsets, Topic, TopicPartition
from kafkaview.words import plural

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster

T = TypeVar("T")

_LOOK_SECONDS: Final = 2.0  # between two looks at the ends of the logs
_TOPIC_SECONDS: Final = 5.0  # between two looks at the topic's partitions
_RATE_SECONDS: Final = 5.0
_FAR_BEHIND: Final = 100_000  # offsets
_MOST_JOINED: Final = 5_000  # offsets between what was read and what is followed: beyond, they are left out


@dataclass(frozen=True, slots=True)
class Jump:
    """Offsets of a partition that were left out because the reader fell behind."""

    topic_partition: TopicPartition
    from_offset: int
    to_offset: int


@dataclass(frozen=True, slots=True)
class Arrival(Generic[T]):
    """What came in since the last one: the newest records that pass the filter, oldest first. `read` counts all records
    that came, `matched` those that pass the filter, `hidden` those of them that are not among `records` because there
    were too many. `rate` is records per second over the last five seconds, `behind` how many offsets were still to be
    read at the last look. `gaps` are offsets that were removed before they were read, `jumps` offsets that were left
    out because this reader fell behind. `notes` say what became of the topic and its brokers.
    The first arrival has the topic's id, and `anew` if what was read before was of an earlier topic of this name.
    """

    records: tuple[T, ...] = ()
    read: int = 0
    matched: int = 0
    hidden: int = 0
    rate: float = 0.0
    behind: int = 0
    gaps: tuple[RemovedOffsets, ...] = ()
    jumps: tuple[Jump, ...] = ()
    failed: int = 0
    failure: str = ""
    notes: tuple[str, ...] = ()
    anew: bool = False
    topic_id: bytes | None = None


class Follower(Generic[T]):
    """Follows some partitions of a topic, or all and those that are added. `look` keeps what passes the filter, `keep`
    makes what is shown of a record; both run on another thread. `most` bounds the records of one arrival; None keeps
    all of them and never jumps. `resume` has offsets of partitions that lie before `start`, from which it goes on.
    """

    def __init__(
        self,
        cluster: Cluster,
        topic: str,
        look: Callable[[Sequence[Record]], PassageResult],
        keep: Callable[[Sequence[Record]], Sequence[T]],
        *,
        start: Position,
        partitions: Sequence[int] | None = None,
        isolation: Isolation = Isolation.READ_COMMITTED,
        most: int | None = None,
        resume: Mapping[int, int] = MappingProxyType({}),
        topic_id: bytes | None = None,
    ) -> None:
        self._cluster = cluster
        self._name = topic
        self._look = look
        self._keep = keep
        self._start = start
        self._numbers = partitions
        self._isolation = isolation
        self._most = most
        self._resume = resume
        self._topic_id = topic_id
        self._joining: Mapping[TopicPartition, int] = {}  # up to where what comes belongs to what was read
        self._next: dict[TopicPartition, int] = {}
        self._away: set[TopicPartition] = set()  # partitions whose leader was away when it began
        self._topic: Topic | None = None
        self._arrived: deque[tuple[float, int]] = deque()
        self._behind = 0
        self._silent: tuple[TopicPartition, ...] = ()
        self._looked = self._looked_at_topic = time.monotonic()

    async def arrivals(self) -> AsyncGenerator[Arrival[T], None]:
        """Yields what came in, at least every 250 ms, until the topic is deleted. While nobody takes an arrival nothing
        is read. Raises ClusterError.
        """
        self._topic = topic = await self._cluster.topic(self._name)
        span = await find_range(
            self._cluster, partitions_of(topic, self._numbers), self._start, self._start, self._isolation
        )
        self._next = {tp: first for tp, (first, _) in span.spans.items()}
        self._away = {one.topic_partition for one in span.skipped}
        notes: tuple[str, ...] = tuple(f"Not followed: {one.reason}" for one in span.skipped)
        anew = is_another(topic, self._topic_id)
        notes += (_anew(self._name),) if anew else self._join()
        notes += await note_commits(self._cluster, tuple(span.spans), self._start)
        jumps: tuple[Jump, ...] = ()
        yield Arrival(notes=notes, anew=anew, topic_id=topic.id)
        while self._next:
            opened = self._cluster.follow(self._next, isolation=self._isolation)
            async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
                async for batch in batches:
                    arrival = await asyncio.to_thread(self._arrival, batch)
                    before = dict(self._next)
                    if any(gap.cause is RemovalCause.TRUNCATION for gap in arrival.gaps):
                        self._looked_at_topic = -_TOPIC_SECONDS  # a topic that was made anew looks like that
                    notes, jumps = await self._look_around()
                    gaps = arrival.gaps if self._next else ()
                    notes = (*_deletions(batch), *notes)
                    yield replace(arrival, behind=self._behind, jumps=jumps, notes=notes, gaps=gaps)
                    if before.keys() != self._next.keys() or jumps:
                        break  # with another set of partitions, or from further on
                else:
                    return

    def _join(self) -> tuple[str, ...]:
        """Goes back to where an earlier read ended, unless that is far back; returns what there is to say."""
        back = {tp: at for tp in self._next if (at := self._resume.get(tp.partition, self._next[tp])) < self._next[tp]}
        between = sum(self._next[tp] - at for tp, at in back.items())
        if between > _MOST_JOINED:
            return (f"{plural(between, 'offset')} between what was read and what is followed are left out",)
        self._joining = {tp: self._next[tp] for tp in back}
        self._next |= back
        return ()

    def _arrival(self, batch: Batch) -> Arrival[T]:
        for gap in batch.removed:
            if gap.cause is RemovalCause.DELETION:
                self._next.pop(gap.topic_partition, None)
        joins = any(self._next.get(tp, end) < end for tp, end in self._joining.items())
        self._next |= {tp: offset for tp, offset in batch.next_offsets.items() if tp in self._next}
        now = time.monotonic()
        self._arrived.append((now, len(batch.records)))
        while self._arrived[0][0] < now - _RATE_SECONDS:
            self._arrived.popleft()
        found = self._look(batch.records)
        shown: Sequence[Any] = found.things if self._most is None or joins else found.things[-self._most :]
        return Arrival(
            tuple(self._keep(shown)),
            len(batch.records),
            len(found.things),
            len(found.things) - len(shown),
            self._rate(now),
            gaps=tuple(gap for gap in batch.removed if gap.cause is not RemovalCause.DELETION),
            failed=found.failed,
            failure=found.failure,
        )

    def _rate(self, now: float) -> float:
        """Returns records per second: those that came after the first of the batches that are remembered."""
        since = now - self._arrived[0][0]
        return sum(count for _, count in list(self._arrived)[1:]) / since if since > 0 else 0.0

    async def _look_around(self) -> tuple[tuple[str, ...], tuple[Jump, ...]]:
        """Looks from time to time at the ends of the logs and at the topic; returns what there is to say."""
        now = time.monotonic()
        notes: list[str] = []
        jumps: tuple[Jump, ...] = ()
        if self._next and now - self._looked >= _LOOK_SECONDS:
            self._looked = now
            bounds = await self._cluster.offsets(self._next)
            notes += await self._silences(bounds)
            jumps = self._catch_up(bounds)
        if now - self._looked_at_topic >= _TOPIC_SECONDS:
            self._looked_at_topic = now
            notes += await self._look_at_topic()
        return tuple(notes), jumps

    async def _silences(self, bounds: Mapping[TopicPartition, PartitionOffsets]) -> list[str]:
        silent = tuple(tp for tp, of in bounds.items() if of.log_end_offset is None)
        if silent and await self._is_deleted():
            return []  # the reader will say so
        before, self._silent = self._silent, silent
        fallen = [(await find_silence(self._cluster, tp)).message for tp in silent if tp not in before]
        return fallen + [f"The leader of {tp} answers again" for tp in before if tp not in silent]

    async def _is_deleted(self) -> bool:
        try:
            await self._cluster.topic(self._name)
        except UnknownTopicOrPartition:
            return True
        except ClusterError:
            return False
        return False

    def _catch_up(self, bounds: Mapping[TopicPartition, PartitionOffsets]) -> tuple[Jump, ...]:
        """Counts what is still to be read; where that is very much, goes on at the newest records."""
        committed = self._isolation is Isolation.READ_COMMITTED
        ends = {tp: of.last_stable_offset if committed else of.log_end_offset for tp, of in bounds.items()}
        left = {tp: max(0, end - self._next[tp]) for tp, end in ends.items() if end is not None}
        self._behind = sum(left.values())
        if self._most is None or self._behind < _FAR_BEHIND:
            return ()
        each = max(1, self._most // len(self._next))
        jumps = tuple(
            Jump(tp, self._next[tp], self._next[tp] + offsets - each) for tp, offsets in left.items() if offsets > each
        )
        self._next |= {jump.topic_partition: jump.to_offset for jump in jumps}
        self._behind = each * len(jumps)
        return jumps

    async def _look_at_topic(self) -> list[str]:
        """Follows the partitions that were added, from their beginning, and no topic that was made anew."""
        try:
            topic = await self._cluster.topic(self._name)
        except ClusterError:  # of a deleted one the reader will say so
            return []
        before, self._topic = self._topic or topic, topic
        if is_another(topic, before.id):
            self._next.clear()
            return [_anew(self._name)]
        said = await self._look_for_those_away()
        new = [one.topic_partition for one in topic.partitions[len(before.partitions) :]]
        if not new or self._numbers is not None:
            return said
        self._next |= dict.fromkeys(new, 0)
        added = f"{self._name} has {plural(len(topic.partitions), 'partition')} now: {len(new):,} more than before"
        return [*said, added]

    async def _look_for_those_away(self) -> list[str]:
        """Follows the partitions whose leader answers by now: from where an earlier read ended, unless that is far
        back.
        """
        if not self._away:
            return []
        span = await attempt(
            lambda: find_range(self._cluster, sorted(self._away), self._start, self._start, self._isolation)
        )
        if isinstance(span, ClusterError):
            return []
        said = []
        for tp, (first, _) in span.spans.items():
            at = self._resume.get(tp.partition, first)
            self._next[tp] = at if 0 <= first - at <= _MOST_JOINED else first
            self._away.discard(tp)
            said.append(f"The leader of {tp} answers: it is followed from {self._next[tp]:,} on")
        return said


def is_another(topic: Topic, before: bytes | None) -> bool:
    """Returns whether a topic is known to be another than the one with an id, under the same name."""
    return None not in (before, topic.id) and before != topic.id


def _anew(name: str) -> str:
    return f"The topic {name} was deleted and made anew"


def _deletions(batch: Batch) -> list[str]:
    topics = {gap.topic_partition.topic for gap in batch.removed if gap.cause is RemovalCause.DELETION}
    return [f"The topic {topic} was deleted" for topic in sorted(topics)]
