"""The menus of the window's header: settings, logs, about and the two ways out; other connections; the pace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Final

import platformdirs
from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from kafkaview import __version__
from kafkaview.log_files import log_folder
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button, Text, escape_button, escape_tip
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.kit.theme import Theme

IN_MENU: Final = ("settings", "keys", "logs", "about", "close", "quit")
_RULES_BEFORE: Final = ("logs", "close")


def window_menu(parent: QWidget, actions: Iterable[Action]) -> QMenu:
    """Returns the menu of these actions, those of them that it holds."""
    menu = _menu(parent)
    named = {action.id: action for action in actions}
    for name in IN_MENU:
        if name in _RULES_BEFORE:
            menu.addSeparator()
        _add(menu, named[name])
    return menu


class WatchPace(Enum):
    """How often the cluster is asked, in words."""

    LIVE = "Live: every 2 s, or as often as the cluster bears"
    SLOW = "Every 10 s"
    PAUSED = "Paused: nothing is asked"


def pace_menu(parent: QWidget, now: WatchPace, choose: Callable[[WatchPace], object]) -> QMenu:
    """Returns the menu of how often the cluster is asked."""
    menu = _menu(parent)
    for pace in WatchPace:
        entry = menu.addAction(pace.value)
        entry.setCheckable(True)
        entry.setChecked(pace is now)
        entry.triggered.connect(lambda _checked=False, pace=pace: choose(pace))
    return menu


def connections_menu(
    parent: QWidget,
    profiles: Iterable[ConnectionProfile],
    now: ConnectionProfile,
    connect_to: Callable[[ConnectionProfile], object],
    others: Iterable[Action],
) -> QMenu:
    """Returns the menu of the saved connections, each of which opens in a window of its own, and of other actions."""
    menu = _menu(parent)
    for profile in profiles:
        entry = menu.addAction(escape_button(profile.title))
        entry.setCheckable(True)
        entry.setChecked(profile.id == now.id)
        entry.setEnabled(profile.id != now.id)
        entry.triggered.connect(lambda _checked=False, profile=profile: connect_to(profile))
    menu.addSeparator()
    for action in others:
        _add(menu, action)
    return menu


def open_logs() -> None:
    """Opens the folder of the log files in the system's own program for folders."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(log_folder())))


def why_no_logs() -> str:
    """Returns why there is no folder to open; empty if there is one."""
    return "" if log_folder().is_dir() else "Nothing has been logged yet"


def _menu(parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    return menu


def _add(menu: QMenu, action: Action) -> None:
    entry = menu.addAction(escape_button(action.title))
    if action.shortcuts:
        entry.setShortcut(QKeySequence(action.shortcuts[0]))
        entry.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown only: the window has it bound
    why_not = action.why_not()
    entry.setEnabled(not why_not)
    entry.setToolTip(escape_tip(why_not))
    entry.triggered.connect(lambda _checked=False: action.run())


class AboutSheet(Sheet):
    """What this is, which version, under which licence, and where its files lie."""

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(theme, window, width=560)
        self.set_title(
            f"kafkaview {__version__}",
            "Finds the record that stops a consumer group, and moves the group past it.",
        )
        for title, text in (
            ("Licence", "Apache 2.0; fonts Inter and JetBrains Mono under the OFL, icons Lucide under the ISC licence"),
            ("Connections", platformdirs.user_config_dir("kafkaview", appauthor=False)),
            ("Journal", platformdirs.user_data_dir("kafkaview", appauthor=False)),
            ("Logs", str(log_folder())),
            ("Qt", qVersion()),
        ):
            self.body.addWidget(Text(title, size=12, weight=600))
            line = Text(text, size=12, tone="text_2", wrap=True)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self.body.addWidget(line)
        self.footer.addStretch()
        self.primary = Button(theme, "Close", clicked=self.lift)
        self.footer.addWidget(self.primary)
