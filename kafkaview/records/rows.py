"""A record as one row of a list: short, however large the record is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.terms import Record, TimestampType

KEY_CHARACTERS: Final = 200
VALUE_CHARACTERS: Final = 300
_BYTES_EACH: Final = 4  # of a character at most: what lies further behind cannot be in the preview


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record in a list. `key` and `value` are its first characters: the text that a decoder made, else the bytes
    as UTF-8, with surrogates for those that are not (PEP 383); empty where `key_null` or `value_null`. `problem` is why
    a decoder cannot read it, None where one can or none is known. Sizes are in bytes.
    """

    partition: int
    offset: int
    timestamp_ms: int | None
    timestamp_type: TimestampType
    key: str
    value: str
    key_null: bool
    value_null: bool
    key_size: int
    value_size: int
    headers: int | None
    problem: str | None = None


def row_of(record: Record, problem: str | None = None, value_text: str | None = None) -> RecordRow:
    """Returns the row of a record; `value_text` is what a decoder made of the value."""
    return RecordRow(
        record.partition,
        record.offset,
        record.timestamp_ms,
        record.timestamp_type,
        preview(record.key, KEY_CHARACTERS),
        preview(record.value, VALUE_CHARACTERS) if value_text is None else _one_line(value_text[:VALUE_CHARACTERS]),
        record.key is None,
        record.value is None,
        len(record.key or b""),
        len(record.value or b""),
        len(record.headers) if record.headers is not None else None,
        problem,
    )


def preview(data: bytes | None, characters: int) -> str:
    """Returns the first characters of bytes as UTF-8, on one line; bytes that are not are surrogates (PEP 383), which
    are shown as what they are.
    """
    if data is None:
        return ""
    head = data[: characters * _BYTES_EACH]
    whole = len(head) == len(data)
    text = head.decode(errors="surrogateescape")[:characters] if whole else _cut(head)[:characters]
    return _one_line(text)


def _cut(head: bytes) -> str:
    """Decodes the head of longer bytes: a character that the cut divided is no fault of theirs."""
    try:
        return head.decode()
    except UnicodeDecodeError as error:
        end = error.start if error.end == len(head) and error.reason == "unexpected end of data" else len(head)
        return head[:end].decode(errors="surrogateescape")


def _one_line(text: str) -> str:
    return " ".join(text.split()) if any(blank in text for blank in "\n\r\t") else text
