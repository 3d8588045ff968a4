"""The quorum in a few words, for the status bar."""

from __future__ import annotations

from collections.abc import Collection

from kafkaview.cluster.ports.coordination import QuorumHealth
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView
from kafkaview.triage.watch.view import SilentBroker

_HEALTH = {
    QuorumHealth.HEALTHY: "healthy",
    QuorumHealth.NO_FAULT_LEFT: "bears no more fault",
    QuorumHealth.LOST: "lost",
    QuorumHealth.UNKNOWN: "not fully known",
}


def describe_quorum(view: CoordinationView, silent: Collection[SilentBroker] = ()) -> str:
    """Returns the state of the quorum, or that the principal may not read it; empty if there is none or no answer. A
    health that is older than the silence of a broker that votes may not be so any more.
    """
    if view.missing_right is not None:
        return "quorum not readable for this principal"
    if view.lost:
        return "quorum lost"
    if view.electing:
        return "nobody leads the quorum"
    if view.answer is not CoordinationAnswer.YES or view.quorum is None:
        return ""
    voters = f"{len(view.quorum.voters)} voter{'' if len(view.quorum.voters) == 1 else 's'}"
    doubted = any(
        broker.id == voter.id and broker.since_ms >= (view.quorum_at_ms or 0)
        for broker in silent
        for voter in view.quorum.voters
    )
    when = " when last seen" if doubted else ""
    return f"quorum {_HEALTH[view.quorum.health]}{when}, {voters}, led by {view.quorum.leader_id}"
