"""Finds the partitions that stand still over the window of samples. Works on columns, so that few need a look."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from kafkaview.cluster.ports.columns import Flags, Longs
from kafkaview.triage.watch.groups import KnownGroup
from kafkaview.triage.watch.judge import SHARE, judge_partition
from kafkaview.triage.watch.layout import Layout, Rows, distinct, move_column
from kafkaview.triage.watch.members import MemberTurnover
from kafkaview.triage.watch.sample_window import SampleWindow, observe_rows
from kafkaview.triage.watch.sampler import Sample
from kafkaview.triage.watch.slow_committers import find_slow_committer
from kafkaview.triage.watch.tracks import Tracks
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict
from kafkaview.writes.memory_groups import MEMORY_PREFIX

_MOST: Final = 2_000  # partitions looked at one by one, with a sample
_TRIES: Final = 8  # partitions that may not speak for their topic, before it is left for the next sample

TurnoverOf = Callable[[str], MemberTurnover]


@dataclass(frozen=True, slots=True, eq=False)
class _Candidates:
    """The rows to judge: `single` are judged one by one, `memberless` stand because their group has no members and are
    judged by topic. `overdue` is, for every row, whether it has stood longer than is usual for its group: a group that
    commits every half minute stands that long while all is well.
    """

    single: Rows
    memberless: Rows
    overdue: Flags


_Key = tuple[str, str]  # group and topic
# What a verdict rests on: place, committed offset, log end (-1: unknown just now), and since when it stands.
_VerdictBasis = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _KeptVerdict:
    """A verdict on a topic that nobody reads, with the values it rests on."""

    stuck: Stuck
    basis: _VerdictBasis
    sums: tuple[int, int]
    until_ms: int

    def holds(self, basis: _VerdictBasis, sums: tuple[int, int], now_ms: int) -> bool:
        """Returns whether the verdict is still right, apart from how often it was seen."""
        return self.basis == basis and self.sums == sums and basis[2] >= 0 and now_ms < self.until_ms


def _delay_next_judgement(key: _Key) -> int:
    """Returns the milliseconds until an unchanged verdict is judged again; keys differ, so that not all fall into one
    sample.
    """
    return 20_000 + hash(key) % 20_000


def _speak_for_topic(stuck: Stuck, count: int, waiting: int) -> Stuck:
    """Returns the verdict of one partition with the count and the lag of all in its topic."""
    alike = stuck.verdict is Verdict.NO_MEMBERS and count > 1
    return replace(stuck, partitions=count, topic_lag=waiting) if alike else stuck


class Judge:
    """Finds the partitions that stand still."""

    def __init__(
        self, window: SampleWindow, tracks: Tracks, turnover: TurnoverOf, log_start: Callable[[], Longs]
    ) -> None:
        self._window = window
        self._tracks = tracks
        self._turnover = turnover
        self._log_start = log_start
        self._kept: dict[_Key, _KeptVerdict] = {}

    def judge(
        self, groups: Iterable[KnownGroup], now_ms: int, *, only: Collection[str] | None = None, expand: bool = False
    ) -> dict[str, tuple[Stuck, ...]]:
        """Returns the stuck partitions of all groups or some, by group; empty until the window is full. Unless `expand`
        is set, one partition represents a topic that nobody reads, and also its topic where very many partitions are
        stuck.
        """
        layout = self._tracks.layout
        if layout is None or not self._window.full:
            return {}
        rows = _without_memories(layout, np.arange(len(layout)) if only is None else _rows_of(layout, only))
        candidates = self._candidates(layout, groups, rows, now_ms)
        stuck: list[Stuck] = []
        if expand:
            both = distinct(len(layout), candidates.single, candidates.memberless)
            stuck += self._judge_rows(layout, both, candidates.overdue)
        else:
            stuck += self._judge_single(layout, candidates)
            stuck += self._judge_memberless(layout, candidates, now_ms, whole=only is None)
        found: dict[str, list[Stuck]] = {}
        for one in sorted(stuck, key=lambda stuck: (stuck.group, stuck.topic_partition)):
            found.setdefault(one.group, []).append(one)
        return {group: tuple(stands) for group, stands in found.items()}

    def _candidates(self, layout: Layout, groups: Iterable[KnownGroup], rows: Rows, now_ms: int) -> _Candidates:
        tracks, of = self._tracks, layout.group[rows]
        committed, log_end, since = tracks.committed[rows], tracks.log_end[rows], tracks.standing_ms[rows]
        start = self._window.starts(layout)[of]
        kinds = {group.name: find_slow_committer(group) for group in groups}
        slow = {name: kind.patience_ms for name, kind in kinds.items() if kind is not None}
        patience = np.array([slow.get(name, 0) for name in layout.names], np.int64)[of]
        patience = np.maximum(np.maximum(patience, 2 * tracks.usual_gap_ms[rows]), SHARE * self._window.seconds * 1000)
        overdue = now_ms - since >= patience
        waits = (committed >= 0) & (log_end > committed) & (tracks.zero_lag_ms[rows] < start)
        back = waits & (tracks.back_ms[rows] >= start)
        stands = waits & overdue
        never = tracks.known[rows] & (committed < 0) & (log_end > 0) & overdue
        concerned = distinct(len(layout.names), of[stands | never])
        behaviours = {int(at): self._turnover(layout.names[at]).behaviour for at in concerned}
        alone = {at for at in behaviours if self._turnover(layout.names[at]).moves_alone}
        sparse = np.zeros(len(layout.names), np.bool_)
        sparse[[at for at in behaviours if self._turnover(layout.names[at]).sparse]] = True
        enough = ~sparse[of]
        absent = _that_behave(layout, {at: one for at, one in behaviours.items() if at not in alone}, Behaviour.ABSENT)[
            of
        ]
        crash = _that_behave(layout, behaviours, Behaviour.CRASH_LOOP)[of]
        grows = tracks.growth_ms[rows] >= start
        beyond = (log_end >= 0) & (committed > log_end) & overdue
        single = back | beyond | (stands & enough & ~absent) | (never & enough & ~absent & (grows | crash))
        overdue_rows = np.zeros(len(layout), np.bool_)
        overdue_rows[rows] = overdue
        return _Candidates(rows[single], rows[stands & absent & ~back], overdue_rows)

    def _judge_single(self, layout: Layout, candidates: _Candidates) -> list[Stuck]:
        """Judges rows one by one. Of very many rows it takes those that stand longest in each group and topic, and the
        first of them represents the rest.
        """
        rows = candidates.single
        if len(rows) <= _MOST:
            return self._judge_rows(layout, rows, candidates.overdue)
        order = rows[np.lexsort((self._tracks.standing_ms[rows], layout.span[rows]))]
        begins = np.flatnonzero(np.diff(layout.span[order], prepend=-1))
        counts = np.diff(np.append(begins, len(order)))
        most = max(1, _MOST // len(begins))
        rank = np.arange(len(order)) - np.repeat(begins, counts)
        found = self._judge_rows(layout, order[rank < most], candidates.overdue)
        left = self._sum(layout, order[rank >= most])
        represented: set[tuple[str, str]] = set()
        for at, one in enumerate(found):
            key = self._key(one)
            if key in left and key not in represented and one.lag is not None:
                represented.add(key)
                count, lag = left[key]
                found[at] = replace(one, partitions=1 + count, topic_lag=one.lag + lag)
        return found

    def _sum(self, layout: Layout, rows: Rows) -> dict[tuple[str, str], tuple[int, int]]:
        """Returns the number of these rows and their lag, by group and topic."""
        first = np.maximum(self._tracks.committed[rows], self._log_start()[layout.place[rows]])
        lag = np.maximum(0, self._tracks.log_end[rows] - np.maximum(0, first))
        spans = layout.span[rows]
        counts = np.bincount(spans, minlength=len(layout.spans))
        lags = np.zeros(len(layout.spans), np.int64)
        np.add.at(lags, spans, lag)
        return {
            self._names_of(layout, int(layout.spans[span])): (int(counts[span]), int(lags[span]))
            for span in np.flatnonzero(counts)
        }

    def _judge_memberless(self, layout: Layout, candidates: _Candidates, now_ms: int, *, whole: bool) -> list[Stuck]:
        """Judges, for each group and topic that nobody reads, the partition with the largest lag. There may be
        thousands of them: an unchanged verdict is judged again only now and then.
        """
        left = candidates.memberless
        sums = self._sum(layout, left)
        kept: dict[_Key, _KeptVerdict] = {}
        for _ in range(_TRIES):
            if not len(left):
                break
            speakers = self._furthest(layout, left)
            names = [self._names_of(layout, row) for row in speakers.tolist()]
            stands = self._stands(layout, speakers)
            known = [self._kept.get(key) for key in names]
            new = [
                not one or not seen or not one.holds(basis, sums[key], now_ms)
                for one, basis, key, seen in zip(known, stands, names, self._seen(layout, speakers), strict=True)
            ]
            kept |= {key: one for one, key, again in zip(known, names, new, strict=True) if one and not again}
            judged = {self._key(one): one for one in self._judge_rows(layout, speakers[new], candidates.overdue)}
            for key, basis in zip(names, stands, strict=True):
                if key in judged:
                    kept[key] = _KeptVerdict(
                        _speak_for_topic(judged[key], *sums[key]), basis, sums[key], now_ms + _delay_next_judgement(key)
                    )
            unjudged = [row for row, key in zip(speakers.tolist(), names, strict=True) if key not in kept]
            left = left[np.isin(layout.span[left], layout.span[unjudged]) & ~np.isin(left, unjudged)]
        self._kept = kept if whole else {**self._kept, **kept}
        return [one.stuck for one in kept.values()]

    def _stands(self, layout: Layout, rows: Rows) -> list[_VerdictBasis]:
        """Returns, for each row, the values that its verdict rests on."""
        tracks, latest = self._tracks, self._window.latest
        there = layout.rows_in(latest.layout, rows)
        ends = move_column(latest.log_end, there)
        columns = (layout.place[rows], tracks.committed[rows], ends, tracks.standing_ms[rows])
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _seen(self, layout: Layout, rows: Rows) -> list[bool]:
        """Returns, for each row, whether its group has answered in the last full sample."""
        latest = self._window.latest
        if not len(latest.layout):
            return [False] * len(rows)
        there = layout.rows_in(latest.layout, rows)
        answered: list[bool] = ((there >= 0) & latest.answered[latest.layout.group[there]]).tolist()
        return answered

    def _furthest(self, layout: Layout, rows: Rows) -> Rows:
        """Returns the row with the largest lag of each group and topic; `rows` are in ascending order."""
        lag, spans = self._tracks.log_end[rows] - self._tracks.committed[rows], layout.span[rows]
        begins = np.flatnonzero(np.diff(spans, prepend=-1))
        most = np.repeat(np.maximum.reduceat(lag, begins), np.diff(np.append(begins, len(rows))))
        first = np.flatnonzero(lag == most)
        return rows[first[np.flatnonzero(np.diff(spans[first], prepend=-1))]]

    def _key(self, stuck: Stuck) -> tuple[str, str]:
        return stuck.group, stuck.topic_partition.topic

    def _names_of(self, layout: Layout, row: int) -> tuple[str, str]:
        return layout.names[layout.group[row]], layout.table.topics[layout.topic[row]]

    def _judge_rows(self, layout: Layout, rows: Rows, overdue: Flags) -> list[Stuck]:
        """Judges partitions one by one and returns the verdicts in the order of `rows`."""
        found: dict[int, Stuck] = {}
        since_ms = self._tracks.standing_ms
        for samples, chosen in self._by_samples(layout, rows):
            for row, seen in observe_rows(layout, chosen, samples, self._window.seconds, self._log_start()):
                stuck = judge_partition(seen, self._turnover(seen.group), int(since_ms[row]))
                if stuck and (stuck.verdict is Verdict.REWINDING or overdue[row]):
                    found[row] = stuck
        return [found[row] for row in rows.tolist() if row in found]

    def _by_samples(self, layout: Layout, rows: Rows) -> Iterable[tuple[tuple[Sample, ...], Rows]]:
        """Yields rows with the samples in which their groups answered."""
        alike: dict[tuple[int, ...], tuple[tuple[Sample, ...], list[int]]] = {}
        for group in distinct(len(layout.names), layout.group[rows]).tolist():
            samples = self._window.of(layout.names[group])
            alike.setdefault(tuple(map(id, samples)), (samples, []))[1].append(group)
        for samples, groups in alike.values():
            yield samples, rows[np.isin(layout.group[rows], groups)]


def _without_memories(layout: Layout, rows: Rows) -> Rows:
    """Returns the rows but those of groups by which kafkaview remembers what it has sent: they have no readers."""
    memories = np.array([name.startswith(MEMORY_PREFIX) for name in layout.names], np.bool_)
    return rows[~memories[layout.group[rows]]] if memories.any() else rows


def _rows_of(layout: Layout, names: Collection[str]) -> Rows:
    """Returns the rows of some groups, in ascending order."""
    ranges = [
        np.arange(*layout.rows(name).indices(len(layout))) for name in sorted(names, key=layout.index.__getitem__)
    ]
    return np.concatenate(ranges) if ranges else np.empty(0, np.int64)


def _that_behave(layout: Layout, behaviours: dict[int, Behaviour], wanted: Behaviour) -> Flags:
    """Returns, by group, whether it has the wanted behaviour."""
    groups = np.zeros(len(layout.names), np.bool_)
    groups[[at for at, behaviour in behaviours.items() if behaviour is wanted]] = True
    return groups
