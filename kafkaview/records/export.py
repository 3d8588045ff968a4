"""Records as lines of a file or of the command line: JSON lines, exact to the byte, CSV, or values as they are."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from kafkaview.fields import json_text
from kafkaview.records.decoding import ValueReading
from kafkaview.records.record_document import record_document
from kafkaview.terms import Record
from kafkaview.words import plural

COLUMNS: Final = (
    "topic", "partition", "offset", "timestamp_ms", "timestamp_type", "key", "key_b64", "value", "value_b64",
    "headers", "decoder", "schema_id", "error",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_QUOTED: Final = frozenset('",\r\n')
NEWLINE: Final = b"\n"
_ESCAPE: Final = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|.|$)", re.DOTALL)
_ESCAPED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


class ExportFormat(StrEnum):
    """A way to write records."""

    JSON = "json"
    CSV = "csv"
    RAW = "raw"


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


class JoinedValues:
    """Values as they are, each with a delimiter behind it, as kcat prints them. It counts what cannot be told from what
    is written.
    """

    def __init__(self, delimiter: bytes = NEWLINE) -> None:
        self._delimiter = delimiter
        self._nulls = 0
        self._divided = 0

    def join(self, records: Sequence[Record]) -> bytes:
        """Returns the values of records; a null value is nothing before its delimiter."""
        values = [record.value for record in records]
        self._nulls += values.count(None)
        if self._delimiter:
            self._divided += sum(value is not None and self._delimiter in value for value in values)
        return b"".join((value or b"") + self._delimiter for value in values)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what was joined so far."""
        said = []
        if self._divided:
            said.append(f"{plural(self._divided, 'value holds', 'values hold')} the delimiter: they look like several")
        if self._nulls:
            said.append(f"{plural(self._nulls, 'value is', 'values are')} null: they look like empty ones")
        return tuple(said)


def parse_delimiter(text: str) -> bytes:
    r"""Returns the bytes of a delimiter, in which `\n`, `\r`, `\t`, `\0`, `\\` and `\xNN` stand for one byte. Raises
    ValueError for another escape.
    """
    return _ESCAPE.sub(_unescape, os.fsencode(text))


def _unescape(escape: re.Match[bytes]) -> bytes:
    if escape[1] is not None:
        return bytes([int(escape[1], 16)])
    try:
        return _ESCAPED[escape[0][1:]]
    except KeyError:
        shown = escape[0].decode(errors="replace")
        raise ValueError(f"'{shown}' is no escape: write \\n, \\r, \\t, \\0, \\\\ or \\xNN") from None


def _field(value: Any, *, neutralize: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    text = value if isinstance(value, str) else json_text(value)
    if neutralize and text.startswith(_FORMULA):
        text = f"'{text}"
    if not text or _QUOTED & set(text) or text != text.strip():
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text
