"""Why a partition of a group stands still, judged from samples alone. Does no I/O and needs no record. What samples do
not explain stays `undecided` here; `suspect` looks for the record that it stands on. `candidates` chooses the
partitions to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from kafkaview.terms import GroupState, TopicPartition
from kafkaview.triage.watch.members import MemberTurnover
from kafkaview.triage.watch.verdict import Behaviour, Evidence, Stuck, Verdict

LEAST_SAMPLES: Final = 3
SHARE: Final = 0.8  # of the window that must be known of a partition: a broker may miss a sample
SLOW_COMMITS_S: Final = 150  # a Flink job may commit every 120 s, with its checkpoints
_SELDOM: Final = (
    f"A reader that assigns itself may commit every two minutes: it would have to stand for {SLOW_COMMITS_S} s for "
    "nobody to read it"
)


@dataclass(frozen=True, slots=True)
class PartitionSamples:
    """One partition of one group over the window: the samples in which its group and its leader answered."""

    group: str
    partition: TopicPartition
    committed: Sequence[int | None]
    log_ends: Sequence[int]
    last_stable: Sequence[int | None]
    states: Sequence[GroupState]
    log_start: int | None  # now
    seconds: float
    sample_count: int  # samples of the window, those without an answer too

    @property
    def lags(self) -> list[int | None]:
        """The lag in each sample."""
        both = zip(self.committed, self.log_ends, strict=True)
        return [None if at is None else end - at if end > at else 0 for at, end in both]

    @property
    def lag(self) -> int:
        """The lag now, without records that retention has removed."""
        return max(0, self.log_ends[-1] - max(self.committed[-1] or 0, self.log_start or 0))

    @property
    def beyond_end(self) -> bool:
        """Whether the committed offset is beyond the log's end in every sample."""
        both = zip(self.committed, self.log_ends, strict=True)
        return len(set(self.committed)) == 1 and all(at is not None and at > end for at, end in both)

    @property
    def growth(self) -> float:
        """Records written per second."""
        return (self.log_ends[-1] - self.log_ends[0]) / self.seconds if self.seconds else 0.0


def judge_partition(seen: PartitionSamples, turnover: MemberTurnover, since_ms: int) -> Stuck | None:
    """Judges one partition. Returns None if it moves, has caught up, or no record waits."""
    if None in seen.committed:
        return _without_commit(seen, turnover, since_ms)
    if seen.beyond_end:
        return _beyond_end(seen, turnover, since_ms)
    if not all(seen.lags):
        return None
    if len(set(seen.committed)) > 1:
        return _judge_rewind(seen, turnover, since_ms)
    if turnover.behaviour is Behaviour.ABSENT:
        return _no_members(seen, turnover, since_ms)
    if _at_stable_end(seen):
        return _open_transaction(seen, turnover, since_ms)
    if all(state.rebalancing for state in seen.states) and turnover.behaviour is not Behaviour.CRASH_LOOP:
        return _judge_rebalance(seen, turnover, since_ms)
    return _judge_undecided(seen, turnover, since_ms)


def _at_stable_end(seen: PartitionSamples) -> bool:
    samples = zip(seen.committed, seen.last_stable, seen.log_ends, strict=True)
    return all(stable is not None and committed == stable < end for committed, stable, end in samples)


def _stuck(
    seen: PartitionSamples,
    verdict: Verdict,
    turnover: MemberTurnover,
    reason: str,
    *,
    since_ms: int,
    evidence: Sequence[Evidence],
) -> Stuck:
    return Stuck(
        group=seen.group,
        topic_partition=seen.partition,
        committed_offset=seen.committed[-1],
        log_end_offset=seen.log_ends[-1],
        last_stable_offset=seen.last_stable[-1],
        verdict=verdict,
        behaviour=turnover.behaviour,
        reason=reason,
        since_ms=since_ms,
        evidence=tuple(evidence),
        log_start_offset=seen.log_start,
    )


