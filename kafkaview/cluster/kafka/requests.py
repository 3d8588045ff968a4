"""Requests to a named broker, or to any broker that answers. Errors are ClusterErrors."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any, Final

import kafka.errors as wire_errors  # type: ignore[import-untyped]
from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, Unreachable
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.connections import NeverSent
from kafkaview.cluster.kafka.first_answer import first_answer
from kafkaview.cluster.kafka.kafka_python_errors import ASK_THE_DOCTOR, as_cluster_error
from kafkaview.cluster.kafka.known_brokers import Membership, place_of
from kafkaview.cluster.kafka.network import Network, Silent
from kafkaview.cluster.kafka.sockets import SocketAddress, Stage
from kafkaview.terms import ClusterInfo

ANSWER_SECONDS: Final = 2.5  # without a byte
ANY_SECONDS: Final = 1.5  # after which another one is asked as well
BACK_SECONDS: Final = 0.7  # how long a broken connection is given to come back
PAUSE_SECONDS: Final = 0.05
LARGE: Final = "large"  # the purpose of a connection whose answers may keep a broker busy for a while


class BrokerRequests:
    """Sends the requests of one open cluster."""

    def __init__(self, settings: ClientSettings) -> None:
        self._network = Network(settings)
        self._membership = Membership(self._network, settings.bootstrap)

    @property
    def requests(self) -> Counter[str]:
        """Returns how many requests were sent, by name."""
        return self._network.requests

    async def info(self, *, fresh: bool = False) -> ClusterInfo:
        """Returns the brokers of the cluster."""
        return await self._membership.info(fresh=fresh)

    def learn(self, info: ClusterInfo) -> None:
        """Caches the brokers of other metadata."""
        self._membership.learn(info)

    async def broker_ids(self) -> tuple[int, ...]:
        """Returns the ids of the brokers in the metadata."""
        return tuple(broker.id for broker in (await self.info()).brokers)

    async def api_versions(self) -> dict[int, tuple[int, int]]:
        """Returns the requests that a broker accepts, by API key; as numbers, because newer brokers have keys unknown
        here.
        """
        return dict((await self._versions()).api_versions)

    async def infer_release(self) -> str:
        """Returns the newest release that kafka-python knows and whose request versions fit."""
        return ".".join(str(part) for part in (await self._versions()).broker_version)

    async def send(
        self, request: Any, broker: int, doing: str, seconds: float = ANSWER_SECONDS, purpose: str = ""
    ) -> Any:
        """Sends one request to a broker and returns its response; each purpose has a connection of its own."""
        return await self._send(request, await self._place(broker, doing, purpose), f"broker {broker}", doing, seconds)

    async def send_any(self, request: Any, doing: str, among: Collection[int] | None = None, purpose: str = "") -> Any:
        """Sends one request to any broker that accepts it, first to the last one that answered."""
        return (await self._ask_any_broker(request, doing, among, purpose))[1]

    async def send_aside(self, request: Any, node: int | str, doing: str, seconds: float) -> Any:
        """Sends one request on a connection for its kind alone, so that a slow broker delays no other kind, and closing
        the connection loses no other answer. `node` is a broker or the address of a controller (KIP-919), because the
        metadata lists no controllers.

        A broker answers the requests of one connection in order. So this is for requests that it forwards to the
        controller, and for those that wait for its disks or its replicas.
        """
        purpose = type(request).__name__
        if isinstance(node, str):
            place, name = place_of(node, purpose), node
        else:
            place, name = await self._place(node, doing, purpose), f"broker {node}"
        try:
            return await self._send(request, place, name, doing, seconds)
        except asyncio.CancelledError:
            self._network.hang_up(place)
            raise

    async def answering_broker(self, doing: str) -> int:
        """Returns a broker that answers now: a write goes to one broker once, never to several in turn."""
        request = ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0")
        return (await self._ask_any_broker(request, doing, None, ""))[0]

    def renew(self) -> None:
        """Replaces every connection and forgets earlier failures. Does not wait."""
        self._network.renew()
        self._membership.doubt()

    async def close(self) -> None:
        """Closes all connections and ends their I/O thread."""
        self._membership.close()
        await self._network.close()

    async def _ask_any_broker(
        self, request: Any, doing: str, among: Collection[int] | None, purpose: str
    ) -> tuple[int, Any]:
        """Returns which broker answered, and its answer."""
        known = await self.broker_ids() if among is None else among
        if not known:
            raise Unreachable(f"{doing}: no broker is known", ASK_THE_DOCTOR)
        places = {broker: await self._place(broker, doing, purpose) for broker in known}
        last = self._membership.answered

        async def of_one(broker: int) -> tuple[int, Any]:
            return broker, await self._send(request, places[broker], f"broker {broker}", doing, ANSWER_SECONDS)

        def worth(broker: int) -> tuple[bool, bool]:
            place = places[broker]
            return self._network.is_failing(place), last is None or place.plain != last.plain

        requests = [partial(of_one, broker) for broker in sorted(places, key=worth)]
        broker, answer = await first_answer(requests, ANY_SECONDS, (Unreachable, AuthenticationFailed))
        self._membership.answered = places[broker]
        return broker, answer

    async def _send(self, request: Any, place: SocketAddress, name: str, doing: str, seconds: float) -> Any:
        began = time.monotonic()
        while True:
            try:
                return await self._network.answer(request, place, seconds)
            except Silent as failure:
                words = "" if failure.stage is Stage.OPEN else f" ({failure.stage.value})"
                self._membership.doubt()
                raise Unreachable(f"{doing}: {name} does not answer{words}", "Check whether it runs.") from failure
            except NeverSent as failure:
                waited = time.monotonic() + PAUSE_SECONDS
                if waited > min(failure.since + BACK_SECONDS, began + seconds):
                    raise self._add_doubt(as_cluster_error(failure.cause, f"{doing}: {name}")) from failure
                await asyncio.sleep(PAUSE_SECONDS)
            except ClusterError:
                raise
            except Exception as failure:  # kafka-python's, ssl's, gssapi's: all are the connection's
                lost = isinstance(failure, wire_errors.KafkaConnectionError)
                raise self._add_doubt(as_cluster_error(failure, f"{doing}: {name}" if lost else doing)) from failure

    def _add_doubt(self, error: ClusterError) -> ClusterError:
        if isinstance(error, Unreachable):
            self._membership.doubt()
        return error

    async def _versions(self) -> Any:
        await self.info()
        versions = self._versions_of_last()
        if versions is None:
            await self.info(fresh=True)
            versions = self._versions_of_last()
        if versions is None:
            raise Unreachable("reading the versions of requests: the connection was lost", ASK_THE_DOCTOR)
        return versions

    def _versions_of_last(self) -> Any:
        last = self._membership.answered
        return None if last is None else self._network.versions(last)

    async def _place(self, broker: int, doing: str, purpose: str) -> SocketAddress:
        place = await self._membership.address_of(broker, purpose)
        if place is None:
            raise Unreachable(f"{doing}: broker {broker} is in no metadata", "It may have been shut down for good.")
        return place
