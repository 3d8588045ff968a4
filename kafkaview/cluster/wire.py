"""Requests to named brokers, and who these are: told by whichever answers first of the bootstrap servers and of the
brokers known so far.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterator
from functools import partial
from threading import Thread
from typing import Any, Final

from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.connections import Connections, NeverSent
from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, Unreachable, UnsupportedByBroker
from kafkaview.cluster.metadata import metadata_request, read_info
from kafkaview.cluster.race import first_answer
from kafkaview.cluster.settings import ClientSettings
from kafkaview.cluster.sockets import Place, Stage
from kafkaview.cluster.threads import ClientThread
from kafkaview.cluster.wire_errors import as_cluster_error
from kafkaview.terms import Broker, ClusterInfo

ANSWER_SECONDS: Final = 2.5  # without a byte
ANY_SECONDS: Final = 1.5  # after which another one is asked as well
REACH_SECONDS: Final = 2.0  # to hear of any broker
NEXT_SECONDS: Final = 0.25  # after which another bootstrap server is tried as well
MOST_SECONDS: Final = 15.0  # for an answer that comes piece by piece
AGAIN_SECONDS: Final = 0.5  # for a broker whose last connection failed
BACK_SECONDS: Final = 0.7  # how long a broken connection is given to come back
PAUSE_SECONDS: Final = 0.05
LARGE: Final = "large"  # the purpose of a connection whose answers may keep a broker busy for a while
REMEMBERED_SECONDS: Final = 30.0
RETRY_AFTER_SECONDS: Final = 5.0
WEDGED_SECONDS: Final = 8.0  # connections that have heard nobody for so long are all made anew
_REFUSALS: Final = 2  # of a login, after which no further broker is tried: too many lock an account
_METADATA: Final = 3  # its API key, which controllers do not take
_ASK_A_DOCTOR: Final = "Test the connection (kafkaview doctor): it tells which layer fails, and what to change."


class _Silent(Exception):
    """Nothing came in time; `stage` is how far the connection is."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.value)
        self.stage = stage


