"""MessagePack: one object that fills the bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kafkaview.decode.json_layout import lay_out
from kafkaview.decode.message_pack_text import read_object
from kafkaview.decode.result import Decoded, Undecodable, doubt
from kafkaview.decode.sieves import Sieve, keep_unreadable
from kafkaview.decode.walk import Fault, Walk

_check = msgspec.msgpack.Decoder(msgspec.Raw).decode  # structure alone, a quarter of the time
_read = msgspec.msgpack.Decoder().decode
_AT_BYTE = re.compile(r"(?:.*malformed: )?(?P<words>.*) \(byte (?P<byte>\d+)\)")
_CONTAINERS = frozenset((*range(0x80, 0xA0), *range(0xDC, 0xE0)))  # first bytes of maps and arrays
_LENIENT = "some readers take it"


def make_sieve(_argument: str = "") -> Sieve:
    """Returns the sieve of MessagePack."""
    errors = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
    return lambda values: keep_unreadable(_read, values, errors)


@dataclass(frozen=True, slots=True)
class MessagePack:
    """Reads one MessagePack object. Map keys and times that only Python has no word for are no problem."""

    name: str = "msgpack"
    title: str = "MessagePack"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the first byte that cannot be read, where the library names one."""
        result = self._parse(data, field)
        return result if isinstance(result, Undecodable) else None

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the object as plain data and as indented text."""
        result = self._parse(data, field)
        return (
            result if isinstance(result, Undecodable) else Decoded(self.name, result.value, _text(data, result.value))
        )

    def is_likely(self, data: bytes) -> bool:
        """Returns whether the bytes begin as a map or an array: every small byte alone is a number too."""
        return data[:1] != b"" and data[0] in _CONTAINERS

    def _parse(self, data: bytes, field: str) -> UnpackedObject | Undecodable:
        try:
            _check(data)
        except RecursionError:
            return doubt(Undecodable(self.name, f"the {field} is nested too deeply to be read"), _LENIENT)
        except msgspec.DecodeError as error:
            return _report_malformed(self.name, data, field, str(error))
        try:
            return UnpackedObject(_read(data))
        except UnicodeDecodeError as error:
            return _no_text(self.name, data, field, error)
        except msgspec.DecodeError as error:
            return UnpackedObject(f"MessagePack that is not shown here: {error}")


@dataclass(frozen=True, slots=True)
class UnpackedObject:
    """The value of a MessagePack object; wrapped, because nil is a value too."""

    value: object


def _report_malformed(name: str, data: bytes, field: str, message: str) -> Undecodable:
    if not data:
        return Undecodable(name, f"the {field} is empty: 0 bytes. A tombstone would be null", detail="0 bytes")
    match = _AT_BYTE.fullmatch(message)
    if match is None:
        last = len(data) - 1
        return Undecodable(name, f"the {field} breaks off at byte {last:,}", last, detail=message)
    position, words = int(match["byte"]), match["words"]
    if words == "trailing characters":
        length = len(data) - position
        more = "1 more byte follows" if length == 1 else f"{length:,} more bytes follow"
        reason = f"byte {position:,} of the {field}: the object has ended, {more}"
        return doubt(Undecodable(name, reason, position, length), _LENIENT)
    return Undecodable(name, f"byte {position:,} of the {field} is not MessagePack: {words}", position, detail=message)


def _no_text(name: str, data: bytes, field: str, error: UnicodeDecodeError) -> Undecodable:
    """The library tells the byte within the string, and not where the string is: looked for where it stands once."""
    start = data.find(error.object) if data.count(error.object) == 1 else None
    length = error.end - error.start
    if start is None:
        return doubt(Undecodable(name, f"a string in the {field} is not UTF-8"), _LENIENT)
    position = start + error.start
    reason = f"byte {position:,} of the {field}, in a string, is not UTF-8"
    return doubt(Undecodable(name, reason, position, length), _LENIENT)


def _text(data: bytes, value: object) -> str:
    walk = Walk(data, 0, len(data))
    try:
        read_object(walk)
        return lay_out("".join(walk.out))
    except Fault:  # nested deeper than is laid out here
        return _text_of_value(value)


def _text_of_value(value: object) -> str:
    try:
        return json.dumps(value, indent=2, ensure_ascii=False, default=_name)
    except TypeError:  # a map key that JSON has no form for
        return repr(value)


def _name(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else repr(value)
