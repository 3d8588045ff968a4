"""A process that reads spans of partitions, works on their records and reports what it finds through a pipe;
worker_pool.py starts it with a module that names the work. Many of them start, and they hold secrets: so this module
imports little, and gets everything through its standard input. The process ends with that pipe, or with the process
that started it.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, Protocol, cast, runtime_checkable

from kafkaview.cluster.kafka.span_reader import Slice, SpanReader, Token, remote_client
from kafkaview.failure import Failure
from kafkaview.records.frames import read_frame, write_frame

if TYPE_CHECKING:
    from kafkaview.cluster.ports.schemas import RegisteredSchema, SchemaReference
    from kafkaview.decode.schemas import Schemas

SLICE: Final = 1_000  # records at once: more of them no longer fit into a processor's cache
REPORT_SECONDS: Final = 0.1
REPORT_FINDINGS: Final = 200  # said at once, not all only at the next report
_FETCHED_IN_ORDER: Final = (
    1_048_576  # bytes at once, where one partition is read at a time: four times that took 110 MB
)
_UNTRACKED: Final = 50_000  # objects that may live before Python looks for cycles: a slice alone has thousands
_SET_PARENT_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG
_KILL: Final = 9
_NICE: Final = 10  # a long read takes all processors: whoever draws or samples goes first


class Sight(NamedTuple):
    """What was found in a slice of records, ready for JSON, and on how many of them the work failed."""

    found: Sequence[Any]
    failed: int = 0
    failure: str = ""


Look = Callable[[Slice], Sight]


@runtime_checkable
class CollectingLook(Protocol):
    """A look that keeps some of what it finds for later."""

    def __call__(self, records: Slice) -> Sight:
        """Returns what is to be said now."""
        ...

    def rest(self) -> Sight:
        """Returns what it has kept."""
        ...


class Parent:
    """The process that started this one. It sends the order and receives the reports."""

    def __init__(self, inbox: BinaryIO, outbox: BinaryIO) -> None:
        self._inbox = inbox
        self._outbox = outbox
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._answers: SimpleQueue[Any] = SimpleQueue()

    def order(self) -> Any:
        """Waits for the order. This process ends with the pipe."""
        order = read_frame(self._inbox)
        if order is None:
            os._exit(0)
        threading.Thread(target=self._listen, name="parent", daemon=True).start()
        return order

    def send_report(self, **report: object) -> None:
        """Sends one report; waits while the parent does not read."""
        with self._lock:
            write_frame(self._outbox, report)

    def token(self) -> Token:
        """Asks the parent for a fresh access token."""
        answer = self._ask(token=True)
        if "failure" in answer:
            raise Failure(answer["failure"])
        value, ends_at, principal, extensions = answer["token"]
        return value, ends_at, principal, extensions

    def schemas(self) -> Schemas:
        """Returns schemas that are asked of the parent while a record is decoded."""
        from kafkaview.decode.schemas import Schemas

        return Schemas(self._schema, waits=True)

    def _schema(self, reference: SchemaReference) -> RegisteredSchema:
        """Asks for a schema. Raises SchemaUnknown or SchemaUnavailable."""
        from kafkaview.cluster.errors import SchemaUnavailable, SchemaUnknown
        from kafkaview.cluster.ports.schemas import NamedSchema, RegisteredSchema

        answer = self._ask(schema=[reference.id, reference.guid, reference.subject, reference.version])
        if "missing" in answer:
            reason, judged = answer["missing"]
            raise SchemaUnknown(reason) if judged else SchemaUnavailable(reason)
        found = answer["schema"]
        references = tuple(NamedSchema(**one) for one in found.pop("references"))
        versions = tuple((subject, version) for subject, version in found.pop("versions"))
        return RegisteredSchema(**found, references=references, versions=versions)

    def _ask(self, **question: object) -> Any:
        with self._asking:
            self.send_report(**question)
            return self._answers.get()

    def _listen(self) -> None:
        while (frame := read_frame(self._inbox)) is not None:
            self._answers.put(frame)
        os._exit(0)


def run_worker(make_look: Callable[[dict[str, Any], Parent], Look | CollectingLook]) -> None:
    """Executes one order and ends. `make_look` makes the work of the order's parameters; it may ask the parent."""
    if sys.platform != "win32":
        os.nice(_NICE)
    outbox = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what else prints does not get into the pipe
    parent = Parent(cast("BinaryIO", sys.stdin.buffer), outbox)
    order = parent.order()
    try:
        _carry_out(order, make_look(order["parameters"], parent), parent)
        parent.send_report(done=True)
    except Failure as failure:
        parent.send_report(raised=[type(failure).__name__, failure.message, failure.hint])
    except BrokenPipeError:
        pass  # the parent is gone
    except Exception:  # noqa: BLE001 - it is raised in the parent
        parent.send_report(crash=traceback.format_exc())
    os._exit(0)  # the client has nothing to say good-bye for


def _carry_out(order: dict[str, Any], look: Look | CollectingLook, parent: Parent) -> None:
    gc.set_threshold(_UNTRACKED)
    settings, login = order["settings"], order["login"]
    if order["in_order"]:
        settings |= {"fetch.message.max.bytes": _FETCHED_IN_ORDER}
    token = parent.token if order["token"] else None
    reader = SpanReader(
        lambda complaints: remote_client(settings, login, token, complaints),
        {(topic, partition): (first, last) for topic, partition, first, last in order["spans"]},
        SLICE,
        pass_removed=True,
        in_order=order["in_order"],
    )
    _die_with_parent()
    report = _SliceReport(reader, parent)
    try:
        while not reader.ended:
            records = reader.slice()
            report.add(len(records.messages), look(records))
        if isinstance(look, CollectingLook):
            report.add(0, look.rest())
    finally:
        report.send()


class _SliceReport:
    """The records read and what was found since the last report."""

    def __init__(self, reader: SpanReader, parent: Parent) -> None:
        self._reader = reader
        self._parent = parent
        self._scanned = self._failed = 0
        self._failure = ""
        self._found: list[Any] = []
        self._due = time.monotonic() + REPORT_SECONDS

    def add(self, scanned: int, sight: Sight) -> None:
        """Adds a slice of records, and sends the report when it is due."""
        self._scanned += scanned
        self._found += sight.found
        self._failed += sight.failed
        self._failure = self._failure or sight.failure
        if len(self._found) >= REPORT_FINDINGS or time.monotonic() > self._due:
            self.send()

    def send(self) -> None:
        """Sends the report, with the progress of each partition."""
        self._parent.send_report(
            scanned=self._scanned,
            next=[[*place, offset] for place, offset in self._reader.next.items()],
            found=self._found,
            gaps=[[*gap.place, *gap[1:]] for gap in self._reader.take_gaps()],
            failed=self._failed,
            failure=self._failure,
        )
        self._begin()

    def _begin(self) -> None:
        self._scanned = self._failed = 0
        self._failure = ""
        self._found = []
        self._due = time.monotonic() + REPORT_SECONDS


def _die_with_parent() -> None:
    """Makes Linux kill this process when its parent ends, in case another process holds the pipe open."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, _KILL)
