"""Undo: a plan made from a journal entry, by the kind of its write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafkaview.cluster.errors import RefusedHere
from kafkaview.journal.entry import EntryState, JournalEntry

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.offsets.request import MemberWays
    from kafkaview.writes.plan import ChangePlan


async def plan_undo(session: Session, entry_id: int, ways: MemberWays | None = None) -> ChangePlan:
    """Plans to give back what stood before a journal entry: committed offsets, a topic's settings, or that there was no
    such topic. `ways` is what is done with members of a group whose offsets are given back. Raises RefusedHere where
    the entry cannot be undone.
    """
    from kafkaview.writes.offsets.request import REFUSE_MEMBERS
    from kafkaview.writes.offsets.undo import plan_undo as plan_undo_of_offsets
    from kafkaview.writes.topics.undo import KINDS, plan_undo_of_topic

    entry = await session.journal.entry(entry_id)
    if entry is not None and entry.intent.kind in KINDS:
        return await plan_undo_of_topic(session, entry_id)
    return await plan_undo_of_offsets(session, entry_id, ways or REFUSE_MEMBERS)


async def read_entry(session: Session, entry_id: int) -> JournalEntry:
    """Returns an entry of the journal. Raises RefusedHere where there is none."""
    entry = await session.journal.entry(entry_id)
    if entry is None:
        raise RefusedHere(f"The journal has no entry {entry_id}", "`kafkaview journal` lists them.")
    return entry


async def check_undoable(session: Session, entry: JournalEntry) -> None:
    """Raises RefusedHere for an entry that was not carried out, or is of another cluster."""
    if entry.state is EntryState.ABORTED:
        raise RefusedHere(f"Entry {entry.id} was not carried out: there is nothing to give back")
    cluster_id = (await session.cluster.describe()).cluster_id
    if entry.intent.cluster_id != cluster_id:
        raise RefusedHere(f"Entry {entry.id} is of another cluster ({entry.intent.cluster_id}, this is {cluster_id})")
