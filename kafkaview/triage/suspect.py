"""Which record a group stands on: the first one from the committed offset on that the topic's decoder cannot read.

Not always the one at the committed offset: a consumer that fails after a poll has committed the start of its batch.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import cast

from kafkaview.cluster.errors import ClusterError, CorruptBatch
from kafkaview.cluster.port import Batch, Cluster
from kafkaview.decode.result import Decoder
from kafkaview.decode.topics import TopicDecoder, TopicDecoders
from kafkaview.terms import PartitionOffsets, Record, TopicPartition
from kafkaview.triage.verdict import Evidence, Stuck, Suspect, Verdict

REACH = 1_000  # records read from the committed offset on
NEIGHBOURS = 20  # looked at on each side of the suspect
_AT_ONCE = 8
_READ_S = 10.0
_READ_AGAIN_S = 10.0  # where the log ended before the reach: more may have come


@dataclass(slots=True)
class Search:
    """What reading from a committed offset on found; filled record by record."""

    decoder: Decoder
    start: int
    good: int = 0
    suspect: Suspect | None = None
    before: deque[bool] = field(default_factory=lambda: deque(maxlen=NEIGHBOURS))
    after: list[bool] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Whether more records would tell nothing more."""
        return len(self.after) >= NEIGHBOURS if self.suspect else self.good >= REACH

    @property
    def neighbours(self) -> tuple[int, int]:
        """How many neighbours were looked at, and how many of them decode."""
        near = [*self.before, *self.after]
        return len(near), sum(near)

    def take_all(self, records: Sequence[Record]) -> bool:
        """Look at the next records until it is done; whether it is."""
        for record in records:
            if self.done:
                break
            self.take(record)
        return self.done

    def take(self, record: Record) -> None:
        """Look at the next record of the partition."""
        problem = self.decoder.problem(record.value) if record.value is not None else None
        if self.suspect is not None:
            self.after.append(problem is None)
        elif problem is not None and record.offset >= self.start:
            self.suspect = Suspect(record, problem, self.good)
        else:
            self.before.append(problem is None)
            self.good += record.offset >= self.start


@dataclass(frozen=True, slots=True)
class Found:
    """A search that was ended, and why before its end."""

    search: Search | None
    how: str
    error: ClusterError | None
    at: float

    @property
    def final(self) -> bool:
        """Whether reading again cannot find anything else."""
        searched = self.search
        if searched is None or self.error is not None:
            return isinstance(self.error, CorruptBatch)
        return searched.suspect is not None or searched.good >= REACH


class Suspects:
    """Searches, each made once for every partition and committed offset, whoever stands there."""

    def __init__(self, cluster: Cluster, decoders: TopicDecoders) -> None:
        self._cluster = cluster
        self._decoders = decoders
        self._found: dict[tuple[TopicPartition, int, str], Found] = {}
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def explain(
        self, stuck: Sequence[Stuck], offsets: dict[TopicPartition, PartitionOffsets]
    ) -> tuple[Stuck, ...]:
        """The same list with the undecided ones decided where a record tells; a partition without any readable
        record ahead (transaction markers alone) is caught up and falls out.
        """
        open_ones = [one for one in stuck if one.verdict is Verdict.UNDECIDED]
        places = {(one.topic_partition, one.committed_offset) for one in open_ones}
        found = dict(zip(places, await asyncio.gather(*(self._find(*place, offsets) for place in places)), strict=True))
        self._forget({place[0] for place in places})
        explained = (
            explain(one, found[one.topic_partition, one.committed_offset]) if one.verdict is Verdict.UNDECIDED else one
            for one in stuck
        )
        return tuple(one for one in explained if one is not None)

    def _forget(self, standing: set[TopicPartition]) -> None:
        self._found = {key: found for key, found in self._found.items() if key[0] in standing}

    async def _find(
        self, partition: TopicPartition, committed: int | None, offsets: dict[TopicPartition, PartitionOffsets]
    ) -> Found:
        async with self._room:
            try:
                topic = await self._decoders.of(self._cluster, partition.topic)
            except ClusterError as error:
                return Found(None, "", error, time.monotonic())
            start, name = committed if committed is not None else -1, topic.decoder.name if topic.decoder else ""
            known = self._found.get((partition, start, name))
            if known and (known.final or time.monotonic() < known.at + _READ_AGAIN_S):
                return known
            found = await self._read(partition, committed, topic, offsets[partition])
            self._found[partition, start, name] = found
            return found

    async def _read(
        self, partition: TopicPartition, committed: int | None, topic: TopicDecoder, bounds: PartitionOffsets
    ) -> Found:
        first, end = bounds.log_start_offset, bounds.last_stable_offset
        if topic.decoder is None or first is None or end is None:
            return Found(None, topic.how, None, time.monotonic())
        search = Search(topic.decoder, max(first, committed or 0))
        start = max(first, search.start - NEIGHBOURS)
        error: ClusterError | None = None
        try:
            async with asyncio.timeout(_READ_S), aclosing(_read(self._cluster, partition, start, end)) as batches:
                async for batch in batches:
                    if search.take_all(batch.records):
                        break
        except ClusterError as failed:
            error = failed
        except TimeoutError:
            error = ClusterError(f"reading {partition} from {start:,} on takes more than {_READ_S:.0f} s")
        return Found(search, topic.how, error, time.monotonic())


