"""The rows of the brokers: what each carries, how much room it has, what is wrong. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.brokers import BrokerDescription
from kafkaview.coordination.balance import Balance, DirectorySize
from kafkaview.coordination.brokers import BrokerState, Directories, broker_states
from kafkaview.ui.kit.marks import Mark
from kafkaview.words import plural

_LITTLE: Final = 0.1  # of a volume: with less free, a broker is about to stop
_ORDER: Final = (Mark.BAD, Mark.WARN, Mark.UNKNOWN, Mark.OK)


@dataclass(frozen=True, slots=True)
class BrokerRow:
    """One broker, and its worst problem."""

    broker: BrokerState

    @property
    def id(self) -> int:
        """Its node id."""
        return self.broker.id

    @property
    def mark(self) -> Mark:
        """The worst problem as a mark."""
        return self._trouble[0]

    @property
    def word(self) -> str:
        """The worst problem in a word or three."""
        return self._trouble[1]

    @property
    def state(self) -> str:
        """The worst problem in a sentence."""
        return self._trouble[2]

    @property
    def _trouble(self) -> tuple[Mark, str, str]:
        if self.broker.broker is None:
            return Mark.BAD, "gone", "gone: it holds replicas, and the cluster does not name it"
        if self.broker.broker.fenced:
            return Mark.BAD, "fenced", "fenced: it sends no heartbeats, so it leads nothing"
        broken = [one for one in self.broker.directories or () if one.error is not None]
        if broken:
            return Mark.BAD, "log directory failed", f"{broken[0].path}: {broken[0].error}"
        if any(is_full(one) for one in self.broker.directories or ()):
            return Mark.WARN, "little room", "less than a tenth of a log directory is free"
        if self.broker.load is not None and self.broker.load.out_of_sync:
            late = f"{plural(self.broker.load.out_of_sync, 'replica')} out of sync"
            return Mark.WARN, late, late
        if self.broker.load is not None and self.broker.load.out_of_sync is None:
            late = "replicas out of sync: missing, or being added"
            return Mark.UNKNOWN, "replicas out of sync", f"{late}. Reassignments may not be seen"
        if self.broker.error is not None:
            return Mark.UNKNOWN, "unknown", self.broker.error.message
        return Mark.OK, "runs", "runs"


def is_full(directory: DirectorySize) -> bool:
    """Returns whether the log directory's volume has little room left."""
    total, free = directory.total_bytes, directory.free_bytes
    return bool(total) and free is not None and free < _LITTLE * (total or 0)


def broker_rows(
    brokers: Sequence[BrokerDescription], loads: Balance | None, directories: Directories
) -> tuple[BrokerRow, ...]:
    """Returns every broker that is named or holds a replica, the worst first."""
    rows = map(BrokerRow, broker_states(brokers, directories, loads))
    return tuple(sorted(rows, key=lambda row: (_ORDER.index(row.mark), row.id)))


def finding(rows: Sequence[BrokerRow], loads: Balance | None) -> str:
    """Returns the tab's first line."""
    bad = [row for row in rows if row.mark in (Mark.BAD, Mark.WARN)]
    head = plural(len(rows), "broker")
    if bad:
        more = f"; {plural(len(bad) - 1, 'other needs', 'others need')} a look" if len(bad) > 1 else ""
        return f"{head}. Broker {bad[0].id}: {bad[0].state}{more}"
    unknown = [row for row in rows if row.mark is Mark.UNKNOWN]
    if unknown:
        more = f"; of {plural(len(unknown) - 1, 'other')} something is unknown too" if len(unknown) > 1 else ""
        return f"{head}. Broker {unknown[0].id}: {unknown[0].state}{more}"
    seen = " that you may see" if loads is not None and loads.hidden else ""
    if loads is not None and loads.misled:
        count = plural(loads.misled, f"partition{seen} is", f"partitions{seen} are")
        return f"{head}, all run; {count} led away from the preferred replica"
    placed = "" if loads is None else f", leaders{seen and ' of the topics' + seen} are where they belong"
    return f"{head} run{'s' if len(rows) == 1 else ''}{placed}"
