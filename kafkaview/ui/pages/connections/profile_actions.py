"""Actions on saved connections, for Welcome and for the page: duplicate, delete, move, import."""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from kafkaview.profiles.errors import KeyringUnavailable, ProfileError
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.file_dialogs import ask_for_file
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.delete_sheet import DeleteSheet
from kafkaview.ui.pages.connections.saved_connections import Book


class ProfileActions(QObject):
    """Runs each action as a task. `done` and `imported` carry the profile to show now, `said` carries news."""

    done = Signal(object)  # ConnectionProfile, or None
    imported = Signal(object)  # ConnectionProfile
    said = Signal(str, str)  # the news, and what it means

    def __init__(self, theme: Theme, tasks: Tasks, book: Book, place: QWidget) -> None:
        super().__init__(place)
        self._theme = theme
        self._tasks = tasks
        self._book = book
        self._place = place

    def duplicate(self, profile: ConnectionProfile) -> None:
        """Copies a profile with its secrets."""
        self._start("duplicate", self._duplicate(profile), "It could not be copied.")

    def delete(self, profile: ConnectionProfile) -> None:
        """Asks, then deletes a profile with its secrets."""
        sheet = DeleteSheet(self._theme, self._place.window(), profile)
        sheet.confirmed.connect(lambda: self._start("delete", self._delete(profile), "It could not be deleted."))
        sheet.open()

    def move(self, profile: ConnectionProfile, other: ConnectionProfile) -> None:
        """Moves a profile to the place of another."""
        place = next((at for at, one in enumerate(self._book.profiles) if one.id == other.id), None)
        if place is not None:
            self._start("move", self._book.move(profile, place), "The order could not be saved.")

    def choose_file(self) -> None:
        """Asks for a client.properties file and imports it."""
        kinds = "Properties (*.properties *.conf)"
        ask_for_file(self._place, "Import client.properties", kinds, self.import_file)

    def import_file(self, path: Path) -> None:
        """Imports a file as a connection."""
        self._start("import", self._import(path), f"{path.name} cannot be imported.")

    async def _duplicate(self, profile: ConnectionProfile) -> None:
        copy, reason = await self._book.duplicate(profile)
        self.done.emit(copy)
        if reason:
            self.said.emit(f"{copy.name} stands without secrets of the keyring.", reason)

    async def _delete(self, profile: ConnectionProfile) -> None:
        try:
            await self._book.remove(profile)
        except KeyringUnavailable as error:
            self.done.emit(None)
            self.said.emit(error.message, error.hint)
            return
        self.done.emit(None)
        self.said.emit(f"{profile.name} is deleted.", "Its keyring entries are gone too.")

    async def _import(self, path: Path) -> None:
        profile, reason = await self._book.import_file(path)
        self.imported.emit(profile)
        self.said.emit(f"{profile.name} is imported.", reason)

    def _start(self, name: str, coro: Coroutine[Any, Any, None], failed: str) -> None:
        def refuse(error: Exception) -> None:
            if not isinstance(error, (ProfileError, ValueError, OSError)):
                raise error
            hint = error.hint if isinstance(error, ProfileError) else ""
            self.said.emit(failed, f"{error} {hint}".strip())

        self._tasks.start(f"connections.{name}", coro, on_error=refuse)
