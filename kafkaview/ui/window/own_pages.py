"""The pages about kafkaview itself and not about the cluster, at the foot of the rail: Connections and Settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.notices import Notices
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.saved_connections import Book

if TYPE_CHECKING:
    from kafkaview.ui.pages.connections.editor import Editor
    from kafkaview.ui.pages.connections.page import ConnectionsPage
    from kafkaview.ui.pages.settings.page import SettingsPage

CONNECTIONS: Final = "connections"
SETTINGS: Final = "settings"


class OwnPages:
    """Each page is made when it is first shown, or ahead in pieces, and brings its own head. `connect_to` gets the
    profile that the user connects to on Connections.
    """

    def __init__(
        self,
        theme: Theme,
        tasks: Tasks,
        stack: QStackedWidget,
        book: Book | None,
        notices: Notices,
        connect_to: Callable[[ConnectionProfile], object],
    ) -> None:
        self._theme = theme
        self._tasks = tasks
        self._stack = stack
        self._book = book
        self._notices = notices
        self._connect_to = connect_to
        self._editor: Editor | None = None  # made ahead of its page
        self._pages: LazyParts[str, QWidget] = LazyParts(
            (CONNECTIONS, SETTINGS), self._make, self._stack.addWidget, theme.dress
        )  # styled after it has its parent: Qt styles all that is in it anew with each parent

    def __contains__(self, name: str) -> bool:
        return name in self._pages

    @property
    def connections(self) -> ConnectionsPage:
        """The page Connections; there is one where there is a book."""
        from kafkaview.ui.pages.connections.page import ConnectionsPage

        page = self._pages[CONNECTIONS]
        assert isinstance(page, ConnectionsPage)
        return page

    @property
    def settings(self) -> SettingsPage:
        """The page Settings."""
        from kafkaview.ui.pages.settings.page import SettingsPage

        page = self._pages[SETTINGS]
        assert isinstance(page, SettingsPage)
        return page

    @property
    def in_front(self) -> bool:
        """Whether one of these pages is in front."""
        return self._stack.currentWidget() in self._pages.made.values()

    def make_ahead(self) -> Iterator[None]:
        """Makes the pages, and pauses before each piece."""
        if self._book is not None and CONNECTIONS not in self._pages.made:
            yield
            from kafkaview.ui.pages.connections import page as _loaded  # noqa: F401  # a piece by itself

            yield
            from kafkaview.ui.pages.connections.editor import Editor

            if CONNECTIONS not in self._pages.made:
                editor = self._editor = Editor(self._theme)
                editor.setParent(self._stack)  # it goes with it, should its page never be made
                yield
                editor.lay_out()
            yield from self._pages.pieces(CONNECTIONS)
        yield from self._pages.pieces(SETTINGS)

    def show(self, name: str) -> None:
        """Brings a page to the front. Another program may have changed the list of connections meanwhile."""
        self._stack.setCurrentWidget(self._pages[name])
        self.refresh()

    def refresh(self) -> None:
        """Reads the list of connections again if it is in front; without an answer the old one stays."""
        if self._book is not None and CONNECTIONS in self._pages.made and self.connections.isVisible():
            self._tasks.ask("connections.list", self._book.load(), lambda _error: None)

    def _make(self, name: str) -> QWidget:
        page = self._made(name)
        self._stack.destroyed.connect(page.deleteLater)  # also where it is never placed in there
        return page

    def _made(self, name: str) -> QWidget:
        if name == SETTINGS:
            from kafkaview.ui.pages.settings.page import SettingsPage

            return SettingsPage(self._theme, self._notices)
        from kafkaview.ui.pages.connections.page import ConnectionsPage  # heavy, and not needed by who connects

        assert self._book is not None
        page = ConnectionsPage(self._theme, self._tasks, self._book, editor=self._editor)
        page.connect_to.connect(self._connect_to)
        return page
