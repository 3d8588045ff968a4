"""Who coordinates a cluster, and how well: the metadata quorum of KRaft, or the controller that ZooKeeper elects.

A quorum's times are all of its leader's clock, and are compared with that alone, never with ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.cluster.ports.voters import VoterEndpoint
from kafkaview.cluster.ports.zookeeper import MigrationPhase, ZooKeeperState
from kafkaview.terms import Broker

DOWN_AFTER_MS: Final = 3_000  # a leader that a majority does not fetch from for this long resigns
LATE_AFTER_MS: Final = 2_000  # controller.quorum.fetch.timeout.ms
LAGGING_AFTER_MS: Final = 10_000


class CoordinationMode(StrEnum):
    """What a cluster is coordinated by."""

    KRAFT = "kraft"
    ZOOKEEPER = "zookeeper"
    MIGRATING = "migrating"  # its brokers disagree, as they do while they are moved one by one (KIP-866)
    UNKNOWN = "unknown"


class ReplicaHealth(StrEnum):
    """How a voter or an observer follows the quorum's leader."""

    LEADER = "leader"
    HEALTHY = "healthy"
    LAGGING = "lagging"
    DOWN = "down"
    UNKNOWN = "unknown"  # it has not fetched from this leader yet, there is none, or the release does not say


class QuorumHealth(StrEnum):
    """Whether the quorum can go on."""

    HEALTHY = "healthy"
    NO_FAULT_LEFT = "no_fault_left"  # one more voter lost and no metadata can be written
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class QuorumReplica:
    """A controller (voter) or broker (observer) that holds the metadata log.

    `lag` is in offsets of that log: they come in bursts, so by itself it is no fault. `fetch_age_ms` is the time since
    its last fetch, `caught_up_lag_ms` how far it is behind what the leader has. `listeners` are known of voters, since
    Kafka 3.9. `answers` says whether it answers by itself, which is asked only while nobody leads.
    """

    id: int
    directory_id: str | None
    endpoints: tuple[str, ...]
    log_end_offset: int | None
    lag: int | None
    fetch_age_ms: int | None
    caught_up_lag_ms: int | None
    health: ReplicaHealth
    listeners: tuple[VoterEndpoint, ...] = ()
    answers: bool | None = None


@dataclass(frozen=True, slots=True)
class Quorum:
    """The metadata quorum as its leader tells it. Where none does, `leader_id` is None and only who votes is known, as
    far as the brokers' settings or the controllers themselves tell; `goes_on` says then whether the brokers still read
    new metadata, which only a leader whom a majority follows can bring.
    """

    leader_id: int | None
    leader_epoch: int | None
    high_watermark: int | None
    voters: tuple[QuorumReplica, ...]
    observers: tuple[QuorumReplica, ...]
    goes_on: bool = False

    @property
    def majority(self) -> int:
        """How many voters must agree."""
        return len(self.voters) // 2 + 1

    @property
    def can_lose(self) -> int | None:
        """How many voters more may fail now; None while the state of one is unknown."""
        if self.health is QuorumHealth.LOST:
            return 0
        return None if self._unknown or self.leader_id is None else max(0, self._good - self.majority)

    @property
    def health(self) -> QuorumHealth:
        """Whether a majority follows. A lone voter is healthy: it was never meant to bear a fault."""
        if self.leader_id is None:  # nothing can be written; with a majority there it may be but an election
            there = self.goes_on or self._answering >= self.majority
            return QuorumHealth.UNKNOWN if there else QuorumHealth.LOST
        if self._good + self._unknown < self.majority:
            return QuorumHealth.LOST
        if self._unknown:
            return QuorumHealth.UNKNOWN
        one_less = self._good == self.majority and len(self.voters) > 1
        return QuorumHealth.NO_FAULT_LEFT if one_less else QuorumHealth.HEALTHY

    @property
    def _good(self) -> int:
        return sum(voter.health in (ReplicaHealth.LEADER, ReplicaHealth.HEALTHY) for voter in self.voters)

    @property
    def _answering(self) -> int:
        return sum(bool(voter.answers) for voter in self.voters)

    @property
    def _unknown(self) -> int:
        return sum(voter.health is ReplicaHealth.UNKNOWN for voter in self.voters)


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature flag (KIP-584): the level that the cluster is finalized at, and the levels that every broker that
    answered supports; `supported` by broker.
    """

    name: str
    finalized: int | None
    minimum: int | None
    maximum: int | None
    supported: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coordination:
    """All of it. `evidence` are sentences that say what the mode was seen by; `quorum` is None on ZooKeeper, and where
    it may not be seen: `refused` says why, and names the missing right.
    """

    mode: CoordinationMode
    evidence: tuple[str, ...]
    controller_id: int | None
    controller_epoch: int | None
    quorum: Quorum | None
    features: tuple[Feature, ...] = ()
    brokers: tuple[Broker, ...] = field(default=())
    zookeeper: ZooKeeperState | None = None  # None where the profile names none and no broker tells one
    migration: MigrationPhase | None = None  # None where it is unknown: "ZooKeeper, or migrating"
    refused: ClusterError | None = None
    kraft_brokers: tuple[int, ...] = ()  # as they answered; a silent broker stands on neither side
    zookeeper_brokers: tuple[int, ...] = ()
    unseen: tuple[Unseen, ...] = ()  # of brokers that did not answer, and the quorum where it may not be seen


def replica_health(*, leader: bool, fetch_age_ms: int | None, caught_up_lag_ms: int | None) -> ReplicaHealth:
    """How a replica follows, by what the leader knows of it."""
    if leader:
        return ReplicaHealth.LEADER
    if fetch_age_ms is None:
        return ReplicaHealth.UNKNOWN
    if fetch_age_ms > DOWN_AFTER_MS:
        return ReplicaHealth.DOWN
    if fetch_age_ms > LATE_AFTER_MS or (caught_up_lag_ms or 0) > LAGGING_AFTER_MS:
        return ReplicaHealth.LAGGING
    return ReplicaHealth.HEALTHY
