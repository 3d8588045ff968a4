"""A thread of our own for each client that blocks: never asyncio's default executor, which qasync joins on the
window's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
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


async def run_aside(name: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a call on a thread of its own that nobody waits for, neither a cancelled caller nor the end of the program:
    for what has no time limit at all, such as looking up a name.
    """
    result: Future[T] = Future()
    result.set_running_or_notify_cancel()

    def work() -> None:
        try:
            result.set_result(call(*args, **kwargs))
        except BaseException as failure:  # noqa: BLE001 - it is raised where the call is awaited
            result.set_exception(failure)

    Thread(target=work, name=name, daemon=True).start()
    return await asyncio.wrap_future(result)
