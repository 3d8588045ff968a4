"""The engine's end of the pipe: executes the calls that come in, each in a task of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, suppress
from traceback import clear_frames
from typing import Any, cast

from kafkaview.engine.messages import Answer, Call, Cancel, EngineFault, Item, More, Refusal
from kafkaview.engine.pipe import Pipe
from kafkaview.failure import Failure
from kafkaview.log_files import keep_traceback


class NewestOnlyStream:
    """A stream of which a slow window gets the newest item, without those between.

    `encode` makes the message of an item just before it is sent: it may leave out what the window has already.
    """

    def __init__(self, items: AsyncGenerator[Any, None], encode: Callable[[Any], Any]) -> None:
        self.items = items
        self.encode = encode


class EngineServer:
    """Serves the public methods of some services to the window at the other end."""

    def __init__(self, pipe: Pipe, services: Sequence[object]) -> None:
        self._pipe = pipe
        self._services = tuple(services)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._wanted: dict[int, asyncio.Event] = {}
        self.ended = asyncio.Event()
        pipe.start(self._receive, self.ended.set)

    async def close(self) -> None:
        """Cancels every call and waits until all have ended."""
        for task in self._tasks.values():
            if not task.cancelling():  # else it may be waiting for the end of what it began
                task.cancel()
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))
            await asyncio.sleep(0)
        self._pipe.close()

    def _receive(self, message: Any) -> None:
        match message:
            case Call(number=number):
                self._wanted[number] = asyncio.Event()
                self._tasks[number] = task = asyncio.ensure_future(self._carry_out(message))
                task.add_done_callback(lambda _task: self._forget(number))
            case Cancel(number=number) if number in self._tasks:
                self._tasks[number].cancel()
            case More(number=number) if number in self._wanted:
                self._wanted[number].set()

    def _forget(self, number: int) -> None:
        self._tasks.pop(number, None)
        self._wanted.pop(number, None)

    async def _carry_out(self, call: Call) -> None:
        try:
            result = self._method(call.method)(*call.arguments, **call.options)
            if isinstance(result, NewestOnlyStream):
                await self._send_newest(call.number, result)
                answer = None
            elif isinstance(result, AsyncIterator):
                await self._send_all(call.number, cast("AsyncGenerator[Any, None]", result))
                answer = None
            else:
                answer = await result
            self._pipe.send(Answer(call.number, answer))
        except Exception as error:  # noqa: BLE001  # it is raised where the call is awaited, in the window
            self._pipe.send(Refusal(call.number, _passable(error)))
            clear_frames(error.__traceback__)  # what they hold may be a password, and some hold the error itself

    def _method(self, name: str) -> Callable[..., Any]:
        for service in self._services:
            method = getattr(service, name, None)
            if method is not None and not name.startswith("_"):
                return cast("Callable[..., Any]", method)
        raise EngineFault(f"The engine has no method {name}")

    async def _send_all(self, number: int, items: AsyncGenerator[Any, None]) -> None:
        async with aclosing(items):
            async for item in items:
                await self._send_item(number, item)

    async def _send_item(self, number: int, value: Any) -> None:
        wanted = self._wanted[number]
        wanted.clear()
        self._pipe.send(Item(number, value))
        await wanted.wait()

    async def _send_newest(self, number: int, stream: NewestOnlyStream) -> None:
        newest: list[Any] = []
        came = asyncio.Event()

        async def keep() -> None:
            async with aclosing(stream.items) as items:
                async for item in items:
                    newest[:] = [item]
                    came.set()

        keeping = asyncio.ensure_future(keep())
        keeping.add_done_callback(lambda _task: came.set())
        try:
            while True:
                await came.wait()
                came.clear()
                if newest:
                    await self._send_item(number, stream.encode(newest.pop()))
                if keeping.done() and not newest:
                    await keeping
                    return
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait({keeping})


def _passable(error: Exception) -> Exception:
    """Returns the error as the window can load it: one of ours or of Python's own, else its text. What our code says
    of a wrong value becomes a plain ValueError: its own class may load what a window does without.
    """
    if isinstance(error, Failure):
        return error
    if type(error) in (ValueError, OSError, FileNotFoundError, PermissionError, IsADirectoryError):
        return error
    if isinstance(error, ValueError) and type(error).__module__.startswith(f"{__package__.partition('.')[0]}."):
        return ValueError(str(error))
    kept = keep_traceback(error)
    hint = f"Nothing else was touched by it. It stands in {kept}." if kept else "Nothing else was touched by it."
    return EngineFault(f"{type(error).__name__}: {error}", hint)
