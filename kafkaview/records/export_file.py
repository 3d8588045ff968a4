"""Exporting the records of a range into a file, whole or not at all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kafkaview.decode.registry import parse_rule
from kafkaview.fields import json_text
from kafkaview.records.decoding import ValueReading, value_reader
from kafkaview.records.export import ExportFormat, JoinedValues, csv_head, csv_line, json_lines
from kafkaview.records.progress import ReadProgress
from kafkaview.records.read import records_of
from kafkaview.records.request import ReadRequest
from kafkaview.terms import Record

if TYPE_CHECKING:
    from kafkaview.session import Session


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """The records to export, their values by the rule of `records.decode`, and the file, which is replaced. Raw values
    are lines.
    """

    records: ReadRequest
    path: Path
    format: ExportFormat = ExportFormat.JSON
    neutralize_formulas: bool = False


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """The progress of an export. The file is there once it is `ended`. `notes` are sentences for the user, at the end
    those about what was written.
    """

    read: ReadProgress
    written: int = 0
    size: int = 0
    notes: tuple[str, ...] = ()
    ended: bool = False


async def export_records(session: Session, request: ExportRequest) -> AsyncGenerator[ExportProgress, None]:
    """Writes records into a file beside the named one, which takes its name at the end. Closing the iterator removes
    it. Raises ClusterError, OSError, and ValueError for what cannot be parsed.
    """
    decoder = await asyncio.to_thread(parse_rule, request.records.decode) if request.records.decode else None
    reader = await value_reader(session, request.records.topic, decoder)
    part = request.path.with_name(f".{request.path.name}.part")
    progress = ExportProgress(ReadProgress())
    joined, written = JoinedValues(), 0
    file = await asyncio.to_thread(part.open, "wb")
    try:
        if request.format is ExportFormat.CSV:
            file.write(csv_head().encode())
        async with aclosing(records_of(session, request.records)) as steps:
            async for read, records, notes in steps:
                await asyncio.to_thread(_write, file, request, records, reader, joined)
                written += len(records)
                progress = ExportProgress(read, written, file.tell(), notes)
                yield progress
        await asyncio.to_thread(_finish, file, part, request.path)
        yield ExportProgress(progress.read, written, progress.size, joined.notes, ended=True)
    finally:
        file.close()
        part.unlink(missing_ok=True)


def _write(
    file: BinaryIO,
    request: ExportRequest,
    records: Sequence[Record],
    reader: Callable[[Sequence[Record]], list[ValueReading]],
    joined: JoinedValues,
) -> None:
    if request.format is ExportFormat.RAW:
        file.write(joined.join(records))
        return
    documents = json_lines(records, reader(records))
    if request.format is ExportFormat.CSV:
        lines = [csv_line(one, neutralize_formulas=request.neutralize_formulas) for one in documents]
    else:
        lines = [f"{json_text(one)}\n" for one in documents]
    file.write("".join(lines).encode(errors="backslashreplace"))  # a decoder of the user's may give anything


def _finish(file: BinaryIO, part: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
    part.replace(path)
