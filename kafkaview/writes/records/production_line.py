"""The `kafkaview` line that produces a record, exact to the byte."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from kafkaview.clock import is_time
from kafkaview.command_words import command_words, option_words
from kafkaview.records.record_document import base64_of, text_of_bytes
from kafkaview.terms import Header
from kafkaview.words import utc_iso

_LONGEST: Final = 4_096  # bytes of a key or value on a line; more is named as a file
_VERB: Final = ("records", "produce")


def production_words(
    topic: str,
    partition: int | None,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[Header],
    timestamp_ms: int | None,
    key_file: str = "",
    value_file: str = "",
) -> tuple[str, ...]:
    """Returns the verb and its options. Bytes that a line cannot hold are named as the file that they came from, or
    that they have to be saved to.
    """
    options = option_words("--partition", partition) if partition is not None else ()
    if key is not None:
        options += _bytes_words("key", key, key_file)
    options += ("--tombstone",) if value is None else _bytes_words("value", value, value_file)
    options += _header_words(headers)
    if timestamp_ms is not None:
        options += option_words("--timestamp", time_word(timestamp_ms))
    return command_words(_VERB, [topic], options)


def time_word(ms: int) -> str:
    """Returns a time as `--timestamp` takes it."""
    return f"@{utc_iso(ms)}" if is_time(ms) else f"@{ms}ms"


def header_documents(headers: Sequence[Header]) -> list[dict[str, Any]]:
    """Returns headers as `records` prints them."""
    return [
        {"key": header.key, "value": text_of_bytes(header.value), "value_b64": base64_of(header.value)}
        for header in headers
    ]


def _bytes_words(name: str, data: bytes, file: str) -> tuple[str, ...]:
    if file or len(data) > _LONGEST:
        return option_words(f"--{name}-file", file or f"{name}.bin")
    text = text_of_bytes(data)
    if text is None or "\0" in text:
        return option_words(f"--{name}-b64", base64_of(data))
    return option_words(f"--{name}", text)


def _header_words(headers: Sequence[Header]) -> tuple[str, ...]:
    """Returns `--header` for texts; all of them as JSON where one is null, no text, or has a name with `=`."""
    words: list[str] = []
    for header in headers:
        text = text_of_bytes(header.value)
        if text is None or "\0" in text or "=" in header.key:
            exact = [{"key": one.key, "value_b64": base64_of(one.value)} for one in headers]
            return option_words("--headers", json.dumps(exact, ensure_ascii=False))
        words += option_words("--header", f"{header.key}={text}")
    return tuple(words)
