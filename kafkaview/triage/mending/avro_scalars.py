"""Avro's primitive and logical types: what the decoder shows of them, turned back into what is written."""

from __future__ import annotations

import re
import struct
import uuid
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any, Final

from kafkaview.triage.mending.misfit import (
    Misfit,
    decimal_digits,
    floating_number,
    fraction_number,
    moment_number,
    whole_number,
    wrong_kind,
)

Convert = Callable[[Any], Any]
_DECIMAL: Final = re.compile(r"(-?)(\d{1,1000})(?:\.(\d{1,1000}))?(?:[eE]([+-]?\d{1,3}))?")
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d+))?")
_FIRST_DAY: Final = date(1970, 1, 1).toordinal()


def _null(value: Any) -> None:
    if value is not None:
        raise wrong_kind(value, "null")


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong_kind(value, "a boolean")
    return value


def convert_string(value: Any) -> str:
    """Returns a text that UTF-8 holds. Raises Misfit."""
    if not isinstance(value, str):
        raise wrong_kind(value, "a string")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Misfit("has half of a surrogate pair, which UTF-8 cannot hold") from None
    return value


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str):
        raise wrong_kind(value, "bytes, written as text of the characters 0 to 255,")
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        raise Misfit("has a character beyond 255, which stands for no byte") from None


def convert_fixed(name: str, size: int, value: Any) -> bytes:
    """Returns the bytes of a fixed type. Raises Misfit."""
    data = _bytes(value)
    if len(data) != size:
        raise Misfit(f"has {len(data):,} bytes where {name} has {size:,}")
    return data


_int: Final = partial(whole_number, what="an int", least=-(1 << 31), most=(1 << 31) - 1)
_long: Final = partial(whole_number, what="a long", least=-(1 << 63), most=(1 << 63) - 1)
SCALARS: Final[Mapping[str, Convert]] = {
    "null": _null,
    "boolean": _boolean,
    "int": _int,
    "long": _long,
    "float": partial(floating_number, size="f", what="a float"),
    "double": partial(floating_number, size="d", what="a double"),
    "bytes": _bytes,
    "string": convert_string,
}


def find_logical(schema: Mapping[str, Any]) -> Convert | None:
    """Returns the conversion of a logical type that the decoder shows as text; None of any other."""
    kind, logical = schema["type"], schema.get("logicalType")
    size = schema.get("size") if kind == "fixed" else None
    if logical == "decimal" and kind in ("bytes", "fixed"):
        scale = schema.get("scale") or 0
        return (
            partial(_decimal, scale, schema.get("precision"), size) if isinstance(scale, int) and scale >= 0 else None
        )
    if logical == "uuid" and size == 16:
        return _uuid
    if logical == "duration" and size == 12:
        return _duration
    return _TIMES.get((kind, logical)) if isinstance(kind, str) and isinstance(logical, str) else None


def _decimal(scale: int, precision: int | None, size: int | None, value: Any) -> bytes:
    found = _DECIMAL.fullmatch(value if isinstance(value, str) else decimal_digits(value) or "")
    if found is None:
        raise wrong_kind(value, "a decimal number")
    behind = (found[3] or "").rstrip("0")
    power = scale - len(behind) + int(found[4] or "0")
    unscaled: int = int(found[2] + behind)
    if power < 0:
        unscaled, rest = divmod(unscaled, 10**-power)
        if rest:
            raise Misfit(f"has more than the {scale} digits behind the point that its type has")
    else:
        unscaled *= 10**power
    if precision is not None and len(str(unscaled)) > precision:
        raise Misfit(f"has more than the {precision} digits that its type has")
    unscaled = -unscaled if found[1] else unscaled
    least = (unscaled if unscaled >= 0 else ~unscaled).bit_length() // 8 + 1
    if size is not None and least > size:
        raise Misfit(f"takes {least:,} bytes where its type has {size:,}")
    written: bytes = unscaled.to_bytes(size or least, "big", signed=True)
    return written


def _uuid(value: Any) -> bytes:
    try:
        return uuid.UUID(value).bytes
    except (ValueError, AttributeError, TypeError):
        raise wrong_kind(value, "the text of a UUID") from None


def _duration(value: Any) -> bytes:
    parts = ("months", "days", "milliseconds")
    if not isinstance(value, dict) or value.keys() != set(parts):
        raise wrong_kind(value, "an object of months, days and milliseconds")
    numbers = [whole_number(value[part], "a part of a duration", 0, (1 << 32) - 1) for part in parts]
    return struct.pack("<III", *numbers)


def _date(value: Any) -> int:
    if not isinstance(value, str):
        return _int(value)
    try:
        return date.fromisoformat(value).toordinal() - _FIRST_DAY
    except ValueError:
        raise Misfit(f'is "{value}" where a date, as 2026-11-30, belongs') from None


def _time(per_second: int, number: Convert, value: Any) -> int:
    if not isinstance(value, str):
        whole: int = number(value)
        return whole
    found = _CLOCK.fullmatch(value)
    if found is None:
        raise Misfit(f'is "{value}" where a time of day, as 12:00:00, belongs')
    seconds = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])
    return seconds * per_second + fraction_number(found[4] or "", per_second)


def _moment(per_second: int, zoned: bool, value: Any) -> int:  # noqa: FBT001 - bound by partial
    return moment_number(value, per_second, zoned=zoned) if isinstance(value, str) else _long(value)


_TIMES: Final[Mapping[tuple[str, str], Convert]] = {
    ("int", "date"): _date,
    ("int", "time-millis"): partial(_time, 1_000, _int),
    ("long", "time-micros"): partial(_time, 1_000_000, _long),
    ("long", "timestamp-millis"): partial(_moment, 1_000, True),
    ("long", "timestamp-micros"): partial(_moment, 1_000_000, True),
    ("long", "timestamp-nanos"): partial(_moment, 1_000_000_000, True),
    ("long", "local-timestamp-millis"): partial(_moment, 1_000, False),
    ("long", "local-timestamp-micros"): partial(_moment, 1_000_000, False),
    ("long", "local-timestamp-nanos"): partial(_moment, 1_000_000_000, False),
}
