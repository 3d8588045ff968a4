"""Work that reports its steps by a callback, as a stream."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import pytest

from kafkaview.cluster.errors import Unreachable
from kafkaview.engine.reports import Reports

Report = Callable[[int], None]


async def test_every_step_comes_and_the_result_last() -> None:
    async def work(report: Report) -> str:
        for number in range(3):
            report(number)
            await asyncio.sleep(0)
        return "done"

    assert [step async for step in Reports[int, str](work).items()] == [0, 1, 2, "done"]


async def test_whoever_takes_the_steps_slowly_does_not_hold_up_the_work() -> None:
    done = asyncio.Event()

    async def work(report: Report) -> str:
        for number in range(3):
            report(number)
        done.set()
        return "done"

    async with aclosing(Reports[int, str](work).items()) as steps:
        assert await anext(steps) == 0
        await asyncio.wait_for(done.wait(), 10)
        assert [step async for step in steps] == [1, 2, "done"]


async def test_what_the_work_raises_comes_after_its_steps() -> None:
    async def work(report: Report) -> str:
        report(1)
        raise Unreachable("no broker answers")

    async with aclosing(Reports[int, str](work).items()) as steps:
        assert await anext(steps) == 1
        with pytest.raises(Unreachable, match="no broker answers"):
            await anext(steps)


async def test_closing_it_cancels_the_work_and_waits_for_its_end() -> None:
    ended: list[str] = []

    async def work(report: Report) -> str:
        report(1)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0.01)
            ended.append("the work")
        return ""

    async with aclosing(Reports[int, str](work).items()) as steps:
        await anext(steps)
    assert ended == ["the work"]
