"""Requests and answers as bytes, read into columns. kafka-python makes an object for every row of an answer, which
takes seconds for 100,000 partitions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

_HEADER: Final = struct.Struct(">hhih")
_INT: Final = struct.Struct(">i")
_LAST_SHIFT: Final = 63  # further on it is no number of Kafka


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """The answer to a RawRequest; its body begins at `start` of `data`."""

    name: str
    version: int
    data: bytearray = field(repr=False)  # it may be megabytes
    start: int

    @property
    def throttle_time_ms(self) -> int:
        """Returns the throttle time, the first field of every body that is read here."""
        return int(_INT.unpack_from(self.data, self.start)[0])


class RawRequest:
    """A request whose body `body` writes, in the newest version that broker and reader share. It has the interface of
    kafka-python's own requests.
    """

    min_version = 0

    def __init__(
        self,
        name: str,
        key: int,
        body: Callable[[int], bytes],
        *,
        versions: tuple[int, int],
        flexible: int,
    ) -> None:
        self.name = name
        self.API_KEY = key
        self.API_VERSION: int | None = None  # set by the connection
        self._min_version, self._max_version = versions
        self.max_version = versions[1]
        self._body = body
        self._flexible = flexible
        self.header: _RequestHeader | None = None

    def expect_response(self) -> bool:
        """Returns True: every request has an answer."""
        return True

    def with_header(self, correlation_id: int, client_id: str) -> None:
        """Sets the header before the body."""
        assert self.API_VERSION is not None
        flexible = self._flexible <= self.API_VERSION
        self.header = _RequestHeader(
            self.name, self.API_KEY, self.API_VERSION, correlation_id, client_id, flexible=flexible
        )

    def encode(self, **_as: bool) -> bytes:
        """Returns the whole frame."""
        assert self.header is not None
        assert self.API_VERSION is not None
        head, body = self.header.encode(), self._body(self.API_VERSION)
        return b"".join((_INT.pack(len(head) + len(body)), head, body))


@dataclass(frozen=True, slots=True)
class _RequestHeader:
    """A request's header; kafka-python also takes from it the class of the answer."""

    name: str
    api_key: int
    api_version: int
    correlation_id: int
    client_id: str
    flexible: bool

    def encode(self) -> bytes:
        client = self.client_id.encode()
        head = _HEADER.pack(self.api_key, self.api_version, self.correlation_id, len(client)) + client
        return head + b"\0" if self.flexible else head

    def get_response_class(self) -> _RequestHeader:
        return self

    def parse_header(self, buffer: Any) -> _AnswerHeader:
        return _AnswerHeader(_INT.unpack_from(buffer, 0)[0])

    def decode(self, buffer: Any) -> RawAnswer:
        # A flexible header ends with tagged fields; no release of Kafka sends any.
        start = skip_tags(buffer, 4) if self.flexible else 4
        if start + _INT.size > len(buffer):
            raise ValueError(f"{len(buffer)} bytes are too few")
        return RawAnswer(self.name, self.api_version, buffer, start)


@dataclass(frozen=True, slots=True)
class _AnswerHeader:
    correlation_id: int


def uvarint(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Returns an unsigned varint and the position after it."""
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    shift = 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7
        if shift > _LAST_SHIFT:
            raise ValueError("a varint does not end")


def write_uvarint(value: int) -> bytes:
    """Returns the bytes of an unsigned varint."""
    written = bytearray()
    while value >= 0x80:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def read_string(data: bytes | bytearray, at: int, *, flexible: bool = True) -> tuple[bytes | None, int]:
    """Returns the bytes of a nullable string and the position after it."""
    if flexible:
        length, at = uvarint(data, at)
        length -= 1
    else:
        length = int.from_bytes(data[at : at + 2], "big", signed=True)
        at += 2
    if length < 0:
        return None, at
    if at + length > len(data):
        raise ValueError("a text is longer than the answer")
    return bytes(data[at : at + length]), at + length


def read_text(octets: bytes | None) -> str:
    """Returns a text of an answer; invalid UTF-8 becomes U+FFFD, as in Java."""
    return (octets or b"").decode(errors="replace")


def read_count(data: bytes | bytearray, at: int, *, flexible: bool = True) -> tuple[int, int]:
    """Returns the length of an array (0 for null) and the position of its first element."""
    if flexible:
        count, at = uvarint(data, at)
        count = max(0, count - 1)
    else:
        count, at = max(0, int(_INT.unpack_from(data, at)[0])), at + 4
    if count > len(data):  # no element of any answer is without a byte
        raise ValueError(f"{count} elements cannot be in {len(data)} bytes")
    return count, at


def skip_tags(data: bytes | bytearray, at: int) -> int:
    """Returns the position after tagged fields, none of which is read here."""
    count, at = uvarint(data, at)
    for _ in range(count):
        _tag, at = uvarint(data, at)
        size, at = uvarint(data, at)
        at += size
    return at


def write_string(text: bytes, *, flexible: bool = True) -> bytes:
    """Returns the bytes of a string with its length."""
    return (write_uvarint(len(text) + 1) if flexible else len(text).to_bytes(2, "big")) + text


def write_count(count: int, *, flexible: bool = True) -> bytes:
    """Returns the bytes of an array's length."""
    return write_uvarint(count + 1) if flexible else count.to_bytes(4, "big")
