"""The incidents of the open session as a window calls them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kafkaview.clock import now_ms

if TYPE_CHECKING:
    from kafkaview.terms import RecordId
    from kafkaview.triage.incidents.incident import IncidentState
    from kafkaview.triage.incidents.keeper import IncidentKeeper
    from kafkaview.triage.incidents.kept_rows import KnownIncidents
    from kafkaview.triage.incidents.store import IncidentStore
    from kafkaview.triage.log_lines import BlamedRecord
    from kafkaview.triage.scan.findings import Finding
    from kafkaview.triage.watch.verdict import Stuck
    from kafkaview.triage.watch.view import View


class IncidentService:
    """Implements `engine.port.IncidentCalls`. `keeper` returns that of the open session, or raises RefusedHere."""

    def __init__(self, keeper: Callable[[], IncidentKeeper]) -> None:
        self._open_keeper = keeper
        self._known: KnownIncidents | None = None

    async def incidents(self, number: int) -> KnownIncidents | None:
        """Returns the rows of the incidents that are kept; None where they are those of `number`."""
        from kafkaview.triage.incidents.kept_rows import known_incidents

        keeper, before = self._open_keeper(), self._known

        def read() -> KnownIncidents:
            return known_incidents(keeper.store.incidents(), keeper.standing, keeper.store.damage)

        known = await asyncio.to_thread(read)
        if before is None or known != replace(before, number=known.number):
            self._known = replace(known, number=time.monotonic_ns())  # never one of an engine that ended
        assert self._known is not None
        return self._known if self._known.number != number else None

    async def record_states(self, topic: str) -> dict[RecordId, IncidentState]:
        """Returns what became of the records of a topic that are kept."""
        from kafkaview.triage.incidents.kept_rows import record_states

        return record_states(await asyncio.to_thread(self._store.places_of, topic))

    async def ignore_standing(self, stuck: Stuck) -> None:
        """Ignores a group where it stands now, until it moves."""
        from kafkaview.triage.incidents.incident import Sighting

        await asyncio.to_thread(self._store.ignore_standing, Sighting.of_stuck(stuck), now_ms())

    async def ignore_incident(self, incident: int) -> None:
        """Ignores the open places of an incident."""
        await asyncio.to_thread(self._store.ignore, incident, now_ms())

    async def reopen_incident(self, incident: int, state: IncidentState) -> None:
        """Makes the places of an incident open again that are in a state."""
        await asyncio.to_thread(self._store.reopen, incident, now_ms(), state)

    async def note_incident(self, incident: int, text: str) -> None:
        """Replaces the note of an incident."""
        await asyncio.to_thread(self._store.note, incident, text)

    async def keep_findings(self, findings: Sequence[Finding]) -> None:
        """Keeps findings of a scan as incidents."""
        from kafkaview.triage.incidents.incident import Sighting

        now = now_ms()
        await asyncio.to_thread(self._store.see, [Sighting.of_finding(one, now) for one in findings], now)

    async def export_findings(
        self,
        path: Path,
        findings: Sequence[Finding],
        stops: Mapping[RecordId, Sequence[str]],
        states: Mapping[RecordId, str],
    ) -> None:
        """Writes findings into a file, CSV or JSON lines by its name."""
        from kafkaview.triage.scan.findings_file import write_findings

        await asyncio.to_thread(write_findings, path, findings, stops, states)

    async def read_log(self, text: str) -> tuple[BlamedRecord, ...]:
        """Returns the records that pasted log lines blame."""
        from kafkaview.triage.log_lines import read_log_lines

        return await asyncio.to_thread(read_log_lines, text.splitlines())

    async def read_log_file(self, path: Path) -> tuple[BlamedRecord, ...]:
        """Returns the records that a log file blames. Raises OSError."""
        from kafkaview.triage.log_lines import read_log_lines

        def read() -> tuple[BlamedRecord, ...]:
            with path.open(encoding="utf-8", errors="replace") as file:
                return read_log_lines(file)

        return await asyncio.to_thread(read)

    async def keep_blamed(self, blamed: Sequence[BlamedRecord]) -> None:
        """Keeps what log lines blame as incidents."""
        from kafkaview.triage.incidents.incident import Sighting

        now = now_ms()
        await asyncio.to_thread(self._store.see, [Sighting.of_blamed(one, now) for one in blamed], now)

    @property
    def _store(self) -> IncidentStore:
        return self._open_keeper().store


async def keep_incidents(views: AsyncGenerator[View, None], keeper: IncidentKeeper) -> AsyncGenerator[View, None]:
    """Yields views, each after its incidents are kept."""
    async with aclosing(views):
        async for view in views:
            await keeper.note_view(view)
            yield view
