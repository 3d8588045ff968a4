"""The outcome of a re-route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from kafkaview.journal.entry import EntryState
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import RecordId
from kafkaview.writes.effect import names_in_words, verb_for
from kafkaview.writes.outcome import ChangeOutcome, GroupOutcome
from kafkaview.writes.topics.deletion import deletion_line


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RerouteOutcome(ChangeOutcome):
    """The outcome of a re-route. A `doubt` is a fault found after the commit (a copy that differs from its source, a
    journal that failed) and is part of the message. `empty_queue` is a queue that was created although no record was
    copied.
    """

    transaction: TransactionState
    done: tuple[Done, ...] = ()
    empty_queue: str | None = None

    @property
    def state(self) -> EntryState:
        """The state of the transaction is that of the journal entry."""
        return EntryState(self.transaction.value)

    @property
    def succeeded(self) -> bool:
        """Whether all was committed and no group is known to stay."""
        moved = all(group.effective is not False for group in self.groups)
        return self.transaction is TransactionState.COMMITTED and moved and not self.doubt

    def with_doubt(self, doubt: str) -> Self:
        """Returns the outcome with one more doubt, in its message too."""
        doubts = f"{self.doubt}; {doubt}" if self.doubt else doubt
        unseen = self.unseen or not self.doubt
        return replace(self, doubt=doubts, unseen=unseen, message=f"{self.message}; but {doubt}")

    def document(self) -> dict[str, Any]:
        """Returns the outcome as the JSON of the command line's contract."""
        return {
            "done": [
                {"source": str(done.source), "target": str(done.target), "journal_id": done.journal_id}
                for done in self.done
            ],
            "transaction": self.transaction.value,
            "groups": [group.document() for group in self.groups],
            "journal_id": self.journal_id,
            "message": self.message,
            "empty_queue": self.empty_queue,
        }


@dataclass(frozen=True, slots=True)
class BulkOutcome(ChangeOutcome):
    """The outcome of a bulk re-route, with counts in `result` and the first of the copies. `stood` are the first of the
    records of which a copy was there already, `moved` is the part of `detail` that says what became of the groups.
    """

    stood: frozenset[RecordId] = frozenset()
    moved: str = ""

    @property
    def state(self) -> EntryState:
        """The state of the journal entry."""
        cut_short = bool(self.hint) and self.result["transaction"] == "none"
        return EntryState.NONE if cut_short else EntryState.COMMITTED

    @property
    def copied(self) -> frozenset[RecordId]:
        """The records of which a copy lies in the queue, the first of them."""
        return self.stood | frozenset(RecordId.parse(one["source"]) for one in self.result["done"])


def empty_queue_words(profile: ConnectionProfile, queue: str) -> str:
    """Returns a sentence about a queue that was created for nothing, and how to remove it."""
    return f"{queue} was made and stands empty: `{deletion_line(profile, queue)}` removes it."


def message_of(groups: Sequence[GroupOutcome]) -> str:
    """Returns the outcome in one sentence."""
    moving = [group.group for group in groups if group.moves]
    past = [group.group for group in groups if group.effective and group.group not in moving]
    still = [group.group for group in groups if group.effective is False]
    unseen = [group.group for group in groups if group.effective is None]
    parts = ["The copy is safe"] if still or unseen or not groups else []
    if still:
        parts[0] += f", {names_in_words(still)} did not move"
    if unseen:
        parts.append(f"whether {names_in_words(unseen)} {verb_for('moves', unseen)} was not seen")
    if moving:
        parts.append(f"{names_in_words(moving)} {verb_for('moves', moving)} again")
    if past:
        parts.append(f"{names_in_words(past)} {'is' if len(set(past)) == 1 else 'are'} past the record")
    return "; ".join(parts)
