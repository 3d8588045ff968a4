"""The places and actions of the palette, and the search through them. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kafkaview.terms import RecordId
from kafkaview.triage.watch.verdict import Stuck, Verdict
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.page import Place
from kafkaview.words import name_text, number

if TYPE_CHECKING:
    from kafkaview.triage.watch.view import View

_MOST: Final = 6  # of one kind; of actions while nothing is typed


class PaletteSection(StrEnum):
    """The palette's sections, in their order."""

    GO = "Go to"
    DO = "Do"


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One line of the palette. `why_not` is why it cannot be run now."""

    section: PaletteSection
    icon: str
    title: str
    note: str
    do: Callable[[], object]
    keys: str = ""
    why_not: str = ""
    urgent: bool = False  # comes first while nothing is typed


@dataclass(frozen=True, slots=True)
class Names:
    """Many places of one kind (`#` topics, `@` groups) by name; an entry is made only for names that are found."""

    kind: str
    names: Sequence[str]
    entry: Callable[[int], PaletteEntry]
    first: Sequence[int] = ()  # what comes first while nothing is typed

    def search(self, words: Sequence[str]) -> list[PaletteEntry]:
        """Returns the best entries whose names contain every word."""
        if not words:
            return [self.entry(place) for place in dict.fromkeys((*self.first, *range(min(_MOST, len(self.names)))))]
        found = [
            (name, place) for place, name in enumerate(map(str.lower, self.names)) if all(w in name for w in words)
        ]
        found.sort(key=lambda one: _rank(one[0], words))
        best = [place for _name, place in found[:_MOST]]
        noted = [place for place in self.first if _fits(self.entry(place), words)]
        return [self.entry(place) for place in dict.fromkeys((*best, *noted))]


def places(view: View, go: Callable[[Place], None]) -> tuple[list[Names], list[PaletteEntry]]:
    """Returns groups and topics by name, and the records on which a group is stuck."""
    standing: dict[str, Stuck] = {}
    stops: dict[str, list[str]] = {}
    for stuck in view.stuck:
        if stuck.verdict is not Verdict.NO_MEMBERS:
            standing.setdefault(stuck.group, stuck)
        if stuck.suspect is not None:
            stops.setdefault(str(stuck.suspect.record.id), []).append(stuck.group)
    names = [*_groups(view, standing, go), *_topics(view, go)]
    return names, [_record(record, groups, go) for record, groups in stops.items()]


def deeds(actions: Iterable[Action]) -> list[PaletteEntry]:
    """Returns every action; one that cannot be run now has its reason."""
    return [
        PaletteEntry(PaletteSection.DO, a.icon, a.title, a.where, a.run, a.keys, a.why_not())
        for a in actions
        if a.listed
    ]


def typed_record(view: View, typed: str, go: Callable[[Place], None]) -> PaletteEntry | None:
    """Returns the way to a record that is written `TOPIC:PARTITION:OFFSET`, if there is such a topic."""
    try:
        record = RecordId.parse(typed.strip())
    except ValueError:
        return None
    if view.topics is None or record.topic not in view.topics.names:
        return None
    return PaletteEntry(PaletteSection.GO, "list", str(record), "record", lambda: go(Place("records", str(record))))


def search(entries: Sequence[PaletteEntry], typed: str, names: Sequence[Names] = ()) -> list[PaletteEntry]:
    """Returns the entries that contain every word, the best first: of actions all. `#` and `@` narrow to topics and
    groups.
    """
    kind = typed[0] if typed[:1] in ("#", "@") else ""
    words = typed.removeprefix(kind).lower().split() if kind else typed.lower().split()
    fitting = [entry for one in names if not kind or one.kind == kind for entry in one.search(words)]
    fitting += [] if kind else [entry for entry in entries if _fits(entry, words)]
    fitting.sort(key=lambda entry: _rank(entry.title.lower(), words) if words else (not entry.urgent, 0, ""))
    most = {section: _MOST for section in PaletteSection if not words or section is PaletteSection.GO}
    sections = ([e for e in fitting if e.section is section][: most.get(section)] for section in PaletteSection)
    return [entry for section in sections for entry in section]


def _fits(entry: PaletteEntry, words: Sequence[str]) -> bool:
    text = f"{entry.title} {entry.note}".lower()
    return all(word in text for word in words)


def _rank(title: str, words: Sequence[str]) -> tuple[int, int, str]:
    return (0 if title.startswith(words[0]) else 1 if words[0] in title else 2, len(title), title)


def _groups(view: View, standing: dict[str, Stuck], go: Callable[[Place], None]) -> list[Names]:
    if view.groups is None:
        return []
    from kafkaview.triage.watch.sample_arrays import TYPES  # heavy: arrays

    names, types = view.groups.names, view.groups.types

    def entry(place: int) -> PaletteEntry:
        group = names[place]
        note = f"group, {TYPES[types[place]].value}"
        stuck = standing.get(group)
        if stuck is not None:
            note += f", stuck on {stuck.topic_partition}"
        return PaletteEntry(
            PaletteSection.GO,
            "users",
            name_text(group),
            note,
            lambda: go(Place("groups", group)),
            urgent=stuck is not None,
        )

    first = [place for place, name in enumerate(names) if name in standing] if standing else []
    return [Names("@", names, entry, first[:_MOST])]


def _topics(view: View, go: Callable[[Place], None]) -> list[Names]:
    if view.topics is None:
        return []
    names, partitions = view.topics.names, view.topics.partitions

    def entry(place: int) -> PaletteEntry:
        name, count = names[place], int(partitions[place])
        note = f"topic, {number(count)} partition{'' if count == 1 else 's'}"
        return PaletteEntry(PaletteSection.GO, "layers", name, note, lambda: go(Place("topics", name)))

    return [Names("#", names, entry)]


def _record(record: str, groups: Sequence[str], go: Callable[[Place], None]) -> PaletteEntry:
    stand = f"{', '.join(map(name_text, groups))} stand{'s' if len(groups) == 1 else ''} here"
    return PaletteEntry(
        PaletteSection.GO, "list", record, f"record, {stand}", lambda: go(Place("triage", groups[0])), urgent=True
    )
