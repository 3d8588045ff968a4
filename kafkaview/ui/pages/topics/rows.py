"""The rows of the topics, made from the columns of the sample when they are shown; the details of one topic."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.ports.columns import Ints
from kafkaview.columns import Cells, titled_columns
from kafkaview.triage.watch.listed_columns import TOPIC_FIELDS, PartitionRow
from kafkaview.triage.watch.sample_arrays import Codes, Reader, TopicColumns, TopicDetail
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.health_sight import HealthSight
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import ColumnSource
from kafkaview.words import join_names, plural

URGENCY: Final = (Mark.BAD, Mark.WARN, Mark.UNKNOWN, Mark.IDLE, Mark.WORKING, Mark.OK)
_SILENT_LEADER: Final = "a leader does not say where its log ends"
_SILENT_BROKER: Final = "a broker does not answer, so its replicas may be out of sync"
_WELL: Final = {
    HealthSight.NOW: "healthy",
    HealthSight.BEFORE: "healthy when last seen",
    HealthSight.NOT_YET: "being watched",
    HealthSight.NEVER: "not judged",
}


@dataclass(frozen=True, slots=True)
class TopicRow:
    """One topic. `groups` read it, `stuck` of them are stuck on it, `poisoned` of those on a poison record."""

    cells: Cells
    name: str
    internal: bool
    partitions: int
    under_replicated: int  # -1 where it is unknown whether replicas are missing or being added
    moving: int
    offline: int
    groups: int
    stuck: tuple[str, ...]
    poisoned: tuple[str, ...]
    stood: tuple[str, ...]  # groups that were stuck on it when they were last seen
    unjudged: int  # of the groups, those of which it is not known whether they are stuck
    silence: str  # who did not answer of whom its health depends; empty if all did
    sight: HealthSight

    @property
    def stuck_count(self) -> int | None:
        """How many groups are stuck on it; None where none is, as far as is seen, and not all is seen."""
        unseen = self.silence or self.unjudged or self.sight in (HealthSight.NOT_YET, HealthSight.NEVER)
        return len(self.stuck) if self.stuck or not unseen else None

    @property
    def mark(self) -> Mark:
        """The worst that is known of the topic."""
        if self.offline or self.poisoned:
            return Mark.BAD
        if self.under_replicated or self.stuck:
            return Mark.WARN
        return Mark.UNKNOWN if self.silence or self.unjudged else self.sight.mark

    @property
    def state(self) -> str:
        """The mark in words. It begins with words of ours: where a sentence begins, the first letter is made a capital,
        and names are never altered.
        """
        if self.offline:
            return f"{plural(self.offline, 'partition has', 'partitions have')} no leader"
        if self.poisoned:
            return f"a poison record stops {join_names(self.poisoned)}"
        if self.under_replicated > 0:
            return f"{plural(self.under_replicated, 'partition is', 'partitions are')} under-replicated"
        if self.under_replicated < 0:
            return "replicas are out of sync, and whether they are being added may not be seen"
        if self.stuck:
            return f"{plural(len(self.stuck), 'group stands', 'groups stand')} still: {join_names(self.stuck)}"
        if self.stood:
            return f"{plural(len(self.stood), 'group', 'groups')} stood still when last seen: {join_names(self.stood)}"
        if self.silence:
            return self.silence
        if self.unjudged:
            stand = "it stands" if self.unjudged == 1 else "they stand"
            return f"of {plural(self.unjudged, 'group')} it is not known whether {stand} still here"
        if self.moving:
            return f"{plural(self.moving, 'partition is', 'partitions are')} being moved"
        return _WELL[self.sight]


class TopicRows(ColumnSource[TopicRow]):
    """The topics of a sample; a row is made when it is shown."""

    def __init__(self, view: View, columns: TopicColumns) -> None:
        self.columns = columns
        self._stuck = _worst_verdicts(view.stuck)
        self._stood = _last_seen(view.stuck)
        self._unjudged = _unjudged(columns, self._stood)
        self._cells = titled_columns(TOPIC_FIELDS, columns)
        self._sight = HealthSight.of(view)
        self._silent = is_a_broker_silent(view) and self._sight is HealthSight.NOW
        ranks = _ranks(columns, self._sight, self._unjudged, silent=self._silent)
        super().__init__(columns.names, self._row, {"": ranks, **self._cells}, ranks)

    def _row(self, place: int) -> TopicRow:
        of, name = self.columns, self.columns.names[place]
        stuck = self._stuck.get(name, {})
        return TopicRow(
            cells=Cells(self._cells, place),
            name=name,
            internal=bool(of.internal[place]),
            partitions=int(of.partitions[place]),
            under_replicated=int(of.under_replicated[place]),
            moving=int(of.moving[place]),
            offline=int(of.offline[place]),
            groups=int(of.groups[place]),
            stuck=tuple(sorted(stuck)),
            poisoned=tuple(sorted(group for group, verdict in stuck.items() if verdict is Verdict.POISON)),
            stood=tuple(sorted(self._stood.get(name, ()))),
            unjudged=int(self._unjudged[place]),
            silence=self._silence(place),
            sight=self._sight,
        )

    def _silence(self, place: int) -> str:
        """Returns who did not answer when the sample was taken; empty while it is not judged, which is said instead."""
        if self._sight in (HealthSight.NOT_YET, HealthSight.NEVER):
            return ""
        return _SILENT_BROKER if self._silent else "" if self.columns.records_complete[place] else _SILENT_LEADER


def partition_rows(detail: TopicDetail) -> tuple[PartitionRow, ...]:
    """Returns the partitions of one topic by number."""
    rows = zip(detail.topic.partitions, detail.offsets, detail.sizes, strict=True)
    return tuple(PartitionRow(*row) for row in rows)


def reader_rows(detail: TopicDetail) -> tuple[Reader, ...]:
    """Returns the groups that committed on the topic or own partitions of it, the largest lag first."""
    return tuple(sorted(detail.readers, key=lambda row: (-(row.lag or 0), row.group)))


def is_a_broker_silent(view: View) -> bool:
    """Returns whether somebody does not answer: what the metadata say of its replicas may be old."""
    return any(isinstance(error, Unreachable) for error in view.errors)


def _ranks(columns: TopicColumns, sight: HealthSight, unjudged: Ints, *, silent: bool) -> Codes:
    """Returns the rank of each topic's mark; the worst is 0."""
    ranks = np.full(len(columns.names), URGENCY.index(sight.mark), np.int8)
    if sight in (HealthSight.NOW, HealthSight.BEFORE):
        ranks[~columns.records_complete | silent] = URGENCY.index(Mark.UNKNOWN)
    ranks[unjudged > 0] = URGENCY.index(Mark.UNKNOWN)
    ranks[(columns.under_replicated != 0) | (columns.stuck > 0)] = URGENCY.index(Mark.WARN)
    ranks[(columns.offline > 0) | (columns.poisoned > 0)] = URGENCY.index(Mark.BAD)
    return ranks


