"""Names from outside in the window: in a cell, a tooltip, a label they are characters, never markup or control."""

from __future__ import annotations

import json
import shlex

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage, QPainter, QTextDocument, QTextDocumentFragment
from PySide6.QtWidgets import QStyleOptionViewItem, QTableView
from pytestqt.qtbot import QtBot

from kafkaview.command_words import printed_line, shell_words
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.verdict import Behaviour, Stuck, Verdict
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.controls import Elided, Text, escape_button, escape_text, escape_tip
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.tables import Column
from kafkaview.ui.kit.tables.copying import FORMATS, as_json
from kafkaview.ui.kit.tables.delegate import CellDelegate
from kafkaview.ui.kit.tables.model import TableModel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.profile_rows import ProfileModel
from kafkaview.ui.pages.connections.words import breakable
from kafkaview.ui.pages.triage.incident_model import IncidentModel
from kafkaview.ui.pages.triage.incidents import incidents
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.command import CommandLine, broken
from kafkaview.ui.writes.option import Option
from kafkaview.words import join_lines, visible, visible_alone
from tests.kit.odd_names import name_behind, odd_names

MARKUP = "<h1>x</h1>", '<img src="file:///etc/passwd">', "a < b & c", "<b", "&lt;b&gt;"


@pytest.mark.parametrize("name", MARKUP)
def test_a_tooltip_shows_markup_as_its_characters(name: str) -> None:
    shown = escape_tip(name)
    read = QTextDocumentFragment.fromHtml(shown).toPlainText() if "<" in shown else shown
    assert read == name


@pytest.mark.parametrize("name", MARKUP)
def test_a_cell_shows_its_name_and_its_tooltip_has_no_markup(name: str) -> None:
    model: TableModel[str] = TableModel((Column("Group", value=lambda row: row),), key=lambda row: row)
    model.set_rows((name,))
    index = model.index(0, 0)
    assert model.data(index) == name
    assert model.data(index, Qt.ItemDataRole.ToolTipRole) == escape_tip(name)


def test_a_label_escapes_control_characters(qtbot: QtBot) -> None:
    label = Text("a\x1b[2J\u202eb")
    qtbot.addWidget(label)
    assert label.text() == "a\\x1b[2J\\u202eb"
    elided = Elided("<h1>x</h1>")
    qtbot.addWidget(elided)
    assert elided.text() == "<h1>x</h1>"
    assert elided.toolTip() == escape_tip("<h1>x</h1>")
    assert escape_text("<b>\x1b") == "&lt;b&gt;\\x1b"


def test_a_button_has_the_and_of_a_name() -> None:
    assert QAction(escape_button("Go to a&b\x1b")).iconText() == "Go to a&b\\x1b"


MANY = pytest.param(100_000, marks=[pytest.mark.soak, pytest.mark.timeout(3_600)])
NAME: Column[str] = Column("Group", value=lambda row: row)


@pytest.mark.parametrize("count", [800, MANY])
def test_each_tooltip_and_each_label_shows_its_name(qtbot: QtBot, count: int) -> None:
    label, elided = Text(), Elided()
    qtbot.addWidget(label)
    qtbot.addWidget(elided)
    for name in odd_names(count):
        shown = escape_tip(name)
        assert name_behind(unmarked(shown)) == name or len(name) > 2_000
        label.setText(name)
        elided.setText(name)
        assert name_behind(label.text()) == name
        for text in (
            shown,
            label.text(),
            elided.text(),
            elided.accessibleName(),
            escape_text(name),
            escape_button(name),
        ):
            assert is_one_line(text)
        assert name_behind(unmarked(elided.toolTip())) == name or len(name) > 2_000


LINE_ENDS = "\n", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"


def is_one_line(text: str) -> bool:
    return len(text.splitlines()) <= 1 and not text.endswith(LINE_ENDS)


