"""An engine in the test's own process: the same messages over a pipe in memory, and a session of the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from kafkaview.engine.client import EngineClient
from kafkaview.engine.coding import decode, encode
from kafkaview.engine.connection_service import ConnectionService
from kafkaview.engine.incident_service import IncidentService
from kafkaview.engine.journal_service import JournalService
from kafkaview.engine.server import EngineServer
from kafkaview.engine.session_service import SessionService
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.store import ProfileStore
from kafkaview.session import Session

S = TypeVar("S")
_HEAD = 8  # bytes of a message's length


class MemoryPipe:
    """One of two ends that hand encoded messages to each other."""

    def __init__(self) -> None:
        self.other: MemoryPipe | None = None
        self._loop = asyncio.get_running_loop()
        self._receive: Callable[[Any], None] | None = None
        self._ended: Callable[[], None] | None = None
        self._early: list[bytes] = []

    def start(self, receive: Callable[[Any], None], ended: Callable[[], None]) -> None:
        self._receive, self._ended = receive, ended
        for body in self._early:
            self._loop.call_soon(self._take, body)

    def send(self, message: object) -> None:
        if self.other is not None:
            self.other.put(encode(message)[_HEAD:])

    def put(self, body: bytes) -> None:
        if self._receive is None:
            self._early.append(body)
        elif not self._loop.is_closed():
            self._loop.call_soon(self._take, body)

    def close(self) -> None:
        """Tells both ends."""
        for end in (self, self.other):
            if end is not None and end._ended is not None:
                end._ended()
                end._ended = end.other = None

    def _take(self, body: bytes) -> None:
        assert self._receive is not None
        try:
            message = decode(body)
        except Exception:
            self.close()  # as FilePipe does
            raise
        self._receive(message)


class LocalEngine:
    """What `EngineProcess` is in the program: started by a client, reached by `pipe`."""

    def __init__(self, *services: object) -> None:
        self.services = services
        self.pipe, there = MemoryPipe(), MemoryPipe()
        self.pipe.other, there.other = there, self.pipe
        self.server = EngineServer(there, services)

    def kill(self) -> None:
        """Ends it as far as its client can tell."""
        self.pipe.close()

    async def wait(self) -> None:
        """Ends what the server still does."""
        await self.server.close()
        for service in self.services:
            if isinstance(service, ConnectionService):
                service.close()


def local_client(
    session: Session | None = None,
    *,
    interval: float = 2.0,
    window: float = 10.0,
    store: ProfileStore | None = None,
    keyring: Keyring | None = None,
) -> EngineClient:
    """A client whose engine is here, with a session that is open already; `begin` starts it."""

    def start() -> LocalEngine:
        connections = ConnectionService(store, keyring)
        service = SessionService(connections, interval=interval, window=window)
        if session is not None:
            service.watch(session)
        of_session = (IncidentService(service.incident_keeper), JournalService(service.require_session))
        return LocalEngine(service, *of_session, connections)

    return EngineClient(start)


def service_of(engine: object, kind: type[S]) -> S:
    """What answers a local client now."""
    assert isinstance(engine, EngineClient)
    assert isinstance(engine._running, LocalEngine)
    (service,) = (one for one in engine._running.services if isinstance(one, kind))
    return service
