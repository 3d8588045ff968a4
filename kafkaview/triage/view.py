"""The cluster as last seen: one sample of everything that the pages and the command line show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import (
    ClusterInfo,
    Group,
    GroupListing,
    PartitionLag,
    PartitionOffsets,
    Topic,
    TopicPartition,
)
from kafkaview.triage.verdict import Stuck


@dataclass(frozen=True, slots=True)
class TotalLag:
    """Sum over a group's partitions; not `complete` if one is unknown (shown as at least)."""

    records: int | None
    complete: bool


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group with what it committed. `group` is None and `error` set where its coordinator did not answer."""

    listing: GroupListing
    group: Group | None
    partitions: tuple[PartitionLag, ...]
    error: ClusterError | None = None

    @property
    def total_lag(self) -> TotalLag:
        """The known lag of all partitions together; unknown if the group's offsets are."""
        known = [p.lag for p in self.partitions if p.lag is not None]
        if not known:
            return TotalLag(None, False)
        return TotalLag(sum(known), self.error is None and len(known) == len(self.partitions))


@dataclass(frozen=True, slots=True)
class View:
    """One sample. `errors` says who did not answer; `judged` is false until the window of samples is long enough for
    a first verdict, with `seconds_to_verdict` left.
    """

    at_ms: int
    info: ClusterInfo | None
    topics: tuple[Topic, ...]
    offsets: Mapping[TopicPartition, PartitionOffsets]
    sizes: Mapping[TopicPartition, int]
    groups: tuple[GroupView, ...]
    stuck: tuple[Stuck, ...]
    errors: tuple[ClusterError, ...]
    samples: int
    judged: bool
    seconds_to_verdict: float
    dated: bool = False  # nobody answers: these are the last known values, of `at_ms`
    next_try_at_ms: int | None = None  # of a dated view: when the cluster is asked again


@dataclass(frozen=True, slots=True)
class Point:
    """One partition of one group at one time, for plots and for judging. None where unknown."""

    at_ms: int
    committed_offset: int | None
    log_end_offset: int | None
    member_ids: frozenset[str] = frozenset()
