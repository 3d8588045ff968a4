"""How the cluster answers, at the edges of the window: status bar, header, and a banner if it matters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from kafkaview.clock import now_ms
from kafkaview.ui.kit.banner import Banner
from kafkaview.ui.kit.connection_state import CONNECTING, Connection, connection, never_connected
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.window.frame.header import WindowHeader
from kafkaview.ui.window.frame.status import StatusBar

if TYPE_CHECKING:
    from kafkaview.triage.watch.view import View


class ClusterStatus(QObject):
    """Shows the newest sample, every second while it counts down to the next try. With `doctor` the banner offers to
    say why brokers do not answer (`why_wanted`), else it offers another try.
    """

    why_wanted = Signal()
    try_wanted = Signal()

    def __init__(self, header: WindowHeader, status: StatusBar, banner: Banner, *, doctor: bool) -> None:
        super().__init__(banner)
        self._header = header
        self._status = status
        self._banner = banner
        self._doctor = doctor
        self._view: View | None = None
        self._quorum = ""
        self._paused = False
        self._countdown = QTimer(self)
        self._countdown.setInterval(1000)
        self._countdown.timeout.connect(self._say)
        banner.action.clicked.connect(self._act)

    def show_connecting(self) -> None:
        """Shows that there is no session yet."""
        self._status.say(CONNECTING)

    def show_failed(self) -> None:
        """Shows that there will be no session."""
        self._status.say(Connection(Mark.BAD, "Not connected", "", "Not connected"))
        self._header.say_live("Not connected", live=False)

    def show_view(self, view: View) -> None:
        """Shows the state of a sample."""
        self._view = view
        self._say()
        if view.stale or view.late_since_ms is not None:
            self._countdown.start()
        else:
            self._countdown.stop()

    def show_paused(self, *, paused: bool) -> None:
        """Shows that the user wants nothing to be asked, or no more."""
        self._paused = paused
        self._say()

    def show_quorum(self, quorum: str) -> None:
        """Shows the state of the quorum in a few words."""
        if quorum != self._quorum:
            self._quorum = quorum
            self._say()

    def _say(self) -> None:
        if self._view is None:
            return
        now = connection(self._view, now_ms(), self._quorum, paused=self._paused)
        self._status.say(now)
        self._header.say_live(now.live, live=now.mark in (Mark.OK, Mark.WARN))
        if now.news is None:
            self._banner.hide()
        else:
            action = "Go on" if self._paused else "Why?" if self._tells_why() else "Try now"
            self._banner.say(now.news.kind, now.news.news, now.news.meaning, action)

    def _tells_why(self) -> bool:
        """Returns whether the doctor has something to say: no broker has answered yet, or not every broker does."""
        view = self._view
        if self._paused or view is None or not self._doctor:
            return False
        return never_connected(view) or not view.stale

    def _act(self) -> None:
        (self.why_wanted if self._tells_why() else self.try_wanted).emit()
