"""Every broker with what it carries: leaders, replicas, bytes and room."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import BrokerDescription, LogDirectory
from kafkaview.coordination.balance import Balance, DirectorySize, Load

Directories = Mapping[int, tuple[DirectorySize, ...] | ClusterError]


@dataclass(frozen=True, slots=True)
class BrokerState:
    """One broker with what it carries. `broker` is None if it holds replicas and the cluster does not name it; `load`
    if no topic is seen; `share` is its leaders against the even share, 0.5 being half as many again.
    """

    id: int
    broker: BrokerDescription | None
    load: Load | None
    share: float | None
    directories: tuple[DirectorySize, ...] | None
    error: ClusterError | None = None

    @property
    def used(self) -> int | None:
        """The bytes that its replicas hold."""
        return None if self.directories is None else sum(one.replicas_bytes for one in self.directories)

    @property
    def free(self) -> int | None:
        """The bytes free in its log directories; None if one of them does not say."""
        sizes = [one.free_bytes for one in self.directories or ()]
        known = [one for one in sizes if one is not None]
        return sum(known) if known and len(known) == len(sizes) else None


def broker_states(
    brokers: Sequence[BrokerDescription], directories: Directories, loads: Balance | None
) -> tuple[BrokerState, ...]:
    """Returns every broker that is named or holds a replica, by id."""
    by_id = {broker.id: broker for broker in brokers}
    carried = {load.broker: load for load in loads.loads} if loads is not None else {}
    leaders = sum(load.leaders for load in carried.values())
    states = []
    for number in sorted(by_id.keys() | carried.keys()):
        answer, load = directories.get(number), carried.get(number)
        share = load.leaders * len(carried) / leaders - 1 if load is not None and leaders else None
        error = answer if isinstance(answer, ClusterError) else None
        sizes = answer if isinstance(answer, tuple) else None
        states.append(BrokerState(number, by_id.get(number), load, share, sizes, error))
    return tuple(states)


def directory_sizes(
    directories: Mapping[int, tuple[LogDirectory, ...] | ClusterError] | ClusterError,
    brokers: Iterable[BrokerDescription],
) -> Directories:
    """Returns the sizes of each broker's log directories, or why they are unknown; an error in place of all answers is
    every broker's.
    """
    if isinstance(directories, ClusterError):
        return dict.fromkeys((broker.id for broker in brokers), directories)
    return {
        broker: answer if isinstance(answer, ClusterError) else tuple(map(DirectorySize.of, answer))
        for broker, answer in directories.items()
    }
