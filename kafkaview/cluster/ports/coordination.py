"""Who coordinates a cluster, and how well: the metadata quorum of KRaft, or the controller that ZooKeeper elects.

All times of a quorum are from its leader's clock, so they are compared with each other and never with our clock.
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
    """The way a cluster is coordinated."""

    KRAFT = "kraft"
    ZOOKEEPER = "zookeeper"
    MIGRATING = "migrating"  # its brokers disagree, as they do while they are moved one by one (KIP-866)
    UNKNOWN = "unknown"


class ReplicaHealth(StrEnum):
    """How well a voter or an observer follows the quorum's leader."""

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

    `lag` is in offsets of that log. Its records come in bursts, so a lag alone is no fault. `fetch_age_ms` is the time
    since its last fetch, `caught_up_lag_ms` how far it is behind the leader's log. `listeners` are known of voters,
    since Kafka 3.9. `answers` says whether it answers by itself, which is asked only while there is no leader.
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
    """The metadata quorum as its leader describes it. Without a leader `leader_id` is None and only the voters are
    known, as far as the brokers' settings or the controllers give them. `goes_on` then says whether the brokers still
    read new metadata, which shows that a majority follows a leader.
    """

    leader_id: int | None
    leader_epoch: int | None
    high_watermark: int | None
    voters: tuple[QuorumReplica, ...]
    observers: tuple[QuorumReplica, ...]
    goes_on: bool = False

    @property
    def majority(self) -> int:
        """Returns how many voters make a majority."""
        return len(self.voters) // 2 + 1

    @property
    def can_lose(self) -> int | None:
        """Returns how many more voters may fail now; None while the state of a voter is unknown."""
        if self.health is QuorumHealth.LOST:
            return 0
        return None if self._unknown or self.leader_id is None else max(0, self._good - self.majority)

    @property
    def health(self) -> QuorumHealth:
        """Returns whether a majority follows. A lone voter is healthy: it is not meant to survive a failure."""
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
    """A feature flag (KIP-584): the finalized level of the cluster, the levels that every broker that answered
    supports, and `supported` by broker.
    """

    name: str
    finalized: int | None
    minimum: int | None
    maximum: int | None
    supported: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Coordination:
    """The whole state of a cluster's coordination. `evidence` has sentences on why the mode is believed. `quorum` is
    None on ZooKeeper, and where it may not be seen: `refused` then names the missing right.
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
    """Returns how well a replica follows, by the leader's figures of it."""
    if leader:
        return ReplicaHealth.LEADER
    if fetch_age_ms is None:
        return ReplicaHealth.UNKNOWN
    if fetch_age_ms > DOWN_AFTER_MS:
        return ReplicaHealth.DOWN
    if fetch_age_ms > LATE_AFTER_MS or (caught_up_lag_ms or 0) > LAGGING_AFTER_MS:
        return ReplicaHealth.LAGGING
    return ReplicaHealth.HEALTHY
