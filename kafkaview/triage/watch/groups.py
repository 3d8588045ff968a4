"""Everything known of one group, kept from answer to answer: its members and its committed offsets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.columns import CommitColumns, Ints, Longs, PartitionTable
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState, GroupType, Member, TopicPartition

_NO_PLACES: Ints = np.empty(0, np.int32)
_NO_OFFSETS: Longs = np.empty(0, np.int64)
_TELL_MEMBERS = (GroupType.CLASSIC, GroupType.CONSUMER, GroupType.STREAMS)


@dataclass(frozen=True, slots=True, eq=False)
class Owned:
    """The partitions that a group's members own: indexes in ascending order, and for each its owner as an index into
    the members.
    """

    places: Ints
    owners: Ints
    elsewhere: dict[TopicPartition, int]  # of partitions that the table lacks


_NOTHING_OWNED = Owned(_NO_PLACES, _NO_PLACES, {})


@dataclass(slots=True)
class KnownGroup:
    """One group. A part without an answer keeps its last known value, with the error beside it. `places` are the
    indexes of partitions that it committed on or owns and that are in the table; `elsewhere` are its other partitions.
    `committed` is -1 where nothing is committed.
    """

    listing: GroupListing
    listing_error: ClusterError | None = None  # nobody lists it any more, and somebody is silent
    description: Group | None = None
    description_error: ClusterError | None = None
    described_at: float | None = None
    listed_since: bool = False  # the listing is newer than the description
    commits: CommitColumns | None = None
    commits_error: ClusterError | None = None
    places: Ints = field(default_factory=lambda: _NO_PLACES)
    committed: Longs = field(default_factory=lambda: _NO_OFFSETS)
    elsewhere: dict[TopicPartition, CommittedOffset | None] = field(default_factory=dict)
    _owned_by: tuple[Member, ...] = ()
    _owned_in: Ints | None = None  # of a table: where its topics begin
    _owned: Owned = field(default_factory=lambda: _NOTHING_OWNED)

    @property
    def name(self) -> str:
        """The group's id."""
        return self.listing.group

    @property
    def error(self) -> ClusterError | None:
        """The error that kept a part of the group from being seen."""
        return self.commits_error or self.description_error or self.listing_error

    @property
    def type(self) -> GroupType:
        """The group's type; its coordinator's answer goes before its listing."""
        return self.description.type if self.description else self.listing.type

    @property
    def state(self) -> GroupState:
        """The group's state, from its newest answer that has one."""
        if self.description is None or (self.listed_since and self.listing.state is not GroupState.UNKNOWN):
            return self.listing.state
        return self.description.state

    @property
    def members(self) -> int | None:
        """The number of its members; None if unknown."""
        shared = self.type is GroupType.SHARE
        if self.tells_no_members or (shared and self.state is GroupState.EMPTY):
            return 0
        return None if shared or self.description is None else len(self.description.members)

    @property
    def unreadable_members(self) -> tuple[Member, ...]:
        """The members whose assignment cannot be read: their partitions are unknown."""
        members = self.description.members if self.description else ()
        return tuple(member for member in members if member.assignment is None)

    @property
    def coordinator(self) -> int | None:
        """The broker that last answered for the group."""
        return self.description.coordinator if self.description else None

    @property
    def tells_no_members(self) -> bool:
        """Whether the listing alone shows that the group has no members."""
        return self.listing.state is GroupState.EMPTY and self.listed_since and self.listing.type in _TELL_MEMBERS

    @property
    def partitions(self) -> int:
        """The number of partitions that it committed on or its members own."""
        return len(self.places) + len(self.elsewhere)

    def take_listing(self, listing: GroupListing) -> None:
        """Stores the group's listing."""
        self.listing, self.listing_error, self.listed_since = listing, None, True

    def take_description(self, answer: Group | ClusterError, now: float) -> None:
        """Stores the coordinator's description of its members."""
        if isinstance(answer, ClusterError):
            self.description_error = answer
            return
        self.description, self.description_error = answer, None
        self.described_at, self.listed_since = now, False

    def take_commits(self, answer: CommitColumns | ClusterError) -> None:
        """Stores its committed offsets."""
        if isinstance(answer, ClusterError):
            self.commits_error = answer
            return
        self.commits, self.commits_error = answer, None

    def arrange(self, table: PartitionTable) -> None:
        """Arranges its partitions by the table of its commits. An unchanged array stays the same object."""
        owned = self._find_owned_places(table)
        commits = self.commits
        committed_places = commits.places if commits else _NO_PLACES
        offsets = commits.offsets if commits else _NO_OFFSETS
        places = _union(committed_places, owned.places)
        self.committed = offsets if places is committed_places else _spread(places, committed_places, offsets)
        if not (len(places) == len(self.places) and np.array_equal(places, self.places)):
            self.places = places
        self.elsewhere = {**dict.fromkeys(owned.elsewhere), **(commits.elsewhere if commits else {})}

    def move(self, table: PartitionTable, to: Ints) -> None:
        """Rearranges its partitions for a newer table, which has other indexes."""
        if self.commits is not None:
            self.commits = _move_commits(self.commits, to)
        self._owned_in = None
        self.arrange(table)

    @property
    def owners(self) -> Ints:
        """The owner of each place, as an index into the members; -1 for nobody."""
        owners = np.full(len(self.places), -1, np.int32)
        owners[np.searchsorted(self.places, self._owned.places)] = self._owned.owners
        return owners

    def owner_elsewhere(self, partition: TopicPartition) -> int:
        """Returns the owner of a partition that the table lacks; -1 for nobody."""
        return self._owned.elsewhere.get(partition, -1)

    @property
    def epochs(self) -> Ints:
        """The committed leader epoch at each place; -1 where there is none."""
        epochs = np.full(len(self.places), -1, np.int32)
        if self.commits is not None:
            epochs[np.searchsorted(self.places, self.commits.places)] = self.commits.epochs
        return epochs

    @property
    def metadata(self) -> dict[int, str]:
        """The commit metadata that is not empty, by index into the places."""
        if self.commits is None or not self.commits.metadata:
            return {}
        at = np.searchsorted(self.places, self.commits.places)
        return {int(at[index]): text for index, text in self.commits.metadata.items()}

    def _find_owned_places(self, table: PartitionTable) -> Owned:
        members = self.description.members if self.description else ()
        known = self._owned_in is table.first and len(members) == len(self._owned_by)
        if not known or not all(map(_same_assignment, members, self._owned_by)):
            self._owned = _ownership_of(table, members)
        self._owned_by, self._owned_in = members, table.first
        return self._owned


