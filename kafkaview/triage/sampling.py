"""One sample of the cluster, asked all at once; what does not answer keeps its error in its own place."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import TypeVar

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.port import Cluster
from kafkaview.terms import (
    UNKNOWN_OFFSETS,
    ClusterInfo,
    CommittedOffset,
    Group,
    GroupListing,
    PartitionLag,
    PartitionOffsets,
    Topic,
    TopicPartition,
)
from kafkaview.triage.view import GroupView, View

_TOPICS_S = 5.0  # topics, brokers and the offsets of partitions that no group reads
_SIZES_S = 30.0

T = TypeVar("T")
Committed = Mapping[TopicPartition, CommittedOffset]


class Sampler:
    """Asks one cluster again and again, the slow-changing things less often."""

    def __init__(self, cluster: Cluster, groups: Collection[str] | None, *, topics: bool = True) -> None:
        """`groups` None is all of them; without `topics` the view has groups alone."""
        self._cluster = cluster
        self._only = frozenset(groups) if groups is not None else None
        self._info: ClusterInfo | None = None
        self._topics: tuple[Topic, ...] = ()
        self._sizes: Mapping[TopicPartition, int] = {}
        self._offsets: dict[TopicPartition, PartitionOffsets] = {}
        self._topics_due = 0.0 if topics else math.inf
        self._sizes_due = 0.0

    def refresh(self) -> None:
        """Ask for everything with the next sample."""
        self._topics_due = self._sizes_due = 0.0

    async def sample(self) -> View:
        """One look at everything. Raises ClusterError if not even the groups can be listed, and where the cluster went
        away in the middle: half a sample would say of groups that stand that they do not.
        """
        listed, slow_errors = await asyncio.gather(attempt(self._cluster.groups), self._refresh_slow())
        if isinstance(listed, ClusterError):
            raise listed
        listings = tuple(row for row in listed.listings if self._only is None or row.group in self._only)
        described, committed = await asyncio.gather(
            attempt(lambda: self._cluster.describe_groups(listings)),
            attempt(lambda: self._cluster.committed([row.group for row in listings])),
        )
        found = [(row, _of(described, row.group), _of(committed, row.group)) for row in listings]
        _check_answered(found)
        offsets_error = await self._refresh_offsets(found)
        groups = tuple(_group_view(row, group, offsets, self._offsets) for row, group, offsets in found)
        lost = [group.error for group in groups if group.error]
        errors = _distinct([*listed.errors, *slow_errors, *lost, *([offsets_error] if offsets_error else [])])
        return View(
            at_ms=time.time_ns() // 1_000_000,
            info=self._info,
            topics=self._topics,
            offsets=dict(self._offsets),
            sizes=self._sizes,
            groups=groups,
            stuck=(),
            errors=errors,
            samples=0,
            judged=False,
            seconds_to_verdict=0.0,
        )

    async def _refresh_slow(self) -> list[ClusterError]:
        now = time.monotonic()
        if now < self._topics_due:
            return []
        self._topics_due = now + _TOPICS_S
        info, topics, _ = await asyncio.gather(
            attempt(self._cluster.describe), attempt(self._cluster.topics), self._refresh_sizes(now)
        )
        self._info = self._info if isinstance(info, ClusterError) else info
        if isinstance(topics, ClusterError):
            return [topics]
        self._topics = topics
        known = [p.topic_partition for topic in topics for p in topic.partitions]
        offsets = await attempt(lambda: self._cluster.offsets(known))
        if isinstance(offsets, ClusterError):
            return [offsets]
        self._offsets = dict(offsets)
        return [info] if isinstance(info, ClusterError) else []

    async def _refresh_sizes(self, now: float) -> None:
        """Sizes are an extra: where they may not be read they stay unknown, which is no fault of the cluster."""
        if now < self._sizes_due:
            return
        self._sizes_due = now + _SIZES_S
        sizes = await attempt(self._cluster.topic_sizes)
        self._sizes = {} if isinstance(sizes, ClusterError) else sizes

    async def _refresh_offsets(
        self, found: Sequence[tuple[GroupListing, Group | ClusterError, Committed | ClusterError]]
    ) -> ClusterError | None:
        wanted = {tp for _, group, committed in found for tp in _partitions(group, committed)}
        if not wanted:
            return None
        offsets = await attempt(lambda: self._cluster.offsets(wanted))
        if isinstance(offsets, Unreachable):
            raise offsets
        if isinstance(offsets, ClusterError):
            self._offsets.update(dict.fromkeys(wanted, UNKNOWN_OFFSETS))
            return offsets
        self._offsets.update(offsets)
        return None


async def attempt(ask: Callable[[], Awaitable[T]]) -> T | ClusterError:
    """The answer, or the error in its place. Asks only once it runs: cancelled before that, it has asked nothing."""
    try:
        return await ask()
    except ClusterError as error:
        return error


def _check_answered(
    found: Sequence[tuple[GroupListing, Group | ClusterError, Committed | ClusterError]],
) -> None:
    silent = [committed for _, _, committed in found if isinstance(committed, Unreachable)]
    if silent and len(silent) == len(found):
        raise silent[0]


def _of(answers: Mapping[str, T | ClusterError] | ClusterError, group: str) -> T | ClusterError:
    if isinstance(answers, ClusterError):
        return answers
    return answers.get(group) or ClusterError(f"no answer about the group {group}")


def _partitions(group: Group | ClusterError, committed: Committed | ClusterError) -> set[TopicPartition]:
    owned = () if isinstance(group, ClusterError) else (tp for member in group.members for tp in member.assignment)
    return set(() if isinstance(committed, ClusterError) else committed).union(owned)


def _group_view(
    listing: GroupListing,
    group: Group | ClusterError,
    committed: Committed | ClusterError,
    offsets: Mapping[TopicPartition, PartitionOffsets],
) -> GroupView:
    known = None if isinstance(group, ClusterError) else group
    if isinstance(committed, ClusterError):
        return GroupView(listing, known, (), committed)
    owners = {tp: member for member in (known.members if known else ()) for tp in member.assignment}
    partitions = tuple(
        PartitionLag(listing.group, tp, committed.get(tp), offsets.get(tp, UNKNOWN_OFFSETS), owners.get(tp))
        for tp in sorted(_partitions(group, committed))
    )
    return GroupView(listing, known, partitions, group if isinstance(group, ClusterError) else None)


def _distinct(errors: Sequence[ClusterError]) -> tuple[ClusterError, ...]:
    return tuple({(error.kind, error.message): error for error in errors}.values())
