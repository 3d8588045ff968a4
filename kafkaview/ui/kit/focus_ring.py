"""The focus ring of widgets that paint none themselves: lists, tables, pictures, areas that scroll."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QAbstractItemView, QApplication, QScrollArea, QWidget

RINGED = "ringed"  # the property of a widget that wants one
_WIDTH = 2


class Ring(QWidget):
    """A frame over the edge of the widget that has the keyboard."""

    def __init__(self, around: QWidget) -> None:
        super().__init__(around)  # as its child: a splitter would take a sibling for a pane
        self._around = around
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        around.installEventFilter(self)
        self._fit()
        self.show()

    @classmethod
    def put(cls, widget: QWidget) -> None:
        """Puts the ring around a widget that was given the keyboard by a key, if that widget wants a ring."""
        wants = isinstance(widget, QAbstractItemView | QScrollArea) or widget.property(RINGED)
        if wants and QApplication.focusWidget() is widget:
            cls(widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: as large as what it lies over; gone with the keyboard."""
        if watched is self._around:
            if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
                self._around.removeEventFilter(self)
                self.hide()
                self.deleteLater()
            elif event.type() is QEvent.Type.Resize:
                self._fit()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        pen = QPen(self.palette().color(QPalette.ColorRole.Link), _WIDTH)
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()

    def _fit(self) -> None:
        self.resize(self._around.size())
        self.raise_()
