"""The lines of a file of exported records, one after the other: bounded memory, however long the file is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from kafkaview.cluster.ports.cluster import Copy
from kafkaview.fields import read_json
from kafkaview.records.partitioners import Partitioner
from kafkaview.terms import Header
from kafkaview.writes.records.request import ImportPartitions, ImportRequest, ImportTimestamps

_LATEST_MS: Final = (1 << 63) - 1
LONGEST_LINE: Final = 1 << 28  # bytes: a record of 100 MB in text and in base64


class UnreadableLine(ValueError):
    """A line is no record as `records` exports it; the message is the reason."""


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One line of the file: `number` counts from 1, the line ends before the byte `end`. It has the record to write, or
    the `reason` why it cannot be read, or neither: the summary, and empty lines.
    """

    number: int
    end: int
    copy: Copy | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """Where the records of a file go. Of `partitions`, the number of the topic's."""

    topic: str
    partitions: int
    by_key: bool
    stamps_now: bool

    @classmethod
    def of(cls, request: ImportRequest, partitions: int) -> ImportTarget:
        """Returns the target of a request on a topic with so many partitions."""
        by_key = request.partitions is ImportPartitions.BY_KEY
        return cls(request.topic, partitions, by_key, request.timestamps is ImportTimestamps.NOW)


def read_lines(file: BinaryIO, target: ImportTarget, number: int = 0, position: int = 0) -> Iterator[ImportLine]:
    """Yields the lines from a position on, where `number` lines lie before it. Raises OSError."""
    file.seek(position)
    while line := file.readline(LONGEST_LINE):
        number += 1
        position += len(line)
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                position += len(rest)
            position += len(rest)
            yield ImportLine(number, position, reason=f"it is longer than {LONGEST_LINE:,} bytes")
            continue
        try:
            yield ImportLine(number, position, _copy_of(line, target))
        except UnreadableLine as error:
            yield ImportLine(number, position, reason=str(error))


def _copy_of(line: bytes, target: ImportTarget) -> Copy | None:
    """Returns the record of a line; None for a line that holds none. Raises UnreadableLine with the reason."""
    if not line.strip():
        return None
    try:
        document = read_json(line.strip())
    except ValueError as error:
        raise UnreadableLine(f"it is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise UnreadableLine("it is no object")
    if document.keys() == {"summary"}:
        return None
    key, value = (_bytes_of(document, field) for field in ("key_b64", "value_b64"))
    timestamp_ms = None if target.stamps_now else _number_of(document, "timestamp_ms", or_null=True)
    if timestamp_ms is not None and timestamp_ms > _LATEST_MS:
        raise UnreadableLine(f"its timestamp_ms is {timestamp_ms}")
    return Copy(
        target.topic,
        _partition_of(document, key, target),
        key,
        value,
        _headers_of(document),
        timestamp_ms if timestamp_ms is not None and timestamp_ms > 0 else None,  # the client takes 0 for "now"
    )


def _partition_of(document: dict[str, Any], key: bytes | None, target: ImportTarget) -> int:
    if target.by_key and key is not None:
        return Partitioner.MURMUR2.choose(key, target.partitions)
    number = _number_of(document, "partition")
    assert number is not None
    if number < 0:
        raise UnreadableLine(f"its partition is {number}")
    if target.by_key:
        return number % target.partitions
    if number >= target.partitions:
        raise UnreadableLine(f"its partition is {number}, {target.topic} has 0 to {target.partitions - 1}")
    return number


def _headers_of(document: dict[str, Any]) -> tuple[Header, ...]:
    headers = document.get("headers")
    if "headers" in document and headers is None:
        raise UnreadableLine("its headers could not be read when it was exported")
    if not isinstance(headers, list):
        raise UnreadableLine("it has no headers")
    found = []
    for one in headers:
        if not isinstance(one, dict) or not isinstance(one.get("key"), str):
            raise UnreadableLine("a header has no key")
        if "\0" in one["key"]:
            raise UnreadableLine("the name of a header holds NUL, where kafkaview's client would end it")
        try:
            one["key"].encode()
        except UnicodeEncodeError:
            raise UnreadableLine("the name of a header is no text") from None
        found.append(Header(one["key"], _bytes_of(one, "value_b64")))
    return tuple(found)


def _bytes_of(document: dict[str, Any], field: str) -> bytes | None:
    """Returns the bytes of a field in base64. The text beside it is what a decoder made, so that it is not enough."""
    if field not in document:
        raise UnreadableLine(f"it has no {field}")
    encoded = document[field]
    if encoded is None:
        return None
    if not isinstance(encoded, str):
        raise UnreadableLine(f"its {field} is no text")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableLine(f"its {field} is no base64: {error}") from None


def _number_of(document: dict[str, Any], field: str, *, or_null: bool = False) -> int | None:
    found = document.get(field)
    if found is None and or_null and field in document:
        return None
    if type(found) is not int:
        raise UnreadableLine(f"it has no {field}")
    return found
