"""All that a window says: every visible text with the mark and the name beside it, and every row of every table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QHeaderView, QLabel, QWidget

from kafkaview.ui.kit.evidence import EvidenceList
from kafkaview.ui.kit.marks import Chip, Mark, MarkLabel
from kafkaview.ui.kit.tables import Table
from kafkaview.ui.window.window import Window

_TAG = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is said. `where` is the kind of widget, or the table's name; `of` the name beside it, or the row's
    key; `mark` is None where there is none.
    """

    page: str
    where: str
    of: str
    text: str
    mark: Mark | None = None


def said_by(window: Window) -> Iterator[Said]:
    """Yields what is in sight, or would be after scrolling."""
    shown = window._front_page()
    page = shown.id if shown is not None else ""
    for widget in window.findChildren(QWidget):
        if widget.isVisible():
            yield from _said_of(page, widget)


def _said_of(page: str, widget: QWidget) -> Iterator[Said]:
    if isinstance(widget, Table):
        yield from _rows_of(page, widget)
    elif isinstance(widget, QAbstractItemView) and not isinstance(widget, QHeaderView):
        yield from _lines_of(page, widget)
    elif isinstance(widget, Chip):
        yield Said(page, "chip", _name_beside(widget), widget.accessibleName(), widget._mark.mark)
    elif isinstance(widget, MarkLabel):
        if not isinstance(widget.parent(), Chip):
            yield Said(page, _where(widget, "mark"), "", " / ".join(_texts_beside(widget)[:2]), widget.mark)
    elif isinstance(widget, QLabel):
        if not isinstance(widget.parent(), Chip):
            yield Said(page, _where(widget, "label"), "", _TAG.sub("", widget.text()))
    elif isinstance(widget, QAbstractButton):
        yield Said(page, "button", "", widget.text() or widget.accessibleName())
    elif widget.accessibleName():
        yield Said(page, type(widget).__name__, "", widget.accessibleName())


def _where(widget: QWidget, kind: str) -> str:
    return "evidence" if isinstance(widget.parent(), EvidenceList) else kind


def _rows_of(page: str, table: Table[object]) -> Iterator[Said]:
    model, name = table.rows, table.accessibleName()
    if not model.rowCount():
        yield Said(page, name, "", model.nothing)
    for place in range(model.rowCount()):
        row = model.row_at(place)
        marks = [mark for column in model.columns if (mark := model.mark_of(column, row)) is not None]
        text = " | ".join(column.reads(row) for column in model.columns)
        yield Said(page, name, str(model.key_at(place)), text, marks[0] if marks else None)


def _lines_of(page: str, view: QAbstractItemView) -> Iterator[Said]:
    model = view.model()
    for place in range(model.rowCount()):
        index = model.index(place, 0)
        yield Said(page, view.accessibleName(), "", str(index.data(Qt.ItemDataRole.DisplayRole)))


def _name_beside(chip: Chip) -> str:
    return next(iter(_texts_beside(chip)), "")


def _texts_beside(widget: QWidget) -> list[str]:
    parent = widget.parentWidget()
    if parent is None:
        return []
    labels = parent.findChildren(QLabel, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return [label.text() for label in labels if label.isVisible() and label.text()]
