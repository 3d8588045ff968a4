"""The brokers of the cluster, from the first that answers of the bootstrap servers and the known brokers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from kafkaview.cluster.errors import (
    AuthenticationFailed,
    ClusterError,
    ControllerAddress,
    Unreachable,
    UnsupportedByBroker,
)
from kafkaview.cluster.kafka.connections import NeverSent
from kafkaview.cluster.kafka.coordination_mode import is_controller
from kafkaview.cluster.kafka.first_answer import first_answer
from kafkaview.cluster.kafka.kafka_python_errors import ASK_THE_DOCTOR, as_cluster_error
from kafkaview.cluster.kafka.metadata import metadata_request, read_info
from kafkaview.cluster.kafka.network import AGAIN_SECONDS, Network, Silent
from kafkaview.cluster.kafka.sockets import SocketAddress
from kafkaview.terms import ClusterInfo

REACH_SECONDS: Final = 2.0  # to hear of any broker
NEXT_SECONDS: Final = 0.25  # after which another bootstrap server is tried as well
REMEMBERED_SECONDS: Final = 30.0
STALE_SECONDS: Final = 5.0  # likewise, where a broker was not where it was said to be
_REFUSALS: Final = 2  # of a login, after which no further broker is tried: too many lock an account
_DEFAULT_PORT: Final = 9092
_JUST_NOW_SECONDS: Final = 0.05

PlaceRequest = Callable[[], Awaitable[tuple[SocketAddress, ClusterInfo]]]


class Membership:
    """The cached brokers and their addresses."""

    def __init__(self, network: Network, bootstrap: str) -> None:
        self._network = network
        self._bootstrap = tuple(map(place_of, filter(None, map(str.strip, bootstrap.split(",")))))
        self._info: ClusterInfo | None = None
        self._read_at = 0.0
        self._stale = False
        self._reaching: asyncio.Task[ClusterInfo] | None = None
        self.answered: SocketAddress | None = None  # who answered last

    async def info(self, *, fresh: bool = False) -> ClusterInfo:
        """Returns the brokers; the cache lasts for some time, or until a broker does not answer."""
        age = time.monotonic() - self._read_at
        if self._info is not None and not fresh and age < (STALE_SECONDS if self._stale else REMEMBERED_SECONDS):
            return self._info
        return await self._reach()

    def learn(self, info: ClusterInfo) -> None:
        """Caches the brokers of other metadata."""
        self._info, self._read_at, self._stale = info, time.monotonic(), False

    def doubt(self) -> None:
        """Marks the cache as stale after a broker did not answer."""
        self._stale = True

    async def address_of(self, broker: int, purpose: str = "") -> SocketAddress | None:
        """Returns the address of a broker; None where no metadata has it."""
        found = _find(await self.info(), broker, purpose)
        if found is None and time.monotonic() - self._read_at > _JUST_NOW_SECONDS:
            found = _find(await self._reach(), broker, purpose)
        return found

    def close(self) -> None:
        """Cancels the requests that run."""
        if self._reaching is not None:
            self._reaching.cancel()

    async def _reach(self) -> ClusterInfo:
        """Reads the brokers anew; concurrent callers share one request."""
        if self._reaching is None or self._reaching.done():
            self._reaching = asyncio.ensure_future(self._ask_servers())
            self._reaching.add_done_callback(_look_at)
        return await asyncio.shield(self._reaching)

    async def _ask_servers(self) -> ClusterInfo:
        await self._network.open()
        failures: list[ClusterError] = []
        try:
            self.answered, info = await first_answer(
                self._requests_to_known_places(failures), NEXT_SECONDS, (Unreachable, AuthenticationFailed, LookupError)
            )
        except (Unreachable, AuthenticationFailed, LookupError) as failure:
            raise _of_all(failures) from failure
        self.learn(info)
        return info

    def _requests_to_known_places(self, failures: list[ClusterError]) -> Iterator[PlaceRequest]:
        """Returns the addresses to try: the last one that answered, the bootstrap servers, then every known broker."""
        deadline = time.monotonic() + REACH_SECONDS
        last = () if self.answered is None else (self.answered.plain,)
        known = () if self._info is None else self._info.brokers
        for place in dict.fromkeys((*last, *self._bootstrap, *(SocketAddress(one.host, one.port) for one in known))):
            left = deadline - time.monotonic()
            refused = sum(isinstance(failure, AuthenticationFailed) for failure in failures)
            if left <= 0 or refused >= _REFUSALS:
                return
            yield partial(self._ask_place, place, max(AGAIN_SECONDS, left), failures)

    async def _ask_place(
        self, place: SocketAddress, seconds: float, failures: list[ClusterError]
    ) -> tuple[SocketAddress, ClusterInfo]:
        doing = f"connecting to {place}"
        try:
            return place, read_info(await self._network.answer(metadata_request(()), place, seconds))
        except Silent as silent:
            failure: ClusterError = Unreachable(f"{doing}: {silent.stage.value}", ASK_THE_DOCTOR)
        except NeverSent as never:
            failure = as_cluster_error(never.cause, doing)
        except Exception as other:  # noqa: BLE001 - kafka-python's, ssl's, gssapi's: all are the connection's
            failure = as_cluster_error(other, doing)
            if isinstance(failure, UnsupportedByBroker) and self._is_controller(place):
                failure = await self._controller_error(place)
        failures.append(failure)
        raise failure

    def _is_controller(self, place: SocketAddress) -> bool:
        versions = self._network.versions(place)
        return versions is not None and is_controller(versions.api_versions)

    async def _controller_error(self, place: SocketAddress) -> ControllerAddress:
        from kafkaview.cluster.kafka.controller_address import BrokersBehind, ask_for_brokers  # heavy, and seldom

        brokers_behind = BrokersBehind()
        with suppress(Exception):  # whatever it does not tell: that a controller answers is enough
            brokers_behind = await ask_for_brokers(lambda request: self._network.answer(request, place, AGAIN_SECONDS))
        reason = "a KRaft controller answers there, but clients must connect to a broker."
        words = f"connecting to {place}: {reason}{brokers_behind.detail}"
        return ControllerAddress(words, brokers_behind.hint)


def place_of(text: str, purpose: str = "") -> SocketAddress:
    """Parses `HOST:PORT`, with or without a protocol name before it and the port."""
    _, _, address = text.rpartition("://")
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return SocketAddress(address.strip("[]"), _DEFAULT_PORT, purpose)
    return SocketAddress(host.strip("[]"), int(port), purpose)


def _find(info: ClusterInfo, broker: int, purpose: str) -> SocketAddress | None:
    return next((SocketAddress(one.host, one.port, purpose) for one in info.brokers if one.id == broker), None)


def _look_at(task: asyncio.Task[ClusterInfo]) -> None:
    """Retrieves a failure that nobody may await any more."""
    if not task.cancelled():
        task.exception()


def _of_all(failures: list[ClusterError]) -> ClusterError:
    """Returns the error to raise where nobody could be reached: a refused login rather than silence."""
    if not failures:
        return Unreachable("connecting: no address of a broker is known", "Give the bootstrap servers.")
    refused = next((failure for failure in failures if isinstance(failure, AuthenticationFailed)), None)
    if refused is not None or len(failures) == 1:
        return refused or failures[0]
    controller = next((failure for failure in failures if isinstance(failure, ControllerAddress)), None)
    kind = ControllerAddress if all(isinstance(failure, ControllerAddress) for failure in failures) else Unreachable
    words = "; ".join(dict.fromkeys(failure.message for failure in failures))
    return kind(words, (controller or failures[0]).hint)
