"""What can be gone to and done from the palette, found by what was typed. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kafkaview.triage.verdict import Verdict
from kafkaview.triage.view import View
from kafkaview.ui.actions import Action
from kafkaview.ui.formats import number
from kafkaview.ui.page import Place

_MOST = 6  # of one section


class Section(StrEnum):
    """The palette's sections, in their order."""

    GO = "Go to"
    DO = "Do"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette. `why_not` is the reason why it cannot be done now."""

    section: Section
    icon: str
    title: str
    note: str
    do: Callable[[], object]
    keys: str = ""
    why_not: str = ""
    urgent: bool = False  # comes first while nothing is typed
    kind: str = ""  # `#` for topics, `@` for groups


def places(view: View, go: Callable[[Place], None]) -> list[Entry]:
    """Groups, topics, and records on which a group stands."""
    found = [_group(view, row.listing.group, row.listing.type.value, go) for row in view.groups]
    found += [_topic(topic.name, len(topic.partitions), go) for topic in view.topics if not topic.internal]
    stops: dict[str, list[str]] = {}
    for stuck in view.stuck:
        if stuck.suspect is not None:
            stops.setdefault(str(stuck.suspect.record.id), []).append(stuck.group)
    found += [_record(record, groups, go) for record, groups in stops.items()]
    return found


def deeds(actions: Iterable[Action]) -> list[Entry]:
    """Every action, those that cannot be done now with their reason."""
    return [Entry(Section.DO, a.icon, a.title, a.where, a.run, a.keys, a.why_not()) for a in actions if a.listed]


def search(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """The entries that hold every word typed, best first in each section. `#` and `@` narrow to topics and groups."""
    kind = typed[0] if typed[:1] in ("#", "@") else ""
    words = typed.removeprefix(kind).lower().split() if kind else typed.lower().split()
    fitting = [e for e in entries if (not kind or e.kind == kind) and _fits(e, words)]
    fitting.sort(key=lambda entry: _rank(entry, words) if words else (not entry.urgent, 0, ""))
    return [entry for section in Section for entry in [e for e in fitting if e.section is section][:_MOST]]


def _fits(entry: Entry, words: Sequence[str]) -> bool:
    text = f"{entry.title} {entry.note}".lower()
    return all(word in text for word in words)


def _rank(entry: Entry, words: Sequence[str]) -> tuple[int, int, str]:
    title = entry.title.lower()
    return (0 if title.startswith(words[0]) else 1 if words[0] in title else 2, len(title), title)


def _group(view: View, group: str, kind: str, go: Callable[[Place], None]) -> Entry:
    stops = [stuck for stuck in view.stuck if stuck.group == group and stuck.verdict is not Verdict.NO_MEMBERS]
    note = f"group, {kind}"
    if stops:
        note += f", stuck on {stops[0].topic_partition}"
    return Entry(Section.GO, "users", group, note, lambda: go(Place("groups", group)), urgent=bool(stops), kind="@")


def _topic(name: str, partitions: int, go: Callable[[Place], None]) -> Entry:
    note = f"topic, {number(partitions)} partition{'' if partitions == 1 else 's'}"
    return Entry(Section.GO, "layers", name, note, lambda: go(Place("topics", name)), kind="#")


def _record(record: str, groups: Sequence[str], go: Callable[[Place], None]) -> Entry:
    stand = f"{', '.join(groups)} stand{'s' if len(groups) == 1 else ''} here"
    return Entry(Section.GO, "list", record, f"record, {stand}", lambda: go(Place("triage", groups[0])), urgent=True)
