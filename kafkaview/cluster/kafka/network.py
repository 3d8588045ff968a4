"""The connections of one open cluster, and the time limits for answers."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from threading import Thread
from typing import Any, Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.client_thread import ClientThread
from kafkaview.cluster.kafka.connections import BrokerConnections, NeverSent
from kafkaview.cluster.kafka.sockets import ConnectionFailed, SocketAddress, Stage

MOST_SECONDS: Final = 15.0  # for an answer that comes piece by piece
AGAIN_SECONDS: Final = 0.5  # for a broker whose last connection failed
RETRY_AFTER_SECONDS: Final = 5.0  # after something of the profile could not be used
WEDGED_SECONDS: Final = 8.0  # connections that have heard nobody for so long are all made anew


class Silent(Exception):
    """No bytes came in time; `stage` is how far the connection had got."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.value)
        self.stage = stage


class Network:
    """Connections opened on first use, and all replaced where no broker answered for some time. Raises kafka-python's
    errors, and UnusableProfile.
    """

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings
        self._thread = ClientThread("kafkaview-wire")
        self._connections: BrokerConnections | None = None
        self._failure: ClusterError | None = None
        self._failed_at = 0.0
        self._heard_at = time.monotonic()
        self.requests: Counter[str] = Counter()  # sent, by their name

    async def open(self) -> None:
        """Reads what the profile names before a connection is opened. Raises UnusableProfile, or the error of a token's
        endpoint.
        """
        await self._open_once()

    async def answer(self, request: Any, place: SocketAddress, seconds: float) -> Any:
        """Returns the answer to a request, and waits as long as bytes come. Raises Silent, and NeverSent where no
        connection could be opened.
        """
        connections = await self._open_once()
        self.requests[request.name.removesuffix("Request")] += 1
        try:
            answer = await self._wait(connections, request, place, seconds)
        except (Silent, NeverSent):
            self._renew_if_wedged(connections)
            raise
        self._heard_at = time.monotonic()
        return answer

    def is_failing(self, place: SocketAddress) -> bool:
        """Returns whether the address did not answer the last request."""
        return self._connections is not None and self._connections.is_failing(place)

    def versions(self, place: SocketAddress) -> Any:
        """Returns the API versions of the broker as kafka-python's BrokerVersionData; None while not connected."""
        return None if self._connections is None else self._connections.versions(place)

    def hang_up(self, place: SocketAddress) -> None:
        """Closes a connection whose answer is no longer needed."""
        if self._connections is not None:
            self._connections.hang_up(place, "nobody waits for its answer any more")

    def renew(self) -> None:
        """Replaces every connection and forgets earlier failures. Does not wait: requests that are under way get their
        answers on the old connections.
        """
        self._failure = None
        connections, self._connections = self._connections, None
        if connections is not None:
            _do_aside(lambda: connections.close_when_idle(MOST_SECONDS))

    async def close(self) -> None:
        """Closes all connections and ends their I/O thread."""
        connections, self._connections = self._connections, None
        await self._thread.close(connections.close if connections is not None else lambda: None)

    async def _wait(self, connections: BrokerConnections, request: Any, place: SocketAddress, seconds: float) -> Any:
        began = time.monotonic()
        again = connections.is_failing(place)
        until = began + (min(seconds, AGAIN_SECONDS) if again else seconds)
        try:
            answer = asyncio.wrap_future(connections.send(request, place, MOST_SECONDS))
        except RuntimeError as ended:  # others may have renewed them, or their loop has crashed
            self._drop(connections)
            raise NeverSent(ConnectionFailed("the connection was ended"), began) from ended
        try:
            while until > time.monotonic():
                done, _ = await asyncio.wait({answer}, timeout=until - time.monotonic())
                if done:
                    return answer.result()
                heard = connections.heard_at(place)
                until = min(heard + seconds, began + MOST_SECONDS) if heard > began else 0.0
        finally:
            answer.cancel()
        stage = connections.stage(place)
        if not again:  # else the attempt goes on by itself, for the next one who asks
            connections.hang_up(place, stage.value)
        raise Silent(stage)

    def _renew_if_wedged(self, connections: BrokerConnections) -> None:
        """Replaces all connections where none hears anything, whatever the cause."""
        if connections is self._connections and time.monotonic() - self._heard_at > WEDGED_SECONDS:
            self._heard_at = time.monotonic()
            self._drop(connections)

    def _drop(self, connections: BrokerConnections) -> None:
        """Replaces the connections, keeping the record of the addresses that did not answer."""
        if connections is self._connections:
            self._connections = connections.successor()
            _do_aside(connections.close)

    async def _open_once(self) -> BrokerConnections:
        tokens = self._settings.tokens
        if tokens is not None and tokens.due:
            await self._thread.run(
                tokens.fresh_token
            )  # else it would be fetched on the I/O thread, which all requests share
        return await self._thread.run(self._open) if self._connections is None else self._connections

    def _open(self) -> BrokerConnections:
        connections = self._connections
        if connections is None:
            if self._failure is not None and time.monotonic() - self._failed_at < RETRY_AFTER_SECONDS:
                raise self._failure
            try:
                connections = self._connections = BrokerConnections(*self._settings.kafka_python())
            except ClusterError as failure:
                self._failure, self._failed_at = failure, time.monotonic()
                raise
        return connections


def _do_aside(close: Callable[[], None]) -> None:
    """Closes connections on a thread that nobody waits for."""
    Thread(target=close, name="old-connections", daemon=True).start()
