"""The source of a table's rows: a list of objects, or columns of which a row is made when it is shown. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar, cast, overload

import numpy as np
from numpy.typing import NDArray

from kafkaview.columns import CodedColumn, SumColumn, Values
from kafkaview.ui.kit.tables.column import Column
from kafkaview.ui.kit.tables.index import NumberIndex, TextIndex
from kafkaview.ui.kit.tables.query import Query

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


class Source(Protocol[T_co]):
    """Rows by place. A key names a row across samples."""

    @property
    def keys(self) -> Sequence[Hashable]:
        """The key of each row."""
        ...

    def states(self) -> Sequence[object]:
        """Returns the state of each row, as its mark shows it; empty if rows have none. A table that changes under the
        eye is put in order again when one of them changes, not with every figure.
        """
        ...

    def __len__(self) -> int:
        """Returns the number of rows."""
        ...

    def __getitem__(self, place: int) -> T_co:
        """Returns the row at a place."""
        ...

    def find_matches(self, query: Query) -> Flags:
        """Returns which rows fit a filter."""
        ...

    def sort(self, places: Places, column: int, *, turned: bool) -> Places:
        """Returns places in the order of a column; equal ones keep their order, unknown values always come last."""
        ...


class ListSource(Generic[T]):
    """Rows that exist as objects."""

    def __init__(self, rows: Sequence[T], key: Callable[[T], Hashable], columns: Sequence[Column[T]]) -> None:
        self.rows = tuple(rows)
        self.keys: Sequence[Hashable] = [key(row) for row in self.rows]
        self._columns = columns
        self._texts: list[str] | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> T:
        return self.rows[place]

    def states(self) -> Sequence[object]:
        """Returns the mark of each row."""
        mark = next((column.mark for column in self._columns if column.mark is not None), None)
        return [mark(row) for row in self.rows] if mark is not None else ()

    def find_matches(self, query: Query) -> Flags:
        """Returns which rows fit a filter. The text of all rows is kept, for typing filters again with every letter."""
        if self._texts is None and (query.words or query.excluded):
            self._texts = [self._text(row) for row in self.rows]
        texts = self._texts or [""] * len(self.rows)
        fits = (query.fits(text, self._figures(row, query)) for row, text in zip(self.rows, texts, strict=True))
        return np.fromiter(fits, np.bool_, len(self.rows))

    def sort(self, places: Places, column: int, *, turned: bool) -> Places:
        """Returns places in the order of the column's values."""
        values = [_sortable(one) for one in map(self._columns[column].value, self.rows)]
        order = places.tolist()  # plain numbers: a list is asked by those of numpy more slowly
        known = [place for place in order if values[place] is not None]
        unknown = [place for place in order if values[place] is None]
        known.sort(key=values.__getitem__, reverse=turned)
        return np.array(known + unknown, np.intp)

    def keep_texts(self, before: ListSource[T]) -> None:
        """Takes the text of every row that was there before: where rows come four times a second, a filter costs only
        the new ones.
        """
        if before._texts is not None:
            known = {id(row): text for row, text in zip(before.rows, before._texts, strict=True)}
            self._texts = [known.get(id(row)) or self._text(row) for row in self.rows]

    def _text(self, row: T) -> str:
        return " ".join(column.reads(row) for column in self._columns).lower()

    def _figures(self, row: T, query: Query) -> dict[str, object]:
        return {column.name: column.value(row) for column in self._columns} if query.comparisons else {}


