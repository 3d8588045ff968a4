"""Several processes that scan at the same time: their shares, their reports and their end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, cast

from kafkaview.cluster import errors
from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.kafka.client_thread import ClientThread, run_aside
from kafkaview.cluster.ports.cluster import ReaderSettings
from kafkaview.decode.registry import RuleText
from kafkaview.profiles.environment import without_secrets
from kafkaview.terms import RecordId, RemovalCause, RemovedOffsets, TopicPartition
from kafkaview.triage.scan.findings import Finding
from kafkaview.triage.scan.frames import read_frame, write_frame

Spans = Mapping[TopicPartition, tuple[int, int]]

OFFSETS_EACH: Final = 40_000  # with fewer of them a process starts longer than it reads
LOOK_SECONDS: Final = 0.2
_END_SECONDS: Final = 2.0
_UNEVEN: Final = 1.15  # times its fair share: what one process may have to read before a partition is divided


@dataclass(frozen=True, slots=True)
class Silence:
    """What was not read of partitions because no more records came, and the error of that."""

    left: Mapping[TopicPartition, tuple[int, int]]
    error: Unreachable

    @property
    def partitions(self) -> tuple[TopicPartition, ...]:
        """The partitions that were not read to their end."""
        return tuple(self.left)

    @classmethod
    def of(cls, spans: Spans, following: Mapping[TopicPartition, int], error: Unreachable) -> Silence:
        """Returns the silence after a read of `spans` that ended at the offsets `following`."""
        return cls({tp: (following[tp], last) for tp, (_, last) in spans.items() if following[tp] < last}, error)


@dataclass(frozen=True, slots=True)
class Report:
    """The results since the last report of any process; it may be empty."""

    scanned: int = 0
    passed: int = 0
    findings: tuple[Finding, ...] = ()
    removed: tuple[RemovedOffsets, ...] = ()
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """The instructions for the processes, apart from their spans."""

    reader: ReaderSettings
    value_rules: Mapping[str, RuleText]  # by topic
    key_rule: RuleText | None


def count_workers(offsets: int) -> int:
    """Returns how many processes are worth their start; 0 if this process is faster alone."""
    return min(cores(), offsets // OFFSETS_EACH)


def cores() -> int:
    """Returns the number of processors that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux's
    return len(allowed(0)) if allowed else os.cpu_count() or 1


async def scan_beside(order: Order, shares: Sequence[Spans]) -> AsyncGenerator[Report, None]:
    """Runs one process for each share, and yields a report at least every LOOK_SECONDS. Closing the generator ends the
    processes. Raises ClusterError.
    """
    workers = [_Worker(order, share) for share in shares]
    waiting: dict[asyncio.Task[Report | None], _Worker] = {}
    try:
        for worker in workers:
            waiting[asyncio.ensure_future(worker.begin())] = worker
        while waiting:
            done, _ = await asyncio.wait(waiting, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                yield Report()
            for task in done:
                worker = waiting.pop(task)
                report = task.result()
                if report is not None:
                    waiting[asyncio.ensure_future(worker.report())] = worker
                    yield report
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*(worker.close() for worker in workers))


def shares_of(spans: Spans, count: int, *, divide: bool) -> list[Spans]:
    """Divides spans among readers, as evenly as whole partitions allow. If that is too uneven and partitions may be
    divided, each reader gets the same number of consecutive offsets.
    """
    whole: list[dict[TopicPartition, tuple[int, int]]] = [{} for _ in range(count)]
    loads = [0] * count
    for tp, (first, last) in sorted(spans.items(), key=lambda item: item[1][0] - item[1][1]):
        least = loads.index(min(loads))
        loads[least] += last - first
        whole[least][tp] = (first, last)
    if divide and max(loads) > _UNEVEN * sum(loads) / count:
        return _in_a_row(spans, count)
    return [share for share in whole if share]


