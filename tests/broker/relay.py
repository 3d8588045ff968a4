"""A way between client and broker that a test can cut without a word, as a changed network does."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Relay:
    """Forwards a port to another one. Nothing that it holds back is ever closed: the clients have to find out."""

    def __init__(self, port: int, target: int) -> None:
        self._port = port
        self._target = target
        self._silent = False  # whether new connections are left without an answer
        self._epoch = 0  # connections of an earlier one carry nothing any more
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def cut(self, *, silent: bool) -> None:
        """Present connections carry nothing any more. New ones do, unless `silent`."""
        self._epoch += 1
        self._silent = silent

    def heal(self) -> None:
        """Connections made from now on are carried; those made before stay as dead as they are."""
        self._epoch += 1
        self._silent = False

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._port)
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
        epoch, silent = self._epoch, self._silent
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._target)
        try:
            await asyncio.gather(
                self._pass(reader, there_writer, epoch, silent=silent),
                self._pass(there_reader, writer, epoch, silent=silent),
            )
        finally:
            for end in (writer, there_writer):
                end.close()
                with suppress(OSError, asyncio.CancelledError):
                    await end.wait_closed()
            self._tasks.discard(task)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, epoch: int, *, silent: bool
    ) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(65_536):
                if epoch == self._epoch and not silent:
                    writer.write(data)
                    await writer.drain()
        writer.close()
