"""Records as lines of a file or of the command line: JSON lines, exact to the byte, or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import orjson

from kafkaview.records.decoding import ValueReading
from kafkaview.records.record_document import record_document
from kafkaview.terms import Record

COLUMNS: Final = (
    "topic", "partition", "offset", "timestamp_ms", "timestamp_type", "key", "key_b64", "value", "value_b64",
    "headers", "decoder", "schema_id", "error",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_QUOTED: Final = frozenset('",\r\n')


class ExportFormat(StrEnum):
    """A way to write records."""

    JSON = "json"
    CSV = "csv"


def line_document(record: Record, reading: ValueReading) -> dict[str, Any]:
    """Returns one line of `records`: the record, and how its value was read."""
    document = record_document(record)
    if reading.text is not None:
        document["value"] = reading.text
    return {**document, "decoder": reading.decoder, "schema_id": reading.schema_id, "error": reading.problem}


def json_lines(records: Sequence[Record], readings: Sequence[ValueReading]) -> list[dict[str, Any]]:
    """Returns the documents of records."""
    return [line_document(record, reading) for record, reading in zip(records, readings, strict=True)]


def csv_head() -> str:
    """Returns the first line of a CSV file, with its line end."""
    return ",".join(COLUMNS) + "\r\n"


def csv_line(document: dict[str, Any], *, neutralize_formulas: bool = False) -> str:
    """Returns a record's line of CSV (RFC 4180), with its line end. Null is an empty field, an empty text is `""`;
    headers are JSON. With `neutralize_formulas` a text that a spreadsheet would calculate gets an apostrophe before it.
    """
    return ",".join(_field(document[column], neutralize=neutralize_formulas) for column in COLUMNS) + "\r\n"


def _field(value: Any, *, neutralize: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if neutralize and text.startswith(_FORMULA):
        text = f"'{text}"
    if not text or _QUOTED & set(text) or text != text.strip():
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text
