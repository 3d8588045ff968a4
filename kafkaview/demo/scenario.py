"""The scenario of the demo: the records, the poison records among them, and the committed offsets of each group at the
start.

Everything here is plain data made from one seed, so that a test can say exactly what triage has to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from kafkaview.demo.records import DemoRecord, PoisonKind, broken_order, broken_payment, order, payment

SETTLEMENTS = "settlements"  # has a transaction that nobody will end
TOPICS: Mapping[str, int] = {"orders": 6, "payments": 3, "ledger-entries": 3, SETTLEMENTS: 1}
GROUPS = ("analytics", "audit", "billing", "invoices", "ledger", "reports", "shipping")
ORDERS_OF_HISTORY = 20_000
PAYMENTS_OF_HISTORY = 3_000

_SEED = 20_261
_HISTORY_MS = 5 * 3_600_000


@dataclass(frozen=True, slots=True)
class Poison:
    """A record at a known place that breaks its topic's format, or only its schema."""

    topic: str
    partition: int
    offset: int
    fault: PoisonKind


# billing, shipping and audit meet the first two of orders:3, invoices those of orders:1, one after the other.
_SHARED = Poison("orders", 3, 1_442, PoisonKind.NOT_UTF8)
_SHARED_NEXT = Poison("orders", 3, 2_461, PoisonKind.TRUNCATED)
_INVOICES = Poison("orders", 1, 1_518, PoisonKind.EMPTY)
_INVOICES_NEXT = Poison("orders", 1, 2_560, PoisonKind.TRUNCATED)
POISON = (
    _SHARED,
    _SHARED_NEXT,
    _INVOICES,
    _INVOICES_NEXT,
    Poison("payments", 0, 211, PoisonKind.TRUNCATED),
    Poison("payments", 0, 640, PoisonKind.MISSING_FIELD),
    Poison("payments", 1, 402, PoisonKind.NOT_UTF8),
    Poison("payments", 1, 733, PoisonKind.WRONG_TYPE),
    Poison("payments", 2, 518, PoisonKind.EMPTY),
)
_ON_SHARED = ("audit", "billing", "shipping")
_INVOICES_GOOD_BETWEEN = 37
_REPORTS_STANDS_AT = 180


@dataclass(frozen=True, slots=True)
class Expected:
    """A poison record as triage should find it.

    With a `group`: the record at which that group is stopped, and its committed offset. Without: a record that stops no
    group yet; `later_groups` will reach it once they are past their first one.
    """

    topic: str
    partition: int
    offset: int
    fault: PoisonKind
    group: str | None = None
    committed_offset: int | None = None
    later_groups: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Returns the fields of the command line's `expected`."""
        return {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "group": self.group,
            "committed_offset": self.committed_offset,
            "fault": self.fault.value,
            "later_groups": list(self.later_groups),
        }


def list_expected() -> tuple[Expected, ...]:
    """Returns every poison record: once for each group that is stopped at it, once without a group if there is none."""
    stops = {
        _SHARED: [(group, _SHARED.offset) for group in _ON_SHARED],
        _INVOICES: [("invoices", _INVOICES.offset - _INVOICES_GOOD_BETWEEN)],
    }
    later = {_SHARED_NEXT: _ON_SHARED, _INVOICES_NEXT: ("invoices",)}
    return tuple(
        Expected(p.topic, p.partition, p.offset, p.fault, group, committed, later.get(p, ()))
        for p in POISON
        for group, committed in stops.get(p, [(None, None)])
    )


def history(now_ms: int) -> Iterator[DemoRecord]:
    """Returns all records of the past five hours in the order of production, the poison records at their places."""
    random = Random(_SEED)
    yield from _history("orders", ORDERS_OF_HISTORY, random, now_ms)
    yield from _history("payments", PAYMENTS_OF_HISTORY, random, now_ms)


def committed_at_start(ends: Mapping[str, Mapping[int, int]]) -> dict[str, dict[tuple[str, int], int]]:
    """Returns the committed offsets of each group at the start: at its poison record, elsewhere a little behind the end
    of history.

    `ends` are the log end offsets of history by topic and partition.
    """
    random = Random(_SEED)
    near = {("orders", p): end - random.randrange(20, 90) for p, end in ends["orders"].items()}
    near_payments = {("payments", p): end - random.randrange(5, 20) for p, end in ends["payments"].items()}
    shared = near | {("orders", _SHARED.partition): _SHARED.offset}
    return {
        **dict.fromkeys(_ON_SHARED, shared),
        "invoices": near | {("orders", _INVOICES.partition): _INVOICES.offset - _INVOICES_GOOD_BETWEEN},
        "analytics": near | near_payments,
        "ledger": near,
        "reports": dict.fromkeys(near, _REPORTS_STANDS_AT),
    }


def _history(topic: str, count: int, random: Random, now_ms: int) -> Iterator[DemoRecord]:
    partitions = TOPICS[topic]
    due = {(p.partition, p.offset): p.fault for p in POISON if p.topic == topic}
    ends = dict.fromkeys(range(partitions), 0)
    for number in range(count):
        at_ms = now_ms - _HISTORY_MS + _HISTORY_MS * number // count
        make = order if topic == "orders" else payment
        record = make(number, random, at_ms, partitions)
        fault = due.get((record.partition, ends[record.partition]))
        if fault is not None:
            spoil = broken_order if topic == "orders" else broken_payment
            record = spoil(number, fault, random, at_ms, record.partition)
        ends[record.partition] += 1
        yield record
