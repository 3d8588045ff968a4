"""What is known of one group on one partition after the commit, and what follows from it. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import Group
from kafkaview.triage.reroute.outcome import GroupOutcome
from kafkaview.triage.reroute.plan import GroupPlan


@dataclass(slots=True)
class Followed:
    """One group on one partition while it is watched."""

    move: GroupPlan
    old_members: frozenset[str] | None = None  # None: never told
    evicted: tuple[str, ...] = ()
    refusal: str = ""  # why its members were not evicted
    told: bool = False  # whether the last look was answered
    members: frozenset[str] | None = None
    committed: int | None = None
    log_end: int | None = None
    held_since: float | None = None
    recommits: int = 0
    trouble: str = ""  # why it could not be moved again
    ended: GroupOutcome | None = None

    @property
    def target(self) -> int:
        """The offset that the plan moves it to."""
        if self.move.after is None:
            raise ValueError(f"{self.move.group} does not move in this plan")
        return self.move.after

    @property
    def before(self) -> int | None:
        """Where it stood when it was planned."""
        return self.move.before.offset if self.move.before else None

    @property
    def rewound(self) -> bool:
        """Whether somebody took it back to where it stood."""
        return self.told and self.committed is not None and self.committed == self.before

    @property
    def old_are_gone(self) -> bool:
        """Whether nobody who holds the old position is in the group any more.

        A removed KIP-848 member comes back under the id that it gave itself, so ids alone do not tell.
        """
        if self.evicted and not self.refusal:
            return True
        return self.old_members is not None and self.members is not None and not self.old_members & self.members

    def verdict(self, now: float, hold_seconds: float) -> GroupOutcome | None:
        """What it does, once that is clear; None while it is not. Ours must have held for a while."""
        if not self.told:
            return None
        if self.committed is None or self.committed == self.before:
            self.held_since = None
            return None
        if self.committed > self.target:
            return self.outcome(f"moves again: it has committed {self.committed:,}", effective=True)
        if self.committed < self.target:
            return self.outcome(
                f"somebody has moved it to {self.committed:,} meanwhile",
                (f"Look at {self.move.group} again: it stands before the record",),
                effective=False,
            )
        return self._at_target(now, hold_seconds)

    def _at_target(self, now: float, hold_seconds: float) -> GroupOutcome | None:
        """The offset is ours. It is effective once nobody is left who read from before, and no late commit came."""
        if self.held_since is None:
            self.held_since = now
        if now - self.held_since < hold_seconds or self.members is None:
            return None
        if self.old_members and not self.old_are_gone:
            return None
        if not self.members:
            return self.outcome(f"no member reads now; the next one starts at {self.target:,}", effective=True)
        if self.log_end == self.target:
            return self.outcome(f"stands at {self.target:,}, the log's end: nothing waits", effective=True)
        return self.outcome(f"stands at {self.target:,}, past the record, with new members", effective=True)

    def at_the_end(self) -> GroupOutcome:
        """What is to be said when the watching ends without a verdict."""
        group, target = self.move.group, self.target
        if not self.told:
            return self.outcome("it could not be seen whether it moves", (f"Look at {group} again",), effective=None)
        if self.committed is None:
            detail = "it has no committed offset here any more: somebody has deleted it"
            return self.outcome(detail, (f"Commit {target:,} for {group} before it starts again",), effective=False)
        if self.rewound:
            advice = (
                f"Stop the application {group}, so that nobody rewinds",
                f"Commit {target:,} again from here, then start {group}",
            )
            return self.outcome(self._how_rewound(), advice, effective=False)
        if self.refusal:
            detail = f"its members could not be evicted: {self.refusal}"
            return self.outcome(detail, (f"Restart {group}",), effective=False)
        if self.old_members and self.members is not None and not self.old_are_gone:
            detail = f"its member keeps the old position in memory; {target:,} is committed"
            advice = (f"Restart {group}: it then starts at {target:,}", "Or evict its members")
            return self.outcome(detail, advice, effective=False)
        return self.outcome("it could not be seen whether it moves", (f"Look at {group} again",), effective=None)

    def _how_rewound(self) -> str:
        if self.trouble:
            return f"it is back at {self.committed:,} and could not be moved again: {self.trouble}"
        if self.recommits:
            times = "once" if self.recommits == 1 else f"{self.recommits} times"
            return f"a member committed {self.committed:,} again {times}: it keeps the position in memory"
        return f"it is back at {self.committed:,}"

    def outcome(self, detail: str, advice: tuple[str, ...] = (), *, effective: bool | None) -> GroupOutcome:
        """Everything that is known, in the contract's shape."""
        lag = None
        if self.log_end is not None and self.committed is not None:
            lag = max(0, self.log_end - self.committed)
        return GroupOutcome(
            group=self.move.group,
            topic_partition=self.move.topic_partition,
            before=self.before,
            after=self.target,
            committed_now=self.committed,
            lag=lag,
            evicted=self.evicted,
            effective=effective,
            detail=detail,
            advice=advice,
        )


def member_ids(group: Group | ClusterError) -> frozenset[str] | None:
    """Who is in a group; None if it was not told."""
    return None if isinstance(group, ClusterError) else frozenset(member.member_id for member in group.members)


def message_of(groups: Sequence[GroupOutcome]) -> str:
    """The outcome in one sentence."""
    moved = [group.group for group in groups if group.effective]
    still = [group.group for group in groups if group.effective is False]
    unseen = [group.group for group in groups if group.effective is None]
    parts = ["The copy is safe"] if still or unseen or not groups else []
    if still:
        parts[0] += f", {listed(still)} did not move"
    if unseen:
        parts.append(f"whether {listed(unseen)} {_verb('moves', unseen)} was not seen")
    if moved:
        parts.append(f"{listed(moved)} {_verb('moves', moved)} again")
    return "; ".join(parts)


def progress(followed: Sequence[Followed]) -> str:
    """Who moves already, and who is waited for."""
    moved = [one.move.group for one in followed if one.ended is not None and one.ended.effective]
    waiting = [one.move.group for one in followed if one.ended is None]
    parts = []
    if moved:
        parts.append(f"{listed(moved)} {_verb('moves', moved)}")
    if waiting:
        parts.append(f"{listed(waiting)} {_verb('rejoins', waiting)}")
    return ", ".join(parts)


def listed(groups: Sequence[str]) -> str:
    """Names in a sentence, each once."""
    unique = list(dict.fromkeys(groups))
    return " and ".join(part for part in (", ".join(unique[:-1]), "".join(unique[-1:])) if part)


def _verb(singular: str, groups: Sequence[str]) -> str:
    return singular if len(set(groups)) == 1 else singular.removesuffix("s")
