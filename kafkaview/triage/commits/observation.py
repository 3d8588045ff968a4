"""Observing the commits of a group: in the log of its coordinator, where each is kept with its own time, or by polling
where that log may not be read.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Final, cast

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import (
    ClusterError,
    NotAuthorized,
    RefusedHere,
    UnknownGroup,
    UnknownTopicOrPartition,
    Unreachable,
)
from kafkaview.cluster.kafka.coordinator_partition import coordinator_partition
from kafkaview.decode.coordinator_records import CoordinatorRecord
from kafkaview.decode.result import Decoded, Surroundings
from kafkaview.terms import GroupType, Record, TopicPartition
from kafkaview.triage.commits.commit import (
    LOOK_BACK_S,
    POLLING_S,
    Commit,
    CommitSource,
    GroupCommitStyles,
    ObservedCommits,
)
from kafkaview.triage.commits.style import judge_commits
from kafkaview.words import name_text
from kafkaview.writes.offsets.group_facts import GroupFacts, read_group

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Batch, BatchHead, Cluster

_LOG: Final = CommitSource.LOG.value
_MOST_READ: Final = 200_000  # records of the coordinator's log, of all its groups
_MOST_COMMITS: Final = 20_000  # of the group
_LOOK_S: Final = 0.5
_KEYS: Final = (0, 1)  # versions of OffsetCommitKey.json
_GROUP_AT: Final = 4  # behind the version and the length of the name


async def observe_commits(cluster: Cluster, group: str, seconds: float | None = None) -> GroupCommitStyles:
    """Returns how a group commits on each of its partitions: by what its coordinator stored in the last `seconds`
    (default 600), or by polling for so long (default 30) where that may not be read. Raises UnknownGroup, and
    ClusterError where neither is possible.
    """
    facts = await read_group(cluster, group)
    if not facts.exists and not facts.committed:
        raise UnknownGroup(f"There is no group {name_text(group)}, or it may not be seen")
    if facts.type is GroupType.SHARE:
        raise RefusedHere(f"{name_text(group)} is a share group: it commits no offsets", "Look at `lag` for its start.")
    why_polled = ""
    try:
        observed = await read_stored_commits(cluster, facts, round(1_000 * (seconds or LOOK_BACK_S)))
    except (NotAuthorized, UnknownTopicOrPartition) as error:
        denied = isinstance(error, NotAuthorized)
        why_polled = f"READ on Topic {_LOG} is missing." if denied else f"{error.message.rstrip('.')}."
        observed = await poll_commits(cluster, group, seconds or POLLING_S)
    owned = {place for member in facts.members for place in member.assignment or ()}
    span = observed.until_ms - observed.since_ms
    rows = [
        judge_commits(place, observed.commits.get(place, ()), observed.source, span, committed=place in facts.committed)
        for place in sorted({*facts.committed, *owned, *observed.commits})
    ]
    return GroupCommitStyles(
        group, observed.source, observed.since_ms, observed.until_ms, observed.complete, tuple(rows), why_polled
    )


async def read_stored_commits(cluster: Cluster, facts: GroupFacts, look_back_ms: int) -> ObservedCommits:
    """Returns the commits that a group's coordinator stored in the last milliseconds. Raises NotAuthorized where its
    log may not be read, UnknownTopicOrPartition where it may not be seen or is not kept as Kafka keeps it.
    """
    topic = await cluster.topic(_LOG)
    number = coordinator_partition(facts.group, len(topic.partitions))
    at, leader = TopicPartition(_LOG, number), topic.partitions[number].leader
    if facts.coordinator != leader:
        raise UnknownTopicOrPartition(f"{at} is not where the group's coordinator, broker {facts.coordinator}, writes")
    until = now_ms()
    first, end, whole = await _range(cluster, at, until - look_back_ms)
    own: list[Record] = []
    name = facts.group.encode()
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


async def poll_commits(cluster: Cluster, group: str, seconds: float) -> ObservedCommits:
    """Returns each change of the group's committed offsets that was seen by looking each half second."""
    found: dict[TopicPartition, list[Commit]] = defaultdict(list)
    known: dict[TopicPartition, int] | None = None
    since = now_ms()
    ends_at = time.monotonic() + seconds
    while True:
        offsets = (await cluster.committed_offsets([group]))[group]
        if isinstance(offsets, ClusterError):
            raise offsets
        now = {place: committed.offset for place, committed in offsets.items()}
        for place, offset in now.items():
            if known is not None and known.get(place) != offset:
                found[place].append(Commit(now_ms(), offset))
        known = now
        if time.monotonic() >= ends_at:
            commits = {place: tuple(commits) for place, commits in found.items()}
            return ObservedCommits(CommitSource.POLLING, commits, since, now_ms())
        await asyncio.sleep(_LOOK_S)


async def _range(cluster: Cluster, at: TopicPartition, since_ms: int) -> tuple[int, int, bool]:
    """Returns the offsets of the log from a time on, and whether these are all of them. Raises Unreachable."""
    bounds = (await cluster.offsets([at]))[at]
    begins = await cluster.offsets_at([at], since_ms)
    end = bounds.last_stable_offset
    if end is None or at not in begins:
        raise Unreachable(f"The leader of {at} does not answer", "Wait until it does.")
    begin = begins[at]
    if begin is None:
        return end, end, True
    first = max(begin, end - _MOST_READ)
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
