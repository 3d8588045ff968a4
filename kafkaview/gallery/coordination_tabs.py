"""Pictures of the Coordination page's other tabs, on the cluster that the window has open."""

from __future__ import annotations

import asyncio
from typing import Final

from kafkaview.gallery.tour_parts import Take, page_of, wait_until
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.coordination.brokers_tab import BrokersTab
from kafkaview.ui.pages.coordination.page import CoordinationPage
from kafkaview.ui.window.window import Window

_TABS: Final = ("features", "brokers", "transactions", "zookeeper")


async def take_tabs(window: Window, take: Take) -> None:
    """Takes pictures of the tabs: `coordination-brokers-light.png` and so on."""
    page = page_of(window, CoordinationPage)
    for name in _TABS:
        window.go(Place("coordination", name))
        await _rest(window)
        await take(window, f"coordination-{name}")
    brokers = page.tabs["brokers"]
    if isinstance(brokers, BrokersTab):
        window.go(Place("coordination", "brokers"))
        for leaf in ("directories", "settings"):
            brokers.detail.tabs.choose(leaf)
            await _rest(window)
            await take(window, f"coordination-brokers-{leaf}")
        brokers.detail.tabs.choose("balance")


async def _rest(window: Window) -> None:
    """Waits until the tab has its answers."""
    parts = ("brokers.brokers", "brokers.directories", "brokers.settings", "transactions.open", "transactions.found")
    await asyncio.sleep(0.3)
    await wait_until(lambda: not any(window.tasks.is_running(f"coordination.{part}") for part in parts))
