"""The columns of the table of records."""

from __future__ import annotations

from kafkaview.records.rows import RecordRow
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column, created_column
from kafkaview.words import size


def _mark(row: RecordRow) -> Mark | None:
    return Mark.BAD if row.problem else None


def _value(row: RecordRow) -> str:
    if row.value_null:
        return "tombstone: deletes this key"
    if not row.value_size:
        return "(empty, 0 bytes)"
    return f"{row.problem}:  {row.value}" if row.problem else row.value


def _key(row: RecordRow) -> str:
    if row.key_null:
        return "null"
    return row.key if row.key_size else "(empty, 0 bytes)"


RECORDS: tuple[Column[RecordRow], ...] = (
    Column(
        "",
        lambda row: row.problem or "",
        text=lambda row: "cannot be decoded" if row.problem else "",
        mark=_mark,
        align=Align.CENTER,
        width=36,
    ),
    Column("Part.", lambda row: row.partition, align=Align.RIGHT, width=52),
    Column("Offset", lambda row: row.offset, align=Align.RIGHT, width=84),
    created_column(lambda row: row.timestamp_ms, 104),
    Column(
        "Key",
        lambda row: None if row.key_null else row.key,
        text=_key,
        mono=True,
        width=90,
        italic=lambda row: row.key_null or not row.key_size,
    ),
    Column(
        "Value",
        lambda row: None if row.value_null else row.value,
        text=_value,
        mono=True,
        width=160,
        stretch=True,
        italic=lambda row: row.value_null or not row.value_size,
        tone=lambda row: "bad_text" if row.problem else None,
    ),
    Column(
        "Bytes",
        lambda row: None if row.value_null else row.value_size,
        align=Align.RIGHT,
        width=64,
        tip=lambda row: f"value {size(row.value_size)}, key {size(row.key_size)}",
        unknown=lambda _row: "null, not empty",
    ),
)
