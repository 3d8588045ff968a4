"""The samples that a verdict rests on, and the values of single partitions in them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

import numpy as np

from kafkaview.cluster.ports.columns import Flags, Longs
from kafkaview.terms import GroupState, TopicPartition
from kafkaview.triage.watch.judge import LEAST_SAMPLES, SHARE, PartitionSamples
from kafkaview.triage.watch.layout import Layout, Rows
from kafkaview.triage.watch.sampler import Sample


class SampleWindow:
    """The samples that a verdict rests on: those of the last seconds, and at least three."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._samples: deque[Sample] = deque()

    def add(self, sample: Sample) -> None:
        """Adds a sample and drops those that are no longer needed."""
        self._samples.append(sample)
        full = [one.at_ms for one in self._samples if one.full]
        while len(full) > LEAST_SAMPLES and _span(full[1:]) >= self.seconds:
            full.pop(0)
        while full and self._samples[0].at_ms < full[0]:
            self._samples.popleft()

    def clear(self) -> None:
        """Forgets all samples: those after a gap say nothing of the time before it."""
        self._samples.clear()

    @property
    def latest(self) -> Sample:
        """The last full sample."""
        return next(sample for sample in reversed(self._samples) if sample.full)

    @property
    def span(self) -> float:
        """Seconds from the first full sample to the last."""
        return _span([sample.at_ms for sample in self._samples if sample.full])

    @property
    def full(self) -> bool:
        """Whether the samples reach over the window."""
        return sum(sample.full for sample in self._samples) >= LEAST_SAMPLES and self.span >= self.seconds

    def watched_ms(self, layout: Layout) -> Longs:
        """Returns, by group, the time between its first and last answer in full samples."""
        first, last = (np.full(len(layout.names), -1, np.int64) for _ in range(2))
        for sample in self._samples:
            if not sample.full:
                continue
            at = np.flatnonzero(sample.answered)
            if sample.layout.names != layout.names:
                there = np.array([layout.index.get(sample.layout.names[one], -1) for one in at.tolist()], np.int64)
                at = there[there >= 0]
            last[at] = sample.at_ms
            first[at] = np.where(first[at] < 0, sample.at_ms, first[at])
        return last - first

    def of(self, group: str) -> tuple[Sample, ...]:
        """Returns the samples in which a group was requested, as few as reach over the window."""
        samples = [sample for sample in self._samples if group in sample.layout.index]
        first = 0
        while (
            len(samples) - first > LEAST_SAMPLES
            and _span([samples[first + 1].at_ms, samples[-1].at_ms]) >= self.seconds
        ):
            first += 1
        return tuple(samples[first:])

    def knows(self, group: str, layout: Layout, rows: Rows) -> bool:
        """Returns whether enough samples know the log ends of some rows of a group to judge every one of them."""
        samples = self.of(group)
        return bool(samples) and bool(self._know_ends(samples, layout, rows).all())

    def knows_ends(self, layout: Layout, rows: Rows) -> Flags:
        """Returns, for each of these rows, in order, whether enough samples know its log end to judge it."""
        known = np.zeros(len(rows), np.bool_)
        full = tuple(sample for sample in self._samples if sample.full)
        if not full or not len(rows):
            return known
        known[:] = self._know_ends(full, layout, rows)
        left = np.flatnonzero(~known)  # of groups that may have been looked at more often
        groups = layout.group[rows[left]]
        for own in np.split(left, np.flatnonzero(np.diff(groups)) + 1) if len(left) else ():
            known[own] = self._know_ends(self.of(layout.names[layout.group[rows[own[0]]]]), layout, rows[own])
        return known

    def _know_ends(self, samples: Sequence[Sample], layout: Layout, rows: Rows) -> Flags:
        ends = np.stack([_at_rows(sample, layout, rows)[1] for sample in samples], axis=1)
        return _enough(ends >= 0, np.array([sample.at_ms for sample in samples]), self.seconds)

    def last_known_ms(self, group: str, layout: Layout, row: int) -> int | None:
        """Returns when the log end of one row of a group was last known; None if it was not in these samples."""
        rows = np.array([row])
        known = (one.at_ms for one in reversed(self.of(group)) if _at_rows(one, layout, rows)[1][0] >= 0)
        return next(known, None)

    def starts(self, layout: Layout) -> Longs:
        """Returns, by group, the time of the first of its samples."""
        starts = np.zeros(len(layout.names), np.int64)
        if self._samples:
            starts[:] = next((sample.at_ms for sample in self._samples if sample.full), self._samples[0].at_ms)
        looked_at = {name for sample in self._samples if not sample.full for name in sample.layout.names}
        for name in looked_at & layout.index.keys():
            starts[layout.index[name]] = self.of(name)[0].at_ms
        return starts


