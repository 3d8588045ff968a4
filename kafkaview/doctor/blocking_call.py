"""A blocking call that cannot be cancelled, on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


async def run_blocking(work: Callable[[], T], seconds: float) -> T:
    """Returns the result of `work`. Its thread is a daemon, so that a silent name server does not delay the exit.
    Raises TimeoutError.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[T] = loop.create_future()

    def tell(settle: Callable[[], None]) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(lambda: None if outcome.done() else settle())

    def run() -> None:
        try:
            result = work()
        except Exception as failure:  # noqa: BLE001 - handed over whole
            raised = failure
            tell(lambda: outcome.set_exception(raised))
        else:
            tell(lambda: outcome.set_result(result))

    threading.Thread(target=run, name="kafkaview-doctor", daemon=True).start()
    async with asyncio.timeout(seconds):
        return await outcome
