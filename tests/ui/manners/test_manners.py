"""How the window takes hand and eye: wheel, Enter, Esc, Delete, Down, double click, filter, order, widths."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.choice_field import ChoiceList, ComboBox, EditableChoice
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.layout import Splitter
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.sheets import Sheet, Veil
from kafkaview.ui.kit.tables import Align, Column, FilterField, RowMenu, Table, TableModel, mark_column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.window.palette import Palette
from kafkaview.ui.window.palette_entries import PaletteEntry, PaletteSection
from kafkaview.ui.writes.foot import Foot

SOURCES = Path(__file__).parents[3] / "kafkaview" / "ui"


@dataclass(frozen=True)
class Row:
    name: str
    lag: int
    stuck: bool = False


ROWS = (Row("billing", 40, stuck=True), Row("audit", 30), Row("shipping", 20), Row("reports", 10))
COLUMNS: tuple[Column[Row], ...] = (
    mark_column(lambda row: Mark.BAD if row.stuck else Mark.OK, lambda row: "stuck" if row.stuck else "moves"),
    Column("Group", lambda row: row.name, stretch=True),
    Column("Lag", lambda row: row.lag, align=Align.RIGHT, width=90),
)


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> QWidget:
    made = QWidget()
    made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # as the window of a cluster has it
    qtbot.addWidget(made)
    made.resize(1000, 700)
    theme.dress(made)
    made.show()
    made.activateWindow()
    return made


@pytest.fixture
def table(theme: Theme, window: QWidget) -> Table[Row]:
    model: TableModel[Row] = TableModel(COLUMNS, lambda row: row.name)
    made: Table[Row] = Table(theme, model, "Groups", window)
    made.setGeometry(0, 40, 500, 300)
    made.set_rows(ROWS)
    made.show()
    return made


def names(table: Table[Row]) -> list[str]:
    return [row.name for row in table.rows.rows]


def turn_wheel(widget: QWidget) -> QWheelEvent:
    at = QPointF(widget.rect().center())
    none, plain = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        at, QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, -120), none, plain, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(widget, event)
    return event


# The wheel


def test_the_wheel_changes_no_choice_unless_the_list_has_the_keyboard(theme: Theme, window: QWidget) -> None:
    lists: list[ComboBox] = [ChoiceList("Trust"), Picker(theme, "Topic", 190), EditableChoice(theme, "From", ())]
    for place, one in enumerate(lists):
        one.setParent(window)
        one.move(0, 40 * place)
        one.addItems(["first", "second", "third"])
        one.setCurrentIndex(0)
        one.show()
        assert not one.focusPolicy().value & Qt.FocusPolicy.WheelFocus.value & ~Qt.FocusPolicy.StrongFocus.value
        assert not turn_wheel(one).isAccepted()  # so that what scrolls around it gets it
        assert one.currentIndex() == 0
    lists[0].setFocus()
    turn_wheel(lists[0])
    assert lists[0].currentIndex() == 1


def test_a_choice_that_is_longer_than_its_field_is_read_from_its_begin_on(theme: Theme, window: QWidget) -> None:
    long = "the rules that are kept for it, else its own format"
    field = EditableChoice(theme, "Rule", (("", long), ("json", f"json: {long}")), width=120)
    field.setParent(window)
    line = field.lineEdit()
    assert line is not None
    assert (line.text(), line.cursorPosition()) == (long, 0)
    field.show_value("json")
    assert (line.text(), line.cursorPosition()) == (f"json: {long}", 0)


def test_the_choices_of_a_narrow_field_are_read_whole_when_they_are_opened(theme: Theme, window: QWidget) -> None:
    window.resize(800, 560)
    choices = (("", "auto"), ("registry", "registry[unknown]"), ("long", "x" * 249))
    for count in (2, 3):
        field = EditableChoice(theme, "Value", choices[:count], width=90)
        field.setParent(window)
        field.show()
        field.showPopup()
        rows = field.view()
        words = [rows.fontMetrics().horizontalAdvance(text) for _value, text in choices[:count]]
        assert rows.width() >= min(max(words), 400)
        assert rows.width() <= 400  # half of the window
        field.hidePopup()


def test_every_list_of_choices_and_every_field_of_numbers_is_one_that_leaves_the_wheel_alone() -> None:
    made = [
        f"{path.name}: {line.strip()}"
        for path in SOURCES.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\bQ(ComboBox|SpinBox|DoubleSpinBox|Slider|DateTimeEdit|Dial)\(", line)
    ]
    assert made == []


# Enter and Esc


def sheet_on(theme: Theme, window: QWidget) -> tuple[Sheet, QLineEdit, Button, Button, list[str]]:
    done: list[str] = []
    sheet = Sheet(theme, window)
    field = QLineEdit()
    sheet.body.addWidget(field)
    cancel = Button(theme, "Cancel", clicked=lambda: done.append("cancel"))
    go = Button(theme, "Show the plan…", clicked=lambda: done.append("go"))
    sheet.footer.addWidget(cancel)
    sheet.footer.addWidget(go)
    sheet.primary = go
    sheet.open()
    return sheet, field, cancel, go, done


def test_enter_presses_what_has_the_keyboard_else_the_primary_button(theme: Theme, window: QWidget) -> None:
    sheet, field, cancel, go, done = sheet_on(theme, window)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    cancel.setFocus()
    QTest.keyClick(cancel, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    go.setEnabled(False)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert done == ["go", "cancel"]
    sheet.lift()


def test_esc_closes_after_a_click_beside_the_sheet(theme: Theme, window: QWidget) -> None:
    sheet, field, *_others = sheet_on(theme, window)
    field.setFocus()
    QTest.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus is sheet or sheet.isAncestorOf(focus)
    QTest.keyClick(focus, Qt.Key.Key_Escape)
    assert Veil.over(window) is None


@pytest.mark.parametrize(
    ("why_typed", "removes", "presses"), [("", False, True), ("", True, False), ("This is production.", False, False)]
)
def test_enter_never_confirms_production_nor_what_removes(
    theme: Theme, window: QWidget, *, why_typed: str, removes: bool, presses: bool
) -> None:
    sheet = Sheet(theme, window)
    foot = Foot(theme, icon=None, named="the name")
    sheet.footer.addWidget(foot)
    done: list[bool] = []
    foot.confirmed.connect(lambda: done.append(True))
    sheet.open()
    foot.ask("Delete it", "orders", why_typed, "", removes=removes)
    foot.field.setText("orders")
    foot.confirm.setFocus()
    QTest.keyClick(foot.confirm, Qt.Key.Key_Return)
    assert done == ([True] if presses else [])
    QTest.keyClick(foot.confirm, Qt.Key.Key_Space)
    assert done
    assert foot.confirm.property("kind") == (ButtonKind.DANGER if removes else ButtonKind.PRIMARY)
    sheet.lift()


# Lists


def test_down_and_enter_lead_from_the_filter_into_the_list(theme: Theme, window: QWidget, table: Table[Row]) -> None:
    field = FilterField(theme, parent=window)
    field.filter_table(table)
    field.show()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        field.setFocus()
        QTest.keyClicks(field, "i")
        QTest.keyClick(field, key)
        assert QApplication.focusWidget() is table
        assert table.selected == Row("billing", 40, stuck=True)
        field.clear()


def test_the_filter_counts_what_is_left_of_what_its_segment_shows(
    theme: Theme, window: QWidget, table: Table[Row]
) -> None:
    field = FilterField(theme, parent=window)
    field.filter_table(table)
    assert field.count == ""
    field.setText("ing")
    assert field.count == "2 of 4"
    table.rows.set_row_filter(lambda rows: rows.find_matches(table.rows._query.parse("-shipping")))
    assert field.count == "1 of 3"
    field.searches = True
    field.setText("value.x")
    assert field.count == ""


def test_a_filter_that_hides_the_selected_row_gives_it_back(table: Table[Row]) -> None:
    table.choose("reports")
    table.rows.set_filter("audit")
    selected = [table.selected]
    table.choose_first()
    selected.append(table.selected)
    table.rows.set_filter("")
    selected.append(table.selected)
    table.rows.set_filter("reports")
    table.set_rows(ROWS[:3])  # it is gone: nobody waits for it
    table.rows.set_filter("")
    table.set_rows(ROWS)
    assert [*selected, table.selected] == [None, ROWS[1], ROWS[3], None]


def test_rows_change_their_order_with_a_state_and_not_with_a_figure(table: Table[Row]) -> None:
    table.rows.sort_by(2, turned=True)
    before = names(table)
    turned = [replace(row, lag=100 - row.lag) for row in ROWS]
    table.set_rows(turned)
    assert names(table) == before
    table.rows.sort_again()
    assert names(table) == before[::-1]
    table.set_rows([replace(row, lag=row.lag, stuck=True) for row in ROWS])
    assert names(table) == before


def test_enter_and_double_click_do_the_main_thing_with_a_row(table: Table[Row]) -> None:
    went: list[str] = []
    table.menu = RowMenu(
        links=lambda row: [
            RowLink("Not now", lambda: went.append("not now"), "Not now"),
            RowLink("Go", lambda: went.append(row.name)),
        ]
    )
    table.choose("audit")
    QTest.keyClick(table, Qt.Key.Key_Return)
    at = table.visualRect(table.currentIndex()).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert went == ["audit", "audit"]
    table.opened.connect(lambda row: went.append(f"opened {row.name}"))
    QTest.keyClick(table, Qt.Key.Key_Return)
    assert went[2:] == ["opened audit"]


def test_delete_asks_for_a_plan_of_a_selected_row(table: Table[Row]) -> None:
    asked: list[bool] = []
    table.delete_wanted.connect(lambda: asked.append(True))
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert asked == []
    table.choose("audit")
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert asked == [True]


def test_no_strip_is_left_beside_the_columns(table: Table[Row]) -> None:
    def covered() -> int:
        return sum(table.columnWidth(place) for place in range(3))

    assert covered() == table.viewport().width()
    table.horizontalHeader().resizeSection(2, 60)
    assert (table.columnWidth(2), covered()) == (60, table.viewport().width())
    table.horizontalHeader().resizeSection(1, 100)  # the stretching column itself: then the last one takes the rest
    assert (table.columnWidth(1), covered()) == (100, table.viewport().width())
    table.resize(700, 300)
    assert covered() == table.viewport().width()


def test_a_double_click_fits_a_column_to_what_it_shows(table: Table[Row]) -> None:
    table.horizontalHeader().resizeSection(1, 40)
    table.horizontalHeader().sectionHandleDoubleClicked.emit(1)
    words = table.fontMetrics().horizontalAdvance("shipping")
    assert words < table.columnWidth(1) < words + 60


# The palette


def test_the_palette_says_where_it_found_nothing(theme: Theme, window: QWidget) -> None:
    undo = PaletteEntry(PaletteSection.DO, "clock", "Undo the last write…", "", lambda: None, why_not="Nothing yet")
    palette = Palette(theme, window, lambda: [undo])
    palette.open()
    palette.field.setText("undo")
    assert [entry.why_not for entry in palette.found] == ["Nothing yet"]
    palette.field.setText("no such thing")
    assert palette.found == []
    assert palette.list.item(0).text().startswith("Nothing found")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)  # which does nothing
    assert Veil.over(window) is palette
    palette.lift()


# Place and paint


def test_the_shadow_of_a_sheet_that_shrinks_goes_with_it(qtbot: QtBot, theme: Theme, window: QWidget) -> None:
    sheet = Sheet(theme, window)
    lines = [Text(f"line {number}") for number in range(15)]
    for line in lines:
        sheet.body.addWidget(line)
    sheet.open()
    qtbot.wait(60)
    large = sheet.box.geometry()
    beside = large.bottomLeft() + QPoint(large.width() // 2, 8)
    shadowed = window.grab().toImage().pixelColor(beside)
    for line in lines[3:]:
        line.hide()
    qtbot.waitUntil(lambda: sheet.box.height() < large.height())
    asked: list[QRect] = []
    sheet.update = lambda *area: asked.extend(area)  # type: ignore[method-assign]
    sheet.box.setGeometry(large)
    sheet.arrange()
    assert asked
    assert asked[0].contains(large.adjusted(-12, -8, 12, 16))  # all of the old shadow is painted again
    del sheet.update
    qtbot.wait(60)
    assert window.grab().toImage().pixelColor(beside) != shadowed
    sheet.lift()


def test_a_splitter_leaves_a_table_its_head_and_three_rows(qtbot: QtBot, theme: Theme, table: Table[Row]) -> None:
    other = QWidget()
    splitter = Splitter("Groups", (table, other), (300, 300))
    qtbot.addWidget(splitter)
    splitter.resize(600, 400)
    splitter.show()
    splitter.setSizes([0, 400])
    assert table.height() >= theme.px(28) + 3 * theme.row
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    QApplication.processEvents()
    assert table.viewport().height() >= 3 * theme.row
    splitter.setOrientation(Qt.Orientation.Horizontal)
    splitter.setSizes([0, 600])
    assert table.width() >= theme.px(240)


def test_an_empty_table_says_why(table: Table[Row]) -> None:
    def inked() -> bool:
        picture = table.viewport().grab().toImage()
        ground = picture.pixelColor(picture.width() - 2, picture.height() - 2)
        return any(picture.pixelColor(x, y) != ground for x in range(10, 200) for y in range(4, 26))

    table.rows.set_rows(())
    assert not inked()  # it is not known yet that there is nothing
    table.rows.nothing = "No group has committed on this topic."
    table.rows.set_rows(())
    assert inked()
    table.rows.nothing = ""
    table.rows.set_rows(ROWS)
    table.rows.set_filter("zzz")
    assert inked()
