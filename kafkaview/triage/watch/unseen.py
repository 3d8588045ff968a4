"""What a watch could not look at. A sentence that reports good health counts it and gives the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.words import join_names, name_text, number, plural

_NAMED: Final = 5  # groups in a sentence
_WORDS: Final = {
    UnseenKind.SILENT: "could not be seen",
    UnseenKind.RIGHT: "could not be seen",
    UnseenKind.WAITING: "not yet judged",
    UnseenKind.UNSUPPORTED: "not judged",
}


@dataclass(frozen=True, slots=True)
class UnseenGroups:
    """One group that was not seen, or not in full. Without a `group`: all groups of a coordinator that never listed
    them, or, for the kind RIGHT, groups that may be hidden. Without a `coordinator`: it is unknown, or there is none.
    `of_several` is the reason as several groups share it, where `reason` counts what is this group's own.
    """

    group: str | None
    coordinator: int | None
    reason: str
    kind: UnseenKind = UnseenKind.SILENT
    partly: bool = False  # the rest of it was seen
    of_several: str = ""

    def document(self) -> dict[str, object]:
        """Returns the JSON of the command line's contract."""
        return {
            "group": self.group,
            "coordinator": self.coordinator,
            "reason": self.reason,
            "kind": self.kind.value,
        }

    @property
    def words(self) -> str:
        """A clause: it could not be seen, or was not judged."""
        return f"{_WORDS[self.kind]}{' in full' if self.partly else ''}"

    @property
    def sentence(self) -> str:
        """A sentence about one group, with the reason."""
        judging = self.kind in (UnseenKind.WAITING, UnseenKind.UNSUPPORTED)
        return f"{self.words.capitalize() if judging else 'Not seen in full'}: {self.reason}"


def say_health(watched: int, unseen: Sequence[UnseenGroups]) -> str:
    """Returns the sentence that no group stands, of those that were seen; `watched` is the number of known groups."""
    if not unseen:
        return "Every group moves"
    seen = watched - _count_named(unseen)
    if not seen:
        return f"Whether a group is stuck is unknown: {say_unseen(unseen)}"
    return f"No group of the {number(seen)} seen is stuck; {say_unseen(unseen)}"


def say_unseen(unseen: Sequence[UnseenGroups]) -> str:
    """Returns a sentence about the number of groups that could not be seen, and why; empty if all were."""
    parts = []
    for words in (text for word in dict.fromkeys(_WORDS.values()) for text in (word, f"{word} in full")):
        named = [one for one in unseen if one.group is not None and one.words == words]
        if named:
            parts.append(f"{number(len(named))} {words}: {_say_reasons(named)}")
    return "; ".join([*parts, *(_say_unnamed(one) for one in unseen if one.group is None)])


def unseen_lines(unseen: Sequence[UnseenGroups]) -> list[str]:
    """Returns a sentence for each reason, with the groups that could not be seen for it. Those that are never judged
    are left out.
    """
    unnamed = [_say_unnamed(one) for one in unseen if one.group is None]
    named: dict[str, list[str]] = {}
    for one in unseen:
        if one.group is not None and one.kind is not UnseenKind.UNSUPPORTED:
            named.setdefault(one.reason, []).append(name_text(one.group))
    return [
        *(f"{line[:1].upper()}{line[1:]}" for line in unnamed),
        *(f"{join_names(names, _NAMED)} could not be seen in full: {why}" for why, names in named.items()),
    ]


def _say_unnamed(one: UnseenGroups) -> str:
    if one.kind is UnseenKind.RIGHT:
        return one.reason
    groups = "other groups" if one.coordinator is None else f"the groups of broker {one.coordinator}"
    return f"{groups} could not be seen: {one.reason}"


def _say_reasons(unseen: Sequence[UnseenGroups]) -> str:
    if len(unseen) == 1:
        return unseen[0].reason
    first, *others = dict.fromkeys(one.of_several or one.reason for one in unseen)
    return f"{first}, and {plural(len(others), 'reason')} more" if others else first


def _count_named(unseen: Sequence[UnseenGroups]) -> int:
    return sum(one.group is not None for one in unseen)
