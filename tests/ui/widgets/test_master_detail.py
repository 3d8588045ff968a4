"""The kit that pages stand on: selection, tabs, states, and what is found again at the next start."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.layout import SideBySide, column
from kafkaview.ui.kit.master_detail import MasterDetail
from kafkaview.ui.kit.preferences import Layouts, Remembered
from kafkaview.ui.kit.query_view import QueryState, QueryView, Subject
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.tables import Column, Table, TableModel
from kafkaview.ui.kit.theme import Theme

SUBJECT = Subject("the topics", "Asking", "DESCRIBE on Topic *", ("--operation", "Describe", "--topic", "*"))
# Of a table with these columns, the second one hidden, as Qt 6.11 writes it.
EARLIER_STATE = (
    "000000ff0000000000000001000000010000000000000000000000000000000002020000000100000001000000780000017c00000002010100"
    "00000000000000000000000000640000001c0000008400000000000000020000017c0000000100000000000000000000000100000000000003"
    "e8000000000000000000000000000000000000000001"
)
COLUMNS: tuple[Column[str], ...] = (
    Column("Topic", lambda row: row, stretch=True),
    Column("Letters", len),
)


class Shown:
    """A window with a table of topics and the detail of one."""

    def __init__(self, theme: Theme, qtbot: QtBot) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(900, 600)
        self.model: TableModel[str] = TableModel(COLUMNS, lambda row: row)
        self.table: Table[str] = Table(theme, self.model, "Topics")
        self.detail = QLabel()
        self.master = MasterDetail(theme, self.table, self.detail, lambda row: self.detail.setText(row or ""))
        self.window.setLayout(column(self.master))


@pytest.fixture
def shown(theme: Theme, qtbot: QtBot) -> Shown:
    return Shown(theme, qtbot)


@pytest.fixture
def view(theme: Theme, qtbot: QtBot) -> QueryView:
    made = QueryView(theme, ConnectionProfile("orders", "fake:9092"), SUBJECT, QLabel("content"), again=lambda: None)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_row_that_is_not_there_yet_is_selected_when_it_comes(shown: Shown) -> None:
    assert not shown.master.select("payments")
    shown.master.show_rows(["orders"], first=False)
    assert shown.master.text == ""
    assert shown.detail.isHidden()
    shown.master.show_rows(["orders", "payments"])
    assert (shown.master.text, shown.detail.text()) == ("payments", "payments")


def test_the_first_row_is_selected_where_none_is(shown: Shown) -> None:
    shown.master.show_rows(["orders", "payments"])
    assert shown.master.text == "orders"
    shown.master.show_rows(["new", "orders", "payments"])
    assert shown.master.text == "orders"


def test_a_tab_is_made_when_it_is_opened(qtbot: QtBot) -> None:
    stack: TabStack[QLabel] = TabStack({"one": ("One", lambda: QLabel("1")), "two": ("Two", lambda: QLabel("2"))})
    qtbot.addWidget(stack)
    stack.segments.setParent(stack)
    assert not stack.tabs.made
    stack.show()
    assert list(stack.tabs.made) == ["one"]
    with qtbot.waitSignal(stack.turned):
        stack.choose("two")
    assert stack.currentWidget() is stack.tabs["two"]


def test_an_error_takes_the_place_of_content_only_where_there_is_none(view: QueryView) -> None:
    error = Unreachable("No broker answers")
    view.show_error(error)
    assert (view.state, view.banner.isHidden()) == (QueryState.FAILED, True)
    view.show_content()
    view.show_error(error)
    assert view.shows_content
    assert view.banner.accessibleName() == "This is what was last known. No broker answers."
    view.show_content()
    assert view.banner.isHidden()


def test_a_missing_right_is_named_with_the_line_that_gives_it(view: QueryView) -> None:
    view.show_error(NotAuthorized("denied"))
    assert view.state is QueryState.LOCKED
    assert "User:ANONYMOUS lacks DESCRIBE on Topic *." in view.front.accessibleName()
    assert view.command in view.front.accessibleName()


def test_the_note_on_partial_content_stays(view: QueryView) -> None:
    view.show_content()
    view.show_partial([Unreachable("Broker 3 does not answer")], silent="Its sizes are unknown, not 0.")
    view.show_content()
    assert view.banner.accessibleName().startswith("Broker 3 does not answer.")
    view.show_partial([], silent="")
    assert view.banner.isHidden()


def test_stale_content_counts_down_to_the_next_try(view: QueryView, qtbot: QtBot) -> None:
    left = iter(range(5, 0, -1))
    view.show_content()
    view.show_stale("No answer since 14:02.", lambda: f"Next look in {next(left)} s.")
    qtbot.waitUntil(lambda: "Next look in 4 s." in view.banner.accessibleName(), timeout=5000)
    view.show_content()
    assert view.banner.isHidden()


def test_layouts_are_found_again_by_name_and_profile(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "window.json")
    left = Shown(theme, qtbot)
    layouts = Layouts(left.window, "orders-eu", remembered)
    left.window.show()
    assert left.master.splitter.turn()
    left.table.setColumnHidden(1, True)
    layouts.keep()
    for profile, hidden in (("orders-eu", True), ("another", False)):
        found = Shown(theme, qtbot)
        Layouts(found.window, profile, remembered)
        found.window.show()
        assert found.table.isColumnHidden(1) is hidden
        assert (found.master.splitter.orientation() is Qt.Orientation.Horizontal) is hidden


@pytest.mark.parametrize(
    "table",
    [
        {"columns": ["Topic"], "state": "00000000"},  # before the table had a second column
        {"columns": ["Topic", "Letters"], "state": "not Qt's"},
        {"columns": ["Topic", "Letters"]},
        {},
    ],
)
def test_a_layout_of_other_columns_is_not_restored(
    theme: Theme, qtbot: QtBot, tmp_path: Path, table: dict[str, object]
) -> None:
    remembered = Remembered(tmp_path / "window.json")
    remembered.put({"orders-eu/table/Topics": table, "orders-eu/splitter/Topics": {"sizes": [1, 2, 3]}})
    shown = Shown(theme, qtbot)
    Layouts(shown.window, "orders-eu", remembered)
    shown.window.show()
    assert [shown.table.isColumnHidden(place) for place in range(2)] == [False, False]
    assert shown.master.splitter.orientation() is Qt.Orientation.Vertical


def test_a_layout_of_an_earlier_release_is_restored(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "window.json")
    remembered.put({"orders-eu/table/Topics": {"columns": ["Topic", "Letters"], "state": EARLIER_STATE}})
    shown = Shown(theme, qtbot)
    Layouts(shown.window, "orders-eu", remembered)
    shown.window.show()
    assert shown.table.isColumnHidden(1)


def test_a_detail_at_the_right_goes_below_while_it_would_leave_the_table_too_little(
    shown: Shown, theme: Theme, qtbot: QtBot, tmp_path: Path
) -> None:
    across, upright = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    layouts = Layouts(shown.window, "orders-eu", Remembered(tmp_path / "window.json"))
    splitter = shown.master.splitter
    shown.window.show()
    shown.master.show_rows(["orders"])
    shown.detail.setMinimumWidth(300)
    assert splitter.turn()
    assert (splitter.orientation(), shown.table.width()) == (across, 480)
    shown.window.resize(700, 600)
    qtbot.waitUntil(lambda: splitter.orientation() is upright)
    layouts.keep()
    assert splitter.turn(), "it is below, as wanted now"
    assert not splitter.turn(), "and there is no room for it at the right"
    shown.window.resize(900, 600)
    qtbot.waitUntil(lambda: splitter.orientation() is across)
    again = Shown(theme, qtbot)
    Layouts(again.window, "orders-eu", Remembered(tmp_path / "window.json"))
    again.window.show()
    assert again.master.splitter.orientation() is across, "it was only the room that was missing"


def test_parts_that_have_no_room_beside_each_other_go_below_each_other(qtbot: QtBot) -> None:
    class Wide(QLabel):
        def minimumSizeHint(self) -> QSize:
            return QSize(240, 60)

    halves = SideBySide("Group", (Wide(), Wide()), (600, 480))
    qtbot.addWidget(halves)
    halves.resize(700, 300)
    halves.show()
    assert halves.orientation() is Qt.Orientation.Horizontal
    assert halves.minimumSizeHint().width() == 240, "what is around it may be as narrow"
    halves.resize(400, 300)
    assert halves.orientation() is Qt.Orientation.Vertical
    halves.resize(700, 300)
    assert halves.orientation() is Qt.Orientation.Horizontal
