"""Tab goes through a window as it is read, and out of everything that it goes into."""

from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView, QWidget

from kafkaview.ui.kit.focus_ring import Ring
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.tab_order import stops
from tests.ui.pages.conftest import Stage


def walked(root: QWidget, key: Qt.Key = Qt.Key.Key_Tab) -> list[QWidget]:
    """What has the keyboard after each press, until one has it again."""
    window = root.window()
    found: list[QWidget] = []
    while len(found) < 200:
        QTest.keyClick(QApplication.focusWidget() or window, key)
        now = QApplication.focusWidget()
        assert now is not None
        if now in found:
            return found
        found.append(now)
    raise AssertionError("Tab comes to no end")


def name_of(widget: QWidget) -> str:
    seen = QAccessible.queryAccessibleInterface(widget)
    return seen.text(QAccessible.Text.Name) or widget.accessibleName()


@pytest.mark.parametrize("page", ["triage", "topics", "groups", "coordination", "security"])
async def test_tab_visits_each_stop_once_and_each_has_a_name(stage: Stage, page: str) -> None:
    await stage.choose("billing")
    stage.window.go(Place(page))
    stage.window.setFocus()
    await asyncio.sleep(0.1)
    expected = stops(stage.window)
    assert walked(stage.window) == expected
    assert [repr(stop) for stop in expected if not name_of(stop)] == []
    QTest.keyClick(expected[0], Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is expected[-1]


async def test_tab_goes_from_the_rail_over_the_pages_head_into_the_page_and_below_it(stage: Stage) -> None:
    await stage.choose("billing")
    stage.window.setFocus()
    order = walked(stage.window)
    rail = next(place for place, stop in enumerate(order) if stage.window._rail.isAncestorOf(stop))
    scan = order.index(stage.triage.scan_button)
    assert rail < scan < order.index(stage.triage.list)
    assert order.index(stage.triage.list) < order.index(stage.triage.pane.head.send_button)
    below = order[-1].mapTo(stage.window, QPoint(0, 0)).y()
    assert below > stage.triage.list.mapTo(stage.window, QPoint(0, stage.triage.list.height())).y()


async def test_a_page_that_is_come_to_by_a_key_gives_the_keyboard_to_its_first_table(stage: Stage) -> None:
    await stage.choose("billing")
    stage.triage.list.setFocus()
    stage.window.go(Place("groups"))
    await stage.until(lambda: name_of(QApplication.focusWidget() or stage.window) == "Consumer groups")


async def test_a_box_that_can_be_typed_into_lets_tab_out_again(stage: Stage) -> None:
    await stage.choose("billing")
    page = await stage.scan()
    assert walked(stage.window) == stops(stage.window)
    assert page.form.topic in stops(stage.window)


async def test_a_table_wears_a_ring_while_it_has_the_keyboard(stage: Stage) -> None:
    stage.window.go(Place("topics"))
    await stage.until(stage.topics.table.isVisible)
    table = next(stop for stop in stops(stage.topics) if isinstance(stop, QTableView))
    while QApplication.focusWidget() is not table:
        QTest.keyClick(QApplication.focusWidget() or stage.window, Qt.Key.Key_Tab)
    (ring,) = table.findChildren(Ring)
    assert ring.isVisible()
    assert ring.size() == table.size()
    QTest.keyClick(table, Qt.Key.Key_Tab)
    await stage.until(lambda: not table.findChildren(Ring))
