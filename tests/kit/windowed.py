"""What a test does with the windows of the program: Qt's events between asyncio's, and clicks as a hand makes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget


@asynccontextmanager
async def pumped(app: QApplication) -> AsyncIterator[None]:
    """Qt's events are delivered between asyncio's, as qasync does in the program; what was deleted goes at the end."""
    pump = asyncio.create_task(_pump(app))
    try:
        yield
    finally:
        pump.cancel()
        with suppress(asyncio.CancelledError):
            await pump
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def click(widget: QWidget, at: QPoint | None = None) -> None:
    """As a hand does: the widget must be there and take it."""
    assert widget.isVisible()
    assert widget.isEnabled(), widget.toolTip()
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())


async def _pump(app: QApplication) -> None:
    while True:
        app.processEvents()
        await asyncio.sleep(0.005)
