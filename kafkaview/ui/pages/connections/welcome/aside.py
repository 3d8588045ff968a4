"""The right side of Welcome: other ways to begin, and what kafkaview does and does not do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Button, Text, ground
from kafkaview.ui.kit.theme import Theme

ANY_SIZE = 0xFFFFFF  # Qt's QWIDGETSIZE_MAX
_PROMISES = (
    ("eye", "Looking changes nothing", "Reading joins no group and commits no offset. It is safe in production."),
    (
        "scroll-text",
        "No write without a plan",
        "You see before and after, and the command line for it. Every write lands in the journal first.",
    ),
    ("key-round", "Secrets in the keyring only", "No password is written to a file or a log."),
    ("lock", "Nothing leaves this machine", "No telemetry, no account, no update check."),
)


class WelcomeAside(QWidget):
    """A column of 440 px, less in a small window; below the first column where that is narrow."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._pictures: list[tuple[QLabel, str, int]] = []
        self.demo = Button(theme, "Start demo", icon="play", tall=True)
        self.choose = Button(theme, "Import client.properties…", icon="file-input", tall=True)
        self._title = Text("Saved connections", size=15, weight=600)
        self._none = self._none_yet()
        self._ways = self._other_ways()
        ground(self, "surface")
        column = self._column = QVBoxLayout(self)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addSpacing(18)
        column.addWidget(self._none)
        column.addWidget(self._ways)
        column.addSpacing(32)
        column.addWidget(Text("What it does, and does not", size=15, weight=600))
        column.addSpacing(16)
        column.addLayout(self._promises())
        column.addStretch(1)
        theme.changed.connect(self._paint_icons)
        self._paint_icons()
        self.fit(beside=True)

    def show_ways(self, *, shown: bool) -> None:
        """Shows the other ways to begin if connections are saved; else says that there are none yet."""
        self._title.setText("Other ways in" if shown else "Saved connections")
        self._none.setVisible(not shown)
        self._ways.setVisible(shown)

    def fit(self, *, beside: bool) -> None:
        """Puts the column right of the first one, or below it in the window's width."""
        self.setMinimumWidth(self._theme.px(330) if beside else 0)
        self.setMaximumWidth(self._theme.px(440) if beside else ANY_SIZE)
        self._column.setContentsMargins(*((32, 56, 40, 28) if beside else (24, 20, 24, 20)))

    def _other_ways(self) -> QWidget:
        ways = QWidget()
        column = QVBoxLayout(ways)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        demo = "A real Kafka on this machine, with groups that break on purpose."
        file = "Java or librdkafka spelling. Passwords move into the keyring."
        for button, words in ((self.demo, demo), (self.choose, file)):
            column.addWidget(button)
            column.addWidget(Text(words, size=12, tone="text_2", wrap=True))
            column.addSpacing(6)
        return ways

    def _none_yet(self) -> QFrame:
        box = QFrame()
        box.setProperty("role", "block")
        column = QVBoxLayout(box)
        column.setContentsMargins(16, 22, 16, 22)
        column.setSpacing(6)
        column.addWidget(self._picture("plug", 28), alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(Text("None yet", weight=600), alignment=Qt.AlignmentFlag.AlignHCenter)
        text = Text("They will be listed here, the last one first.", size=12, tone="text_2")
        column.addWidget(text, alignment=Qt.AlignmentFlag.AlignHCenter)
        return box

    def _promises(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for place, (icon, title, text) in enumerate(_PROMISES):
            grid.addWidget(self._picture(icon, 16), 3 * place, 0)
            grid.addWidget(Text(title, weight=600), 3 * place, 1)
            grid.addWidget(Text(text, size=12, tone="text_2", wrap=True), 3 * place + 1, 1)
            grid.setRowMinimumHeight(3 * place + 2, 10)
        return grid

    def _picture(self, icon: str, size: int) -> QLabel:
        label = QLabel()
        self._pictures.append((label, icon, size))
        return label

    def _paint_icons(self) -> None:
        for label, icon, size in self._pictures:
            label.setPixmap(self._theme.pixmap(icon, "text_3", size, self.devicePixelRatioF()))
