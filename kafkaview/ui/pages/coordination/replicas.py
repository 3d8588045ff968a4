"""The quorum's replicas in the order, with the marks, names and distances of the page. No widgets."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.cluster.ports.coordination import QuorumHealth, QuorumReplica, ReplicaHealth
from kafkaview.coordination.view import CoordinationView
from kafkaview.ui.kit.marks import Mark
from kafkaview.words import duration

QUORUM_MARKS = {
    QuorumHealth.HEALTHY: Mark.OK,
    QuorumHealth.NO_FAULT_LEFT: Mark.WARN,
    QuorumHealth.LOST: Mark.BAD,
    QuorumHealth.UNKNOWN: Mark.UNKNOWN,
}
_MARKS = {
    ReplicaHealth.LEADER: Mark.OK,
    ReplicaHealth.HEALTHY: Mark.OK,
    ReplicaHealth.LAGGING: Mark.WARN,
    ReplicaHealth.DOWN: Mark.BAD,
    ReplicaHealth.UNKNOWN: Mark.UNKNOWN,
}
_WORST_FIRST = (ReplicaHealth.DOWN, ReplicaHealth.LAGGING, ReplicaHealth.UNKNOWN)


@dataclass(frozen=True, slots=True)
class QuorumNode:
    """One voter or observer. A `stale` node is shown as it was last seen; `kind` is its kind in words."""

    replica: QuorumReplica
    voter: bool
    leader: bool
    kind: str  # "controller", "broker", or "node" where nothing says which
    stale: bool = False

    @property
    def id(self) -> int:
        """Its node id."""
        return self.replica.id

    @property
    def name(self) -> str:
        """`controller 3`, `broker 13`."""
        return f"{self.kind} {self.id}"

    @property
    def role(self) -> str:
        """Its part in the quorum."""
        return "leader" if self.leader else "voter" if self.voter else "observer"

    @property
    def mark(self) -> Mark:
        """Its health as a mark; a stale node has none."""
        return Mark.IDLE if self.stale else _MARKS[self.replica.health]

    @property
    def health(self) -> str:
        """Its health in a word."""
        if self.stale:
            return "last known"
        return "healthy" if self.replica.health is ReplicaHealth.LEADER else self.replica.health.value

    @property
    def down(self) -> bool:
        """Whether it has stopped to fetch."""
        return self.replica.health is ReplicaHealth.DOWN

    @property
    def behind_ms(self) -> int | None:
        """The time that it is behind the leader, by the leader's clock; of a silent one, since its last fetch."""
        if self.down:
            return self.replica.fetch_age_ms
        if self.replica.health is ReplicaHealth.LAGGING:
            return max(self.replica.fetch_age_ms or 0, self.replica.caught_up_lag_ms or 0)
        return self.replica.caught_up_lag_ms

    @property
    def distance(self) -> str:
        """The words under it in the picture."""
        if self.leader or self.behind_ms is None:
            return "" if self.leader else "unknown"
        return f"silent {duration(self.behind_ms)}" if self.down else duration(self.behind_ms)


def nodes_of(view: CoordinationView) -> tuple[QuorumNode, ...]:
    """Returns the leader, then the voters by id, then the observers, the worst first."""
    quorum = view.quorum
    if quorum is None:
        return ()
    brokers = {broker.id for broker in view.coordination.brokers} if view.coordination is not None else set()

    def node(one: QuorumReplica, *, voter: bool) -> QuorumNode:
        kind = "controller" if voter else "broker" if one.id in brokers else "node"
        return QuorumNode(one, voter, one.id == quorum.leader_id, kind, view.stale)

    voters = sorted((node(one, voter=True) for one in quorum.voters), key=lambda one: (not one.leader, one.id))
    observers = sorted((node(one, voter=False) for one in quorum.observers), key=lambda one: (_urgency(one), one.id))
    return (*voters, *observers)


def _urgency(node: QuorumNode) -> int:
    health = node.replica.health
    return _WORST_FIRST.index(health) if health in _WORST_FIRST else len(_WORST_FIRST)
