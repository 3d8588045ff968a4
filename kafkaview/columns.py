"""Columns: the values of many rows, so that a cell is made only when it is shown. Unknown is -1 in every array of
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kafkaview.fields import RowField, listed_fields
from kafkaview.words import Sum

C = TypeVar("C")


@dataclass(frozen=True, slots=True, eq=False)
class CodedColumn:
    """A column of few different words: a code for each row, -1 if unknown, and the word of each code. An empty word
    reads as unknown.
    """

    codes: NDArray[Any]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class SumColumn:
    """A column of sums: each covers its known parts (-1 if no part is known), with a flag that they are complete."""

    sums: NDArray[Any]
    complete: NDArray[Any]


Values = Sequence[str] | NDArray[Any] | CodedColumn | SumColumn


def cell(values: Values, place: int) -> Any:
    """Returns the value at one place of a column."""
    if isinstance(values, CodedColumn):
        code = values.codes[place]
        return values.words[code] or None if code >= 0 else None
    if isinstance(values, SumColumn):
        return Sum.of(values.sums[place], complete=values.complete[place])
    if not isinstance(values, np.ndarray):
        return values[place]
    value = values[place].item()
    return value if values.dtype == bool or value >= 0 else None


@dataclass(frozen=True, slots=True)
class Cells:
    """One row of columns: a cell is read by its column's title, when it is used."""

    columns: Mapping[str, Values]
    place: int

    def __getitem__(self, title: str) -> Any:
        """Returns the value of one cell."""
        return cell(self.columns[title], self.place)


def titled_columns(fields: Iterable[RowField[C]], columns: C) -> dict[str, Values]:
    """Returns the columns that have a title, by title."""
    return {field.title: field.cell(columns) for field in fields if field.title}


def column_documents(fields: Iterable[RowField[C]], columns: C) -> list[dict[str, Any]]:
    """Returns each row as the JSON of the contract."""
    printed = [field for field in fields if field.json]
    make = _rows_maker(tuple(field.name for field in printed))
    return make(zip(*(_list_values(field.value(columns)) for field in printed), strict=True))


@lru_cache
def _rows_maker(names: tuple[str, ...]) -> Callable[[Iterable[tuple[Any, ...]]], list[dict[str, Any]]]:
    """Returns `lambda rows: [{"topic": v0, "partition": v1, ...} for (v0, v1, ...,) in rows]`. Such a literal takes
    half the time of dict(zip()), and there may be 200,000 rows.
    """
    values = [f"v{place}" for place in range(len(names))]
    pairs = ", ".join(f"{name!r}: {value}" for name, value in zip(names, values, strict=True))
    code = f"lambda rows: [{{{pairs}}} for ({', '.join(values)},) in rows]"
    maker: Callable[[Iterable[tuple[Any, ...]]], list[dict[str, Any]]] = eval(code)  # noqa: S307 - of declared names
    return maker


def column_rows(fields: Iterable[RowField[C]], columns: C) -> Iterator[list[Any]]:
    """Returns the rows of the command line's table."""
    shown = [field.cell(columns) for field in listed_fields(fields)]
    count = len(shown[0])
    return ([cell(values, place) for values in shown] for place in range(count))


def _list_values(values: Values) -> Sequence[Any]:
    """Returns the values of a column, None where they are unknown."""
    if isinstance(values, CodedColumn):
        words = [*values.words, None]  # the last one is that of -1
        return [words[code] for code in values.codes.tolist()]
    if isinstance(values, SumColumn):
        values = np.where(values.complete, values.sums, -1)
    if not isinstance(values, np.ndarray):
        return values
    numbers: list[Any] = values.tolist()
    if len(values) and values.dtype != np.bool_ and values.min() < 0:
        return [None if one < 0 else one for one in numbers]
    return numbers
