"""The incidents of the open session as a window calls them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING

from kafkaview.clock import now_ms

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.triage.incidents.incident import KnownIncidents
    from kafkaview.triage.incidents.store import IncidentStore
    from kafkaview.triage.log_lines import BlamedRecord
    from kafkaview.triage.scan.findings import Finding
    from kafkaview.triage.watch.verdict import Stuck
    from kafkaview.triage.watch.view import View
    from kafkaview.triage.watch.watch import Watch


class IncidentService:
    """Implements `engine.port.IncidentCalls`. `session` returns the open session, or raises RefusedHere."""

    def __init__(self, session: Callable[[], Session]) -> None:
        self._session = session
        self._opened: IncidentStore | None = None

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
        """Ignores an incident with all its places."""
        await asyncio.to_thread(self._store.ignore, incident, now_ms())

    async def reopen_incident(self, incident: int) -> None:
        """Makes an incident open again."""
        await asyncio.to_thread(self._store.reopen, incident, now_ms())

    async def note_incident(self, incident: int, text: str) -> None:
        """Replaces the note of an incident."""
        await asyncio.to_thread(self._store.note, incident, text)

    async def keep_findings(self, findings: Sequence[Finding]) -> None:
        """Keeps findings of a scan as incidents."""
        from kafkaview.triage.incidents.incident import Sighting

        now = now_ms()
        await asyncio.to_thread(self._store.see, [Sighting.of_finding(one, now) for one in findings], now)

    async def read_log(self, text: str) -> tuple[BlamedRecord, ...]:
        """Returns the records that pasted log lines blame, and keeps them as incidents."""
        from kafkaview.triage.log_lines import read_log_lines

        return await self._keep(await asyncio.to_thread(read_log_lines, text.splitlines()))

    async def read_log_file(self, path: Path) -> tuple[BlamedRecord, ...]:
        """Returns the records that a log file blames, and keeps them as incidents. Raises OSError."""
        from kafkaview.triage.log_lines import read_log_lines

        def read() -> tuple[BlamedRecord, ...]:
            with path.open(encoding="utf-8", errors="replace") as file:
                return read_log_lines(file)

        return await self._keep(await asyncio.to_thread(read))

    async def _keep(self, blamed: tuple[BlamedRecord, ...]) -> tuple[BlamedRecord, ...]:
        from kafkaview.triage.incidents.incident import Sighting

        now = now_ms()
        if blamed:
            await asyncio.to_thread(self._store.see, [Sighting.of_blamed(one, now) for one in blamed], now)
        return blamed

    @property
    def _store(self) -> IncidentStore:
        from kafkaview.triage.incidents.store import IncidentStore

        session = self._session()
        if self._opened is None:
            self._opened = IncidentStore.of(session)
        return self._opened


async def keep_incidents(
    views: AsyncGenerator[View, None], session: Session, watch: Watch
) -> AsyncGenerator[View, None]:
    """Yields views, each after its incidents are kept."""
    from kafkaview.triage.incidents.keeper import IncidentKeeper
    from kafkaview.triage.incidents.store import IncidentStore

    keeper = IncidentKeeper(IncidentStore.of(session), watch)
    async with aclosing(views):
        async for view in views:
            await keeper.note_view(view)
            yield view
