"""The first answer of several brokers: the next broker is asked as soon as one fails or is late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


async def first_answer(
    requests: Iterable[Callable[[], Awaitable[T]]], late_seconds: float, passing: tuple[type[Exception], ...]
) -> T:
    """Returns the first answer. An error that is not in `passing` is raised at once; if all fail, the last error is."""
    remaining = iter(requests)
    asked: set[asyncio.Future[T]] = set()
    failure: BaseException = LookupError("there is nobody to ask")
    try:
        while True:
            has_more = _ask_next(remaining, asked)
            if not asked:
                raise failure
            late = late_seconds if has_more else None
            done, asked = await asyncio.wait(asked, timeout=late, return_when=asyncio.FIRST_COMPLETED)
            failures = [one.exception() for one in done]
            for one, failed in zip(done, failures, strict=True):
                if failed is None:
                    return one.result()
                failure = failed
                if not isinstance(failed, passing):
                    raise failed
    finally:
        for one in asked:
            one.cancel()


def _ask_next(remaining: Iterator[Callable[[], Awaitable[T]]], asked: set[asyncio.Future[T]]) -> bool:
    """Starts the next request; returns whether there was one."""
    request = next(remaining, None)
    if request is None:
        return False
    asked.add(asyncio.ensure_future(request()))
    return True
