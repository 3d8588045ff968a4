"""Requests to named brokers, or to whichever answers. Errors are ours already."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Collection
from functools import partial
from typing import Any, Final

from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, Unreachable
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.connections import NeverSent
from kafkaview.cluster.kafka.first_answer import first_answer
from kafkaview.cluster.kafka.kafka_python_errors import ASK_THE_DOCTOR, as_cluster_error
from kafkaview.cluster.kafka.membership import Membership, place_of
from kafkaview.cluster.kafka.network import Network, Silent
from kafkaview.cluster.kafka.sockets import SocketAddress, Stage
from kafkaview.terms import ClusterInfo

ANSWER_SECONDS: Final = 2.5  # without a byte
ANY_SECONDS: Final = 1.5  # after which another one is asked as well
BACK_SECONDS: Final = 0.7  # how long a broken connection is given to come back
PAUSE_SECONDS: Final = 0.05
LARGE: Final = "large"  # the purpose of a connection whose answers may keep a broker busy for a while


class BrokerRequests:
    """One open cluster, asked by requests."""

    def __init__(self, settings: ClientSettings) -> None:
        self._network = Network(settings)
        self._membership = Membership(self._network, settings.bootstrap)

    @property
    def requests(self) -> Counter[str]:
        """How many requests were sent, by their name."""
        return self._network.requests

    async def info(self, *, fresh: bool = False) -> ClusterInfo:
        """Who is in the cluster."""
        return await self._membership.info(fresh=fresh)

    def learn(self, info: ClusterInfo) -> None:
        """Take over what other metadata holds."""
        self._membership.learn(info)

    async def broker_ids(self) -> tuple[int, ...]:
        """The brokers of the metadata."""
        return tuple(broker.id for broker in (await self.info()).brokers)

    async def api_versions(self) -> dict[int, tuple[int, int]]:
        """Which requests a broker takes, by API key: raw, for newer brokers have keys unknown here."""
        return dict((await self._versions()).api_versions)

    async def infer_release(self) -> str:
        """The newest release that kafka-python knows and whose request versions fit."""
        return ".".join(str(part) for part in (await self._versions()).broker_version)

    async def send(
        self, request: Any, broker: int, doing: str, seconds: float = ANSWER_SECONDS, purpose: str = ""
    ) -> Any:
        """Send one request to a broker and return its response; each purpose has a connection of its own."""
        return await self._send(request, await self._place(broker, doing, purpose), f"broker {broker}", doing, seconds)

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
        """A broker that answers now: a write is sent to it once, never to one after the other."""
        request = ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0")
        return (await self._any(request, doing, None, ""))[0]

    def renew(self) -> None:
        """Let go of every connection and of what failed before: the next request begins anew. Waits for nothing."""
        self._network.renew()
        self._membership.doubt()

    async def close(self) -> None:
        """End all connections and their I/O thread."""
        self._membership.close()
        await self._network.close()

    async def _any(self, request: Any, doing: str, among: Collection[int] | None, purpose: str) -> tuple[int, Any]:
        """Which broker answered, and what."""
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

        ways = [partial(of_one, broker) for broker in sorted(places, key=worth)]
        broker, answer = await first_answer(ways, ANY_SECONDS, (Unreachable, AuthenticationFailed))
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
                raise self._add_doubt(as_cluster_error(failure, doing)) from failure

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
        place = await self._membership.place(broker, purpose)
        if place is None:
            raise Unreachable(f"{doing}: broker {broker} is in no metadata", "It may have been shut down for good.")
        return place
