"""How far groups move: over records that are sent or were, up to the first that is not, with the copies they pass."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, cast

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds
from kafkaview.cluster.ports.cluster import Batch, Cluster, GroupMove, TransactionStage
from kafkaview.terms import CommittedOffset, TopicPartition
from kafkaview.triage.reroute.bulk.survey import SourceMark
from kafkaview.triage.reroute.group_positions import GroupReach, Lane
from kafkaview.triage.reroute.plan import GroupPlan, GroupPosition
from kafkaview.words import number
from kafkaview.writes.effect import GroupChange

_ALL: Final = 2**63
GroupPlace = tuple[str, TopicPartition]


class HandledTarget:
    """Moves a group over the records that it has next and that are handled: never over another one."""

    def __init__(
        self, handled: Mapping[TopicPartition, Collection[int]], left: Mapping[TopicPartition, Collection[int]]
    ) -> None:
        self._handled = {place: frozenset(own) for place, own in handled.items()}
        self._left = left
        self._known: dict[tuple[TopicPartition, int], tuple[int | None, int, int | None]] = {}

    async def reach(self, cluster: Cluster, lane: Lane, before: int) -> GroupReach:
        """Reads from the committed offset on, up to the first record that is not handled."""
        start = max(before, lane.bounds.log_start_offset or 0)
        known = (lane.partition, start)
        if known not in self._known:
            self._known[known] = await self._walk(cluster, lane, start)
        last, over, stop = self._known[known]
        ahead = len(lane.offsets) - bisect_left(lane.offsets, start)
        at = "" if stop is None else self._stop_words(lane.partition, stop)
        if last is None:
            return GroupReach(GroupPosition.BETWEEN, f"stays before {number(ahead)} of them{at}")
        return GroupReach(GroupPosition.MOVES, f"over {number(over)} of {number(ahead)}{at}", last + 1)

    def _stop_words(self, place: TopicPartition, stop: int) -> str:
        if stop in self._left.get(place, ()):
            return f": the record at {number(stop)} is not sent"
        return f": the first good record is at {number(stop)}"

    async def _walk(self, cluster: Cluster, lane: Lane, start: int) -> tuple[int | None, int, int | None]:
        """Returns the last handled record before the first other one, how many they are, and that other one."""
        handled, last, over = self._handled[lane.partition], None, 0
        opened = cluster.read({lane.partition: start}, {lane.partition: lane.offsets[-1] + 1}, batch=1_000)
        async with aclosing(cast("AsyncGenerator[Batch, None]", opened)) as batches:
            async for batch in batches:
                for record in batch.records:
                    if record.offset not in handled:
                        return last, over, record.offset
                    last, over = record.offset, over + 1
        return last, over, None


class GroupHasMoved(PlanNoLongerHolds):
    """A group has committed while a transaction was made that moves it."""


@dataclass(slots=True)
class _Moving:
    """A group that moves on one partition, and where it stands as far as is known."""

    plan: GroupPlan
    at: int
    moved: int | None = None  # where it was moved to
    dropped: str = ""  # why it is left alone from now on


@dataclass(slots=True)
class MovingGroups:
    """The moves of a plan while its records are sent in the order of their offsets. `handled` are the offsets that are
    sent or were there already, `unsent` those that are still to be sent; both in order.
    """

    moves: Sequence[GroupPlan]
    handled: Mapping[TopicPartition, Sequence[int]]
    unsent: Mapping[TopicPartition, Sequence[int]]
    marks: Mapping[TopicPartition, Mapping[int, SourceMark]]
    _moving: dict[GroupPlace, _Moving] = field(default_factory=dict)
    _next: dict[TopicPartition, int] = field(default_factory=dict)  # places in `unsent`
    _expected: dict[GroupPlace, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for move in self.moves:
            assert move.before is not None
            self._moving[move.group, move.topic_partition] = _Moving(move, move.before.offset)

    @property
    def changes(self) -> tuple[GroupChange, ...]:
        """The moves that were made, from the offset of the plan to the last one."""
        return tuple(
            GroupChange(one.plan.group, one.plan.type, place, one.plan.before, self._commit(place, one.moved))
            for (_, place), one in self._moving.items()
            if one.moved is not None
        )

    @property
    def dropped(self) -> tuple[str, ...]:
        """Why groups were left alone on the way."""
        return tuple(one.dropped for one in self._moving.values() if one.dropped)

    async def moves_with(self, cluster: Cluster, sent: Mapping[TopicPartition, Collection[int]]) -> list[GroupMove]:
        """Returns the moves of a transaction that sends these offsets. A group that was set back to before its records
        is left alone from now on; one that has gone on by itself is moved from there. Raises ClusterError.
        """
        wanted = {key: self._target(one, sent) for key, one in self._moving.items() if not one.dropped}
        wanted = {key: target for key, target in wanted.items() if target > self._moving[key].at}
        self._expected = {}
        if not wanted:
            return []
        committed = await self._committed(cluster, {group for group, _ in wanted}, stable=True)
        found = []
        for (group, place), target in wanted.items():
            one, now = self._moving[group, place], committed.get((group, place))
            before = one.plan.before.offset if one.plan.before else 0
            if now is None or now < before:
                where = "has no committed offset any more" if now is None else f"was set back to {number(now)}"
                one.dropped = f"{group} {where} on {place} meanwhile: it is left alone"
            elif now < target:
                self._expected[group, place] = now
                found.append(GroupMove(group, place, self._commit(place, target)))
            else:
                one.at = now
        return found

    async def check(self, cluster: Cluster, stage: TransactionStage) -> None:
        """Raises GroupHasMoved if a group of the transaction is no longer where `moves_with` has found it."""
        if not self._expected:
            return
        stable = stage is TransactionStage.BEGUN
        committed = await self._committed(cluster, {group for group, _ in self._expected}, stable=stable)
        for (group, place), expected in self._expected.items():
            if committed.get((group, place)) != expected:
                raise GroupHasMoved(f"{group} has moved on {place} meanwhile")

    def note(self, sent: Mapping[TopicPartition, Collection[int]], moves: Sequence[GroupMove]) -> None:
        """Notes a transaction that is committed."""
        self._next |= {place: self._behind(place, own) for place, own in sent.items()}
        for move in moves:
            one = self._moving[move.group, move.topic_partition]
            one.at = one.moved = move.committed.offset

    def _target(self, one: _Moving, sent: Mapping[TopicPartition, Collection[int]]) -> int:
        """Returns the offset that a group may be moved to, once these are sent: behind the last handled record before
        the first that is not sent.
        """
        place, after, before = one.plan.topic_partition, one.plan.after, one.plan.before
        assert after is not None
        assert before is not None
        unsent, behind = self.unsent.get(place, ()), self._behind(place, sent.get(place, ()))
        end = min(after, unsent[behind] if behind < len(unsent) else _ALL)
        at = bisect_left(self.handled[place], end)
        last = self.handled[place][at - 1] if at else -1
        return max(before.offset, last + 1)

    def _behind(self, place: TopicPartition, sent: Collection[int]) -> int:
        """Returns the place in `unsent` of the first that is not among those sent."""
        at, unsent = self._next.get(place, 0), self.unsent.get(place, ())
        while at < len(unsent) and unsent[at] in sent:
            at += 1
        return at

    def _commit(self, place: TopicPartition, offset: int) -> CommittedOffset:
        mark = self.marks.get(place, {}).get(offset - 1)
        return CommittedOffset(offset, mark.leader_epoch if mark is not None else None)

    async def _committed(self, cluster: Cluster, groups: Collection[str], *, stable: bool) -> dict[GroupPlace, int]:
        answers = await cluster.committed_offsets(groups, require_stable=stable)
        found: dict[GroupPlace, int] = {}
        for group, answer in answers.items():
            if isinstance(answer, ClusterError):
                raise answer
            found |= {(group, place): committed.offset for place, committed in answer.items()}
        return found
