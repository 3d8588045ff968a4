"""What every undo asks: whether there is such an entry, and whether it can be undone here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import PlanNoLongerHolds, RefusedHere
from kafkaview.journal.entry import EntryState, JournalEntry

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.journal_view import EntryView


def why_not_undone(entry: EntryView, here: str | None) -> str:
    """Returns why an undo of an entry cannot be planned, as far as the journal tells it; empty where it can. `here` is
    the id of the cluster that is open.
    """
    if entry.undone_by is not None:
        return f"Entry {entry.undone_by} has undone it"
    if entry.state in (EntryState.ABORTED, EntryState.NONE):
        return f"Entry {entry.id} was not carried out: there is nothing to give back"
    if not entry.undoable:
        return next((why for start, why in _WHY_NOT.items() if entry.kind.startswith(start)), _NO_UNDO)
    if entry.cluster_id != here:
        return f"It is of another cluster ({entry.cluster_id or 'not known'})"
    return ""


_NO_UNDO: Final = "kafkaview plans no undo for this kind of write: make the opposite change by hand"
_WHY_NOT: Final = {
    "reroute": "Kafka takes no copy back, and the groups read on; Groups changes their committed offsets",
    "records.": "Kafka takes no record back",
    "redrive": "Kafka takes no record back",
    "watch": "Kafka takes no record back",
    "topics.delete": "What is deleted is gone",
    "topics.empty": "What is deleted is gone",
    "topics.add_partitions": "Kafka takes no partition back",
    "users.": "The journal holds no password",
    "tokens.": "The journal holds no token",
}


async def read_entry(session: Session, entry_id: int) -> JournalEntry:
    """Returns an entry of the journal. Raises RefusedHere where there is none."""
    entry = await session.journal.entry(entry_id)
    if entry is None:
        raise RefusedHere(f"The journal has no entry {entry_id}", "`kafkaview journal` lists them.")
    return entry


async def check_undoable(session: Session, entry: JournalEntry) -> None:
    """Raises RefusedHere for an entry that was not carried out or is of another cluster, PlanNoLongerHolds for one that
    another entry has undone.
    """
    if entry.state is EntryState.ABORTED:
        raise RefusedHere(f"Entry {entry.id} was not carried out: there is nothing to give back")
    if entry.undone_by is not None:
        by = await session.journal.entry(entry.undone_by)
        if by is None or by.undone_by is None:  # else the undo was undone in its turn
            raise PlanNoLongerHolds(
                f"Entry {entry.undone_by} has undone entry {entry.id} already", "Nothing was written."
            )
    cluster_id = (await session.cluster.describe()).cluster_id
    if entry.intent.cluster_id != cluster_id:
        raise RefusedHere(f"Entry {entry.id} is of another cluster ({entry.intent.cluster_id}, this is {cluster_id})")
