"""One model for every table: order, filter, cuts, copies; and what a new sample leaves alone."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from kafkaview.ui.kit.actions import RowLink
from kafkaview.ui.kit.tables import Align, Column, ColumnSource, FilterField, RowMenu, Table, TableModel
from kafkaview.ui.kit.tables.copying import as_csv, as_json, as_markdown, as_tsv
from kafkaview.ui.kit.tables.delegate import CellDelegate
from kafkaview.ui.kit.tables.menu import column_menu
from kafkaview.ui.kit.tables.query import Query
from kafkaview.ui.kit.tables.source import ListSource
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import duration
from tests.kit.patience import patience


@dataclass(frozen=True)
class Row:
    name: str
    lag: int | None
    ticked: bool = False


COLUMNS: tuple[Column[Row], ...] = (
    Column("", lambda row: row.ticked, width=36, checked=lambda row: row.ticked),
    Column("Group", lambda row: row.name, stretch=True),
    Column("Total lag", lambda row: row.lag, align=Align.RIGHT, unknown=lambda _row: "broker 13 does not say"),
)
ROWS = (Row("billing", 41_207), Row("warehouse", None), Row("analytics", 9), Row("reports", 98_211))


@pytest.fixture
def model() -> TableModel[Row]:
    made = TableModel(COLUMNS, lambda row: row.name)
    made.set_rows(ROWS)
    return made


@pytest.fixture
def table(qtbot: QtBot, theme: Theme, model: TableModel[Row]) -> Table[Row]:
    made = Table(theme, model, "Groups")
    qtbot.addWidget(made)
    made.resize(500, 300)
    theme.dress(made)
    made.show()
    return made


def names(model: TableModel[Row]) -> list[str]:
    return [row.name for row in model.rows]


@pytest.mark.parametrize("turned", [False, True])
def test_unknown_values_stand_last_whichever_way_it_is_sorted(model: TableModel[Row], *, turned: bool) -> None:
    model.sort_by(2, turned=turned)
    assert names(model)[-1] == "warehouse"


@given(
    st.lists(st.builds(Row, st.sampled_from("aAbBc"), st.none() | st.integers(0, 3))),
    st.sampled_from([1, 2]),
    st.booleans(),
)
def test_equal_rows_keep_their_order(rows: list[Row], column: int, turned: bool) -> None:  # noqa: FBT001
    def weight(place: int) -> tuple[bool, int, int]:
        number = ord(rows[place].name.lower()) if column == 1 else rows[place].lag
        return number is None, (number or 0) * (-1 if turned else 1), -place

    backwards = np.arange(len(rows))[::-1]
    found = ListSource(rows, lambda row: row.name, COLUMNS).sort(backwards, column, turned=turned)
    assert found.tolist() == sorted(range(len(rows)), key=weight)


def test_a_second_column_breaks_ties(model: TableModel[Row]) -> None:
    model.set_rows([Row("b", 1), Row("a", 1), Row("c", 0)])
    model.sort_by(2)
    model.sort_by(1, add=True)
    assert names(model) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("bill", ["billing"]),
        ("in -billing", []),
        ("i -billing", ["analytics"]),
        ("41,207", ["billing"]),
        ("total_lag>1000", ["billing", "reports"]),
        ("total_lag>1000 rep", ["reports"]),
        ("total_lag<=9", ["analytics"]),
        ("", ["billing", "warehouse", "analytics", "reports"]),
    ],
)
def test_filter_as_you_type(model: TableModel[Row], typed: str, left: list[str]) -> None:
    model.set_filter(typed)
    assert names(model) == left


def test_an_unknown_number_fits_no_comparison(model: TableModel[Row]) -> None:
    model.set_filter("total_lag<1000000")
    assert "warehouse" not in names(model)


@given(st.text(max_size=40))
def test_nothing_typed_breaks_the_filter(typed: str) -> None:
    Query.parse(typed).fits("billing 41,207", {"lag": 41_207})


def test_selection_follows_its_row_through_a_new_sample(table: Table[Row], model: TableModel[Row]) -> None:
    model.sort_by(2, turned=True)
    table.choose("analytics")
    table.set_rows(
        [
            Row("new", 5),
            *(replace(row, lag=(row.lag or 0) + 1) for row in ROWS if row.name != "analytics"),
            Row("analytics", 10**6),
        ]
    )
    assert names(model)[0] == "analytics"
    assert table.selected == Row("analytics", 10**6)
    assert len(table.selection) == 1


def test_a_row_that_is_gone_is_no_longer_selected(table: Table[Row]) -> None:
    table.choose("billing")
    table.set_rows(ROWS[1:])
    assert table.selected is None


def test_rows_stay_where_they_are_while_the_order_is_kept(model: TableModel[Row]) -> None:
    model.sort_by(2, turned=True)
    before = names(model)
    model.set_rows([replace(row, lag=100_000 - (row.lag or 0)) for row in ROWS], keep_order=True)
    assert names(model) == before


def test_the_chosen_row_is_told_once_it_rests(qtbot: QtBot, table: Table[Row]) -> None:
    with qtbot.waitSignal(table.chosen) as signal:
        table.choose("billing")
        table.choose("reports")
    assert signal.args == [Row("reports", 98_211)]


def test_a_click_on_the_head_sorts_and_a_second_one_turns(table: Table[Row], model: TableModel[Row]) -> None:
    head = table.horizontalHeader()
    for expected in (["reports", "billing", "analytics"], ["analytics", "billing", "reports"]):
        at = QPoint(head.sectionViewportPosition(2) + 20, head.height() // 2)
        QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert names(model)[:3] == expected


def test_ctrl_c_copies_plain_numbers(table: Table[Row]) -> None:
    table.choose("billing")
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "billing\t41207"


def test_a_tick_is_told_by_click_and_by_space(table: Table[Row], model: TableModel[Row]) -> None:
    ticks: list[tuple[Row, bool]] = []
    model.ticked.connect(lambda row, ticked: ticks.append((row, ticked)))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(model.index(0, 0)).center())
    table.choose("reports")
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert ticks == [(ROWS[0], True), (ROWS[3], True)]


def test_copies_know_unknown_from_zero() -> None:
    rows = [Row("a\tb", None), Row("c|d", 0)]
    assert as_tsv(COLUMNS, rows) == "a b\t\nc|d\t0"
    assert as_csv(COLUMNS, rows) == "Group,Total lag\na\tb,\nc|d,0\n"
    assert '"total_lag": null' in as_json(COLUMNS, rows)
    assert as_markdown(COLUMNS, rows).splitlines()[-2:] == ["| a\\x09b | – |", "| c\\|d | 0 |"]


def test_a_dash_says_who_did_not_say(model: TableModel[Row]) -> None:
    assert model.data(model.index(1, 2), Qt.ItemDataRole.DisplayRole) == "–"
    assert model.data(model.index(1, 2), Qt.ItemDataRole.ToolTipRole) == "broker 13 does not say"


def test_escape_clears_the_filter(qtbot: QtBot, theme: Theme) -> None:
    field = FilterField(theme)
    qtbot.addWidget(field)
    QTest.keyClicks(field, "bill")
    with qtbot.waitSignal(field.filtered) as signal:
        QTest.keyClick(field, Qt.Key.Key_Escape)
    assert signal.args == [""]


def test_a_hundred_thousand_rows_are_sorted_within_seconds() -> None:
    model = TableModel(COLUMNS, lambda row: row.name)
    model.sort_by(2, turned=True)
    began = time.perf_counter()
    model.set_rows([Row(f"group-{n}", n * 7_919 % 200_000) for n in range(100_000)])
    assert time.perf_counter() - began < patience(4)


@pytest.mark.parametrize("top", [40, 2**62])
@pytest.mark.parametrize(("turned", "order"), [(False, [4, 2, 3, 0, 5, 1, 6]), (True, [0, 5, 3, 2, 4, 1, 6])])
def test_equal_numbers_keep_their_order_however_large_they_are(top: int, *, turned: bool, order: list[int]) -> None:
    lag = np.array([top, -1, 7, 9, 5, top, -1])
    source: ColumnSource[int] = ColumnSource(range(len(lag)), int, {"Lag": lag})
    source.adopt((Column[int]("Lag", int),), None)
    assert source.sort(np.arange(len(lag)), 0, turned=turned).tolist() == order


def chosen(table: Table[Row], title: str) -> str:
    """The clipboard after an entry of the row's menu, opened by its key."""
    QTest.keyClick(table, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.text() == title).trigger()
    menu.close()
    QTest.keyRelease(table, Qt.Key.Key_Shift)  # else Qt takes it as held down
    return QGuiApplication.clipboard().text()


