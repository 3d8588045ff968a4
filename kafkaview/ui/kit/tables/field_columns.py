"""Columns of declared fields: the field says what a column holds, a `Look` how the window paints it. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypedDict, TypeVar, cast

from kafkaview.columns import Cells
from kafkaview.fields import QUANTITIES, FieldKind, RowField
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables.column import Align, Column
from kafkaview.words import Sum, iso, minute

R = TypeVar("R")
T = TypeVar("T")


class Look(TypedDict, Generic[T], total=False):
    """What a page adds to a declared field, under the names that `Column` has for it."""

    title: str
    value: Callable[[T], object]
    text: Callable[[T], str]
    align: Align
    width: int
    stretch: bool
    mono: bool
    strong: bool
    elide_middle: bool
    whole: bool
    mark: Callable[[T], Mark | None]
    italic: Callable[[T], bool]
    tone: Callable[[T], str | None]
    tip: Callable[[T], str]
    unknown: Callable[[T], str]


class CellsRow(Protocol):
    """A row whose cells are read from columns."""

    @property
    def cells(self) -> Cells:
        """The cells of the row by the titles of the columns."""
        ...


S = TypeVar("S", bound=CellsRow)


def row_columns(
    fields: Sequence[RowField[R]], looks: Mapping[str, Look[T]], of: Callable[[T], R] | None = None
) -> tuple[Column[T], ...]:
    """Returns a column for each field that the window shows; `of` takes from a row the object that fields read."""
    take = of or cast("Callable[[T], R]", _itself)
    return tuple(_row_column(field, take, looks.get(field.name, {})) for field in fields if field.width)


def cell_columns(fields: Sequence[RowField[R]], looks: Mapping[str, Look[S]]) -> tuple[Column[S], ...]:
    """Returns a column for each field that the window shows, where rows are made of columns."""
    return tuple(_cell_column(field, looks.get(field.name, {})) for field in fields if field.width)


def _row_column(field: RowField[R], of: Callable[[T], R], look: Look[T]) -> Column[T]:
    def value(row: T) -> Any:
        return field.cell(of(row))

    return _column(field, look, value, value, lambda row: field.document(field.value(of(row))))


def _cell_column(field: RowField[R], look: Look[S]) -> Column[S]:
    def cell(row: S) -> Any:
        return row.cells[field.title]

    def value(row: S) -> Any:
        found = cell(row)
        return found.value if isinstance(found, Sum) else found

    return _column(field, look, cell, value, lambda row: field.document(cell(row)))


def _column(
    field: RowField[Any],
    look: Look[T],
    cell: Callable[[T], Any],
    value: Callable[[T], Any],
    document: Callable[[T], object],
) -> Column[T]:
    """Returns the column of a field. The look wins over the declaration."""
    time = field.kind is FieldKind.TIME
    shown: Callable[[T], Any] = look.get("value", cell)
    declared: dict[str, Any] = {
        "title": field.title,
        "value": value,
        "text": (lambda row: minute(shown(row))) if time else (lambda row: field.reads(shown(row))),
        "align": Align.RIGHT if time or field.kind in QUANTITIES else Align.LEFT,
        "width": field.width,
        "whole": field.kind is FieldKind.NUMBER,
        "elide_middle": field.name == "topic_partition",  # its end is the partition's number
        "tip": (lambda row: iso(shown(row))) if time else None,
        "unknown": (lambda _row: field.unknown) if field.unknown else None,
        "field": field.name,
        "document": document,
    }
    return Column(**{**declared, **look})


def _itself(row: T) -> T:
    return row
