"""Sockets under kafka-python's I/O loop. Its own ones look names up on the loop's thread, set no time limit for a TLS
handshake, leave failed sockets to the garbage collector, and read 4 KB at a time.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from threading import Thread
from typing import Any, Final

import kafka.errors as wire_errors  # type: ignore[import-untyped]
from kafka.future import Future  # type: ignore[import-untyped]
from kafka.net.transport import KafkaSSLTransport, KafkaTCPTransport  # type: ignore[import-untyped]

_PIECE: Final = 262_144  # each call gives Python's lock away once, and may wait 5 ms to have it back
_ADDRESS_SECONDS: Final = 0.6  # one of several: IPv6 may be swallowed where IPv4 gets through
_NUMERIC: Final = socket.AI_NUMERICHOST
_OPTIONS: Final = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1))


@dataclass(frozen=True, slots=True)
class SocketAddress:
    """The address of a broker or controller. Each `purpose` has a connection of its own."""

    host: str
    port: int
    purpose: str = ""

    @property
    def plain(self) -> SocketAddress:
        """Returns the same address without a purpose."""
        return SocketAddress(self.host, self.port)

    def __str__(self) -> str:
        """Returns `HOST:PORT`, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Stage(Enum):
    """How far a connection has got, in the words for one that gets no further."""

    NAME = "its name is not resolved in time"
    TCP = "no connection comes about: a firewall may drop it, or the address is wrong"
    TLS = "it accepts the connection and says nothing in the TLS handshake"
    GREETING = "it accepts the connection and says nothing"
    OPEN = "it does not answer"


class _Reads:
    """Reads all bytes that are there, and passes on those that came before the end of the connection."""

    heard_at = 0.0
    _sock: socket.socket

    def _sock_recv(self) -> tuple[bytes, Exception | None]:
        pieces: list[bytes] = []
        failure: Exception | None = None
        while failure is None:
            try:
                piece = self._sock.recv(_PIECE)
            except (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            except OSError as error:
                failure = ConnectionFailed(_words(error))
            else:
                pieces.append(piece)
                if not piece:
                    failure = ConnectionFailed("it closed the connection")
        data = b"".join(pieces)
        if data:
            self.heard_at = time.monotonic()
        return data, None if data else failure


class PlainTransport(_Reads, KafkaTCPTransport):  # type: ignore[misc]
    """A transport without TLS."""


class TlsTransport(_Reads, KafkaSSLTransport):  # type: ignore[misc]
    """A transport with TLS. It has taken the plain socket over."""

    async def shake_hands(self, deadline: float) -> None:
        """Makes the TLS handshake until a moment (monotonic seconds); closes the socket where it fails."""
        try:
            await _handshake(self._net, self._sock, deadline)
        except BaseException:
            self._sock.close()
            raise
        self.heard_at = time.monotonic()


class ConnectionFailed(wire_errors.KafkaConnectionError):  # type: ignore[misc]
    """A connection that could not be opened, or broke."""

    def __str__(self) -> str:
        """Returns the message without the name of the class."""
        return str(self.args[0])


async def open_transport(
    net: Any, place: SocketAddress, context: ssl.SSLContext | None, deadline: float, enter: Callable[[Stage], None]
) -> Any:
    """Connects, with TLS where there is a context. Runs on the I/O loop; `enter` is called at each stage."""
    enter(Stage.NAME)
    found = await _addresses(net, place)
    enter(Stage.TCP)
    sock = await _connect_first(net, found, deadline)
    try:
        if context is None:
            return PlainTransport(net, sock, host=place.host)
        enter(Stage.TLS)
        transport = TlsTransport(net, sock, host=place.host, ssl_context=context)
        await transport.shake_hands(deadline)
    except BaseException:
        sock.close()
        raise
    return transport


def _addresses(net: Any, place: SocketAddress) -> Any:
    """Returns a kafka-python future of the addresses of a name, looked up on a daemon thread."""
    found = Future()
    with suppress(OSError):
        return found.success(socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM, flags=_NUMERIC))

    def look() -> None:
        try:
            addresses = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failure = ConnectionFailed(f"the name {place.host} is not known ({_words(error)})")
            _call_on_loop(net, lambda: found.failure(failure))
        else:
            _call_on_loop(net, lambda: found.success(addresses))

    Thread(target=look, name="name-lookup", daemon=True).start()
    return found


def _call_on_loop(net: Any, call: Callable[[], object]) -> None:
    with suppress(RuntimeError):  # the loop has ended meanwhile
        net.call_soon_threadsafe(call)


async def _connect_first(net: Any, addresses: list[Any], deadline: float) -> socket.socket:
    """Connects to the first address that answers; every address but the last has a short time limit."""
    failure: Exception = ConnectionFailed("its name has no address")
    for number, (family, kind, protocol, _name, address) in enumerate(addresses):
        last = number == len(addresses) - 1
        until = deadline if last else min(deadline, time.monotonic() + _ADDRESS_SECONDS)
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            for option in _OPTIONS:
                sock.setsockopt(*option)
            await _connect(net, sock, address, until)
        except (OSError, wire_errors.KafkaError) as error:
            sock.close()
            failure = error if isinstance(error, wire_errors.KafkaError) else ConnectionFailed(_words(error))
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


async def _connect(net: Any, sock: socket.socket, address: Any, until: float) -> None:
    try:
        sock.connect(address)
    except (BlockingIOError, InterruptedError):
        try:
            await net.wait_write(sock, timeout_at=until)
        except wire_errors.KafkaTimeoutError as late:
            raise ConnectionFailed(Stage.TCP.value) from late
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, os.strerror(code)) from None


async def _handshake(net: Any, sock: Any, deadline: float) -> None:
    while True:
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            waiting = net.wait_read(sock, timeout_at=deadline)
        except ssl.SSLWantWriteError:
            waiting = net.wait_write(sock, timeout_at=deadline)
        except OSError as error:
            raise ConnectionFailed(f"the TLS handshake fails: {_words(error)}") from error
        else:
            return
        try:
            await waiting
        except wire_errors.KafkaTimeoutError as late:
            raise ConnectionFailed(Stage.TLS.value) from late


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not accepted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return error.reason or str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
