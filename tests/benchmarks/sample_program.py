"""`python -m tests.benchmarks.sample_program BOOTSTRAP COUNT JOURNAL` samples a cluster several times, each asked anew.

Prints JSON: how long each took, of the clock and of the processor, and how many requests it sent.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any, Final

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session, open_session
from kafkaview.triage.watch.watch import Watch

_NEVER: Final = 3_600.0  # only when asked


async def _measure(bootstrap: str, count: int, journal: Path) -> list[dict[str, Any]]:
    async with open_session(ConnectionProfile("bench", bootstrap), journal=journal) as session:
        watch = Watch(session, interval=_NEVER)
        async with aclosing(watch.views()) as views:
            await _next_sample(views, 0)  # opens the connections, and may be late for that
            return [await _forced(session, watch, views, number) for number in range(1, count + 1)]


async def _forced(session: Session, watch: Watch, views: AsyncGenerator[Any, None], samples: int) -> dict[str, Any]:
    requests, began, busy = _requests(session), time.monotonic(), time.process_time()
    watch.refresh_now()
    errors = await _next_sample(views, samples)
    took, used, sent = time.monotonic() - began, time.process_time() - busy, _requests(session)
    return {
        "seconds": round(took, 4),
        "processor_seconds": round(used, 4),
        "errors": errors,
        "requests": None if sent is None else {name: sent[name] - (requests or {}).get(name, 0) for name in sent},
    }


async def _next_sample(views: AsyncGenerator[Any, None], samples: int) -> list[str]:
    """Wait for the next complete one; returns what was not answered in it."""
    async for view in views:
        if view.samples > samples:
            return [str(error) for error in view.errors]
    raise AssertionError("a watch never ends by itself")


def _requests(session: Session) -> dict[str, int] | None:
    """How many requests of each kind were sent; None where the cluster does not count them."""
    counted = getattr(session.cluster, "requests", None)
    return None if counted is None else dict(counted)


if __name__ == "__main__":
    json.dump(asyncio.run(_measure(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))), sys.stdout)
