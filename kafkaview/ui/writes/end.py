"""What is left of a re-route when its dialog is gone. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.terms import TopicPartition
from kafkaview.ui.writes.reroute_words import Result


@dataclass(frozen=True, slots=True)
class End:
    """What is said of it, and whose lag shows whether it works."""

    result: Result
    watched: tuple[str, TopicPartition] | None
    moved_at_ms: int
    journal_id: int | None