def _beyond_end(seen: PartitionSamples, turnover: MemberTurnover, since_ms: int) -> Stuck:
    """Judges a committed offset beyond the log's end: the reader's auto.offset.reset decides what happens."""
    committed, end = seen.committed[-1] or 0, seen.log_ends[-1]
    reason = f"the committed offset {committed:,} lies beyond the log's end {end:,}"
    evidence = [
        Evidence(f"{reason[0].upper()}{reason[1:]} in {_of(seen)} samples", "bad"),
        Evidence("The topic was made anew, its log was cut short, or the offset was set by hand", "unknown"),
        Evidence("With auto.offset.reset=none a reader fails here; else it starts at an end of the log", "unknown"),
        *_about_members(turnover),
    ]
    return _stuck(seen, Verdict.UNDECIDED, turnover, reason, since_ms=since_ms, evidence=evidence)


def _without_commit(seen: PartitionSamples, turnover: MemberTurnover, since_ms: int) -> Stuck | None:
    """Judges a partition that members own and that receives records, while nothing is ever committed. Without new
    records this is healthy: some clients commit nothing before their first record.
    """
    if any(committed is not None for committed in seen.committed) or not seen.log_ends[-1]:
        return None
    if seen.growth <= 0 and turnover.behaviour is not Behaviour.CRASH_LOOP:
        return None
    if turnover.behaviour is Behaviour.ABSENT or seen.log_ends[-1] == seen.log_start:
        return None
    evidence = [
        Evidence(f"No offset is committed in {_of(seen)} samples, though a member owns the partition", "bad"),
        Evidence("Where it reads is set by its auto.offset.reset, which brokers do not know", "unknown"),
        *_about_members(turnover),
        _about_log(seen),
    ]
    return _stuck(
        seen,
        Verdict.UNDECIDED,
        turnover,
        "nothing is committed while records come",
        since_ms=since_ms,
        evidence=evidence,
    )


def _judge_rewind(seen: PartitionSamples, turnover: MemberTurnover, since_ms: int) -> Stuck | None:
    """Judges an offset that went back. Once back and then onward is an intended reset, and so it is where no member is
    in the group: a tool has set it. Back again, or back and standing, is not.
    """
    offsets = [offset for offset in seen.committed if offset is not None]
    steps = list(pairwise(offsets))
    backward = [(before, after) for before, after in steps if after < before]
    if not backward:
        return None
    last_back = max(place for place, (before, after) in enumerate(steps) if after < before)
    goes_on = any(after > before for before, after in steps[last_back + 1 :])
    if len(backward) == 1 and (goes_on or turnover.behaviour is Behaviour.ABSENT):
        return None
    before, after = backward[-1]
    times = "once" if len(backward) == 1 else f"{len(backward)} times"
    reason = f"the committed offset goes back from {before:,} to {after:,}"
    evidence = [Evidence(f"The committed offset went back {times} in {_time(seen.seconds)}", "bad")]
    evidence += [*_about_members(turnover), _about_log(seen)]
    return _stuck(seen, Verdict.REWINDING, turnover, reason, since_ms=since_ms, evidence=evidence)


def _no_members(seen: PartitionSamples, turnover: MemberTurnover, since_ms: int) -> Stuck:
    """Judges a partition of a group without members. If it was seen to commit, something does read: its record is
    looked for.
    """
    moved = turnover.moves_alone
    whose = "its committed offset moved all the same" if moved else "a reader that assigns itself would not be seen"
    reason = f"no member is in the group; {whose}. {_records(seen.lag)}"
    evidence = [
        Evidence(f"The group has no member in {turnover.looks:,} of {turnover.looks:,} looks", "unknown"),
        _stays(seen, "unknown"),
        _about_log(seen),
    ]
    if seen.log_start is not None and seen.log_start > (seen.committed[-1] or 0):
        removed = f"Retention has removed what it would read next: the log starts at {seen.log_start:,}"
        evidence.append(Evidence(removed, "bad"))
    if not moved:
        evidence.append(Evidence(_SELDOM, "unknown"))
    verdict = Verdict.UNDECIDED if moved else Verdict.NO_MEMBERS
    return _stuck(seen, verdict, turnover, reason, since_ms=since_ms, evidence=evidence)


