"""Sheets over the dimmed window: plans and confirmations, the only modal things. Never call `exec()`: it would stop
every other task for good.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, QRect, QRectF, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QRegion
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from kafkaview.profiles.profile import Environment
from kafkaview.ui.kit.bands import BandedTable
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.enter_key import press_by_enter
from kafkaview.ui.kit.tab_order import step
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.kit.turns import paint_in_turns

_EDGE, _RADIUS, _STRIPE = 24, 10, 4
_TOP: Final = 16  # that part of the window's height lies above a sheet
_SHADOW = (-16, -16, 16, 20)  # how far it reaches beyond its box


STILL: Final = "still-below-sheets"  # the object name of what of a window is not painted below a sheet


class PagePicture(QWidget):
    """A picture of a part of the window, laid over that part."""

    def __init__(self, page: QWidget, window: QWidget) -> None:
        super().__init__()  # by itself, as a veil
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        place = QRect(page.mapTo(window, QPoint(0, 0)), page.size())
        self._pixels = _pixels_of(window, place)
        self.setGeometry(place)
        self.setParent(window)
        self._page = page
        self._leaving = QTimer(self, interval=0, singleShot=True)
        self._leaving.timeout.connect(self.go)
        page.installEventFilter(self)

    def leave(self) -> None:
        """Removes the picture soon, unless another sheet opens at once and needs it."""
        self._leaving.start()

    def stay(self) -> None:
        """Keeps the picture for another sheet."""
        self._leaving.stop()

    def go(self) -> None:
        """Removes the picture, so that the page itself is seen again; it is painted in turns below."""
        with paint_in_turns(self._page):
            self.hide()
        self.deleteLater()

    def eventFilter(self, _page: QObject, event: QEvent) -> bool:
        """Qt's: a page that is resized is shown itself."""
        if event.type() is QEvent.Type.Resize:
            self.hide()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        ratio = self._pixels.devicePixelRatio()
        painter = QPainter(self)
        shown = QRectF(event.rect())
        painter.drawImage(shown, self._pixels, QRectF(shown.topLeft() * ratio, shown.size() * ratio))
        painter.end()


def _picture_of(window: QWidget) -> PagePicture | None:
    """Returns a picture of a part that stands still below a sheet; the sheet before may have left one."""
    page = window.findChild(QWidget, STILL)
    if page is None or not page.isVisible() or Veil.over(window) is not None:
        return None
    for left in window.findChildren(PagePicture):
        if left.isVisible():
            left.stay()
            return left
    QCoreApplication.sendPostedEvents(window, QEvent.Type.UpdateRequest)  # what is not painted yet is on no picture
    for table in page.findChildren(BandedTable):
        table.paint_rest()
    picture = PagePicture(page, window)
    picture.show()
    return picture


def _pixels_of(window: QWidget, place: QRect) -> QImage:
    """Returns the window's own pixels where Qt holds them in memory; elsewhere it paints them once more."""
    store = window.backingStore()
    pixels = store.paintDevice() if store is not None else None
    if not isinstance(pixels, QImage):
        return window.grab(place).toImage()
    ratio = pixels.devicePixelRatio()
    copy = pixels.copy(QRectF(QPointF(place.topLeft()) * ratio, QSizeF(place.size()) * ratio).toRect())
    copy.setDevicePixelRatio(ratio)
    return copy


class Veil(QWidget):
    """Covers the window and takes its clicks and the keyboard. The window's part named STILL is shown as a picture
    below: else every change of a sheet's size would paint the page below it again.
    """

    closed = Signal()

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__()  # by itself until it is laid: what is put into a styled window is styled at every step
        self.theme = theme
        self.closable = True
        self.primary: QAbstractButton | None = None  # what Enter presses where no other button has the keyboard
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # else a click beside the sheet gives the keyboard to the window
        self._window = window
        self._picture: PagePicture | None = None
        self.came_from = QApplication.focusWidget()  # what had the keyboard
        self.resize(window.size())
        theme.changed.connect(self._drop_picture)

    @staticmethod
    def over(window: QWidget) -> Veil | None:
        """Returns the topmost veil that covers a window."""
        veils = [child for child in window.children() if isinstance(child, Veil) and child.isVisible()]
        return veils[-1] if veils else None

    def lay(self) -> None:
        """Covers the window."""
        self.setParent(self._window)
        self.theme.dress(self)
        self.came_from = QApplication.focusWidget()
        self._window.installEventFilter(self)
        self.resize(self._window.size())
        self.arrange()
        self._picture = _picture_of(self._window)
        self.show()
        self.raise_()

    def lift(self) -> None:
        """Uncovers the window, gives the keyboard back, and deletes the veil."""
        if self.isHidden():
            return
        self.hide()
        if self._picture is not None:
            self._picture.leave()
            self._picture = None
        before = self.came_from if self.came_from is not None and isValid(self.came_from) else None
        top = Veil.over(self._window)
        if top is not None and not (before is not None and top.isAncestorOf(before)):
            top.came_from = before  # another one lies above, and keeps the keyboard
        elif before is not None and before.isVisible():
            before.setFocus()
        self.closed.emit()
        self.deleteLater()

    def arrange(self) -> None:
        """Puts the sheet in its place on the veil."""

    def _drop_picture(self) -> None:
        if self._picture is not None:
            self._picture.go()
            self._picture = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: follows the window's size."""
        if watched is self._window and event.type() is QEvent.Type.Resize:
            self._drop_picture()
            self.resize(self._window.size())
            self.arrange()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(10, 14, 22, 90 if not self.theme.dark else 150))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's: nothing below is clicked."""
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Esc closes, if it may be closed; Enter presses what has the keyboard, else the primary button."""
        if event.key() == Qt.Key.Key_Escape and self.closable:
            self.lift()
        else:
            press_by_enter(event, self.primary)
        event.accept()

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001, N802  # Qt's signature
        """Qt's: Tab stays on the veil."""
        step(self, forward=forward)
        return True


