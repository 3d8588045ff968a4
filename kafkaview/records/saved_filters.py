"""The filters that the user gave a name, and those used last, of each topic of a connection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.topic_notes import Note, TopicNotes

_FILE: Final = "filters.toml"
_RECENT: Final = 10  # of a topic


@dataclass(frozen=True, slots=True)
class TopicFilters:
    """The filters of a topic: `saved` ones by their names, in the order of the alphabet, and the `recent` ones, the
    newest first.
    """

    saved: Mapping[str, str] = field(default_factory=dict)
    recent: tuple[str, ...] = ()


class SavedFilters:
    """The filters of one connection. Every call reads the file; those that change it raise StoreUnavailable."""

    def __init__(self, connection: str, file: Path | None = None) -> None:
        self._notes = TopicNotes(connection, _FILE, "The filter", file)

    @classmethod
    def of(cls, profile: ConnectionProfile) -> SavedFilters:
        """Returns the filters of a profile."""
        return cls(profile.kept_under)

    def get(self, topic: str) -> TopicFilters:
        """Returns the filters of a topic; none where the file cannot be read."""
        note = self._notes.get(topic) or {}
        return TopicFilters(dict(sorted(_saved(note).items())), tuple(_recent(note)))

    def save(self, topic: str, name: str, expression: str) -> None:
        """Keeps a filter under a name; one that has the name is replaced."""
        self._notes.change(topic, lambda note: _note(_saved(note) | {name: expression}, _recent(note)))

    def forget(self, topic: str, name: str) -> None:
        """Deletes a filter that has a name."""

        def without(note: Note) -> Note:
            return _note({one: text for one, text in _saved(note).items() if one != name}, _recent(note))

        self._notes.change(topic, without)

    def use(self, topic: str, expression: str) -> None:
        """Puts a filter before the recent ones."""

        def with_it(note: Note) -> Note:
            others = [one for one in _recent(note) if one != expression]
            return _note(_saved(note), [expression, *others][:_RECENT])

        self._notes.change(topic, with_it)


def _note(saved: Mapping[str, str], recent: list[str]) -> Note:
    parts = {"saved": dict(saved), "recent": recent}
    return {name: part for name, part in parts.items() if part}


def _saved(note: Note) -> dict[str, str]:
    saved = note.get("saved")
    if not isinstance(saved, dict):
        return {}
    return {name: text for name, text in saved.items() if isinstance(text, str)}


def _recent(note: Note) -> list[str]:
    recent = note.get("recent")
    return [one for one in recent if isinstance(one, str)] if isinstance(recent, list) else []
