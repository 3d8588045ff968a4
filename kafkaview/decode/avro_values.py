"""Avro's primitive and logical types, each appended to a walk as JSON text that loses nothing of them."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from functools import partial
from typing import Any, Final

from kafkaview.decode.times import DAY_S, FIRST_DAY, LAST_DAY, timestamp_text
from kafkaview.decode.walk import Fault, Walk, float_text, left_over, read_number, text_of

Read = Callable[[Walk], None]

_MOST_NUMBER_BYTES: Final = 10  # of 64 bits in groups of 7
_MOST_DIGITS: Final = 4_000  # Python refuses to write longer numbers


def read_long(walk: Walk, what: str) -> int:
    """Returns the next number, of up to 64 bits."""
    start = walk.at
    number = read_number(walk, what, _MOST_NUMBER_BYTES)
    if number >> 64:
        raise Fault(start, f"{what} has more than 64 bits", walk.at - start)
    return (number >> 1) ^ -(number & 1)


def read_int(walk: Walk, what: str) -> int:
    """Returns the next number, of up to 32 bits."""
    start = walk.at
    number = read_long(walk, what)
    if not -(1 << 31) <= number < 1 << 31:
        raise Fault(start, f"{what} is {number:,}, which has more than 32 bits", walk.at - start)
    return number


def read_length(walk: Walk, what: str) -> int:
    """Returns the length of what follows, in bytes, which are there."""
    start = walk.at
    length = read_long(walk, f"the length of {what}")
    if length < 0:
        raise Fault(start, f"{what} has a length of {length:,}", walk.at - start)
    if length > walk.end - walk.at:
        raise Fault(start, f"{what} has a length of {length:,}, {left_over(walk.end - walk.at)}", walk.at - start)
    return length


def read_index(walk: Walk, count: int, of: str) -> int:
    """Returns the next number as an index of a list of the schema."""
    start = walk.at
    index = read_long(walk, f"an index of the {of}")
    if not 0 <= index < count:
        raise Fault(start, f"index {index:,} where the {of} are {count:,}", walk.at - start)
    return index


def find_logical(schema: Mapping[str, Any]) -> Read | None:
    """Returns the reader of a logical type. None if it is unknown: the value is then read by its plain type."""
    kind, logical = schema["type"], schema.get("logicalType")
    if logical == "decimal" and kind in ("bytes", "fixed"):
        scale, size = schema.get("scale") or 0, schema.get("size")
        if isinstance(scale, int) and scale >= 0:
            return partial(_decimal, scale, size if kind == "fixed" else None)
        return None
    if logical == "uuid" and kind == "fixed" and schema.get("size") == 16:
        return lambda walk: walk.out.append(f'"{uuid.UUID(bytes=walk.take(16, "a uuid"))}"')
    if logical == "duration" and kind == "fixed" and schema.get("size") == 12:
        return _duration
    if isinstance(kind, str) and isinstance(logical, str):
        return _LOGICAL.get((kind, logical))
    return None


def _null(walk: Walk) -> None:
    walk.out.append("null")


def _boolean(walk: Walk) -> None:
    start = walk.at
    byte = walk.take(1, "a boolean")[0]
    if byte > 1:
        raise Fault(start, f"{byte:02X} where a boolean is 00 or 01", lenient=True)
    walk.out.append("true" if byte else "false")


def _int(walk: Walk) -> None:
    walk.out.append(str(read_int(walk, "an int")))


def _long(walk: Walk) -> None:
    walk.out.append(str(read_long(walk, "a long")))


def _float(walk: Walk) -> None:
    walk.out.append(float_text(struct.unpack("<f", walk.take(4, "a float"))[0], "f"))


def _double(walk: Walk) -> None:
    walk.out.append(float_text(struct.unpack("<d", walk.take(8, "a double"))[0], "d"))


def _bytes(walk: Walk) -> None:
    size = read_length(walk, "bytes")
    walk.out.append(text_of(walk.take(size, "bytes").decode("latin-1")))


def _string(walk: Walk) -> None:
    size = read_length(walk, "a string")
    start = walk.at
    try:
        walk.out.append(text_of(walk.take(size, "a string").decode()))
    except UnicodeDecodeError as error:
        raise Fault(
            start + error.start, "it is in a string and not UTF-8", error.end - error.start, lenient=True
        ) from None


PRIMITIVES: Final[Mapping[str, Read]] = {
    "null": _null,
    "boolean": _boolean,
    "int": _int,
    "long": _long,
    "float": _float,
    "double": _double,
    "bytes": _bytes,
    "string": _string,
}


def decimal_text(unscaled: int, scale: int) -> str:
    """Returns a decimal with all its digits."""
    if unscaled.bit_length() > 3 * _MOST_DIGITS or scale > _MOST_DIGITS:
        return f"{unscaled:#x}E-{scale}"
    digits = f"{abs(unscaled):0{scale + 1}d}"
    whole, part = digits[: len(digits) - scale], digits[len(digits) - scale :]
    return f"{'-' if unscaled < 0 else ''}{whole}{'.' if part else ''}{part}"


def _decimal(scale: int, size: int | None, walk: Walk) -> None:
    length = read_length(walk, "a decimal") if size is None else size
    unscaled = int.from_bytes(walk.take(length, "a decimal"), "big", signed=True)
    walk.out.append(f'"{decimal_text(unscaled, scale)}"')


def _duration(walk: Walk) -> None:
    months, days, millis = struct.unpack("<III", walk.take(12, "a duration"))
    walk.out.append(f'{{"months":{months},"days":{days},"milliseconds":{millis}}}')


def _date(walk: Walk) -> None:
    days = read_int(walk, "a date")
    known = FIRST_DAY <= days <= LAST_DAY
    walk.out.append(f'"{date(1970, 1, 1) + timedelta(days)}"' if known else str(days))


def _time(per_second: int, read: Callable[[Walk, str], int], walk: Walk) -> None:
    number = read(walk, "a time")
    seconds, part = divmod(number, per_second)
    if not 0 <= seconds < DAY_S:
        walk.out.append(str(number))
        return
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    walk.out.append(f'"{clock}.{part:0{len(str(per_second)) - 1}d}"')


def _timestamp(per_second: int, zone: str, walk: Walk) -> None:
    walk.out.append(timestamp_text(read_long(walk, "a timestamp"), per_second, zone))


_LOGICAL: Final[Mapping[tuple[str, str], Read]] = {
    ("int", "date"): _date,
    ("int", "time-millis"): partial(_time, 1_000, read_int),
    ("long", "time-micros"): partial(_time, 1_000_000, read_long),
    ("long", "timestamp-millis"): partial(_timestamp, 1_000, "Z"),
    ("long", "timestamp-micros"): partial(_timestamp, 1_000_000, "Z"),
    ("long", "timestamp-nanos"): partial(_timestamp, 1_000_000_000, "Z"),
    ("long", "local-timestamp-millis"): partial(_timestamp, 1_000, ""),
    ("long", "local-timestamp-micros"): partial(_timestamp, 1_000_000, ""),
    ("long", "local-timestamp-nanos"): partial(_timestamp, 1_000_000_000, ""),
}
