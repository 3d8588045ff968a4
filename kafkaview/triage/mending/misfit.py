"""What keeps a value from being encoded by a schema."""

from __future__ import annotations

import re
import struct
from datetime import UTC, datetime
from typing import Final

from kafkaview.decode.walk import float_text
from kafkaview.triage.mending.exact_json import number_text, says

_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?")
_INFINITE: Final = {"NaN": "nan", "Infinity": "inf", "-Infinity": "-inf"}  # as the decoders write them
_KINDS: Final = {str: "text", bool: "a boolean", int: "a whole number", float: "a number with a fraction",
                 bytes: "a number", dict: "an object", list: "an array", type(None): "null"}  # fmt: skip
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Misfit(ValueError):
    """A value is not of the schema. `words` follow the path to it."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words
        self.path: list[str] = []

    def __str__(self) -> str:
        """Returns the path and what is wrong there: `lines[0].price is text where a long belongs`."""
        path = "".join(reversed(self.path)).removeprefix(".")
        return f"{path or 'it'} {self.words}"


def below(step: str, misfit: Misfit) -> Misfit:
    """Returns a misfit with one more step of the path to it, the outermost last."""
    misfit.path.append(step)
    return misfit


def kind_of(value: object) -> str:
    """Returns what a value of a JSON document is, in words."""
    return _KINDS[type(value)]


def wrong_kind(value: object, wanted: str) -> Misfit:
    """Returns the misfit of a value of another kind than belongs there."""
    return Misfit(f"is {kind_of(value)} where {wanted} belongs")


def whole_number(value: object, what: str, least: int, most: int) -> int:
    """Returns a whole number within bounds. Raises Misfit."""
    digits = number_text(value)
    if digits is not None and digits.lstrip("-").isdigit() and len(digits) <= 21:
        value = int(digits)  # an unsigned one of 64 bits
    if type(value) is not int:
        raise wrong_kind(value, what)
    if not least <= value <= most:
        raise Misfit(f"is {value:,}, which {what} cannot hold")
    return value


def floating_number(value: object, size: str, what: str) -> float:
    """Returns a number of 32 (`f`) or 64 (`d`) bits that is written with the digits of the value. Raises Misfit."""
    if isinstance(value, str) and value in _INFINITE:
        return float(_INFINITE[value])
    digits = decimal_digits(value)
    if digits is None:
        raise wrong_kind(value, what)
    try:
        number = struct.unpack(f"<{size}", struct.pack(f"<{size}", float(digits)))[0]
    except OverflowError:
        raise Misfit(f"is {digits}, which {what} cannot hold") from None
    if not says(float_text(number, size).strip('"'), digits):
        raise Misfit(f"is {digits}, which {what} cannot hold exactly")
    return float(number)


def decimal_digits(value: object) -> str | None:
    """Returns the digits of a number of a JSON document; None of any other value."""
    if type(value) is int or type(value) is float:
        return repr(value)
    return number_text(value)


def moment_number(text: str, per_second: int, *, zoned: bool) -> int:
    """Returns a time as a number since 1970. Raises Misfit."""
    found = _MOMENT.fullmatch(text)
    what = (
        "a time with its zone, as 2026-11-30T12:00:00Z," if zoned else "a time without a zone, as 2026-11-30T12:00:00,"
    )
    if found is None or bool(found[4]) is not zoned:
        raise Misfit(f'is "{text}" where {what} belongs')
    try:
        moment = datetime.fromisoformat(f"{found[1]}T{found[2]}{(found[4] or 'Z').upper().replace('Z', '+00:00')}")
    except ValueError as error:
        raise Misfit(f'is "{text}": {error}') from None
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * per_second + fraction_number(found[3] or "", per_second)


def fraction_number(digits: str, per_second: int) -> int:
    """Returns the digits behind the point of a second as a number of its parts. Raises Misfit."""
    places = len(str(per_second)) - 1
    if digits[places:].strip("0"):
        raise Misfit(f"has a fraction of a second of more than {places} digits")
    return int(digits[:places].ljust(places, "0") or "0")
