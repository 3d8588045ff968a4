"""The incidents that are kept, as the page has them: asked for when something has changed, changed by the user."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.incidents.incident import KnownIncident, Standing, standing_of
from kafkaview.triage.incidents.kept_rows import KeptNote, KeptRow, KnownIncidents
from kafkaview.triage.log_lines import BlamedRecord
from kafkaview.triage.watch.verdict import Stuck
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences

_TASK: Final = "triage.incidents"


class KeptIncidents(QObject):
    """What the engine keeps. A change is shown once the engine has kept it; an error is told in words."""

    changed = Signal()
    failed = Signal(str)  # why the file cannot be used; empty once it can

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._known = KnownIncidents()
        self._changes = 0

    @property
    def rows(self) -> tuple[KeptRow, ...]:
        """The rows below those of groups that stand now, by section, the newest seen first."""
        return self._known.rows

    @property
    def ignored(self) -> frozenset[Standing]:
        """Where groups stand that are not listed."""
        return self._known.ignored

    def note_of(self, stuck: Stuck) -> KeptNote | None:
        """Returns the note of a group that stands; None while its incident is not kept yet."""
        return self._known.notes.get(standing_of(stuck))

    def ask(self) -> None:
        """Asks for what is kept now."""
        self._context.tasks.start(_TASK, self._ask(), on_error=self._report_error)

    def ignore_standing(self, stuck: Stuck) -> None:
        """Ignores a group where it stands."""
        self._change(self._context.engine.ignore_standing(stuck))

    def ignore(self, incident: KnownIncident) -> None:
        """Ignores an incident."""
        self._change(self._context.engine.ignore_incident(incident.id))

    def reopen(self, incident: KnownIncident) -> None:
        """Lists what is shown of an incident again as open."""
        self._change(self._context.engine.reopen_incident(incident.id, incident.state))

    def keep_blamed(self, blamed: Sequence[BlamedRecord]) -> None:
        """Keeps what log lines blame."""
        self._change(self._context.engine.keep_blamed(blamed))

    def note(self, kept: KeptNote, text: str) -> None:
        """Replaces a note."""
        self._change(self._context.engine.note_incident(kept.id, text))

    def _change(self, call: Coroutine[Any, Any, None]) -> None:
        async def change_and_ask() -> None:
            await call
            await self._ask()

        self._changes += 1  # one that follows fast does not cut off the one before
        self._context.tasks.start(f"{_TASK}.{self._changes}", change_and_ask(), on_error=self._report_error)

    async def _ask(self) -> None:
        known = await self._context.engine.incidents(self._known.number)
        self.failed.emit((known or self._known).damage)
        if known is not None:
            self._known = known
            self.changed.emit()

    def _report_error(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self.failed.emit(sentences(error))
