"""Welcome: the saved connections, the last used first. Without any: one question, and the ways to begin."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from kafkaview import __version__
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.properties import profile_from
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, ground
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.record_strip import Copied, Pointer, RecordStrip, Strip, cells_around
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.kit.theme.icons import app_icon
from kafkaview.ui.pages.connections.profile_actions import ProfileActions
from kafkaview.ui.pages.connections.saved_connections import Book
from kafkaview.ui.pages.connections.welcome.aside import WelcomeAside
from kafkaview.ui.pages.connections.welcome.saved import SavedConnections
from kafkaview.ui.pages.connections.welcome.way_to_begin import WelcomeOption

_EDGE = 72
_BESIDE = 900
_STANDS = 5


class WelcomePage(QWidget):
    """The page while nothing is connected. It emits `demo` to start the demo, `connect_to` with a profile, `new` and
    `edit` to open the form.
    """

    demo = Signal()
    connect_to = Signal(object)
    new = Signal()
    edit = Signal(object)

    def __init__(self, theme: Theme, tasks: Tasks, book: Book, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._book = book
        self._wrong = Text(size=12, tone="bad_text", wrap=True)
        self.profile_actions = ProfileActions(theme, tasks, book, self)
        self.saved = SavedConnections(theme, book, self.profile_actions)
        self.notice = Banner(theme)
        self.start = Button(theme, "Start demo", kind=ButtonKind.PRIMARY, tall=True, clicked=self.demo.emit)
        self.servers = QLineEdit()
        self.servers.setPlaceholderText("host:9092, host:9092")
        self.servers.setAccessibleName("Bootstrap servers")
        self.servers.returnPressed.connect(self._connect_typed)
        self.open = Button(theme, "Connect", tall=True, clicked=self._connect_typed)
        self.form = Button(theme, "With TLS or a login…", kind=ButtonKind.LINK)
        self.form.clicked.connect(lambda _checked=False: self.edit.emit(ConnectionProfile("", self.servers.text())))
        self.choose = Button(theme, "Choose file…", tall=True, clicked=self.profile_actions.choose_file)
        self.menu = Button(theme, kind=ButtonKind.ICON, icon="menu", tip="Settings, logs, about, quit")
        self.aside = WelcomeAside(theme)
        self._question = self._first()
        self.saved.hide()
        ground(self, "canvas")
        self._lay_out()
        self._connect()
        self._show_book()

    def say(self, news: str, meaning: str = "") -> None:
        """Shows news in a strip that stays until it is dismissed."""
        self.notice.say(BannerKind.READ_ONLY, news, meaning, "Dismiss")

    def fail(self, text: str) -> None:
        """Shows why connecting failed, and lets the user try again."""
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))

    def focus_first(self) -> None:
        """Gives the keyboard to the most likely button."""
        if self._book.profiles:
            self.saved.focus_connect()
        else:
            self.start.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_book(self) -> None:
        known = bool(self._book.profiles)
        came = known and self.saved.isHidden()
        self._question.setVisible(not known)
        self.saved.setVisible(known)
        self.aside.show_ways(shown=known)
        self.saved.show_profiles()
        if came:
            self.saved.focus_connect()
        if self._book.note:
            self.say("Not every saved connection could be read.", self._book.note)

    def _connect_typed(self) -> None:
        if not self.servers.text().strip():
            self.fail("Name at least one broker: host:9092")
            self.servers.setFocus()
            return
        try:
            profile, _no_secrets = profile_from(self.servers.text().strip(), None, {}, {})
        except ValueError as error:
            self.fail(str(error))
            return
        self.fail("")
        self.connect_to.emit(profile)

    def _connect(self) -> None:
        self._book.changed.connect(self._show_book)
        self.saved.connect_to.connect(self.connect_to)
        self.saved.new.connect(self.new)
        self.saved.edit.connect(self.edit)
        self.aside.demo.clicked.connect(lambda _checked=False: self.demo.emit())
        self.aside.choose.clicked.connect(lambda _checked=False: self.profile_actions.choose_file())
        self.notice.action.clicked.connect(self.notice.hide)
        self._theme.changed.connect(self._fit)

    def _lay_out(self) -> None:
        left = self._column = QVBoxLayout()
        left.setSpacing(0)
        left.addLayout(self._name())
        left.addSpacing(24)
        left.addWidget(self._question, 1)
        left.addWidget(self.saved, 1)
        left.addSpacing(16)
        left.addLayout(_keys())
        inner = QWidget()
        row = self._row = QHBoxLayout(inner)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, stretch=840)
        row.addWidget(self.aside, stretch=440)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        ground(inner, "canvas")
        self.setLayout(column(self.notice, last=scroll))
        self._wrong.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Puts both columns side by side, or one above the other where the text is large for the window."""
        beside = self.width() >= self._theme.px(_BESIDE)
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._column.setContentsMargins(*((_EDGE, 44, 56, 28) if beside else (24, 24, 24, 16)))
        self.aside.fit(beside=beside)
        self.saved.fit(beside=beside)

    def _first(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
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
        return page

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
        row.addWidget(self.menu)
        return row

    def _picture(self) -> RecordStrip:
        strip = RecordStrip(self._theme, large=True, offsets=False)
        cells = cells_around(_STANDS, (_STANDS,), log_end_offset=21, read=_STANDS)
        pointer = Pointer(_STANDS, "the group stands here")
        copied = Copied("", (_STANDS,), "kept in the dead letter queue")
        strip.set_strip(Strip(cells, (pointer,), lead="", copied=copied))
        strip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        strip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return strip

    def _ways(self) -> tuple[WelcomeOption, ...]:
        demo = "A real Kafka on this machine, with groups that break on purpose. Three minutes."
        trace = "Ends without a trace. Needs Java 17 or later; the first start fetches Kafka, 43 MB."
        below = Text(trace, size=12, tone="text_2", wrap=True)
        cluster = "A test tells you layer by layer what does not work, and why."
        file = "Java or librdkafka spelling. Passwords move into the keyring of your system."
        link = QWidget()
        row = QHBoxLayout(link)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.form)
        row.addStretch(1)
        return (
            WelcomeOption(self._theme, "play", "Try it on the demo", demo, self.start, framed=True, below=below),
            WelcomeOption(
                self._theme, "plug", "Connect to a cluster", cluster, self.open, beside=self.servers, below=link
            ),
            WelcomeOption(self._theme, "file-input", "Import client.properties", file, self.choose),
        )


def _keys() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for text, weight in (("Press", 400), ("Ctrl K", 600), ("anywhere for every action,", 400), ("F1", 600)):
        row.addWidget(Text(text, size=12, weight=weight, tone="text" if weight > 400 else "text_2"))
    row.addWidget(Text("for the keys", size=12, tone="text_2"))
    row.addStretch(1)
    return row
