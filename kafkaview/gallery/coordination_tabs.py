"""Pictures of the Coordination page's other tabs, on the cluster that the window has open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.coordination.brokers_tab import BrokersTab
from kafkaview.ui.pages.coordination.page import CoordinationPage
from kafkaview.ui.window.window import Window

Take = Callable[[Window, str], Awaitable[None]]
_TABS: Final = ("features", "brokers", "transactions", "zookeeper")
_PATIENCE_S: Final = 20.0


async def take_tabs(window: Window, take: Take) -> None:
    """Takes pictures of the tabs: `coordination-brokers-light.png` and so on."""
    page = window.pages["coordination"]
    if not isinstance(page, CoordinationPage):
        raise TypeError("the page of this name is another one")
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
    async with asyncio.timeout(_PATIENCE_S):
        await asyncio.sleep(0.3)
        while any(window.tasks.is_running(f"coordination.{part}") for part in parts):  # noqa: ASYNC110  # many of them
            await asyncio.sleep(0.05)
