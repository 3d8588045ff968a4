"""Asking ZooKeeper: each server of the ensemble for itself, and Kafka's nodes in a session of a moment.

Nothing here can write: of kazoo's calls only `get`, `get_children` and `exists` are made.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from kazoo.client import KazooClient  # type: ignore[import-untyped]
from kazoo.exceptions import KazooException, NoAuthError, NoNodeError  # type: ignore[import-untyped]
from kazoo.handlers.threading import SequentialThreadingHandler  # type: ignore[import-untyped]
from kazoo.protocol.states import KeeperState  # type: ignore[import-untyped]
from kazoo.retry import KazooRetry  # type: ignore[import-untyped]

from kafkaview.cluster import znodes
from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, NotAuthorized, RefusedHere, Unreachable
from kafkaview.cluster.fourletters import ZooKeeperAddress, asked, opened, server_name
from kafkaview.cluster.zookeeper_login import ZooKeeperLogin
from kafkaview.cluster.zookeeperterms import ZooKeeperBroker, ZooKeeperNode, ZooKeeperServer, ZooKeeperState

CONNECT_SECONDS: Final = 5.0
CLOSE_SECONDS: Final = 3.0
_LOOK_SECONDS: Final = 0.05
_LOG: Final = logging.getLogger("kafkaview.zookeeper")
_LOG.addHandler(logging.NullHandler())  # else Python prints kazoo's warnings to stderr
_LOG.propagate = False  # below INFO it logs what it sends, logins too
T = TypeVar("T")


class ZooKeeperClient:
    """One ensemble, below one chroot. Blocking calls run on its own threads; `login` is made there, when it is first
    needed, and may raise UnusableProfile.
    """

    def __init__(self, address: ZooKeeperAddress, login: Callable[[], ZooKeeperLogin] = ZooKeeperLogin) -> None:
        self._address = address
        self._make_login = login
        self._made: ZooKeeperLogin | None = None
        self._threads = ThreadPoolExecutor(len(address.servers) + 1, thread_name_prefix="kafkaview-zookeeper")
        self._running: set[Future[Any]] = set()

    async def state(self) -> ZooKeeperState:
        """The ensemble and Kafka's part of it. Never raises ClusterError: what cannot be had is told in words."""
        try:
            login = await self._run(self._login)
        except ClusterError as failure:
            return ZooKeeperState((), error=failure.message)
        ensemble = await asyncio.gather(
            *(self._run(partial(asked, host, port, login.tls)) for host, port in self._address.servers)
        )
        told = ZooKeeperState(tuple(ensemble))
        if not _may_serve(told.ensemble):
            return replace(told, error="No server of the ensemble serves, so Kafka's nodes cannot be read.")
        try:
            return await self._run(lambda: self._in_session(login, told.ensemble, partial(_kafkas_part, told=told)))
        except ClusterError as failure:
            return replace(told, error=failure.message)

    async def node(self, path: str) -> ZooKeeperNode:
        """One of Kafka's nodes with the names of its children, its secrets masked. Raises RefusedHere for a node that
        is not Kafka's or holds nothing but secrets, NotAuthorized, Unreachable; ClusterError where it is not there.
        """
        if not znodes.is_readable(path):
            raise RefusedHere(f"{path} is not shown: it is not Kafka's, or holds only secrets.")
        login = await self._run(self._login)
        return await self._run(lambda: self._in_session(login, (), partial(_node, path=path)))

    def _login(self) -> ZooKeeperLogin:
        self._made = self._made or self._make_login()
        return self._made

    async def close(self) -> None:
        """End the threads. One that still waits for a name server is left to end by itself."""
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
        asleep = {one.server for one in ensemble if one.role is None and not one.undecided}
        servers = [server for server in self._address.servers if server_name(*server) not in asleep]
        with _session(self._address, servers, login) as session:
            return read(session)


