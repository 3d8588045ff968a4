"""The report of every decoder that was tried on a value; a click on one that failed marks the byte."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from kafkaview.decode.report import DecoderReport
from kafkaview.ui.kit.controls import Text, ground, repolish
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme


class DecodersTried(QWidget):
    """One entry for each decoder, in the order of trying."""

    picked = Signal(int, int)  # position and length of the byte that a decoder failed at

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[DecoderReport, ...] | None = None
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(2)

    def show_tried(self, tried: Sequence[DecoderReport]) -> None:
        """Shows these reports."""
        tried = tuple(tried)
        if tried == self._shown:
            return
        self._shown = tried
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for one in tried:
            entry = _DecoderEntry(self._theme, one)
            entry.picked.connect(self.picked)
            self._rows.addWidget(entry)
        if not tried:
            self._rows.addWidget(Text("There is no value to decode.", size=12, tone="text_3", wrap=True))
        self._rows.addStretch(1)


class _DecoderEntry(QWidget):
    """One decoder: its mark, name and report."""

    picked = Signal(int, int)

    def __init__(self, theme: Theme, tried: DecoderReport) -> None:
        super().__init__()
        self._tried = tried
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 3, 0, 3)
        grid.setHorizontalSpacing(7)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(MarkLabel(theme, Mark.OK if tried.fits else Mark.BAD, 14), 0, 0)
        grid.addWidget(Text(tried.title, size=12, weight=600), 0, 1)
        grid.addWidget(Text(tried.text, size=12, tone="text_2", wrap=True), 1, 1)
        self.setAccessibleName(f"{tried.title}: {tried.text}")
        if tried.position is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setToolTip(f"Marks byte {tried.position}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        self._pick()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Enter and Space pick."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, _event: QEnterEvent) -> None:
        """Qt's."""
        if self._tried.position is not None:
            ground(self, "hover")
            repolish(self)

    def leaveEvent(self, _event: QEvent) -> None:
        """Qt's."""
        self.setProperty("ground", "")
        repolish(self)

    def _pick(self) -> None:
        if self._tried.position is not None:
            self.picked.emit(self._tried.position, self._tried.length)
