"""The journal's file: SQLite in the platform's data folder, readable by its owner alone.

It is opened at the first use, on a thread of its own, so that a damaged or unwritable file never keeps anyone from
looking at a cluster; it does keep them from writing to one, since no write is made that could not be journalled. What
only looks through it has a second thread and connection: no write waits for a search. SQLite is loaded with them,
because most sessions never ask for the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kafkaview.clock import now_ms
from kafkaview.journal.entry import EntryState, Intent, JournalEntry, OffsetChange, OffsetMoves
from kafkaview.journal.errors import JournalUnavailable, PayloadUnreadable
from kafkaview.journal.payloads import (
    KeptPayload,
    StoredPayload,
    open_payload,
    select_holders,
    select_payloads,
    select_sizes,
)
from kafkaview.journal.retention import Pruned, prune_some, set_ages
from kafkaview.journal.rows import (
    finish_entry,
    insert_entry,
    note_outcome,
    replace_offsets,
    select_entries,
    select_entry,
    select_last_write,
    select_moves,
    select_newest_key,
)
from kafkaview.journal.schema import connect
from kafkaview.journal.sealing import SealingKeys
from kafkaview.journal.search import EntriesPage, JournalRequest, select_page
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.terms import Record, RecordId

if TYPE_CHECKING:
    import sqlite3

    from kafkaview.profiles.profile import ConnectionProfile

T = TypeVar("T")


def default_path() -> Path:
    """Returns the path of this user's journal."""
    import platformdirs

    return Path(platformdirs.user_data_dir("kafkaview", appauthor=False)) / "journal.sqlite3"


