"""A way to a real broker that offers fewer requests, as an older release does, or a service with Kafka's protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Self

from kafka.protocol.metadata import ApiVersionsResponse, MetadataResponse  # type: ignore[import-untyped]

_API_VERSIONS, _METADATA = 18, 3
_FLEXIBLE_METADATA = 9

# What Azure's documentation and reports of Event Hubs name: few requests, none of one request for many groups.
EVENT_HUBS: Mapping[int, tuple[int, int]] = {
    0: (0, 7),
    1: (0, 6),
    2: (0, 5),
    3: (0, 7),
    8: (0, 3),
    9: (0, 3),
    10: (0, 1),
    11: (0, 5),
    12: (0, 3),
    13: (0, 1),
    14: (0, 3),
    15: (0, 1),
    16: (0, 1),
    17: (0, 1),
    18: (0, 1),
    19: (0, 3),
    20: (0, 3),
}


class OlderBroker:
    """Offers the versions of `offered` that the broker behind it takes too, and ends a connection at any other request.
    It is the only broker of the metadata.
    """

    def __init__(self, target: int, offered: Mapping[int, tuple[int, int]]) -> None:
        self._target = target
        self._offered = offered
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.refused: list[tuple[int, int]] = []  # key and version

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        asked: dict[bytes, tuple[int, int]] = {}  # by correlation id
        both = {
            asyncio.ensure_future(self._pass_requests(reader, there_writer, asked)),
            asyncio.ensure_future(self._pass_answers(there_reader, writer, asked)),
        }
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            for end in (writer, there_writer):
                end.close()

    async def _pass_requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: dict[bytes, tuple[int, int]]
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                frame = await _frame(reader)
                key, version = (int.from_bytes(frame[at : at + 2], "big") for at in (0, 2))
                low, high = self._offered.get(key, (0, -1))
                if key != _API_VERSIONS and not low <= version <= high:
                    self.refused.append((key, version))
                    return
                asked[frame[4:8]] = key, version
                writer.write(len(frame).to_bytes(4, "big") + frame)
                await writer.drain()

    async def _pass_answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: dict[bytes, tuple[int, int]]
    ) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                frame = await _frame(reader)
                frame = self._change(frame, *asked.pop(frame[:4]))
                writer.write(len(frame).to_bytes(4, "big") + frame)
                await writer.drain()

    def _change(self, frame: bytes, key: int, version: int) -> bytes:
        if key == _API_VERSIONS:
            versions = ApiVersionsResponse.decode(frame[4:], version=version)
            versions.api_keys = [row for row in versions.api_keys if row.api_key in self._offered]
            for row in versions.api_keys:
                low, high = self._offered[row.api_key]
                row.min_version, row.max_version = max(low, row.min_version), min(high, row.max_version)
            return frame[:4] + bytes(versions.encode())
        if key == _METADATA:
            head = 5 if version >= _FLEXIBLE_METADATA else 4
            metadata = MetadataResponse.decode(frame[head:], version=version)
            for broker in metadata.brokers:
                broker.host, broker.port = "127.0.0.1", self.port
            return frame[:head] + bytes(metadata.encode())
        return frame


async def _frame(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(int.from_bytes(await reader.readexactly(4), "big"))
