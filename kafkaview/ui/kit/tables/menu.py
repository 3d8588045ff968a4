"""The menus of a table: what can be copied of a row, the row's links, and which columns are shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHeaderView, QMenu, QWidget

from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.controls import escape_button, escape_tip
from kafkaview.ui.kit.tables.copying import FORMATS, as_tsv
from kafkaview.words import plural

if TYPE_CHECKING:
    from kafkaview.ui.kit.tables.table import Table

T_contra = TypeVar("T_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class RowMenu(Generic[T_contra]):
    """What the menu of a row has beside its cells: the `kafkaview` line that shows the row, and its links."""

    command: Callable[[T_contra], str] | None = None
    links: Callable[[T_contra], Sequence[RowLink]] | None = None


def row_menu(table: Table[Any], index: QModelIndex) -> QMenu:
    """Returns the menu of the row at a cell; it copies all selected rows, or all rows if none is selected."""
    menu = _menu(table)
    model, about = table.rows, table.menu
    if index.isValid():
        row, column = model.row_at(index.row()), model.columns[index.column()]
        _add_links(menu, about.links(row) if about.links is not None else ())
        menu.addSeparator()
        _copy(menu, "Copy cell", partial(column.copies, row))
        _copy(menu, "Copy row", partial(as_tsv, model.columns, [row]))
        if about.command is not None:
            _copy(menu, "Copy as kafkaview line", partial(about.command, row))
        menu.addSeparator()
    rows = table.selection or model.rows
    for name, write in FORMATS.items():
        _copy(menu, f"Copy {plural(len(rows), 'row')} as {name}", partial(write, model.columns, rows))
    return menu


def link_menu(parent: QWidget, links: Sequence[RowLink]) -> QMenu:
    """Returns a menu of a row's links alone, for a button."""
    menu = _menu(parent)
    _add_links(menu, links)
    return menu


def column_menu(head: QHeaderView) -> QMenu:
    """Returns the menu that shows and hides columns; the last visible column cannot be hidden."""
    menu, model = _menu(head), head.model()
    shown = [at for at in range(head.count()) if not head.isSectionHidden(at)]
    for at in range(head.count()):
        action = menu.addAction(str(model.headerData(at, Qt.Orientation.Horizontal)) or "State")
        action.setCheckable(True)
        action.setChecked(at in shown)
        action.setEnabled(shown != [at])
        action.toggled.connect(lambda on, at=at: head.setSectionHidden(at, not on))
    menu.addSeparator()
    every = menu.addAction("Show all columns")
    for at in range(head.count()):
        every.triggered.connect(partial(head.showSection, at))
    return menu


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    return menu


def _add_links(menu: QMenu, links: Sequence[RowLink]) -> None:
    for link in links:
        action = menu.addAction(escape_button(link.title))
        action.triggered.connect(link.go)
        action.setEnabled(not link.why_not)
        action.setToolTip(escape_tip(link.why_not))


def _copy(menu: QMenu, title: str, write: Callable[[], str]) -> None:
    menu.addAction(title).triggered.connect(lambda: QGuiApplication.clipboard().setText(write()))
