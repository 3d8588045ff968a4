"""The rows of the groups; a row is made from the columns of the sample when it is shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.columns import Cells, titled_columns
from kafkaview.triage.watch.listed_columns import GROUP_FIELDS
from kafkaview.triage.watch.sample_arrays import VERDICTS, Codes, Flags, GroupColumns, Longs
from kafkaview.triage.watch.unseen import say_unseen
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.health_sight import HealthSight
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import ColumnSource
from kafkaview.words import Sum, at_least, plural
from kafkaview.writes.memory_groups import memberless_words

BEHIND: Final = 1000  # more than a moving group leaves between two commits
_URGENCY = (Mark.BAD, Mark.WARN, Mark.UNKNOWN, Mark.IDLE, Mark.WORKING, Mark.OK)
_VERDICT_RANKS = {verdict: _URGENCY.index(Mark.of_tone(verdict.row.tone)) for verdict in Verdict}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group. `stuck` are the partitions on which it is stuck, the worst first."""

    cells: Cells
    name: str
    state: str | None  # as the coordinator tells it, rebalances under one word
    members: int | None
    lag: Sum
    verdict: Verdict | None  # None while it moves or is not judged yet
    error: ClusterError | None
    sight: HealthSight
    stuck: tuple[Stuck, ...]
    unseen: str  # that something of it could not be looked at, or is not judged, and why

    @property
    def mark(self) -> Mark:
        """Its state as a mark."""
        if self.error is not None:
            return Mark.UNKNOWN
        if self.verdict is not None:
            return Mark.of_tone(self.verdict.row.tone)
        if self.unseen:
            return Mark.UNKNOWN
        if self.members == 0:
            return Mark.IDLE
        return self.sight.mark

    @property
    def head(self) -> str:
        """Its state in words."""
        if self.error is not None:
            return f"Unknown: {self.error.message}"
        if self.verdict is not None:
            return self.verdict.row.headline
        if self.unseen:
            return self.unseen
        if self.members == 0:
            return memberless_words(self.name)
        return self.sight.movement.capitalize()


class GroupRows(ColumnSource[GroupRow]):
    """The groups of a sample; a row is made when it is shown."""

    def __init__(self, view: View, columns: GroupColumns) -> None:
        self.columns = columns
        self._sight = HealthSight.of(view)
        self._stuck = _stuck_by_group(view.stuck)
        self._unseen = {one.group: one.sentence for one in view.unseen if one.group is not None}
        self._cells = titled_columns(GROUP_FIELDS, columns)
        marks = _mark_ranks(columns, self._unseen, self._sight)
        values = {"": _ranks(columns, marks), **self._cells, "Lag over time": columns.lag}
        super().__init__(columns.names, self._row, values, marks)

    def _row(self, place: int) -> GroupRow:
        of = self.columns
        cells = Cells(self._cells, place)
        name, error, verdict = of.names[place], int(of.error[place]), int(of.verdicts[place])
        return GroupRow(
            cells=cells,
            name=name,
            state=cells["State"] if error < 0 else None,
            members=cells["Members"],
            lag=Sum.of(of.lag[place], complete=of.lag_complete[place]),
            verdict=VERDICTS[verdict] if verdict >= 0 else None,
            error=of.errors[error] if error >= 0 else None,
            sight=self._sight,
            stuck=self._stuck.get(name, ()),
            unseen=self._unseen.get(name, ""),
        )


def describe_groups(view: View) -> str:
    """Returns the first line of the page; how many are stuck is said once they are judged."""
    if view.groups is None:
        return ""
    count = plural(len(view.groups.names), "group")
    unseen = f"; {say_unseen(view.unseen)}" if view.unseen else ""
    if not view.judged:
        left = f"about {max(1, round(view.seconds_to_verdict))} s"
        judged = f"judged in {left}" if view.current else "not judged"  # while nobody answers nothing is judged
        return f"{count}, {judged}{unseen}" if view.groups.names else f"{count}{unseen}"
    if view.groups.names and bool((view.groups.error >= 0).all()):
        return f"{count}{unseen}"
    stuck = int(np.count_nonzero(is_stuck(view.groups)))
    complete = all(one.kind is UnseenKind.UNSUPPORTED for one in view.unseen)
    if not stuck and not complete:
        return f"{count}{unseen}"
    return f"{count}, {at_least(stuck, complete=complete)} stuck{unseen}"


def is_stuck(columns: GroupColumns) -> Flags:
    """Returns which groups are stuck though they have members."""
    return np.asarray((columns.verdicts >= 0) & (columns.verdicts != VERDICTS.index(Verdict.NO_MEMBERS)))


def is_behind(columns: GroupColumns) -> Flags:
    """Returns which groups have a larger lag than a moving group has between two commits."""
    return np.asarray(columns.lag >= BEHIND)


def is_empty(columns: GroupColumns) -> Flags:
    """Returns which groups have no members, and nothing worse."""
    nobody: Flags = columns.members == 0
    nothing_worse: Flags = (columns.verdicts < 0) | (columns.verdicts == VERDICTS.index(Verdict.NO_MEMBERS))
    return np.logical_and(nobody, nothing_worse)


def _ranks(columns: GroupColumns, marks: Codes) -> Longs:
    """Returns the order of the groups by state, then lag, then name; the first is 0."""
    order = np.lexsort((np.arange(len(marks)), -columns.lag, marks))
    ranks = np.empty(len(marks), np.int64)
    ranks[order] = np.arange(len(marks))
    return ranks


def _mark_ranks(columns: GroupColumns, unseen: Collection[str], sight: HealthSight) -> Codes:
    """Returns the rank of each group's mark in the order of urgency, as `GroupRow.mark` has it."""
    ranks = np.full(len(columns.names), _URGENCY.index(sight.mark), np.int8)
    ranks[columns.members == 0] = _URGENCY.index(Mark.IDLE)
    if unseen:
        ranks[[name in unseen for name in columns.names]] = _URGENCY.index(Mark.UNKNOWN)
    of_verdict = np.array([_VERDICT_RANKS[verdict] for verdict in VERDICTS], np.int8)
    standing = columns.verdicts >= 0
    ranks[standing] = of_verdict[columns.verdicts[standing]]
    ranks[columns.error >= 0] = _URGENCY.index(Mark.UNKNOWN)
    return ranks


def _stuck_by_group(stuck: Sequence[Stuck]) -> dict[str, tuple[Stuck, ...]]:
    found: dict[str, list[Stuck]] = {}
    for one in stuck:
        found.setdefault(one.group, []).append(one)
    return {group: _worst_first(ones) for group, ones in found.items()}


def _worst_first(stuck: Sequence[Stuck]) -> tuple[Stuck, ...]:
    if len(stuck) == 1:
        return (stuck[0],)
    return tuple(sorted(stuck, key=lambda one: (_VERDICT_RANKS[one.verdict], one.since_ms, one.topic_partition)))
