"""The window at 800x560 with large text: nothing lies over anything, and one bar scrolls in each direction."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QScrollBar, QWidget

from kafkaview.triage.incidents.kept_rows import KeptSection
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.theme import Theme
from tests.ui.pages.conftest import Stage


def bars(page: QWidget) -> list[QRect]:
    """The vertical scroll bars of a page, in the page's place."""
    found = [bar for bar in page.findChildren(QScrollBar) if bar.orientation() is Qt.Orientation.Vertical]
    return [QRect(bar.mapTo(page, QPoint(0, 0)), bar.size()) for bar in found if bar.isVisibleTo(page)]


@pytest.mark.parametrize("scale", [1.5, 2.0])
async def test_the_parts_of_the_header_do_not_overlap(stage: Stage, theme: Theme, scale: float) -> None:
    stage.window.resize(800, 560)
    theme.set_scale(scale)
    header = stage.window._header

    def apart() -> bool:
        parts = [item for item in header.children() if isinstance(item, QWidget) and item.isVisible()]
        placed = sorted((part.geometry() for part in parts), key=QRect.left)
        return placed[-1].right() < 800 and all(left.right() < right.left() for left, right in pairwise(placed))

    await stage.until(apart, seconds=5)
    inside = [part for part in header._profile.children() if isinstance(part, QWidget)]
    assert all(header._profile.rect().contains(part.geometry()) for part in inside)


@pytest.mark.parametrize("page", ["records", "topics", "groups", "security", "coordination"])
async def test_one_bar_scrolls_a_page_that_does_not_fit(stage: Stage, theme: Theme, page: str) -> None:
    stage.window.resize(800, 560)
    theme.set_scale(1.5)
    stage.window.go(Place(page, {"records": "orders", "topics": "orders"}.get(page, "")))
    shown = stage.window.pages[page]
    column = next(iter(shown.findChildren(Roomy)))
    await stage.until(lambda: column.verticalScrollBar().maximum() > 0 and len(bars(shown)) == 1)


async def test_what_is_in_a_page_scrolls_by_itself_again_where_there_is_room(stage: Stage, theme: Theme) -> None:
    page = stage.window.pages["records"]
    stage.window.resize(800, 560)
    theme.set_scale(1.5)
    stage.window.go(Place("records", "orders"))
    column = next(area for area in page.findChildren(Roomy) if area.verticalScrollBar().maximum() > 0)
    hidden = Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    areas = [one for one in column.inside.findChildren(QAbstractScrollArea) if one.property("yields")]
    assert areas
    assert all(one.verticalScrollBarPolicy() is hidden for one in areas)
    theme.set_scale(1.0)
    stage.window.resize(1600, 1100)
    await stage.until(lambda: all(one.verticalScrollBarPolicy() is not hidden for one in areas))


async def test_a_page_whose_parts_fit_does_not_scroll(stage: Stage) -> None:
    page = await stage.scan()
    page.go.click()
    await stage.until(lambda: page.model.total == 2 and page.go.isEnabled())
    page.table.choose((stage.world.poison, "value"))
    await stage.until(page.finding.isVisible)
    await stage.until(lambda: bars(page) == [])


async def test_a_kept_incident_scrolls_where_it_does_not_fit(stage: Stage, theme: Theme) -> None:
    page = await stage.scan()
    page.go.click()
    await stage.until(lambda: page.model.total == 2 and page.go.isEnabled())
    page.keep_button.click()
    stage.window.go(Place("triage"))
    await stage.until(lambda: stage.triage.list.unfold(KeptSection.OPEN))
    pane = stage.triage.kept_pane
    await stage.until(lambda: pane.isVisible() and bars(pane) == [])
    stage.window.resize(800, 560)
    theme.set_scale(2.0)
    await stage.until(lambda: len(bars(pane)) == 1)
    parts = (pane.sentence, pane.facts, pane.note, pane.table, pane.record)
    await stage.until(
        lambda: all(
            upper.mapTo(pane, QPoint(0, upper.height())).y() <= lower.mapTo(pane, QPoint(0, 0)).y()
            for upper, lower in pairwise(parts)
        )
    )