def _same_assignment(one: Member, other: Member) -> bool:
    return one.assignment is other.assignment


def _ownership_of(table: PartitionTable, members: Sequence[Member]) -> Owned:
    owner_of: dict[int, int] = {}
    elsewhere: dict[TopicPartition, int] = {}
    for owner, member in enumerate(members):
        for partition in member.assignment or ():
            place = table.place_of(partition)
            if place < 0:
                elsewhere[partition] = owner
            else:
                owner_of[place] = owner
    places = np.array(list(owner_of), np.int32)
    owners = np.array(list(owner_of.values()), np.int32)
    order = np.argsort(places)
    return Owned(places[order], owners[order], elsewhere)


def _union(committed: Ints, owned: Ints) -> Ints:
    """Returns all places of both arrays; `committed` itself if it holds every owned place, the usual case."""
    if not len(owned):
        return committed
    if len(committed):
        at = np.minimum(np.searchsorted(committed, owned), len(committed) - 1)
        owned = owned[committed[at] != owned]
    return committed if not len(owned) else np.union1d(committed, owned).astype(np.int32)


def _spread(places: Ints, known: Ints, values: Longs) -> Longs:
    """Returns values for more places than they have: -1 at the added ones."""
    spread = np.full(len(places), -1, np.int64)
    spread[np.searchsorted(places, known)] = values
    return spread


def _move_commits(commits: CommitColumns, to: Ints) -> CommitColumns:
    """Returns the commits with the indexes of another table. Partitions of a deleted topic are left out, for its
    commits go with it.
    """
    places = to[commits.places]
    kept = np.flatnonzero(places >= 0)
    order = kept[np.argsort(places[kept])]
    metadata = {}
    if commits.metadata:
        metadata = {at: commits.metadata[old] for at, old in enumerate(order.tolist()) if old in commits.metadata}
    return CommitColumns(places[order], commits.offsets[order], commits.epochs[order], metadata, commits.elsewhere)
