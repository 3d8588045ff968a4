"""A tab that asks for its own data: when it is shown, on refresh, and slowly while it is looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.security.grant_line import grant_line
from kafkaview.ui.kit.banner import Banner
from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject, inset
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.pages.coordination.tab import Tab

T = TypeVar("T")
_EVERY_MS: Final = 15_000
_LEAST_HEIGHT: Final = 340


class ReadingTab(Tab):
    """Base of those tabs: `read` starts what is asked for, each part with an answer and a refusal of its own. `granted`
    is what the banner's line gives the right to see.
    """

    granted: Subject

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.line = Text(size=15, weight=600, wrap=True)
        self.banner = Banner(context.theme)
        self.banner.action.clicked.connect(self._copy_grant)
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

    def fill(self, subject: Subject, above: QWidget, below: QWidget, sizes: tuple[int, int]) -> QueryView:
        """Lay the tab out: banner and finding over two halves, the higher of which grows with the window. All of it
        tells the subject.
        """
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setHandleWidth(1)
        halves.setChildrenCollapsible(False)
        for half in (above, below):
            halves.addWidget(half)
        halves.setSizes(list(sizes))
        halves.setStretchFactor(sizes.index(max(sizes)), 1)
        said = QWidget()
        said.setLayout(inset(self.line))
        body = Roomy(self.context.theme, (self.banner, said, hairline()), halves, _LEAST_HEIGHT)
        ground(body.inside, "surface")
        asked = QueryView(self.context.theme, self.context.profile, subject, body, self.read)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(asked)
        return asked

    def _copy_grant(self) -> None:
        QGuiApplication.clipboard().setText(grant_line(self.context.profile, self.granted.grant))
