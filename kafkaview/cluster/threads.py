"""A thread of our own for each client that blocks: never asyncio's default executor, which qasync joins on the
window's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ClientThread:
    """The one thread on which a blocking client is made, asked and ended. Calls wait for each other in order."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a call there. A cancelled caller leaves at once; a call that has begun runs to its own time limit."""
        return await asyncio.wrap_future(self._executor.submit(call, *args, **kwargs))

    async def close(self, last: Callable[[], None]) -> None:
        """Run `last` after all that was begun, then end the thread. Happens even if the caller is cancelled."""
        done = self._executor.submit(last)
        self._executor.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(done))
        self._executor.shutdown()  # nothing is left to run: joins within microseconds
