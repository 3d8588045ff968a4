"""Requests that confluent-kafka lacks, sent to a named broker through kafka-python.

kafka-python answers on its own I/O thread; only making and ending it block, on a thread of ours. Its connection
manager is private and therefore pinned: the public calls ask a random broker, or one after the other.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from typing import Any, Final

import kafka.errors as wire_errors  # type: ignore[import-untyped]
from confluent_kafka import KafkaError
from kafka.admin import KafkaAdminClient  # type: ignore[import-untyped]

from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, Unreachable, UnsupportedByBroker
from kafkaview.cluster.settings import kafka_python_settings
from kafkaview.cluster.threads import ClientThread
from kafkaview.cluster.translation import from_code
from kafkaview.profiles.profile import ConnectionProfile

ANSWER_SECONDS: Final = 5.0
RETRY_AFTER_SECONDS: Final = 5.0


class Wire:
    """kafka-python's client, made on first use. Errors are ours already."""

    def __init__(self, profile: ConnectionProfile) -> None:
        self._profile = profile
        self._thread = ClientThread("kafkaview-wire")
        self._client: Any = None
        self._failure: ClusterError | None = None
        self._failed_at = 0.0

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

    async def send(self, request: Any, node_id: int | None, doing: str) -> Any:
        """Send one request to a broker, or to any if None, and return its response."""
        manager = await self._manager()
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + deadline - time.monotonic()):
                    return await _bridged(manager.call_soon(manager.send, request, node_id, int(ANSWER_SECONDS * 1000)))
            except TimeoutError as failure:
                raise Unreachable(f"{doing}: broker {node_id} does not answer") from failure
            except wire_errors.NodeNotReadyError as failure:
                if time.monotonic() > deadline - 2:
                    raise as_cluster_error(failure, doing) from failure
                await asyncio.sleep(0.1)
            except wire_errors.KafkaError as failure:
                raise as_cluster_error(failure, doing) from failure

    async def close(self) -> None:
        """End the client and its I/O thread."""
        await self._thread.close(self._forget)

    async def _manager(self) -> Any:
        client = self._client or await self._thread.run(self._open)
        return client._manager  # noqa: SLF001 - see above

    def _open(self) -> Any:
        if self._client is not None:
            return self._client
        if self._failure is not None and time.monotonic() - self._failed_at < RETRY_AFTER_SECONDS:
            raise self._failure
        client = KafkaAdminClient.__new__(KafkaAdminClient)
        try:
            client.__init__(**kafka_python_settings(self._profile))
        except (wire_errors.KafkaError, OSError) as failure:
            _end_half_made(client)
            self._failure = as_cluster_error(failure, "opening the connection")
            self._failed_at = time.monotonic()
            raise self._failure from failure
        self._client = client
        return client

    def _forget(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def _end_half_made(client: Any) -> None:
    """A constructor that fails to bootstrap leaves its I/O thread running."""
    if hasattr(client, "_net"):
        client._client.close()  # noqa: SLF001 - see above
        client._net.stop()  # noqa: SLF001


async def _bridged(answer: Any) -> Any:
    """kafka-python's future, awaited under asyncio."""
    bridge: Future[Any] = Future()
    bridge.set_running_or_notify_cancel()  # from here on a cancelled caller cannot cancel it under the I/O thread
    answer.add_callback(bridge.set_result)
    answer.add_errback(bridge.set_exception)
    return await asyncio.wrap_future(bridge)


def as_cluster_error(failure: Exception, doing: str) -> ClusterError:
    """kafka-python's error in our words."""
    text = f"{doing}: {failure}"
    if isinstance(failure, wire_errors.SaslAuthenticationFailedError):
        return AuthenticationFailed(text, "Check the user name, the password and the SASL mechanism.")
    if isinstance(failure, wire_errors.IncompatibleBrokerVersion):
        return UnsupportedByBroker(text, "The broker's release lacks this request.")
    if isinstance(failure, wire_errors.BrokerResponseError) and failure.errno > 0:
        return response_error(failure.errno, doing)
    return Unreachable(text, "Check the address and whether the broker runs.")


def response_error(code: int, doing: str) -> ClusterError:
    """The error for an error code in a broker's response."""
    return from_code(KafkaError(code), doing)
