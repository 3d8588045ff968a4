"""Size, place and page of a window are found again for each connection, and layouts by the names of their parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication, QLabel, QSplitter, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.ui.kit.layout import Splitter
from kafkaview.ui.kit.lazy_parts import make_all
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.panes import turn
from kafkaview.ui.kit.preferences import Layouts, Remembered
from kafkaview.ui.kit.tables import Column, Table, TableModel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.window.window import Window
from tests.kit.engine import local_client
from tests.ui.conftest import Run, until

Scenario = Callable[[Window], Awaitable[None]]


@pytest.fixture
def on_window(
    run: Run, theme: Theme, profile: ConnectionProfile, session: Session, tmp_path: Path
) -> Callable[[Scenario], None]:
    """Runs a scenario on a window that remembers, and closes it."""

    async def played(scenario: Scenario) -> None:
        window = Window(theme, profile, remembered=Remembered(tmp_path / "window.json"))
        window.show()
        client = local_client(session, interval=0.05, window=0.3)
        client.begin()
        window.watch(client.engine, session.profile)
        try:
            await until(lambda: window.view is not None)
            await scenario(window)
        finally:
            await window.tasks.close()
            await client.close()
            await session.journal.close()
            window.finish()

    return lambda scenario: run(played(scenario))


def test_a_window_fits_its_screen_and_comes_back_where_it_was_with_its_page(
    on_window: Callable[[Scenario], None], theme: Theme, profile: ConnectionProfile, tmp_path: Path
) -> None:
    async def scenario(window: Window) -> None:
        room = QApplication.primaryScreen().availableSize()
        assert window.size() == QSize(1280, 800).boundedTo(room).expandedTo(window.minimumSize())
        window.resize(window.minimumWidth(), window.minimumHeight() + 20)
        window.go(Place("topics"))

    on_window(scenario)
    again = Window(theme, profile, remembered=Remembered(tmp_path / "window.json"))
    assert again.size() == QSize(again.minimumWidth(), again.minimumHeight() + 20)
    assert again._page_before == "topics"
    again.finish()
    other = ConnectionProfile("payments", "broker-9:9092")
    elsewhere = Window(theme, other, remembered=Remembered(tmp_path / "window.json"))
    assert elsewhere._page_before == ""
    elsewhere.finish()


def test_a_window_of_a_larger_screen_comes_back_within_this_one(
    theme: Theme, profile: ConnectionProfile, tmp_path: Path
) -> None:
    large = QWidget()
    large.setGeometry(40, 40, 3_000, 2_000)
    geometry = bytes(large.saveGeometry().toHex().data()).decode()
    Remembered(tmp_path / "window.json").put({f"{profile.name}/window": {"geometry": geometry, "page": ""}})
    window = Window(theme, profile, remembered=Remembered(tmp_path / "window.json"))
    room = QApplication.primaryScreen().availableSize()
    assert window.size() == window.size().boundedTo(room.expandedTo(window.minimumSize()))
    window.finish()
    large.deleteLater()


def test_the_page_that_was_in_front_is_in_front_again(
    on_window: Callable[[Scenario], None], profile: ConnectionProfile, tmp_path: Path
) -> None:
    Remembered(tmp_path / "window.json").put({f"{profile.name}/window": {"geometry": "beef", "page": "groups"}})

    async def scenario(window: Window) -> None:
        page = window._front_page()
        assert page is not None
        assert page.id == "groups"

    on_window(scenario)


def test_a_page_that_is_no_more_and_a_damaged_place_begin_with_triage(
    on_window: Callable[[Scenario], None], profile: ConnectionProfile, tmp_path: Path
) -> None:
    Remembered(tmp_path / "window.json").put({f"{profile.name}/window": {"geometry": 7, "page": "broker heaven"}})

    async def scenario(window: Window) -> None:
        page = window._front_page()
        assert page is not None
        assert page.id == "triage"

    on_window(scenario)


def test_every_table_and_splitter_has_a_name_of_its_own_kind(on_window: Callable[[Scenario], None]) -> None:
    async def scenario(window: Window) -> None:
        for _piece in make_all(window.pages):
            pass
        layouts = window._layouts
        assert layouts is not None
        kinds: dict[str, set[tuple[str, ...]]] = {}
        for table in window.findChildren(Table):
            model = table.model()
            titles = tuple(str(model.headerData(at, Qt.Orientation.Horizontal)) for at in range(model.columnCount()))
            kinds.setdefault(layouts._name(table), set()).add(titles)
        for splitter in window.findChildren(QSplitter):
            kinds.setdefault(layouts._name(splitter), set()).add((str(splitter.count()),))
        assert len(kinds) > 20
        assert {name: found for name, found in kinds.items() if len(found) > 1} == {}  # one layout fits all of a name
        assert [name for name in kinds if name.endswith("/")] == []

    on_window(scenario)


def test_two_parts_of_one_name_are_both_restored_and_the_one_shown_last_is_kept(
    qtbot: QtBot, theme: Theme, tmp_path: Path
) -> None:
    def table(window: QWidget) -> Table[str]:
        columns = (Column[str]("Key", str), Column[str]("Value", str, stretch=True))
        made = Table(theme, TableModel(columns, str), "Headers", window)
        made.resize(400, 100)
        made.show()
        return made

    def opened() -> tuple[QWidget, Layouts]:
        window = QWidget()
        qtbot.addWidget(window)
        window.show()
        return window, Layouts(window, "orders-eu", Remembered(tmp_path / "window.json"))

    window, layouts = opened()
    first, second = table(window), table(window)
    second.setColumnWidth(0, 222)
    layouts.keep()
    again, _layouts = opened()
    assert [table(again).columnWidth(0), table(again).columnWidth(0)] == [222, 222]
    assert first.columnWidth(0) != 222


def test_a_splitter_that_is_turned_is_found_turned_also_after_the_second_start(qtbot: QtBot, tmp_path: Path) -> None:
    def opened() -> tuple[Splitter, Layouts]:
        window = QWidget()
        qtbot.addWidget(window)
        layouts = Layouts(window, "orders-eu", Remembered(tmp_path / "window.json"))
        splitter = Splitter("Journal", (QLabel("entries"), QLabel("entry")), (200, 200), across=True)
        splitter.setParent(window)
        window.show()
        splitter.show()
        return splitter, layouts

    for upright in (False, True, False):
        splitter, layouts = opened()
        if (splitter.orientation() is Qt.Orientation.Vertical) is not upright:
            turn(splitter.window())
        layouts.keep()
        assert (opened()[0].orientation() is Qt.Orientation.Vertical) is upright
