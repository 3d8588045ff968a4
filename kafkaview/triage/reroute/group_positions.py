"""Where each group stands among the records of a plan, and how far it can move without passing over a good record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    TopicPartition,
)
from kafkaview.triage.record_reads import read_range
from kafkaview.triage.reroute.plan import GroupPlan, GroupPosition
from kafkaview.triage.watch.blind_spots import list_gaps
from kafkaview.triage.watch.unseen import UnseenGroups

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


async def find_positions(
    cluster: Cluster, records: Sequence[Record], wanted: Sequence[str] | None, *, skip_between: bool
) -> GroupPositions:
    """Returns the positions of groups relative to `records`. `wanted` None means every group with a committed offset on
    their partitions. Raises UnknownGroup.
    """
    if wanted is not None and not wanted:
        return GroupPositions()
    lanes = await _lanes(cluster, records, skip_between=skip_between)
    answer = await cluster.groups()
    plans = []
    for seen in await _look(cluster, answer, wanted):
        for lane in lanes:
            if wanted is None and isinstance(seen.committed, Mapping) and lane.partition not in seen.committed:
                continue  # a group of other topics
            plans.append(await _group_plan(cluster, seen, lane))
    return GroupPositions(
        tuple(p for p in plans if p.after is not None),
        tuple(p for p in plans if p.after is None),
        list_gaps(answer.unlisted, await cluster.omissions()) if wanted is None else (),
    )


@dataclass(frozen=True, slots=True)
class _Lane:
    """One partition of the plan: its records in order, and the bounds of its log."""

    partition: TopicPartition
    records: tuple[Record, ...]
    bounds: PartitionOffsets
    skip_between: bool


@dataclass(frozen=True, slots=True)
class _SeenGroup:
    """A group with its committed offsets, as far as they are known."""

    listing: GroupListing
    group: Group | ClusterError
    committed: Mapping[TopicPartition, CommittedOffset] | ClusterError

    def plan(
        self,
        lane: _Lane,
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


async def _lanes(cluster: Cluster, records: Sequence[Record], *, skip_between: bool) -> list[_Lane]:
    partitions = sorted({record.topic_partition for record in records})
    bounds = await cluster.offsets(partitions)
    return [
        _Lane(
            partition,
            tuple(sorted((r for r in records if r.topic_partition == partition), key=lambda r: r.offset)),
            bounds[partition],
            skip_between,
        )
        for partition in partitions
    ]


async def _look(cluster: Cluster, answer: Groups, wanted: Sequence[str] | None) -> list[_SeenGroup]:
    listed = {listing.group: listing for listing in answer.listings}
    names = list(listed) if wanted is None else list(dict.fromkeys(wanted))
    for name in names:
        if name not in listed:
            if answer.errors:
                raise answer.errors[0]  # it may be with the broker that did not answer
            raise UnknownGroup(f"There is no group {name}", "`kafkaview groups` lists them.")
    known = [listed[name] for name in names]
    committed = await cluster.committed_offsets(names)
    described = await cluster.describe_groups(known)
    return [_SeenGroup(listing, described[listing.group], committed[listing.group]) for listing in known]


async def _group_plan(cluster: Cluster, seen: _SeenGroup, lane: _Lane) -> GroupPlan:
    if seen.listing.type is GroupType.SHARE:
        return seen.plan(lane, GroupPosition.UNSUPPORTED, "a share group keeps no committed offset")
    if isinstance(seen.committed, ClusterError):
        return seen.plan(lane, GroupPosition.UNKNOWN, f"unknown: {seen.committed.message}")
    before = seen.committed.get(lane.partition)
    if before is None:
        return seen.plan(lane, GroupPosition.NO_COMMIT, "has no committed offset here")
    if before.offset > lane.records[-1].offset:
        return seen.plan(lane, GroupPosition.PAST, _past_note(before.offset, lane.bounds.log_end_offset))
    start = max(before.offset, lane.bounds.log_start_offset or 0)
    near = [record.offset for record in lane.records if before.offset <= record.offset <= start + REACH]
    if not near:
        return seen.plan(lane, GroupPosition.FAR, "stands far before it, left alone")
    after, between = await _target(cluster, lane, start, near)
    if after is None:
        return seen.plan(lane, GroupPosition.BETWEEN, _between_note(between), between=between)
    if not fits_transaction(seen.listing.group):
        return seen.plan(lane, GroupPosition.UNNAMEABLE, _NO_TRANSACTION)
    return seen.plan(lane, GroupPosition.MOVES, _members_note(seen.group), after=after, between=between)


async def _target(
    cluster: Cluster, lane: _Lane, start: int, near: Sequence[int]
) -> tuple[int | None, tuple[Record, ...]]:
    """Returns the furthest offset that a group can be moved to from `start`, and the good records before it or in the
    way. `near` are the offsets of the plan's records from `start` on, within the reach of a plan.
    """
    on_the_way = await read_range(cluster, lane.partition, start, near[-1])
    between = tuple(record for record in on_the_way if record.offset not in near)
    if lane.skip_between or not between:
        return near[-1] + 1, between
    free = [offset for offset in near if offset < between[0].offset]
    return (free[-1] + 1, ()) if free else (None, between)


def _between_note(between: Sequence[Record]) -> str:
    if len(between) == 1:
        return "1 good record lies between: left alone unless it is ticked"
    return f"{len(between):,} good records lie between: left alone unless they are ticked"


def _past_note(committed: int, log_end: int | None) -> str:
    if log_end is not None and committed > log_end:
        return f"beyond the log's end ({log_end:,}), where no record is: left alone"
    return "already past it, left alone"


def _members_note(group: Group | ClusterError) -> str:
    if isinstance(group, ClusterError):
        return "members unknown"
    return f"{len(group.members)} live" if group.members else "no members"
