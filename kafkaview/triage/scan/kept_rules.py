"""The rules that are kept for the topics of each connection, in a file beside the saved connections."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.topic_notes import Note, TopicNotes

_FILE: Final = "rules.toml"


@dataclass(frozen=True, slots=True)
class TopicRules:
    """The rules for the values and for the keys of a topic, as they are written; both empty where none are kept."""

    values: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is a rule."""
        return bool(self.values or self.keys)


class RuleBook:
    """The rules of one connection. Every call reads the file, and raises StoreUnavailable where that cannot be."""

    def __init__(self, connection: str, file: Path | None = None) -> None:
        self._notes = TopicNotes(connection, _FILE, "The rule", file)

    @classmethod
    def of(cls, profile: ConnectionProfile) -> RuleBook:
        """Returns the rules of a profile."""
        return cls(profile.kept_under)

    def get(self, topic: str) -> TopicRules:
        """Returns the rules of a topic."""
        note = self._notes.read(topic) or {}
        return TopicRules(_texts(note, "values"), _texts(note, "keys"))

    def keep(self, topic: str, rules: TopicRules) -> None:
        """Keeps the rules of a topic in place of those before; without any it is forgotten. A file that cannot be read
        is left as it is: somebody may have written it by hand.
        """
        self._notes.read(topic)
        parts = {"values": list(rules.values), "keys": list(rules.keys)}
        self._notes.change(topic, lambda _before: {name: part for name, part in parts.items() if part})


def _texts(note: Note, name: str) -> tuple[str, ...]:
    texts = note.get(name)
    return tuple(one for one in texts if isinstance(one, str)) if isinstance(texts, list) else ()
