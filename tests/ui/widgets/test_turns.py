"""What is painted in turns is painted in the end, and until then the screen keeps what was there."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QListWidget, QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.turns import paint_in_turns


def _stack(qtbot: QtBot) -> tuple[QStackedWidget, QListWidget]:
    stack, page, rows = QStackedWidget(), QWidget(), QListWidget()
    qtbot.addWidget(stack)
    QVBoxLayout(page).addWidget(rows)
    stack.addWidget(QWidget())
    stack.addWidget(page)
    stack.show()
    return stack, rows


def test_a_page_and_each_of_its_areas_are_painted_in_turns_of_their_own(qtbot: QtBot) -> None:
    stack, rows = _stack(qtbot)
    with paint_in_turns(stack):
        stack.setCurrentIndex(1)
    assert not stack.updatesEnabled()
    qtbot.waitUntil(stack.updatesEnabled)
    qtbot.waitUntil(rows.updatesEnabled)


def test_a_stack_is_painted_also_when_no_page_came_to_its_front(qtbot: QtBot) -> None:
    stack, _rows = _stack(qtbot)
    with pytest.raises(ValueError, match="no page"), paint_in_turns(stack):
        raise ValueError("no page")
    qtbot.waitUntil(stack.updatesEnabled)
