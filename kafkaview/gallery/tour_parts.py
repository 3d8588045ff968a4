"""What every part of the tour through the pages needs: the camera, a page of its own, and waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from PySide6.QtWidgets import QWidget

from kafkaview.ui.kit.page import Page
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.window.window import Window

PageT = TypeVar("PageT", bound=Page)
Take = Callable[[QWidget, str], Awaitable[None]]
_PATIENCE_S = 90.0


def page_of(window: Window, kind: type[PageT]) -> PageT:
    """Returns the window's page of this class."""
    page = window.pages[kind.id]
    assert isinstance(page, kind)
    return page


def uncover(window: Window) -> None:
    """Closes every sheet: a form stays below the dialog of its plan, and would lie over the pictures that follow."""
    while (sheet := Veil.over(window)) is not None:
        sheet.lift()


async def wait_until(condition: Callable[[], bool]) -> None:
    """Waits until widgets have come into a state."""
    async with asyncio.timeout(_PATIENCE_S):
        while not condition():  # noqa: ASYNC110  # many conditions of many widgets, none has an event of its own
            await asyncio.sleep(0.05)
