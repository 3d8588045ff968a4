"""Commits of a group as they were seen, and what follows from those of one partition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kafkaview.terms import TopicPartition

LOOK_BACK_S: Final = 600.0
POLLING_S: Final = 30.0


class CommitSource(StrEnum):
    """Where commits were seen."""

    LOG = "__consumer_offsets"
    POLLING = "polling"


class CommitStyle(StrEnum):
    """How a group commits on a partition. NONE: it has no committed offset there; UNKNOWN: what was seen tells too
    little, or fits several styles.
    """

    AUTO = "auto"
    PER_RECORD = "manual_per_record"
    PER_BATCH = "manual_per_batch"
    TRANSACTIONAL = "transactional"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a group on a partition, at a time in Unix milliseconds by the coordinator's clock (by ours where it
    was polled). `transactional` is None where it cannot be known.
    """

    at_ms: int
    offset: int
    transactional: bool | None = None


@dataclass(frozen=True, slots=True)
class ObservedCommits:
    """The commits of a group from `since_ms` to `until_ms` in Unix milliseconds, by partition and oldest first; a
    partition without any has none here. `complete` is false where more was stored than was read: then the newest are
    here.
    """

    source: CommitSource
    commits: Mapping[TopicPartition, tuple[Commit, ...]]
    since_ms: int
    until_ms: int
    complete: bool = True


@dataclass(frozen=True, slots=True)
class PartitionCommits:
    """How a group commits on one partition. `interval_ms` is the median time between two commits, None of fewer than
    two; `rewinds` counts commits that went back. `evidence` are sentences on which the style rests.
    """

    topic_partition: TopicPartition
    style: CommitStyle
    interval_ms: int | None
    commits: int
    rewinds: int
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupCommitStyles:
    """How a group commits on each partition on which it has a committed offset, or whose partition a member owns.
    `why_polled` says in words why the log was not read.
    """

    group: str
    source: CommitSource
    since_ms: int
    until_ms: int
    complete: bool
    partitions: tuple[PartitionCommits, ...]
    why_polled: str = ""
