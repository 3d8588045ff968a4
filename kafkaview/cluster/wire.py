"""Requests that confluent-kafka lacks, sent to a named broker through kafka-python.

kafka-python answers on its own I/O thread; only making and ending it block, on a thread of ours. Its connection
manager is private and therefore pinned: the public calls ask a random broker, or one after the other.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from concurrent.futures import Future
from typing import Any, Final

import kafka.errors as wire_errors  # type: ignore[import-untyped]
from confluent_kafka import KafkaError
from kafka.admin import KafkaAdminClient  # type: ignore[import-untyped]
from kafka.protocol.metadata import ApiVersionsRequest, MetadataResponse  # type: ignore[import-untyped]

from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, Unreachable, UnsupportedByBroker
from kafkaview.cluster.settings import ClientSettings
from kafkaview.cluster.sockets import hanging_up
from kafkaview.cluster.threads import ClientThread
from kafkaview.cluster.translation import from_code

ANSWER_SECONDS: Final = 2.5
ANY_SECONDS: Final = 1.5
BACK_SECONDS: Final = 0.7  # how long a broken connection is given to come back
PAUSE_SECONDS: Final = 0.05
RETRY_AFTER_SECONDS: Final = 5.0
_ASIDE: Final = " aside for "
_ERRNO: Final = re.compile(r"(\d+) (E[A-Z]+)")
WEDGED_SECONDS: Final = 5.0  # a client that has heard nobody for so long is made anew


class Wire:
    """kafka-python's client, made on first use. Errors are ours already.

    Where it cannot connect it rarely says why. So `reach` asks librdkafka first, which does, and raises that; else it
    gives the brokers' addresses. The first one is not looked for among the bootstrap servers: it takes them by chance,
    and one that accepts and says nothing takes all its time.
    """

    def __init__(self, settings: ClientSettings, reach: Callable[[], Awaitable[tuple[str, ...]]]) -> None:
        self._settings = settings
        self._reach = reach
        self._thread = ClientThread("kafkaview-wire")
        self._client: Any = None
        self._failure: ClusterError | None = None
        self._failed_at = 0.0
        self._answered: int | None = None
        self._heard_at = 0.0
        self._asking = 0
        self.coordinators: dict[str, int] = {}  # of groups, until one says that it moved
        self.requests: Counter[str] = Counter()  # sent, by their name

    async def broker_ids(self) -> tuple[int, ...]:
        """The brokers of the client's metadata."""
        manager = await self._manager()
        return tuple(sorted(broker.node_id for broker in manager.cluster.brokers()))

    async def api_versions(self) -> dict[int, tuple[int, int]]:
        """Which requests the bootstrap broker takes, by API key: raw, for newer brokers have keys unknown here."""
        manager = await self._manager()
        return dict(manager.broker_version_data.api_versions)

    async def inferred_release(self) -> str:
        """The newest release that the client knows and whose request versions fit."""
        manager = await self._manager()
        return ".".join(str(part) for part in manager.broker_version)

    async def send(self, request: Any, broker: int, doing: str, seconds: float = ANSWER_SECONDS) -> Any:
        """Send one request to a broker and return its response."""
        client = await self._opened()
        self._asking += 1
        try:
            answer = await self._sent(client._manager, request, broker, doing, seconds)  # noqa: SLF001 - see above
        except (AuthenticationFailed, Unreachable):
            # Its TLS handshakes have no time limit, and all brokers may have moved while this computer slept: the next
            # call makes a new one. Somebody else's question may still be answered, and would end with the client.
            if self._asking == 1 and time.monotonic() - self._heard_at > WEDGED_SECONDS:
                await self._thread.run(self._drop, client)
            raise
        finally:
            self._asking -= 1
        self._heard_at = time.monotonic()
        return answer

    async def _sent(self, manager: Any, request: Any, broker: int | str, doing: str, seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        self.requests[request.name.removesuffix("Request")] += 1
        while True:
            try:
                async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                    return await _bridged(manager.call_soon(manager.send, request, broker, int(seconds * 1000)))
            except TimeoutError as failure:
                self._hang_up(manager, broker)
                raise Unreachable(f"{doing}: {_name(broker)} does not answer", "Check whether it runs.") from failure
            except (wire_errors.NodeNotReadyError, wire_errors.UnknownBrokerIdError) as failure:
                # A connection that waits before it is tried again, or a broker newer than the client's metadata.
                if time.monotonic() + PAUSE_SECONDS > min(deadline, deadline - seconds + BACK_SECONDS):
                    raise as_cluster_error(failure, doing) from failure
                manager.call_soon(manager.cluster.request_update)
                await asyncio.sleep(PAUSE_SECONDS)
            except wire_errors.KafkaError as failure:
                raise as_cluster_error(failure, doing) from failure

    async def send_any(
        self, request: Any, doing: str, among: Collection[int] | None = None, seconds: float = ANY_SECONDS
    ) -> Any:
        """Send one request to whichever broker answers (of those that take it), first the one that did so last."""
        known = await self.broker_ids() if among is None else among
        brokers = sorted(known, key=lambda broker: broker != self._answered)
        failure: ClusterError = Unreachable(f"{doing}: no broker is known")
        for broker in brokers:
            try:
                answer = await self.send(request, broker, doing, seconds)
            except Unreachable as silent:
                failure = silent
            else:
                self._answered = broker
                return answer
        raise failure

    async def send_aside(self, request: Any, node: int | str, doing: str, seconds: float) -> Any:
        """Send one request on the connection that its kind has for itself: whoever is slow or silent to it holds up no
        other kind, and neither does hanging up. `node` is a broker or the address of a controller (KIP-919): those are
        in no metadata.

        A broker answers the requests of a connection one after the other. So this is for what it passes on to the
        controller, and for what it has to go to its disks or its replicas for.
        """
        manager = await self._manager()
        host, port = _address(manager, node, doing)
        name = f"{_name(node)}{_ASIDE}{type(request).__name__}"
        place = MetadataResponse.MetadataResponseBroker(name, host, port, None)
        manager.cluster._coordinator_brokers[name] = place  # noqa: SLF001 - where it keeps who needs a connection of its own
        try:
            answer = await self._sent(manager, request, name, doing, seconds)
        except asyncio.CancelledError:
            self._hang_up(manager, name)
            raise
        self._heard_at = time.monotonic()
        return answer

    async def answering_broker(self, doing: str) -> int:
        """A broker that answers now: a write is sent to it once, never to one after the other."""
        await self.send_any(ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0"), doing)
        assert self._answered is not None
        return self._answered

    def _hang_up(self, manager: Any, broker: int | str) -> None:
        """End a connection that said nothing in time. It may have died unseen, or hang in its handshake for ever."""
        context = manager.config["ssl_context"]
        if context is not None:
            context.hang_up()
        manager.call_soon(manager.close, broker)

    async def close(self) -> None:
        """End the client and its I/O thread."""
        await self._thread.close(self._forget)

    async def _manager(self) -> Any:
        return (await self._opened())._manager  # noqa: SLF001 - see above

    async def _opened(self) -> Any:
        tokens = self._settings.tokens
        if tokens is not None and tokens.due:
            await self._thread.run(tokens.fresh)  # else it would be fetched on the I/O thread, which all requests share
        if self._client is None:
            known = await self._reach()
            return self._client or await self._thread.run(self._open, known)
        return self._client

    def _open(self, known: tuple[str, ...]) -> Any:
        if self._client is not None:
            return self._client
        if self._failure is not None and time.monotonic() - self._failed_at < RETRY_AFTER_SECONDS:
            raise self._failure
        client = KafkaAdminClient.__new__(KafkaAdminClient)
        settings = self._settings.kafka_python(known)
        try:
            with hanging_up(settings.get("ssl_context")):
                client.__init__(**settings)
        except (wire_errors.KafkaError, OSError) as failure:
            _end_half_made(client)
            self._failure = as_cluster_error(failure, "opening the connection")
            self._failed_at = time.monotonic()
            raise self._failure from failure
        self._client = client
        self._heard_at = time.monotonic()
        return client

    def _forget(self) -> None:
        if self._client is not None:
            self._drop(self._client)

    def _drop(self, client: Any) -> None:
        """End a client, unless another caller has done so already."""
        if self._client is client:
            self._client = None
            _end(client)


def _address(manager: Any, node: int | str, doing: str) -> tuple[str, int]:
    if isinstance(node, str):
        host, _, port = node.rpartition(":")
        return host.strip("[]"), int(port)
    broker = manager.cluster.broker_metadata(node)
    if broker is None:
        raise Unreachable(f"{doing}: broker {node} is in no metadata")
    return broker.host, broker.port


def _name(node: int | str) -> str:
    return f"broker {node}" if isinstance(node, int) else node.partition(_ASIDE)[0]


def _end_half_made(client: Any) -> None:
    """A constructor that fails to bootstrap leaves its I/O thread running."""
    if hasattr(client, "_net"):
        client._client.close()  # noqa: SLF001 - see above
        client._net.stop()  # noqa: SLF001
        _close_handshakes(client)


def _end(client: Any) -> None:
    client.close()
    _close_handshakes(client)


def _close_handshakes(client: Any) -> None:
    context = client.config["ssl_context"]
    if context is not None:
        context.close()


async def _bridged(answer: Any) -> Any:
    """kafka-python's future, awaited under asyncio."""
    bridge: Future[Any] = Future()
    bridge.set_running_or_notify_cancel()  # from here on a cancelled caller cannot cancel it under the I/O thread
    answer.add_callback(bridge.set_result)
    answer.add_errback(lambda failure: bridge.set_exception(_told(failure)))
    return await asyncio.wrap_future(bridge)


def _told(failure: BaseException) -> BaseException:
    """What a client that is ended in the middle throws at its requests (GeneratorExit) is no end of ours."""
    return failure if isinstance(failure, Exception) else wire_errors.Cancelled("the connection was ended")


def as_cluster_error(failure: Exception, doing: str) -> ClusterError:
    """kafka-python's error in our words."""
    text = f"{doing}: {_words(failure)}"
    if isinstance(failure, wire_errors.SaslAuthenticationFailedError):
        return AuthenticationFailed(text, "Check the user name, the password and the SASL mechanism.")
    if isinstance(failure, wire_errors.IncompatibleBrokerVersion):
        return UnsupportedByBroker(text, "The broker's release lacks this request.")
    if isinstance(failure, wire_errors.BrokerResponseError) and failure.errno > 0:
        return response_error(failure.errno, doing)
    return Unreachable(text, "Test the connection (kafkaview doctor): it tells which layer fails, and what to change.")


def _words(failure: Exception) -> str:
    """What it says, without its class, and the system's words for the system's number."""
    if not isinstance(failure, wire_errors.KafkaConnectionError):
        return str(failure)
    told = ", ".join(map(str, failure.args)) or "the connection is lost"
    return _ERRNO.sub(lambda found: f"{os.strerror(int(found[1]))} ({found[2]})", told)


def response_error(code: int, doing: str) -> ClusterError:
    """The error for an error code in a broker's response."""
    return from_code(KafkaError(code), doing)
