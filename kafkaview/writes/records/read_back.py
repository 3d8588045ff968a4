"""What was written in transactions, read back and compared byte for byte, once no open one hides it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from kafkaview.cluster.errors import RefusedHere
from kafkaview.cluster.leaders import find_silence
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import Record, RecordId, TopicPartition
from kafkaview.words import number, plural

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, Cluster

_LOOKS, _PAUSE_S = 50, 0.1  # five seconds, for a marker to be in every log


@dataclass(slots=True)
class _OffsetRun:
    """The offsets of one partition that were written one behind the other."""

    first: int
    last: int


@dataclass(slots=True)
class _Written:
    """What was written to one partition, in its order: the runs of offsets, and a digest of their bytes."""

    runs: list[_OffsetRun] = field(default_factory=list)
    records: int = 0
    digest: Any = field(default_factory=hashlib.blake2b)

    def add(self, offset: int, copy: Copy) -> None:
        self.records += 1
        if self.runs and self.runs[-1].last + 1 == offset:
            self.runs[-1].last = offset
        else:
            self.runs.append(_OffsetRun(offset, offset))
        add_bytes(self.digest, copy)


class WrittenRecords:
    """The records that were written, in the order of each partition."""

    def __init__(self) -> None:
        self._by_place: dict[TopicPartition, _Written] = {}

    def add(self, place: RecordId, copy: Copy) -> None:
        """Adds a record that is committed."""
        self._by_place.setdefault(place.topic_partition, _Written()).add(place.offset, copy)

    async def read_back(self, cluster: Cluster, report: Callable[[str], None]) -> tuple[int, list[str]]:
        """Returns how many records were read back, and what does not fit. Raises ClusterError."""
        if not self._by_place:
            return 0, []
        await wait_for_transactions(cluster, self._by_place)
        found, doubts = 0, []
        for place, written in sorted(self._by_place.items()):
            count, digest = await _read_runs(cluster, place, written)
            found += count
            report(plural(found, "record"))
            if count < written.records:
                doubts.append(f"{number(written.records - count)} records of {place} are not there any more")
            elif digest != written.digest.digest():
                doubts.append(f"the records of {place} do not read back as they were written")
        return found, doubts


async def wait_for_transactions(cluster: Cluster, places: Collection[TopicPartition]) -> None:
    """Waits until every transaction that is open in these partitions now has ended: it hides what is written behind it.
    Raises RefusedHere or Unreachable where that is not seen within seconds.
    """
    ends = {place: of.log_end_offset for place, of in (await cluster.offsets(places)).items()}
    for _ in range(_LOOKS):
        stable = {place: of.last_stable_offset for place, of in (await cluster.offsets(places)).items()}
        hidden = [place for place, end in ends.items() if end is None or (stable[place] or 0) < end]
        if not hidden:
            return
        await asyncio.sleep(_PAUSE_S)
    first = hidden[0]
    if ends[first] is None or stable[first] is None:
        raise await find_silence(cluster, first)
    message = f"What {first} holds cannot be seen: a transaction of somebody else is open on it"
    raise RefusedHere(message, "Wait until it has ended.")


async def _read_runs(cluster: Cluster, place: TopicPartition, written: _Written) -> tuple[int, bytes]:
    runs, at, count, digest = written.runs, 0, 0, hashlib.blake2b()
    first = (await cluster.offsets([place]))[place].log_start_offset
    start, end = max(runs[0].first, first or 0), runs[-1].last + 1
    if start >= end:
        return 0, b""
    opened = cluster.read({place: start}, {place: end})
    async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
        async for batch in batches:
            for record in batch.records:
                while at < len(runs) and runs[at].last < record.offset:
                    at += 1
                if at < len(runs) and record.offset >= runs[at].first:
                    count += 1
                    add_bytes(digest, record)
    return count, digest.digest()


def add_bytes(digest: Any, record: Copy | Record) -> None:
    """Adds the bytes of a record to a digest of hashlib, the parts behind the lengths of all."""
    parts = [record.key, record.value]
    for header in record.headers or ():
        parts += (header.key.encode(), header.value)
    digest.update(str([-1 if part is None else len(part) for part in parts]).encode())
    digest.update(b"".join([part for part in parts if part is not None]))
