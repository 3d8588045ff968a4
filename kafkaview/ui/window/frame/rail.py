"""The rail: the pages, in the order in which they are used on call."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import ground
from kafkaview.ui.kit.page import STUCK
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import number

WIDE, NARROW = 184, 52
_MOST, _MOST_BESIDE_ICON = 9_999, 99  # in a badge


class RailItem(QAbstractButton):
    """One page: icon, title, badge; the page in front has a bar of accent. The badge counts what is `counted`."""

    def __init__(
        self, theme: Theme, icon: str, title: str, counted: str = STUCK, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self._badge = 0
        self._counted = counted
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_badge(self, count: int) -> None:
        """Shows a count; 0 shows no badge."""
        self._badge = count
        self.setAccessibleName(f"{self.text()}, {count} {self._counted}" if count else self.text())
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(NARROW), self._theme.px(30))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter)
        side = self._theme.px(16)
        middle = (self.height() - side) / 2
        token = "text" if self.isChecked() else "text_2" if self.isEnabled() else "text_3"
        picture = self._theme.pixmap(self._icon, "accent" if self.isChecked() else token, 16, self.devicePixelRatioF())
        painter.drawPixmap(self._theme.px(4 if self._narrow and self._badge else 12), round(middle), picture)
        if not self._narrow:
            painter.setPen(self._theme.color(token))
            painter.setFont(self._theme.font(13, 600 if self.isChecked() else 500))
            painter.drawText(
                self.rect().adjusted(self._theme.px(38), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text()
            )
        if self._badge:
            self._paint_badge(painter)
        painter.end()

    @property
    def _narrow(self) -> bool:
        return self.width() <= self._theme.px(NARROW) + 20

    def _ground(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or (self.underMouse() and self.isEnabled()):
            painter.setBrush(self._theme.color("select" if self.isChecked() else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if self.isChecked():
            painter.setBrush(self._theme.color("accent"))
            painter.drawRoundedRect(QRectF(0, self.height() / 2 - 8, 3, 16), 1.5, 1.5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            pen = painter.pen()
            pen.setStyle(Qt.PenStyle.SolidLine)
            pen.setColor(self._theme.color("accent"))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def _paint_badge(self, painter: QPainter) -> None:
        painter.setFont(self._theme.font(11, 600))
        most = _MOST_BESIDE_ICON if self._narrow else _MOST
        text = number(self._badge) if self._badge <= most else f"{number(most)}+"
        height = self._theme.px(18)
        width = max(height, painter.fontMetrics().horizontalAdvance(text) + self._theme.px(10))
        top = 0 if self._narrow else (self.height() - height) / 2
        box = QRectF(self.width() - width - (0 if self._narrow else self._theme.px(8)), top, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("bad_solid" if self._counted == STUCK else "text_2"))
        painter.drawRoundedRect(box, height / 2, height / 2)
        painter.setPen(self._theme.color("on_solid"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class Rail(QWidget):
    """Emits the chosen page. It has icons only if there is little room or the user has folded it."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items: dict[str, RailItem] = {}
        self._folded = False
        self._above = 0
        ground(self, "rail")
        self.setAccessibleName("Pages")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 9, 8, 8)
        self._column.setSpacing(2)
        self._column.addStretch()
        theme.changed.connect(self._fit)
        self._fit()

    @property
    def folded(self) -> bool:
        """Whether only icons are shown."""
        return self._folded

    def add(self, page: str, icon: str, title: str, keys: str, counted: str) -> None:
        """Adds a page below the others; it is to be opened once it is `allow`ed."""
        item = RailItem(self._theme, icon, title, counted)
        item.setToolTip(f"{title} ({keys})")
        item.setEnabled(False)
        item.clicked.connect(lambda: self.chosen.emit(page))
        self._items[page] = item
        self._column.insertWidget(self._above, item)
        self._above += 1

    def allow(self) -> None:
        """Lets every page be opened."""
        for item in self._items.values():
            item.setEnabled(True)

    def add_below(self, page: str, icon: str, title: str, tip: str) -> None:
        """Adds a page at the foot, for pages that are about kafkaview and not about the cluster."""
        item = RailItem(self._theme, icon, title)
        item.setToolTip(tip)
        item.clicked.connect(lambda: self.chosen.emit(page))
        self._items[page] = item
        self._column.addWidget(item)

    def choose(self, page: str) -> None:
        """Marks a page as the one in front."""
        self._items[page].setChecked(True)

    def set_badge(self, page: str, count: int) -> None:
        """Shows a page's count."""
        self._items[page].set_badge(count)

    def fold(self, *, folded: bool) -> None:
        """Shows icons only, or icons and titles."""
        self._folded = folded
        self._fit()

    def _fit(self) -> None:
        self.setFixedWidth(self._theme.px(NARROW if self._folded else WIDE))
