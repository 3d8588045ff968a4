"""What a user should know before dead letters are sent back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafkaview.triage.redrive.preparation import PreparationNote
from kafkaview.words import plural
from kafkaview.writes.plan import Caution

if TYPE_CHECKING:
    from kafkaview.records.progress import ReadProgress
    from kafkaview.triage.redrive.tally import RedriveTally


def redrive_cautions(
    queue: str, tally: RedriveTally, progress: ReadProgress, forgotten: int, overtaken: int | None
) -> list[Caution]:
    """Returns what could go wrong with what is sent back, or with what is left out."""
    notes, found = tally.notes, []

    def note(kind: PreparationNote, one: str, many: str, why: str) -> None:
        if notes[kind]:
            found.append(Caution(f"{plural(notes[kind], f'record {one}', f'records {many}')}.", why))

    note(
        PreparationNote.UNREADABLE,
        "cannot be read as the topic's format",
        "cannot be read as the topic's format",
        "A group that stopped on it may stop on it again: mend it first.",
    )
    if overtaken:
        behind = plural(overtaken, "newer record")
        why = "What is sent back lands behind them: a reader that keeps the last one of a key gets the older one."
        found.append(Caution(f"{behind} of the same keys {'is' if overtaken == 1 else 'are'} overtaken.", why))
    elif overtaken is None:
        found.append(
            Caution("It was not looked at whether newer records are overtaken.", "Too many lie behind, or elsewhere.")
        )
    note(
        PreparationNote.FETCHED,
        "was not copied into the queue",
        "were not copied into the queue",
        "Their bytes were found in the source topic or the journal, and are sent in place of null.",
    )
    note(
        PreparationNote.INCOMPLETE,
        "goes without the headers and the timestamp that it had",
        "go without the headers and timestamps that they had",
        "The broker did not copy these, and the source is not there any more.",
    )
    note(
        PreparationNote.BY_KEY,
        "goes to the partition of its key",
        "go to the partitions of their keys",
        "No header names the partition of their origin.",
    )
    note(
        PreparationNote.STAMPED_ANEW,
        "gets the present time",
        "get the present time",
        "Their own is unknown, or cannot be written.",
    )
    note(
        PreparationNote.EXPIRED,
        "may be removed at once",
        "may be removed at once",
        "Retention counts from their timestamps.",
    )
    if forgotten:
        told = f"The group of {queue} does not know it: it has expired, or its offsets were changed."
        sent = plural(forgotten, "dead letter is", "dead letters are")
        found.append(Caution(f"{sent} taken as sent because the journal says so.", told))
    if tally.failed:
        stay = plural(tally.failed, "dead letter stays", "dead letters stay")
        found.append(Caution(f"{stay} in {queue}.", "They cannot be sent back; the plan says why."))
    if progress.skipped:
        found.append(Caution(f"Not all of {queue} was read.", f"{progress.skipped[0].reason}."))
    elif progress.held_back or progress.removed or progress.damaged:
        why = "A transaction is open, or records were removed or are damaged."
        found.append(Caution(f"Not all of {queue} was read.", why))
    if progress.failed:
        why = f"The first: {progress.failure}"
        found.append(Caution(f"The filter fails on {plural(progress.failed, 'dead letter')}: left out.", why))
    return found
