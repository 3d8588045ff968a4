"""Samples in the small, for judging: one group on one partition unless said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.columns import CommitColumns, PartitionTable
from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.terms import Group, GroupListing, GroupState, GroupType, Member, TopicPartition
from kafkaview.triage.watch.candidates import Judge
from kafkaview.triage.watch.groups import KnownGroup
from kafkaview.triage.watch.layout import Layout
from kafkaview.triage.watch.members import MemberLooks
from kafkaview.triage.watch.sample_window import SampleWindow
from kafkaview.triage.watch.sampler import Sample
from kafkaview.triage.watch.tracks import Tracks
from kafkaview.triage.watch.verdict import Stuck

ORDERS_3 = TopicPartition("orders", 3)
START_MS = 1_700_000_000_000
LOG_START = 0


@dataclass(frozen=True)
class GroupSight:
    """One group in one sample; without `partitions` it did not answer."""

    listing: GroupListing
    group: Group | None
    partitions: tuple[tuple[int, int, int], ...]  # committed, log end, last stable; -1 where unknown
    error: ClusterError | None = None


def table(**partitions: int) -> PartitionTable:
    """Topics with so many partitions each, led by broker 1."""
    names = tuple(sorted(partitions))
    first = np.cumsum([0, *(partitions[name] for name in names)], dtype=np.int32)
    count = int(first[-1])
    return PartitionTable(
        topics=names,
        internal=np.zeros(len(names), np.bool_),
        first=first,
        leader=np.ones(count, np.int32),
        replicas=np.zeros(count, np.int32),
        in_sync=np.zeros(count, np.int32),
        replica_sets=((1,),),
        index={name: at for at, name in enumerate(names)},
    )


ORDERS = table(orders=4)


def group_view(
    committed: int | None,
    end: int | None,
    *,
    members: Sequence[str] = ("m1",),
    stable: int | None = None,
    state: GroupState = GroupState.STABLE,
    protocol: str = "range",
) -> GroupSight:
    listing = GroupListing("billing", GroupType.CLASSIC, state)
    rows = tuple(Member(name, name, "/127.0.0.1", None, (ORDERS_3,)) for name in members)
    last_stable = end if stable is None else stable
    seen = tuple(-1 if one is None else one for one in (committed, end, last_stable))
    return GroupSight(listing, Group("billing", GroupType.CLASSIC, state, protocol, 1, rows), ((*seen,),))  # type: ignore[arg-type]


def sample(at_s: float, sight: GroupSight, layout: Layout | None = None) -> Sample:
    """The sample that such a sight is of."""
    committed, end, stable = (np.array([one], np.int64) for one in (sight.partitions or ((-1, -1, -1),))[0])
    state = sight.group.state if sight.group else sight.listing.state
    return Sample(
        at_ms=START_MS + int(at_s * 1000),
        full=True,
        layout=layout or Layout.of(ORDERS, ("billing",), [np.array([3], np.int32)]),
        answered=np.array([bool(sight.partitions)]),
        states=(state,),
        committed=committed,
        log_end=end,
        last_stable=stable,
    )


def known_group(sight: GroupSight) -> KnownGroup:
    """What is known of a group after such a sight."""
    group = KnownGroup(sight.listing)
    if sight.group is not None:
        group.take_description(sight.group, 0.0)
    return group


def commits(table: PartitionTable, committed: dict[TopicPartition, int]) -> CommitColumns:
    """What a group has committed on partitions of a table."""
    rows = sorted((table.place_of(partition), offset) for partition, offset in committed.items())
    places, offsets = np.array(rows, np.int64).reshape(-1, 2).T
    return CommitColumns(places.astype(np.int32), offsets.copy(), np.full(len(rows), -1, np.int32))


def note_that_none_joined(looks: MemberLooks, at_ms: int, *groups: str) -> None:
    """What coordinators stored was read: no member of these groups has joined or left."""
    looks.note_stored(at_ms, groups, MembershipChanges(frozenset(), frozenset(groups), {}))


def verdicts(sights: Sequence[GroupSight], interval: float = 1.0, seconds: float = 10.0) -> tuple[Stuck, ...]:
    """What is judged of one group seen so from sample to sample; only the last window's samples are judged."""
    window, tracks, looks = SampleWindow(seconds), Tracks(), MemberLooks()
    judge = Judge(window, tracks, looks.turnover, lambda: np.full(len(ORDERS), LOG_START, np.int64))
    layout = Layout.of(ORDERS, ("billing",), [np.array([3], np.int32)])
    for place, sight in enumerate(sights):
        one = sample(place * interval, sight, layout)
        moved = tracks.add(one)
        window.add(one)
        if sight.group is not None:
            looks.add("billing", one.at_ms, frozenset(m.member_id for m in sight.group.members))
            note_that_none_joined(looks, one.at_ms, "billing")
        for name in moved:
            looks.note_move(name)
    return judge.judge([known_group(sights[-1])], one.at_ms).get("billing", ())
