"""The actions of a window are one registry: an id or a shortcut that is there twice would be lost without a word. Pages
may share a shortcut, as that of the primary action: the one in front has it.
"""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kafkaview.ui.kit.page import Place
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