def _last_seen(stuck: tuple[Stuck, ...]) -> Mapping[str, AbstractSet[str]]:
    """Returns, by topic, the groups that were stuck on it when they were last seen, without those without members."""
    found: dict[str, set[str]] = {}
    for one in stuck:
        if one.last_seen_ms is not None and one.verdict is not Verdict.NO_MEMBERS:
            found.setdefault(one.topic_partition.topic, set()).add(one.group)
    return found


def _unjudged(columns: TopicColumns, stood: Mapping[str, AbstractSet[str]]) -> Ints:
    """Returns, by topic, the number of groups of which it is not known whether they stand still there: without a
    judgement, or with one of before.
    """
    if not stood:
        return columns.unjudged
    return np.maximum(columns.unjudged, np.array([len(stood.get(name, ())) for name in columns.names], np.int32))


def _worst_verdicts(stuck: tuple[Stuck, ...]) -> Mapping[str, Mapping[str, Verdict]]:
    """Returns the worst verdict of each group that is seen to be stuck on each topic, without those without members."""
    found: dict[str, dict[str, Verdict]] = {}
    for one in stuck:
        if one.verdict is Verdict.NO_MEMBERS or one.last_seen_ms is not None:
            continue
        groups = found.setdefault(one.topic_partition.topic, {})
        if groups.get(one.group) is not Verdict.POISON:
            groups[one.group] = one.verdict
    return found
