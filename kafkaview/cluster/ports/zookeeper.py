"""The state of ZooKeeper for a cluster that it coordinates, or did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ZooKeeperRole(StrEnum):
    """A server's role in its ensemble, as `srvr` reports it."""

    LEADER = "leader"
    FOLLOWER = "follower"
    OBSERVER = "observer"
    STANDALONE = "standalone"


class EnsembleHealth(StrEnum):
    """Whether the ensemble has the majority that it needs."""

    HEALTHY = "healthy"
    NO_FAULT_LEFT = "no_fault_left"
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ZooKeeperServer:
    """One server of `zookeeper.connect`, from its own four-letter words; `error` in words where it does not serve."""

    server: str
    role: ZooKeeperRole | None = None
    version: str | None = None
    znodes: int | None = None
    watches: int | None = None
    connections: int | None = None
    outstanding: int | None = None
    avg_latency_ms: float | None = None
    error: str | None = None
    waits: bool = False  # it runs, and says that it does not serve: it has no majority, or elects
    undecided: bool = False  # it may well serve: srvr is not allowed there, or it is out of reach from here


@dataclass(frozen=True, slots=True)
class ZooKeeperBroker:
    """A broker's registration below `/brokers/ids`, created when its session began, by ZooKeeper's clock."""

    id: int
    endpoints: tuple[str, ...]
    rack: str | None
    registered_at_ms: int | None


@dataclass(frozen=True, slots=True)
class MigrationRecord:
    """`/migration` (KIP-866). Every field is -1 until a KRaft controller takes over."""

    kraft_controller_id: int
    kraft_controller_epoch: int
    kraft_metadata_offset: int
    kraft_metadata_epoch: int


class MigrationPhase(StrEnum):
    """How far a migration from ZooKeeper to KRaft has come, as seen from outside."""

    NONE = "none"
    CONTROLLER_READY = "controller_ready"  # KRaft controllers run in migration mode; ZooKeeper rules
    DUAL_WRITE = "dual_write"  # the KRaft controller rules, and writes to ZooKeeper too; brokers are ZooKeeper's
    BROKERS_MOVING = "brokers_moving"  # some brokers run in KRaft
    BROKERS_MOVED = "brokers_moved"  # all do; the controller still writes to ZooKeeper, so going back is possible
    FINALIZED = "finalized"  # ZooKeeper is no longer written to


@dataclass(frozen=True, slots=True)
class ZooKeeperState:
    """The state of the ensemble and of Kafka's nodes. Fields are None where it is unknown; `error` in words where
    Kafka's nodes could not be read at all.
    """

    ensemble: tuple[ZooKeeperServer, ...]
    controller_id: int | None = None
    controller_epoch: int | None = None
    controller_is_ephemeral: bool | None = None  # only while a ZooKeeper broker is the controller
    kraft_controller_epoch: int | None = None
    brokers: tuple[ZooKeeperBroker, ...] = ()
    migration: MigrationRecord | None = None
    error: str | None = None
    cluster_id: str | None = None

    @property
    def health(self) -> EnsembleHealth:
        """Returns whether a majority of the servers serves. A lone server is healthy: it is not meant to survive a
        failure. Unknown where it cannot be seen from here, and while a majority elects its leader.
        """
        serving = sum(one.role is not None for one in self.ensemble)
        waiting = sum(one.waits for one in self.ensemble)
        undecided = sum(one.undecided for one in self.ensemble)
        majority = len(self.ensemble) // 2 + 1
        if serving >= majority:
            one_less = serving == majority and len(self.ensemble) > 1
            return EnsembleHealth.NO_FAULT_LEFT if one_less else EnsembleHealth.HEALTHY
        told_alone = serving == 0 and 0 < waiting < majority  # those that are left say themselves that they are too few
        possible = serving + waiting + undecided >= majority
        return EnsembleHealth.UNKNOWN if not self.ensemble or (possible and not told_alone) else EnsembleHealth.LOST


@dataclass(frozen=True, slots=True)
class ZooKeeperNode:
    """A node of Kafka with its content, every secret masked; times by ZooKeeper's clock."""

    path: str
    text: str
    children: tuple[str, ...]
    version: int
    created_at_ms: int
    modified_at_ms: int
    ephemeral: bool
