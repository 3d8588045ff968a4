"""What one has set up is found again, panes are gone through by keys, and times are of the zone that was asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSplitter, QTableView

from kafkaview import words as formats
from kafkaview.clock import choose_zone
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.panes import panes
from kafkaview.ui.kit.preferences import Remembered, follow_look
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.window.window import Window
from tests.kit.clock import set_machine_zone
from tests.kit.engine import local_client
from tests.ui.conftest import Run, until

Scenario = Callable[[Window], Awaitable[None]]
On = Callable[[Scenario], None]
AT = 1_763_906_551_882  # 2025-11-23T14:02:31.882Z


@pytest.fixture
def on_window(run: Run, theme: Theme, profile: ConnectionProfile, session: Session, tmp_path: Path) -> On:
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


@pytest.fixture
def in_vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    set_machine_zone(monkeypatch, "CET", timedelta(hours=1))
    yield
    choose_zone(local=False)


def test_the_look_is_found_again_at_the_next_start(qapp: QApplication, tmp_path: Path) -> None:
    assert qapp is not None
    file = tmp_path / "kafkaview" / "window.json"
    first = Theme(ThemeMode.LIGHT)
    follow_look(first, Remembered(file))
    first.set_mode(ThemeMode.DARK)
    first.set_scale(1.5)
    first.set_local_time(local=True)
    second = Theme(ThemeMode.LIGHT)
    follow_look(second, Remembered(file))
    assert (second.mode, second.scale, second.local_time) == (ThemeMode.DARK, 1.5, True)
    second.set_local_time(local=False)
    second.set_scale(1.0)
    second.set_mode(ThemeMode.LIGHT)


@pytest.mark.parametrize("damaged", ["", "{", "[1]", '{"look": 3}', '{"look": {"mode": "pink", "scale": "big"}}'])
def test_a_damaged_file_begins_anew(qapp: QApplication, tmp_path: Path, damaged: str) -> None:
    assert qapp is not None
    file = tmp_path / "window.json"
    file.write_text(damaged)
    theme = Theme(ThemeMode.LIGHT)
    follow_look(theme, Remembered(file))
    assert (theme.mode, theme.scale, theme.local_time) == (ThemeMode.LIGHT, 1.0, False)
    theme.set_mode(ThemeMode.DARK)
    assert Remembered(file).get("look")["mode"] == "dark"
    theme.set_mode(ThemeMode.LIGHT)


def test_columns_and_splitters_of_a_profile_are_kept_by_their_names(
    on_window: On, theme: Theme, profile: ConnectionProfile, tmp_path: Path
) -> None:
    async def scenario(window: Window) -> None:
        window.resize(1280, 800)
        page = window.pages["topics"]
        window.go(Place("topics"))
        splitter, table = page.findChildren(QSplitter)[0], page.findChildren(QTableView)[0]
        table.setColumnWidth(2, 177)
        theme.set_mode(ThemeMode.DARK)  # another look is no reason to lose them
        theme.set_mode(ThemeMode.LIGHT)
        assert table.columnWidth(2) == 177
        QTest.keyClick(window, Qt.Key.Key_Backslash, Qt.KeyboardModifier.ControlModifier)
        QTest.keyRelease(window, Qt.Key.Key_Control)
        assert splitter.orientation() is Qt.Orientation.Horizontal

    on_window(scenario)
    remembered = Remembered(tmp_path / "window.json")
    assert remembered.get(f"{profile.name}/splitter/topics/Topics")["upright"] is False
    assert "Topic" in remembered.get(f"{profile.name}/table/topics/Topics")["columns"]


def test_f6_goes_round_the_panes(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        window.activateWindow()
        window.go(Place("topics"))
        page = window.pages["topics"]
        await until(lambda: len(panes(page)) == 2)  # the table, and the topic that is shown first
        around = [window._rail, *panes(page)]

        def here() -> int:
            focus = QApplication.focusWidget()
            return next(
                place for place, pane in enumerate(around) if (focus and pane.isAncestorOf(focus)) or pane is focus
            )

        seen = []
        for _ in range(4):
            QTest.keyClick(window, Qt.Key.Key_F6)
            seen.append(here())
        assert seen == [0, 1, 2, 0]
        QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyRelease(window, Qt.Key.Key_Shift)
        assert here() == 2

    on_window(scenario)


@pytest.mark.usefixtures("in_vienna")
def test_a_click_on_the_zone_writes_every_time_locally_and_a_second_one_in_utc(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        zone = window._status._zone
        assert (zone.text(), formats.clock(AT, AT), formats.iso(AT)) == ("UTC", "14:02:31", "2025-11-23T14:02:31.882Z")
        QTest.mouseClick(zone, Qt.MouseButton.LeftButton)
        assert (zone.text(), formats.clock(AT, AT)) == ("CET", "15:02:31")
        assert formats.iso(AT) == "2025-11-23T15:02:31.882+0100"
        QTest.mouseClick(zone, Qt.MouseButton.LeftButton)
        assert (zone.text(), formats.clock(AT, AT)) == ("UTC", "14:02:31")

    on_window(scenario)
