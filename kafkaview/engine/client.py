"""The engine of one window: started, called, and restarted where it ends by itself."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from kafkaview.cluster.errors import OutcomeUnknown
from kafkaview.engine.caller import Caller, engine_lost
from kafkaview.engine.messages import EngineLost
from kafkaview.engine.pipe import Pipe
from kafkaview.engine.port import Engine
from kafkaview.engine.process import EngineProcess
from kafkaview.failure import Failure
from kafkaview.writes.steps import LOOKING_UP, StepState, WriteStep, WriteStepName

if TYPE_CHECKING:
    from kafkaview.coordination.view import CoordinationView
    from kafkaview.profiles.profile import ConnectionProfile
    from kafkaview.profiles.security import Secrets
    from kafkaview.triage.watch.view import View
    from kafkaview.writes.outcome import ChangeEnd, ChangeOutcome
    from kafkaview.writes.plan import Plan

_PAUSES_S: Final = (0.1, 0.5, 1.0, 2.0, 5.0)  # before an engine is started again, longer each time it fails
_SOUND_S: Final = 30.0  # an engine that has lived so long may be started again at once
_LOOKS: Final = 10  # for what became of a write, each by another engine
_LOOK_YOURSELF: Final = "The journal has the plan: look at what it was to change before you plan it again."


class Running(Protocol):
    """An engine that was started."""

    @property
    def pipe(self) -> Pipe:
        """Returns the pipe to it."""
        ...

    async def wait(self) -> None:
        """Waits until it has ended."""
        ...


class EngineClient:
    """Sends the calls of `engine.port.Engine` to the engine that runs now. `views` and `coordination_views` continue
    with the next engine when one ends; every other call that is cut off raises EngineLost.
    """

    def __init__(self, start: Callable[[], Running] = EngineProcess) -> None:
        self._start = start
        self._running: Running | None = None
        self._caller: Caller | None = None
        self._open_arguments: tuple[Any, ...] | None = None
        self._pace: dict[str, dict[str, bool]] = {}  # the last calls of `hide` and `pause`
        self._trouble: EngineLost | None = None  # why the last engine could not be started, or not opened again
        self._settled = asyncio.Event()  # an engine runs, or could not be started
        self._keeping: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def engine(self) -> Engine:
        """Returns the engine with its calls as methods."""
        return cast("Engine", self)

    def __getattr__(self, name: str) -> Any:
        method = getattr(Engine, name, None)
        if method is None or name.startswith("_"):
            raise AttributeError(name)
        if inspect.iscoroutinefunction(method):
            return lambda *arguments, **options: self._call(name, *arguments, **options)
        return lambda *arguments, **options: self._stream(name, *arguments, **options)

    def begin(self) -> None:
        """Starts the engine and keeps one running until `close`."""
        self._keeping = asyncio.ensure_future(self._keep())

    async def open(self, profile: ConnectionProfile, typed: Secrets, journal: Path | None = None) -> None:
        """Opens a profile, in this engine and in every later one. Raises EngineLost where none starts."""
        await self._call("open", profile, typed, journal)
        self._open_arguments = (profile, typed, journal)

    async def hide(self, *, hidden: bool) -> None:
        """Records whether the window is visible, for later engines too."""
        self._pace["hide"] = {"hidden": hidden}
        await self._call("hide", hidden=hidden)

    async def pause(self, *, paused: bool) -> None:
        """Stops taking samples, or goes on; later engines do the same."""
        self._pace["pause"] = {"paused": paused}
        await self._call("pause", paused=paused)

    async def views(self) -> AsyncGenerator[View, None]:
        """Yields every view. While there is no engine the last one stays, marked as stale."""
        from kafkaview.engine.continuity import Continuity
        from kafkaview.engine.deltas import ViewDecoder  # heavy: arrays
        from kafkaview.triage.watch.view import View

        last: View | None = None
        known = Continuity()
        while not self._closed:
            decoder = ViewDecoder()
            try:
                async with aclosing(self._stream("views")) as deltas:
                    async for delta in deltas:
                        view = known.date_silence(decoder.decode(delta))
                        last = known.complete(view) if view.judged and view.samples else _after(last, view)
                        if places := known.places_waiting:
                            last = known.drop_moved(last, await self.engine.committed(places))
                        yield last
            except EngineLost as error:
                if last is not None and not any(isinstance(one, EngineLost) for one in last.errors):
                    last = known.lose(last)
                if last is None or last.errors != (error,):
                    now = time.time_ns() // 1_000_000
                    last = replace(last, errors=(error,), stale=True) if last else View.empty(now, 0.0, (error,))
                    yield last
                await asyncio.sleep(_PAUSES_S[0])

    async def coordination_views(self) -> AsyncGenerator[CoordinationView, None]:
        """Yields every coordination view, from one engine after the other. While there is no engine the last one stays,
        marked as stale.
        """
        last: CoordinationView | None = None
        while not self._closed:
            try:
                async with aclosing(self._stream("coordination_views")) as views:
                    async for view in views:
                        last = after_coordination(last, view)
                        yield last
            except EngineLost as error:
                if last is not None and last.error != error:
                    last = last.cut_off(time.time_ns() // 1_000_000, error)
                    yield last
            await asyncio.sleep(_PAUSES_S[0])

    async def carry_out(self, plan: Plan[ChangeOutcome]) -> AsyncGenerator[WriteStep | ChangeEnd, None]:
        """Executes a plan. Where the engine ends meanwhile, the next one finds out what was done, and completes it if
        its kind can be completed. Raises OutcomeUnknown where engine after engine ends over that.
        """
        since_ms = time.time_ns() // 1_000_000
        await self._wait_for_engine()  # where there is none, nothing is written
        try:
            async with aclosing(self._stream("carry_out", plan)) as steps:
                async for step in steps:
                    yield step
        except EngineLost:
            yield WriteStep(WriteStepName.LOOK_UP, StepState.RUNNING, LOOKING_UP)
            async with aclosing(self._find_outcome(plan, since_ms)) as steps:
                async for step in steps:
                    yield step

    async def _find_outcome(
        self, plan: Plan[ChangeOutcome], since_ms: int
    ) -> AsyncGenerator[WriteStep | ChangeEnd, None]:
        for look in range(_LOOKS):
            try:
                async with aclosing(self._stream("find_outcome", plan, since_ms)) as steps:
                    async for step in steps:
                        yield step
            except EngineLost as error:
                if look == _LOOKS - 1 or self._closed:
                    raise OutcomeUnknown(f"{error.message}, again and again", _LOOK_YOURSELF) from error
                await asyncio.sleep(_PAUSES_S[min(look, len(_PAUSES_S) - 1)])
            else:
                return

    async def close(self) -> None:
        """Ends the engine, within two seconds."""
        self._closed = True
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
        self._trouble = engine_lost()
        self._settled.set()  # nobody waits for another engine
        if self._caller is not None:
            self._caller.close()
        if self._running is not None:
            await self._running.wait()

    async def _call(self, method: str, *arguments: Any, **options: Any) -> Any:
        return await (await self._wait_for_engine()).call(method, *arguments, **options)

    async def _stream(self, method: str, *arguments: Any, **options: Any) -> AsyncGenerator[Any, None]:
        caller = await self._wait_for_engine()
        async with aclosing(caller.stream(method, *arguments, **options)) as items:
            async for item in items:
                yield item

    async def _wait_for_engine(self) -> Caller:
        """Waits until an engine runs; raises why none does."""
        if self._trouble is None and self._caller is not None and self._caller.ended.is_set():
            self._settled.clear()  # it has just ended: there will be another
        await self._settled.wait()
        if self._trouble is not None or self._caller is None:
            raise self._trouble or engine_lost()
        return self._caller

    async def _keep(self) -> None:
        """Starts one engine after the other, until it is cancelled."""
        failures = 0
        while True:
            started = time.monotonic()
            try:
                await self._live()
            except Failure as error:
                self._trouble = error if isinstance(error, EngineLost) else _not_opened(error)
                self._settled.set()
            failures = 0 if time.monotonic() - started > _SOUND_S else failures + 1
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S)) - 1] if failures else 0)

    async def _live(self) -> None:
        """Starts an engine, opens the profile that was open before, and waits for its end."""
        self._running = running = self._start()
        self._caller = caller = Caller(running.pipe)
        try:
            if self._open_arguments is not None:
                await caller.call("open", *self._open_arguments)
                for method, options in self._pace.items():
                    await caller.call(method, **options)
            self._trouble = None
            self._settled.set()
            await caller.ended.wait()
        finally:
            self._settled.clear()
            if not self._closed:
                caller.close()
                await running.wait()


def _not_opened(error: Failure) -> EngineLost:
    return EngineLost(f"Another engine could not open the connection again: {error.message}", error.hint)


def _after(last: View | None, view: View) -> View:
    """Returns a new engine's view. Until its first sample is whole, what was last known stays, marked as stale; the
    last verdicts stay until it judges.
    """
    if last is None or not last.samples:
        return view
    if not view.samples:
        errors, next_try = view.errors or last.errors, view.next_try_at_ms
        return replace(last, stale=True, errors=errors, next_try_at_ms=next_try, late_since_ms=None)
    return view if view.judged or view.stuck else replace(view, stuck=last.stuck)


def after_coordination(last: CoordinationView | None, view: CoordinationView) -> CoordinationView:
    """Returns a new engine's view of the coordination. Where nobody has answered it, what was last known stays."""
    if last is None or last.coordination is None or view.coordination is not None or view.error is None:
        return view
    return replace(last.cut_off(view.at_ms, view.error), next_try_at_ms=view.next_try_at_ms)
