"""Calls and streams between a window and its engine: answers, refusals, cancels, and nothing that queues up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

import pytest

from kafkaview.cluster.errors import NotAuthorized
from kafkaview.engine.caller import Caller
from kafkaview.engine.messages import EngineFault, EngineLost
from kafkaview.engine.reports import Reports
from kafkaview.engine.server import NewestOnlyStream, _passable
from kafkaview.records.cel_expression import FilterError
from tests.kit.engine import LocalEngine
from tests.kit.patience import patience

pytestmark = pytest.mark.usefixtures("tmp_home")  # faults are kept in a file there


class Work:
    """What the engine does in these tests."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.asked_for: list[int] = []
        self.may_go_on = asyncio.Event()
        self.may_end = asyncio.Event()
        self.came: asyncio.Queue[int] = asyncio.Queue()

    async def double(self, number: int, *, times: int = 1) -> int:
        return number << times

    async def refuse(self, error: Exception) -> None:
        raise error

    async def wait(self, name: str) -> str:
        self.begun.append(name)
        try:
            await self.may_go_on.wait()
        except asyncio.CancelledError:
            await self.may_end.wait()  # what it began has to be brought to an end
            raise
        finally:
            self.ended.append(name)
        return name

    async def no_value(self) -> object:
        return iter(lambda: 0, 1)

    async def count(self, to: int) -> AsyncGenerator[int, None]:
        try:
            for number in range(to):
                self.asked_for.append(number)
                yield number
        finally:
            self.ended.append("count")

    async def no_values(self) -> AsyncGenerator[object, None]:
        yield 1
        yield iter(lambda: 0, 1)

    async def breaks(self) -> AsyncGenerator[int, None]:
        yield 1
        raise NotAuthorized("no more", "Ask for the right.")

    def newest(self) -> NewestOnlyStream:
        return NewestOnlyStream(self._coming(), lambda number: f"number {number}")

    async def _coming(self) -> AsyncGenerator[int, None]:
        try:
            while (number := await self.came.get()) >= 0:
                yield number
            raise NotAuthorized("no more", "Ask for the right.")
        finally:
            self.ended.append("newest")

    def steps(self) -> AsyncGenerator[int | str, None]:
        async def work(report: Callable[[int], None]) -> str:
            for number in range(3):
                report(number)
            self.begun.append("steps")
            await self.may_go_on.wait()
            return "the result"

        return Reports(work).items()

    async def _private(self) -> None:
        raise AssertionError


@pytest.fixture
async def work() -> Work:
    return Work()


@pytest.fixture
async def engine(work: Work) -> LocalEngine:
    return LocalEngine(work)


@pytest.fixture
async def caller(engine: LocalEngine) -> Caller:
    return Caller(engine.pipe)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(patience(10)):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
async def _no_call_is_left(caller: Caller, engine: LocalEngine) -> AsyncIterator[None]:
    yield
    assert caller._open == {}
    await until(lambda: not engine.server._tasks)


async def test_a_call_has_one_answer_and_many_go_at_once(caller: Caller) -> None:
    assert await caller.call("double", 3) == 6
    answers = await asyncio.gather(*(caller.call("double", number, times=2) for number in range(20)))
    assert answers == [4 * number for number in range(20)]


async def test_an_error_of_the_engine_is_raised_where_it_is_awaited(caller: Caller) -> None:
    with pytest.raises(NotAuthorized, match="may not") as refused:
        await caller.call("refuse", NotAuthorized("you may not", "Ask for the right."))
    assert refused.value.hint == "Ask for the right."
    with pytest.raises(ValueError, match="no position"):
        await caller.call("refuse", ValueError("no position"))
    with pytest.raises(FileNotFoundError):
        await caller.call("refuse", FileNotFoundError(2, "No such file", "ca.pem"))


def test_a_wrong_value_is_no_fault_of_the_engine() -> None:
    passed = _passable(FilterError("this is no CEL expression", 3))
    assert (type(passed), str(passed)) == (ValueError, "this is no CEL expression")


