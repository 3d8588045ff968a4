"""Several processes that read at the same time: their shares, their reports and their end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, astuple, dataclass, replace
from typing import Any, BinaryIO, Final, cast

from kafkaview.cluster import errors
from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.kafka.client_thread import ClientThread, run_aside
from kafkaview.cluster.ports.cluster import ReaderSettings
from kafkaview.cluster.ports.schemas import SchemaReference
from kafkaview.decode.schemas import KnownSchema, Schemas
from kafkaview.profiles.environment import without_secrets
from kafkaview.records.frames import read_sized_frame, write_frame
from kafkaview.records.ranges import Spans
from kafkaview.terms import RemovalCause, RemovedOffsets, TopicPartition

OFFSETS_EACH: Final = 40_000  # with fewer of them a process starts longer than it reads
LOOK_SECONDS: Final = 0.2
_END_SECONDS: Final = 2.0
_KEPT_BYTES: Final = 16_777_216  # of what a process found before those before it were done
# glibc's: what a slice of records needs and frees is kept for the next one. To give it back to the kernel each time
# took a quarter of the time in which a scan checks values.
_KEEP_MEMORY: Final = dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), "4194304")
_UNEVEN: Final = 1.15  # times its fair share: what one process may have to read before a partition is divided
_ahead: defaultdict[str, list[subprocess.Popen[bytes]]] = defaultdict(list)  # idle, by the module that they run


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
class PoolReport:
    """The results since the last report of any process; it may be empty. `found` is as the order's `found` makes it,
    `failed` counts the records on which the work failed, and `failure` says why on one of them.
    """

    scanned: int = 0
    passed: int = 0
    found: tuple[Any, ...] = ()
    removed: tuple[RemovedOffsets, ...] = ()
    silence: Silence | None = None
    failed: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """The instructions for the processes, apart from their spans: the module that they run, what it needs to know, and
    what makes a value of each thing that they find.
    """

    reader: ReaderSettings
    module: str
    parameters: Mapping[str, Any]
    found: Callable[[Sequence[Any]], Any]
    in_order: bool = False  # what is found comes in the order of the shares
    schemas: Schemas | None = None  # a process asks for those that its records name


def count_workers(offsets: int) -> int:
    """Returns how many processes are worth their start; 0 if this process is faster alone."""
    return min(cores(), offsets // OFFSETS_EACH)


def cores() -> int:
    """Returns the number of processors that this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # Linux's
    return len(allowed(0)) if allowed else os.cpu_count() or 1


async def read_beside(order: Order, shares: Sequence[Spans]) -> AsyncGenerator[PoolReport, None]:
    """Runs one process for each share, and yields a report at least every LOOK_SECONDS. Closing the generator ends the
    processes. Raises ClusterError.
    """
    workers = [_Worker(order, share) for share in shares]
    waiting: dict[asyncio.Task[PoolReport | None], _Worker] = {}
    queue = _ShareQueue(workers) if order.in_order else None
    try:
        for worker in workers:
            waiting[asyncio.ensure_future(worker.begin())] = worker
        while waiting:
            done, _ = await asyncio.wait(waiting, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                yield PoolReport()
            for task in done:
                worker = waiting.pop(task)
                report = task.result()
                worker.wanted = report is not None
                if queue is not None:
                    report = queue.put(worker, report)
                for one in (one for one in workers if one.wanted):
                    one.wanted = False
                    waiting[asyncio.ensure_future(one.report())] = one
                yield report or PoolReport()
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*(worker.close() for worker in workers))


@contextmanager
def processes_ahead(module: str) -> Iterator[None]:
    """Starts the processes of a long read before it is known what they read, so that they import while this one does.
    Those that the block has no use for are ended with it.
    """
    with suppress(OSError):  # the read itself says what is missing, if it needs one
        for _core in range(cores()):
            _ahead[module].append(_start_process(module))
    try:
        yield
    finally:
        for process in _ahead.pop(module, ()):
            _reap(process)


class _ShareQueue:
    """What was found, in the order of the shares: what a later process finds is kept until those before it are done. A
    process with very much kept is not read from meanwhile, and so waits.
    """

    def __init__(self, workers: Sequence[_Worker]) -> None:
        self._left = list(workers)
        self._kept: dict[_Worker, list[Any]] = {worker: [] for worker in workers}
        self._bytes: Counter[_Worker] = Counter()
        self._done: set[_Worker] = set()

    def put(self, worker: _Worker, report: PoolReport | None) -> PoolReport:
        """Takes a process's report, None at its end, and returns what may be shown now."""
        if report is None:
            self._done.add(worker)
        else:
            self._kept[worker] += report.found
            self._bytes[worker] += worker.report_bytes
        found: list[Any] = []
        while self._left:
            first = self._left[0]
            found += self._kept[first]
            self._kept[first] = []
            self._bytes[first] = 0
            if first not in self._done:
                break
            del self._left[0]
        self._set_wanted()
        return replace(report or PoolReport(), found=tuple(found))

    def _set_wanted(self) -> None:
        for worker in self._left:
            full = self._bytes[worker] > _KEPT_BYTES
            if full:
                worker.wanted, worker.waits = False, True
            elif worker.waits:
                worker.wanted, worker.waits = True, False


