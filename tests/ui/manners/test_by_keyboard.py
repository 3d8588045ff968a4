"""Every page by the keyboard alone: its key, its stops, filter and list, panes, back, palette, and the ways out."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.ui.kit.panes import panes
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.tables import FilterField
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.window.pages import PAGES
from kafkaview.ui.window.palette import Palette
from kafkaview.ui.window.window import Window
from tests.kit.engine import local_client
from tests.ui.conftest import Run, until

_CTRL, _ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
_NONE = Qt.KeyboardModifier.NoModifier
_LISTS = ("triage", "topics", "groups")  # pages that have rows on this cluster without a further step


def press(window: Window, key: Qt.Key, modifier: Qt.KeyboardModifier = _NONE) -> None:
    """Presses a key where the keyboard is."""
    focus = QApplication.focusWidget()
    inside = focus is not None and (focus is window or window.isAncestorOf(focus))
    QTest.keyClick(focus if inside and focus is not None else window, key, modifier)
    for held in (Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Shift):
        QTest.keyRelease(window, held)


def holder(window: Window) -> QWidget:
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus is window or window.isAncestorOf(focus)
    return focus


def front(window: Window) -> str:
    page = window._front_page()
    assert page is not None
    return page.id


@pytest.mark.parametrize("place", range(len(PAGES)), ids=[page.id for page in PAGES])
def test_a_page_is_worked_with_by_keys_alone(
    run: Run, theme: Theme, profile: ConnectionProfile, session: Session, place: int
) -> None:
    page_type = PAGES[place]

    async def scenario() -> None:
        window = Window(theme, profile)
        window.resize(1280, 800)
        window.show()
        window.activateWindow()
        client = local_client(session, interval=0.05, window=0.3)
        client.begin()
        window.watch(client.engine, session.profile)
        try:
            await until(lambda: window.view is not None and window.view.judged and window.view.groups is not None)
            await play(window, place, page_type.id)
        finally:
            await window.tasks.close()
            await client.close()
            await session.journal.close()
            window.finish()

    run(scenario())


async def play(window: Window, place: int, page_id: str) -> None:
    press(window, Qt.Key.Key_2 if place != 1 else Qt.Key.Key_1, _CTRL)
    await settle(window)
    press(window, Qt.Key(Qt.Key.Key_1 + place), _CTRL)
    await settle(window)
    assert front(window) == page_id
    tab_through(window)
    press(window, Qt.Key.Key_F, _CTRL)
    field = holder(window)
    if isinstance(field, FilterField):
        await filtered(window, field, listed=page_id in _LISTS)
    assert front(window) == page_id
    for _ in range(len(panes(window._stack.currentWidget())) + 2):
        press(window, Qt.Key.Key_F6)
        holder(window)
    covered_and_back(window)
    press(window, Qt.Key.Key_Left, _ALT)
    await settle(window)
    assert front(window) != page_id
    press(window, Qt.Key.Key_Right, _ALT)
    await settle(window)
    assert front(window) == page_id
    leave(window)


def tab_through(window: Window) -> None:
    """Every stop of Tab is on the window, in sight, and left again by Tab."""
    seen: list[QWidget] = []
    for _ in range(60):
        press(window, Qt.Key.Key_Tab)
        now = holder(window)
        assert now.isVisible()
        if seen and now is seen[0]:
            break
        seen.append(now)
    assert len(seen) > 8


def covered_and_back(window: Window) -> None:
    """The palette and the keys open over a page and close, and the keyboard is given back."""
    before = holder(window)
    for key, modifier in ((Qt.Key.Key_K, _CTRL), (Qt.Key.Key_F1, _NONE)):
        press(window, key, modifier)
        veil = Veil.over(window)
        assert veil is not None
        assert isinstance(veil, Palette) is (key == Qt.Key.Key_K)
        press(window, Qt.Key.Key_Escape)
        assert Veil.over(window) is None
        assert QApplication.focusWidget() is before


def leave(window: Window) -> None:
    """The settings, and both ways out."""
    asked: list[str] = []
    window.close_wanted.connect(lambda: asked.append("close"))
    window.quit_wanted.connect(lambda: asked.append("quit"))
    press(window, Qt.Key.Key_Comma, _CTRL)
    assert window._own.in_front
    press(window, Qt.Key.Key_W, _CTRL)
    press(window, Qt.Key.Key_Q, _CTRL)
    assert asked == ["close", "quit"]


async def filtered(window: Window, field: FilterField, *, listed: bool) -> None:
    QTest.keyClicks(field, "zzqq")
    await settle(window)
    press(window, Qt.Key.Key_Escape)
    assert field.text() == ""
    assert QApplication.focusWidget() is field
    press(window, Qt.Key.Key_Down)
    await settle(window)
    now = holder(window)
    if listed:
        assert isinstance(now, QAbstractItemView)
        assert now.selectionModel().hasSelection()
        place = now.currentIndex().row()
        press(window, Qt.Key.Key_Down)
        assert now.currentIndex().row() >= place


async def settle(window: Window) -> None:
    """Lets what was asked for be shown."""
    for _ in range(3):
        await asyncio.sleep(0.02)
    assert window.isVisible()
