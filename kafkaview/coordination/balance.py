"""How evenly a cluster's brokers carry it: leaders, replicas and bytes of each, held against the even share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import LogDirectory
from kafkaview.coordination.replica_moves import NO_MOVES, ReplicaMoves
from kafkaview.terms import Partition, Topic


@dataclass(frozen=True, slots=True)
class Load:
    """What one broker carries. `preferred` are the partitions that it would lead if every preferred replica led;
    `out_of_sync` its replicas that are not in sync, those that a reassignment adds left out; None where it is unknown
    whether they are being added. `log_bytes` what its replicas hold on disk, None where it did not say.
    """

    broker: int
    leaders: int
    preferred: int
    replicas: int
    out_of_sync: int | None
    log_bytes: int | None


@dataclass(frozen=True, slots=True)
class DirectorySize:
    """One of a broker's `log.dirs`: how many replicas it holds, and bytes; `error` in the broker's words."""

    path: str
    total_bytes: int | None
    free_bytes: int | None
    replicas: int
    replicas_bytes: int
    error: str | None = None

    @classmethod
    def of(cls, directory: LogDirectory) -> DirectorySize:
        """Returns the size of a log directory."""
        held = directory.replicas
        return cls(
            directory.path,
            directory.total_bytes,
            directory.free_bytes,
            len(held),
            directory.replicas_bytes,
            directory.error,
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """Every broker's load, ordered by id; of the topics that are seen, if some may be hidden."""

    loads: tuple[Load, ...]
    hidden: bool = False

    @property
    def misled(self) -> int:
        """How many partitions too many are led somewhere: none where the leaders are where they were placed."""
        return sum(max(0, load.leaders - load.preferred) for load in self.loads)


def balance(
    topics: Collection[Topic],
    brokers: Collection[int],
    directories: Mapping[int, tuple[LogDirectory, ...] | ClusterError],
    moves: ReplicaMoves | None = NO_MOVES,
) -> Balance:
    """The load of each broker that is known or holds a replica, from the metadata and the log directories; `moves` None
    is unknown.
    """
    placed = map(moves.add_to, topics) if moves is not None and moves.reassignments else topics
    partitions = [partition for topic in placed for partition in topic.partitions]
    leaders = Counter(one.leader for one in partitions)
    preferred = Counter(one.replicas[0] for one in partitions if one.replicas)
    replicas = Counter(broker for one in partitions for broker in one.replicas)
    late = Counter(broker for one in partitions for broker in _late(one))
    unsure = late.keys() if moves is None else ()
    return Balance(
        tuple(
            Load(
                number,
                leaders[number],
                preferred[number],
                replicas[number],
                None if number in unsure else late[number],
                _bytes(directories, number),
            )
            for number in sorted({*brokers, *replicas})
        )
    )


def _late(partition: Partition) -> set[int]:
    """The brokers that miss records of a partition which they are meant to have; one that is being added is on its way
    to them, unless it is gone.
    """
    arriving = set(partition.adding_replicas or ()) - set(partition.offline_replicas or ())
    return set(partition.replicas) - set(partition.isr) - arriving


def _bytes(directories: Mapping[int, tuple[LogDirectory, ...] | ClusterError], broker: int) -> int | None:
    answer = directories.get(broker)
    return None if answer is None or isinstance(answer, ClusterError) else sum(one.replicas_bytes for one in answer)
