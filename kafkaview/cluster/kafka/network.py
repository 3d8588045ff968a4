"""The connections of one open cluster, and the patience with whoever is at their other end."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
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
    """Nothing came in time; `stage` is how far the connection is."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.value)
        self.stage = stage


class Network:
    """Connections that are made on first use, and all anew where nobody has been heard for some time. Errors are those
    of kafka-python, and ours where the profile cannot be used.
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
        """Read what the profile names, before anybody is asked. Raises UnusableProfile, or what a token's endpoint
        says.
        """
        await self._open_once()

    async def answer(self, request: Any, place: SocketAddress, seconds: float) -> Any:
        """The answer to a request, waited for as long as something comes. Raises Silent, and NeverSent where no
        connection came about.
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
        """Whether whoever is there did not answer when last asked."""
        return self._connections is not None and self._connections.is_failing(place)

    def versions(self, place: SocketAddress) -> Any:
        """What the broker there takes, as kafka-python's BrokerVersionData; None while nobody is connected."""
        return None if self._connections is None else self._connections.versions(place)

    def hang_up(self, place: SocketAddress) -> None:
        """End a connection whose answer nobody waits for any more."""
        if self._connections is not None:
            self._connections.hang_up(place, "nobody waits for its answer any more")

    def renew(self) -> None:
        """Let go of every connection and of what failed before: the next request begins anew. Waits for nothing."""
        self._failure = None
        connections, self._connections = self._connections, None
        _end_aside(connections)

    async def close(self) -> None:
        """End all connections and their I/O thread."""
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
        """Whatever keeps them from hearing anybody, new ones do not have it."""
        if connections is self._connections and time.monotonic() - self._heard_at > WEDGED_SECONDS:
            self._heard_at = time.monotonic()
            self._drop(connections)

    def _drop(self, connections: BrokerConnections) -> None:
        """Make new ones that know who did not answer."""
        if connections is self._connections:
            self._connections = connections.successor()
            _end_aside(connections)

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


def _end_aside(connections: BrokerConnections | None) -> None:
    """End connections on a thread that nobody waits for."""
    if connections is not None:
        Thread(target=connections.close, name="old-connections", daemon=True).start()
