"""Pages and tabs that are made in pieces while the user is on another page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.ui.kit.lazy_parts import Composed, LazyParts, make_all
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.tables import Table
from kafkaview.ui.kit.theme import ThemeMode
from kafkaview.ui.pages.coordination.page import CoordinationPage
from tests.ui.pages.conftest import Stage


def all_of(parts: LazyParts[Any, Any]) -> Iterator[QWidget]:
    """Parts and their parts, without making any."""
    for part in parts.made.values():
        yield part
        for inner in part.lazy_parts() if isinstance(part, Composed) else ():
            yield from all_of(inner)


def begin(stage: Stage, page: str) -> None:
    """Make the first piece of a page, and nothing more by itself."""
    stage.window.tasks.cancel("pages")
    make_first_piece(stage.window.pages, page)


def make_first_piece(parts: LazyParts[str, Any], name: str) -> None:
    """Stop before the second one."""
    pieces = parts.pieces(name)
    next(pieces)
    next(pieces)
    assert name in parts.made


async def test_every_page_is_there_before_it_is_opened_and_its_tabs_after(stage: Stage) -> None:
    window = stage.window
    await stage.until(lambda: not window.tasks.is_running("pages"))
    coordination = window.pages.made["coordination"]
    assert isinstance(coordination, CoordinationPage)
    assert [*coordination.tabs.made] == [next(iter(coordination.tabs))]
    assert "settings" in window._own._pages.made
    for page in window.pages:
        window.go(Place(page))
    await stage.until(lambda: not window.tasks.is_running("pages"))
    assert not [*make_all(stage.window.pages)]
    parts = [*all_of(stage.window.pages)]
    assert len(parts) > len(stage.window.pages) + 10
    for part in parts:
        assert isinstance(part.parentWidget(), QStackedWidget)
        assert part.styleSheet() or any(dressed(part)), part


def dressed(part: QWidget) -> Iterator[str]:
    """The style sheets of what is around a part and in it."""
    around: QWidget | None = part
    while around is not None:
        yield around.styleSheet()
        around = around.parentWidget()
    yield from (inner.styleSheet() for inner in part.findChildren(QWidget))


async def test_a_page_that_is_opened_between_two_of_its_pieces_is_whole_at_once(stage: Stage) -> None:
    begin(stage, "topics")
    stage.window.go(Place("topics"))
    page = stage.topics
    assert page.isVisible()
    assert page.styleSheet() == stage.window.theme.sheet
    await stage.until(lambda: page.model.rowCount() > 0)


@pytest.mark.parametrize("name", ["records", "deadletters", "journal", "scan"])
async def test_a_page_that_waits_for_its_second_piece_is_told_what_happens_and_is_whole_when_opened(
    stage: Stage, name: str
) -> None:
    begin(stage, name)
    await stage.until(lambda: stage.window.view is not None)
    page = stage.window.pages.made[name]
    assert page.layout() is None
    assert stage.window.view is not None
    stage.window.show_view(stage.window.view)
    stage.window.refresh()
    stage.window._tell_written()
    stage.window.go(Place(name))
    assert page.isVisible()
    assert page.styleSheet() == stage.window.theme.sheet
    assert page.layout() is not None


@pytest.mark.parametrize("name", ["records", "deadletters", "journal", "scan"])
async def test_a_window_that_closes_between_two_pieces_of_a_page_leaves_none_behind(stage: Stage, name: str) -> None:
    begin(stage, name)
    assert stage.window.pages.made[name].layout() is None  # what is left over fails the test, as in every one


async def test_a_new_theme_is_worn_at_once_by_the_tab_and_the_head_in_front_and_by_the_others_when_shown(
    stage: Stage,
) -> None:
    window, theme = stage.window, stage.window.theme
    window.tasks.cancel("pages")
    window.go(Place("topics"))
    for tab in ("brokers", "quorum"):
        window.go(Place("coordination", tab))
    page = window.pages["coordination"]
    assert isinstance(page, CoordinationPage)
    hidden = page.tabs.made["brokers"], window._head._heads["topics"]
    before = theme.sheet
    theme.set_mode(ThemeMode.DARK)
    assert [part.styleSheet() for part in (page.tab, window._head._heads["coordination"])] == [theme.sheet] * 2
    assert [part.styleSheet() for part in hidden] == [before] * 2
    for place in (Place("coordination", "brokers"), Place("topics")):
        window.go(place)
    assert [part.styleSheet() for part in hidden] == [theme.sheet] * 2
    theme.set_mode(ThemeMode.LIGHT)


async def test_a_tab_that_is_opened_between_two_of_its_pieces_is_whole_at_once(stage: Stage) -> None:
    stage.window.tasks.cancel("pages")
    stage.window.go(Place("coordination"))
    page = stage.window.pages["coordination"]
    assert isinstance(page, CoordinationPage)
    make_first_piece(page.tabs, "brokers")
    stage.window.go(Place("coordination", "brokers"))
    assert page.tab.isVisible()
    assert stage.window.theme.sheet in dressed(page.tab)


async def test_a_page_that_was_hidden_while_the_theme_went_there_and_back_is_whole(stage: Stage) -> None:
    theme, page = stage.window.theme, stage.topics
    stage.window.tasks.cancel("pages")
    assert page.detail.tabs.tabs["partitions"].isHidden()
    for mode in (ThemeMode.DARK, ThemeMode.LIGHT):
        theme.set_mode(mode)
        await asyncio.sleep(0.1)  # Qt tells the widgets of it
    stage.window.go(Place("topics", "orders"))
    tables = page.findChildren(Table)
    await stage.until(lambda: sum(table.isVisible() for table in tables) > 1)
    grounds = {table.palette().base().color().name() for table in tables if table.isVisible()}
    assert grounds == {theme.color("surface").name()}


async def test_a_window_that_closes_makes_nothing_more(stage: Stage) -> None:
    begin(stage, "security")
    stage.window.go(Place("coordination"))
    page = stage.window.pages["coordination"]
    assert isinstance(page, CoordinationPage)
    make_first_piece(page.tabs, "brokers")
    stage.window.tasks.start("pages", stage.window._make_ahead())
    await stage.window.tasks.close()
    made = [*all_of(stage.window.pages)]
    await stage.until(lambda: not stage.window.tasks.is_running("pages"))
    assert [*all_of(stage.window.pages)] == made  # what is left over fails the test, as in every one
