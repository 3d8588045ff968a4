"""Fields of lists in the window and the command line: each is declared once, with its name in JSON and its column's
title. A field reads rows (an ACL, a broker) or, for long lists, columns: see columns.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Generic, TypeVar

from kafkaview.words import DASH, Sum, at_least, duration, iso, number, size, utc_iso

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


class FieldKind(Enum):
    """The kind of a value, which decides its format and its alignment."""

    TEXT = auto()
    NUMBER = auto()  # it names something, as a broker's id does
    COUNT = auto()  # of records, of replicas, an offset
    BYTES = auto()
    DURATION = auto()  # in milliseconds
    TIME = auto()  # in Unix milliseconds; ISO 8601 in JSON
    FLAG = auto()
    LIST = auto()


QUANTITIES: Final = (FieldKind.COUNT, FieldKind.BYTES, FieldKind.DURATION)
_PLAIN: Final = (FieldKind.TEXT, FieldKind.NUMBER, FieldKind.FLAG)  # in JSON as they are
_WORDS: Final[Mapping[FieldKind, Callable[[Any], str]]] = {
    FieldKind.TEXT: str,
    FieldKind.NUMBER: str,
    FieldKind.COUNT: number,
    FieldKind.BYTES: size,
    FieldKind.DURATION: duration,
    FieldKind.TIME: iso,
    FieldKind.FLAG: lambda flag: "yes" if flag else "no",
    FieldKind.LIST: lambda items: ", ".join(map(str, items)) or "none",
}


@dataclass(frozen=True, slots=True)
class RowField(Generic[R_contra]):
    """A field of a row. `value` returns its JSON value; None is unknown, and `unknown` says why it may be. A field
    without a title has no column, one without a width has none in the window.
    """

    name: str
    value: Callable[[R_contra], Any]
    title: str = ""
    kind: FieldKind = FieldKind.TEXT
    shown: Callable[[R_contra], Any] | None = None  # what a table shows and sorts, where that is another value
    text: Callable[[Any], str] | None = None  # how that reads, where its kind does not say it
    width: int = 0
    unknown: str = ""
    json: bool = True
    listed: bool = True  # in the command line's table

    def cell(self, row: R_contra) -> Any:
        """Returns the value in a table's cell."""
        return (self.shown or self.value)(row)

    def reads(self, value: object) -> str:
        """Returns the text of a value."""
        if value is None:
            return DASH
        if self.text is not None:
            return self.text(value)
        if isinstance(value, str):
            return value
        return _least(value, self.kind) if isinstance(value, Sum) else _WORDS[self.kind](value)

    def printed(self, row: R_contra) -> Any:
        """Returns the JSON value of a row."""
        return self.document(self.value(row))

    def document(self, value: Any) -> Any:
        """Returns the JSON of a value; a sum with an unknown part is unknown."""
        if isinstance(value, Sum):
            return value.value if value.complete else None
        if self.kind is FieldKind.TIME:
            return utc_iso(value)
        return list(value) if self.kind is FieldKind.LIST and value is not None else value


def pick(fields: Iterable[RowField[R]], *names: str) -> tuple[RowField[R], ...]:
    """Returns the fields of these names, in this order."""
    by_name = {field.name: field for field in fields}
    return tuple(by_name[name] for name in names)


def lead(fields: Sequence[RowField[R]], *names: str) -> tuple[RowField[R], ...]:
    """Returns all fields, those of these names first."""
    return (*pick(fields, *names), *(field for field in fields if field.name not in names))


def listed_fields(fields: Iterable[RowField[R]]) -> tuple[RowField[R], ...]:
    """Returns the fields that are columns of the command line's table."""
    return tuple(field for field in fields if field.title and field.listed)


def row_documents(fields: Iterable[RowField[R]], rows: Iterable[R]) -> list[dict[str, Any]]:
    """Returns rows as the JSON of the contract; there may be 100,000."""
    makers = [(one.name, one.value if one.kind in _PLAIN else one.printed) for one in fields if one.json]
    return [{name: make(row) for name, make in makers} for row in rows]


def row_document(fields: Iterable[RowField[R]], row: R) -> dict[str, Any]:
    """Returns a row as the JSON of the contract."""
    return row_documents(fields, [row])[0]


def json_text(document: object, *, indented: bool = False) -> str:
    """Returns JSON on one line, or laid out by two blanks. A byte of a name that is not UTF-8, and half of a surrogate
    pair, which UTF-8 has no bytes for, are JSON's own escapes.
    """
    import orjson

    try:
        return orjson.dumps(document, option=orjson.OPT_INDENT_2 if indented else 0).decode()
    except TypeError:
        separators = None if indented else (",", ":")
        return json.dumps(document, indent=2 if indented else None, separators=separators)


def read_json(text: str | bytes) -> Any:
    """Returns the document of a JSON text, also where `json_text` wrote such a name. Raises ValueError."""
    import orjson

    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        if "\\ud" not in (text if isinstance(text, str) else text.decode(errors="replace")).lower():
            raise
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _least(total: Sum, kind: FieldKind) -> str:
    if kind is FieldKind.COUNT or total.value is None:
        return at_least(total.value, complete=total.complete)
    words = _WORDS[kind](total.value)
    return words if total.complete else f"≥ {words}"
