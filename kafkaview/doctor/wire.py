"""Connections over our own sockets, which show what the other side sent first."""

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
        """Sends bytes. Only `receive` reports a closed connection, because earlier bytes may still be read."""
        ...

    async def receive(self) -> bytes:
        """Returns some bytes. Raises Ended when there are no more."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...


class PlainWire:
    """A plain socket. `first` are the first received bytes, raw; `count` is the number of received bytes."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self.first = b""
        self.count = 0

    async def send(self, data: bytes) -> None:
        """Sends bytes."""
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
        except (BrokenPipeError, ConnectionError):
            return

    async def receive(self) -> bytes:
        """Returns some bytes."""
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
        """Closes the connection."""
        self._socket.close()
