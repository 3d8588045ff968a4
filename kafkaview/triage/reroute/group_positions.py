"""Where each group stands among the records of a plan, and how far it can move without passing over a good record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from kafkaview.cluster.errors import ClusterError, UnknownGroup
from kafkaview.cluster.ports.cluster import Cluster, Groups
from kafkaview.cluster.ports.group_ids import fits_transaction
from kafkaview.terms import (
    CommittedOffset,
    Group,
    GroupListing,
    GroupType,
    PartitionOffsets,
    Record,
    RecordId,
    TopicPartition,
)
from kafkaview.triage.record_reads import read_range
from kafkaview.triage.reroute.plan import GroupPlan, GroupPosition
from kafkaview.triage.watch.blind_spots import list_gaps
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.words import name_text

REACH = 1_000  # good records between a committed offset and a poison that a plan reads and lists
_NO_TRANSACTION = (
    "no transaction can name such a group: the client library takes names of printable ASCII alone. "
    "Copy the record without it (--no-skip), then move the group with `kafkaview offsets apply`"
)


@dataclass(frozen=True, slots=True)
class GroupPositions:
    """The groups that move, those that are left alone with the reason, and what hides further groups."""

    moves: tuple[GroupPlan, ...] = ()
    left_alone: tuple[GroupPlan, ...] = ()
    unseen: tuple[UnseenGroups, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """One partition of a plan: the offsets of its records in order, and the bounds of its log."""

    partition: TopicPartition
    offsets: tuple[int, ...]
    bounds: PartitionOffsets


@dataclass(frozen=True, slots=True)
class GroupReach:
    """How far a group can be moved: to `after`, or not at all, with the position that says why. `between` are the good
    records that lie before that or in the way, as far as the plan lists them.
    """

    standing: GroupPosition
    note: str = ""
    after: int | None = None
    between: tuple[Record, ...] = ()


class GroupTarget(Protocol):
    """The rule by which a plan finds how far a group can be moved."""

    async def reach(self, cluster: Cluster, lane: Lane, before: int) -> GroupReach:
        """Returns how far a group can be moved from its committed offset, which is not past the lane's records."""
        ...


@dataclass(frozen=True, slots=True)
class NearTarget:
    """Moves a group over the records that it has next, and over good ones between them if that is wanted."""

    skip_between: bool

    async def reach(self, cluster: Cluster, lane: Lane, before: int) -> GroupReach:
        """Reads what lies between the group and the records, as far as a plan reads."""
        start = max(before, lane.bounds.log_start_offset or 0)
        near = [offset for offset in lane.offsets if before <= offset <= start + REACH]
        if not near:
            return GroupReach(GroupPosition.FAR, "stands far before it, left alone")
        on_the_way = await read_range(cluster, lane.partition, start, near[-1])
        between = tuple(record for record in on_the_way if record.offset not in near)
        if self.skip_between or not between:
            return GroupReach(GroupPosition.MOVES, after=near[-1] + 1, between=between)
        free = [offset for offset in near if offset < between[0].offset]
        if not free:
            return GroupReach(GroupPosition.BETWEEN, _between_note(between), between=between)
        return GroupReach(GroupPosition.MOVES, after=free[-1] + 1)


def offsets_of(records: Iterable[RecordId]) -> dict[TopicPartition, tuple[int, ...]]:
    """Returns the offsets of records by partition, in order."""
    by_partition = groupby(sorted(records), key=attrgetter("topic_partition"))
    return {partition: tuple(one.offset for one in own) for partition, own in by_partition}


async def find_positions(
    cluster: Cluster,
    offsets: Mapping[TopicPartition, tuple[int, ...]],
    wanted: Sequence[str] | None,
    target: GroupTarget,
) -> GroupPositions:
    """Returns the positions of groups relative to records at these offsets, and how far each moves by a rule. `wanted`
    None means every group with a committed offset on their partitions. Raises UnknownGroup.
    """
    if wanted is not None and not wanted:
        return GroupPositions()
    bounds = await cluster.offsets(offsets)
    lanes = [Lane(partition, own, bounds[partition]) for partition, own in sorted(offsets.items())]
    answer = await cluster.groups()
    plans = []
    for seen in await _look(cluster, answer, wanted):
        for lane in lanes:
            if wanted is None and isinstance(seen.committed, Mapping) and lane.partition not in seen.committed:
                continue  # a group of other topics
            plans.append(await _group_plan(cluster, seen, lane, target))
    return GroupPositions(
        tuple(p for p in plans if p.after is not None),
        tuple(p for p in plans if p.after is None),
        list_gaps(answer.unlisted, await cluster.omissions()) if wanted is None else (),
    )


