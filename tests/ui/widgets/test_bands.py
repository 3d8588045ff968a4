"""A table that paints in bands: few rows in each turn, in the end the same pixels, and a picture of it whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QVBoxLayout
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.bands import ScreenPainter
from kafkaview.ui.kit.tables import Column, Table, TableModel
from kafkaview.ui.kit.theme import Theme

_READ: set[str] = set()


def _read(row: str) -> str:
    _READ.add(row)
    return row


_COLUMNS: tuple[Column[str], ...] = (Column("Group", _read, stretch=True),)
_ROWS = tuple(f"group-{number:03}" for number in range(60))


@pytest.fixture
def table(qtbot: QtBot, theme: Theme) -> Table[str]:
    window = ScreenPainter()
    qtbot.addWidget(window)
    model: TableModel[str] = TableModel(_COLUMNS, str)
    model.set_rows(_ROWS)
    made = Table(theme, model, "Groups")
    QVBoxLayout(window).addWidget(made)
    theme.dress(window)
    window.resize(400, 900)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: _screen(made) == _picture(made))
    return made


def _screen(table: Table[str]) -> QImage:
    viewport, window = table.viewport(), table.window()
    at = viewport.mapTo(window, QPoint(0, 0))
    shown = window.screen().grabWindow(window.winId(), at.x(), at.y(), viewport.width(), viewport.height())
    return shown.toImage().convertToFormat(QImage.Format.Format_RGB32)


def _picture(table: Table[str]) -> QImage:
    return table.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def _rows_painted(work: Callable[[], object]) -> int:
    """Returns how many different rows are read meanwhile."""
    _READ.clear()
    work()
    return len(_READ)


def _update_screen(table: Table[str]) -> None:
    table.executeDelayedItemsLayout()
    QCoreApplication.sendPostedEvents(table.window(), QEvent.Type.UpdateRequest)


def test_one_turn_paints_eight_rows_and_the_next_ones_the_rest(qtbot: QtBot, table: Table[str]) -> None:
    table.rows.set_rows([f"other-{number:03}" for number in range(60)])
    assert 1 <= _rows_painted(lambda: _update_screen(table)) <= 9
    assert _screen(table) != _picture(table)
    qtbot.waitUntil(lambda: _screen(table) == _picture(table))


def test_what_waits_for_its_turn_moves_when_the_table_is_scrolled(qtbot: QtBot, table: Table[str]) -> None:
    table.rows.set_rows([f"other-{number:03}" for number in range(60)])
    _update_screen(table)
    table.verticalScrollBar().setValue(10 * table.rowHeight(0))
    qtbot.waitUntil(lambda: _screen(table) == _picture(table))


def test_a_picture_is_painted_whole(table: Table[str]) -> None:
    assert _rows_painted(lambda: _picture(table)) > 20


def test_the_rest_can_be_painted_at_once(table: Table[str]) -> None:
    table.rows.set_rows([f"other-{number:03}" for number in range(60)])
    _update_screen(table)
    table.paint_rest()
    assert _screen(table) == _picture(table)


def test_what_a_bar_covers_meanwhile_waits_for_no_turn(qtbot: QtBot, table: Table[str]) -> None:
    table.rows.set_rows([f"other-{number:03}" for number in range(10)])
    qtbot.waitUntil(lambda: not table.verticalScrollBar().isVisible() and _screen(table) == _picture(table))
    table.viewport().update()
    _update_screen(table)
    table.rows.set_rows([f"more-{number:03}" for number in range(60)])
    qtbot.waitUntil(lambda: table.verticalScrollBar().isVisible() and _screen(table) == _picture(table))
    qtbot.waitUntil(lambda: not table._later.rectCount())
