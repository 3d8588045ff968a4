from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.profiles.profile import Environment
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.sheets import STILL, PagePicture, Sheet, Veil
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.window.palette import Palette
from kafkaview.ui.window.palette_entries import PaletteEntry, PaletteSection
from tests.ui.conftest import Run


@pytest.fixture
def window(qtbot: QtBot, theme: Theme) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    QLineEdit(made).setFocus()
    made.resize(1000, 700)
    theme.dress(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None)
    return made


def sheet_on(theme: Theme, window: QWidget) -> Sheet:
    sheet = Sheet(theme, window, Environment.PRODUCTION)
    sheet.set_title("Send 1 record to orders-dlq", "One Kafka transaction")
    sheet.body.addWidget(Text("the plan"))
    for name in ("Cancel", "Send"):
        sheet.footer.addWidget(Button(theme, name))
    sheet.open()
    return sheet


def test_escape_closes_and_gives_the_keyboard_back(qtbot: QtBot, theme: Theme, window: QWidget) -> None:
    before = QApplication.focusWidget()
    sheet = sheet_on(theme, window)
    with qtbot.waitSignal(sheet.closed):
        QTest.keyClick(sheet.box, Qt.Key.Key_Escape)
    assert Veil.over(window) is None
    assert QApplication.focusWidget() is before


def test_a_sheet_that_must_not_be_closed_stays(theme: Theme, window: QWidget) -> None:
    sheet = sheet_on(theme, window)
    sheet.closable = False
    QTest.keyClick(sheet.box, Qt.Key.Key_Escape)
    assert Veil.over(window) is sheet


def test_tab_stays_on_the_sheet(theme: Theme, window: QWidget) -> None:
    sheet = sheet_on(theme, window)
    seen = set()
    for _ in range(5):
        focused = QApplication.focusWidget() or sheet.box
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        assert now is not None
        assert sheet.isAncestorOf(now)
        seen.add(now.accessibleName())
    assert {"Cancel", "Send"} <= seen


def test_it_fits_a_small_window(qtbot: QtBot, theme: Theme, window: QWidget) -> None:
    sheet = sheet_on(theme, window)
    for _ in range(60):
        sheet.body.addWidget(Text("a line"))
    window.resize(700, 400)
    qtbot.waitUntil(lambda: sheet.box.height() == 400 - 25 - 24)
    assert sheet.box.width() == 700 - 48


def test_a_title_above_a_short_body_is_whole(qtbot: QtBot, theme: Theme, window: QWidget) -> None:
    for scale in (1.0, 1.5, 2.0):
        theme.set_scale(scale)
        sheet = sheet_on(theme, window)
        qtbot.wait(20)  # placed in the next turn
        for line in (sheet._title, sheet._subtitle):
            assert line.height() >= line.heightForWidth(line.width()), scale
        sheet.lift()


def test_its_top_stays_where_it_is_while_it_grows_and_shrinks(qtbot: QtBot, theme: Theme, window: QWidget) -> None:
    sheet = sheet_on(theme, window)
    top, small = sheet.box.y(), sheet.box.height()
    lines = [Text("a line") for _ in range(8)]
    for line in lines:
        sheet.body.addWidget(line)
    qtbot.waitUntil(lambda: sheet.box.height() > small)
    assert sheet.box.y() == top
    for line in lines:
        line.hide()
    qtbot.waitUntil(lambda: sheet.box.height() == small)
    assert sheet.box.y() == top


def test_other_tasks_go_on_while_a_sheet_is_open(run: Run, theme: Theme, window: QWidget) -> None:
    async def scenario() -> None:
        sheet, steps = sheet_on(theme, window), list[int]()

        async def work() -> None:
            for step in range(3):
                await asyncio.sleep(0.01)
                steps.append(step)
            sheet.lift()

        task = asyncio.ensure_future(work())
        await task
        assert steps == [0, 1, 2]

    run(scenario())


