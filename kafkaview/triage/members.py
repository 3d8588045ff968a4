"""Who was in a group when, told from many short looks: a crash loop is empty at most of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kafkaview.triage.verdict import Behaviour

_SPAN_MS = 30_000  # a supervisor that waits longer between starts looks like no members


@dataclass(frozen=True, slots=True)
class Look:
    """The members of a group at one moment."""

    at_ms: int
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a row of looks says: how many came and went, and how long it was looked."""

    behaviour: Behaviour
    turnover: int  # members that were seen and were not there all the time
    looks: int
    seconds: float


class MemberLooks:
    """The looks of the last half minute, by group."""

    def __init__(self) -> None:
        self._looks: dict[str, deque[Look]] = {}

    def add(self, group: str, at_ms: int, members: frozenset[str]) -> None:
        """Take one look in."""
        looks = self._looks.setdefault(group, deque())
        looks.append(Look(at_ms, members))
        while looks[0].at_ms < at_ms - _SPAN_MS:
            looks.popleft()

    def crowd(self, group: str) -> Crowd:
        """How the group's members behave."""
        return crowd_of(tuple(self._looks.get(group, ())))

    def doubtful(self, group: str) -> bool:
        """Whether more looks may show what these do not: not for steady members, nor once half a minute was empty."""
        crowd = self.crowd(group)
        if crowd.behaviour is Behaviour.ABSENT:
            return crowd.seconds * 1000 < _SPAN_MS * 0.9
        return crowd.behaviour is not Behaviour.RETRIES


def crowd_of(looks: Sequence[Look]) -> Crowd:
    """Members that leave while others come are a crash loop; the same ones all along are alive and retry."""
    if not looks:
        return Crowd(Behaviour.UNKNOWN, 0, 0, 0.0)
    seconds = (looks[-1].at_ms - looks[0].at_ms) / 1000
    seen = frozenset[str]().union(*(look.members for look in looks))
    always = seen.intersection(*(look.members for look in looks))
    if not seen:
        behaviour = Behaviour.ABSENT
    elif _left(looks) and seen - looks[0].members:
        behaviour = Behaviour.CRASH_LOOP
    else:
        behaviour = Behaviour.RETRIES if seen == always else Behaviour.UNKNOWN
    return Crowd(behaviour, len(seen - always), len(looks), seconds)


def _left(looks: Sequence[Look]) -> bool:
    return any(before.members - after.members for before, after in pairwise(looks))
