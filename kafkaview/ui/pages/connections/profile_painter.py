"""The painting of a row of the list of connections: colour, name, brokers, and what to know before connecting."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.ui.kit.row_painter import RowPainter, RowWords
from kafkaview.ui.kit.sheets import environment_token
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.environment_head import EnvironmentHead
from kafkaview.ui.pages.connections.profile_rows import ROLE

_ROW, _HEAD = 50, 28
_Index = QModelIndex | QPersistentModelIndex


class ProfilePainter(RowPainter):
    """Paints heads and profiles with the theme's tokens; with `words`, also the environment's name on each row. `last`
    is the id of the profile that was used last.
    """

    def __init__(self, theme: Theme, parent: QWidget, *, words: bool) -> None:
        super().__init__(theme, parent)
        self._env_words = words
        self.last = ""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt's."""
        return QSize(
            option.rect.width(), self._theme.px(_HEAD if isinstance(index.data(ROLE), EnvironmentHead) else _ROW)
        )

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt's."""
        row, px = index.data(ROLE), self._theme.px
        rect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(row, EnvironmentHead):
            painter.fillRect(rect, self._theme.color("canvas"))
            self._hairline(painter, rect)
            self._words(painter, rect.adjusted(px(16), 0, 0, 0), row.title, "text_2", self._theme.font(11, 600))
        elif isinstance(row, ConnectionProfile):
            self._ground(painter, option)
            self._profile(painter, rect, row)
        painter.restore()

    def _profile(self, painter: QPainter, rect: QRect, row: ConnectionProfile) -> None:
        theme, px = self._theme, self._theme.px
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(row.colour) if row.colour else theme.color(environment_token(row.environment)))
        painter.drawRoundedRect(QRectF(rect.left() + px(16), rect.top() + px(13), px(8), px(24)), 3, 3)
        top = QRect(rect.left() + px(34), rect.top() + px(6), rect.width() - px(34 + 12), px(19))
        if row.read_only:
            side = px(13)
            picture = theme.pixmap("lock", "text_3", 13, painter.device().devicePixelRatioF())
            painter.drawPixmap(top.right() - side, top.top() + px(3), picture)
            top.setWidth(top.width() - side - px(6))
        note = RowWords("last used" if row.id == self.last else "", "text_3", theme.font(11))
        noted = self._pair(painter, top, RowWords(row.name, "text", theme.font(13, 600)), note)
        top.setWidth(top.width() - noted)
        if self._env_words and row.environment is not None:
            self._environment(painter, top, row.name, row.environment)
        below = QRect(rect.left() + px(34), rect.top() + px(25), rect.width() - px(34 + 12), px(18))
        self._words(painter, below, row.bootstrap, "text_2", theme.font(12))

    def _environment(self, painter: QPainter, rect: QRect, profile: str, environment: Environment) -> None:
        """Paints the environment's name in white on its colour, behind the profile's name."""
        px, font = self._theme.px, self._theme.font(11, 600)
        name = QFontMetrics(self._theme.font(13, 600)).horizontalAdvance(profile)
        word = environment.value.upper()
        width = QFontMetrics(font).horizontalAdvance(word) + px(8)
        left = rect.left() + min(name + px(10), rect.width() - width)
        box = QRectF(left, rect.top() + px(2), width, px(16))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(environment.value))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(Qt.GlobalColor.white)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, word)
