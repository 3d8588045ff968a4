"""One thread for each blocking client. asyncio's default executor is avoided, because qasync joins it on the window's
thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class ClientThread:
    """The thread on which a blocking client is made, used and closed. Its calls run in order."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._abandoned = False

    async def run(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a call on the thread. A cancelled caller returns at once; the call itself runs to its own time limit."""
        return await asyncio.wrap_future(self._executor.submit(call, *args, **kwargs))

    async def close(self, last: Callable[[], None]) -> None:
        """Runs `last` after all earlier calls, then ends the thread. Happens even if the caller is cancelled. A thread
        that was abandoned is left as it is.
        """
        if self._abandoned:
            return
        done = self._executor.submit(last)
        self._executor.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(done))
        self._executor.shutdown()  # nothing is left to run: joins within microseconds

    def abandon(self) -> None:
        """Gives the thread up: it hangs in a call of the client library. It would keep this process from its end."""
        self._abandoned = True
        self._executor.shutdown(wait=False, cancel_futures=True)


async def to_its_end(work: Awaitable[T]) -> T:
    """Awaits what is not left in the middle. A cancellation meanwhile is raised at the caller's next await, so that
    the result or the error from here says what became of it.
    """
    begun = asyncio.ensure_future(work)
    task, cancelled = asyncio.current_task(), False
    while not begun.done():
        try:
            await asyncio.wait({begun})
        except asyncio.CancelledError:
            cancelled = True
    if cancelled and task is not None:
        task.uncancel()
        task.cancel()
    return begun.result()


def call_within(seconds: float, name: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Makes a call on a daemon thread and waits so long for it; then it is left to itself. Raises TimeoutError. For
    calls of a client that may not come back though they were given a time limit.
    """
    return _begin_aside(name, call, *args, **kwargs).result(seconds)


async def run_aside(name: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Runs a call on a daemon thread; neither cancelling nor the end of the program waits for it. For calls without a
    time limit, such as looking up a name.
    """
    return await asyncio.wrap_future(_begin_aside(name, call, *args, **kwargs))


def _begin_aside(name: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    result: Future[T] = Future()
    result.set_running_or_notify_cancel()

    def work() -> None:
        try:
            result.set_result(call(*args, **kwargs))
        except BaseException as failure:  # noqa: BLE001 - it is raised where the call is awaited
            result.set_exception(failure)

    Thread(target=work, name=name, daemon=True).start()
    return result
