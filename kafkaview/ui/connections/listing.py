"""The saved connections in a list: name, brokers, colour; by environment, or in the user's own order."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.ui.connections.carrying import Carried, Row, neighbours
from kafkaview.ui.connections.head import Head
from kafkaview.ui.theme import Theme

ROLE = Qt.ItemDataRole.UserRole
_ROW, _HEAD = 50, 28
_ORDER = (Environment.PRODUCTION, Environment.STAGING, Environment.DEVELOPMENT)
_Index = QModelIndex | QPersistentModelIndex


def fits(profile: ConnectionProfile, typed: str) -> bool:
    """Whether every word typed is in its name, brokers or environment."""
    text = f"{profile.name} {profile.bootstrap} {profile.environment}".lower()
    return all(word in text for word in typed.lower().split())


def by_environment(profiles: Sequence[ConnectionProfile]) -> list[Row]:
    """Production first: that is where one looks twice."""
    rows: list[Row] = []
    for environment in _ORDER:
        found = [profile for profile in profiles if profile.environment is environment]
        rows += [Head(environment.value.upper()), *found] if found else []
    return rows


class ProfileModel(QAbstractListModel):
    """Rows of profiles and heads."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show(self, rows: Sequence[Row]) -> None:
        """Other rows."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Qt's."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Qt's."""
        row = self._rows[index.row()]
        if role == ROLE:
            return row
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole):
            return row.title if isinstance(row, Head) else f"{row.name}, {row.environment}, {row.bootstrap}"
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, ConnectionProfile):
            return f"{row.name}: {row.bootstrap}"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Qt's: a head is not chosen."""
        row = self._rows[index.row()] if index.isValid() else None
        if isinstance(row, ConnectionProfile):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return Qt.ItemFlag.NoItemFlags

    def index_of(self, profile_id: str) -> QModelIndex:
        """Where a profile stands."""
        for place, row in enumerate(self._rows):
            if isinstance(row, ConnectionProfile) and row.id == profile_id:
                return self.index(place)
        return QModelIndex()

    @property
    def shown(self) -> Sequence[Row]:
        """All rows."""
        return self._rows

    @property
    def profiles(self) -> list[ConnectionProfile]:
        """The profiles of all rows."""
        return [row for row in self._rows if isinstance(row, ConnectionProfile)]


class ProfileList(QListView):
    """`chosen` when another is selected, `opened` by a double click or Enter, `moved` by Alt+Up, Alt+Down or dragging:
    the profile, and the one whose place it takes.
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
        self.selectionModel().currentChanged.connect(self._chosen)
        self.doubleClicked.connect(self._opened)

    @property
    def current(self) -> ConnectionProfile | None:
        """The selected one."""
        row = self.currentIndex().data(ROLE) if self.currentIndex().isValid() else None
        return row if isinstance(row, ConnectionProfile) else None

    def show_rows(self, rows: Sequence[Row], chosen: str = "") -> None:
        """Show these; the chosen one stays chosen, without being said again."""
        chosen = chosen or (self.current.id if self.current else "")
        self._drop()
        self._showing = True
        self.rows.show(rows)
        self.setCurrentIndex(self.rows.index_of(chosen))
        self._showing = False

    def choose(self, profile_id: str) -> None:
        """Choose one."""
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
        """The row before which one would be put that is let go here."""
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

    def _chosen(self) -> None:
        if not self._showing and self.current is not None:
            self.chosen.emit(self.current)

    def _opened(self) -> None:
        if self.current is not None:
            self.opened.emit(self.current)


class ProfilePainter(QStyledItemDelegate):
    """Paints heads and profiles with the theme's tokens; with `words`, the environment's on each row. `last` is the id
    of the profile that was used last.
    """

    def __init__(self, theme: Theme, parent: QWidget, *, words: bool) -> None:
        super().__init__(parent)
        self._theme = theme
        self._env_words = words
        self.last = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt's."""
        return QSize(option.rect.width(), self._theme.px(_HEAD if isinstance(index.data(ROLE), Head) else _ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt's."""
        row, px = index.data(ROLE), self._theme.px
        rect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, Head):
            painter.fillRect(rect, self._theme.color("canvas"))
            self._words(painter, rect.adjusted(px(16), 0, 0, 0), row.title, "text_2", self._theme.font(11, 600))
        elif isinstance(row, ConnectionProfile):
            self._ground(painter, option)
            self._profile(painter, rect, row)
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), self._theme.color("line"))
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.fillRect(option.rect, self._theme.color("select" if selected else "hover" if hovered else "surface"))
        if selected:
            painter.fillRect(
                QRect(option.rect.left(), option.rect.top(), 3, option.rect.height()), self._theme.color("accent")
            )

    def _profile(self, painter: QPainter, rect: QRect, row: ConnectionProfile) -> None:
        theme, px = self._theme, self._theme.px
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(row.colour) if row.colour else theme.color(row.environment.value))
        painter.drawRoundedRect(QRectF(rect.left() + px(16), rect.top() + px(13), px(8), px(24)), 3, 3)
        top = QRect(rect.left() + px(34), rect.top() + px(6), rect.width() - px(34 + 12), px(19))
        if row.read_only:
            side = px(13)
            picture = theme.pixmap("lock", "text_3", 13, painter.device().devicePixelRatioF())
            painter.drawPixmap(top.right() - side, top.top() + px(3), picture)
            top.setWidth(top.width() - side - px(6))
        if row.id == self.last:
            width = self._words(painter, top, "last used", "text_3", theme.font(11), right=True)
            top.setWidth(top.width() - width - px(8))
        self._words(painter, top, row.name, "text", theme.font(13, 600))
        if self._env_words:
            self._environment(painter, top, row)
        below = QRect(rect.left() + px(34), rect.top() + px(25), rect.width() - px(34 + 12), px(18))
        self._words(painter, below, row.bootstrap, "text_2", theme.font(12))

    def _environment(self, painter: QPainter, rect: QRect, row: ConnectionProfile) -> None:
        """The environment's word in white on its colour, behind the name."""
        px, font = self._theme.px, self._theme.font(11, 600)
        name = QFontMetrics(self._theme.font(13, 600)).horizontalAdvance(row.name)
        word = row.environment.value.upper()
        width = QFontMetrics(font).horizontalAdvance(word) + px(8)
        left = rect.left() + min(name + px(10), rect.width() - width)
        box = QRectF(left, rect.top() + px(2), width, px(16))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(row.environment.value))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(Qt.GlobalColor.white)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)

    def _words(self, painter: QPainter, rect: QRect, text: str, token: str, font: QFont, *, right: bool = False) -> int:
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.setFont(font)
        painter.setPen(self._theme.color(token))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.horizontalAdvance(shown)