def test_the_menu_of_a_row_copies_and_leads_on(table: Table[Row]) -> None:
    went: list[str] = []
    table.menu = RowMenu(
        lambda row: f"kafkaview lag {row.name}", lambda row: [RowLink("Go to the group", lambda: went.append(row.name))]
    )
    table.choose("billing")
    table.setCurrentIndex(table.rows.index(0, 2))
    assert chosen(table, "Copy cell") == "41207"
    assert chosen(table, "Copy row") == "billing\t41207"
    assert '"total_lag": 41207' in chosen(table, "Copy 1 row as JSON")
    assert chosen(table, "Copy as kafkaview line") == "kafkaview lag billing"
    chosen(table, "Go to the group")
    assert went == ["billing"]
    QGuiApplication.clipboard().clear()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert QGuiApplication.clipboard().text() == "kafkaview lag billing"
    table.choose("reports")  # Ctrl and Shift are still held down, as far as Qt knows
    assert [row.name for row in table.selection] == ["reports"]
    QTest.keyRelease(table, Qt.Key.Key_Shift)
    QTest.keyRelease(table, Qt.Key.Key_Control)


def test_columns_are_hidden_from_the_head_but_for_the_last_one(table: Table[Row]) -> None:
    head = table.horizontalHeader()
    menu = column_menu(head)
    actions = {action.text(): action for action in menu.actions()}
    actions["Group"].trigger()
    assert table.isColumnHidden(1)
    actions["Show all columns"].trigger()
    head.hideSection(0)
    head.hideSection(1)
    last = {action.text(): action for action in column_menu(head).actions()}
    assert not last["Total lag"].isEnabled()
    last["Show all columns"].trigger()
    assert not any(table.isColumnHidden(at) for at in range(3))


