"""A table beside the detail of its selected row: most pages and tabs are one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from PySide6.QtWidgets import QWidget

from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.layout import DetailSplitter, fill_widget, inset
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.query_view import QueryView
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tables import FilterField, Source, Table
from kafkaview.ui.kit.theme import Theme

T = TypeVar("T")
_LEAST_HEIGHT = 340


class MasterDetail(Roomy, Generic[T]):
    """A table, its detail, and the selection. `show` is called with the selected row when the selection rests and when
    rows are new. A place names a row by a text: `text_of` writes it, `key_of` finds the row's key (None if it is not
    there yet). The table may lie `below`; the detail `stays` if it is about more than one row.
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
        self._head = (fill_widget(QWidget(), inset(self.line), surface=False), hairline())
        self.splitter = DetailSplitter(theme, table.accessibleName(), table, detail, sizes, below=below)
        super().__init__(theme, self._head, self.splitter, least)
        ground(self.inside, "surface")
        self.say("")
        table.chosen.connect(self._show)

    @cached_property
    def filter(self) -> FilterField:
        """The field that filters the table; the page places it."""
        field = FilterField(self._theme)
        field.setFixedWidth(self._theme.px(200))
        field.filter_table(self.table)
        return field

    @property
    def text(self) -> str:
        """The selected row, as a place names it."""
        row = self.table.selected
        return self._text_of(row) if row is not None else ""

    def say(self, line: str) -> None:
        """Shows the finding above the table."""
        self.line.setText(line)
        for part in self._head:
            part.setVisible(bool(line))

    def select(self, text: str) -> bool:
        """Selects a row now or when it comes; returns whether it is there now."""
        key = self._key_of(text)
        there = key is not None and self.table.choose(key)
        self._wanted = "" if there else text
        return there

    def show_rows(self, rows: Sequence[T] | Source[T], *, first: bool = True) -> None:
        """Shows the rows of a new sample. If none is selected, selects the `first` one if it is certainly the worst."""
        if isinstance(rows, Sequence):
            self.table.set_rows(rows)
        else:
            self.table.set_source(rows)
        there = bool(self._wanted) and self.select(self._wanted)
        if first and not there and self.table.selected is None and self.table.rows.rows:
            self.table.choose_first()
        self._show(self.table.selected)

    def _show(self, row: T | None) -> None:
        self._detail.setVisible(self._stays or row is not None)
        self._show_detail(row)


class MasterPage(Page):
    """A page with one table and its detail. Its place is the selected row and the filter."""

    master: MasterDetail[Any]
    room: QueryView

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the filter."""
        return (self.master.filter,)

    def filter_focus(self) -> None:
        """Puts the cursor into the filter."""
        self.master.filter.setFocus()

    def place(self) -> Place:
        """Returns the selected row as a place."""
        return Place(self.id, self.master.text, self.master.filter.text())

    def go_to(self, place: Place) -> None:
        """Selects the row of a place."""
        self.master.filter.setText(place.filter)
        if place.what:
            self.master.select(place.what)


class Tab(QWidget):
    """A part of a page under a segment. Places contain its `name` (`quorum`); the segment shows its `title`."""

    name = ""
    title = ""
    master: MasterDetail[Any]  # a tab without one says by itself what is selected

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns parts of the tab that the window makes later, as those of a page."""
        return ()

    def refresh(self) -> None:
        """Asks again for what only this tab shows."""

    def place_text(self) -> str:
        """Returns the selected row, as a place names it."""
        return self.master.text

    def select(self, text: str) -> None:
        """Selects the row that a place names."""
        self.master.select(text)

    def filter_focus(self) -> None:
        """Puts the cursor into the tab's filter."""
