"""The way through binary data by a schema: where it stands, what it has read as JSON text, and where it breaks."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from typing import Final

import orjson

from kafkaview.decode.json_layout import lay_out
from kafkaview.decode.result import Decoded, Undecodable, doubt
from kafkaview.decode.wire_format import Payload
from kafkaview.words import plural

DEEPEST: Final = 100  # levels: a schema may contain itself, and what it describes is read by recursion
_STEPS: Final = 1_000_000  # values of no bytes: a hostile schema has any number of them
_WHOLE: Final = 1e16  # from here on Python writes a power of ten
_LENIENT: Final = "some readers take it"


class Fault(Exception):
    """The bytes cannot be what the schema describes. `words` follow "byte 7 of the value: "."""

    def __init__(self, position: int, words: str, length: int = 1, *, lenient: bool = False) -> None:
        super().__init__(words)
        self.position = position
        self.length = length
        self.words = words
        self.lenient = lenient
        self.path: list[str] = []


@dataclass(slots=True)
class Walk:
    """A position in some bytes, and the JSON text of what was read so far."""

    data: bytes
    at: int
    end: int
    out: list[str] = field(default_factory=list)
    depth: int = 0
    steps: int = 0

    def take(self, size: int, what: str) -> bytes:
        """Returns the next bytes."""
        start, stop = self.at, self.at + size
        if stop > self.end:
            raise self.cut(what if self.end == start else f"{what} of {size:,} bytes")
        self.at = stop
        return self.data[start:stop]

    def cut(self, what: str) -> Fault:
        """Returns the fault of bytes that end too early."""
        fault = Fault(max(self.end - 1, 0), f"the bytes end inside {what}")
        fault.length = 1
        return fault

    def enter(self) -> None:
        """Goes one level deeper."""
        self.depth += 1
        self.step()
        if self.depth > DEEPEST:
            raise Fault(self.at, f"it is nested deeper than {DEEPEST} levels", lenient=True)

    def step(self) -> None:
        """Counts a value, which may have no bytes."""
        self.steps += 1
        if self.steps > _STEPS + len(self.data):
            raise Fault(self.at, f"it has more than {_STEPS:,} values of no bytes", lenient=True)


def read_number(walk: Walk, what: str, most_bytes: int) -> int:
    """Returns the next number of groups of seven bits, the lowest first, each but the last with the top bit set."""
    data, at, end, start = walk.data, walk.at, walk.end, walk.at
    number = shift = 0
    while True:
        if at >= end:
            raise walk.cut(what)
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if at - start >= most_bytes:
            raise Fault(start, f"{what} has more than {most_bytes} bytes", at - start)
    walk.at = at
    return number


def float_text(number: float, size: str) -> str:
    """Returns the shortest text of a number of 16 (`e`), 32 (`f`) or 64 (`d`) bits that reads as the same; a whole
    number has all its digits. JSON has no word for infinity and for what is no number: those are strings.
    """
    if not math.isfinite(number):
        return '"NaN"' if math.isnan(number) else '"Infinity"' if number > 0 else '"-Infinity"'
    if size == "d" or (number.is_integer() and abs(number) < _WHOLE):
        return repr(number)
    texts = (f"{number:.{digits}g}" for digits in range(3, 10))
    return next(text for text in texts if struct.unpack(size, struct.pack(size, float(text)))[0] == number)


def left_over(size: int) -> str:
    """Returns how many bytes are left, as a clause."""
    return f"{plural(size, 'byte')} {'is' if size == 1 else 'are'} left"


def text_of(text: str) -> str:
    """Returns a JSON string."""
    return encode_basestring(text)


def report_fault(payload: Payload, fault: Fault) -> Undecodable:
    """Returns the problem of bytes that break."""
    if payload.start >= len(payload.data):
        return report_empty(payload)
    position = min(fault.position, len(payload.data) - 1)  # values of no bytes may lie behind the last one
    where = f" ({''.join(reversed(fault.path)).removeprefix('.')})" if fault.path else ""
    reason = f"byte {position:,} of the {payload.field}: {fault.words}{where}"
    problem = Undecodable(payload.rule, reason, position, fault.length, fault.words)
    return doubt(problem, _LENIENT) if fault.lenient else problem


def report_empty(payload: Payload) -> Undecodable:
    """Returns the problem of a key or value that has no bytes, or none behind its schema id."""
    if not payload.data:
        return Undecodable(payload.rule, f"the {payload.field} is empty: 0 bytes", detail="0 bytes")
    last = len(payload.data) - 1
    return Undecodable(payload.rule, f"the {payload.field} is empty: nothing follows its schema id", last)


def report_rest(payload: Payload, at: int, what: str) -> Undecodable:
    """Returns the problem of bytes behind the end of what the schema describes."""
    length = len(payload.data) - at
    more = "1 more byte follows" if length == 1 else f"{length:,} more bytes follow"
    reason = f"byte {at:,} of the {payload.field}: {what} has ended, {more}"
    return doubt(Undecodable(payload.rule, reason, at, length), _LENIENT)


def decoded_walk(payload: Payload, walk: Walk) -> Decoded:
    """Returns what a walk has read, as text and as plain data."""
    text = "".join(walk.out)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:  # a whole number beyond a double
        value = json.loads(text)
    return Decoded(payload.rule, value, lay_out(text))
