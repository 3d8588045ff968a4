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
        "key": text_of_bytes(record.key),
        "key_b64": base64_of(record.key),
        "value": text_of_bytes(record.value),
        "value_b64": base64_of(record.value),
        "headers": None
        if record.headers is None
        else [
            {"key": header.key, "value": text_of_bytes(header.value), "value_b64": base64_of(header.value)}
            for header in record.headers
        ],
    }


def text_of_bytes(data: bytes | None) -> str | None:
    """Returns the text of bytes that are UTF-8; None of others, and of null."""
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def base64_of(data: bytes | None) -> str | None:
    """Returns bytes in base64; None of null."""
    return None if data is None else binascii.b2a_base64(data, newline=False).decode()
