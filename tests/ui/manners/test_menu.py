"""The menu, the ways out, the settings, and what a window tells while it is not in front."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.ui.kit.notices import Notices, bring_to_front
from kafkaview.ui.kit.preferences import Remembered, follow_look
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import DARK, Contrast, RowHeight, Theme, ThemeMode
from kafkaview.ui.kit.theme.tokens import high_contrast
from kafkaview.ui.pages.settings.page import PreferenceRow, SettingsPage
from kafkaview.ui.window.menu import AboutSheet
from kafkaview.ui.window.stuck_notices import StuckNotices, title_of
from kafkaview.ui.window.window import Window
from tests.ui.pages.samples import stuck, view

_CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(qapp: QApplication, theme: Theme, profile: ConnectionProfile) -> Iterator[Window]:
    made = Window(theme, profile)
    made.show()
    made.activateWindow()
    qapp.processEvents()
    yield made
    made.finish()


@pytest.fixture
def as_before(theme: Theme) -> Iterator[None]:
    yield
    theme.set_contrast(Contrast.SYSTEM)
    theme.set_row_height(RowHeight.USUAL)
    theme.set_local_time(local=False)


def press(window: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(window, key, _CTRL)
    QTest.keyRelease(window, Qt.Key.Key_Control)


def test_ctrl_w_and_ctrl_q_close_also_below_a_sheet(window: Window) -> None:
    asked: list[str] = []
    window.close_wanted.connect(lambda: asked.append("close"))
    window.quit_wanted.connect(lambda: asked.append("quit"))
    AboutSheet(window.theme, window).open()
    press(window, Qt.Key.Key_W)
    press(window, Qt.Key.Key_Q)
    assert asked == ["close", "quit"]


def test_the_menu_has_settings_logs_about_and_both_ways_out(window: Window, qapp: QApplication) -> None:
    window._header._menu.click()
    menu = qapp.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [entry.text() for entry in menu.actions() if not entry.isSeparator()] == [
        "Settings", "All keys", "Open the folder of the log files", "About kafkaview", "Close the window",
        "Quit kafkaview",
    ]  # fmt: skip
    next(entry for entry in menu.actions() if entry.text() == "About kafkaview").trigger()
    menu.close()
    sheet = Veil.over(window)
    assert isinstance(sheet, AboutSheet)
    QTest.keyClick(sheet.box, Qt.Key.Key_Return)
    assert Veil.over(window) is None


def test_ctrl_comma_opens_the_settings_and_ctrl_0_takes_the_text_back(
    qtbot: QtBot, window: Window, theme: Theme
) -> None:
    press(window, Qt.Key.Key_Comma)
    assert window._stack.currentWidget() is window._own.settings
    assert window._head.isHidden()
    changes: list[float] = []
    theme.changed.connect(lambda: changes.append(theme.scale))
    for _ in range(3):
        press(window, Qt.Key.Key_Plus)
    assert QToolTip.text() == "Text 130%"
    assert changes == []  # what follows at once is applied together
    qtbot.waitUntil(lambda: changes == [1.3])
    press(window, Qt.Key.Key_0)
    qtbot.waitUntil(lambda: theme.scale == 1.0)
    window._header._look.click()
    qtbot.waitUntil(lambda: theme.dark)


def row_of(page: SettingsPage, title: str) -> PreferenceRow:
    return next(row for row in page.rows if row.choice.accessibleName() == title)


@pytest.mark.usefixtures("as_before")
def test_every_setting_is_applied_at_once_kept_and_given_back(theme: Theme, tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "window.json")
    follow_look(theme, remembered)
    theme.set_mode(ThemeMode.SYSTEM)
    page = SettingsPage(theme, Notices(remembered))
    wanted = {"Theme": "dark", "Contrast": "high", "Text size": "110", "Height of rows": "compact"}
    wanted |= {"Time zone": "local", "Notifications": "off"}
    assert [row.choice.accessibleName() for row in page.rows] == [*wanted]
    for title, value in wanted.items():
        row = row_of(page, title)
        assert row.reset.isHidden(), title
        row.choice.setCurrentIndex(row.choice.findData(value))
        row.choice.activated.emit(row.choice.currentIndex())
        assert not row.reset.isHidden(), title
    assert (theme.mode, theme.scale, theme.row, theme.local_time) == (ThemeMode.DARK, 1.1, round(24 * 1.1), True)
    kept = Remembered(tmp_path / "window.json")
    assert kept.get("look") == {
        "mode": "dark",
        "contrast": "high",
        "scale": 1.1,
        "rows": "compact",
        "local_time": True,
    }
    assert theme.tokens == high_contrast(DARK)
    assert not Notices(kept).wanted
    for row in page.rows:
        row.reset.click()
        assert row.reset.isHidden()
    assert (theme.scale, theme.row_height, theme.local_time) == (1.0, RowHeight.USUAL, False)
    assert Notices(Remembered(tmp_path / "window.json")).wanted
    page.deleteLater()


def test_the_settings_are_searched_by_words(theme: Theme) -> None:
    page = SettingsPage(theme, Notices())
    page.filter.setText("height row")
    assert [row.choice.accessibleName() for row in page.rows if not row.isHidden()] == ["Height of rows"]
    page.filter.setText("nothing like this")
    assert not page._none.isHidden()
    page.deleteLater()


class Told(Notices):
    """Keeps what would be shown on the desktop."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []

    def tell(self, _window: QWidget, title: str, text: str) -> None:
        self.said.append((title, text))