def observe_rows(
    layout: Layout, rows: Rows, samples: Sequence[Sample], window: float, log_start: Longs
) -> Iterable[tuple[int, PartitionSamples]]:
    """Yields the observations of each row that has enough of them."""
    columns = [_at_rows(sample, layout, rows) for sample in samples]
    committed, log_end, last_stable = (np.stack([one[n] for one in columns], axis=1) for n in range(3))
    known = log_end >= 0
    chosen = np.flatnonzero(_enough(known, np.array([sample.at_ms for sample in samples]), window))
    table, rows = layout.table, rows[chosen]
    every: list[bool] = np.all(known[chosen], axis=1).tolist()
    columns_of_rows = zip(
        *(column.tolist() for column in (rows, layout.group[rows], layout.topic[rows], layout.place[rows])),
        *(column[chosen].tolist() for column in (committed, log_end, last_stable)),
        strict=True,
    )
    states: dict[int, list[GroupState]] = {}
    for at, (row, group, topic, place, commits, ends, stables) in enumerate(columns_of_rows):
        if group not in states:
            name = layout.names[group]
            states[group] = [sample.states[sample.layout.index[name]] for sample in samples]
        seen = range(len(samples)) if every[at] else [n for n, end in enumerate(ends) if end >= 0]
        yield (
            row,
            PartitionSamples(
                group=layout.names[group],
                partition=TopicPartition(table.topics[topic], place - int(table.first[topic])),
                committed=[None if commits[n] < 0 else commits[n] for n in seen],
                log_ends=ends if every[at] else [ends[n] for n in seen],
                last_stable=[None if stables[n] < 0 else stables[n] for n in seen],
                states=states[group] if every[at] else [states[group][n] for n in seen],
                log_start=_none_if_negative(int(log_start[place])),
                seconds=(samples[seen[-1]].at_ms - samples[seen[0]].at_ms) / 1000,
                sample_count=len(samples),
            ),
        )


def _at_rows(sample: Sample, layout: Layout, rows: Rows) -> tuple[Longs, Longs, Longs]:
    """Returns committed offset, log end and last stable offset of rows in a sample; all -1 where it has no answer."""
    there = layout.rows_in(sample.layout, rows)
    if not len(sample.layout):
        return tuple(np.full(len(rows), -1, np.int64) for _ in range(3))  # type: ignore[return-value]
    known = (there >= 0) & sample.answered[sample.layout.group[there]]
    columns = (sample.committed, sample.log_end, sample.last_stable)
    committed, log_end, last_stable = (np.where(known, column[there], -1) for column in columns)
    return committed, log_end, last_stable


def _enough(known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], at_ms: Longs, window: float) -> Flags:
    """Returns, for each row, whether it was known in three samples and over most of the window."""
    last = known.shape[1] - 1 - np.argmax(known[:, ::-1], axis=1)
    seconds = (at_ms[last] - at_ms[np.argmax(known, axis=1)]) / 1000
    enough: Flags = (known.sum(axis=1) >= LEAST_SAMPLES) & (seconds >= SHARE * window)
    return enough


def _none_if_negative(value: int) -> int | None:
    return None if value < 0 else value


def _span(times: Sequence[int]) -> float:
    return (times[-1] - times[0]) / 1000 if times else 0.0
