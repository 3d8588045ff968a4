"""No coroutine of the window is lost, and none outlives it."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from shiboken6 import isValid

from kafkaview.ui.kit.tasks import Tasks
from tests.ui.conftest import Run, until


def test_of_two_with_one_name_the_newest_wins(run: Run) -> None:
    async def scenario() -> None:
        tasks, messages = Tasks(), list[str]()

        async def read(what: str, seconds: float) -> None:
            await asyncio.sleep(seconds)
            messages.append(what)

        tasks.start("read", read("old", 0.0))
        tasks.start("read", read("new", 0.0))
        await until(lambda: not tasks.is_running("read"))
        assert messages == ["new"]
        await tasks.close()

    run(scenario())


def test_who_was_cancelled_before_the_first_step_is_told_unless_it_was_replaced(run: Run) -> None:
    async def scenario() -> None:
        tasks, unstarted, ran = Tasks(), list[str](), list[str]()

        async def work(what: str) -> None:
            ran.append(what)
            await asyncio.sleep(60)

        for what in ("replaced", "cancelled"):
            tasks.start("a", work(what), on_unstarted=partial(unstarted.append, what))
        tasks.cancel("a")
        tasks.start("b", work("started"), on_unstarted=partial(unstarted.append, "started"))
        await until(lambda: ran)
        tasks.cancel("b")
        await tasks.close()
        assert (ran, unstarted) == (["started"], ["cancelled"])

    run(scenario())


def test_an_error_that_nobody_takes_reaches_the_user(run: Run, tmp_home: Path) -> None:
    async def scenario() -> None:
        tasks, messages = Tasks(), list[tuple[str, str]]()
        tasks.failed.connect(lambda what, error: messages.append((what, str(error))))

        async def fail() -> None:
            raise ValueError("no such topic")

        tasks.start("a", fail(), title="Scanning orders")
        await until(lambda: messages)
        assert messages == [("Scanning orders", "no such topic")]
        assert not tasks.works
        await tasks.close()

    run(scenario())
    (crashes,) = tmp_home.rglob("crash.log")
    assert "no such topic" in crashes.read_text()


def test_who_asked_takes_the_error_and_may_pass_it_on(run: Run) -> None:
    async def scenario() -> None:
        tasks, taken, passed = Tasks(), list[Exception](), list[str]()
        tasks.failed.connect(lambda what, _error: passed.append(what))

        async def fail(error: Exception) -> None:
            raise error

        def on_error(error: Exception) -> None:
            if not isinstance(error, LookupError):
                raise error
            taken.append(error)

        tasks.start("known", fail(LookupError("gone")), on_error=on_error)
        tasks.start("unknown", fail(ZeroDivisionError()), on_error=on_error)
        await until(lambda: taken and passed)
        assert passed == ["unknown"]
        await tasks.close()

    run(scenario())


def test_a_replaced_task_fails_in_silence(run: Run) -> None:
    async def scenario() -> None:
        tasks, messages = Tasks(), list[str]()
        tasks.failed.connect(lambda what, _error: messages.append(what))

        async def stubborn() -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                raise RuntimeError("late") from None

        tasks.start("read", stubborn())
        await asyncio.sleep(0)
        tasks.start("read", asyncio.sleep(0))
        await tasks.close()
        assert messages == []

    run(scenario())


def test_work_with_a_title_is_seen_with_its_progress_and_can_be_cancelled(run: Run) -> None:
    async def scenario() -> None:
        tasks = Tasks()
        tasks.start("hidden", asyncio.sleep(60))
        tasks.start("scan", asyncio.sleep(60), title="Scanning orders", cancellable=True)
        tasks.progress("scan", "1.2 M/s, 4 s left", 0.6)
        assert [(work.title, work.text, work.fraction) for work in tasks.works] == [
            ("Scanning orders", "1.2 M/s, 4 s left", 0.6)
        ]
        tasks.cancel_newest()
        assert not tasks.works
        assert tasks.is_running("hidden")
        await tasks.close()

    run(scenario())


def test_what_a_deleted_sheet_has_asked_for_is_cancelled_without_a_word(run: Run) -> None:
    async def scenario() -> None:
        tasks, sheet, answered = Tasks(), QObject(), asyncio.Event()
        failed = list[object]()
        tasks.failed.connect(lambda _name, error: failed.append(error))

        async def read() -> None:
            await answered.wait()
            sheet.setObjectName("it is not there any more")

        tasks.start("read", read(), owner=sheet)
        await asyncio.sleep(0)
        sheet.deleteLater()
        await until(lambda: not isValid(sheet))
        answered.set()
        await until(lambda: not tasks.is_running("read"))
        assert failed == []
        await tasks.close()

    run(scenario())


def test_close_waits_for_what_each_task_still_has_to_put_away(run: Run) -> None:
    async def scenario() -> None:
        tasks, put_away = Tasks(), list[str]()

        async def work() -> None:
            try:
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0.05)
                put_away.append("client")

        tasks.start("a", work())
        tasks.start("b", work())
        await asyncio.sleep(0)
        await tasks.close()
        assert put_away == ["client", "client"]
        assert {task.get_name() for task in asyncio.all_tasks()} & {"a", "b"} == set()
        tasks.start("late", work())
        assert not tasks.is_running("late")

    run(scenario())
