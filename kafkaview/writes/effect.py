"""What is known of one group on one partition after its offset was changed. No I/O here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import CommittedOffset, Group, GroupType, TopicPartition
from kafkaview.words import join_names
from kafkaview.writes.outcome import GroupOutcome

_MOST_NAMED: Final = 5
SELF_ASSIGNED: Final = "a reader that assigns itself would not be seen"


@dataclass(frozen=True, slots=True)
class GroupChange:
    """A group's committed offset on one partition, before and after."""

    group: str
    type: GroupType
    topic_partition: TopicPartition
    before: CommittedOffset | None
    after: CommittedOffset


@dataclass(slots=True)
class WatchedChange:
    """One change while the group is watched."""

    change: GroupChange
    old_members: frozenset[str] | None = None  # None: unknown
    evicted: tuple[str, ...] = ()
    refusal: str = ""  # why its members were not evicted
    answered: bool = False  # whether the last look was answered
    held: bool = False  # whether it was found at the target when no old member could commit any more
    members: frozenset[str] | None = None
    committed: int | None = None
    log_end: int | None = None
    held_since: float | None = None
    recommits: int = 0
    trouble: str = ""  # why it could not be moved again
    ended: GroupOutcome | None = None

    @property
    def target(self) -> int:
        """The offset that it was moved to."""
        return self.change.after.offset

    @property
    def before(self) -> int | None:
        """The committed offset of the plan."""
        return self.change.before.offset if self.change.before else None

    @property
    def rewound(self) -> bool:
        """Whether a member took the group back to the old offset, or further on from there."""
        before, now = self.before, self.committed
        if not self.answered or now is None or now == self.target or before is None:
            return False
        if before < self.target:
            return before <= now < self.target
        return now >= before and not self.held  # who reads on from the target passes here too, but later

    @property
    def old_are_gone(self) -> bool:
        """Whether no member is left that holds the old position. A removed KIP-848 member comes back under the same id,
        so ids alone do not tell.
        """
        if self.evicted and not self.refusal:
            return True
        return self.old_members is not None and self.members is not None and not self.old_members & self.members

    def verdict(self, now: float, hold_seconds: float) -> GroupOutcome | None:
        """Returns the effect of the change once it is clear; None before. Our offset must have held for a while."""
        if not self.answered:
            return None
        if self.committed is None or self.rewound:
            self.held_since = None
            return None
        if self.committed > self.target:
            return self.outcome(f"moves again: it has committed {self.committed:,}", effective=True)
        if self.committed < self.target:
            return self.outcome(
                f"did not hold: somebody has moved it to {self.committed:,} meanwhile",
                (f"Look at {self.change.group} again: it stands before {self.target:,}",),
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
        if not self.members and not self.evicted:
            detail = f"{self.target:,} is committed and no member is in the group; {SELF_ASSIGNED}"
            return self.outcome(detail, ("It moves once it is seen to commit further on",), effective=None)
        if not self.members:
            return self.outcome(f"no member reads now; the next one starts at {self.target:,}", effective=True)
        if self.log_end == self.target:
            return self.outcome(f"stands at {self.target:,}, the log's end: nothing waits", effective=True)
        return self.outcome(f"stands at {self.target:,} with new members", effective=True)

    def at_the_end(self) -> GroupOutcome:
        """Returns the outcome if watching ends without a verdict."""
        group, target = self.change.group, self.target
        if not self.answered:
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
        """Returns all that is known, in the contract's shape."""
        lag = None
        if self.log_end is not None and self.committed is not None:
            lag = max(0, self.log_end - self.committed)
        return GroupOutcome(
            group=self.change.group,
            topic_partition=self.change.topic_partition,
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
    """Returns the members of a group; None if they are unknown."""
    return None if isinstance(group, ClusterError) else frozenset(member.member_id for member in group.members)


def watching_words(watched: Sequence[WatchedChange]) -> str:
    """Returns which groups move already, and which are waited for."""
    moved = [one.change.group for one in watched if one.ended is not None and one.ended.effective]
    waiting = [one.change.group for one in watched if one.ended is None]
    parts = []
    if moved:
        parts.append(f"{names_in_words(moved)} {verb_for('moves', moved)}")
    if waiting:
        parts.append(f"{names_in_words(waiting)} {verb_for('rejoins', waiting)}")
    return ", ".join(parts)


def names_in_words(groups: Sequence[str]) -> str:
    """Returns names as in a sentence, each once, the first of many."""
    return join_names(list(dict.fromkeys(groups)), _MOST_NAMED)


def verb_for(singular: str, groups: Sequence[str]) -> str:
    """Returns the verb in the number of the groups."""
    return singular if len(set(groups)) == 1 else singular.removesuffix("s")