async def test_an_unforeseen_error_keeps_its_own_words(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(EngineFault, match="KeyError: 'orders'"), caplog.at_level(logging.CRITICAL):
        await caller.call("refuse", KeyError("orders"))


@pytest.mark.parametrize("method", ["_private", "nothing_of_this_name"])
async def test_only_public_methods_are_called(caller: Caller, method: str) -> None:
    with pytest.raises(EngineFault, match="no method"):
        await caller.call(method)


async def test_an_answer_that_is_no_value_is_refused(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL):
        with pytest.raises(EngineFault, match="pickle"):
            await caller.call("no_value")
        async with aclosing(caller.stream("no_values")) as items:
            assert await anext(items) == 1
            with pytest.raises(EngineFault, match="pickle"):
                await anext(items)


async def test_an_argument_that_is_no_value_leaves_nothing_behind(caller: Caller) -> None:
    with pytest.raises((TypeError, AttributeError)):
        await caller.call("double", asyncio.get_running_loop())


async def test_a_cancel_reaches_the_coroutine(caller: Caller, work: Work) -> None:
    work.may_end.set()
    call = asyncio.ensure_future(caller.call("wait", "one"))
    await until(lambda: work.begun)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await until(lambda: work.ended == ["one"])


async def test_the_end_of_the_server_waits_for_what_a_cancelled_call_brings_to_an_end(
    caller: Caller, engine: LocalEngine, work: Work
) -> None:
    calls = [asyncio.ensure_future(caller.call("wait", name)) for name in ("one", "other")]
    await until(lambda: len(work.begun) == 2)
    calls[0].cancel()  # it is asked to end twice: here and by the server's end
    with pytest.raises(asyncio.CancelledError):
        await calls[0]
    closing = asyncio.ensure_future(engine.wait())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not closing.done()
    assert work.ended == []
    work.may_end.set()
    await closing
    assert sorted(work.ended) == ["one", "other"]
    with pytest.raises(EngineLost):
        await calls[1]


async def test_the_next_item_is_not_asked_for_before_the_last_was_taken(caller: Caller, work: Work) -> None:
    async with aclosing(caller.stream("count", 5)) as items:
        assert await anext(items) == 0
        for _ in range(20):
            await asyncio.sleep(0)
        assert work.asked_for == [0]
        assert await anext(items) == 1
        for _ in range(20):
            await asyncio.sleep(0)
        assert work.asked_for == [0, 1]
        assert [item async for item in items] == [2, 3, 4]
    assert work.ended == ["count"]


async def test_a_stream_that_is_closed_ends_in_the_engine(caller: Caller, work: Work) -> None:
    async with aclosing(caller.stream("count", 5)) as items:
        await anext(items)
    await until(lambda: work.ended == ["count"])
    assert work.asked_for == [0]


async def test_a_stream_that_breaks_raises_after_what_came(caller: Caller) -> None:
    async with aclosing(caller.stream("breaks")) as items:
        assert await anext(items) == 1
        with pytest.raises(NotAuthorized, match="no more"):
            await anext(items)


async def test_a_slow_window_gets_the_newest_and_misses_those_between(caller: Caller, work: Work) -> None:
    async with aclosing(caller.stream("newest")) as items:
        work.came.put_nowait(1)
        assert await anext(items) == "number 1"
        for number in range(2, 9):
            work.came.put_nowait(number)
        await until(work.came.empty)
        await asyncio.sleep(0)
        assert await anext(items) == "number 8"
        work.came.put_nowait(9)
        assert await anext(items) == "number 9"
    await until(lambda: work.ended == ["newest"])


async def test_what_breaks_the_newest_is_raised_after_the_last_item(caller: Caller, work: Work) -> None:
    async with aclosing(caller.stream("newest")) as items:
        work.came.put_nowait(1)
        work.came.put_nowait(-1)
        assert await anext(items) == "number 1"
        with pytest.raises(NotAuthorized, match="no more"):
            await anext(items)


async def test_steps_come_one_after_the_other_and_the_result_last(caller: Caller, work: Work) -> None:
    async with aclosing(caller.stream("steps")) as steps:
        assert await anext(steps) == 0
        await until(lambda: work.begun == ["steps"])  # a window that takes them slowly holds nothing up
        work.may_go_on.set()
        assert [step async for step in steps] == [1, 2, "the result"]


async def test_the_end_of_the_pipe_fails_every_call_and_every_later_one(
    caller: Caller, engine: LocalEngine, work: Work
) -> None:
    work.may_end.set()
    calls = [asyncio.ensure_future(caller.call("wait", name)) for name in ("one", "other")]
    await until(lambda: len(work.begun) == 2)
    async with aclosing(caller.stream("count", 5)) as items:
        await anext(items)
        engine.kill()
        with pytest.raises(EngineLost):
            await anext(items)
    for call in calls:
        with pytest.raises(EngineLost, match="ended by itself"):
            await call
    with pytest.raises(EngineLost):
        await caller.call("double", 1)
    assert caller.ended.is_set()
    await engine.wait()
    assert sorted(work.ended) == ["count", "one", "other"]
