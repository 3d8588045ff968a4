"""Welcome: what it is for in one question, and the ways in."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from kafkaview import __version__
from kafkaview.profiles.properties import profile_from
from kafkaview.ui.controls import Button, Kind, Text, ground
from kafkaview.ui.strip import Copied, Pointer, RecordStrip, Strip, standing
from kafkaview.ui.theme import Theme
from kafkaview.ui.theme.icons import app_icon
from kafkaview.ui.welcome.aside import Aside
from kafkaview.ui.welcome.way import Way

_EDGE, _WIDTH = 72, 712
_STANDS = 5


class WelcomePage(QWidget):
    """Shown while nothing is connected. `demo` starts the demo, `connect_to` carries a profile and its Secrets."""

    demo = Signal()
    connect_to = Signal(object, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._said = Text(size=12, tone="text_2", wrap=True)
        self._wrong = Text(size=12, tone="bad_text", wrap=True)
        self.start = Button(theme, "Start demo", kind=Kind.PRIMARY, tall=True, clicked=self.demo.emit)
        self.servers = QLineEdit()
        self.servers.setPlaceholderText("host:9092, host:9092")
        self.servers.setAccessibleName("Bootstrap servers")
        self.servers.returnPressed.connect(self._connect_typed)
        self.open = Button(theme, "Connect", tall=True, clicked=self._connect_typed)
        self.choose = Button(theme, "Choose file…", tall=True, clicked=self._choose)
        ground(self, "canvas")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(self._left(), stretch=1)
        row.addWidget(Aside(theme))
        self._wrong.hide()
        self.say("")

    def say(self, text: str) -> None:
        """Tell what is going on (the demo starts, a cluster is asked) below its way in; empty ends it."""
        self._said.setText(
            text or "Ends without a trace. Needs Java 17 or later; the first start fetches Kafka, 43 MB."
        )
        for control in (self.start, self.open, self.choose, self.servers):
            control.setEnabled(not text)

    def fail(self, text: str) -> None:
        """Say why it did not work, and let the user try again."""
        self.say("")
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))

    def _connect_typed(self) -> None:
        if self.servers.text().strip():
            self._connect(self.servers.text().strip(), None)
        else:
            self.fail("Name at least one broker: host:9092")
            self.servers.setFocus()

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Choose client.properties", "", "Properties (*.properties *.conf);;All files (*)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self._connect(None, Path(path)))
        dialog.open()

    def _connect(self, bootstrap: str | None, file: Path | None) -> None:
        try:
            profile, secrets = profile_from(bootstrap, file, {}, os.environ)
        except (ValueError, OSError) as error:
            self.fail(str(error))
            return
        self.fail("")
        self.connect_to.emit(profile, secrets)

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(_EDGE, 44, 56, 28)
        column.setSpacing(0)
        column.addLayout(self._name())
        column.addStretch(2)
        column.addWidget(Text("A consumer stands still?", size=28, weight=600))
        column.addSpacing(10)
        promise = "Find the record that stops it, see why, move it to a dead letter queue and the group past it."
        column.addWidget(Text(promise, size=15, tone="text_2", wrap=True))
        column.addSpacing(18)
        column.addWidget(self._picture())
        column.addSpacing(18)
        for way in self._ways():
            column.addWidget(way)
            column.addSpacing(10)
        column.addWidget(self._wrong)
        column.addStretch(3)
        column.addLayout(_keys())
        return column

    def _name(self) -> QHBoxLayout:
        picture = QLabel()
        side = self._theme.px(30)
        picture.setPixmap(app_icon().pixmap(side, side))
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(picture)
        row.addWidget(Text("kafkaview", size=18, weight=600))
        row.addStretch(1)
        row.addWidget(Text(f"version {__version__}", size=12, tone="text_2"))
        return row

    def _picture(self) -> RecordStrip:
        strip = RecordStrip(self._theme, large=True, offsets=False)
        cells = standing(_STANDS, (_STANDS,), log_end_offset=21, read=_STANDS)
        pointer = Pointer(_STANDS, "the group stands here")
        copied = Copied("", (_STANDS,), "kept in the dead letter queue")
        strip.set_strip(Strip(cells, (pointer,), lead="", copied=copied))
        strip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        strip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return strip

    def _ways(self) -> tuple[Way, ...]:
        demo = "A real Kafka on this machine, with groups that break on purpose. Three minutes."
        cluster = "Without TLS and login. With them, take a client.properties file."
        file = "Java or librdkafka spelling. Looking changes nothing on the cluster."
        return (
            Way(self._theme, "play", "Try it on the demo", demo, self.start, framed=True, below=self._said),
            Way(self._theme, "plug", "Connect to a cluster", cluster, self.open, beside=self.servers),
            Way(self._theme, "file-input", "Connect with a client.properties file", file, self.choose),
        )


def _keys() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for text, weight in (("Press", 400), ("Ctrl K", 600), ("anywhere for every action,", 400), ("F1", 600)):
        row.addWidget(Text(text, size=12, weight=weight, tone="text" if weight > 400 else "text_2"))
    row.addWidget(Text("for the keys", size=12, tone="text_2"))
    row.addStretch(1)
    return row