def _read(cluster: Cluster, partition: TopicPartition, start: int, end: int) -> AsyncGenerator[Batch, None]:
    batches = cluster.read({partition: start}, {partition: end}, batch=REACH)
    return cast("AsyncGenerator[Batch, None]", batches)


def explain(stuck: Stuck, found: Found) -> Stuck | None:
    """The verdict after reading; None where nothing that can be read waits."""
    search = found.search
    if search is not None and search.suspect is not None:
        return _poison(stuck, search, search.suspect)
    if isinstance(found.error, CorruptBatch):
        evidence = (Evidence(found.error.message, "bad"), *stuck.evidence)
        return replace(
            stuck, verdict=Verdict.CORRUPT_BATCH, reason="a record batch fails its checksum", evidence=evidence
        )
    if found.error is not None:
        return _with(stuck, Evidence(f"Its records could not be read: {found.error.message}", "unknown"))
    if search is None:
        return _with(stuck, Evidence(f"Nothing is judged: {found.how or 'its leader does not answer'}", "unknown"))
    if not search.good:
        return None
    if search.good == 1:
        words = f"The next record decodes as {search.decoder.title}, no more wait"
    else:
        words = f"The next {search.good:,} records decode as {search.decoder.title}"
    return _with(
        replace(stuck, reason=f"{stuck.reason}, and what it stands on decodes"),
        Evidence(f"{words}: the fault lies in the processing, or it commits more rarely than we watched", "unknown"),
    )


def _poison(stuck: Stuck, search: Search, suspect: Suspect) -> Stuck:
    evidence = [*stuck.evidence[:-1], *_about(search, suspect), *stuck.evidence[-1:]]
    # Without a commit it is not known that the group reads from here on.
    verdict = Verdict.UNDECIDED if stuck.committed_offset is None else Verdict.POISON
    return replace(stuck, verdict=verdict, reason=suspect.problem.reason, evidence=tuple(evidence), suspect=suspect)


def _about(search: Search, suspect: Suspect) -> list[Evidence]:
    total, decode = search.neighbours
    if not total:
        does_not = "The record does not decode, and it has no neighbours"
    elif decode == total:
        does_not = f"The record does not decode. Its {total} neighbours do"
    else:
        does_not = f"The record does not decode. {decode} of its {total} neighbours do"
    evidence = [Evidence(does_not, "bad")]
    if suspect.records_between:
        between = f"{suspect.records_between:,} good record{'s lie' if suspect.records_between > 1 else ' lies'}"
        evidence.append(Evidence(f"{between} between the committed offset and it: committed per batch", "warn"))
    return evidence


def _with(stuck: Stuck, evidence: Evidence) -> Stuck:
    return replace(stuck, evidence=(*stuck.evidence, evidence))
