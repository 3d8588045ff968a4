"""The demo without a window: prints its address, and runs until it is interrupted."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable

from kafkaview.demo.running import Demo, running_demo


async def run_alone(tell: Callable[[Demo], None], *, keep: bool) -> None:
    """Starts the demo, calls `tell` once every group is where it should be, then runs until SIGINT or SIGTERM.

    Raises CannotRunKafka.
    """
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with running_demo(keep=keep) as demo:
        settled = asyncio.ensure_future(demo.wait_until_settled())
        interrupted = asyncio.ensure_future(ended.wait())
        await asyncio.wait((settled, interrupted), return_when=asyncio.FIRST_COMPLETED)
        if settled.done():
            settled.result()
            tell(demo)
            await interrupted
        settled.cancel()
