"""Rows as text to copy: tab-separated, CSV, JSON, Markdown. Numbers are plain; unknown is empty (JSON: null). No Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kafkaview.fields import json_text
from kafkaview.ui.kit.tables.column import Column
from kafkaview.words import visible_alone

T = TypeVar("T")


def as_tsv(columns: Sequence[Column[T]], rows: Sequence[T]) -> str:
    """Returns rows as tab-separated text for spreadsheets; tabs and line ends in a value become spaces."""
    texts = _text_columns(columns)
    return "\n".join("\t".join(_flat(column.copies(row)) for column in texts) for row in rows)


def as_csv(columns: Sequence[Column[T]], rows: Sequence[T]) -> str:
    """Returns rows as CSV with a head."""
    texts = _text_columns(columns)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([column.title for column in texts])
    writer.writerows([column.copies(row) for column in texts] for row in rows)
    return out.getvalue()


def as_json(columns: Sequence[Column[T]], rows: Sequence[T]) -> str:
    """Returns rows as a list of objects, with the names and values that the command line prints."""
    texts = _text_columns(columns)
    found = [{column.field or column.name: _json(column, row) for column in texts} for row in rows]
    return json_text(found, indented=True)


def as_markdown(columns: Sequence[Column[T]], rows: Sequence[T]) -> str:
    """Returns rows as a Markdown table with the texts that are shown, for a chat or an incident report."""
    texts = _text_columns(columns)
    lines = [[column.title for column in texts], ["---:" if c.align == "right" else "---" for c in texts]]
    lines += [[visible_alone(column.reads(row)).replace("|", "\\|") for column in texts] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


FORMATS: dict[str, Callable[[Sequence[Column[Any]], Sequence[Any]], str]] = {
    "tab-separated": as_tsv,
    "CSV": as_csv,
    "JSON": as_json,
    "Markdown": as_markdown,
}


def _text_columns(columns: Sequence[Column[T]]) -> list[Column[T]]:
    return [column for column in columns if column.title and column.checked is None and column.sparkline is None]


def _flat(text: str) -> str:
    return " ".join(text.split("\n")).replace("\t", " ")


def _json(column: Column[T], row: T) -> object:
    if column.document is not None:
        return column.document(row)
    value = column.value(row)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