def test_a_filter_reads_only_the_rows_that_are_new(qapp: QApplication) -> None:  # noqa: ARG001
    read: list[str] = []

    def text(row: tuple[str]) -> str:
        read.append(row[0])
        return row[0]

    model: TableModel[tuple[str]] = TableModel((Column("Name", lambda row: row[0], text=text),), lambda row: row[0])
    rows = [(f"orders-{number}",) for number in range(50)]
    model.set_rows(rows)
    model.set_filter("orders-7")
    read.clear()
    model.set_rows([*rows, ("orders-70",)])
    assert read == ["orders-70"]
    assert [row[0] for row in model.rows] == ["orders-7", "orders-70"]


WAITS: tuple[Column[Row], ...] = (
    Column("Group", lambda row: row.name, width=120, stretch=True),
    Column("Lag", lambda row: row.lag, align=Align.RIGHT, width=40),
    Column("Waits", lambda row: duration(row.lag), align=Align.RIGHT, width=40),
)
LONG = Row("a-group-with-a-very-long-name-that-takes-all-the-room-there-is", 123_456_789_012)


@pytest.fixture
def narrow(qtbot: QtBot, theme: Theme) -> Table[Row]:
    made = Table(theme, TableModel(WAITS, lambda row: row.name), "Groups")
    qtbot.addWidget(made)
    made.resize(400, 300)
    theme.dress(made)
    made.show()
    made.set_rows([LONG, *ROWS])
    return made


def cut_columns(table: Table[Row]) -> set[int]:
    """The columns in which a cell is cut as the table is painted now."""
    cut: set[int] = set()
    delegate = table.itemDelegate()
    assert isinstance(delegate, CellDelegate)
    delegate.cut.connect(lambda place, _width: cut.add(place))
    table.grab()
    return cut


def test_numbers_and_durations_are_whole_and_names_give_way(qtbot: QtBot, narrow: Table[Row]) -> None:
    assert cut_columns(narrow) == {1, 2}
    qtbot.waitUntil(lambda: narrow.columnWidth(1) > 100, timeout=2_000)
    QApplication.processEvents()
    assert cut_columns(narrow) == set()
    assert sum(narrow.columnWidth(place) for place in range(3)) == narrow.viewport().width()


