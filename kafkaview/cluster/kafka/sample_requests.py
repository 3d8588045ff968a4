"""The requests of a sample of a large cluster: metadata, log bounds and commits, each in few requests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from typing import Final

import numpy as np
from confluent_kafka import KafkaError

from kafkaview.cluster.errors import AuthenticationFailed, ClusterError
from kafkaview.cluster.kafka.commits import commits_alone_request, commits_request, read_commits, read_commits_alone
from kafkaview.cluster.kafka.coordinators import Coordinators, GroupQuestion
from kafkaview.cluster.kafka.log_bounds import EARLIEST, LATEST, Offsets, bounds_request, read_bounds
from kafkaview.cluster.kafka.metadata import Metadata, leaders_of, metadata_request, read_metadata
from kafkaview.cluster.kafka.requests import LARGE, BrokerRequests
from kafkaview.cluster.ports.columns import UNKNOWN, BoundColumns, CommitColumns, Ints, Longs, PartitionTable

REMEMBERED_SECONDS: Final = 30.0
MOVED_SECONDS: Final = 2.0
OFFLINE_SECONDS: Final = 4.0
NO_RECORD: Final = -2  # no record is as late as a time: unlike UNKNOWN, a leader's answer

# A partition with one of these has another leader now, or is not there any more.
_MOVED: Final = (
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.REPLICA_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
)


class ColumnRequests:
    """Reads columns, and caches the metadata."""

    def __init__(self, wire: BrokerRequests, coordinators: Coordinators) -> None:
        self._wire = wire
        self._coordinators = coordinators
        self._metadata: Metadata | None = None
        self._read_at = 0.0
        self._moved = False  # whether a leader is not where the metadata has it
        self._reading = asyncio.Lock()

    async def table(self, *, fresh: bool = False) -> PartitionTable:
        """Returns the table of every partition."""
        return (await self.metadata(fresh=fresh)).table

    def forget(self) -> None:
        """Empties the cache, so that the metadata is read again when it is next needed."""
        self._metadata = None

    async def metadata(self, *, fresh: bool = False) -> Metadata:
        """Returns brokers and partitions, from the cache or read anew."""
        asked_at = time.monotonic()
        async with self._reading:  # whoever asks meanwhile takes the same
            known = self._metadata
            if known is not None and (self._read_at >= asked_at or (not fresh and self._is_recent(known.table))):
                return known
            began = time.monotonic()
            answer = await self._wire.send_any(metadata_request(), "reading the metadata", purpose=LARGE)
            metadata = _keep_equal_table(known, read_metadata(answer))
            self._metadata, self._read_at, self._moved = metadata, began, False
            self._wire.learn(metadata.info)
            return metadata

    def _is_recent(self, table: PartitionTable) -> bool:
        """Returns whether the cache may be used; only briefly while a partition has no leader or its leader moves."""
        offline = bool((table.leader < 0).any())
        most = MOVED_SECONDS if self._moved else OFFLINE_SECONDS if offline else REMEMBERED_SECONDS
        return time.monotonic() - self._read_at < most

    async def bounds(
        self, table: PartitionTable, places: Ints | None = None, *, starts: bool = True, stables: bool = True
    ) -> BoundColumns:
        """Returns the bounds of logs. Both ends are requested at once, so the last stable offset may be the later
        answer.
        """
        led = list(leaders_of(table, np.arange(len(table), dtype=np.int32) if places is None else np.unique(places)))
        asked = [(LATEST, False), *([(LATEST, True)] if stables else []), *([(EARLIEST, False)] if starts else [])]
        end, *others = await self._ends(table, led, asked, complete=places is None)
        stable = others.pop(0) if stables else np.full(len(table), UNKNOWN, np.int64)
        start = others.pop(0) if starts else np.full(len(table), UNKNOWN, np.int64)
        return BoundColumns(start, np.where(end < 0, UNKNOWN, np.maximum(end, stable)), stable)

    async def offsets_at(self, table: PartitionTable, places: Ints, timestamp_ms: int) -> Longs:
        """Returns the first offset at or after a time, as long as the table: NO_RECORD where there is none, UNKNOWN
        where a leader did not say.
        """
        led = list(leaders_of(table, np.unique(places)))
        since = max(timestamp_ms, 0)  # a negative one has a meaning of its own: -1 is the log's end
        (found,) = await self._ends(table, led, [(since, False)], complete=False, none=NO_RECORD)
        return found

    async def commits(
        self, groups: Collection[str], table: PartitionTable, *, require_stable: bool = False
    ) -> dict[str, CommitColumns | ClusterError]:
        """Returns the committed offsets of each group."""
        question = GroupQuestion(
            "reading committed offsets",
            lambda some: commits_request(some, require_stable=require_stable),
            lambda _coordinator, answer: read_commits(answer, table),
            lambda group: commits_alone_request(group, require_stable=require_stable),
            lambda group, answer: read_commits_alone(group, answer, table),
        )
        return await self._coordinators.ask(groups, question)

    async def _ends(
        self,
        table: PartitionTable,
        led: list[tuple[int, Ints]],
        asked: list[tuple[int, bool]],
        *,
        complete: bool,
        none: int = UNKNOWN,
    ) -> list[Longs]:
        """Returns one column for each requested end, with `none` where a leader answers that there is no offset. With
        `complete`, raises where no leader and no other broker answers.
        """
        answers = await asyncio.gather(
            *(self._end(table, leader, places, *which) for which in asked for leader, places in led)
        )
        failures = [answer for answer in answers if isinstance(answer, ClusterError)]
        refused = [failure for failure in failures if isinstance(failure, AuthenticationFailed)]
        if refused:
            raise refused[0]
        if complete and failures and len(failures) == len(answers):
            await self.metadata(fresh=True)
        columns = []
        for number in range(len(asked)):
            column = np.full(len(table), UNKNOWN, np.int64)
            for answer in answers[number * len(led) : (number + 1) * len(led)]:
                if isinstance(answer, Offsets):
                    self._fill(column, answer, none)
            columns.append(column)
        return columns

    async def _end(
        self,
        table: PartitionTable,
        leader: int,
        places: Ints,
        at: int,
        committed: bool,  # noqa: FBT001 - as bounds_request
    ) -> Offsets | ClusterError:
        request = bounds_request(table, places, at, committed=committed)
        try:
            return read_bounds(await self._wire.send(request, leader, "reading offsets", purpose=LARGE), table)
        except ClusterError as failure:
            self._moved = True  # it may be gone for good, and others lead
            return failure

    def _fill(self, column: Longs, answer: Offsets, none: int) -> None:
        said = answer.errors == 0
        offsets = answer.offsets[said]
        column[answer.places[said]] = np.where(offsets < 0, none, offsets)
        self._moved |= bool(np.isin(answer.errors[~said], _MOVED, kind="table").any())


def _keep_equal_table(known: Metadata | None, new: Metadata) -> Metadata:
    """Returns the cached table where nothing changed, because others hold references to it."""
    if known is None or not _equal(known.table, new.table):
        return new
    return Metadata(new.info, known.table, new.errors)


def _equal(one: PartitionTable, other: PartitionTable) -> bool:
    return (
        one.topics == other.topics
        and one.replica_sets == other.replica_sets
        and one.ids == other.ids
        and all(
            np.array_equal(getattr(one, name), getattr(other, name))
            for name in ("internal", "first", "leader", "replicas", "in_sync")
        )
    )
