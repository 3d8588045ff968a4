"""Bytes to and from a server, over our own sockets, so that what the other side said first is seen."""

from __future__ import annotations

import asyncio
import socket
from typing import Final, Protocol

_CHUNK: Final = 65_536
_KEPT: Final = 512


class Ended(Exception):
    """The other side closed the connection."""


class ServerConnection(Protocol):
    """A connection, plain or encrypted."""

    async def send(self, data: bytes) -> None:
        """Hand bytes over. `receive` alone reports a closed connection: what came before may still be read."""
        ...

    async def receive(self) -> bytes:
        """Some bytes. Ended when there are no more."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class PlainWire:
    """A socket. `first` are the first bytes that came, raw; `count` is how many came."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self.first = b""
        self.count = 0

    async def send(self, data: bytes) -> None:
        """Hand bytes over."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
        except (BrokenPipeError, ConnectionError):
            return

    async def receive(self) -> bytes:
        """Some bytes."""
        try:
            data = await asyncio.get_running_loop().sock_recv(self._socket, _CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            raise Ended
        self.first = (self.first + data)[:_KEPT]
        self.count += len(data)
        return data

    def close(self) -> None:
        """End it."""
        self._socket.close()
