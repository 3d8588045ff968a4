"""Requests to ZooKeeper: each server of the ensemble by itself, and Kafka's nodes in a short session.

Nothing here can write: of kazoo's calls only `get` and `get_children` are made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from kazoo.client import KazooClient  # type: ignore[import-untyped]
from kazoo.exceptions import NoNodeError  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError, RefusedHere
from kafkaview.cluster.ports.zookeeper import ZooKeeperBroker, ZooKeeperNode, ZooKeeperServer, ZooKeeperState
from kafkaview.cluster.zookeeper import znodes
from kafkaview.cluster.zookeeper.four_letter_words import KEEPS_BACK, ZooKeeperAddress, ask_server, server_name
from kafkaview.cluster.zookeeper.login import ZooKeeperLogin
from kafkaview.cluster.zookeeper.session import session

CLOSE_SECONDS: Final = 3.0
T = TypeVar("T")


class ZooKeeperClient:
    """One ensemble, below one chroot. Blocking calls run on its own threads; `login` is called there on first use, and
    may raise UnusableProfile.
    """

    def __init__(self, address: ZooKeeperAddress, login: Callable[[], ZooKeeperLogin] = ZooKeeperLogin) -> None:
        self._address = address
        self._make_login = login
        self._made: ZooKeeperLogin | None = None
        self._threads = ThreadPoolExecutor(len(address.servers) + 1, thread_name_prefix="kafkaview-zookeeper")
        self._running: set[Future[Any]] = set()

    async def state(self) -> ZooKeeperState:
        """Returns the ensemble and Kafka's nodes. Never raises ClusterError: what cannot be read is
        described in words.
        """
        try:
            login = await self._run(self._login)
        except ClusterError as failure:
            return ZooKeeperState((), error=failure.message)
        ensemble = await asyncio.gather(
            *(self._run(partial(ask_server, host, port, login.tls)) for host, port in self._address.servers)
        )
        state = ZooKeeperState(tuple(ensemble))
        if not any(map(_may_serve, state.ensemble)):
            does = "can be reached" if any(one.undecided for one in ensemble) else "serves"
            return replace(state, error=f"No server of the ensemble {does}, so Kafka's nodes cannot be read.")
        try:
            return await self._run(
                lambda: self._in_session(login, state.ensemble, partial(_read_kafka_nodes, state=state))
            )
        except ClusterError as failure:
            return replace(state, error=failure.message)

    async def node(self, path: str) -> ZooKeeperNode:
        """Returns one of Kafka's nodes with the names of its children, its secrets masked. Raises RefusedHere for a
        node that is not Kafka's or holds only secrets, NotAuthorized, Unreachable; ClusterError where it does not
        exist.
        """
        if not znodes.is_readable(path):
            raise RefusedHere(f"{path} is not shown: it is not Kafka's, or holds only secrets.")
        login = await self._run(self._login)
        return await self._run(lambda: self._in_session(login, (), partial(_node, path=path)))

    def _login(self) -> ZooKeeperLogin:
        self._made = self._made or self._make_login()
        return self._made

    async def close(self) -> None:
        """Ends the threads. One that still waits for a name server ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        running = [asyncio.wrap_future(one) for one in self._running if not one.cancelled()]
        if running:
            await asyncio.wait(running, timeout=CLOSE_SECONDS)
        if not self._running:
            self._threads.shutdown()  # nothing is left to run: joins within microseconds

    async def _run(self, call: Callable[[], T]) -> T:
        future = self._threads.submit(call)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return await asyncio.wrap_future(future)

    def _in_session(
        self, login: ZooKeeperLogin, ensemble: tuple[ZooKeeperServer, ...], read: Callable[[KazooClient], T]
    ) -> T:
        asleep = {one.server for one in ensemble if not _may_serve(one)}
        servers = [server for server in self._address.servers if server_name(*server) not in asleep]
        with session(servers, self._address.chroot, login) as opened:
            return read(opened)


def _may_serve(one: ZooKeeperServer) -> bool:
    return one.role is not None or one.error == KEEPS_BACK


def _read_kafka_nodes(opened: KazooClient, state: ZooKeeperState) -> ZooKeeperState:
    controller_data, controller_stat = _read(opened, znodes.CONTROLLER)
    controller = None if controller_data is None else znodes.controller_of(controller_data)
    return replace(
        state,
        controller_id=None if controller is None else controller.id,
        controller_epoch=_parse_node(opened, znodes.CONTROLLER_EPOCH, znodes.epoch_of),
        controller_is_ephemeral=None if controller_stat is None else controller_stat.ephemeralOwner != 0,
        kraft_controller_epoch=None if controller is None else controller.kraft_epoch,
        brokers=_brokers(opened),
        migration=_parse_node(opened, znodes.MIGRATION, znodes.migration_of),
        cluster_id=_parse_node(opened, znodes.CLUSTER_ID, znodes.cluster_id_of),
    )


def _brokers(opened: KazooClient) -> tuple[ZooKeeperBroker, ...]:
    found = []
    with suppress(NoNodeError):
        for name in opened.get_children(znodes.BROKERS):
            data, stat = _read(opened, f"{znodes.BROKERS}/{name}")
            found.append(None if data is None else znodes.broker_of(name, data, stat.ctime))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.id))


def _parse_node(opened: KazooClient, path: str, parse: Callable[[bytes], T]) -> T | None:
    data, _ = _read(opened, path)
    return None if data is None else parse(data)


def _read(opened: KazooClient, path: str) -> tuple[bytes | None, Any]:
    """Returns a node's data and stat; None and None where it does not exist."""
    try:
        data, stat = opened.get(path)
    except NoNodeError:
        return None, None
    return data or b"", stat


def _node(opened: KazooClient, path: str) -> ZooKeeperNode:
    data, stat = _read(opened, path)
    if data is None:
        raise ClusterError(f"ZooKeeper has no {path}.")
    children = tuple(sorted(opened.get_children(path))) if stat.numChildren else ()
    text = znodes.mask_secrets(path, data)
    return ZooKeeperNode(path, text, children, stat.version, stat.ctime, stat.mtime, stat.ephemeralOwner != 0)
