"""One record as the JSON of the command line's contract."""

from __future__ import annotations

import binascii
from typing import Any

from kafkaview.terms import Record


def record_document(record: Record) -> dict[str, Any]:
    """One record; text where the bytes are UTF-8, base64 always."""
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "timestamp_type": record.timestamp_type.value,
        "key": _text(record.key),
        "key_b64": _base64(record.key),
        "value": _text(record.value),
        "value_b64": _base64(record.value),
        "headers": None
        if record.headers is None
        else [
            {"key": header.key, "value": _text(header.value), "value_b64": _base64(header.value)}
            for header in record.headers
        ],
    }


def _text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _base64(data: bytes | None) -> str | None:
    return None if data is None else binascii.b2a_base64(data, newline=False).decode()
