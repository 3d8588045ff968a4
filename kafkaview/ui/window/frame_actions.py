"""The actions of a window, and what lists them: palette, menus, the sheet of keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QWidget

from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.page import Page, Place
from kafkaview.ui.window.keys import KeysSheet
from kafkaview.ui.window.menu import AboutSheet, connections_menu, open_logs, pace_menu, why_no_logs, window_menu
from kafkaview.ui.window.own_pages import CONNECTIONS, SETTINGS
from kafkaview.ui.window.palette import Palette
from kafkaview.ui.window.palette_entries import deeds, places, typed_record

if TYPE_CHECKING:
    from kafkaview.ui.window.window import Window


class FrameActions:
    """What can be done in a window whatever page is in front, and the ways to each page."""

    def __init__(self, window: Window) -> None:
        self._window = window

    def of_frame(self) -> tuple[Action, ...]:
        """Returns the actions of the frame."""
        window = self._window
        look, show = window.look, window.show_own
        return (
            Action(
                "connections",
                "Connections",
                lambda: show(CONNECTIONS),
                (),
                "plug",
                why_not=self._why_no_connections,
            ),
            Action(
                "import",
                "Import client.properties…",
                self._import,
                (),
                "file-input",
                why_not=self._why_no_connections,
            ),
            Action("another", "Another connection, in a new window", window.another.emit, ("Ctrl+N",), "plus"),
            Action("palette", "Go to anything", self.open_palette, ("Ctrl+K",), "search", listed=False),
            Action("filter", "Filter this page", window.focus_filter, ("Ctrl+F", "/"), "search"),
            Action(
                "refresh", "Refresh now", window.refresh, ("F5", "Ctrl+R"), "refresh-cw", why_not=self._why_no_watch
            ),
            Action("pause", "Pause, or go on", window.pacing.turn, (), "pause", why_not=self._why_no_watch),
            Action(
                "cancel",
                "Cancel the running work",
                window.tasks.cancel_newest,
                ("Ctrl+.",),
                "x",
                why_not=self._why_nothing_to_cancel,
            ),
            self._step_action("back", "Back", "Alt+Left", -1, "There is no place before"),
            self._step_action("forward", "Forward", "Alt+Right", 1, "There is no place after"),
            Action("pane", "Next pane", lambda: window.focus_pane(1), ("F6",), "list"),
            Action("pane-before", "Pane before", lambda: window.focus_pane(-1), ("Shift+F6",), "list"),
            Action("detail", "Detail at the right or below", window.turn_detail, ("Ctrl+\\",), "list"),
            Action("rail", "Fold the rail", window.fold_rail, ("Ctrl+B",), "list"),
            Action("theme", "Theme: light or dark", look.turn, (), "sun-moon"),
            Action("larger", "Larger text", lambda: look.scale(0.1), ("Ctrl++", "Ctrl+="), "eye"),
            Action("smaller", "Smaller text", lambda: look.scale(-0.1), ("Ctrl+-",), "eye"),
            Action("usual", "Text in its usual size", lambda: look.scale(0), ("Ctrl+0",), "eye"),
            Action(
                "undo",
                "Undo the last write…",
                window.last_write.undo,
                ("Ctrl+Z",),
                "undo-2",
                why_not=self._why_no_undo,
            ),
            Action("settings", "Settings", lambda: show(SETTINGS), ("Ctrl+,",), "sliders-horizontal"),
            Action("keys", "All keys", self.open_keys, ("F1",), "circle-question-mark"),
            Action("logs", "Open the folder of the log files", open_logs, (), "scroll-text", why_not=why_no_logs),
            Action("about", "About kafkaview", self._open_about, (), "circle-question-mark"),
        )

    def ways_out(self) -> tuple[Action, ...]:
        """Returns the actions that work below a sheet too."""
        return (
            Action("close", "Close the window", self._window.close, ("Ctrl+W",), "x"),
            Action("quit", "Quit kafkaview", self._window.quit_wanted.emit, ("Ctrl+Q",), "x"),
        )

    def page_links(self) -> tuple[Action, ...]:
        """Returns the ways to the pages."""
        types = enumerate(self._window.page_types, 1)
        return tuple(self._go_action(page, f"Ctrl+{place}") for place, page in types)

    def of_pages(self) -> tuple[Action, ...]:
        """Returns the actions of every page."""
        return tuple(action for page in self._window.pages.values() for action in page.actions_of_page())

    def open_palette(self) -> None:
        """Opens the palette: places, actions, and names of the cluster."""
        window, view = self._window, self._window.view
        names, records = places(view, window.go) if view is not None else ([], [])
        actions = [*self.of_pages(), *self.page_links(), *self.of_frame(), *self.ways_out()]
        entries = [*records, *deeds(actions)]
        typed = (lambda text: typed_record(view, text, window.go)) if view is not None else (lambda _text: None)
        complete = view is None or not (view.errors or view.unseen or view.omissions)
        Palette(window.theme, window, lambda: entries, names, typed, complete=complete).open()

    def open_keys(self) -> None:
        """Opens the sheet of all keys."""
        frame = [*self.page_links(), *self.of_frame(), *self.ways_out()]
        KeysSheet(self._window.theme, self._window, [*frame, *self.of_pages()]).open()

    def open_menu(self, button: QWidget) -> None:
        """Opens the menu of the window below its button."""
        _open_below(window_menu(button, [*self.of_frame(), *self.ways_out()]), button)

    def open_connections(self, button: QWidget) -> None:
        """Opens the menu of the saved connections below their button."""
        window = self._window
        profiles = window.book.profiles if window.book is not None else ()
        named = {action.id: action for action in self.of_frame()}
        others = (named["another"], named["connections"])
        _open_below(connections_menu(button, profiles, window.profile, window.connect_to.emit, others), button)

    def open_pace(self, button: QWidget) -> None:
        """Opens the menu of how often the cluster is asked below its button."""
        pacing = self._window.pacing
        _open_below(pace_menu(button, pacing.pace, pacing.choose), button)

    def _import(self) -> None:
        self._window.show_own(CONNECTIONS)
        self._window.connections.import_file()

    def _open_about(self) -> None:
        AboutSheet(self._window.theme, self._window).open()

    def _go_action(self, page: type[Page], keys: str) -> Action:
        window = self._window
        why_not = lambda: "" if page.id in window.pages else "It is still being opened"  # noqa: E731
        go = lambda: window.go(Place(page.id))  # noqa: E731
        return Action(f"go.{page.id}", f"Go to {page.title}", go, (keys,), page.icon, why_not=why_not)

    def _step_action(self, name: str, title: str, keys: str, way: int, none: str) -> Action:
        window = self._window
        why_not = lambda: "" if window.leads(way) else none  # noqa: E731
        return Action(name, title, lambda: window.step_place(way), (keys,), "arrow-up", why_not=why_not)

    def _why_no_watch(self) -> str:
        return "" if self._window.pacing.engine is not None else "Nothing is asked yet"

    def _why_no_undo(self) -> str:
        return "" if self._window.connected else "Not connected"

    def _why_no_connections(self) -> str:
        return "" if self._window.book is not None else "This window has no list of connections"

    def _why_nothing_to_cancel(self) -> str:
        works = self._window.tasks.works
        return "" if any(work.cancellable for work in works) else "Nothing runs that can be cancelled"


def _open_below(menu: QMenu, button: QWidget) -> None:
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
