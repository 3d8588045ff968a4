"""What a watch could not look at: a sentence that claims health counts it, and says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kafkaview.words import number, plural


@dataclass(frozen=True, slots=True)
class UnseenGroups:
    """One group that could not be looked at, or not in full; without a `group`, all groups of a coordinator that were
    never listed. Without a coordinator it is unknown, or there is none.
    """

    group: str | None
    coordinator: int | None
    reason: str


def say_health(watched: int, unseen: Sequence[UnseenGroups]) -> str:
    """Returns that no group stands, of those that were seen; `watched` counts all that are known."""
    if not unseen:
        return "Every group moves"
    seen = watched - _count_named(unseen)
    if not seen:
        return f"Whether a group is stuck is unknown: {say_unseen(unseen)}"
    return f"No group of the {number(seen)} seen is stuck; {say_unseen(unseen)}"


def say_unseen(unseen: Sequence[UnseenGroups]) -> str:
    """Returns how many groups could not be seen, and why; empty where all were."""
    parts = []
    named = [one for one in unseen if one.group is not None]
    if named:
        parts.append(f"{number(len(named))} could not be seen: {_say_reasons(named)}")
    for one in unseen:
        if one.group is None:
            whose = "other groups" if one.coordinator is None else f"the groups of broker {one.coordinator}"
            parts.append(f"{whose} could not be seen: {one.reason}")
    return "; ".join(parts)


def _say_reasons(unseen: Sequence[UnseenGroups]) -> str:
    first, *others = dict.fromkeys(one.reason for one in unseen)
    return f"{first}, and {plural(len(others), 'reason')} more" if others else first


def _count_named(unseen: Sequence[UnseenGroups]) -> int:
    return sum(one.group is not None for one in unseen)