@pytest.mark.parametrize("end", LINE_ENDS)
def test_a_line_end_in_a_name_breaks_no_line_of_ours(qtbot: QtBot, theme: Theme, end: str) -> None:
    name = f"a{end}b"
    label, option, banner = Text(), Option(name), Banner(theme)
    window = Window(theme, ConnectionProfile(name, "broker:9092"))
    for widget in (label, option, banner, window):
        qtbot.addWidget(widget)
    label.setText(join_lines(f"Group {name}", f"Topic {name}"))
    assert label.text().split("\n") == [f"Group {visible(name)}", f"Topic {visible(name)}"]
    assert escape_tip(join_lines(name, name)) == "\n".join([visible(name)] * 2)
    assert breakable(f"{'x' * 20}{name}").replace("\N{ZERO WIDTH SPACE}", "") == f"{'x' * 20}{visible(name)}"
    assert [option.text(), window.windowTitle()] == [visible(name), f"{visible(name)} - kafkaview"]
    banner.say(BannerKind.STALE, name, name)
    assert is_one_line(banner._text.text())
    rows = ProfileModel()
    rows.show([ConnectionProfile(name, "broker:9092")])
    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
        text = rows.data(rows.index(0), role)
        assert isinstance(text, str)
        assert is_one_line(text)


def test_a_tick_box_has_the_blanks_and_the_and_of_a_name(qtbot: QtBot) -> None:
    option = Option("Create a  b&c")
    qtbot.addWidget(option)
    assert QAction(option.text()).iconText() == "Create a  b&c"


def unmarked(shown: str) -> str:
    """What Qt shows of a tooltip. Its plain text would have ordinary blanks for those that do not break."""
    if "<" not in shown:
        return shown
    document = QTextDocument()
    document.setHtml(shown)
    return document.toRawText().replace("\u2029", "\n").replace("\u2028", "\n")


@pytest.mark.parametrize("count", [800, MANY])
def test_each_cell_is_painted_and_copied(qtbot: QtBot, theme: Theme, count: int) -> None:
    model: TableModel[str] = TableModel((NAME,), key=lambda row: row)
    model.set_rows(tuple(dict.fromkeys(odd_names(count))))
    table = QTableView()
    qtbot.addWidget(table)
    delegate, option = CellDelegate(theme, table), QStyleOptionViewItem()
    image = QImage(200, 30, QImage.Format.Format_RGB32)
    option.rect = image.rect()
    painter = QPainter(image)
    for row in range(model.rowCount()):
        delegate.paint(painter, option, model.index(row, 0))
    painter.end()
    assert [one["group"] for one in json.loads(as_json(model.columns, model.rows))] == list(model.rows)
    for write in FORMATS.values():
        QGuiApplication.clipboard().setText(write(model.columns, model.rows))


@pytest.mark.parametrize("count", [400, MANY])
def test_each_line_to_copy_is_shown_as_it_is_copied(qtbot: QtBot, theme: Theme, count: int) -> None:
    block = CommandLine(theme)
    qtbot.addWidget(block)
    for name in odd_names(count):
        line = printed_line("reroute", "orders:0:7", "--group", name, "--to", "orders-dlq")
        block.show_command(line)
        shown = broken(line)
        assert visible(shown, keep="\n") == shown
        assert shlex.split(shown.replace("\\\n", "")) == shlex.split(" ".join(shell_words(line)))


@pytest.mark.parametrize("group", [*MARKUP, "a\nb", "\u202eb", " g", ""])
def test_the_list_of_incidents_shows_a_group_as_its_characters(group: str) -> None:
    stuck = Stuck(group, TopicPartition("t", 0), 1, 2, 2, Verdict.NO_MEMBERS, Behaviour.ABSENT, "nobody", 0, ())
    model = IncidentModel()
    model.show(incidents([stuck]), 0, stale=False)
    index = model.index(1)
    tip = model.data(index, Qt.ItemDataRole.ToolTipRole)
    assert isinstance(tip, str)
    read = QTextDocumentFragment.fromHtml(tip).toPlainText() if "<" in tip else tip
    assert read == model.data(index)
    assert read.isprintable()
    assert read.startswith(visible_alone(group + ":")[:-1] if group else "(empty name)")


def test_a_picker_gives_back_each_offered_name_exactly(qtbot: QtBot, theme: Theme) -> None:
    picker = Picker(theme, "Group", 300)
    qtbot.addWidget(picker)
    names = [" g", "g", "a\nb", "\u202eb", "\\x20g", *MARKUP]
    picker.offer(names)
    picker.showPopup()
    picker.hidePopup()
    for place, name in enumerate(names):
        picker.setCurrentIndex(place)
        assert picker.text == name
        assert picker.currentText().isprintable()
        picker.show_text(name)
        assert picker.text == name
    picker.setEditText(" typed ")
    assert picker.text == " typed "