class Sheet(Veil):
    """A dialog: the stripe of the environment, a title, a body that scrolls if it must, a footer."""

    def __init__(
        self, theme: Theme, window: QWidget, environment: Environment | None = None, *, width: int = 820
    ) -> None:
        super().__init__(theme, window)
        self._environment = environment
        self._width = width
        self._title = Text(size=18, weight=600, wrap=True)
        self._subtitle = Text(tone="text_2", wrap=True)
        self._head = QVBoxLayout()
        self.box = QWidget(self)
        self.body = QVBoxLayout()
        self.foot = QWidget()
        self.footer = QHBoxLayout(self.foot)
        self._scroll = QScrollArea()
        self._inner = QWidget()
        self._placing = QTimer(self, interval=0, singleShot=True)
        self._placing.timeout.connect(self.arrange)
        self._lay_out()

    def set_title(self, title: str, subtitle: str = "") -> None:
        """Sets the title, which says what is done with its numbers, and the line below."""
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._subtitle.setVisible(bool(subtitle))
        self.box.setAccessibleName(title)

    def open(self) -> None:
        """Shows the sheet."""
        self.lay()
        self.box.setFocus()

    def arrange(self) -> None:
        """Puts the sheet at a fixed distance from the window's top, as high as its content, with a margin below: what
        it shows more or less of moves nothing above it.
        """
        room, width = self.size(), self._breadth()
        foot = _height(self.footer, width - 2) if not self.foot.isHidden() else 0
        wanted = _STRIPE + _height(self._head, width - 2) + _height(self.body, width - 2) + foot + 1
        top = max(_EDGE, room.height() // _TOP)
        before = self.box.geometry()
        self.box.resize(width, min(wanted, room.height() - top - _EDGE))
        self.box.move(QPoint((room.width() - width) // 2, top))
        if self.box.geometry() != before:  # the shadow of a larger one lies outside of what Qt paints again
            self.update(before.united(self.box.geometry()).adjusted(*_SHADOW))

    def _place_soon(self) -> None:
        """Places the sheet once for all requests of one turn of the loop: each asks every line for its height."""
        self._placing.start()

    def _breadth(self) -> int:
        return min(self.theme.px(self._width), self.width() - 2 * _EDGE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's: shadow, ground and stripe of the box; the ground alone where only something on the box has changed."""
        if self.box.geometry().adjusted(_RADIUS, _RADIUS, -_RADIUS, -_RADIUS).contains(event.rect()):
            painter = QPainter(self)
            painter.fillRect(event.rect(), self.theme.color("surface"))
            painter.end()
            return
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, QRectF(self.box.geometry()), self.theme, self._environment)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Qt's: grows with its content."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._place_soon()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: the body's requests end at the area that it scrolls in."""
        if watched is self._inner and event.type() is QEvent.Type.LayoutRequest:
            self._place_soon()
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self.box)
        column.setContentsMargins(1, _STRIPE, 1, 1)
        column.setSpacing(0)
        head = self._head
        head.setContentsMargins(_EDGE, _EDGE - _STRIPE, _EDGE, 8)
        head.setSpacing(2)
        head.addWidget(self._title)
        head.addWidget(self._subtitle)
        self._inner.setLayout(self.body)
        self.body.setContentsMargins(_EDGE, 8, _EDGE, 16)
        self.body.setSpacing(10)
        self._scroll.setWidget(self._inner)
        self._inner.installEventFilter(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setMinimumHeight(1)  # Qt's own is higher than a body of two lines, and cuts the title above it
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.viewport().setAutoFillBackground(False)
        self._inner.setAutoFillBackground(False)
        self.footer.setContentsMargins(_EDGE, 12, _EDGE, 12)
        self.footer.setSpacing(8)
        self.foot.setProperty("role", "foot")
        self.foot.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.foot)
        self.box.setFocusPolicy(Qt.FocusPolicy.ClickFocus)


def _height(layout: QBoxLayout, width: int) -> int:
    """Returns the height of a part of a sheet: its wrapped lines at this width, and never less than Qt gives it."""
    least = layout.totalMinimumSize().height()
    return max(
        least, layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.totalSizeHint().height()
    )


def environment_token(environment: Environment | None) -> str:
    """Returns the token of an environment's colour; that of a line where none is named."""
    return "line_strong" if environment is None else environment.value


def paint_box(painter: QPainter, box: QRectF, theme: Theme, environment: Environment | None = None) -> None:
    """Paints a raised box with its shadow and the stripe along its top."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.save()
    inside = box.adjusted(_RADIUS, _RADIUS, -_RADIUS, -_RADIUS).toRect()
    painter.setClipRegion(QRegion(box.adjusted(*_SHADOW).toRect()) - QRegion(inside))  # most is covered
    for spread in range(12, 0, -2):
        painter.setBrush(QColor(0, 0, 0, 7))
        painter.drawRoundedRect(
            box.adjusted(-spread, -spread + 4, spread, spread + 4), _RADIUS + spread, _RADIUS + spread
        )
    painter.restore()
    shape = QPainterPath()
    shape.addRoundedRect(box, _RADIUS, _RADIUS)
    painter.fillPath(shape, theme.color("surface"))
    if environment is not None:
        painter.save()
        painter.setClipPath(shape)
        painter.fillRect(QRectF(box.left(), box.top(), box.width(), _STRIPE), theme.color(environment.value))
        painter.restore()