class _Sockets(SequentialThreadingHandler):  # type: ignore[misc]
    """kazoo's threads with sockets of ours: it takes TLS material from files alone."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__()
        self._tls = tls

    def create_connection(self, *, address: tuple[str, int], hostname: str, timeout: float, **_more: Any) -> Any:
        """A connection to one server, which TLS knows by its name rather than its address."""
        return opened(address[0], address[1], self._tls, timeout, hostname)


@contextmanager
def _session(address: ZooKeeperAddress, servers: list[tuple[str, int]], login: ZooKeeperLogin) -> Iterator[KazooClient]:
    hosts = ",".join(server_name(*server) for server in servers)
    client = KazooClient(
        hosts,
        timeout=CONNECT_SECONDS,
        handler=_Sockets(login.tls),
        sasl_options=login.sasl,
        connection_retry=KazooRetry(max_tries=-1, delay=0.1, max_delay=0.5),
        command_retry=KazooRetry(max_tries=0),
        logger=_LOG,
    )
    try:
        _start(client, hosts, login)
        client.chroot = address.chroot.rstrip("/")  # given before, it prints a warning where there is no such node
        yield client
    except NoAuthError as failure:
        raise NotAuthorized("ZooKeeper's ACL does not let this node be read.", "Log in to ZooKeeper.") from failure
    except KazooException as failure:
        raise Unreachable(f"ZooKeeper ({hosts}) breaks off: {type(failure).__name__}.") from failure
    finally:
        client.stop()
        client.close()


def _start(client: KazooClient, hosts: str, login: ZooKeeperLogin) -> None:
    """Without kazoo's own `start`, which waits to its limit for a login that was refused at once."""
    deadline = time.monotonic() + CONNECT_SECONDS
    connected = client.start_async()
    while not connected.wait(_LOOK_SECONDS):
        if client.client_state == KeeperState.AUTH_FAILED:
            raise AuthenticationFailed(f"ZooKeeper refuses the login of {login.user}.", "Check its password.")
        if time.monotonic() > deadline:
            raise Unreachable(f"ZooKeeper ({hosts}) gives no session within {CONNECT_SECONDS:g} s.")


def _may_serve(ensemble: tuple[ZooKeeperServer, ...]) -> bool:
    return any(one.role is not None or one.undecided for one in ensemble)


def _kafkas_part(session: KazooClient, told: ZooKeeperState) -> ZooKeeperState:
    controller_data, controller_stat = _read(session, znodes.CONTROLLER)
    controller = None if controller_data is None else znodes.controller_of(controller_data)
    return replace(
        told,
        controller_id=None if controller is None else controller.id,
        controller_epoch=_parsed(session, znodes.CONTROLLER_EPOCH, znodes.epoch_of),
        controller_is_ephemeral=None if controller_stat is None else controller_stat.ephemeralOwner != 0,
        kraft_controller_epoch=None if controller is None else controller.kraft_epoch,
        brokers=_brokers(session),
        migration=_parsed(session, znodes.MIGRATION, znodes.migration_of),
        cluster_id=_parsed(session, znodes.CLUSTER_ID, znodes.cluster_id_of),
    )


def _brokers(session: KazooClient) -> tuple[ZooKeeperBroker, ...]:
    found = []
    with suppress(NoNodeError):
        for name in session.get_children(znodes.BROKERS):
            data, stat = _read(session, f"{znodes.BROKERS}/{name}")
            found.append(None if data is None else znodes.broker_of(name, data, stat.ctime))
    return tuple(sorted((one for one in found if one is not None), key=lambda one: one.id))


def _parsed(session: KazooClient, path: str, parse: Callable[[bytes], T]) -> T | None:
    data, _ = _read(session, path)
    return None if data is None else parse(data)


def _read(session: KazooClient, path: str) -> tuple[bytes | None, Any]:
    """A node's data and stat, None and None where it is not there."""
    try:
        data, stat = session.get(path)
    except NoNodeError:
        return None, None
    return data or b"", stat


def _node(session: KazooClient, path: str) -> ZooKeeperNode:
    data, stat = _read(session, path)
    if data is None:
        raise ClusterError(f"ZooKeeper has no {path}.")
    children = tuple(sorted(session.get_children(path))) if stat.numChildren else ()
    text = znodes.shown(path, data)
    return ZooKeeperNode(path, text, children, stat.version, stat.ctime, stat.mtime, stat.ephemeralOwner != 0)
