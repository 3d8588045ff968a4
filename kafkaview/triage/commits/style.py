"""The style of commits on one partition: by their rhythm, their steps, and whether they are part of transactions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median, quantiles
from typing import Final

from kafkaview.terms import TopicPartition
from kafkaview.triage.commits.commit import Commit, CommitSource, CommitStyle, PartitionCommits
from kafkaview.words import duration, number, plural

_FEWEST: Final = 4  # commits; of fewer nothing is said
_REGULAR: Final = 0.12  # of the beat: how far a pause may be from it
_SLACK_MS: Final = 100  # what a clock of its own may be late by
_SHORTEST_TIMER_MS: Final = 1_000  # commits that follow sooner are a consumer's own
_ALMOST_ALL: Final = 0.9
_IN_TIME: Final = 0.85  # of the pauses: a busy machine puts one commit off, now and then


def judge_commits(
    place: TopicPartition, commits: Sequence[Commit], source: CommitSource, span_ms: int, *, committed: bool
) -> PartitionCommits:
    """Returns how a group commits on a partition. `committed`: whether it has a committed offset there; `span_ms` is
    the time in which these commits were seen.
    """
    gaps = [after.at_ms - before.at_ms for before, after in pairwise(commits)]
    steps = [after.offset - before.offset for before, after in pairwise(commits)]
    interval = round(median(gaps)) if gaps else None
    rewinds = sum(step < 0 for step in steps)
    style, evidence = _judge(commits, gaps, steps, source, span_ms, committed=committed)
    if rewinds:
        evidence = (*evidence, f"{plural(rewinds, 'commit')} went back to an earlier offset")
    return PartitionCommits(place, style, interval, len(commits), rewinds, evidence)


def _judge(
    commits: Sequence[Commit],
    gaps: Sequence[int],
    steps: Sequence[int],
    source: CommitSource,
    span_ms: int,
    *,
    committed: bool,
) -> tuple[CommitStyle, tuple[str, ...]]:
    seen = f"{plural(len(commits), 'commit')} in {duration(span_ms)}"
    if not commits and not committed:
        return CommitStyle.NONE, ("no committed offset, and no commit was seen",)
    if commits and all(commit.transactional for commit in commits):
        return CommitStyle.TRANSACTIONAL, (f"{seen}, each as part of a transaction",)
    if len(commits) < _FEWEST:
        return CommitStyle.UNKNOWN, (f"{seen}: too few to tell",)
    if source is CommitSource.POLLING:
        seen = f"{plural(len(commits), 'new offset')} in {duration(span_ms)}"
    if median(gaps) >= _SHORTEST_TIMER_MS and _is_regular(gaps):
        return _judge_rhythm(f"{seen}, one each {duration(round(median(gaps)))}", steps)
    return _judge_steps(seen, steps, source)


def _judge_rhythm(rhythm: str, steps: Sequence[int]) -> tuple[CommitStyle, tuple[str, ...]]:
    """Judges commits that follow each other as by a clock."""
    again, forward = steps.count(0), [step for step in steps if step > 0]
    if again:
        return CommitStyle.AUTO, (rhythm, f"{number(again)} of them of the offset of before")
    if _are_single(forward):
        return CommitStyle.UNKNOWN, (f"{rhythm}, each one record further: so does a timer, and a commit per record",)
    return CommitStyle.AUTO, (rhythm, f"{_range(forward)} records from one to the next")


def _judge_steps(seen: str, steps: Sequence[int], source: CommitSource) -> tuple[CommitStyle, tuple[str, ...]]:
    """Judges commits without a rhythm, by how far each goes."""
    forward = [step for step in steps if step > 0]
    if not forward:
        return CommitStyle.UNKNOWN, (f"{seen}, and none moves on",)
    if _are_single(forward):
        return CommitStyle.PER_RECORD, (f"{seen}, each one record further",)
    if source is CommitSource.POLLING:
        return CommitStyle.UNKNOWN, (f"{seen}, without a rhythm: what is committed between two looks is not seen",)
    return CommitStyle.PER_BATCH, (f"{seen}, without a rhythm", f"{_range(forward)} records from one to the next")


def _are_single(forward: Sequence[int]) -> bool:
    return bool(forward) and sum(step == 1 for step in forward) >= _ALMOST_ALL * len(forward)


def _is_regular(gaps: Sequence[int]) -> bool:
    """Returns whether nearly all pauses are whole multiples of one: a timer passes over what has not moved."""
    for beat in (median(gaps), quantiles(gaps, n=5, method="inclusive")[0]):
        room = max(_REGULAR * beat, _SLACK_MS)
        fitting = sum(abs(gap - max(1, round(gap / beat)) * beat) <= room for gap in gaps) if beat else 0
        if fitting >= _IN_TIME * len(gaps):
            return True
    return False


def _range(steps: Sequence[int]) -> str:
    if not steps:
        return "no"
    least, most = min(steps), max(steps)
    return number(least) if least == most else f"{number(least)} to {number(most)}"
