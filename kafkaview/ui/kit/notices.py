"""Desktop notifications: what one is told while the window is not in front."""

from __future__ import annotations

from functools import partial
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from kafkaview.ui.kit.preferences import Remembered
from kafkaview.ui.kit.theme.icons import app_icon

_KEPT: Final = "notices"
_SHOWN_MS: Final = 20_000


class Notices:
    """Whether the user wants to be told, and how it is done. The wish is remembered for all connections."""

    def __init__(self, remembered: Remembered | None = None) -> None:
        self._remembered = remembered
        self._wanted = True  # where nothing is remembered

    @property
    def wanted(self) -> bool:
        """Whether a group that gets stuck is told on the desktop; in each of the program's windows the same."""
        return self._wanted if self._remembered is None else self._remembered.get(_KEPT).get("stuck") is not False

    def want(self, *, wanted: bool) -> None:
        """Changes that, and remembers it."""
        self._wanted = wanted
        if self._remembered is not None:
            self._remembered.put({_KEPT: {"stuck": wanted}})

    def tell(self, window: QWidget, title: str, text: str) -> None:
        """Marks the window in the task bar, and shows a notification where the desktop has a place for one. A click on
        it brings the window to the front.
        """
        if not self.wanted:
            return
        QApplication.alert(window)
        if QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages():
            sign = QSystemTrayIcon(app_icon(), window)
            sign.messageClicked.connect(partial(bring_to_front, window))
            sign.show()
            sign.showMessage(title, text, app_icon(), _SHOWN_MS)
            QTimer.singleShot(_SHOWN_MS, sign, sign.deleteLater)


def bring_to_front(window: QWidget) -> None:
    """Shows a window above the others, as large as it was: one that was minimised may have been maximised before."""
    window.setWindowState((window.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive)
    window.show()
    window.raise_()
    window.activateWindow()