def shares_of(spans: Spans, count: int, *, divide: bool, in_order: bool = False) -> list[Spans]:
    """Divides spans among readers, as evenly as whole partitions allow. If that is too uneven and partitions may be
    divided, or if the shares are to follow each other, each reader gets the same number of consecutive offsets.
    """
    if in_order:
        return _in_a_row(dict(sorted(spans.items())), count)
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
        self._thread = ClientThread("kafkaview-pool")
        self._process: subprocess.Popen[bytes] | None = None
        self._is_silent = False
        self.report_bytes = 0  # of the last one
        self.wanted = False  # whether the next one is to be read
        self.waits = False

    async def begin(self) -> PoolReport | None:
        """Starts the process and returns its first report."""
        await self._thread.run(self._start)
        return await self.report()

    async def report(self) -> PoolReport | None:
        """Waits for the next report; None at the end. Raises ClusterError."""
        while not self._is_silent:
            frame = await self._thread.run(self._frame)
            if frame is None:
                raise await self._thread.run(self._explain_loss)
            if "done" in frame:
                return None
            if "raised" in frame:
                failure = _failure(*frame["raised"])
                if not isinstance(failure, Unreachable):
                    raise failure
                self._is_silent = True
                return PoolReport(silence=Silence.of(self._share, self._next, failure))
            if "crash" in frame:
                raise RuntimeError(f"A process of the read failed:\n{frame['crash']}")
            if "token" in frame:
                await self._thread.run(self._answer, await self._token())
            elif "schema" in frame:
                await self._thread.run(self._answer, await self._schema(*frame["schema"]))
            else:
                return self._take_report(frame)
        return None

    async def close(self) -> None:
        """Kills the process: it has nothing to clean up."""
        if self._process is not None:
            self._process.kill()  # so that nothing on the thread waits for it any more
        await self._thread.close(self._reap)

    def _start(self) -> None:
        module = self._order.module
        try:
            self._process = _ahead[module].pop() if _ahead.get(module) else _start_process(module)
        except OSError as error:
            raise ClusterError(
                f"A process of the read cannot be started: {error.strerror or error}.",
                "Free memory or processes, then read again.",
            ) from error
        self._answer(
            {
                "settings": dict(self._order.reader.client),
                "login": self._order.reader.login,
                "token": self._order.reader.token is not None,
                "parameters": dict(self._order.parameters),
                "in_order": self._order.in_order,
                "spans": [[tp.topic, tp.partition, *span] for tp, span in self._share.items()],
            }
        )

    def _answer(self, frame: object) -> None:
        with suppress(BrokenPipeError):  # it has ended: the next report says so
            assert self._process is not None
            write_frame(cast("BinaryIO", self._process.stdin), frame)

    def _frame(self) -> dict[str, Any] | None:
        assert self._process is not None
        frame, self.report_bytes = read_sized_frame(cast("BinaryIO", self._process.stdout))
        return cast("dict[str, Any] | None", frame)

    def _take_report(self, frame: dict[str, Any]) -> PoolReport:
        following = {TopicPartition(topic, partition): offset for topic, partition, offset in frame["next"]}
        passed = sum(offset - self._next[tp] for tp, offset in following.items())
        self._next |= following
        return PoolReport(
            frame["scanned"],
            passed,
            tuple(map(self._order.found, frame["found"])),
            tuple(_removed_offsets(*gap) for gap in frame["gaps"]),
            failed=frame["failed"],
            failure=frame["failure"],
        )

    async def _token(self) -> dict[str, Any]:
        assert self._order.reader.token is not None
        try:
            return {"token": await run_aside("kafkaview-token", self._order.reader.token)}
        except ClusterError as failure:
            return {"failure": failure.message}

    async def _schema(
        self, number: int | None, guid: str | None, subject: str | None, version: int | None
    ) -> dict[str, Any]:
        assert self._order.schemas is not None
        reference = SchemaReference(number, guid, subject, version)
        await self._order.schemas.learn([reference])
        found = self._order.schemas.find(reference)
        return {"schema": asdict(found.source)} if isinstance(found, KnownSchema) else {"missing": astuple(found)[:2]}

    def _explain_loss(self) -> ClusterError:
        """Returns the error for a process that ended without a last report."""
        assert self._process is not None
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END_SECONDS)
        self._process.kill()
        code = self._process.wait()
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return ClusterError(f"A process of the read {how} before it was done.", "Read again.")

    def _reap(self) -> None:
        if self._process is not None:
            _reap(self._process)


def _start_process(module: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**without_secrets(os.environ), **_KEEP_MEMORY},
        process_group=0,  # an interrupt at the terminal is this process's to act on
    )


def _reap(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for file in (process.stdin, process.stdout):
        with suppress(OSError):  # what could not be written any more
            cast("BinaryIO", file).close()


def _removed_offsets(topic: str, partition: int, first: int, last: int, cause: str) -> RemovedOffsets:
    return RemovedOffsets(TopicPartition(topic, partition), first, last, RemovalCause(cause))


def _failure(name: str, message: str, hint: str) -> ClusterError:
    kind = getattr(errors, name, ClusterError)
    made = kind(message, hint)
    return made if isinstance(made, ClusterError) else ClusterError(message, hint)
