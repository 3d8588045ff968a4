"""The actions of a window are one registry: an id or a shortcut that is there twice would be lost without a word."""

from __future__ import annotations

from collections import Counter

from tests.ui.pages.conftest import Stage, profile, stage, theme

__all__ = ["profile", "stage", "theme"]


async def test_no_action_and_no_shortcut_is_there_twice(stage: Stage) -> None:
    window = stage.window
    actions = [*window._page_actions(), *window._page_links(), *window._frame_actions()]
    ids = Counter(action.id for action in actions)
    shortcuts = Counter(keys for action in actions for keys in action.shortcuts)
    assert len(ids) > 30
    assert [one for one, times in (ids + shortcuts).items() if times > 1] == []
