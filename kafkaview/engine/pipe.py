"""One end of the pipe between a window and its engine; it never blocks the loop.

Two threads read and write, because no event loop waits for pipes in the same way on every system, and a window must not
wait for an engine that does not read.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, BinaryIO, Protocol

from kafkaview.engine.coding import decode, encode, read_body

_log = logging.getLogger(__name__)


class Pipe(Protocol):
    """Sends messages. Received messages go to the callback of `start`."""

    def start(self, receive: Callable[[Any], None], ended: Callable[[], None]) -> None:
        """Begins to pass each message to `receive` and the end of the pipe to `ended`, on the running loop."""
        ...

    def send(self, message: object) -> None:
        """Sends a message; after the end of the pipe the message is dropped."""
        ...

    def close(self) -> None:
        """Closes this end. The other end sees the end of the pipe."""
        ...


class FilePipe:
    """A pipe over two files of the operating system, each with a thread of its own."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._unsent: SimpleQueue[bytes | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, receive: Callable[[Any], None], ended: Callable[[], None]) -> None:
        """Starts both threads."""
        self._loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(receive, ended), name="pipe-in", daemon=True).start()
        threading.Thread(target=self._write, name="pipe-out", daemon=True).start()

    def send(self, message: object) -> None:
        """Encodes a message at once, and queues it for the writing thread."""
        self._unsent.put(encode(message))

    def close(self) -> None:
        """Closes the outgoing end once all is written."""
        self._unsent.put(None)

    def _read(self, receive: Callable[[Any], None], ended: Callable[[], None]) -> None:
        while (body := read_body(self._incoming)) is not None:
            try:
                message = decode(body)
            except Exception:  # noqa: BLE001  # whatever is wrong with it, the pipe cannot be trusted any more
                _log.exception("a message could not be read")
                break
            if not self._hand(receive, message):
                break
        self._hand(ended)
        with suppress(OSError):
            self._incoming.close()

    def _hand(self, take: Callable[..., None], *message: Any) -> bool:
        """Calls a function on the loop; returns False once the loop is closed."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(take, *message)
        except RuntimeError:
            return False
        return True

    def _write(self) -> None:
        with suppress(OSError, ValueError):
            while (frame := self._unsent.get()) is not None:
                self._outgoing.write(frame)
                self._outgoing.flush()
        with suppress(OSError, ValueError):
            self._outgoing.close()
