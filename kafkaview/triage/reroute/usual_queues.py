"""The queues that records of a topic were sent to last, kept for each connection beside the saved connections."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from kafkaview.profiles.errors import StoreUnavailable
from kafkaview.profiles.topic_notes import TopicNotes
from kafkaview.triage.reroute.queue_names import default_name

_FILE: Final = "queues.toml"


class UsualQueues:
    """The queues of one connection, which `connection` names; `pattern` is its name for the topics' own."""

    def __init__(self, connection: str, file: Path | None = None, *, pattern: str | None = None) -> None:
        self._pattern = pattern
        self._notes = TopicNotes(connection, _FILE, "The queue of a topic", file)

    def get(self, topic: str) -> str | None:
        """Returns the queue that was used last; None if that was the topic's own, or none."""
        queue = (self._notes.get(topic) or {}).get("queue")
        return queue if isinstance(queue, str) else None

    def keep(self, topic: str, queue: str) -> None:
        """Keeps a queue for a topic; the topic's own is forgotten. It is no harm if that cannot be done."""
        note = {} if queue == default_name(topic, self._pattern) else {"queue": queue}
        if note or self.get(topic) is not None:
            with suppress(StoreUnavailable):
                self._notes.change(topic, lambda _before: note)
