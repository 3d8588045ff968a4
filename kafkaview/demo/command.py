"""`kafkaview demo`: the demo under the window, as a tour, or by itself until interrupted."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

from kafkaview.demo.jars import CannotRunKafka
from kafkaview.demo.running import running_demo

_FAILED = 1


def run(*, no_window: bool, tour: bool, keep: bool, as_json: bool) -> int:
    """Run the demo in one of its three ways. Returns the exit code."""
    try:
        if no_window:
            return asyncio.run(_by_itself(keep=keep))
        if tour:
            from kafkaview.demo.tour import run as run_tour

            return run_tour(keep=keep, as_json=as_json)
        from kafkaview.app import run_demo

        return run_demo(keep=keep)
    except (CannotRunKafka, TimeoutError) as error:
        print(_in_words(error, as_json=as_json or no_window), file=sys.stdout if as_json or no_window else sys.stderr)
        return _FAILED


async def _by_itself(*, keep: bool) -> int:
    """Print one line of JSON once every group is where it should be, then run until SIGINT or SIGTERM."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with running_demo(keep=keep) as demo:
        settled = asyncio.ensure_future(demo.settled())
        interrupted = asyncio.ensure_future(ended.wait())
        await asyncio.wait((settled, interrupted), return_when=asyncio.FIRST_COMPLETED)
        if settled.done():
            settled.result()
            print(json.dumps(demo.as_json()), flush=True)  # noqa: T201
            await interrupted
    return 0


def _in_words(error: Exception, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"error": {"kind": "failed", "message": str(error), "hint": ""}})
    return str(error)
