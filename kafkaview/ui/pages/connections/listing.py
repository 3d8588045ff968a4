"""The list of saved connections: choose, open, drag to another place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.profile_painter import ProfilePainter
from kafkaview.ui.pages.connections.profile_rows import ROLE, ProfileModel
from kafkaview.ui.pages.connections.row_dragging import Carried, Row, neighbours


class ProfileList(QListView):
    """Emits `chosen` when another profile is selected, `opened` on a double click or Enter, and `moved` on Alt+Up,
    Alt+Down or a drag: the profile, and the profile whose place it takes.
    """

    chosen = Signal(object)  # ConnectionProfile
    opened = Signal(object)
    moved = Signal(object, object)
    deleted = Signal(object)

    def __init__(self, theme: Theme, *, words: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self._showing = False
        self._carried: Carried | None = None
        self.rows = ProfileModel(self)
        self.setModel(self.rows)
        self.delegate = ProfilePainter(theme, self, words=words)
        self.setItemDelegate(self.delegate)
        self.setAccessibleName("Saved connections")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.selectionModel().currentChanged.connect(self._emit_chosen)
        self.doubleClicked.connect(self._emit_opened)

    @property
    def current(self) -> ConnectionProfile | None:
        """The selected profile."""
        row = self.currentIndex().data(ROLE) if self.currentIndex().isValid() else None
        return row if isinstance(row, ConnectionProfile) else None

    def show_rows(self, rows: Sequence[Row], chosen: str = "") -> None:
        """Shows these rows; the selected profile stays selected and is not emitted again."""
        chosen = chosen or (self.current.id if self.current else "")
        self._drop()
        self._showing = True
        self.rows.show(rows)
        self.setCurrentIndex(self.rows.index_of(chosen))
        self._showing = False

    def choose(self, profile_id: str) -> None:
        """Selects a profile."""
        self.setCurrentIndex(self.rows.index_of(profile_id))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's."""
        profile, alt = self.current, bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_Escape and self._carried is not None:
            self._drop()
        elif profile is None:
            super().keyPressEvent(event)
        elif alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            place = self.currentIndex().row()
            self._move(place, place + (-1 if event.key() == Qt.Key.Key_Up else 1))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(profile)
        elif event.key() == Qt.Key.Key_Delete:
            self.deleted.emit(profile)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        super().mousePressEvent(event)
        at = event.position().toPoint()
        pressed = self.indexAt(at)
        if event.button() == Qt.MouseButton.LeftButton and pressed.isValid():
            self._carried = Carried(pressed.row(), at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt's: a pressed row is carried, others are hovered."""
        carried, at = self._carried, event.position().toPoint()
        if carried is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
        elif carried.follow(at, self._gap(at), self._among(carried.place)):
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.scrollTo(self.indexAt(at))
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        super().mouseReleaseEvent(event)
        carried = self._carried
        self._drop()
        if carried is not None and carried.takes_place_of is not None:
            self._move(carried.place, carried.takes_place_of)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's: and where a carried row would go."""
        super().paintEvent(event)
        if self._carried is not None and self._carried.gap is not None:
            above = self.visualRect(self.rows.index(self._carried.gap - 1))
            below = self.visualRect(self.rows.index(self._carried.gap))
            line = below.top() if below.isValid() else above.bottom()
            painter = QPainter(self.viewport())
            painter.fillRect(QRect(0, max(0, line - 1), self.viewport().width(), 3), self._theme.color("accent"))
            painter.end()

    def _gap(self, at: QPoint) -> int:
        """Returns the row before which a row would be dropped at this point."""
        index = self.indexAt(at)
        if not index.isValid():
            return 0 if at.y() < 0 else len(self.rows.shown)
        return index.row() + (at.y() > self.visualRect(index).center().y())

    def _among(self, place: int) -> range:
        return neighbours(self.rows.shown, place, self.delegate.last)

    def _move(self, place: int, to: int) -> None:
        if to in self._among(place):
            self.moved.emit(self.rows.shown[place], self.rows.shown[to])

    def _drop(self) -> None:
        self._carried = None
        self.unsetCursor()
        self.viewport().update()

    def _emit_chosen(self) -> None:
        if not self._showing and self.current is not None:
            self.chosen.emit(self.current)

    def _emit_opened(self) -> None:
        if self.current is not None:
            self.opened.emit(self.current)
