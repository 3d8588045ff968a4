"""Entries of the journal as JSON lines in a file, whole or not at all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from kafkaview.fields import json_text, row_documents
from kafkaview.journal.listed_columns import ENTRY_FIELDS

if TYPE_CHECKING:
    from kafkaview.journal.entry import JournalEntry
    from kafkaview.journal.search import JournalRequest
    from kafkaview.journal.store import Journal

_AT_ONCE: Final = 200  # entries, whose plans may be large


@dataclass(frozen=True, slots=True)
class JournalExport:
    """The progress of an export: entries written of those that were found, and bytes. The file is there once it is
    `ended`.
    """

    written: int
    total: int
    size: int
    ended: bool = False


async def found_entries(journal: Journal, request: JournalRequest) -> AsyncGenerator[tuple[JournalEntry, ...], None]:
    """Yields all entries that a request is about, the newest first, some at a time. Entries that begin meanwhile are
    not among them.
    """
    part = replace(request, limit=_AT_ONCE)
    while entries := await journal.found(part):
        yield entries
        part = replace(part, before=entries[-1].id)


async def export_journal(journal: Journal, request: JournalRequest, path: Path) -> AsyncGenerator[JournalExport, None]:
    """Writes entries into a file beside the named one, which takes its name at the end; its owner alone can read it.
    Closing the iterator removes it. Raises JournalUnavailable and OSError.
    """
    page = await journal.page(replace(request, before=None, limit=1))
    total, written = page.found or 0, 0
    part = path.with_name(f".{path.name}.part")
    file = await asyncio.to_thread(_open, part)
    try:
        yield JournalExport(0, total, 0)
        async for entries in found_entries(journal, request):
            await asyncio.to_thread(_write, file, entries)
            written += len(entries)
            yield JournalExport(written, max(total, written), file.tell())
        size = file.tell()
        await asyncio.to_thread(_finish, file, part, path)
        yield JournalExport(written, written, size, ended=True)
    finally:
        file.close()
        part.unlink(missing_ok=True)


def _open(path: Path) -> BinaryIO:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _write(file: BinaryIO, entries: Sequence[JournalEntry]) -> None:
    file.write("".join(f"{json_text(one)}\n" for one in row_documents(ENTRY_FIELDS, entries)).encode())


def _finish(file: BinaryIO, part: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
    part.replace(path)
