"""The commits of a group as its coordinator stored them in `__consumer_offsets`, each with its own time."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, cast

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition
from kafkaview.cluster.kafka.coordinator_partition import coordinator_partition
from kafkaview.cluster.leaders import find_silence
from kafkaview.decode.coordinator_records import CoordinatorRecord
from kafkaview.decode.result import Decoded, Surroundings
from kafkaview.terms import Record, TopicPartition
from kafkaview.triage.commits.commit import Commit, CommitSource, ObservedCommits

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, BatchHead, Cluster

MOST_READ: Final = 200_000  # records of the coordinator's log, of all its groups
_LOG: Final = CommitSource.LOG.value
_MOST_COMMITS: Final = 20_000  # of the group
_KEYS: Final = (0, 1)  # versions of OffsetCommitKey.json
_GROUP_AT: Final = 4  # behind the version and the length of the name


async def read_stored_commits(
    cluster: Cluster, group: str, coordinator: int | None, look_back_ms: int, most: int = MOST_READ
) -> ObservedCommits:
    """Returns the commits that a group's coordinator stored in the last milliseconds, among the newest `most` records
    of its log. Raises NotAuthorized where that may not be read, UnknownTopicOrPartition where it may not be seen or is
    not kept as Kafka keeps it.
    """
    topic = await cluster.topic(_LOG)
    number = coordinator_partition(group, len(topic.partitions))
    at, leader = TopicPartition(_LOG, number), topic.partitions[number].leader
    if coordinator != leader:
        raise UnknownTopicOrPartition(f"{at} is not where the group's coordinator, broker {coordinator}, writes")
    until = now_ms()
    first, end, whole = await _range(cluster, at, until - look_back_ms, most)
    own: list[Record] = []
    name = group.encode()
    if first < end:
        opened = cluster.read({at: first}, {at: end})
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                own.extend(record for record in batch.records if _is_commit_of(record, name))
    newest = own[-_MOST_COMMITS:]
    stored = await asyncio.to_thread(_read_commits, newest, await _transactional(cluster, newest))
    return ObservedCommits(
        CommitSource.LOG, stored, until - look_back_ms, until, complete=whole and len(newest) == len(own)
    )


async def _range(cluster: Cluster, at: TopicPartition, since_ms: int, most: int) -> tuple[int, int, bool]:
    """Returns the offsets of the log from a time on, at most so many, and whether these are all. Raises Unreachable."""
    bounds = (await cluster.offsets([at]))[at]
    begins = await cluster.offsets_at([at], since_ms)
    end = bounds.last_stable_offset
    if end is None or at not in begins:
        raise await find_silence(cluster, at)
    begin = begins[at]
    if begin is None:
        return end, end, True
    first = max(begin, end - most)
    return first, end, first == begin


def _is_commit_of(record: Record, group: bytes) -> bool:
    """Returns whether a record stores a committed offset of a group, and does not remove one."""
    key = record.key
    if key is None or record.value is None or int.from_bytes(key[:2]) not in _KEYS:
        return False
    return int.from_bytes(key[2:_GROUP_AT]) == len(group) and key.startswith(group, _GROUP_AT)


async def _transactional(cluster: Cluster, records: Sequence[Record]) -> dict[int, bool]:
    """Returns by offset whether a record was written in a transaction, as far as the heads of the batches say."""
    found: dict[int, bool] = {}
    heads: tuple[BatchHead, ...] = ()
    for record in records:
        if not heads or record.offset >= heads[-1].first + heads[-1].records:
            try:
                heads = await cluster.batch_heads(record.id)
            except ClusterError:
                return found
        at = bisect_right(heads, record.offset, key=lambda head: head.first) - 1
        if at >= 0:
            found[record.offset] = heads[at].transactional
    return found


def _read_commits(
    records: Sequence[Record], transactional: Mapping[int, bool]
) -> dict[TopicPartition, tuple[Commit, ...]]:
    found: dict[TopicPartition, list[Commit]] = defaultdict(list)
    for record in records:
        surroundings = Surroundings(record.topic, record.key)
        decoder = CoordinatorRecord(surroundings)
        key, value = decoder.decode(record.key or b"", "key"), decoder.decode(record.value or b"")
        if isinstance(key, Decoded) and isinstance(value, Decoded):
            where, what = _fields(key), _fields(value)
            commit = Commit(what["commitTimestamp"], what["offset"], transactional.get(record.offset))
            found[TopicPartition(where["topic"], where["partition"])].append(commit)
    return {place: tuple(commits) for place, commits in found.items()}


def _fields(decoded: Decoded) -> dict[str, Any]:
    value: Any = decoded.value
    fields: dict[str, Any] = value["data"]
    return fields