def test_the_palette_runs_what_is_chosen_by_keys(theme: Theme, window: QWidget) -> None:
    done: list[str] = []
    entries = [
        PaletteEntry(PaletteSection.GO, "users", "billing", "group", lambda: done.append("billing")),
        PaletteEntry(PaletteSection.DO, "send", "Refresh now", "", lambda: done.append("refresh")),
        PaletteEntry(
            PaletteSection.DO, "send", "Refresh never", "", lambda: done.append("never"), why_not="Nothing to refresh"
        ),
    ]
    palette = Palette(theme, window, lambda: entries)
    palette.open()
    QTest.keyClicks(palette.field, "refresh")
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == []
    assert Veil.over(window) is palette
    QTest.keyClick(palette.field, Qt.Key.Key_Up)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert done == ["refresh"]
    assert Veil.over(window) is None


class Painted(QWidget):
    """Counts how often it was painted."""

    times = 0
    colour = QColor("#33aa55")

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.times += 1
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.colour)
        painter.end()


@pytest.fixture
def page(qtbot: QtBot, theme: Theme) -> Painted:
    window = QWidget()
    theme.dress(window)
    window.resize(800, 500)
    page = Painted(window)
    page.setObjectName(STILL)
    page.setGeometry(100, 50, 700, 450)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: page.times > 0)
    return page


def test_the_page_below_a_sheet_is_not_painted_again(qtbot: QtBot, theme: Theme, page: Painted) -> None:
    sheet = Sheet(theme, page.window())
    sheet.open()
    qtbot.wait(50)
    before, dimmed = page.times, page.window().grab().toImage().pixelColor(110, 440)
    sheet.set_title("Another title", "and a line below, so that the sheet grows")
    page.update()
    qtbot.wait(50)
    assert page.times == before
    assert QColor("#33aa55").green() > dimmed.green() > dimmed.red()  # the page's own green, below the veil

    sheet.lift()
    qtbot.waitUntil(lambda: page.times > before)


def test_a_window_that_is_resized_shows_its_page_itself_below_a_sheet(
    qtbot: QtBot, theme: Theme, page: Painted
) -> None:
    sheet = Sheet(theme, page.window())
    sheet.open()
    qtbot.wait(50)
    before = page.times
    page.window().resize(900, 600)
    qtbot.waitUntil(lambda: page.times > before)
    assert not any(picture.isVisible() for picture in page.window().findChildren(PagePicture))
    sheet.lift()


def test_a_sheet_that_follows_another_at_once_shows_the_page_and_not_the_one_before(
    qtbot: QtBot, theme: Theme, page: Painted
) -> None:
    first = Sheet(theme, page.window(), width=600)
    first.open()
    qtbot.wait(50)
    place = first.box.mapTo(page.window(), first.box.rect().topLeft() + QPoint(12, 40))
    first.lift()
    second = Sheet(theme, page.window(), width=100)
    second.open()
    qtbot.wait(50)
    seen = page.window().grab().toImage().pixelColor(place)
    assert seen.green() > seen.red()  # the page's own green, below the veil
    second.lift()
    qtbot.waitUntil(lambda: not page.window().findChildren(PagePicture))


def test_a_theme_that_changes_below_the_second_of_two_sheets_is_seen_on_the_page(
    qtbot: QtBot, theme: Theme, page: Painted
) -> None:
    first = Sheet(theme, page.window())
    first.open()
    first.lift()
    second = Sheet(theme, page.window())
    second.open()
    before = page.times
    theme.set_mode(ThemeMode.DARK)
    qtbot.waitUntil(lambda: page.times > before)
    second.lift()


def test_a_page_that_has_just_changed_is_on_the_picture_as_it_is_now(qtbot: QtBot, theme: Theme, page: Painted) -> None:
    page.colour = QColor("#aa3355")
    page.update()
    sheet = Sheet(theme, page.window(), width=100)
    sheet.open()
    qtbot.wait(50)
    seen = page.window().grab().toImage().pixelColor(110, 440)
    assert seen.red() > seen.green()
    sheet.lift()


def test_a_sheet_that_goes_from_below_another_leaves_it_the_keyboard(theme: Theme, window: QWidget) -> None:
    before = QApplication.focusWidget()
    below, above = sheet_on(theme, window), sheet_on(theme, window)
    below.lift()
    keyboard = QApplication.focusWidget()
    assert keyboard is not None
    assert above.isAncestorOf(keyboard), "Esc and Enter are the upper sheet's"
    above.lift()
    assert QApplication.focusWidget() is before
