"""The records that a journal keeps of an entry."""

from __future__ import annotations

from kafkaview.journal.store import Journal
from kafkaview.terms import Record


async def payloads_of(journal: Journal, entry_id: int) -> tuple[Record, ...]:
    """The records of an entry, byte for byte. Raises PayloadUnreadable where one cannot be read."""
    found = await journal.kept_payloads(entry_id)
    for one in found:
        if one.problem is not None:
            raise one.problem
    return tuple(one.record for one in found if one.record is not None)
