"""The actions of a window are one registry: an id or a shortcut that is there twice would be lost without a word. Pages
may share a shortcut, as that of the primary action: the one in front has it.
"""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.records.page import RecordsPage
from kafkaview.ui.window.window import Window
from tests.ui.pages.conftest import Stage, profile, stage

__all__ = ["profile", "stage"]


async def test_no_action_and_no_shortcut_is_there_twice(stage: Stage) -> None:
    window = stage.window
    frame = [*window.deeds.page_links(), *window.deeds.of_frame(), *window.deeds.ways_out()]
    ids = Counter(action.id for action in [*window.deeds.of_pages(), *frame])
    assert len(ids) > 30
    assert [one for one, times in ids.items() if times > 1] == []
    for page in window.pages.values():
        shortcuts = Counter(keys for action in [*page.actions_of_page(), *frame] for keys in action.shortcuts)
        assert [one for one, times in shortcuts.items() if times > 1] == []


async def test_an_action_that_would_do_nothing_now_says_why(stage: Stage) -> None:
    window = stage.window

    def why_not(name: str) -> str:
        return next(one for one in [*window.deeds.of_pages(), *window.deeds.of_frame()] if one.id == name).why_not()

    assert (why_not("back"), why_not("forward")) == ("There is no place before", "There is no place after")
    for name in ("records.read", "records.follow", "records.jump"):
        assert why_not(name) == "Choose a topic first", name
    assert why_not("records.above") == why_not("records.below") == "No record is selected"
    assert why_not("records.compare") == "No record is opened"
    window.go(Place("records", "payments"))
    page = window.pages["records"]
    assert isinstance(page, RecordsPage)
    await stage.until(lambda: page.model.rowCount() and not page.loaded.running)
    assert (why_not("back"), why_not("records.read"), why_not("refresh")) == ("", "", "")
    page.table.choose(page.model.key_at(0))
    await stage.until(lambda: page.table.selected is not None)
    assert (why_not("records.above"), why_not("records.below")) == ("It is the first one", "")
    window.step_place(-1)
    assert why_not("forward") == ""


async def test_a_key_whose_action_cannot_be_run_says_why(stage: Stage) -> None:
    QTest.keyClick(stage.window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert QToolTip.text() == "There is no place before"


async def test_a_window_that_watches_nothing_yet_has_nothing_to_ask_again(stage: Stage) -> None:
    window = Window(stage.window.theme, stage.session.profile)
    whys = {one.id: one.why_not() for one in window.deeds.of_frame()}
    assert whys["refresh"] == whys["pause"] == "Nothing is asked yet"
    window.finish()


async def test_a_key_that_pages_share_is_that_of_the_page_in_front(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = stage.window
    asked: list[str] = []
    for name in ("triage", "deadletters"):
        (action,) = (one for one in window.pages[name].actions_of_page() if "Ctrl+Return" in one.shortcuts)
        monkeypatch.setattr(type(action), "run", lambda self: asked.append(self.id))
    for name in ("triage", "deadletters", "triage"):
        window.go(Place(name))
        await stage.until(lambda name=name: window.pages[name].isVisible())  # type: ignore[misc]
        QTest.keyClick(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked == ["triage.send", "deadletters.redrive", "triage.send"]
