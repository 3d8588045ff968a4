"""The incidents of the open session as a window calls them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from kafkaview.clock import now_ms

if TYPE_CHECKING:
    from kafkaview.terms import RecordId
    from kafkaview.triage.incidents.incident import IncidentState, KnownIncidents
    from kafkaview.triage.incidents.store import IncidentStore
    from kafkaview.triage.log_lines import BlamedRecord
    from kafkaview.triage.scan.findings import Finding
    from kafkaview.triage.watch.verdict import Stuck
    from kafkaview.triage.watch.view import View
    from kafkaview.triage.watch.watch import Watch


class IncidentService:
    """Implements `engine.port.IncidentCalls`. `store` returns those of the open session, or raises RefusedHere."""

    def __init__(self, store: Callable[[], IncidentStore]) -> None:
        self._open_store = store

    async def incidents(self) -> KnownIncidents:
        """Returns the incidents that are kept, and whether the file was damaged."""
        from kafkaview.triage.incidents.incident import KnownIncidents

        store = self._store
        return KnownIncidents(await asyncio.to_thread(store.incidents), store.damage)

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
        return self._open_store()


async def keep_incidents(
    views: AsyncGenerator[View, None], store: IncidentStore, watch: Watch
) -> AsyncGenerator[View, None]:
    """Yields views, each after its incidents are kept."""
    from kafkaview.triage.incidents.keeper import IncidentKeeper

    keeper = IncidentKeeper(store, watch)
    async with aclosing(views):
        async for view in views:
            await keeper.note_view(view)
            yield view
