"""One row per consumer group, made from the cluster as last seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kafkaview.terms import GroupState, PartitionLag
from kafkaview.triage.verdict import Stuck, Verdict
from kafkaview.triage.view import GroupView, TotalLag, View
from kafkaview.ui.marks import Mark
from kafkaview.ui.triage.marks import MARKS

_URGENCY = (Mark.BAD, Mark.WARN, Mark.UNKNOWN, Mark.IDLE, Mark.WORKING, Mark.OK)
_STATES = {
    GroupState.PREPARING_REBALANCE: "Rebalancing",
    GroupState.COMPLETING_REBALANCE: "Rebalancing",
    GroupState.NOT_READY: "Not ready",
}
_HEADS = {
    Verdict.POISON: "Stuck on a poison record",
    Verdict.UNDECIDED: "Stands still, undecided",
    Verdict.OPEN_TRANSACTION: "Held by an open transaction",
    Verdict.CORRUPT_BATCH: "Stuck on a corrupt batch",
    Verdict.NO_MEMBERS: "No members",
    Verdict.REBALANCING: "Does not get through its rebalance",
    Verdict.REWINDING: "Goes back again and again",
}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group as the table shows it. `stuck` are the partitions on which it stands, the worst first."""

    view: GroupView
    stuck: tuple[Stuck, ...]
    judged: bool

    @property
    def name(self) -> str:
        """The group's id."""
        return self.view.listing.group

    @property
    def verdict(self) -> Verdict | None:
        """Why it stands; None while it moves or is not judged yet."""
        return self.stuck[0].verdict if self.stuck else None

    @property
    def mark(self) -> Mark:
        """Its state as a mark."""
        if self.view.error is not None:
            return Mark.UNKNOWN
        if self.verdict is not None:
            return MARKS[self.verdict]
        if self.members == 0:
            return Mark.IDLE
        return Mark.OK if self.judged else Mark.WORKING

    @property
    def head(self) -> str:
        """The mark in words."""
        if self.view.error is not None:
            return f"Not told: {self.view.error.message}"
        if self.verdict is not None:
            return _HEADS[self.verdict]
        if self.members == 0:
            return "No members"
        return "Moves" if self.judged else "Being watched"

    @property
    def members(self) -> int | None:
        """How many members it has now."""
        return len(self.view.group.members) if self.view.group is not None else None

    @property
    def state(self) -> str | None:
        """Its state as the coordinator tells it, rebalances under one word."""
        if self.view.group is None or self.view.group.state is GroupState.UNKNOWN:
            return None
        return _STATES.get(self.view.group.state, self.view.group.state.value)

    @property
    def coordinator(self) -> int | None:
        """The broker that keeps its offsets."""
        return self.view.group.coordinator if self.view.group is not None else None

    @property
    def lag(self) -> TotalLag:
        """Records that wait on all its partitions."""
        return self.view.total_lag

    @property
    def behind(self) -> bool:
        """Whether more waits than a moving group leaves between two commits."""
        return (self.lag.records or 0) >= 1000

    def stands_on(self, row: PartitionLag) -> bool:
        """Whether the group stands on this partition."""
        return any(stuck.topic_partition == row.topic_partition for stuck in self.stuck)


def group_rows(view: View) -> tuple[GroupRow, ...]:
    """Every group, the worst first, then the one with most records waiting."""
    stuck: dict[str, list[Stuck]] = {}
    for one in view.stuck:
        stuck.setdefault(one.group, []).append(one)
    rows = [GroupRow(group, _worst_first(stuck.get(group.listing.group, ())), view.judged) for group in view.groups]
    return tuple(sorted(rows, key=urgency))


def urgency(row: GroupRow) -> tuple[int, int, str]:
    """The order of the table: state, then lag, then name."""
    return (_URGENCY.index(row.mark), -(row.lag.records or 0), row.name)


def partitions_by_lag(row: GroupRow) -> tuple[PartitionLag, ...]:
    """The group's partitions, the furthest behind first, unknown ones last."""
    return tuple(sorted(row.view.partitions, key=lambda p: (p.lag is None, -(p.lag or 0), p.topic_partition)))


def _worst_first(stuck: Sequence[Stuck]) -> tuple[Stuck, ...]:
    return tuple(sorted(stuck, key=lambda s: (_URGENCY.index(MARKS[s.verdict]), s.since_ms, s.topic_partition)))