NAMED: tuple[Column[Row], ...] = (
    Column("Group", lambda row: row.name, width=80, elide_middle=True),
    Column("Note", lambda row: duration(row.lag), width=150, stretch=True),
)


def test_names_take_the_room_that_no_other_column_needs_and_give_it_back(qtbot: QtBot, theme: Theme) -> None:
    table = Table(theme, TableModel(NAMED, lambda row: row.name), "Groups")
    qtbot.addWidget(table)
    table.resize(600, 300)
    theme.dress(table)
    table.show()
    table.set_rows([Row("warehouse-eu-central", 1), Row("a" * 300, 1)])
    assert cut_columns(table) == {0}
    most = round(0.4 * table.viewport().width())
    qtbot.waitUntil(lambda: table.columnWidth(0) == most, timeout=2_000)
    assert table.columnWidth(1) == table.viewport().width() - most
    table.resize(300, 300)
    qtbot.waitUntil(lambda: table.columnWidth(1) == theme.px(150), timeout=2_000)
    assert sum(map(table.columnWidth, range(2))) == table.viewport().width()
    table.resize(200, 300)
    qtbot.waitUntil(lambda: table.columnWidth(0) == theme.px(80), timeout=2_000)
    table.resize(600, 300)
    table.grab()
    qtbot.waitUntil(lambda: table.columnWidth(0) == most, timeout=2_000)
    table.horizontalHeader().resizeSection(0, 200)
    table.resize(300, 300)
    QApplication.processEvents()
    assert table.columnWidth(0) == 200, "a width that the user gave stays"


def test_a_width_that_the_user_gave_a_column_of_numbers_stays(qtbot: QtBot, narrow: Table[Row]) -> None:
    narrow.horizontalHeader().resizeSection(1, 30)
    narrow.grab()
    qtbot.waitUntil(lambda: narrow.columnWidth(2) > 60, timeout=2_000)
    assert narrow.columnWidth(1) == 30


def six_columns(qtbot: QtBot, theme: Theme, width: int) -> Table[Row]:
    """A table that is too narrow for its columns, of 90 pixels each."""
    columns: tuple[Column[Row], ...] = tuple(
        Column(f"Lag {number}", lambda row: row.lag, align=Align.RIGHT, width=90) for number in range(6)
    )
    table = Table(theme, TableModel(columns, lambda row: row.name), "Groups")
    qtbot.addWidget(table)
    table.resize(width, 200)
    theme.dress(table)
    table.show()
    return table


def test_a_table_that_is_scrolled_sideways_looks_as_if_painted_anew(qtbot: QtBot, theme: Theme) -> None:
    table = six_columns(qtbot, theme, 270)
    table.set_rows([Row("billing", 1_234_567)])
    at, option = table.model().index(0, 2), QStyleOptionViewItem()

    def painted() -> QImage:
        """The third column, which ends where what is in sight does before the table is scrolled."""
        picture = QImage(90, 30, QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.white)
        painter = QPainter(picture)
        painter.translate(-table.visualRect(at).left(), 0)
        option.rect = table.visualRect(at)
        table.itemDelegate().paint(painter, option, at)
        painter.end()
        return picture

    before = painted()
    table.horizontalScrollBar().setValue(40)
    assert table.visualRect(at).left() == 140
    assert painted() == before


def test_a_click_on_a_row_leaves_the_columns_where_they_are(qtbot: QtBot, theme: Theme) -> None:
    table = six_columns(qtbot, theme, 250)
    table.set_rows([Row("billing", 1), Row("shipping", 2)])
    cut_off = table.visualRect(table.model().index(1, 2))
    assert table.viewport().width() < cut_off.right(), "the column is in sight in part"
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=cut_off.topLeft() + QPoint(5, 5))
    qtbot.wait(QApplication.doubleClickInterval() + 200)  # Qt scrolls to what was clicked behind this
    assert (table.selected, table.horizontalScrollBar().value()) == (Row("shipping", 2), 0)
    QTest.keyClick(table, Qt.Key.Key_Right)
    assert table.horizontalScrollBar().value() > 0
