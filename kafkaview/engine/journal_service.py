"""The journal of the open session as a window calls it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kafkaview.journal.export import JournalExport
    from kafkaview.journal.search import EntriesPage, JournalRequest
    from kafkaview.session import Session
    from kafkaview.terms import RecordId
    from kafkaview.writes.journal_view import EntryView, PayloadRow, PayloadView


class JournalService:
    """Implements `engine.port.JournalCalls`. `session` returns the open session, or raises RefusedHere."""

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session

    async def journal_page(self, request: JournalRequest) -> EntriesPage:
        """Returns some entries that fit a request, the newest first."""
        return await self._session().journal.page(request)

    async def journal_entry(self, entry_id: int) -> EntryView | None:
        """Returns one entry."""
        from kafkaview.writes.journal_view import view_entry

        entry = await self._session().journal.entry(entry_id)
        return view_entry(entry) if entry is not None else None

    async def journal_payloads(self, entry_id: int, first: int, limit: int) -> tuple[PayloadRow, ...]:
        """Returns some records of an entry, without their bytes."""
        from kafkaview.writes.journal_view import list_payloads

        return await list_payloads(self._session(), entry_id, first, limit)

    async def journal_payload(self, entry_id: int, record: RecordId) -> PayloadView | None:
        """Returns one record of an entry."""
        from kafkaview.writes.journal_view import view_payload

        return await view_payload(self._session(), entry_id, record)

    async def save_journal_value(self, entry_id: int, record: RecordId, path: Path) -> int:
        """Writes the bytes of a record's value into a file."""
        from kafkaview.records.detail import save_bytes
        from kafkaview.writes.journal_view import read_payload

        return await save_bytes(path, (await read_payload(self._session(), entry_id, record)).value)

    async def last_write(self, cluster_id: str | None) -> EntryView | None:
        """Returns the newest write on a cluster that is no undo and is not undone."""
        from kafkaview.writes.journal_view import view_entry

        entry = await self._session().journal.last_write(cluster_id)
        return view_entry(entry) if entry is not None else None

    def export_journal(self, request: JournalRequest, path: Path) -> AsyncGenerator[JournalExport, None]:
        """Writes the entries that fit a request into a file."""
        from kafkaview.journal.export import export_journal

        return export_journal(self._session().journal, request, path)