class Journal:
    """Every write made from here, in order. All methods raise JournalUnavailable if the file cannot be used. `keys`
    are what records are encrypted with, where a connection wants that.
    """

    def __init__(self, path: Path | None = None, keys: SealingKeys | None = None) -> None:
        self._path = path
        self._keys = keys or SealingKeys()
        self._writing = _Database("journal", lambda: self.path)
        self._looking = _Database("journal-search", lambda: self.path)

    @property
    def path(self) -> Path:
        """The journal's file."""
        return self._path or default_path()

    async def begin(self, intent: Intent, payloads: Sequence[Record], rules: JournalRules | None = None) -> int:
        """Stores a write before it is made, durably, its records in the form of the connection's rules; returns the
        entry's number.
        """
        rules, key = rules or JournalRules(), None
        if payloads and rules.payloads is PayloadForm.ENCRYPTED:
            key = await self._keys.newest(await self._writing.run(select_newest_key))
        return await self._writing.run(lambda db: insert_entry(db, intent, payloads, rules, key))

    async def amend(self, entry_id: int, offsets: Sequence[OffsetChange]) -> None:
        """Stores the committed offsets of an entry again before its write is made: a live group had moved on."""
        await self._writing.run(lambda db: replace_offsets(db, entry_id, offsets))

    async def note(self, entry_id: int, outcome: Mapping[str, Any]) -> None:
        """Stores how far a write has come that is not at its end."""
        await self._writing.run(lambda db: note_outcome(db, entry_id, outcome))

    async def end(self, entry_id: int, state: EntryState, outcome: Mapping[str, Any]) -> None:
        """Stores the outcome of a write."""
        await self._writing.run(lambda db: finish_entry(db, entry_id, state, outcome))

    async def entries(self, *, since_ms: int = 0, limit: int = 1000) -> tuple[JournalEntry, ...]:
        """Returns the newest entries first."""
        request = JournalRequest(since_ms=since_ms, limit=limit)
        return await self._writing.run(lambda db: select_entries(db, request))

    async def entry(self, entry_id: int) -> JournalEntry | None:
        """Returns the entry of a number, if there is one."""
        return await self._writing.run(lambda db: select_entry(db, entry_id))

    async def last_write(self, cluster_id: str | None) -> JournalEntry | None:
        """Returns the newest write on a cluster that an undo would be about; None where there is none."""
        return await self._writing.run(lambda db: select_last_write(db, cluster_id))

    async def moves(self, since_ms: int) -> OffsetMoves:
        """Returns where writes from here have moved groups to since a time (Unix milliseconds): group, partition and
        the offset that they committed for it.
        """
        if not self.path.exists():  # looking makes none
            return frozenset()
        return await self._looking.run(lambda db: select_moves(db, since_ms))

    async def page(self, request: JournalRequest) -> EntriesPage:
        """Returns a page of what is searched for, as light rows."""
        return await self._looking.run(lambda db: select_page(db, request))

    async def found(self, request: JournalRequest) -> tuple[JournalEntry, ...]:
        """Returns the same entries whole."""
        return await self._looking.run(lambda db: select_entries(db, request))

    async def find_payload(self, record: RecordId, cluster_id: str | None) -> Record | None:
        """Returns the bytes of a record that the newest entry of a cluster keeps; None where no entry has them. Raises
        PayloadUnreadable where they are encrypted alone, and the key is missing or wrong.
        """
        problem: PayloadUnreadable | None = None
        for entry_id in await self._looking.run(lambda db: select_holders(db, record, cluster_id)):
            for kept in await self.kept_payloads(entry_id, place=record):
                if kept.record is not None:
                    return kept.record
                if kept.form is PayloadForm.ENCRYPTED:
                    problem = problem or kept.problem
        if problem is not None:
            raise problem
        return None

    async def kept_payloads(
        self, entry_id: int, *, first: int = 0, limit: int = -1, place: RecordId | None = None
    ) -> tuple[KeptPayload, ...]:
        """Returns the records of an entry as far as they can be shown: those from the `first` on, or the one of a
        place.
        """
        stored = await self._looking.run(
            lambda db: select_payloads(db, entry_id, first=first, limit=limit, place=place)
        )
        return tuple([await self._open(entry_id, one) for one in stored])

    async def payload_sizes(
        self, entry_id: int, first: int, limit: int
    ) -> list[tuple[RecordId, int | None, PayloadForm, int | None]]:
        """Returns place, timestamp, form and size of the value of some records of an entry; the size is None of null,
        and where it is not known.
        """
        return await self._looking.run(lambda db: select_sizes(db, entry_id, first, limit))

    async def prune(self, profile: ConnectionProfile) -> Pruned:
        """Lets the rules of a connection hold for its earlier entries, then removes what is too old: of all
        connections, by the rules that each entry carries.
        """
        await self._writing.run(lambda db: set_ages(db, profile))
        at_ms, after, entries, payloads = now_ms(), 0, 0, 0
        while True:
            pruned, last = await self._writing.run(partial(prune_some, now_ms=at_ms, after=after))
            entries, payloads = entries + pruned.entries, payloads + pruned.payloads
            if last is None:
                return Pruned(entries, payloads)
            after = last

    async def close(self) -> None:
        """Closes the file on the threads that have opened it, and ends them."""
        await self._writing.close()
        await self._looking.close()

    async def _open(self, entry_id: int, stored: StoredPayload) -> KeptPayload:
        try:
            key = await self._keys.find(stored.key_id) if stored.key_id is not None else None
            record = open_payload(entry_id, stored, key)
        except PayloadUnreadable as problem:
            return KeptPayload(stored.form, stored.record, None, stored.masked, problem)
        return KeptPayload(stored.form, record, record)


class _Database:
    """One thread with its connection, which it opens when there is work."""

    def __init__(self, name: str, path: Callable[[], Path]) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._connection: sqlite3.Connection | None = None

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Does work in one transaction. Raises JournalUnavailable."""
        return await asyncio.wrap_future(self._thread.submit(self._work, work))

    async def close(self) -> None:
        """Closes the connection, and ends the thread."""
        await asyncio.wrap_future(self._thread.submit(self._disconnect))
        self._thread.shutdown()

    def _work(self, work: Callable[[sqlite3.Connection], T]) -> T:
        import sqlite3

        try:
            if self._connection is None:
                self._connection = connect(self._path())
            with self._connection:
                return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            hint = "Free or repair it, or move it away: a new one is then made. Nothing is written without it."
            raise JournalUnavailable(f"The journal {self._path()} cannot be used: {error}", hint) from error

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
