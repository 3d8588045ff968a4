"""Names from outside in the window: in a cell, a tooltip, a label they are characters, never markup or control."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.controls import Elided, Text, plain, tip
from kafkaview.ui.kit.tables import Column
from kafkaview.ui.kit.tables.model import TableModel

MARKUP = "<h1>x</h1>", '<img src="file:///etc/passwd">', "a < b & c", "<b", "&lt;b&gt;"


@pytest.mark.parametrize("name", MARKUP)
def test_a_tooltip_shows_markup_as_its_characters(name: str) -> None:
    shown = tip(name)
    read = QTextDocumentFragment.fromHtml(shown).toPlainText() if "<" in shown else shown
    assert read == name


@pytest.mark.parametrize("name", MARKUP)
def test_a_cell_tells_its_name_and_its_tooltip_no_markup(name: str) -> None:
    model: TableModel[str] = TableModel((Column("Group", value=lambda row: row),), key=lambda row: row)
    model.set_rows((name,))
    index = model.index(0, 0)
    assert model.data(index) == name
    assert model.data(index, Qt.ItemDataRole.ToolTipRole) == tip(name)


def test_a_label_shows_what_controls_a_line_escaped(qtbot: QtBot) -> None:
    label = Text("a\x1b[2J\u202eb")
    qtbot.addWidget(label)
    assert label.text() == "a\\x1b[2J\\u202eb"
    elided = Elided("<h1>x</h1>")
    qtbot.addWidget(elided)
    assert elided.text() == "<h1>x</h1>"
    assert elided.toolTip() == tip("<h1>x</h1>")
    assert plain("<b>\x1b") == "&lt;b&gt;\\x1b"
