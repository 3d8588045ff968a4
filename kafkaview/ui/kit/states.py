"""What a page shows if it has no rows: loading, empty, failed, not allowed, watching for the first time. It is never a
message box: each says what happened, what it means, and one thing to do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.icon_label import IconLabel
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme

_BARS_AFTER_MS = 200  # a quick answer shall not flash grey bars
_WIDEST = 420


@dataclass(frozen=True, slots=True)
class StateAction:
    """A button of a state: its words, and what it does. The `primary` one is blue."""

    text: str
    do: Callable[[], object]
    icon: str | None = None
    primary: bool = False


class State(QWidget):
    """A picture, a finding, its meaning and its buttons in the middle of the page."""

    def __init__(
        self,
        theme: Theme,
        picture: QWidget,
        title: str,
        text: str = "",
        ways: Sequence[StateAction] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title = Text(title, size=15, weight=600, wrap=True)
        self._text = Text(text, tone="text_2", wrap=True)
        self.below = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setSpacing(6)
        column.addStretch(2)
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setMaximumWidth(theme.px(_WIDEST))
            column.addLayout(_in_the_middle(label))
        column.addLayout(self.below)
        if ways:
            column.addSpacing(6)
            column.addLayout(_ways(theme, ways))
        column.addStretch(3)
        self.say(title, text)

    def say(self, title: str, text: str) -> None:
        """Changes the words."""
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self.setAccessibleName(f"{title}. {text}")


class Empty(State):
    """There is nothing: why, and whether that is good."""

    def __init__(
        self, theme: Theme, title: str, text: str = "", ways: Sequence[StateAction] = (), *, good: bool = False
    ) -> None:
        super().__init__(theme, MarkLabel(theme, Mark.OK if good else Mark.IDLE, 28), title, text, ways)


class Failed(State):
    """A request failed: what was tried, the broker's own words, what is kept, and that nothing was changed."""

    def __init__(self, theme: Theme, title: str, text: str = "", ways: Sequence[StateAction] = ()) -> None:
        super().__init__(theme, MarkLabel(theme, Mark.BAD, 28), title, text, ways)


class MissingRight(State):
    """A right is missing: its Kafka name, the principal, and the command with which an admin gives it."""

    def __init__(self, theme: Theme, title: str, text: str = "", ways: Sequence[StateAction] = ()) -> None:
        super().__init__(theme, IconLabel(theme, "lock", "text_2", 28), title, text, ways)


class FirstRun(State):
    """The page watches for the first time: what it will show, with a progress bar."""

    def __init__(self, theme: Theme, title: str, text: str = "", ways: Sequence[StateAction] = ()) -> None:
        super().__init__(theme, MarkLabel(theme, Mark.WORKING, 28), title, text, ways)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 1000)
        self._bar.setFixedWidth(theme.px(240))
        self.below.addSpacing(8)
        self.below.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)

    def set_fraction(self, fraction: float | None) -> None:
        """Sets the progress from 0 to 1; None hides the bar."""
        self._bar.setVisible(fraction is not None)
        self._bar.setValue(round(1000 * (fraction or 0)))


class Loading(QWidget):
    """Grey bars in place of rows, and a line that says who is asked. The bars come after 200 ms."""

    def __init__(self, theme: Theme, text: str, cancel: Callable[[], object] | None = None) -> None:
        super().__init__()
        self._theme = theme
        self._bars = False
        self._text = Text(text, size=12, tone="text_2")
        column = QVBoxLayout(self)
        column.addStretch()
        row = QHBoxLayout()
        row.addWidget(MarkLabel(theme, Mark.WORKING, 14))
        row.addWidget(self._text, 1)
        if cancel is not None:
            row.addWidget(Button(theme, "Cancel", kind=ButtonKind.LINK, clicked=cancel))
        column.addLayout(row)
        QTimer.singleShot(_BARS_AFTER_MS, self, self._show_bars)

    def say(self, text: str) -> None:
        """Says who is asked, and who has answered."""
        self._text.setText(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's."""
        if not self._bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("line"))
        step, bar = self._theme.px(28), self._theme.px(10)
        for number in range(5):
            painter.setOpacity(1 - number * 0.17)
            for left, width in ((0.03, 0.04), (0.11, 0.25), (0.43, 0.16), (0.8, 0.16)):
                wide = self.width() * width * (1 - 0.13 * (number % 3) if width > 0.05 else 1)
                painter.drawRoundedRect(QRectF(self.width() * left, step * (number + 0.6), wide, bar), 4, 4)
        painter.end()

    def _show_bars(self) -> None:
        self._bars = True
        self.update()


def _in_the_middle(label: QLabel) -> QHBoxLayout:
    """Returns a layout with a widget in the middle: Qt would wrap an aligned label for the column's width."""
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(label, 1000)
    row.addStretch(1)
    return row


def _ways(theme: Theme, ways: Sequence[StateAction]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addStretch()
    for way in ways:
        kind = ButtonKind.PRIMARY if way.primary else ButtonKind.PLAIN
        row.addWidget(Button(theme, way.text, kind=kind, icon=way.icon, clicked=way.do))
    row.addStretch()
    return row
