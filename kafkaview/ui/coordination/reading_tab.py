"""A tab that asks for its own data: when it is shown, on refresh, and slowly while it is looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.ui.coordination.tab import Tab
from kafkaview.ui.page import Context

T = TypeVar("T")
_EVERY_MS: Final = 15_000


class ReadingTab(Tab):
    """Base of those tabs: `read` starts what is asked for, each part with an answer and a refusal of its own."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._again = QTimer(self, interval=_EVERY_MS)
        self._again.timeout.connect(self.read)

    def read(self) -> None:
        """Ask now for every part of the tab."""

    def refresh(self) -> None:
        """The user wants it new: only what is looked at is asked for."""
        if self.isVisible():
            self.read()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's."""
        super().showEvent(event)
        self._again.start()
        self.read()

    def hideEvent(self, event: QHideEvent) -> None:
        """Qt's."""
        super().hideEvent(event)
        self._again.stop()

    def ask(
        self,
        part: str,
        asking: Callable[[], Awaitable[T]],
        show: Callable[[T], object],
        refuse: Callable[[ClusterError], object],
    ) -> None:
        """Ask for one part. A slow answer is waited for rather than asked for twice."""
        name = f"coordination.{self.name}.{part}"
        if self.context.tasks.running(name):
            return

        async def work() -> None:
            show(await asking())

        def failed(error: Exception) -> None:
            if not isinstance(error, ClusterError):
                raise error
            refuse(error)

        self.context.tasks.start(name, work(), on_error=failed)