class Wire:
    """One open cluster's connections, made on first use. Errors are ours already."""

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings
        self._bootstrap = tuple(map(_place, filter(None, map(str.strip, settings.bootstrap.split(",")))))
        self._thread = ClientThread("kafkaview-wire")
        self._connections: Connections | None = None
        self._failure: ClusterError | None = None
        self._failed_at = 0.0
        self._info: ClusterInfo | None = None
        self._info_at = 0.0
        self._stale = False  # whether a broker was not where the metadata has it
        self._reaching: asyncio.Task[ClusterInfo] | None = None
        self._answered: Place | None = None
        self._heard_at = time.monotonic()
        self.requests: Counter[str] = Counter()  # sent, by their name

    async def info(self, *, fresh: bool = False) -> ClusterInfo:
        """Who is in the cluster: remembered for some time, or until a broker is not there any more."""
        age = time.monotonic() - self._info_at
        if self._info is not None and not fresh and age < (RETRY_AFTER_SECONDS if self._stale else REMEMBERED_SECONDS):
            return self._info
        return await self._reach()

    def learn(self, info: ClusterInfo) -> None:
        """Take over what other metadata told."""
        self._info, self._info_at, self._stale = info, time.monotonic(), False

    async def broker_ids(self) -> tuple[int, ...]:
        """The brokers of the metadata."""
        return tuple(broker.id for broker in (await self.info()).brokers)

    async def api_versions(self) -> dict[int, tuple[int, int]]:
        """Which requests a broker takes, by API key: raw, for newer brokers have keys unknown here."""
        return dict((await self._versions()).api_versions)

    async def inferred_release(self) -> str:
        """The newest release that kafka-python knows and whose request versions fit."""
        return ".".join(str(part) for part in (await self._versions()).broker_version)

    async def send(
        self, request: Any, broker: int, doing: str, seconds: float = ANSWER_SECONDS, purpose: str = ""
    ) -> Any:
        """Send one request to a broker and return its response; each purpose has a connection of its own."""
        return await self._sent(request, await self._place(broker, doing, purpose), f"broker {broker}", doing, seconds)

    async def send_any(self, request: Any, doing: str, among: Collection[int] | None = None, purpose: str = "") -> Any:
        """Send one request to whichever broker answers (of those that take it), first the one that did so last."""
        return (await self._any(request, doing, among, purpose))[1]

    async def send_aside(self, request: Any, node: int | str, doing: str, seconds: float) -> Any:
        """Send one request on the connection that its kind has for itself: whoever is slow or silent to it holds up no
        other kind, and neither does hanging up. `node` is a broker or the address of a controller (KIP-919): those are
        in no metadata.

        A broker answers the requests of a connection one after the other. So this is for what it passes on to the
        controller, and for what it has to go to its disks or its replicas for.
        """
        purpose = type(request).__name__
        named = isinstance(node, str)
        place = _place(node, purpose) if isinstance(node, str) else await self._place(node, doing, purpose)
        try:
            return await self._sent(request, place, str(node) if named else f"broker {node}", doing, seconds)
        except asyncio.CancelledError:
            if self._connections is not None:
                self._connections.hang_up(place, "nobody waits for its answer any more")
            raise

    async def answering_broker(self, doing: str) -> int:
        """A broker that answers now: a write is sent to it once, never to one after the other."""
        request = ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0")
        return (await self._any(request, doing, None, ""))[0]

    async def renew(self) -> None:
        """Let go of every connection and of what failed before: the next call begins anew. Waits for nothing."""
        self._failure = None
        self._drop()

    async def close(self) -> None:
        """End all connections and their I/O thread."""
        connections, self._connections = self._connections, None
        if self._reaching is not None:
            self._reaching.cancel()
        await self._thread.close(connections.close if connections is not None else lambda: None)

    async def _any(self, request: Any, doing: str, among: Collection[int] | None, purpose: str) -> tuple[int, Any]:
        """Which broker answered, and what."""
        known = await self.broker_ids() if among is None else among
        places = {broker: await self._place(broker, doing, purpose) for broker in known}
        last = self._answered

        async def of_one(broker: int) -> tuple[int, Any]:
            return broker, await self._sent(request, places[broker], f"broker {broker}", doing, ANSWER_SECONDS)

        def first(broker: int) -> tuple[bool, bool]:
            return self._fails(places[broker]), last is None or (last.host, last.port) != _address(places[broker])

        if not places:
            raise Unreachable(f"{doing}: no broker is known", _ASK_A_DOCTOR)
        ways = [partial(of_one, broker) for broker in sorted(places, key=first)]
        broker, answer = await first_answer(ways, ANY_SECONDS, (Unreachable,))
        self._answered = places[broker]
        return broker, answer

    async def _sent(self, request: Any, place: Place, name: str, doing: str, seconds: float) -> Any:
        connections = await self._opened()
        self.requests[request.name.removesuffix("Request")] += 1
        began = time.monotonic()
        while True:
            try:
                answer = await self._answer(connections, request, place, seconds)
            except _Silent as failure:
                words = "" if failure.stage is Stage.OPEN else f" ({failure.stage.value})"
                raise self._unreachable(f"{doing}: {name} does not answer{words}", connections) from failure
            except NeverSent as failure:
                waited = time.monotonic() + PAUSE_SECONDS
                if waited > min(failure.since + BACK_SECONDS, began + seconds):
                    raise self._told(as_cluster_error(failure.cause, f"{doing}: {name}"), connections) from failure
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception as failure:
                raise self._told(as_cluster_error(failure, doing), connections) from failure
            else:
                self._heard_at = time.monotonic()
                return answer

    async def _answer(self, connections: Connections, request: Any, place: Place, seconds: float) -> Any:
        """Wait for an answer as long as something comes. Raises _Silent."""
        began = time.monotonic()
        again = connections.failing(place)
        answer = asyncio.wrap_future(connections.send(request, place, MOST_SECONDS))
        until = began + (min(seconds, AGAIN_SECONDS) if again else seconds)
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
        raise _Silent(stage)

    def _told(self, error: ClusterError, connections: Connections) -> ClusterError:
        if isinstance(error, Unreachable):
            self._stale = True
            self._drop_if_wedged(connections)
        return error

    def _unreachable(self, words: str, connections: Connections) -> ClusterError:
        return self._told(Unreachable(words, "Check whether it runs."), connections)

    def _drop_if_wedged(self, connections: Connections) -> None:
        """Whatever keeps them from hearing anybody, new ones do not have it."""
        if connections is self._connections and time.monotonic() - self._heard_at > WEDGED_SECONDS:
            self._drop()

    def _drop(self) -> None:
        connections, self._connections = self._connections, None
        self._heard_at = time.monotonic()
        self._stale = True
        if connections is not None:
            Thread(target=connections.close, name="old-connections", daemon=True).start()

    async def _opened(self) -> Connections:
        tokens = self._settings.tokens
        if tokens is not None and tokens.due:
            await self._thread.run(tokens.fresh)  # else it would be fetched on the I/O thread, which all requests share
        return await self._thread.run(self._open) if self._connections is None else self._connections

    def _open(self) -> Connections:
        connections = self._connections
        if connections is None:
            if self._failure is not None and time.monotonic() - self._failed_at < RETRY_AFTER_SECONDS:
                raise self._failure
            try:
                connections = self._connections = Connections(*self._settings.kafka_python())
            except ClusterError as failure:
                self._failure, self._failed_at = failure, time.monotonic()
                raise
        return connections

    async def _versions(self) -> Any:
        await self.info()
        known = self._versions_of_last()
        if known is None:
            await self._reach()
            known = self._versions_of_last()
        if known is None:
            raise Unreachable("reading the versions of requests: the connection was lost", _ASK_A_DOCTOR)
        return known

    def _versions_of_last(self) -> Any:
        if self._connections is None or self._answered is None:
            return None
        return self._connections.versions(self._answered)

    async def _place(self, broker: int, doing: str, purpose: str) -> Place:
        found = _find(await self.info(), broker)
        if found is None and time.monotonic() - self._info_at > PAUSE_SECONDS:
            found = _find(await self._reach(), broker)
        if found is None:
            raise Unreachable(f"{doing}: broker {broker} is in no metadata", "It may have been shut down for good.")
        return Place(found.host, found.port, purpose)

    def _fails(self, place: Place) -> bool:
        return self._connections is not None and self._connections.failing(place)

    async def _reach(self) -> ClusterInfo:
        """Ask anew who is in the cluster; those who ask at the same time share it."""
        if self._reaching is None or self._reaching.done():
            self._reaching = asyncio.ensure_future(self._reached())
            self._reaching.add_done_callback(_look_at)
        return await asyncio.shield(self._reaching)

    async def _reached(self) -> ClusterInfo:
        connections = await self._opened()
        failures: list[ClusterError] = []
        try:
            place, answer = await first_answer(
                self._ways_in(connections, failures), NEXT_SECONDS, (Unreachable, AuthenticationFailed, LookupError)
            )
        except (Unreachable, AuthenticationFailed, LookupError) as failure:
            raise _of_all(failures) from failure
        self._answered = place
        info = read_info(answer)
        self.learn(info)
        return info

    def _ways_in(
        self, connections: Connections, failures: list[ClusterError]
    ) -> Iterator[Callable[[], Awaitable[tuple[Place, Any]]]]:
        """The one that answered last, the bootstrap servers, then every broker known so far."""
        deadline = time.monotonic() + REACH_SECONDS
        known = () if self._info is None else self._info.brokers
        last = () if self._answered is None else (Place(*_address(self._answered)),)
        for place in dict.fromkeys((*last, *self._bootstrap, *(Place(one.host, one.port) for one in known))):
            left = deadline - time.monotonic()
            refused = sum(isinstance(failure, AuthenticationFailed) for failure in failures)
            if left <= 0 or refused >= _REFUSALS:
                return
            yield partial(self._way_in, connections, place, max(AGAIN_SECONDS, left), failures)

    async def _way_in(
        self, connections: Connections, place: Place, seconds: float, failures: list[ClusterError]
    ) -> tuple[Place, Any]:
        doing = f"connecting to {place}"
        self.requests["Metadata"] += 1
        try:
            answer = await self._answer(connections, metadata_request(()), place, seconds)
        except _Silent as silent:
            failure: ClusterError = Unreachable(f"{doing}: {silent.stage.value}", _ASK_A_DOCTOR)
        except NeverSent as never:
            failure = as_cluster_error(never.cause, doing)
        except Exception as other:  # noqa: BLE001 - as in `_sent`
            failure = as_cluster_error(other, doing)
            if isinstance(failure, UnsupportedByBroker) and _METADATA not in (connections.versions(place).api_versions):
                failure = Unreachable(f"{doing}: a controller answers there", "Give the address of a broker.")
        else:
            self._heard_at = time.monotonic()
            return place, answer
        failures.append(failure)
        self._drop_if_wedged(connections)
        raise failure


def _look_at(task: asyncio.Task[ClusterInfo]) -> None:
    """Its failure may have nobody left who waits for it."""
    if not task.cancelled():
        task.exception()


def _of_all(failures: list[ClusterError]) -> ClusterError:
    """What to tell where nobody could be reached: a refused login before silence."""
    if not failures:
        return Unreachable("connecting: no address of a broker is known", "Give the bootstrap servers.")
    refused = next((failure for failure in failures if isinstance(failure, AuthenticationFailed)), None)
    if refused is not None or len(failures) == 1:
        return refused or failures[0]
    return Unreachable("; ".join(dict.fromkeys(failure.message for failure in failures)), failures[0].hint)


def _find(info: ClusterInfo, broker: int) -> Broker | None:
    return next((one for one in info.brokers if one.id == broker), None)


def _address(place: Place) -> tuple[str, int]:
    return place.host, place.port


def _place(text: str, purpose: str = "") -> Place:
    """`HOST:PORT`, perhaps with the name of a protocol before it."""
    _, _, address = text.rpartition("://")
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        host, port = address, "9092"
    return Place(host.strip("[]"), int(port), purpose)