def _open_transaction(seen: PartitionSamples, turnover: MemberTurnover, since_ms: int) -> Stuck:
    offset = seen.committed[-1] or 0
    reason = f"a transaction is open from {offset:,} on: a read_committed consumer cannot read further"
    evidence = [
        Evidence(f"Committed offset and last stable offset are both {offset:,} in {_of(seen)} samples", "warn"),
        Evidence(f"The log end is {seen.log_ends[-1]:,}, {_records(seen.lag)} behind it", "warn"),
        Evidence("Skipping a record does not help here: the transaction has to end", "unknown"),
        *_about_members(turnover),
    ]
    return _stuck(seen, Verdict.OPEN_TRANSACTION, turnover, reason, since_ms=since_ms, evidence=evidence)


def _judge_rebalance(seen: PartitionSamples, turnover: MemberTurnover, since_ms: int) -> Stuck:
    state = seen.states[-1].value
    evidence = [
        Evidence(f"The group is rebalancing in {len(seen.states)} of {len(seen.states)} samples, now {state}", "warn"),
        _stays(seen, "warn"),
        Evidence("Skipping a record does not help here: its members get no partitions", "unknown"),
    ]
    reason = f"the group does not end its rebalance ({state})"
    return _stuck(seen, Verdict.REBALANCING, turnover, reason, since_ms=since_ms, evidence=evidence)


def _judge_undecided(seen: PartitionSamples, turnover: MemberTurnover, since_ms: int) -> Stuck:
    evidence = [_stays(seen, "bad"), *_about_members(turnover), _about_log(seen)]
    return _stuck(
        seen, Verdict.UNDECIDED, turnover, "it stands while records wait", since_ms=since_ms, evidence=evidence
    )


def _stays(seen: PartitionSamples, tone: str) -> Evidence:
    return Evidence(f"Committed offset stays at {seen.committed[-1]:,} in {_of(seen)} samples", tone)


def _about_members(turnover: MemberTurnover) -> tuple[Evidence, ...]:
    time = _time(turnover.seconds)
    if turnover.sparse:
        few = f"No member was seen in {turnover.looks:,} looks, too few to tell of members that crash at once"
        return (Evidence(few, "unknown"),)
    if turnover.behaviour is Behaviour.CRASH_LOOP:
        members = "1 member" if turnover.transient == 1 else f"{turnover.transient:,} members"
        return (Evidence(f"{members} came and went in {time}: crash loop", "bad"),)
    if turnover.behaviour is Behaviour.RETRIES:
        return (Evidence(f"Its members stay, the same ones for {time}: alive and retrying", "bad"),)
    if turnover.behaviour is Behaviour.UNKNOWN:
        return (Evidence(f"Its members changed within {time}: neither a crash loop nor steady yet", "unknown"),)
    return ()


def _about_log(seen: PartitionSamples) -> Evidence:
    stable, end = seen.last_stable[-1], seen.log_ends[-1]
    grows = f"Log end grows by {seen.growth:,.0f}/s" if seen.growth >= 0.5 else "Log end stands"
    if stable is None:
        return Evidence(f"{grows}, its last stable offset is unknown", "unknown")
    if stable < end:
        return Evidence(f"{grows}, a transaction is open from {stable:,} on: further than it stands", "warn")
    return Evidence(f"{grows}, its leader answers, no open transaction", "ok")


def _of(seen: PartitionSamples) -> str:
    return f"{len(seen.log_ends)} of {seen.sample_count}"


def _records(count: int) -> str:
    return "1 record waits" if count == 1 else f"{count:,} records wait"


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s"
