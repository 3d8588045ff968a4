"""Samples of a cluster as columns. A part without an answer keeps its last known values, with the error beside them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from kafkaview.cluster.errors import ClusterError, GroupsUnlisted, Unreachable, attempt
from kafkaview.cluster.ports.cluster import Cluster, Groups, Omission
from kafkaview.cluster.ports.columns import BoundColumns, CommitColumns, Flags, Ints, Longs, PartitionTable
from kafkaview.coordination.replica_moves import ReplicaMoves, read_moves
from kafkaview.terms import OFFSETS_TOPIC, ClusterInfo, Group, GroupState, TopicPartition
from kafkaview.triage.watch.bounds import KnownBounds
from kafkaview.triage.watch.groups import KnownGroup
from kafkaview.triage.watch.layout import Layout, distinct, move_column, place_map, same_places

_TOPICS_S: Final = 30.0  # topics, brokers, and the log ends of partitions that no group reads
_STARTS_S: Final = 60.0
_SIZES_S: Final = 60.0
_MOVES_S: Final = 1.0  # a slow controller is not waited for: until it answers, it is unknown which replicas move
_TAKEOVER_S: Final = 1.0  # until another broker lists the groups of one that stops
_DESCRIPTIONS_S: Final = 20.0  # of groups that move, or have no members
_SHARE_DESCRIBED: Final = 5  # one in so many of those with a sample

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The offsets of groups at one time: of all groups, or of some (then `full` is false). The layout gives the order
    of the rows; -1 is unknown. `answered` is false for a group whose rows are its last known ones.
    """

    at_ms: int
    full: bool
    layout: Layout
    answered: Flags  # by group
    states: tuple[GroupState, ...]  # by group
    committed: Longs
    log_end: Longs
    last_stable: Longs
    errors: tuple[ClusterError, ...] = ()


