"""A real engine: a process that answers over its standard input and output, and ends with whoever started it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from kafkaview.engine.client import EngineClient
from kafkaview.engine.messages import EngineLost
from kafkaview.engine.process import EngineProcess, start_ahead
from kafkaview.profiles.environment import LOGIN_VARIABLE
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.store import ProfileStore
from tests.kit.patience import patience
from tests.kit.processes import command, environment, runs

_SECRET = "wonder-8Xland"  # noqa: S105  # of a test
_NOISY = """
import os, subprocess, sys
from kafkaview.engine.connection_service import ConnectionService
shelf = ConnectionService.shelf
async def noisy(self):
    print("a library prints", flush=True)
    os.write(1, b"and another one writes")
    subprocess.run([sys.executable, "-c", "print('a child prints')"], check=True)
    return await shelf(self)
ConnectionService.shelf = noisy
"""
_HANGING = """
import time
from kafkaview.engine.connection_service import ConnectionService
async def hang(self):
    time.sleep(60)
ConnectionService.kerberos_problem = hang
"""
_PARENT = """
import asyncio
from kafkaview.engine.client import EngineClient
from tests.kit.patience import patience
async def main():
    client = EngineClient()
    client.begin()
    await client.engine.shelf()
    print(client._running.id, flush=True)
    await asyncio.get_running_loop().create_future()
asyncio.run(main())
"""

pytestmark = [
    pytest.mark.usefixtures("tmp_home"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc"),
]


@asynccontextmanager
async def running(variables: dict[str, str] | None = None) -> AsyncIterator[EngineClient]:
    client = EngineClient(lambda: EngineProcess(variables))
    client.begin()
    try:
        yield client
    finally:
        await client.close()


def changed(folder: Path, code: str) -> dict[str, str]:
    """The environment of an engine in which some code runs first."""
    (folder / "sitecustomize.py").write_text(code)
    return {"PYTHONPATH": str(folder)}


def id_of(client: EngineClient) -> int:
    assert isinstance(client._running, EngineProcess)
    return client._running.id


async def test_it_answers_and_ends_soon_with_its_threads() -> None:
    saved = ProfileStore().add(ConnectionProfile("orders", "a:9092"))
    async with running() as client:
        assert (await client.engine.shelf()).profiles == (saved,)
        pid = id_of(client)
        assert runs(pid)
        started = time.monotonic()
    assert time.monotonic() - started < patience(2.5)
    assert not runs(pid)
    async with asyncio.timeout(patience(5)):
        while any("pipe" in one.name for one in threading.enumerate()):  # noqa: ASYNC110  # a thread has no event
            await asyncio.sleep(0.01)


async def test_one_that_hangs_is_ended_all_the_same(tmp_path: Path) -> None:
    async with running(changed(tmp_path, _HANGING)) as client:
        await client.engine.shelf()
        hanging = asyncio.ensure_future(client.engine.kerberos_problem())
        await asyncio.sleep(0.1)
        pid, started = id_of(client), time.monotonic()
    assert time.monotonic() - started < patience(3)
    assert not runs(pid)
    with pytest.raises(EngineLost):
        await hanging


async def test_output_printed_in_the_engine_is_in_the_log_and_not_in_the_pipe(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with running(changed(tmp_path, _NOISY)) as client:
        for _ in range(3):
            assert (await client.engine.shelf()).profiles == ()
        await client.engine.find_secrets(ConnectionProfile("orders", "a:9092"))
    assert capfd.readouterr() == ("", "")
    (log,) = tmp_path.rglob("libraries.log")
    for words in ("a library prints", "and another one writes", "a child prints"):
        assert log.read_text().count(words) == 3


async def test_another_one_is_started_where_it_is_killed() -> None:
    async with running() as client:
        await client.engine.shelf()
        first = id_of(client)
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(patience(20)):
            with suppress(EngineLost):  # on a busy machine the call is there before the end of the process is noticed
                await client.engine.shelf()
            await client.engine.shelf()
        assert id_of(client) != first


async def test_a_secret_of_the_environment_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LOGIN_VARIABLE, _SECRET)
    async with running() as client:
        await client.engine.shelf()
        assert _SECRET not in environment(id_of(client)) + command(id_of(client))


async def test_one_that_cannot_be_started_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    async with running() as client:
        with pytest.raises(EngineLost, match="cannot be started: No such file"):
            await client.engine.shelf()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_whoever_started_it(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert runs(pid)
        parent.send_signal(number)
        parent.wait()
        until = time.monotonic() + patience(10)
        while runs(pid) and time.monotonic() < until:
            time.sleep(0.02)
        assert not runs(pid)


async def test_an_engine_that_was_started_ahead_is_the_first_one_that_is_used() -> None:
    start = start_ahead()
    clients = [EngineClient(start), EngineClient(start)]
    try:
        for client in clients:
            client.begin()
            await client.engine.shelf()
        assert len({id_of(client) for client in clients}) == 2
    finally:
        await asyncio.gather(*(client.close() for client in clients))
