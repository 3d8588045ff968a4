"""CBOR (RFC 8949): one data item that fills the bytes, shown as JSON in the order of the bytes."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from typing import Final

from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.walk import Fault, Walk, decoded_walk, float_text, report_fault, report_rest, text_of
from kafkaview.decode.wire_format import Payload

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_INDEFINITE: Final = 31
_BREAK: Final = 0xFF
_BIGNUMS: Final = (2, 3)  # tags
_SELF_DESCRIBED: Final = 55799
_PLAIN_TAGS: Final = (0, 1, _SELF_DESCRIBED)  # a date as text or a number needs no word beside it
_SIMPLE_WORDS: Final = {20: "false", 21: "true", 22: "null", 23: "null"}
_FLOATS: Final = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}
_MOST_BIGNUM: Final = 1_500  # bytes: Python refuses to write longer numbers
_MARK: Final = b"\xd9\xd9\xf7"  # the tag of self-described CBOR


@dataclass(frozen=True, slots=True)
class Cbor:
    """Reads one CBOR item. Byte strings are shown as base64."""

    name: str = "cbor"
    title: str = "CBOR"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the first byte that cannot be read."""
        result = self._walk(Payload(data, 0, field, self.name))
        return result if isinstance(result, Undecodable) else None

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the item as JSON."""
        payload = Payload(data, 0, field, self.name)
        result = self._walk(payload)
        return result if isinstance(result, Undecodable) else decoded_walk(payload, result)

    def is_likely(self, data: bytes) -> bool:
        """Returns whether the bytes begin as a map or with CBOR's own mark."""
        return data[:1] != b"" and (data[0] >> 5 == _MAP or data.startswith(_MARK))

    @staticmethod
    def _walk(payload: Payload) -> Walk | Undecodable:
        walk = Walk(payload.data, 0, len(payload.data))
        try:
            _read_item(walk)
        except Fault as fault:
            return report_fault(payload, fault)
        return walk if walk.at == walk.end else report_rest(payload, walk.at, "the item")


def _read_item(walk: Walk) -> None:
    start = walk.at
    first = walk.take(1, "an item")[0]
    major, info = first >> 5, first & 31
    if major == _SIMPLE:
        _read_simple(walk, info, start)
        return
    number = _read_argument(walk, major, info, start)
    if major == _UNSIGNED:
        walk.out.append(str(number))
    elif major == _NEGATIVE and number is not None:
        walk.out.append(str(-1 - number))
    elif major in (_BYTES, _TEXT):
        walk.out.append(_read_string(walk, major, number))
    elif major == _TAG and number is not None:
        _read_tagged(walk, number)
    else:
        _read_container(walk, major, number)


def _read_argument(walk: Walk, major: int, info: int, start: int) -> int | None:
    """Returns the number that belongs to an item's first byte; None for an indefinite length."""
    if info < 24:  # RFC 8949, 3: the number itself, then the sizes of what follows
        return info
    if info <= 27:
        return int.from_bytes(walk.take(1 << (info - 24), "a number"), "big")
    if info == _INDEFINITE and major in (_BYTES, _TEXT, _ARRAY, _MAP):
        return None
    raise Fault(start, f"{walk.data[start]:02X} begins no item")


def _read_simple(walk: Walk, info: int, start: int) -> None:
    if info in _SIMPLE_WORDS:
        walk.out.append(_SIMPLE_WORDS[info])
    elif info in _FLOATS:
        packed, size = _FLOATS[info]
        number = struct.unpack(packed, walk.take(size, "a float"))[0]
        walk.out.append(float_text(number, packed[1]))
    elif info == _INDEFINITE:
        raise Fault(start, "FF ends nothing that was begun")
    elif info < 20:  # simple values of no meaning
        walk.out.append(f'"simple {info}"')
    elif info == 24:
        value = walk.take(1, "a simple value")[0]
        if value < 32:
            raise Fault(start, f"a simple value of {value} in two bytes", 2)
        walk.out.append(f'"simple {value}"')
    else:
        raise Fault(start, f"{walk.data[start]:02X} begins no item")


def _read_string(walk: Walk, major: int, size: int | None) -> str:
    what = "a text" if major == _TEXT else "bytes"
    if size is not None:
        return _shown(walk, major, _chunk(walk, size, what))
    parts = []
    while (first := walk.take(1, what)[0]) != _BREAK:
        start = walk.at - 1
        length = _read_argument(walk, major, first & 31, start) if first >> 5 == major else None
        if length is None:
            raise Fault(start, f"{first:02X} inside {what} of many parts")
        part = _chunk(walk, length, what)
        _shown(walk, major, part)  # each is UTF-8 by itself
        parts.append(part)
    return _shown(walk, major, b"".join(parts))


def _chunk(walk: Walk, size: int, what: str) -> bytes:
    if size > walk.end - walk.at:
        raise walk.cut(f"{what} of {size:,} bytes")
    return walk.take(size, what)


def _shown(walk: Walk, major: int, data: bytes) -> str:
    if major == _BYTES:
        return f'"{base64.b64encode(data).decode()}"'
    try:
        return text_of(data.decode())
    except UnicodeDecodeError as error:
        at = walk.at - len(data) + error.start
        raise Fault(at, "it is in a text and not UTF-8", error.end - error.start, lenient=True) from None


def _read_tagged(walk: Walk, tag: int) -> None:
    start = walk.at
    walk.enter()
    if tag in _PLAIN_TAGS:
        _read_item(walk)
    elif tag in _BIGNUMS and start < walk.end and walk.data[start] >> 5 == _BYTES:
        walk.at += 1
        size = _read_argument(walk, _BYTES, walk.data[start] & 31, start)
        number = int.from_bytes(base64.b64decode(_read_string(walk, _BYTES, size)), "big")
        number = -1 - number if tag == _BIGNUMS[1] else number
        walk.out.append(str(number) if walk.at - start < _MOST_BIGNUM else f'"{number:#x}"')
    else:
        walk.out.append(f'{{"tag {tag}":')
        _read_item(walk)
        walk.out.append("}")
    walk.depth -= 1


def _read_container(walk: Walk, major: int, count: int | None) -> None:
    walk.enter()
    walk.out.append("{" if major == _MAP else "[")
    place = 0
    while place != count:
        if count is None and walk.at < walk.end and walk.data[walk.at] == _BREAK:
            walk.at += 1
            break
        if place:
            walk.out.append(",")
        if major == _MAP:
            _read_key(walk)
        _read_item(walk)
        place += 1
    walk.out.append("}" if major == _MAP else "]")
    walk.depth -= 1


def _read_key(walk: Walk) -> None:
    """Reads the key of a map; JSON needs a text, so that of any other item is its own JSON."""
    before = len(walk.out)
    _read_item(walk)
    key = "".join(walk.out[before:])
    walk.out[before:] = [key if key.startswith('"') else text_of(key), ":"]
