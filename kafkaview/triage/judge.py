"""Which partitions of which groups stand still, told from a row of samples alone. Pure: reads nothing.

What is decided here needs no record to be read. A partition that stands while its group has members is `undecided`
here; the record that it stands on is looked for in `suspect`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kafkaview.terms import GroupState, GroupType, PartitionLag, TopicPartition
from kafkaview.triage.history import Standing
from kafkaview.triage.members import Crowd
from kafkaview.triage.verdict import Behaviour, Evidence, Stuck, Verdict
from kafkaview.triage.view import GroupView, View

LEAST_SAMPLES = 3
_SHARE = 0.8  # of the window that must be known of a partition: a broker may miss a sample
_STREAMS_PATIENCE_MS = 40_000  # commit.interval.ms of Kafka Streams is 30 s


@dataclass(frozen=True, slots=True)
class Seen:
    """One partition of one group over the window, where its group and its broker answered."""

    group: str
    partition: TopicPartition
    lags: tuple[PartitionLag, ...]
    states: tuple[GroupState, ...]
    seconds: float
    asked: int  # samples of the window, those without an answer too

    @property
    def now(self) -> PartitionLag:
        """The last known sample."""
        return self.lags[-1]

    @property
    def committed(self) -> tuple[int | None, ...]:
        """The committed offset from sample to sample."""
        return tuple(lag.committed.offset if lag.committed else None for lag in self.lags)

    @property
    def growth(self) -> float:
        """Records that came per second."""
        first, last = self.lags[0].offsets.log_end_offset or 0, self.now.offsets.log_end_offset or 0
        return (last - first) / self.seconds if self.seconds else 0.0


def judge(
    views: Sequence[View],
    window: float,
    crowd: Callable[[str], Crowd],
    standing: Callable[[str, TopicPartition], Standing | None],
) -> tuple[Stuck, ...]:
    """Everything that stands still over the window of samples, worst known; empty until the window is full."""
    if not full(views, window):
        return ()
    groups = [{group.listing.group: group for group in view.groups} for view in views]
    stuck = []
    for group in views[-1].groups:
        members = crowd(group.listing.group)
        for seen in _seen(group.listing.group, groups, views, window):
            since = standing(seen.group, seen.partition)
            found = judge_partition(seen, members, since.since_ms) if since else None
            if since and found and (found.verdict is Verdict.REWINDING or _patient(group, since, views, window)):
                stuck.append(found)
    return tuple(stuck)


def full(views: Sequence[View], window: float) -> bool:
    """Whether the samples reach over the window."""
    return len(views) >= LEAST_SAMPLES and span(views) >= window


def span(views: Sequence[View]) -> float:
    """Seconds from the first sample to the last."""
    return (views[-1].at_ms - views[0].at_ms) / 1000 if views else 0.0


def judge_partition(seen: Seen, crowd: Crowd, since_ms: int) -> Stuck | None:
    """One partition: None where it moves, is caught up, or nothing waits."""
    if any(lag.committed is None for lag in seen.lags):
        return _without_commit(seen, crowd, since_ms)
    if any(not lag.lag for lag in seen.lags):
        return None
    if len(set(seen.committed)) > 1:
        return _rewinding(seen, crowd, since_ms)
    if crowd.behaviour is Behaviour.ABSENT:
        return _no_members(seen, crowd, since_ms)
    if all(_at_stable_end(lag) for lag in seen.lags):
        return _open_transaction(seen, crowd, since_ms)
    if all(state.rebalancing for state in seen.states) and crowd.behaviour is not Behaviour.CRASH_LOOP:
        return _rebalancing(seen, crowd, since_ms)
    return _undecided(seen, crowd, since_ms)


def _patient(group: GroupView, since: Standing, views: Sequence[View], window: float) -> bool:
    """Whether it stands longer than its group always does: one that commits every half minute stands half a minute."""
    described = group.group
    streams = group.listing.type is GroupType.STREAMS or (described is not None and described.protocol == "stream")
    usual = 2 * (since.usual_gap_ms or 0)
    patience = max(_SHARE * window * 1000, usual, _STREAMS_PATIENCE_MS if streams else 0)
    return views[-1].at_ms - since.since_ms >= patience


def _seen(name: str, groups: Sequence[dict[str, GroupView]], views: Sequence[View], window: float) -> list[Seen]:
    answers = [
        (view.at_ms, answer)
        for view, known in zip(views, groups, strict=True)
        if (answer := known.get(name)) is not None and answer.partitions
    ]
    waiting = [lag.topic_partition for lag in answers[-1][1].partitions if lag.lag != 0] if answers else []
    if not waiting:
        return []
    by_partition = [(at, answer, {lag.topic_partition: lag for lag in answer.partitions}) for at, answer in answers]
    rows = []
    for partition in waiting:
        known_at = [
            (at_ms, answer, lag)
            for at_ms, answer, lags in by_partition
            if (lag := lags.get(partition)) is not None and lag.offsets.log_end_offset is not None
        ]
        seconds = (known_at[-1][0] - known_at[0][0]) / 1000 if known_at else 0.0
        if len(known_at) >= LEAST_SAMPLES and seconds >= _SHARE * window:
            lags = tuple(lag for _, _, lag in known_at)
            states = tuple(answer.group.state if answer.group else answer.listing.state for _, answer, _ in known_at)
            rows.append(Seen(name, partition, lags, states, seconds, len(views)))
    return rows


def _at_stable_end(lag: PartitionLag) -> bool:
    stable, end = lag.offsets.last_stable_offset, lag.offsets.log_end_offset
    return lag.committed is not None and stable is not None and lag.committed.offset == stable < (end or 0)


def _stuck(
    seen: Seen, verdict: Verdict, crowd: Crowd, reason: str, *, since_ms: int, evidence: Sequence[Evidence]
) -> Stuck:
    now = seen.now
    return Stuck(
        group=seen.group,
        topic_partition=seen.partition,
        committed_offset=now.committed.offset if now.committed else None,
        log_end_offset=now.offsets.log_end_offset,
        last_stable_offset=now.offsets.last_stable_offset,
        verdict=verdict,
        behaviour=crowd.behaviour,
        reason=reason,
        since_ms=since_ms,
        evidence=tuple(evidence),
    )


def _without_commit(seen: Seen, crowd: Crowd, since_ms: int) -> Stuck | None:
    """A partition that members own, that gets records, and for which nothing is ever committed.

    A quiet partition is healthy so: some clients commit nothing before their first record.
    """
    if any(lag.committed is not None for lag in seen.lags) or not seen.now.offsets.log_end_offset:
        return None
    if seen.growth <= 0 and crowd.behaviour is not Behaviour.CRASH_LOOP:
        return None
    if crowd.behaviour is Behaviour.ABSENT or seen.now.offsets.log_end_offset == seen.now.offsets.log_start_offset:
        return None
    evidence = [
        Evidence(f"No offset is committed in {_of(seen)} samples, though a member owns the partition", "bad"),
        Evidence("Where it reads is set by its auto.offset.reset, which brokers are not told", "unknown"),
        *_about_members(crowd),
        _about_log(seen),
    ]
    return _stuck(
        seen, Verdict.UNDECIDED, crowd, "nothing is committed while records come", since_ms=since_ms, evidence=evidence
    )


def _rewinding(seen: Seen, crowd: Crowd, since_ms: int) -> Stuck | None:
    """Back once and then onward is a reset that was meant; back again, or back and standing, is not."""
    offsets = [offset for offset in seen.committed if offset is not None]
    steps = list(pairwise(offsets))
    backward = [(before, after) for before, after in steps if after < before]
    if not backward:
        return None
    last_back = max(place for place, (before, after) in enumerate(steps) if after < before)
    goes_on = any(after > before for before, after in steps[last_back + 1 :])
    if len(backward) == 1 and goes_on:
        return None
    before, after = backward[-1]
    times = "once" if len(backward) == 1 else f"{len(backward)} times"
    reason = f"the committed offset goes back from {before:,} to {after:,}"
    evidence = [Evidence(f"The committed offset went back {times} in {_time(seen.seconds)}", "bad")]
    evidence += [*_about_members(crowd), _about_log(seen)]
    return _stuck(seen, Verdict.REWINDING, crowd, reason, since_ms=since_ms, evidence=evidence)


def _no_members(seen: Seen, crowd: Crowd, since_ms: int) -> Stuck:
    reason = f"nobody reads it, {_records(seen.now.lag or 0)}"
    evidence = [
        Evidence(f"The group has no member in {crowd.looks:,} of {crowd.looks:,} looks", "unknown"),
        _stays(seen, "unknown"),
        _about_log(seen),
    ]
    return _stuck(seen, Verdict.NO_MEMBERS, crowd, reason, since_ms=since_ms, evidence=evidence)


def _open_transaction(seen: Seen, crowd: Crowd, since_ms: int) -> Stuck:
    offset = seen.now.committed.offset if seen.now.committed else 0
    reason = f"a transaction is open from {offset:,} on: a read_committed consumer cannot read further"
    evidence = [
        Evidence(f"Committed offset and last stable offset are both {offset:,} in {_of(seen)} samples", "warn"),
        Evidence(
            f"The log end is {seen.now.offsets.log_end_offset:,}, {_records(seen.now.lag or 0)} behind it", "warn"
        ),
        Evidence("Skipping a record does not help here: the transaction has to end", "unknown"),
        *_about_members(crowd),
    ]
    return _stuck(seen, Verdict.OPEN_TRANSACTION, crowd, reason, since_ms=since_ms, evidence=evidence)


def _rebalancing(seen: Seen, crowd: Crowd, since_ms: int) -> Stuck:
    state = seen.states[-1].value
    evidence = [
        Evidence(f"The group is rebalancing in {len(seen.states)} of {len(seen.states)} samples, now {state}", "warn"),
        _stays(seen, "warn"),
        Evidence("Skipping a record does not help here: its members get no partitions", "unknown"),
    ]
    reason = f"the group does not end its rebalance ({state})"
    return _stuck(seen, Verdict.REBALANCING, crowd, reason, since_ms=since_ms, evidence=evidence)


def _undecided(seen: Seen, crowd: Crowd, since_ms: int) -> Stuck:
    evidence = [_stays(seen, "bad"), *_about_members(crowd), _about_log(seen)]
    return _stuck(seen, Verdict.UNDECIDED, crowd, "it stands while records wait", since_ms=since_ms, evidence=evidence)


def _stays(seen: Seen, tone: str) -> Evidence:
    return Evidence(f"Committed offset stays at {seen.committed[-1]:,} in {_of(seen)} samples", tone)


def _about_members(crowd: Crowd) -> tuple[Evidence, ...]:
    time = _time(crowd.seconds)
    if crowd.behaviour is Behaviour.CRASH_LOOP:
        members = "1 member" if crowd.turnover == 1 else f"{crowd.turnover:,} members"
        return (Evidence(f"{members} came and went in {time}: crash loop", "bad"),)
    if crowd.behaviour is Behaviour.RETRIES:
        return (Evidence(f"Its members stay, the same ones for {time}: alive and retrying", "bad"),)
    if crowd.behaviour is Behaviour.UNKNOWN:
        return (Evidence(f"Its members changed within {time}: neither a crash loop nor steady yet", "unknown"),)
    return ()


def _about_log(seen: Seen) -> Evidence:
    stable, end = seen.now.offsets.last_stable_offset, seen.now.offsets.log_end_offset
    grows = f"Log end grows by {seen.growth:,.0f}/s" if seen.growth >= 0.5 else "Log end stands"
    if stable is None or end is None:
        return Evidence(f"{grows}, its leader does not tell the last stable offset", "unknown")
    if stable < end:
        return Evidence(f"{grows}, a transaction is open from {stable:,} on: further than it stands", "warn")
    return Evidence(f"{grows}, brokers answer, no open transaction", "ok")


def _of(seen: Seen) -> str:
    return f"{len(seen.lags)} of {seen.asked}"


def _records(count: int) -> str:
    return "1 record waits" if count == 1 else f"{count:,} records wait"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s"
