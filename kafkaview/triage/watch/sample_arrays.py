"""Topics and groups as the window knows them: one row each, as columns. Details are requested by name. Unknown is -1 in
every array of numbers. The rows are in the order of the names, whatever order a table shows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import GroupState, GroupType, Member, PartitionOffsets, Topic
from kafkaview.triage.watch.verdict import Verdict

Codes = NDArray[np.int8]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

TYPES: Final = tuple(GroupType)  # what a code in `types` stands for
STATES: Final = tuple(GroupState)
VERDICTS: Final = tuple(Verdict)


@dataclass(frozen=True, slots=True, eq=False)
class TopicColumns:
    """One row per topic. A sum covers its known parts: -1 if no part is known, a minimum if some parts are unknown."""

    names: tuple[str, ...]
    internal: Flags
    partitions: Ints
    replication: Ints
    under_replicated: Ints  # partitions that lack in-sync replicas; -1 where they may only be moving
    out_of_sync: Ints  # partitions with a replica out of sync, whether it is missing or being added
    moving: Ints  # partitions with a reassignment in progress
    offline: Ints
    records: Longs  # log end minus log start: an upper bound
    records_complete: Flags
    size: Longs  # bytes of the leader replicas
    size_complete: Flags
    groups: Ints  # groups that committed on it or own partitions of it; -1 where none is known, and not all are
    groups_complete: Flags
    stuck: Ints  # of them, groups that stand still on it
    poisoned: Ints  # of those, groups that stand on a poison record
    unjudged: Ints  # of those that read it, groups of which it is not known whether they stand still


@dataclass(frozen=True, slots=True, eq=False)
class GroupColumns:
    """One row per group. `errors` are the errors of groups that were not fully seen; `error` is an index into it."""

    names: tuple[str, ...]
    types: Codes
    states: Codes
    members: Ints
    coordinators: Ints
    partitions: Ints  # with a committed offset, or owned by a member
    lag: Longs
    lag_complete: Flags
    verdicts: Codes  # the worst one that a partition has; -1 where none stands
    error: Ints
    protocol: Ints  # index into `protocols`, -1 where it is unknown
    errors: tuple[ClusterError, ...] = ()
    protocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class LagColumns:
    """The partitions of one group, by topic and number. `owners` are indexes into the group's members."""

    topics: tuple[str, ...]
    topic: Ints  # index into `topics`
    partition: Ints
    committed: Longs
    epochs: Ints
    log_start: Longs
    last_stable: Longs
    log_end: Longs
    owners: Ints
    metadata: dict[int, str]  # by index, where it is not empty


@dataclass(frozen=True, slots=True, eq=False)
class GroupDetail:
    """One group in full. `committed_total` and `end_total` are sums over its partitions during the last hour, oldest
    first; -1 where one part was unknown.
    """

    name: str
    members: tuple[Member, ...] | None
    partitions: LagColumns
    at_ms: Longs
    committed_total: Longs
    end_total: Longs


@dataclass(frozen=True, slots=True, eq=False)
class Sparklines:
    """The total lag of groups at up to 60 times, the same for all of them, evenly over the last `span_ms`; -1 where it
    was unknown.
    """

    span_ms: int
    lags: Mapping[str, Longs]


@dataclass(frozen=True, slots=True)
class Reader:
    """A group on one topic, with its offsets and lag over all partitions. `members` are all of the group's. Without a
    `verdict` here it may stand `elsewhere`; `unseen` says that something of it could not be looked at, and why.
    """

    group: str
    state: GroupState | None
    members: int | None
    partitions: int
    lag: int | None
    complete: bool
    verdict: Verdict | None
    error: ClusterError | None
    elsewhere: str = ""  # a topic
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class TopicDetail:
    """One topic in full: bounds and sizes are in the order of its partitions."""

    topic: Topic
    offsets: tuple[PartitionOffsets, ...]
    sizes: tuple[int | None, ...]
    readers: tuple[Reader, ...]
