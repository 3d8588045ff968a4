"""A running demo: a real Kafka with a pipeline that goes wrong on purpose."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient

from kafkaview.demo import supervisor
from kafkaview.demo.guarded_processes import Guarded
from kafkaview.demo.hanging import UNVERIFIED, leave_transaction
from kafkaview.demo.history import lay_down
from kafkaview.demo.jars import JARS_OCTETS, CannotRunKafka, kafka_jars
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.demo.rights import AUTHORIZER, grant_rights
from kafkaview.demo.scenario import (
    GROUPS,
    ORDERS_OF_HISTORY,
    PAYMENTS_OF_HISTORY,
    TOPICS,
    Expected,
    list_expected,
)
from kafkaview.demo.steps import DemoStage, DemoStep
from kafkaview.profiles.profile import ConnectionProfile, Environment

_SECONDS_BETWEEN_LOOKS = 0.25
_NO_MEMBERS = "reports"
# A member that was removed learns it at its next heartbeat: every second instead of every five.
_HEARTBEATS = {"group.consumer.min.heartbeat.interval.ms": "1000", "group.consumer.heartbeat.interval.ms": "1000"}
_BROKER = {**_HEARTBEATS, **AUTHORIZER, **UNVERIFIED}
_CONTROLLERS = 2  # beside the broker, which is the third voter
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo. `committed_at_start` is what each group had committed before its applications started."""

    bootstrap: str
    folder: Path
    expected: tuple[Expected, ...]
    committed_at_start: Mapping[str, Mapping[Place, int]]
    groups: tuple[str, ...] = GROUPS
    topics: tuple[str, ...] = tuple(TOPICS)

    @property
    def profile(self) -> ConnectionProfile:
        """Returns the connection to it."""
        return ConnectionProfile("demo", self.bootstrap, Environment.DEVELOPMENT)

    def as_json(self) -> dict[str, object]:
        """Returns what `kafkaview demo --no-window` prints."""
        return {
            "bootstrap": self.bootstrap,
            "registry": None,
            "groups": list(self.groups),
            "topics": list(self.topics),
            "expected": [record.as_json() for record in self.expected],
            "folder": str(self.folder),
        }

    def log(self, group: str) -> Path:
        """Returns the output of a group's application."""
        return self.folder / f"{group}.log"

    async def wait_until_settled(self, timeout: float = 120.0) -> None:  # noqa: ASYNC109 - part of what others call
        """Waits until every group works, and each group that should stop is stopped at its record. Raises
        CannotRunKafka.
        """
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        deadline = time.monotonic() + timeout
        waiting = set(self.groups) - {_NO_MEMBERS}
        while waiting:
            if time.monotonic() > deadline:
                raise CannotRunKafka(
                    f"the demo's groups {', '.join(sorted(waiting))} are not at work after {timeout:.0f} s"
                )
            waiting -= {group for group in waiting if self._works(group, await _read_commits(admin, group))}
            if waiting:
                await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)

    def _works(self, group: str, committed: Mapping[Place, int]) -> bool:
        stands = {(e.topic, e.partition): e.committed_offset for e in self.expected if e.group == group}
        start = self.committed_at_start[group]
        return all(committed.get(place) == offset for place, offset in stands.items()) and all(
            committed.get(place, -1) > offset for place, offset in start.items() if place not in stands
        )


@contextmanager
def start_demo(*, keep: bool = False) -> Iterator[Demo]:
    """Starts a demo and ends all of it after the block, blocking. With `keep` its folder of logs and data stays."""
    with Guarded(keep=keep) as guarded:
        yield _start(guarded)


@asynccontextmanager
async def running_demo(*, keep: bool = False) -> AsyncIterator[Demo]:
    """Starts a demo as `start_demo` does, without blocking the event loop."""
    async with aclosing(start_in_steps(keep=keep)) as steps:
        async for step in steps:
            if isinstance(step, Demo):
                yield step
                return


async def start_in_steps(*, keep: bool = False) -> AsyncGenerator[DemoStep | Demo, None]:
    """Starts a demo and yields each step, then the demo itself, which runs until the iterator is closed. What is being
    started ends then, too.
    """
    loop = asyncio.get_running_loop()
    threads = ThreadPoolExecutor(2, "demo")  # the second one can end what the first one is still starting
    guarded = Guarded(keep=keep)
    steps: asyncio.Queue[DemoStep | None] = asyncio.Queue()
    starting = loop.run_in_executor(
        threads, _start, guarded, lambda step: loop.call_soon_threadsafe(steps.put_nowait, step)
    )
    starting.add_done_callback(lambda _done: steps.put_nowait(None))
    try:
        while (step := await steps.get()) is not None:
            yield step
        yield await starting
        await loop.create_future()
    finally:
        starting.cancel()
        await loop.run_in_executor(threads, guarded.close)
        threads.shutdown(wait=False)


def _tell_nobody(_step: DemoStep) -> None:
    """Is told each step where nobody asks for them."""


def _start(guarded: Guarded, tell: Callable[[DemoStep], object] = _tell_nobody) -> Demo:
    tell(DemoStep(DemoStage.FETCH))
    kafka_jars(guard=guarded, tell=lambda octets: tell(DemoStep(DemoStage.FETCH, octets, JARS_OCTETS)))
    tell(DemoStep(DemoStage.KAFKA))
    kafka = EmbeddedKafka(controllers=_CONTROLLERS, settings=_BROKER, guard=guarded)
    kafka.start()
    tell(DemoStep(DemoStage.HISTORY))
    committed = lay_down(
        kafka.bootstrap, lambda sent: tell(DemoStep(DemoStage.HISTORY, sent, ORDERS_OF_HISTORY + PAYMENTS_OF_HISTORY))
    )
    grant_rights(kafka.bootstrap)
    leave_transaction(kafka.bootstrap)
    tell(DemoStep(DemoStage.APPLICATIONS))
    guarded.start(
        "applications",
        [sys.executable, "-m", supervisor.__name__, kafka.bootstrap, str(guarded.folder)],
        guarded.folder / "supervisor.log",
    )
    return Demo(kafka.bootstrap, guarded.folder, list_expected(), committed)


async def _read_commits(admin: AdminClient, group: str) -> dict[Place, int]:
    future = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group]
    answer = await asyncio.wrap_future(future)
    return {(p.topic, p.partition): p.offset for p in answer.topic_partitions or []}
