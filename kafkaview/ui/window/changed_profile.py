"""The banner of a window whose connection was saved with other settings meanwhile: there the old ones hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Signal

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.saved_connections import Book


class ChangedProfile(Banner):
    """Compares what is saved with what the window was opened with. `again` is emitted with the saved one."""

    again = Signal(object)

    def __init__(self, theme: Theme, opened: Callable[[], ConnectionProfile], book: Book | None) -> None:
        super().__init__(theme)
        self._opened = opened
        self._book = book
        self.action.clicked.connect(lambda: self.again.emit(self._saved))
        if book is not None:
            book.changed.connect(self.compare)

    def compare(self) -> None:
        """Says it where they differ."""
        opened, saved = self._opened(), self._saved
        if saved is None or replace(saved, id=opened.id) == opened:
            self.hide()
            return
        protects = saved.read_only and not opened.read_only
        words = "This window goes on with the old ones until you connect again."
        if protects:
            words = "This window can still write: connect again to have it refuse every write."
        kind = BannerKind.PARTIAL if protects else BannerKind.READ_ONLY
        news = f"{opened.name} was saved with other settings since this window was opened."
        self.say(kind, news, words, "Connect again")

    @property
    def _saved(self) -> ConnectionProfile | None:
        opened = self._opened()
        known = self._book.profiles if self._book is not None and opened.saved else ()
        same = next((one for one in known if one.id == opened.id), None)
        return same or next((one for one in known if one.name == opened.name), None)  # deleted and made anew
