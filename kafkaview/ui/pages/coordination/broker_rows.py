"""Brokers as machines, as the tab shows them: what each carries, how much room it has, what is wrong. No widgets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import Machine
from kafkaview.coordination.balance import Balance, DirectorySize, Load
from kafkaview.ui.kit.marks import Mark
from kafkaview.words import DASH, plural

Told = Mapping[int, tuple[DirectorySize, ...] | ClusterError]
_LITTLE: Final = 0.1  # of a volume: with less free, a broker is about to stop
_ORDER: Final = (Mark.BAD, Mark.WARN, Mark.UNKNOWN, Mark.OK)


@dataclass(frozen=True, slots=True)
class BrokerRow:
    """One broker. `machine` is None where it holds replicas and the cluster does not name it; `load` where no topic
    is seen; `share` is its leaders against the even share, 0.5 being half as many again.
    """

    id: int
    machine: Machine | None
    load: Load | None
    share: float | None
    directories: tuple[DirectorySize, ...] | None
    error: ClusterError | None = None

    @property
    def used(self) -> int | None:
        """Bytes that its replicas hold."""
        return None if self.directories is None else sum(one.replicas_bytes for one in self.directories)

    @property
    def free(self) -> int | None:
        """Bytes free in its log directories; unknown if one of them does not say."""
        told = [one.free_bytes for one in self.directories or ()]
        known = [one for one in told if one is not None]
        return sum(known) if known and len(known) == len(told) else None

    @property
    def fenced(self) -> str:
        """Whether it may lead, in a word."""
        fenced = None if self.machine is None else self.machine.fenced
        return DASH if fenced is None else "fenced" if fenced else "no"

    @property
    def mark(self) -> Mark:
        """Its worst trouble as a mark."""
        return self._trouble[0]

    @property
    def word(self) -> str:
        """Its worst trouble in a word or three."""
        return self._trouble[1]

    @property
    def state(self) -> str:
        """Its worst trouble in a sentence."""
        return self._trouble[2]

    @property
    def _trouble(self) -> tuple[Mark, str, str]:
        if self.machine is None:
            return Mark.BAD, "gone", "gone: it holds replicas, and the cluster does not name it"
        if self.machine.fenced:
            return Mark.BAD, "fenced", "fenced: it sends no heartbeats, so it leads nothing"
        broken = [one for one in self.directories or () if one.error is not None]
        if broken:
            return Mark.BAD, "log directory failed", f"{broken[0].path}: {broken[0].error}"
        if any(is_full(one) for one in self.directories or ()):
            return Mark.WARN, "little room", "less than a tenth of a log directory is free"
        if self.load is not None and self.load.out_of_sync:
            late = f"{plural(self.load.out_of_sync, 'replica')} out of sync"
            return Mark.WARN, late, late
        if self.error is not None:
            return Mark.UNKNOWN, "not told", self.error.message
        return Mark.OK, "runs", "runs"


def is_full(directory: DirectorySize) -> bool:
    """Whether little of its volume is free."""
    total, free = directory.total_bytes, directory.free_bytes
    return bool(total) and free is not None and free < _LITTLE * (total or 0)


def broker_rows(machines: Sequence[Machine], loads: Balance | None, told: Told) -> tuple[BrokerRow, ...]:
    """Every broker that is named or holds a replica, the worst first."""
    by_id = {machine.id: machine for machine in machines}
    carried = {load.broker: load for load in loads.loads} if loads is not None else {}
    leaders = sum(load.leaders for load in carried.values())
    rows = []
    for number in sorted(by_id.keys() | carried.keys()):
        answer, load = told.get(number), carried.get(number)
        share = load.leaders * len(carried) / leaders - 1 if load is not None and leaders else None
        error = answer if isinstance(answer, ClusterError) else None
        directories = answer if isinstance(answer, tuple) else None
        rows.append(BrokerRow(number, by_id.get(number), load, share, directories, error))
    return tuple(sorted(rows, key=lambda row: (_ORDER.index(row.mark), row.id)))


def percent(share: float | None) -> str:
    """`+50 %`: how far above or below the even share."""
    return DASH if share is None else f"{round(100 * share):+d} %" if round(100 * share) else "even"


def finding(rows: Sequence[BrokerRow], loads: Balance | None) -> str:
    """The tab's first line."""
    bad = [row for row in rows if row.mark in (Mark.BAD, Mark.WARN)]
    head = plural(len(rows), "broker")
    if bad:
        more = f"; {plural(len(bad) - 1, 'other needs', 'others need')} a look" if len(bad) > 1 else ""
        return f"{head}. Broker {bad[0].id}: {bad[0].state}{more}"
    if loads is not None and loads.misled:
        count = plural(loads.misled, "partition is", "partitions are")
        return f"{head}, all run; {count} led away from the preferred replica"
    return f"{head} run{'s' if len(rows) == 1 else ''}" + ("" if loads is None else ", leaders are where they belong")
