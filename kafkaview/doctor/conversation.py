"""Kafka's requests and responses over a connection, one at a time."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import DAMAGE, rows_of
from kafkaview.doctor.address import LIMIT_S
from kafkaview.doctor.blocking_call import run_blocking
from kafkaview.doctor.tls import Refused
from kafkaview.doctor.wire import Ended, ServerConnection

CLIENT_ID: Final = "kafkaview"
_MOST_BYTES: Final = 200_000_000
_LARGE: Final = 100_000  # takes long enough to decode to be seen in a window
_QUOTE_S: Final = 0.3
_QUOTED: Final = 80
# A broker sends this number back. To a server that reads lines, as HTTP's, it is the end of one, and then it answers.
_FIRST: Final = int.from_bytes(b"\r\n\r\n", "big")


class NotKafka(Exception):
    """The server does not speak Kafka's protocol; `data` is what it sent."""

    def __init__(self, data: bytes) -> None:
        super().__init__("not Kafka's protocol")
        self.data = data

    @property
    def first_line(self) -> str:
        """The first line of its data, as far as it is text."""
        line = self.data.splitlines()[0] if self.data else b""
        return re.sub(r"[^\x20-\x7e]", ".", line[:_QUOTED].decode("latin-1"))


class Conversation:
    """One connection to a broker. The caller explains its errors TimeoutError, Ended, Refused and NotKafka."""

    def __init__(self, wire: ServerConnection, limit_s: float = LIMIT_S) -> None:
        self.wire = wire
        self._limit_s = limit_s
        self.versions: Mapping[int, tuple[int, int]] = {}
        self.hello_ms = 0
        self._correlation_id = _FIRST
        self._received = b""

    async def hello(self) -> None:
        """Sends ApiVersions in version 0, which every broker answers even before a login."""
        began = time.monotonic()
        answer = await self._ask(ApiVersionsRequest(version=0))
        self.hello_ms = round((time.monotonic() - began) * 1000)
        self.versions = {row.api_key: (row.min_version, row.max_version) for row in rows_of(answer.api_keys)}

    def takes(self, request: Any) -> bool:
        """Returns whether the broker accepts this kind of request (a message class)."""
        return request.API_KEY in self.versions

    async def ask(self, request: Any, highest: int, **fields: Any) -> Any:
        """Sends a request (a message class) in the highest version that both sides know, at most `highest`, and returns
        the response.
        """
        low, high = self.versions.get(request.API_KEY, (0, 0))
        return await self._ask(request(version=max(low, min(high, highest)), **fields))

    async def send(self, request: Any) -> Any:
        """Sends a request in the highest version that both sides know."""
        low, high = self.versions.get(request.API_KEY, (0, 0))
        request.API_VERSION = max(low, min(high, request.max_version))
        return await self._ask(request)

    def close(self) -> None:
        """Closes the connection."""
        self.wire.close()

    async def _ask(self, request: Any) -> Any:
        request.with_header(correlation_id=self._correlation_id, client_id=CLIENT_ID)
        async with asyncio.timeout(self._limit_s):
            await self.wire.send(bytes(request.encode(header=True, framed=True)))
            size = int.from_bytes(await self._take(4), "big", signed=True)
            if not 4 <= size <= _MOST_BYTES:
                raise NotKafka(await self._more(size.to_bytes(4, "big", signed=True)))
            head = await self._take(4)
            if int.from_bytes(head, "big") != self._correlation_id:
                raise NotKafka(await self._more(size.to_bytes(4, "big", signed=True) + head))
            body = head + await self._take(size - 4)
        self._correlation_id += 1
        answers = request.header.get_response_class()

        def decode() -> Any:
            return answers.decode(body, version=request.API_VERSION, header=True)

        try:
            return await run_blocking(decode, self._limit_s) if size > _LARGE else decode()
        except (*DAMAGE, AssertionError):  # kafka-python's
            raise NotKafka(body) from None

    async def _take(self, count: int) -> bytes:
        while len(self._received) < count:
            self._received += await self.wire.receive()
        taken, self._received = self._received[:count], self._received[count:]
        return taken

    async def _more(self, data: bytes) -> bytes:
        """Returns what else the server sends within a moment, to be quoted."""
        with suppress(TimeoutError, Ended, Refused):
            async with asyncio.timeout(_QUOTE_S):
                while len(data + self._received) < _QUOTED:
                    self._received += await self.wire.receive()
        return data + self._received
