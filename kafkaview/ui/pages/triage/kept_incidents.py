"""The incidents that are kept, as the page has them: asked for when something has changed, changed by the user."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.incidents.incident import (
    IncidentSource,
    IncidentState,
    KnownIncident,
    KnownIncidents,
    Standing,
    standing_of,
)
from kafkaview.triage.log_lines import BlamedRecord
from kafkaview.triage.watch.verdict import Stuck
from kafkaview.ui.kit.page import Context

_TASK: Final = "triage.incidents"


class KeptSection(StrEnum):
    """The sections of what stands no more, or was not found by a group that stands."""

    OPEN = "Also open"
    REROUTED = "Re-routed"
    SKIPPED = "Skipped"
    SOLVED = "Solved"
    IGNORED = "Ignored"


_SECTIONS: Final = {
    IncidentState.OPEN: KeptSection.OPEN,
    IncidentState.REROUTED: KeptSection.REROUTED,
    IncidentState.SKIPPED: KeptSection.SKIPPED,
    IncidentState.SOLVED: KeptSection.SOLVED,
    IncidentState.IGNORED: KeptSection.IGNORED,
}


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What of an incident is in one state. One whose places are in several stands in as many sections."""

    section: KeptSection
    incident: KnownIncident

    @property
    def key(self) -> tuple[KeptSection, int]:
        """The row's identity."""
        return self.section, self.incident.id

    @property
    def was_looked_for(self) -> bool:
        """Whether somebody found it by a scan or a log, and nothing has come of it yet."""
        found = {place.source for place in self.incident.places}
        return self.section is KeptSection.OPEN and found != {IncidentSource.GROUP}

    def matches(self, words: Iterable[str]) -> bool:
        """Returns whether topic, cause, note or a group contains every word."""
        one = self.incident
        text = " ".join((one.topic, one.cause, one.reason, one.note, *one.groups)).casefold()
        return all(word in text for word in words)


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
    def known(self) -> tuple[KnownIncident, ...]:
        """All of them, the newest seen first."""
        return self._known.incidents

    @property
    def ignored(self) -> frozenset[Standing]:
        """Where groups stand that are not listed."""
        return frozenset(at for one in self._known.incidents for at in one.standings(IncidentState.IGNORED))

    def find(self, stuck: Stuck) -> KnownIncident | None:
        """Returns what is kept of a group that stands."""
        at = standing_of(stuck)
        return next((one for one in self._known.incidents if at in set(one.standings(IncidentState.OPEN))), None)

    def rows(self, standing: Collection[Standing]) -> tuple[KeptRow, ...]:
        """Returns the rows below those of groups that stand now, by section, the newest seen first."""
        found = []
        for one in self._known.incidents:
            shown = sum(at in standing for at in one.standings(IncidentState.OPEN))
            parts = (one.within(state).without(standing if shown else ()) for state in one.states)
            found += [KeptRow(_SECTIONS[part.state], part) for part in parts if part.count]
        order = list(KeptSection)
        return tuple(sorted(found, key=lambda row: order.index(row.section)))

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

    def note(self, incident: KnownIncident, text: str) -> None:
        """Replaces a note."""
        if text != incident.note:
            self._change(self._context.engine.note_incident(incident.id, text))

    def _change(self, call: Coroutine[Any, Any, None]) -> None:
        async def change_and_ask() -> None:
            await call
            await self._ask()

        self._changes += 1  # one that follows fast does not cut off the one before
        self._context.tasks.start(f"{_TASK}.{self._changes}", change_and_ask(), on_error=self._report_error)

    async def _ask(self) -> None:
        known = await self._context.engine.incidents()
        self.failed.emit(known.damage)
        if known != self._known:
            self._known = known
            self.changed.emit()

    def _report_error(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self.failed.emit(f"{error.message}. {error.hint}".strip())
