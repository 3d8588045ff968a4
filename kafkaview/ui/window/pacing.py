"""How often a window's engine asks the cluster: always, seldom while nobody looks, or not at all."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.engine.port import Engine
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.window.frame.cluster_status import ClusterStatus
from kafkaview.ui.window.menu import WatchPace


class Pacing:
    """What the user chose, and what follows from it for the engine. There is none before the window watches."""

    def __init__(self, window: QWidget, tasks: Tasks, standing: ClusterStatus) -> None:
        self._window = window
        self._tasks = tasks
        self._standing = standing
        self.engine: Engine | None = None
        self.pace = WatchPace.LIVE

    @property
    def is_paused(self) -> bool:
        """Whether nothing is asked until the user asks."""
        return self.pace is WatchPace.PAUSED

    def choose(self, pace: WatchPace) -> None:
        """Changes the pace."""
        self.pace = pace
        self._standing.show_paused(paused=self.is_paused)
        if self.engine is not None:
            self._tasks.start("pause", self.engine.pause(paused=self.is_paused))
            self.tell_hidden()

    def turn(self) -> None:
        """Pauses, or goes on."""
        self.choose(WatchPace.LIVE if self.is_paused else WatchPace.PAUSED)

    def tell_hidden(self) -> None:
        """Tells the engine whether less will do: the window is minimised, or the user wants less."""
        if self.engine is not None:
            hidden = self._window.isMinimized() or self.pace is WatchPace.SLOW
            self._tasks.start("hide", self.engine.hide(hidden=hidden))
