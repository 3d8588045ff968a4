"""Changes in the membership of groups, from many short looks: a group in a crash loop is empty at most of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.triage.watch.verdict import Behaviour

_SPAN_MS: Final = 30_000  # a supervisor that waits longer between starts looks like no members
_FRESH_MS: Final = 8_000  # a crash loop that was seen so lately needs no quick looks
# Where nothing but looks tells: what a group gets in ten seconds. A member that crashes at its first record was in one
# of a hundred looks on a busy machine: a hundred of them miss it once in three times.
ENOUGH_LOOKS: Final = 300
_LATELY_MS: Final = 45_000  # what was read until then still tells; it is read each 15 s at least
_LOGGED_MS: Final = 5_000  # of what its coordinator stores, for a group to be without members


@dataclass(frozen=True, slots=True)
class _EpochSpan:
    """The epoch of a group, and from when to when its epochs were read."""

    epoch: int
    first_ms: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class MemberSnapshot:
    """The members of a group at one time."""

    at_ms: int
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class MemberTurnover:
    """The result of several looks: how many members came and left, and over how long a time."""

    behaviour: Behaviour
    transient: int  # members that were seen and were not there all the time
    looks: int
    seconds: float
    moves_alone: bool = False  # its committed offset moved while nobody was in it
    sparse: bool = False  # no member was seen, in looks too few to tell that none was there


class MemberLooks:
    """The looks of the last half minute, by group."""

    def __init__(self, window: float = _SPAN_MS / 1000) -> None:
        """`window` is how many seconds a partition must stand before a verdict."""
        self._logged_ms = min(_LOGGED_MS, round(window * 500))
        self._looks: dict[str, deque[MemberSnapshot]] = {}
        self._turnovers: dict[str, MemberTurnover] = {}
        self._changed_ms: dict[str, int] = {}
        self._moving_alone: set[str] = set()
        self._epochs: dict[str, _EpochSpan] = {}
        self._empty: dict[str, int] = {}  # looks without a member since one was seen
        self._log_read_ms: int | None = None
        self._logged: dict[str, tuple[int, int]] = {}  # from when to when what its coordinator stored was read
        self._stored: set[str] = set()  # where it stored a change and no look has seen the group since

    def add(self, group: str, at_ms: int, members: frozenset[str]) -> None:
        """Adds one look. Where the coordinator has stored a change since an empty look, and the group is empty now, a
        member was there that nobody saw.
        """
        if group in self._stored:
            self._stored.discard(group)
            if not members:
                self._add(group, at_ms, frozenset({f"stored before {at_ms}"}))
        if members:
            self._logged.pop(group, None)  # what was read says nothing of the time after they leave
        self._add(group, at_ms, members)

    def _add(self, group: str, at_ms: int, members: frozenset[str]) -> None:
        looks = self._looks.setdefault(group, deque())
        if looks and looks[-1].members == members:
            members = looks[-1].members  # steady members are kept once
        elif looks:
            self._changed_ms[group] = at_ms
        self._empty[group] = 0 if members else self._empty.get(group, 0) + 1
        looks.append(MemberSnapshot(at_ms, members))
        while looks[0].at_ms < at_ms - _SPAN_MS:
            looks.popleft()
        self._turnovers.pop(group, None)

    def note_epoch(self, group: str, at_ms: int, epoch: int | None, *, empty: bool) -> None:
        """Stores a group's epoch, and whether the group is `empty` now. A higher epoch means that a member joined or
        left since the last look. If the group was empty then and is now, a member that nobody saw was there in between.
        """
        if epoch is None:
            return
        before = self._epochs.get(group)
        self._epochs[group] = _EpochSpan(epoch, at_ms if before is None else before.first_ms, at_ms)
        looks = self._looks.get(group)
        if empty and before is not None and epoch > before.epoch and looks and not looks[-1].members:
            self._add(group, at_ms, frozenset({f"epoch {epoch}"}))

    def note_stored(self, at_ms: int, groups: Collection[str], changes: MembershipChanges | None) -> None:
        """Stores what coordinators have written of these groups since the last call; None where that is unknown."""
        since_ms, self._log_read_ms = self._log_read_ms, None if changes is None else at_ms
        complete = frozenset[str]() if changes is None else changes.complete
        for group in groups:
            self._turnovers.pop(group, None)
            if since_ms is None or group not in complete:
                self._logged.pop(group, None)
                continue
            first_ms, last_ms = self._logged.get(group, (since_ms, since_ms))
            self._logged[group] = (first_ms if last_ms == since_ms else since_ms), at_ms
        for group in frozenset[str]() if changes is None else changes.changed:
            if self.saw_nobody(group):
                self._stored.add(group)

    def saw_nobody(self, group: str) -> bool:
        """Returns whether every look of the last half minute found the group empty."""
        turnover = self.turnover(group)
        return turnover.behaviour is Behaviour.ABSENT or turnover.sparse

    def turnover(self, group: str) -> MemberTurnover:
        """Returns the behaviour of the group's members."""
        known = self._turnovers.get(group)
        if known is None:
            known = judge_looks(tuple(self._looks.get(group, ())))
            if known.behaviour is not Behaviour.ABSENT:
                self._moving_alone.discard(group)
            elif self._tells_too_little(group):
                known = replace(known, behaviour=Behaviour.UNKNOWN, sparse=True)
            known = self._turnovers[group] = replace(known, moves_alone=group in self._moving_alone)
        return known

    def _tells_too_little(self, group: str) -> bool:
        """Returns whether the looks are too few, and nothing else tells of members that nobody saw: epochs, or what
        the group's coordinator stores, over long enough and until lately.
        """
        if self._empty.get(group, 0) >= ENOUGH_LOOKS:
            return False
        looks, epochs = self._looks.get(group), self._epochs.get(group)
        newest_ms = looks[-1].at_ms if looks else 0
        spans = [self._logged.get(group, (0, 0)), (epochs.first_ms, epochs.last_ms) if epochs else (0, 0)]
        return not any(
            last_ms - first_ms >= self._logged_ms and newest_ms - last_ms <= _LATELY_MS for first_ms, last_ms in spans
        )

    def note_move(self, group: str) -> None:
        """Stores that a committed offset has moved. In a group without members, a reader that assigns its own
        partitions or a tool moved it.
        """
        turnover = self.turnover(group)
        if turnover.behaviour is Behaviour.ABSENT or turnover.sparse:
            self._moving_alone.add(group)
            self._turnovers.pop(group, None)

    def doubtful(self, group: str, now_ms: int | None = None) -> bool:
        """Returns whether more looks may change the picture. They do not if the members are steady, the group was empty
        for half a minute and in enough looks, or a crash was seen a moment ago.
        """
        turnover = self.turnover(group)
        if turnover.behaviour is Behaviour.ABSENT:
            return turnover.seconds * 1000 < _SPAN_MS * 0.9
        if turnover.behaviour is Behaviour.CRASH_LOOP and now_ms is not None:
            return now_ms - self._changed_ms.get(group, 0) > _FRESH_MS
        return turnover.behaviour is not Behaviour.RETRIES

    def keep(self, groups: Collection[str]) -> None:
        """Forgets all but these groups."""
        for name in self._looks.keys() - groups:
            for kept in (self._looks, self._turnovers, self._changed_ms, self._epochs, self._empty, self._logged):
                kept.pop(name, None)
            for marked in (self._moving_alone, self._stored):
                marked.discard(name)


def judge_looks(looks: Sequence[MemberSnapshot]) -> MemberTurnover:
    """Judges looks: members that come and go are a crash loop, the same members throughout are alive and retry. Members
    that leave while others come and stay are neither: an eviction, or an outage of their coordinator, is seen so.
    """
    if not looks:
        return MemberTurnover(Behaviour.UNKNOWN, 0, 0, 0.0)
    seconds = (looks[-1].at_ms - looks[0].at_ms) / 1000
    first = looks[0].members
    if all(look.members is first for look in looks):
        return MemberTurnover(Behaviour.RETRIES if first else Behaviour.ABSENT, 0, len(looks), seconds)
    seen = frozenset[str]().union(*(look.members for look in looks))
    always = seen.intersection(*(look.members for look in looks))
    if not seen:
        behaviour = Behaviour.ABSENT
    elif seen - first - looks[-1].members:
        behaviour = Behaviour.CRASH_LOOP
    else:
        behaviour = Behaviour.RETRIES if seen == always else Behaviour.UNKNOWN
    return MemberTurnover(behaviour, len(seen - always), len(looks), seconds)
