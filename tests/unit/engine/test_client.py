"""The engine of a window ends by itself, and another one goes on where it was."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView
from kafkaview.engine import client as client_module
from kafkaview.engine.client import EngineClient, after_coordination
from kafkaview.engine.deltas import ViewEncoder
from kafkaview.engine.messages import EngineLost
from kafkaview.engine.server import NewestOnlyStream
from kafkaview.profiles.errors import KeyringUnavailable
from kafkaview.profiles.last_read import Shelf
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import SecretField, Secrets
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.sample_arrays import TopicColumns
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.view import View
from tests.kit.engine import LocalEngine
from tests.kit.patience import patience
from tests.ui.pages.samples import stuck

PROFILE = ConnectionProfile("orders", "a:9092")
_ARRAYS = [one.name for one in fields(TopicColumns) if one.name != "names"]
TYPED = Secrets({SecretField.SASL_PASSWORD: "wonder-8Xland"})


class Service:
    """What one engine answers."""

    def __init__(self, number: int, refusal: Exception | None = None) -> None:
        self.number = number
        self.refusal = refusal
        self.opened: list[tuple[str, str | None, Path | None]] = []
        self.samples: asyncio.Queue[View] = asyncio.Queue()
        self.pace: list[tuple[str, bool]] = []
        self.committed_by: dict[str, int] = {}

    async def open(self, profile: ConnectionProfile, typed: Secrets, journal: Path | None = None) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.opened.append((profile.name, typed.get(SecretField.SASL_PASSWORD), journal))

    async def hide(self, *, hidden: bool) -> None:
        self.pace.append(("hidden", hidden))

    async def pause(self, *, paused: bool) -> None:
        self.pace.append(("paused", paused))

    async def shelf(self) -> Shelf:
        return Shelf(last_used=str(self.number))

    async def kerberos_problem(self) -> str:
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    async def committed(self, places: Sequence[tuple[str, TopicPartition]]) -> tuple[int | None, ...]:
        return tuple(self.committed_by.get(group) for group, _partition in places)

    def views(self) -> NewestOnlyStream:
        return NewestOnlyStream(self._sampled(), ViewEncoder().encode)

    async def _sampled(self) -> AsyncGenerator[View, None]:
        while True:
            yield await self.samples.get()

    async def coordination_views(self) -> AsyncGenerator[CoordinationView, None]:
        yield CoordinationView(self.number, CoordinationAnswer.YES, None, None)
        await asyncio.get_running_loop().create_future()


class Engines:
    """Those that a client has started, one after the other."""

    def __init__(self) -> None:
        self.started: list[LocalEngine] = []
        self.services: list[Service] = []
        self.failures = 0  # of the starts to come
        self.refusals: list[Exception] = []  # of the opens to come

    def start(self) -> LocalEngine:
        if self.failures:
            self.failures -= 1
            raise EngineLost("The part of kafkaview that speaks to the cluster cannot be started: no memory")
        refusal = self.refusals.pop(0) if self.refusals and self.services else None
        self.services.append(Service(len(self.services), refusal))
        self.started.append(LocalEngine(self.services[-1]))
        return self.started[-1]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_PAUSES_S", (0.001, 0.002, 0.003))


@pytest.fixture
async def engines() -> Engines:
    return Engines()


@pytest.fixture
async def client(engines: Engines) -> AsyncIterator[EngineClient]:
    client = EngineClient(engines.start)
    client.begin()
    yield client
    async with asyncio.timeout(patience(10)):
        await client.close()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(patience(10)):
        while not condition():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.001)


def sample(at_ms: int, *topics: str, judged: bool = True) -> View:
    zeros: dict[str, Any] = {name: np.zeros(len(topics), np.int64) for name in _ARRAYS}
    columns = TopicColumns(topics, **zeros)
    return replace(View.empty(at_ms, 0.0), topics=columns if topics else None, judged=judged, samples=at_ms)


async def test_a_call_waits_for_the_engine_and_asks_the_one_that_runs(engines: Engines, client: EngineClient) -> None:
    assert (await client.engine.shelf()).last_used == "0"
    engines.started[0].kill()
    assert (await client.engine.shelf()).last_used == "1"


async def test_a_call_that_is_cut_off_says_so(engines: Engines, client: EngineClient) -> None:
    call = asyncio.ensure_future(client.engine.kerberos_problem())
    await until(lambda: engines.started and engines.started[0].server._tasks)
    engines.started[0].kill()
    with pytest.raises(EngineLost, match="ended by itself"):
        await call


async def test_what_was_open_is_opened_in_the_next_engine_before_anything_is_asked(
    engines: Engines, client: EngineClient, tmp_path: Path
) -> None:
    await client.open(PROFILE, TYPED, tmp_path / "journal.sqlite3")
    for number in range(3):
        engines.started[number].kill()
        await client.engine.shelf()
    expected = [("orders", "wonder-8Xland", tmp_path / "journal.sqlite3")]
    assert [service.opened for service in engines.services] == [expected] * 4


async def test_a_pause_holds_in_the_next_engine_too(engines: Engines, client: EngineClient) -> None:
    await client.open(PROFILE, TYPED)
    await client.engine.pause(paused=True)
    await client.engine.hide(hidden=False)
    await client.engine.hide(hidden=True)
    engines.started[0].kill()
    await client.engine.shelf()
    assert engines.services[1].pace == [("paused", True), ("hidden", True)]


async def test_views_go_on_dated_and_then_fresh_with_what_was_known(engines: Engines, client: EngineClient) -> None:
    async with aclosing(client.views()) as views:
        await until(lambda: engines.services)
        engines.services[0].samples.put_nowait(replace(sample(1, "orders"), stuck=(stuck("billing"),)))
        first = await anext(views)
        assert first.topics is not None
        waiting = asyncio.ensure_future(anext(views))
        engines.started[0].kill()
        stale = await waiting
        assert (stale.stale, stale.at_ms, stale.topics) == (True, 1, first.topics)
        assert [type(error) for error in stale.errors] == [EngineLost]
        waiting = asyncio.ensure_future(anext(views))
        await until(lambda: len(engines.services) == 2)
        engines.services[1].samples.put_nowait(replace(sample(2, "refunds", judged=False), samples=0))
        early = await waiting  # the new engine has taken no whole sample yet
        assert (early.stale, early.at_ms, early.topics) == (True, 1, first.topics)
        waiting = asyncio.ensure_future(anext(views))
        engines.services[1].samples.put_nowait(sample(2, "orders", judged=False))
        fresh = await waiting
        assert (fresh.stale, fresh.at_ms, fresh.errors) == (False, 2, ())
        unseen = (UnseenGroups("billing", 1, "its only partition has no leader that answers"),)
        engines.services[1].samples.put_nowait(replace(sample(3, "orders", "payments"), unseen=unseen))
        full = await anext(views)
        assert [(one.group, one.last_seen_ms) for one in full.stuck] == [("billing", 1)]
        assert full.topics is not None
        assert full.topics.names == ("orders", "payments")


async def test_what_a_silent_cluster_left_standing_outlives_its_engine(engines: Engines, client: EngineClient) -> None:
    async with aclosing(client.views()) as views:
        await until(lambda: engines.services)
        silent = Unreachable("nobody answers")
        left = replace(sample(1, "orders"), stuck=(stuck("billing"),), errors=(silent,), stale=True)
        engines.services[0].samples.put_nowait(left)
        assert (await anext(views)).stale
        waiting = asyncio.ensure_future(anext(views))
        engines.started[0].kill()
        await waiting
        waiting = asyncio.ensure_future(anext(views))
        await until(lambda: len(engines.services) == 2)
        unseen = (UnseenGroups("billing", 1, "broker 1 does not answer"),)
        engines.services[1].samples.put_nowait(replace(sample(2, "orders"), unseen=unseen))
        assert [(one.group, one.last_seen_ms) for one in (await waiting).stuck] == [("billing", 1)]


async def test_a_group_that_the_next_engine_sees_elsewhere_is_not_shown_where_it_stood(
    engines: Engines, client: EngineClient
) -> None:
    async with aclosing(client.views()) as views:
        await until(lambda: engines.services)
        both = (stuck("billing"), stuck("shipping"))
        engines.services[0].samples.put_nowait(replace(sample(1, "orders"), stuck=both))
        await anext(views)
        waiting = asyncio.ensure_future(anext(views))
        engines.started[0].kill()
        assert len((await waiting).stuck) == 2
        waiting = asyncio.ensure_future(anext(views))
        await until(lambda: len(engines.services) == 2)
        assert both[0].committed_offset is not None
        engines.services[1].committed_by = {"billing": both[0].committed_offset + 1}
        engines.services[1].samples.put_nowait(sample(2, "orders", judged=False))
        assert [one.group for one in (await waiting).stuck] == ["shipping"]


async def test_who_coordinates_is_said_to_be_unknown_while_there_is_no_engine(
    engines: Engines, client: EngineClient
) -> None:
    async with aclosing(client.coordination_views()) as views:
        assert (await anext(views)).answer is CoordinationAnswer.YES
        waiting = asyncio.ensure_future(anext(views))
        engines.started[0].kill()
        silent = await waiting
        assert silent.answer is CoordinationAnswer.SILENT
        assert isinstance(silent.error, EngineLost)
        assert (await anext(view async for view in views if view.error is None)).at_ms == 1


def test_what_was_known_of_who_coordinates_stays_where_nobody_answers_the_new_engine() -> None:
    known = CoordinationView(1, CoordinationAnswer.YES, Coordination(CoordinationMode.KRAFT, (), 1, 1, None), None)
    error = Unreachable("No broker answers")
    silent = CoordinationView(5, CoordinationAnswer.SILENT, None, None, error=error, next_try_at_ms=9)
    shown = after_coordination(known, silent)
    assert (shown.mode, shown.at_ms, shown.error, shown.next_try_at_ms) == (CoordinationMode.KRAFT, 5, error, 9)
    assert shown.answer is CoordinationAnswer.SILENT
    asking = replace(silent, error=None)
    assert after_coordination(known, asking) is asking
    assert after_coordination(None, silent) is silent


async def test_an_engine_that_cannot_be_started_is_said_once_and_tried_again(engines: Engines) -> None:
    engines.failures = 3
    client = EngineClient(engines.start)
    client.begin()
    try:
        with pytest.raises(EngineLost, match="no memory"):
            await client.engine.shelf()
        await until(lambda: engines.services)
        assert (await client.engine.shelf()).last_used == "0"
    finally:
        await client.close()


async def test_a_trouble_that_lasts_is_one_view(
    engines: Engines, client: EngineClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.engine.shelf()
    monkeypatch.setattr(client_module, "_PAUSES_S", (0.001, 60.0))
    engines.failures = 1
    engines.started[0].kill()
    await until(lambda: client._trouble is not None)
    seen: list[View] = []

    async def watch() -> None:
        async with aclosing(client.views()) as views:
            async for view in views:
                seen.append(view)  # noqa: PERF401  # each is looked at while the next may come

    watching = asyncio.ensure_future(watch())
    await until(lambda: seen)
    await asyncio.sleep(0.05)
    watching.cancel()
    await asyncio.wait({watching})
    assert [[str(error) for error in view.errors] for view in seen] == [
        ["The part of kafkaview that speaks to the cluster cannot be started: no memory"]
    ]


@pytest.mark.parametrize("refusal", [KeyringUnavailable("it is locked", "Unlock it."), Unreachable("no way there")])
async def test_a_connection_that_cannot_be_opened_again_is_said_and_tried_again(
    engines: Engines, client: EngineClient, refusal: Exception
) -> None:
    await client.open(PROFILE, TYPED)
    engines.refusals = [refusal, refusal]
    engines.started[0].kill()
    await until(lambda: client._trouble is not None)
    with pytest.raises(EngineLost, match=f"could not open the connection again: {refusal}"):
        await client.engine.shelf()
    await until(lambda: client._trouble is None)
    assert (await client.engine.shelf()).last_used == "3"


async def test_closing_it_ends_what_waits_and_starts_no_other_engine(engines: Engines, client: EngineClient) -> None:
    call = asyncio.ensure_future(client.engine.kerberos_problem())
    await until(lambda: engines.started and engines.started[0].server._tasks)
    await client.close()
    with pytest.raises(EngineLost):
        await call
    with pytest.raises(EngineLost):
        await client.engine.shelf()
    await asyncio.sleep(0.02)
    assert len(engines.started) == 1


async def test_a_client_that_was_closed_before_it_began_ends_too(engines: Engines) -> None:
    client = EngineClient(engines.start)
    call = asyncio.ensure_future(client.engine.shelf())
    await asyncio.sleep(0)
    await client.close()
    with pytest.raises(EngineLost):
        await call


def test_a_client_that_was_never_closed_dies_quietly_with_its_loop(caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        engines = Engines()
        client = EngineClient(engines.start)
        client.begin()
        await client.open(PROFILE, TYPED)
        left.append(asyncio.ensure_future(anext(client.views())))
        left.append(asyncio.ensure_future(client.engine.kerberos_problem()))
        await until(lambda: len(engines.started[0].server._tasks) == 2)

    left: list[asyncio.Task[object]] = []
    asyncio.run(work())
    assert [task.cancelled() for task in left] == [True, True]
    left.clear()
    gc.collect()  # a task or a generator that was left half-way would complain now
    assert caplog.records == []
