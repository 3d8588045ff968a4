"""Work that reports its steps to a callback, turned into a stream: every step, and the result at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Generic, TypeVar

S = TypeVar("S")
R = TypeVar("R")


class Reports(Generic[S, R]):
    """The steps of work that runs in a task of its own, so that a slow consumer of the stream does not delay it."""

    def __init__(self, work: Callable[[Callable[[S], None]], Awaitable[R]]) -> None:
        self._work = work

    async def items(self) -> AsyncGenerator[S | R, None]:
        """Yields each step as it is reported, then the result; raises the work's error. Closing it cancels the work and
        waits for its end.
        """
        reported: asyncio.Queue[Any] = asyncio.Queue()
        end = object()
        task = asyncio.ensure_future(self._work(reported.put_nowait))
        task.add_done_callback(lambda _task: reported.put_nowait(end))
        try:
            while (step := await reported.get()) is not end:
                yield step
            yield await task
        finally:
            task.cancel()
            await asyncio.wait({task})