def test_a_group_that_gets_stuck_is_told_once_while_the_window_is_not_in_front(
    qapp: QApplication, theme: Theme, profile: ConnectionProfile
) -> None:
    assert theme
    window, notices = QWidget(), Told()
    told = StuckNotices(window, profile, notices)
    calm = view()
    told.note_view(calm)
    assert notices.said == []
    poison = stuck("billing", verdict=Verdict.POISON)
    told.note_view(replace(calm, stuck=(poison,)))
    told.note_view(replace(calm, stuck=(poison,)))
    assert [title for title, _text in notices.said] == ["billing stands still"]
    assert profile.name in notices.said[0][1]
    more = stuck("audit", verdict=Verdict.POISON), stuck("ship", verdict=Verdict.POISON)
    told.note_view(replace(calm, stuck=(poison, *more), stale=True))  # what is only remembered is no news
    told.note_view(replace(calm, stuck=(poison, *more)))
    assert [title for title, _text in notices.said][1:] == ["2 more groups stand still"]
    assert "audit and ship" in notices.said[1][1]
    other = stuck("mail", Verdict.UNDECIDED), stuck("old", Verdict.NO_MEMBERS)  # which nobody runs
    told.note_view(replace(calm, stuck=(poison, *more, *other)))
    assert [title for title, _text in notices.said][2:] == ["mail stands still"]
    qapp.processEvents()
    window.deleteLater()


def test_the_title_begins_with_what_is_stuck(window: Window, profile: ConnectionProfile) -> None:
    assert title_of(profile, 0) == "orders-eu (production) - kafkaview"
    assert title_of(profile, 3) == "3 stuck - orders-eu (production) - kafkaview"
    assert window.windowTitle() == "orders-eu (production) - kafkaview"


def test_every_window_follows_the_wish_for_notifications(theme: Theme, qtbot: QtBot, tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "window.json")
    here, there = Notices(remembered), Notices(remembered)
    page = SettingsPage(theme, there)
    qtbot.addWidget(page)
    here.want(wanted=False)
    assert not there.wanted
    page.show()
    row = next(row for row in page.rows if row.has(["notifications"]))
    assert row.choice.currentText() == "None"


def test_a_window_comes_to_the_front_as_large_as_it_was(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.showMaximized()
    window.setWindowState(window.windowState() | Qt.WindowState.WindowMinimized)
    bring_to_front(window)
    assert window.isMaximized()
    assert not window.isMinimized()
