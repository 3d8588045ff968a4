"""docs/keyboard.md lists the keys of every action, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.window.front import Front
from kafkaview.ui.window.keys import _OF_TABLES
from kafkaview.ui.window.pages import PAGES
from kafkaview.ui.window.window import Window
from tests.kit.book import LocalBook
from tests.kit.documents import ROOT, sections
from tests.ui.conftest import Run, Staged
from tests.ui.connections.rings import MemoryRing, keyring
from tests.ui.stage import DEVELOPMENT, Stage

PAGE: Final = {section.title: section.text for section in sections(ROOT / "docs" / "keyboard.md")}
Keys = dict[str, tuple[str, ...]]


def written(title: str) -> Keys:
    """The actions of one table with their keys."""
    rows = re.findall(r"^\| (`.+`) \| (.+) \|$", PAGE[title], re.MULTILINE)
    return {action: tuple(re.findall(r"`([^`]+)`", keys)) for keys, action in rows}


def bound(actions: Iterable[Action]) -> Keys:
    return {action.title: action.shortcuts for action in actions if action.shortcuts}


def test_the_keys_of_a_window_are_those_of_the_page(theme: Theme) -> None:
    window = Window(theme, DEVELOPMENT)
    window.page_types = PAGES
    assert bound([*window.deeds.of_frame(), *window.deeds.page_links(), *window.deeds.ways_out()]) == written(
        "In a window"
    )
    window.finish()


def test_no_key_of_a_page_is_one_of_the_window_too(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        taken = {keys for own in written("In a window").values() for keys in own}
        for page_type in PAGES:
            page = page_type(stage.context, stage.window)
            page.lay_out()
            for widget in page.head_actions():
                widget.setParent(page)
            own = [keys for action in page.actions_of_page() for keys in action.shortcuts]
            assert not taken & set(own), page_type.title
            assert len(own) == len(set(own)), page_type.title

    staged(play)


def test_the_keys_of_each_page_are_those_of_the_page(staged: Staged) -> None:
    async def play(stage: Stage) -> None:
        for page_type in PAGES:
            page = page_type(stage.context, stage.window)
            page.lay_out()
            for widget in page.head_actions():  # the window would place them
                widget.setParent(page)
            keys = bound(page.actions_of_page())
            title = f"On {page_type.title}"
            assert keys == (written(title) if title in PAGE else {})

    staged(play)


def test_the_keys_of_welcome_are_those_of_the_page(theme: Theme, run: Run, tmp_path: Path) -> None:
    async def scenario() -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        front = Front(theme, book)
        assert bound([*front._actions(), *front._ways_out()]) == written("While nothing is connected")
        await front.tasks.close()
        await book.close()
        front.deleteLater()

    run(scenario())


def test_the_keys_of_tables_are_those_of_the_page() -> None:
    assert written("In tables and sheets") == {title: (keys,) for keys, title in _OF_TABLES}