def _in_a_row(spans: Spans, count: int) -> list[Spans]:
    total = sum(last - first for first, last in spans.values())
    shares: list[dict[TopicPartition, tuple[int, int]]] = [{} for _ in range(count)]
    passed = 0
    for tp, (first, last) in spans.items():
        while first < last:
            place = passed * count // total
            until = min(last, first + -(-(place + 1) * total // count) - passed)
            shares[place][tp] = (first, until)
            passed += until - first
            first = until  # noqa: PLW2901 - the rest of it is the next reader's
    return [share for share in shares if share]


class _Worker:
    """One process and its share. All blocking calls run on a thread that lives as long as the process."""

    def __init__(self, order: Order, share: Spans) -> None:
        self._order = order
        self._share = share
        self._next = {tp: first for tp, (first, _) in share.items()}
        self._thread = ClientThread("kafkaview-scan")
        self._process: subprocess.Popen[bytes] | None = None
        self._is_silent = False

    async def begin(self) -> Report | None:
        """Starts the process and returns its first report."""
        await self._thread.run(self._start)
        return await self.report()

    async def report(self) -> Report | None:
        """Waits for the next report; None at the end. Raises ClusterError."""
        while not self._is_silent:
            frame = await self._thread.run(self._frame)
            if frame is None:
                raise await self._thread.run(self._explain_loss)
            if "done" in frame:
                return None
            if "failure" in frame:
                failure = _failure(*frame["failure"])
                if not isinstance(failure, Unreachable):
                    raise failure
                self._is_silent = True
                return Report(silence=Silence.of(self._share, self._next, failure))
            if "crash" in frame:
                raise RuntimeError(f"A process of the scan failed:\n{frame['crash']}")
            if "token" not in frame:
                return self._take_report(frame)
            await self._thread.run(self._answer, await self._token())
        return None

    async def close(self) -> None:
        """Kills the process: it has nothing to clean up."""
        if self._process is not None:
            self._process.kill()  # so that nothing on the thread waits for it any more
        await self._thread.close(self._reap)

    def _start(self) -> None:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "kafkaview.triage.scan.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=without_secrets(os.environ),
                process_group=0,  # an interrupt at the terminal is this process's to act on
            )
        except OSError as error:
            raise ClusterError(
                f"A process of the scan cannot be started: {error.strerror or error}.",
                "Free memory or processes, then scan again.",
            ) from error
        rules: dict[RuleText, list[str]] = {}
        for topic, rule in self._order.value_rules.items():
            rules.setdefault(rule, []).append(topic)
        self._answer(
            {
                "settings": dict(self._order.reader.client),
                "login": self._order.reader.login,
                "token": self._order.reader.token is not None,
                "value_rules": [[rule, topics] for rule, topics in rules.items()],
                "key_rule": self._order.key_rule,
                "spans": [[tp.topic, tp.partition, *span] for tp, span in self._share.items()],
            }
        )

    def _answer(self, frame: object) -> None:
        with suppress(BrokenPipeError):  # it has ended: the next report says so
            assert self._process is not None
            write_frame(cast("BinaryIO", self._process.stdin), frame)

    def _frame(self) -> dict[str, Any] | None:
        assert self._process is not None
        frame: dict[str, Any] | None = read_frame(cast("BinaryIO", self._process.stdout))
        return frame

    def _take_report(self, frame: dict[str, Any]) -> Report:
        following = {TopicPartition(topic, partition): offset for topic, partition, offset in frame["next"]}
        passed = sum(offset - self._next[tp] for tp, offset in following.items())
        self._next |= following
        removed = tuple(_removed_offsets(*gap) for gap in frame["gaps"])
        return Report(frame["scanned"], passed, tuple(finding_of(*flaw) for flaw in frame["flaws"]), removed)

    async def _token(self) -> dict[str, Any]:
        assert self._order.reader.token is not None
        try:
            return {"token": await run_aside("kafkaview-token", self._order.reader.token)}
        except ClusterError as failure:
            return {"failure": failure.message}

    def _explain_loss(self) -> ClusterError:
        """Returns the error for a process that ended without a last report."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        self._process.kill()
        code = self._process.wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return ClusterError(f"A process of the scan {how} before it was done.", "Scan again.")

    def _reap(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for file in (self._process.stdin, self._process.stdout):
                with suppress(OSError):  # what could not be written any more
                    cast("BinaryIO", file).close()


def finding_of(
    origin: Sequence[Any], field: str, rule: str, reason: str, size: int, position: int | None, length: int
) -> Finding:
    """Returns the finding of a violation, in words for the user."""
    topic, partition, offset, timestamp_ms = origin
    return Finding(RecordId(topic, partition, offset), timestamp_ms, field, rule, reason, size, position, length)


def _removed_offsets(topic: str, partition: int, first: int, last: int, cause: str) -> RemovedOffsets:
    return RemovedOffsets(TopicPartition(topic, partition), first, last, RemovalCause(cause))


def _failure(name: str, message: str, hint: str) -> ClusterError:
    kind = getattr(errors, name, ClusterError)
    made = kind(message, hint)
    return made if isinstance(made, ClusterError) else ClusterError(message, hint)
