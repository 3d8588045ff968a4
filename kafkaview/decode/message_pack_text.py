"""The text of a MessagePack object as JSON, in the order of its bytes: a name that occurs twice is shown twice, and a
number of 32 bits has no more digits than it needs.
"""

from __future__ import annotations

import base64
import struct
from typing import Final

from kafkaview.decode.times import timestamp_text
from kafkaview.decode.walk import Walk, float_text, text_of

_NUMBERS: Final = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i",
    0xD3: ">q",
}  # fmt: skip
_WORDS: Final = {0xC0: "null", 0xC2: "false", 0xC3: "true"}
_BYTES, _TEXT, _EXTENSION, _ARRAY, _MAP = range(5)
_SIZED: Final = {  # kind of what follows, and the bytes of its length
    0xC4: (_BYTES, 1), 0xC5: (_BYTES, 2), 0xC6: (_BYTES, 4), 0xC7: (_EXTENSION, 1), 0xC8: (_EXTENSION, 2),
    0xC9: (_EXTENSION, 4), 0xD9: (_TEXT, 1), 0xDA: (_TEXT, 2), 0xDB: (_TEXT, 4), 0xDC: (_ARRAY, 2), 0xDD: (_ARRAY, 4),
    0xDE: (_MAP, 2), 0xDF: (_MAP, 4),
}  # fmt: skip
_FIXED_EXTENSIONS: Final = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}
_TIMESTAMP: Final = -1
_NANO: Final = 1_000_000_000


def read_object(walk: Walk) -> None:
    """Reads the next object. Raises Fault."""
    first = walk.take(1, "an object")[0]
    if first < 0x80 or first >= 0xE0:
        walk.out.append(str(first if first < 0x80 else first - 0x100))
    elif first in _WORDS:
        walk.out.append(_WORDS[first])
    elif first in _NUMBERS:
        packed = _NUMBERS[first]
        number = struct.unpack(packed, walk.take(struct.calcsize(packed), "a number"))[0]
        walk.out.append(float_text(number, packed[1]) if isinstance(number, float) else str(number))
    elif first in _FIXED_EXTENSIONS:
        _read_sized(walk, _EXTENSION, _FIXED_EXTENSIONS[first])
    elif first in _SIZED:
        kind, size = _SIZED[first]
        _read_sized(walk, kind, int.from_bytes(walk.take(size, "a length"), "big"))
    else:
        kind = _MAP if first < 0x90 else _ARRAY if first < 0xA0 else _TEXT
        _read_sized(walk, kind, first & (31 if kind == _TEXT else 15))


def _read_sized(walk: Walk, kind: int, size: int) -> None:
    if kind in (_ARRAY, _MAP):
        _read_container(walk, kind, size)
    elif kind == _EXTENSION:
        _read_extension(walk, size)
    else:
        data = walk.take(size, "a string")
        walk.out.append(text_of(data.decode() if kind == _TEXT else base64.b64encode(data).decode()))


def _read_container(walk: Walk, kind: int, count: int) -> None:
    walk.enter()
    walk.out.append("{" if kind == _MAP else "[")
    for place in range(count):
        walk.step()
        if place:
            walk.out.append(",")
        if kind == _MAP:
            before = len(walk.out)
            read_object(walk)
            key = "".join(walk.out[before:])
            walk.out[before:] = [key if key.startswith('"') else text_of(key), ":"]
        read_object(walk)
    walk.out.append("}" if kind == _MAP else "]")
    walk.depth -= 1


def _read_extension(walk: Walk, size: int) -> None:
    code = struct.unpack(">b", walk.take(1, "an extension"))[0]
    data = walk.take(size, "an extension")
    shown = _time(data) if code == _TIMESTAMP else None
    walk.out.append(shown or f'{{"extension {code}":"{base64.b64encode(data).decode()}"}}')


def _time(data: bytes) -> str | None:
    """Returns a time of one of the three sizes that MessagePack has; None for another."""
    if len(data) == 4:
        seconds, nanos = int.from_bytes(data, "big"), 0
    elif len(data) == 8:
        both = int.from_bytes(data, "big")
        seconds, nanos = both & (1 << 34) - 1, both >> 34
    elif len(data) == 12:
        nanos, seconds = struct.unpack(">Iq", data)
    else:
        return None
    return timestamp_text(seconds * _NANO + nanos, _NANO, "Z") if nanos < _NANO else None
