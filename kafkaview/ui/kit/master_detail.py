"""A table and, beside it, the selected row in detail: what most pages and tabs are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from PySide6.QtWidgets import QWidget

from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.layout import Splitter, filled, inset
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.query_view import QueryView
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tables import FilterField, Source, Table
from kafkaview.ui.kit.theme import Theme

T = TypeVar("T")
_LEAST_HEIGHT = 340


class MasterDetail(Roomy, Generic[T]):
    """The table, the detail, and the selection between them. `show` is called with the selected row whenever it rests
    on another one or the rows are new. In a place a row stands as a text: `key_of` finds the key of its row (None: not
    there yet), `text_of` writes it. The table may lie `below`; the detail `stays` where it is about more than one row.
    """

    def __init__(
        self,
        theme: Theme,
        table: Table[T],
        detail: QWidget,
        show: Callable[[T | None], object],
        *,
        sizes: tuple[int, int] = (320, 320),
        key_of: Callable[[str], Hashable | None] = str,
        text_of: Callable[[T], str] = str,
        least: int = _LEAST_HEIGHT,
        below: bool = False,
        stays: bool = False,
    ) -> None:
        self.table = table
        self._detail = detail
        self._show_detail = show
        self._stays = stays
        self._key_of = key_of
        self._text_of = text_of
        self._wanted = ""  # what is to be selected once it is listed
        self.line = Text(size=15, weight=600, wrap=True)
        self._head = (filled(QWidget(), inset(self.line), surface=False), hairline())
        self.splitter = Splitter(table.accessibleName(), (detail, table) if below else (table, detail), sizes)
        super().__init__(theme, self._head, self.splitter, least)
        ground(self.inside, "surface")
        self.say("")
        table.chosen.connect(self._show)

    @cached_property
    def filter(self) -> FilterField:
        """The field that filters the table, to be placed by whoever wants one."""
        field = FilterField(self._theme)
        field.setFixedWidth(self._theme.px(200))
        field.filtered.connect(self.table.rows.set_filter)
        return field

    @property
    def text(self) -> str:
        """What is selected, as it stands in a place."""
        row = self.table.selected
        return self._text_of(row) if row is not None else ""

    def say(self, line: str) -> None:
        """Say the finding above the table."""
        self.line.setText(line)
        for part in self._head:
            part.setVisible(bool(line))

    def select(self, text: str) -> bool:
        """Select a row, now or when it comes; whether it is there now."""
        key = self._key_of(text)
        there = key is not None and self.table.choose(key)
        self._wanted = "" if there else text
        return there

    def show_rows(self, rows: Sequence[T] | Source[T], *, first: bool = True) -> None:
        """Show a new sample. Where nothing is selected yet the `first` row is, if that is the worst for certain."""
        if isinstance(rows, Sequence):
            self.table.set_rows(rows)
        else:
            self.table.set_source(rows)
        there = bool(self._wanted) and self.select(self._wanted)
        if first and not there and self.table.selected is None and self.table.rows.rows:
            self.table.choose(self.table.rows.key_at(0))
        self._show(self.table.selected)

    def _show(self, row: T | None) -> None:
        self._detail.setVisible(self._stays or row is not None)
        self._show_detail(row)


class MasterPage(Page):
    """A page that is one table with its detail; a place is the row that is selected, and the filter."""

    master: MasterDetail[Any]
    room: QueryView

    def head_actions(self) -> Sequence[QWidget]:
        """The filter."""
        return (self.master.filter,)

    def filter_focus(self) -> None:
        """Put the cursor into the filter."""
        self.master.filter.setFocus()

    def place(self) -> Place:
        """The row that is selected."""
        return Place(self.id, self.master.text, self.master.filter.text())

    def go_to(self, place: Place) -> None:
        """Select a row."""
        self.master.filter.setText(place.filter)
        if place.what:
            self.master.select(place.what)


class Tab(QWidget):
    """A part of a page under a segment. `name` stands in places (`quorum`), `title` on the segment."""

    name = ""
    title = ""
    master: MasterDetail[Any]  # a tab without one says by itself what is selected

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def refresh(self) -> None:
        """Ask for what only this tab needs: the user wants it new."""

    def place_text(self) -> str:
        """What is selected here."""
        return self.master.text

    def select(self, text: str) -> None:
        """Select it."""
        self.master.select(text)

    def filter_focus(self) -> None:
        """Put the cursor into the tab's filter."""
