"""Who is killed with SIGKILL while records are sent: the program of the command line, a window, the broker that leads a
partition; engine_victim.py has the engine of a window. Each begins a write again and again, is killed at a moment, and
in the end goes on until all is sent.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import ClassVar, Final

from confluent_kafka import KafkaException

from tests.broker.killed_works import Work
from tests.broker.material import Broker, wait_until
from tests.broker.quorum_kafka import QuorumKafka
from tests.broker.small_transactions import homes
from tests.kit.patience import patience
from tests.kit.processes import below, runs

LOOK_S: Final = 0.01
_MOST_RUNS: Final = 5  # until all is sent, where nobody is killed any more
LONGEST_S: Final = 180.0
_WATCHES: Final = "Watching as a member of"


class Hit(StrEnum):
    """What a kill has met."""

    EARLY = "before its first transaction"
    WRITING = "while a write was under way"
    LATE = "too late"


@dataclass(frozen=True, slots=True)
class Moment:
    """So many seconds after a run began, or after the first record that it wrote."""

    seconds: float
    in_write: bool = True

    @classmethod
    def draw(cls, chance: Random, most_s: float) -> Moment:
        """Nine of ten lie in the write."""
        if chance.random() < 0.9:
            return cls(chance.uniform(0, most_s))
        return cls(chance.uniform(0, most_s + 3), in_write=False)

    async def come(self, writes: Callable[[], bool], is_running: Callable[[], bool]) -> None:
        """Waits for it, or for the end of the run."""
        deadline = time.monotonic() + patience(LONGEST_S)
        while self.in_write and is_running() and not await asyncio.to_thread(writes):
            assert time.monotonic() < deadline, "nothing is written"
            await asyncio.sleep(LOOK_S)
        until = time.monotonic() + self.seconds
        while is_running() and time.monotonic() < until:  # noqa: ASYNC110 - the end of a program is no event
            await asyncio.sleep(LOOK_S)


class Victim(ABC):
    """One of those. `most_s` is within how many seconds of writing it is killed, `each` how often during one work.
    Where it `goes_on`, what is killed is another process than the one that writes.
    """

    title: ClassVar[str]
    most_s: ClassVar[float] = 0.6
    each: ClassVar[int] = 8
    goes_on: ClassVar[bool] = False

    @abstractmethod
    async def begin(self, work: Work) -> None:
        """Begins or goes on."""

    @abstractmethod
    def is_running(self) -> bool:
        """Whether the write goes on."""

    @abstractmethod
    async def kill(self, work: Work) -> None:
        """Kills it."""

    @abstractmethod
    async def recover(self, work: Work) -> None:
        """Waits for what goes on, or comes back, by itself after the kill."""

    @abstractmethod
    async def end(self, work: Work) -> None:
        """Waits until the write has ended by itself; one that goes on for ever is ended once all is sent."""

    @abstractmethod
    async def close(self) -> None:
        """Leaves nothing running."""

    async def killed(self, work: Work, moment: Moment) -> Hit:
        """Goes on with the write, kills at the moment, and looks at what stands before anybody goes on."""
        sent = work.sent
        if work.more is not None:
            await asyncio.to_thread(work.more)
        before = await asyncio.to_thread(sent.log_end)

        def writes() -> bool:  # what was left open is ended by a marker in each partition
            return sent.log_end() - before > sent.partitions

        await self.begin(work)
        await moment.come(writes, self.is_running)
        if not self.is_running():
            await self.end(work)
            assert await asyncio.to_thread(sent.check) == len(sent.wanted), "it has ended before all were sent"
            return Hit.LATE
        wrote = await asyncio.to_thread(writes)
        if self.goes_on:
            await asyncio.to_thread(sent.check)
        late = sent.is_whole and self.goes_on
        await self.kill(work)
        await asyncio.to_thread(sent.check)
        late = late or (sent.is_whole and not self.goes_on)
        await self.recover(work)
        return Hit.LATE if late else Hit.WRITING if wrote else Hit.EARLY

    async def finish(self, work: Work) -> None:
        """Goes on until all is sent, and then once more: nothing may be sent again."""
        for _ in range(_MOST_RUNS):
            if await asyncio.to_thread(work.sent.check) == len(work.sent.wanted):
                break
            await self.begin(work)
            await self.end(work)
        await self.begin(work)
        await self.end(work)
        await asyncio.to_thread(work.sent.check_end)


class ProgramVictim(Victim):
    """Programs of the command line: one, or several copies of a watch, of which one is killed."""

    title = "command line"

    def __init__(self, variables: dict[str, str], chance: Random, copies: int = 1) -> None:
        self._variables = variables
        self._chance = chance
        self._copies = copies
        self._running: list[subprocess.Popen[bytes]] = []
        self._logs: dict[int, Path] = {}  # by process id: what each says

    async def begin(self, work: Work) -> None:
        """Starts what does not run."""
        while len(self._running) < self._copies:
            self._running.append(self._start(work))

    def is_running(self) -> bool:
        return all(one.poll() is None for one in self._running)

    async def kill(self, work: Work) -> None:  # noqa: ARG002 - any
        victim = self._running.pop(self._chance.randrange(len(self._running)))
        victim.kill()
        await asyncio.to_thread(victim.wait)

    async def recover(self, work: Work) -> None:
        """Nothing does: it is begun again."""

    async def end(self, work: Work) -> None:
        if work.more is not None:
            assert self.is_running(), f"a watch has ended by itself:\n{self._all_said()}"
            await self._arrive(work)
            await asyncio.to_thread(wait_until, lambda: all(_WATCHES in self._said(one) for one in self._running))
            for one in self._running:
                one.send_signal(signal.SIGTERM)
        for one in self._running:
            code = await asyncio.to_thread(one.wait, patience(LONGEST_S))
            assert code == 0 or work.more is None, self._said(one)[-3_000:]
        self._running = []

    async def _arrive(self, work: Work) -> None:
        """Waits until all has arrived, as long as more arrives."""
        stood, since = -1, time.monotonic()
        while (stands := await asyncio.to_thread(work.sent.check)) < len(work.sent.wanted):
            if stands != stood:
                stood, since = stands, time.monotonic()
            assert time.monotonic() < since + patience(60), f"{stands} have arrived, and no more\n{self._all_said()}"
            await asyncio.sleep(0.5)

    async def close(self) -> None:
        for one in self._running:
            one.kill()
            one.wait()

    def _line(self, work: Work) -> list[str]:
        return [sys.executable, "-m", "kafkaview", "--bootstrap", work.sent.broker.bootstrap, *work.words]

    def _start(self, work: Work) -> subprocess.Popen[bytes]:
        number = len(self._logs)
        home = work.home if self._chance.random() < 0.5 else work.home / str(number)  # as on another machine
        variables, path = {**os.environ, **homes(home), **self._variables}, work.home / f"{number}.log"
        with path.open("wb") as log:
            started = subprocess.Popen(
                self._line(work), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=variables
            )
        self._logs[started.pid] = path
        return started

    def _all_said(self) -> str:
        return "\n".join(self._said(one)[-1_500:] for one in self._running)

    def _said(self, program: subprocess.Popen[bytes]) -> str:
        return self._logs[program.pid].read_text(errors="replace")


class WindowVictim(ProgramVictim):
    """The window, a program of its own that clicks by itself. Its engine ends with it."""

    title = "window"
    each = 5

    def __init__(self, variables: dict[str, str], chance: Random) -> None:
        super().__init__({**variables, "QT_QPA_PLATFORM": "offscreen"}, chance)
        self._left: list[int] = []

    async def kill(self, work: Work) -> None:
        (window,) = self._running
        self._left = below(window.pid)
        await super().kill(work)

    async def recover(self, work: Work) -> None:
        """Its engine may end what is on its way, and no more."""
        await asyncio.to_thread(wait_until, lambda: not any(map(runs, self._left)), 15)
        await asyncio.to_thread(work.sent.check)

    async def end(self, work: Work) -> None:  # noqa: ARG002 - any
        (window,) = self._running
        code = await asyncio.to_thread(window.wait, patience(LONGEST_S))
        assert code == 0, self._said(window)[-3_000:]
        self._running = []

    def _line(self, work: Work) -> list[str]:
        program = [sys.executable, "-m", "tests.broker.driven_window", work.sent.broker.bootstrap, str(work.journal)]
        return [*program, *work.clicks]


class LeaderVictim(ProgramVictim):
    """The broker that leads a partition of the target, while the program of the command line writes."""

    title = "partition leader"
    most_s = 3.0
    goes_on = True

    def __init__(self, variables: dict[str, str], chance: Random, kafka: QuorumKafka) -> None:
        super().__init__(variables, chance)
        self._kafka = kafka
        self._dead = 0

    async def kill(self, work: Work) -> None:
        known = work.sent.broker.admin.list_topics(timeout=10).topics
        led = known[work.sent.target if work.sent.target in known else work.sent.source].partitions
        self._dead = led[self._chance.randrange(len(led))].leader
        self._kafka.kill(self._dead)

    async def recover(self, work: Work) -> None:
        """The broker comes back; a write that ends by itself is waited for."""
        self._kafka.restart(self._dead)
        topics = [work.sent.source, work.sent.target]
        await asyncio.to_thread(wait_until, lambda: in_sync(work.sent.broker, topics), 120)
        if work.more is None:
            await self.end(work)
            await asyncio.to_thread(work.sent.check)


def in_sync(broker: Broker, topics: list[str]) -> bool:
    """Whether all replicas of these topics, and of what brokers keep for themselves, are in sync."""
    try:
        known = broker.admin.list_topics(timeout=5).topics
    except KafkaException:
        return False
    wanted = [name for name in known if name in topics or name.startswith("__")]
    return all(len(one.isrs) == len(one.replicas) for name in wanted for one in known[name].partitions.values())
