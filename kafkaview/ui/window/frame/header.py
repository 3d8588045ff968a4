"""The header: which cluster this is, the search field, how fresh the figures are."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.ui.kit.controls import Button, ButtonKind, Elided, escape_tip, ground, hairline
from kafkaview.ui.kit.icon_label import IconLabel
from kafkaview.ui.kit.sheets import environment_token
from kafkaview.ui.kit.theme import Theme

HEIGHT, RAIL = 48, 184
_LEAST_WORD, _LEAST_NAME, _LEAST_FIELD = 30, 100, 36
_ROOM_FOR_KEYS = 140  # of the field, below which it has no room for the keys that open it


class EnvironmentWord(QWidget):
    """The environment's name in white on its colour."""

    def __init__(self, theme: Theme, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._word = word
        self.setAccessibleName(f"environment: {word}")
        theme.changed.connect(self._fit)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(self._word))
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        painter.setPen(Qt.GlobalColor.white)
        painter.setFont(self._theme.font(11, 600))
        room = self.rect().adjusted(2, 0, -2, 0)
        word = painter.fontMetrics().elidedText(self._word.upper(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, word)
        painter.end()

    def _fit(self) -> None:
        words = QFontMetrics(self._theme.font(11, 600)).horizontalAdvance(self._word.upper())
        self.setFixedHeight(self._theme.px(16))
        self.setMinimumWidth(self._theme.px(_LEAST_WORD))
        self.setMaximumWidth(words + self._theme.px(8))


class Swatch(QWidget):
    """The profile's colour beside the name, or its environment's; grey where no environment is named."""

    def __init__(
        self, theme: Theme, environment: Environment | None, colour: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._token = environment_token(environment)
        self._colour = colour
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setFixedSize(self._theme.px(10), self._theme.px(22))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._colour) if self._colour else self._theme.color(self._token))
        painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
        painter.end()


class GoField(QPushButton):
    """A button that looks like a field and opens the palette."""

    def __init__(self, theme: Theme, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._keys = keys
        self.setAccessibleName("Go to a topic, a group, or an action")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.setMinimumWidth(self._theme.px(_LEAST_FIELD))
        self.setMaximumWidth(self._theme.px(430))

    def sizeHint(self) -> QSize:
        """Qt's: it gives way before what stands beside it does."""
        return QSize(self._theme.px(160), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's."""
        super().paintEvent(event)
        painter = QPainter(self)
        size = self._theme.px(16)
        middle = (self.height() - size) // 2
        painter.drawPixmap(8, middle, self._theme.pixmap("search", "text_3", 16, self.devicePixelRatioF()))
        painter.setPen(self._theme.color("text_3"))
        painter.setFont(self._theme.font())
        tells_keys = self.width() >= self._theme.px(_ROOM_FOR_KEYS)
        area = self.rect().adjusted(self._theme.px(36), 0, -self._theme.px(60 if tells_keys else 12), 0)
        text = painter.fontMetrics().elidedText(
            "Go to a topic, a group, or an action", Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
        if not tells_keys:
            painter.end()
            return
        painter.setFont(self._theme.font(11, 500))
        painter.setPen(self._theme.color("text_2"))
        keys = self.rect().adjusted(0, 0, -self._theme.px(12), 0)
        painter.drawText(keys, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._keys)
        painter.end()


class WindowHeader(QWidget):
    """The row at the top of the window."""

    go = Signal()
    refresh = Signal()
    turned = Signal()  # light or dark
    keys = Signal()
    menu = Signal(object)  # the button below which it opens, as with the next two
    connections = Signal(object)
    pace = Signal(object)

    def __init__(self, theme: Theme, profile: ConnectionProfile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._live = Button(theme, kind=ButtonKind.QUIET, tip="Pause, or ask less often")
        self._live.clicked.connect(lambda _checked=False: self.pace.emit(self._live))
        self._profile = _Profile(theme, profile)
        self._profile.clicked.connect(lambda _checked=False: self.connections.emit(self._profile))
        self._field = GoField(theme, "Ctrl K")
        self._field.clicked.connect(self.go)
        self._look = Button(theme, kind=ButtonKind.ICON, icon="sun-moon", tip="Light or dark", clicked=self.turned.emit)
        ground(self, "surface")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self._profile)
        row.addWidget(hairline(vertical=True))
        row.addSpacing(16)
        row.addWidget(self._field, 20)  # as wide as it may be before there is a gap
        row.addStretch(1)
        row.addWidget(self._live)
        row.addSpacing(8)
        row.addWidget(
            Button(theme, kind=ButtonKind.ICON, icon="refresh-cw", tip="Refresh now (F5)", clicked=self.refresh.emit)
        )
        row.addWidget(self._look)
        row.addWidget(
            Button(
                theme, kind=ButtonKind.ICON, icon="circle-question-mark", tip="All keys (F1)", clicked=self.keys.emit
            )
        )
        self._menu = Button(theme, kind=ButtonKind.ICON, icon="menu", tip="Settings, logs, about, quit")
        self._menu.clicked.connect(lambda _checked=False: self.menu.emit(self._menu))
        row.addWidget(self._menu)
        theme.changed.connect(self._fit)
        self.say_live("", live=False)
        self._fit()

    def say_live(self, words: str, *, live: bool) -> None:
        """Shows how fresh the figures are."""
        self._live.setText(words)
        self._live.setVisible(bool(words))
        self._live.setAccessibleName(f"{words}: pause, or ask less often")
        self._live.set_icon(*(("radio", "ok_text") if live else ("unplug", "text_3")))

    def _fit(self) -> None:
        self.setFixedHeight(self._theme.px(HEIGHT))


class _Profile(QPushButton):
    """The profile's name, its environment, and a lock if nothing may be written; it opens the other connections."""

    def __init__(self, theme: Theme, profile: ConnectionProfile) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", ButtonKind.QUIET.value)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(f"{profile.title}: other connections")
        theme.changed.connect(self._fit)
        self._fit()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(Swatch(theme, profile.environment, profile.colour))
        column = QVBoxLayout()
        column.setContentsMargins(0, 4, 0, 5)
        column.setSpacing(1)
        name = Elided(profile.name, weight=600)
        name.setToolTip(escape_tip(f"{profile.name}: {profile.bootstrap}"))
        column.addWidget(name)
        if profile.environment is not None:
            column.addWidget(EnvironmentWord(theme, profile.environment.value))
        row.addLayout(column, 1)
        opens = IconLabel(theme, "chevron-down", "text_3", 14)
        if profile.read_only:
            lock = IconLabel(theme, "lock", "text_2", 16)
            lock.setToolTip("This profile is read-only")
            lock.setAccessibleName("read-only")
            row.addWidget(lock)
        row.addWidget(opens)
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def _fit(self) -> None:
        self.setMinimumWidth(self._theme.px(_LEAST_NAME))
        self.setMaximumWidth(self._theme.px(RAIL) + 4)

    def sizeHint(self) -> QSize:
        """Qt's: as wide as the rail below it, where there is room."""
        return QSize(self._theme.px(RAIL) + 4, super().sizeHint().height())
