"""The decoders that the user chose for topics, kept for each connection in a file beside the saved connections."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kafkaview.profiles.topic_notes import TopicNotes

_FILE: Final = "decoders.toml"


@dataclass(frozen=True, slots=True)
class DecoderChoice:
    """The rules for the keys and the values of a topic, as they are written; None where its records decide."""

    key: str | None = None
    value: str | None = None


class DecoderChoices:
    """The choices of one connection, which `connection` names."""

    def __init__(self, connection: str, file: Path | None = None) -> None:
        self._notes = TopicNotes(connection, _FILE, "The choice of a decoder", file)

    def get(self, topic: str) -> DecoderChoice | None:
        """Returns the choice for a topic; None where there is none, or the file cannot be read."""
        found = self._notes.get(topic)
        if found is None:
            return None
        key, value = found.get("key"), found.get("value")
        return DecoderChoice(key if isinstance(key, str) else None, value if isinstance(value, str) else None)

    def keep(self, topic: str, choice: DecoderChoice) -> None:
        """Keeps the choice for a topic; one without rules is forgotten. Raises StoreUnavailable."""
        rules = {name: rule for name, rule in (("key", choice.key), ("value", choice.value)) if rule is not None}
        self._notes.change(topic, lambda _before: rules)
