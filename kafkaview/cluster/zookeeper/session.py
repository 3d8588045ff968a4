"""One short session with ZooKeeper through kazoo, on sockets of our own; its threads end with it, and its errors are
ClusterErrors.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from kazoo.client import KazooClient  # type: ignore[import-untyped]
from kazoo.exceptions import (  # type: ignore[import-untyped]
    AuthFailedError,
    ConnectionLoss,
    KazooException,
    NoAuthError,
    SessionClosedRequireSaslError,
)
from kazoo.handlers.threading import SequentialThreadingHandler  # type: ignore[import-untyped]
from kazoo.protocol.states import KeeperState  # type: ignore[import-untyped]
from kazoo.retry import KazooRetry  # type: ignore[import-untyped]

from kafkaview.cluster.errors import AuthenticationFailed, ClusterError, NotAuthorized, Unreachable
from kafkaview.cluster.zookeeper.four_letter_words import open_socket, server_name
from kafkaview.cluster.zookeeper.login import ZooKeeperLogin

CONNECT_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.05
_JOIN_SECONDS: Final = 1.0
_LOG: Final = logging.getLogger("kafkaview.zookeeper")
_LOG.addHandler(logging.NullHandler())  # else Python prints kazoo's warnings to stderr
_LOG.propagate = False  # below INFO it logs what it sends, logins too


class _Sockets(SequentialThreadingHandler):  # type: ignore[misc]
    """kazoo's thread handler with sockets of our own, because kazoo takes TLS material from files only."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        super().__init__()
        self._tls = tls
        self.failure: Exception | None = None
        self._spawned: list[threading.Thread] = []

    def spawn(self, func: Callable[..., object], *args: Any, **kwargs: Any) -> Any:
        """Starts a thread whose exception is kept; Python would print it to stderr."""

        def run() -> None:
            try:
                func(*args, **kwargs)
            except Exception as failure:  # noqa: BLE001 - whatever ends kazoo's connection ends the session
                self.failure = failure

        thread = super().spawn(run)
        self._spawned.append(thread)
        return thread

    def take_error(self) -> Exception | None:
        """Returns the error that ended the connection, once the client is stopped and its threads end."""
        for thread in self._spawned:
            thread.join(_JOIN_SECONDS)
        return self.failure

    def create_connection(self, *, address: tuple[str, int], hostname: str, timeout: float, **_more: Any) -> Any:
        """Connects to one server; TLS gets its name rather than its address."""
        return open_socket(address[0], address[1], self._tls, timeout, hostname)


@contextmanager
def session(servers: Sequence[tuple[str, int]], chroot: str, login: ZooKeeperLogin) -> Iterator[KazooClient]:
    """Opens a session below `chroot` for the block. Raises Unreachable, AuthenticationFailed, NotAuthorized."""
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
        _start(client, hosts)
        client.chroot = chroot.rstrip("/")  # given before, it prints a warning where there is no such node
        yield client
    except NoAuthError as failure:
        raise NotAuthorized("ZooKeeper's ACL does not let this node be read.", "Log in to ZooKeeper.") from failure
    except KazooException as failure:
        client.stop()
        raise _explain(client.handler.take_error() or failure, hosts, login) from None
    finally:
        client.stop()
        client.close()


def _start(client: KazooClient, hosts: str) -> None:
    """Starts the client. kazoo's own `start` waits for its whole time limit after a refused login."""
    deadline = time.monotonic() + CONNECT_SECONDS
    connected = client.start_async()
    while not connected.wait(_LOOK_SECONDS):
        if client.client_state == KeeperState.AUTH_FAILED:
            raise AuthFailedError
        if client.handler.failure is not None:
            raise ConnectionLoss
        if time.monotonic() > deadline:
            raise Unreachable(f"ZooKeeper ({hosts}) gives no session within {CONNECT_SECONDS:g} s.")


def _explain(failure: Exception, hosts: str, login: ZooKeeperLogin) -> ClusterError:
    if not isinstance(failure, AuthFailedError | SessionClosedRequireSaslError):
        return Unreachable(f"ZooKeeper ({hosts}) breaks off: {type(failure).__name__}.")
    if login.user is None:
        return AuthenticationFailed("ZooKeeper asks for a login.", "Give the user and password for ZooKeeper.")
    return AuthenticationFailed(f"ZooKeeper refuses the login of {login.user}.", "Check the password at ZooKeeper.")
