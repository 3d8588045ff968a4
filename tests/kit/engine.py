"""An engine in the test's own process: the same messages over a pipe in memory, and a session of the test's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from kafkaview.engine.client import EngineClient
from kafkaview.engine.coding import decoded, encoded
from kafkaview.engine.connection_service import ConnectionService
from kafkaview.engine.server import Server
from kafkaview.engine.session_service import SessionService
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.store import ProfileStore
from kafkaview.session import Session
from kafkaview.ui.connections.book import Book

_HEAD = 8  # bytes of a message's length


class MemoryPipe:
    """One of two ends that hand encoded messages to each other."""

    def __init__(self) -> None:
        self.other: MemoryPipe | None = None
        self._receive: Callable[[Any], None] | None = None
        self._ended: Callable[[], None] | None = None
        self._early: list[bytes] = []

    def start(self, receive: Callable[[Any], None], ended: Callable[[], None]) -> None:
        self._receive, self._ended = receive, ended
        for body in self._early:
            asyncio.get_running_loop().call_soon(self._take, body)

    def send(self, message: object) -> None:
        if self.other is not None:
            self.other.put(encoded(message)[_HEAD:])

    def put(self, body: bytes) -> None:
        if self._receive is None:
            self._early.append(body)
        else:
            asyncio.get_running_loop().call_soon(self._take, body)

    def close(self) -> None:
        for end in (self, self.other):
            if end is not None and end._ended is not None:
                end._ended()
                end._ended = None
        self.other = None

    def _take(self, body: bytes) -> None:
        assert self._receive is not None
        self._receive(decoded(body))


class LocalEngine:
    """What `EngineProcess` is in the program: started by a client, reached by `pipe`. `kill` ends it as SIGKILL does."""

    def __init__(self, *services: object) -> None:
        self.pipe, there = MemoryPipe(), MemoryPipe()
        self.pipe.other, there.other = there, self.pipe
        self.server = Server(there, services)

    async def wait(self) -> None:
        """Ends what the server still does."""
        await self.server.close()


class LocalBook(Book):
    """The saved connections of a test: in a store and a keyring of its own, through an engine of its own."""

    def __init__(self, store: ProfileStore, keyring: Keyring) -> None:
        self._client = local_client(store=store, keyring=keyring)
        self._client.begin()
        super().__init__(lambda: self._client.engine)

    def close(self) -> None:
        """Ends the engine."""
        self._ending = asyncio.ensure_future(self._client.close())


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
        return LocalEngine(service, connections)

    return EngineClient(start)