class ColumnSource(Generic[T]):
    """Rows that are columns; `row` makes the row at a place. `values` returns the column of a title for sorting,
    searching and comparing; a number below 0 is unknown. `states` are the codes of the rows' marks.
    """

    def __init__(
        self,
        keys: Sequence[Hashable],
        row: Callable[[int], T],
        values: Mapping[str, Values],
        states: NDArray[np.int8] | None = None,
    ) -> None:
        self.keys = keys
        self._states = b"" if states is None else states.tobytes()
        self._make = row
        self._values = {title: one.sums if isinstance(one, SumColumn) else one for title, one in values.items()}
        self._titles: tuple[str, ...] = ()
        self.indexes: dict[str, TextIndex | NumberIndex] = {}

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, place: int) -> T:
        if not -len(self.keys) <= place < len(self.keys):
            raise IndexError(place)
        return self._make(int(place))

    def states(self) -> Sequence[object]:
        """Returns the code of each row's mark."""
        return self._states

    def values(self, title: str) -> Values:
        """Returns the column of this title."""
        return self._values[title]

    def adopt(self, columns: Sequence[Column[T]], before: object) -> None:
        """Takes over the table's columns, and keeps the indexes of the earlier source whose values are the same."""
        self._titles = tuple(column.title for column in columns)
        if isinstance(before, ColumnSource):
            for title, index in before.indexes.items():
                if index.of is self._values.get(title):
                    self.indexes[title] = index

    def prepare(self) -> None:
        """Builds the indexes of words, so that the first letter of a filter does not wait for them."""
        for title, values in self._values.items():
            if title and not isinstance(values, CodedColumn):
                self._index(title, values).prepare()

    def find_matches(self, query: Query) -> Flags:
        """Returns which rows fit a filter: words are searched in every column, numbers compared in theirs."""
        fits = np.ones(len(self), np.bool_)
        for name, sign, figure in query.comparisons:
            fits &= self._compare(name, sign, figure)
        for word in query.words:
            fits &= self._find_word(word)
        for word in query.excluded:
            fits &= ~self._find_word(word)
        return fits

    def sort(self, places: Places, column: int, *, turned: bool) -> Places:
        """Returns places in the order of the column's numbers, or of its words in the alphabet."""
        ranks = self._ranks(self._titles[column])[places]
        highest = int(ranks.max(initial=-1))
        wanted = np.where(ranks < 0, highest + 1, highest - ranks if turned else ranks)
        return places[_order(wanted, highest + 2)]

    def _find_word(self, word: str) -> Flags:
        found = np.zeros(len(self), np.bool_)
        for title in self._titles:
            values = self._values.get(title)
            if isinstance(values, CodedColumn):
                codes = [code for code, text in enumerate(values.words) if word in text.lower()]
                found |= np.isin(values.codes, codes) if codes else False
            elif title and values is not None:
                found |= self._index(title, values).find_word(word)
        return found

    def _compare(self, name: str, sign: str, figure: float) -> Flags:
        title = next((title for title in self._titles if "_".join(title.lower().split()) == name), None)
        values = self._values.get(title) if title is not None else None
        if not isinstance(values, np.ndarray):
            return np.zeros(len(self), np.bool_)
        compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "=": np.equal}[sign]
        fits: Flags = (values >= 0) & compare(values, figure)
        return fits

    def _ranks(self, title: str) -> NDArray[Any]:
        values = self._values[title]
        if isinstance(values, CodedColumn):
            order = sorted(range(len(values.words)), key=lambda code: values.words[code].casefold())
            ranks = np.empty(len(order), np.int64)
            ranks[order] = np.arange(len(order))
            ranks[[code for code, word in enumerate(values.words) if not word]] = -1
            return cast("NDArray[Any]", np.append(ranks, -1)[values.codes])
        if isinstance(values, np.ndarray):
            return values.astype(np.int64, copy=False)
        index = self._index(title, values)
        assert isinstance(index, TextIndex)
        return index.ranks

    def _index(self, title: str, values: Sequence[str] | NDArray[Any]) -> TextIndex | NumberIndex:
        if title not in self.indexes:
            numbers = isinstance(values, np.ndarray)
            self.indexes[title] = NumberIndex(values) if numbers else TextIndex(values)  # type: ignore[arg-type]
        return self.indexes[title]


class SourceRows(Sequence[T]):
    """The rows at some places of a source; each is made when it is needed."""

    def __init__(self, source: Source[T], places: Places) -> None:
        self._source = source
        self.places = places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, at: int) -> T: ...

    @overload
    def __getitem__(self, at: slice) -> SourceRows[T]: ...

    def __getitem__(self, at: int | slice) -> T | SourceRows[T]:
        if isinstance(at, slice):
            return SourceRows(self._source, self.places[at])
        return self._source[int(self.places[at])]


def _sortable(value: object) -> Any:
    return value.casefold() if isinstance(value, str) else value


def _order(ranks: NDArray[np.int64], span: int) -> Places:
    """Returns the places of ranks below `span` in their order; equal ranks keep theirs. numpy sorts five times as fast
    without that guarantee, so the place is made part of each sorted number if there is room for it.
    """
    if span * len(ranks) > np.iinfo(np.int64).max:
        return np.argsort(ranks, kind="stable")
    return np.argsort(ranks * len(ranks) + np.arange(len(ranks)))
