"""The outcome of a redrive."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.journal.entry import EntryState
from kafkaview.terms import RecordId
from kafkaview.triage.redrive.tally import RedriveCounts
from kafkaview.words import join_names, number, part_of, plural
from kafkaview.writes.outcome import ChangeOutcome


def redrive_words(counts: RedriveCounts, read_back: int | None) -> str:
    """Returns what was sent back, how much of it was mended, and how much was read back, as far as that is known."""
    if counts.sent != counts.to_send:
        sent = f"{number(counts.sent)} of {plural(counts.to_send, 'dead letter')}"
        return f"{sent} {'is' if 1 in (counts.sent, counts.to_send) else 'are'} sent back"
    said = f"{plural(counts.sent, 'dead letter is', 'dead letters are')} sent back"
    parts = ((counts.mended, "mended"), (read_back, "read back byte for byte"))
    more = join_names([part_of(part, counts.sent, done) for part, done in parts if part])
    return f"{said}, {more}" if more else said


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