class Sampler:
    """Sends the requests of a watch to one cluster, fewer of them for what changes slowly or is not shown. Its
    attributes hold what is known so far: `table`, `bounds`, `sizes`, `info`, and `groups` by name (None until they were
    listed). Every sample describes the groups in `standing` and `shown`, and requests the log bounds of `topics`.
    """

    def __init__(
        self,
        cluster: Cluster,
        groups: Collection[str] | None = None,
        *,
        single: bool = False,
        last_stable: bool = False,
    ) -> None:
        """Prepares the samples of `groups`, None for all. A `single` sample requests only groups and the log ends of
        their partitions; with `last_stable` it requests both ends even where no record waits.
        """
        self._cluster = cluster
        self._only = frozenset(groups) if groups is not None else None
        self._single = single
        self._last_stable = last_stable
        self.table: PartitionTable | None = None
        self.bounds = KnownBounds()
        self.sizes: Longs | None = None
        self.moves: ReplicaMoves | None = None
        self.moves_error: ClusterError | None = None  # why it is unknown which replicas are on the move
        self.sizes_error: ClusterError | None = None  # why no size is known
        self.info: ClusterInfo | None = None
        self.groups: dict[str, KnownGroup] | None = None
        self.unlisted: Mapping[int | None, ClusterError] = {}  # by coordinator, why its groups may not be known
        self.omissions: frozenset[Omission] = frozenset()
        self.standing: frozenset[str] = frozenset()
        self.shown: frozenset[str] = frozenset()
        self.topics: frozenset[str] = frozenset()
        self.layout: Layout | None = None
        self._fresh = False
        self._topics_due = self._starts_due = self._sizes_due = 0.0
        self._topics_error: ClusterError | None = None
        self._sizing: asyncio.Task[None] | None = None
        self._asking_moves: asyncio.Task[None] | None = None

    @property
    def missing(self) -> list[str]:
        """Returns the groups that it was made for and that are not listed."""
        return sorted((self._only or frozenset()) - (self.groups or {}).keys())

    def refresh(self) -> None:
        """Makes the next sample request everything."""
        self._topics_due = self._starts_due = self._sizes_due = 0.0
        self._fresh = True

    async def sample(self, progress: Callable[[], None] = lambda: None) -> Sample:
        """Takes a full sample, and calls `progress` whenever a part of it is known. Raises ClusterError if the groups
        cannot be listed, or the cluster stops answering: half a sample would make moving groups look stuck or stuck
        groups look healthy.
        """
        table, bounds = self.table, self.bounds.copy()
        try:
            return await self._sample_all(progress)
        except ClusterError:
            if table is not None and self.table is not None and self.table.first is table.first:
                self.bounds = bounds  # what a part of the answers left unknown was known before
            raise

    async def _sample_all(self, progress: Callable[[], None]) -> Sample:
        listed, omissions, asked = await asyncio.gather(
            attempt(self._cluster.groups), self._cluster.omissions(), self._ask_topics(progress)
        )
        if not isinstance(listed, ClusterError) and self._may_move(listed):
            await asyncio.sleep(_TAKEOVER_S)
            listed = await attempt(self._cluster.groups)
        if isinstance(listed, ClusterError):
            raise listed
        self.omissions = omissions if self._only is None else frozenset(one for one in omissions if one.of_topics)
        groups = self._take_listings(listed)
        progress()
        if self.table is None:
            raise self._topics_error or Unreachable("the topics are unknown")
        await self._ask_groups(list(groups.values()), full=True)
        layout = self._arrange(groups)
        ended = await self._ask_ends(layout, asked)
        progress()
        stable = ended or await self._ask_stable_ends(layout)
        lost = [group.error for group in groups.values() if group.error]
        found = [self._topics_error, *listed.errors, *lost, ended, stable]
        return self._sample(layout, groups, full=True, errors=_distinct(found))

    async def look(self, names: Collection[str]) -> Sample | None:
        """Takes a sample of some groups and of the topics shown, between two full ones; None if nobody answers."""
        table, groups = self.table, self.groups or {}
        chosen = [groups[name] for name in sorted(names) if name in groups]
        if table is None or not (chosen or self.topics):
            return None
        try:
            await self._ask_groups(chosen, full=False)
        except Unreachable:
            return None
        layout = Layout.of(table, tuple(group.name for group in chosen), [group.places for group in chosen])
        places = distinct(len(table), layout.place, self._places_on_screen())
        error = await self._ask_bounds(places, starts=False, stables=True) if len(places) else None
        if isinstance(error, Unreachable):
            return None
        return self._sample(layout, {group.name: group for group in chosen}, full=False, errors=())

    async def describe(self, names: Collection[str]) -> Mapping[str, Group]:
        """Returns the present members of these groups, without groups whose coordinator does not answer."""
        listings = [self.groups[name].listing for name in names if name in self.groups] if self.groups else []
        answers = await attempt(lambda: self._cluster.describe_groups(listings)) if listings else {}
        if isinstance(answers, ClusterError):
            return {}
        return {name: answer for name, answer in answers.items() if isinstance(answer, Group)}

    async def ask_sizes(self) -> None:
        """Requests the sizes of partitions. Without the right to read them they stay unknown, which is no error."""
        sizes = await attempt(self._cluster.topic_sizes)
        self.sizes_error = sizes if isinstance(sizes, ClusterError) else None
        if isinstance(sizes, ClusterError) or self.table is None:
            return
        column = np.full(len(self.table), -1, np.int64)
        for partition, size in sizes.items():
            place = self.table.place_of(partition)
            if place >= 0:
                column[place] = size
        self.sizes = column

    async def ask_topics(self) -> None:
        """Requests only the topics, the bounds of all their logs and their sizes. Raises ClusterError if nobody
        answers.
        """
        self.table = await self._cluster.partition_table()
        bounds = self._ask_bounds(None, starts=True, stables=False)
        error, _, _ = await asyncio.gather(bounds, self.ask_sizes(), self._ask_moves())
        if error is not None:
            raise error

    async def _ask_moves(self) -> None:
        """Requests the reassignments in progress; there is none if every replica is in sync."""
        table = self.table
        assert table is not None
        moves = await read_moves(self._cluster, out_of_sync=bool(table.out_of_sync.any()))
        self.moves_error = moves if isinstance(moves, ClusterError) else None
        self.moves = None if isinstance(moves, ClusterError) else moves

    async def close(self) -> None:
        """Cancels the requests that still run."""
        running = [task for task in (self._sizing, self._asking_moves) if task is not None]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)

    # Topics

    async def _ask_topics(self, progress: Callable[[], None]) -> Flags | None:
        """Requests the metadata and the log ends that are due. Returns, by partition, which ends were requested."""
        now, before = time.monotonic(), self.table
        due = now >= self._topics_due and not self._single
        info, table = await asyncio.gather(self._ask_info(due=due), attempt(self._ask_table))
        info = info or await self._ask_info(due=not due and self._was_read_anew(before))
        failed = [one for one in (table, info) if isinstance(one, ClusterError)]
        self._topics_error = failed[0] if failed else None
        if self.table is None:
            return None
        if due and not failed:
            self._topics_due = now + _TOPICS_S
        if not self._single and (due or before is not self.table):
            if self._asking_moves is None or self._asking_moves.done():
                self._asking_moves = asyncio.create_task(self._ask_moves())
            await asyncio.wait([self._asking_moves], timeout=_MOVES_S)
        progress()
        if self._single:
            return None
        if now >= self._sizes_due and (self._sizing is None or self._sizing.done()):
            self._sizes_due = now + _SIZES_S
            self._sizing = asyncio.create_task(self.ask_sizes())
        starts = now >= self._starts_due
        places = None if due or starts or self.layout is None else self._read_places(self.layout)
        error, _ = await asyncio.gather(
            self._ask_bounds(places, starts=starts, stables=False), self._ask_unknown_bounds(starts=starts)
        )
        if error is not None:
            self._topics_error = self._topics_error or error
            return None
        if starts:
            self._starts_due = now + _STARTS_S
        progress()
        asked = np.full(len(self.table), places is None)
        if places is not None:
            asked[places] = True
        return asked

    def _was_read_anew(self, before: PartitionTable | None) -> bool:
        """Returns whether the metadata is another than before: it is where a broker was lost, or is back."""
        return not self._single and before is not None and before is not self.table

    async def _ask_info(self, *, due: bool) -> ClusterError | None:
        if not due:
            return None
        info = await attempt(self._cluster.describe)
        if isinstance(info, ClusterError):
            return info
        self.info = info
        return None

    async def _ask_table(self) -> None:
        table, fresh = self.table, self._fresh
        self._fresh = False
        self._take_table(await self._cluster.partition_table(fresh=fresh), table)

    def _take_table(self, new: PartitionTable, old: PartitionTable | None) -> None:
        if old is new:
            return
        if old is None:
            self.table = new
            self.bounds.begin(len(new))
        elif same_places(old, new):
            self.table = replace(new, topics=old.topics, first=old.first, index=old.index)
        else:
            self.table = new
            self._move(place_map(old, new), place_map(new, old))

    def _move(self, to: Ints, back: Ints) -> None:
        """Moves all known values to the indexes of a newer table."""
        assert self.table is not None
        self.bounds.move(back)
        if self.sizes is not None:
            self.sizes = move_column(self.sizes, back)
        for group in (self.groups or {}).values():
            group.move(self.table, to)
        self.layout = None

    # Groups

    def _may_move(self, listed: Groups) -> bool:
        """Returns whether a coordinator may just hand over its groups: nobody lists them then for a moment, without an
        error. It has listed some before and lists none now, or nobody lists any though groups were there.
        """
        if listed.errors:
            return False
        if self.groups is None:
            return not listed.listings and self.table is not None and OFFSETS_TOPIC in self.table.index
        listed_now = {one.group for one in listed.listings}
        still = {group.coordinator for name, group in self.groups.items() if name in listed_now}
        return any(group.coordinator not in still for name, group in self.groups.items() if name not in listed_now)

    def _take_listings(self, listed: Groups) -> dict[str, KnownGroup]:
        """Returns the listed groups, and those that may be missing only because a coordinator is silent."""
        before = self.groups or {}
        silent = [one for one in listed.errors if isinstance(one, Unreachable)]
        if silent and not listed.listings and not before:
            known = {broker.id for broker in self.info.brokers} if self.info is not None else set()
            if known <= listed.unlisted.keys():
                raise silent[0]
            raise GroupsUnlisted(silent[0].message, silent[0].hint)
        self.unlisted = listed.unlisted
        found = {}
        for listing in listed.listings:
            if self._only is None or listing.group in self._only:
                group = found[listing.group] = before.get(listing.group) or KnownGroup(listing)
                group.take_listing(listing)
        if listed.errors:
            for name in before.keys() - found.keys():
                found[name] = before[name]
                found[name].listing_error = listed.errors[0]
        self.groups = dict(sorted(found.items()))
        return self.groups

    async def _ask_groups(self, groups: Sequence[KnownGroup], *, full: bool) -> None:
        """Requests the committed offsets of groups, and the members where they are needed. Raises if nobody answers
        any more.
        """
        table = self.table
        assert table is not None
        described = [group for group in groups if not full or self._needs_description(group)]
        if full and not self._single:
            described += self._longest_unseen(groups)
        descriptions, commits = await asyncio.gather(
            attempt(lambda: self._cluster.describe_groups([group.listing for group in described])),
            attempt(lambda: self._cluster.commits([group.name for group in groups], table)),
        )
        answers = [(group, _of(commits, group.name)) for group in groups]
        if not self.unlisted:  # else other brokers answer: those that are silent coordinate all groups
            _check_answered([answer for _, answer in answers])
        now = time.monotonic()
        for group in described:
            group.take_description(_of(descriptions, group.name), now)
        for group, answer in answers:
            group.take_commits(answer)
            group.arrange(table)

    def _needs_description(self, group: KnownGroup) -> bool:
        if self._single or group.description is None or group.description_error is not None:
            return True
        state = group.listing.state
        if state is GroupState.UNKNOWN or state is not group.description.state:
            return True
        return (group.name in self.standing and not group.tells_no_members) or group.name in self.shown

    def _longest_unseen(self, groups: Sequence[KnownGroup]) -> list[KnownGroup]:
        """Returns the few groups whose last description is the oldest."""
        before = time.monotonic() - _DESCRIPTIONS_S
        stale = [g for g in groups if (g.described_at or 0.0) < before and not self._needs_description(g)]
        stale.sort(key=lambda group: group.described_at or 0.0)
        return stale[: -(-len(groups) // _SHARE_DESCRIBED)]

    def _arrange(self, groups: Mapping[str, KnownGroup]) -> Layout:
        """Returns the layout of all rows; the same object as long as the groups have the same partitions."""
        assert self.table is not None
        names, known = tuple(groups), self.layout
        places = [group.places for group in groups.values()]
        if known is None or known.names != names or not _fits(known, places):
            known = Layout.of(self.table, names if known is None or known.names != names else known.names, places)
        elif known.table is not self.table:
            known = replace(known, table=self.table)
        self.layout = known
        return known

    # Bounds of logs

    async def _ask_ends(self, layout: Layout, asked: Flags | None) -> ClusterError | None:
        """Requests the log ends of the groups' partitions that this sample has not requested yet."""
        places = self._read_places(layout) if asked is None else layout.place[~asked[layout.place]]
        if not len(places):
            return None
        read = distinct(len(self.bounds.end), places)
        error = await self._ask_bounds(read, starts=self._single, stables=self._last_stable)
        if isinstance(error, Unreachable):
            raise error
        return error

    async def _ask_stable_ends(self, layout: Layout) -> ClusterError | None:
        """Requests both log ends of partitions with lag: only there an open transaction matters."""
        if self._single:
            return None
        waiting = layout.place[self.bounds.end[layout.place] > self._commits_of(layout)]
        places = distinct(len(self.bounds.end), waiting, self._places_on_screen())
        if not len(places):
            return None
        error = await self._ask_bounds(places, starts=False, stables=True)
        if isinstance(error, Unreachable):
            raise error
        return error

    async def _ask_bounds(self, places: Ints | None, *, starts: bool, stables: bool) -> ClusterError | None:
        table = self.table
        assert table is not None
        if not len(self.bounds.end):
            self.bounds.begin(len(table))
        answer = await attempt(lambda: self._cluster.log_bounds(table, places, starts=starts, stables=stables))
        if isinstance(answer, Unreachable):
            return answer
        unknown = answer if isinstance(answer, ClusterError) else None
        columns = BoundColumns(*[np.full(len(table), -1, np.int64)] * 3) if isinstance(answer, ClusterError) else answer
        self.bounds.take(columns, places, starts=starts)
        return unknown

    def _read_places(self, layout: Layout) -> Ints:
        return distinct(len(layout.table), layout.place, self._places_on_screen())

    async def _ask_unknown_bounds(self, *, starts: bool) -> None:
        """Requests the bounds of partitions whose leader has not told where they begin or end: it may answer by now.
        With `starts` all are requested anyway.
        """
        table, bounds = self.table, self.bounds
        if starts or table is None or len(bounds.end) != len(table):
            return
        unknown = ((bounds.end < 0) | (bounds.start < 0)) & (table.leader >= 0)
        if unknown.any():
            await self._ask_bounds(np.flatnonzero(unknown).astype(np.int32), starts=True, stables=False)

    def _places_on_screen(self) -> Ints:
        table = self.table
        if table is None or not self.topics:
            return np.empty(0, np.int32)
        found = [table.index[name] for name in self.topics if name in table.index]
        ranges = [np.arange(table.first[at], table.first[at + 1], dtype=np.int32) for at in found]
        return np.concatenate(ranges) if ranges else np.empty(0, np.int32)

    # Put together

    def _commits_of(self, layout: Layout) -> Longs:
        groups = self.groups or {}
        columns = [groups[name].committed for name in layout.names]
        return np.concatenate(columns) if columns else np.empty(0, np.int64)

    def _sample(
        self, layout: Layout, groups: Mapping[str, KnownGroup], *, full: bool, errors: tuple[ClusterError, ...]
    ) -> Sample:
        return Sample(
            at_ms=time.time_ns() // 1_000_000,
            full=full,
            layout=layout,
            answered=np.array([g.commits_error is None and g.listing_error is None for g in groups.values()], np.bool_),
            states=tuple(group.state for group in groups.values()),
            committed=self._commits_of(layout),
            log_end=self.bounds.end[layout.place],
            last_stable=self.bounds.stable[layout.place],
            errors=errors,
        )


def size_of(sizes: Longs | None, table: PartitionTable, partition: TopicPartition) -> int | None:
    """Returns the size of a partition's leader replica; None if it is unknown."""
    place = table.place_of(partition)
    if sizes is None or place < 0 or place >= len(sizes) or sizes[place] < 0:
        return None
    return int(sizes[place])


def _check_answered(answers: Sequence[CommitColumns | ClusterError]) -> None:
    silent = [answer for answer in answers if isinstance(answer, Unreachable)]
    if silent and len(silent) == len(answers):
        raise silent[0]


def _of(answers: Mapping[str, T | ClusterError] | ClusterError, group: str) -> T | ClusterError:
    if isinstance(answers, ClusterError):
        return answers
    return answers.get(group) or ClusterError(f"no answer about the group {group}")


def _fits(layout: Layout, places: Sequence[Ints]) -> bool:
    """Returns whether a layout has exactly these places."""
    bounds = layout.first.tolist()
    for at, one in enumerate(places):
        if len(one) != bounds[at + 1] - bounds[at]:
            return False
    return np.array_equal(layout.place, np.concatenate(places)) if places else True


def _distinct(errors: Iterable[ClusterError | None]) -> tuple[ClusterError, ...]:
    return tuple({(error.kind, error.message): error for error in errors if error is not None}.values())