@dataclass(frozen=True, slots=True)
class _SeenGroup:
    """A group with its committed offsets, as far as they are known."""

    listing: GroupListing
    group: Group | ClusterError
    committed: Mapping[TopicPartition, CommittedOffset] | ClusterError

    def plan(
        self,
        lane: Lane,
        standing: GroupPosition,
        note: str,
        *,
        after: int | None = None,
        between: tuple[Record, ...] = (),
    ) -> GroupPlan:
        error = self.committed if isinstance(self.committed, ClusterError) else None
        committed = self.committed.get(lane.partition) if isinstance(self.committed, Mapping) else None
        return GroupPlan(
            group=self.listing.group,
            type=self.listing.type,
            topic_partition=lane.partition,
            before=committed,
            after=after,
            members=len(self.group.members) if isinstance(self.group, Group) else None,
            log_end_offset=lane.bounds.log_end_offset,
            note=note,
            records_between=between,
            standing=standing,
            error=error,
        )


async def _look(cluster: Cluster, answer: Groups, wanted: Sequence[str] | None) -> list[_SeenGroup]:
    listed = {listing.group: listing for listing in answer.listings}
    names = list(listed) if wanted is None else list(dict.fromkeys(wanted))
    for name in names:
        if name not in listed:
            if answer.errors:
                raise answer.errors[0]  # it may be with the broker that did not answer
            raise UnknownGroup(f"There is no group {name_text(name)}", "`kafkaview groups` lists them.")
    known = [listed[name] for name in names]
    committed = await cluster.committed_offsets(names)
    described = await cluster.describe_groups(known)
    return [_SeenGroup(listing, described[listing.group], committed[listing.group]) for listing in known]


async def _group_plan(cluster: Cluster, seen: _SeenGroup, lane: Lane, target: GroupTarget) -> GroupPlan:
    if seen.listing.type is GroupType.SHARE:
        return seen.plan(lane, GroupPosition.UNSUPPORTED, "a share group keeps no committed offset")
    if isinstance(seen.committed, ClusterError):
        return seen.plan(lane, GroupPosition.UNKNOWN, f"unknown: {seen.committed.message}")
    before = seen.committed.get(lane.partition)
    if before is None:
        return seen.plan(lane, GroupPosition.NO_COMMIT, "has no committed offset here")
    if before.offset > lane.offsets[-1]:
        return seen.plan(lane, GroupPosition.PAST, _past_note(before.offset, lane.bounds.log_end_offset))
    reach = await target.reach(cluster, lane, before.offset)
    if reach.after is None:
        return seen.plan(lane, reach.standing, reach.note, between=reach.between)
    if not fits_transaction(seen.listing.group):
        return seen.plan(lane, GroupPosition.UNNAMEABLE, _NO_TRANSACTION)
    note = "; ".join(filter(None, (_members_note(seen.group), reach.note)))
    return seen.plan(lane, GroupPosition.MOVES, note, after=reach.after, between=reach.between)


def _between_note(between: Sequence[Record]) -> str:
    if len(between) == 1:
        return "1 good record lies between: left alone unless it is taken along"
    return f"{len(between):,} good records lie between: left alone unless they are taken along"


def _past_note(committed: int, log_end: int | None) -> str:
    if log_end is not None and committed > log_end:
        return f"beyond the log's end ({log_end:,}), where no record is: left alone"
    return "already past it, left alone"


def _members_note(group: Group | ClusterError) -> str:
    if isinstance(group, ClusterError):
        return "members unknown"
    return f"{len(group.members)} live" if group.members else "no members"
