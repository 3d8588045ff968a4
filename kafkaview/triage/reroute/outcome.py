"""The outcome of a re-route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import RecordId
from kafkaview.writes.effect import names_in_words, verb_for
from kafkaview.writes.outcome import GroupOutcome
from kafkaview.writes.topic_deletion import deletion_line


class TransactionState(StrEnum):
    """The state of the transaction: a contract of the command line. `unknown`: the commit was never answered."""

    COMMITTED = "committed"
    ABORTED = "aborted"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Done:
    """One record and its committed copy."""

    source: RecordId
    target: RecordId
    journal_id: int


@dataclass(frozen=True, slots=True)
class RerouteOutcome:
    """The outcome of a re-route, as the journal, the window and the command line hold it. `doubt` is a fault found
    after the commit (a copy that differs from its source, a journal that failed) and is part of the message.
    `empty_queue` is a queue that was created although no record was copied.
    """

    transaction: TransactionState
    done: tuple[Done, ...]
    groups: tuple[GroupOutcome, ...]
    journal_id: int | None
    message: str
    doubt: str = ""
    empty_queue: str | None = None


def empty_queue_words(profile: ConnectionProfile, queue: str) -> str:
    """Returns a sentence about a queue that was created for nothing, and how to remove it."""
    return f"{queue} was made and stands empty: `{deletion_line(profile, queue)}` removes it."


def message_of(groups: Sequence[GroupOutcome]) -> str:
    """Returns the outcome in one sentence."""
    moved = [group.group for group in groups if group.effective]
    still = [group.group for group in groups if group.effective is False]
    unseen = [group.group for group in groups if group.effective is None]
    parts = ["The copy is safe"] if still or unseen or not groups else []
    if still:
        parts[0] += f", {names_in_words(still)} did not move"
    if unseen:
        parts.append(f"whether {names_in_words(unseen)} {verb_for('moves', unseen)} was not seen")
    if moved:
        parts.append(f"{names_in_words(moved)} {verb_for('moves', moved)} again")
    return "; ".join(parts)
