"""The outcome of a redrive."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.journal.entry import EntryState
from kafkaview.terms import RecordId
from kafkaview.writes.outcome import ChangeOutcome


@dataclass(frozen=True, slots=True)
class RedriveOutcome(ChangeOutcome):
    """What came of a redrive. `sent` counts the dead letters that it sent back; `places` are the first of them, each
    with the record that it became. `unsure`: of some nobody knows whether they stand.
    """

    sent: int = 0
    places: tuple[tuple[RecordId, RecordId], ...] = ()
    unsure: bool = False

    @property
    def state(self) -> EntryState:
        """The state of the journal entry."""
        if self.sent:
            return EntryState.COMMITTED
        return EntryState.UNKNOWN if self.unsure else EntryState.NONE
