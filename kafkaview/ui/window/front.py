"""The window while nothing is connected: Welcome, and the page Connections behind it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.actions import Action, bind
from kafkaview.ui.kit.controls import ground
from kafkaview.ui.kit.enter_key import press_by_enter
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.look_steps import LookSteps
from kafkaview.ui.kit.notices import Notices
from kafkaview.ui.kit.preferences import Layouts, Remembered
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.tab_order import step
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.kit.theme.icons import app_icon
from kafkaview.ui.pages.connections.saved_connections import Book
from kafkaview.ui.pages.connections.welcome.page import WelcomePage
from kafkaview.ui.window.keys import KeysSheet
from kafkaview.ui.window.menu import AboutSheet, open_logs, why_no_logs, window_menu
from kafkaview.ui.window.palette import Palette
from kafkaview.ui.window.palette_entries import PaletteEntry, PaletteSection, deeds

if TYPE_CHECKING:
    from kafkaview.ui.pages.connections.page import ConnectionsPage
    from kafkaview.ui.pages.settings.page import SettingsPage


class Front(QWidget):
    """The window without a session. It emits `demo`, `connect_to` with a profile, `closed` when the user leaves, and
    `quit_wanted` when all windows are to be closed.
    """

    demo = Signal()
    connect_to = Signal(object)
    closed = Signal()
    quit_wanted = Signal()

    def __init__(self, theme: Theme, book: Book, remembered: Remembered | None = None) -> None:
        super().__init__()
        self.theme = theme
        self.tasks = Tasks(self)
        self._look = LookSteps(theme, self)
        self._book = book
        self._notices = Notices(remembered)
        self._layouts = Layouts(self, "welcome", remembered) if remembered is not None else None
        self.welcome = WelcomePage(theme, self.tasks, book)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.welcome)
        stripe = QFrame()
        stripe.setFixedHeight(4)
        ground(stripe, "line")
        self.setLayout(column(stripe, self._stack))
        self.setWindowTitle("kafkaview")
        self.setWindowIcon(app_icon())
        self.resize(1280, 800)
        if self._layouts is not None:
            self._layouts.place_window()
        theme.dress(self)
        self._connect()
        self._shortcuts = bind(self, self._actions(), lambda: Veil.over(self) is None)
        self._shortcuts += bind(self, self._ways_out(), lambda: True)

    @cached_property
    def connections(self) -> ConnectionsPage:
        """The page Connections, made when it is first shown."""
        from kafkaview.ui.pages.connections.page import ConnectionsPage  # heavy, and Welcome is painted first

        page = ConnectionsPage(self.theme, self.tasks, self._book, back=True)
        page.connect_to.connect(self.connect_to)
        page.left.connect(self.show_welcome)
        self._stack.addWidget(page)
        return page

    @cached_property
    def settings(self) -> SettingsPage:
        """The page Settings, made when it is first shown."""
        from kafkaview.ui.pages.settings.page import SettingsPage

        page = SettingsPage(self.theme, self._notices, back=True)
        page.left.connect(self.show_welcome)
        self._stack.addWidget(page)
        return page

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Enter presses what has the keyboard."""
        if not press_by_enter(event):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: FBT001, N802  # Qt's signature
        """Qt's: Tab goes as the window is read."""
        step(Veil.over(self) or self, forward=forward)
        return True

    def show_connections(self, profile: ConnectionProfile | None = None) -> None:
        """Shows the page Connections with this profile's form or an empty one."""
        self._stack.setCurrentWidget(self.connections)
        if profile is None:
            self.connections.new()
        else:
            self.connections.edit(profile)

    def show_welcome(self) -> None:
        """Goes back to Welcome."""
        self._stack.setCurrentWidget(self.welcome)
        self.welcome.focus_first()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Qt's."""
        self.closed.emit()
        event.accept()

    def keep_place(self) -> None:
        """Remembers where the window is."""
        if self._layouts is not None:
            self._layouts.keep_window("")

    def _connect(self) -> None:
        self.welcome.demo.connect(self.demo)
        self.welcome.connect_to.connect(self.connect_to)
        self.welcome.new.connect(self.show_connections)
        self.welcome.edit.connect(self.show_connections)
        self.welcome.profile_actions.imported.connect(self.show_connections)
        self.welcome.profile_actions.said.connect(self._say)
        self.welcome.menu.clicked.connect(lambda _checked=False: self._open_menu())

    def _say(self, news: str, meaning: str) -> None:
        """Shows news on the page in front."""
        here = self.welcome if self._stack.currentWidget() is self.welcome else self.connections
        here.say(news, meaning)

    def _actions(self) -> tuple[Action, ...]:
        profile_actions = self.welcome.profile_actions
        return (
            Action("palette", "Go to anything", self._open_palette, ("Ctrl+K",), "search", listed=False),
            Action("new", "New connection…", self.show_connections, ("Ctrl+N",), "plus"),
            Action("import", "Import client.properties…", profile_actions.choose_file, ("Ctrl+O",), "file-input"),
            Action("demo", "Start the demo", self.demo.emit, (), "play"),
            Action("theme", "Theme: light or dark", self._look.turn, (), "sun-moon"),
            Action("larger", "Larger text", lambda: self._look.scale(0.1), ("Ctrl++", "Ctrl+="), "eye"),
            Action("smaller", "Smaller text", lambda: self._look.scale(-0.1), ("Ctrl+-",), "eye"),
            Action("usual", "Text in its usual size", lambda: self._look.scale(0), ("Ctrl+0",), "eye"),
            Action("settings", "Settings", self._show_settings, ("Ctrl+,",), "sliders-horizontal"),
            Action("keys", "All keys", self._open_keys, ("F1",), "circle-question-mark"),
            Action("logs", "Open the folder of the log files", open_logs, (), "scroll-text", why_not=why_no_logs),
            Action("about", "About kafkaview", self._open_about, (), "circle-question-mark"),
        )

    def _ways_out(self) -> tuple[Action, ...]:
        """Returns the actions that work below a sheet too."""
        return (
            Action("close", "Close the window", self.close, ("Ctrl+W",), "x"),
            Action("quit", "Quit kafkaview", self.quit_wanted.emit, ("Ctrl+Q",), "x"),
        )

    def _entries(self) -> list[PaletteEntry]:
        return [
            *(self._entry(profile) for profile in self._book.profiles),
            *deeds([*self._actions(), *self._ways_out()]),
        ]

    def _entry(self, profile: ConnectionProfile) -> PaletteEntry:
        note = ", ".join(filter(None, (profile.environment, profile.bootstrap)))
        return PaletteEntry(PaletteSection.GO, "plug", profile.name, note, lambda: self.connect_to.emit(profile))

    def _open_palette(self) -> None:
        Palette(self.theme, self, self._entries).open()

    def _open_keys(self) -> None:
        KeysSheet(self.theme, self, [*self._actions(), *self._ways_out()]).open()

    def _open_about(self) -> None:
        AboutSheet(self.theme, self).open()

    def _open_menu(self) -> None:
        button = self.welcome.menu
        menu = window_menu(button, [*self._actions(), *self._ways_out()])
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _show_settings(self) -> None:
        self._stack.setCurrentWidget(self.settings)
