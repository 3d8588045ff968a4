"""The quorum in a few words, for the status bar."""

from __future__ import annotations

from kafkaview.cluster.ports.coordination import QuorumHealth
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView

_HEALTH = {
    QuorumHealth.HEALTHY: "healthy",
    QuorumHealth.NO_FAULT_LEFT: "bears no more fault",
    QuorumHealth.LOST: "lost",
    QuorumHealth.UNKNOWN: "not fully known",
}


def describe_quorum(view: CoordinationView) -> str:
    """Returns the state of the quorum, or that the principal may not read it; empty if there is none or no answer."""
    if view.missing_right is not None:
        return "quorum not readable for this principal"
    if view.lost:
        return "quorum lost"
    if view.electing:
        return "nobody leads the quorum"
    if view.answer is not CoordinationAnswer.YES or view.quorum is None:
        return ""
    voters = f"{len(view.quorum.voters)} voter{'' if len(view.quorum.voters) == 1 else 's'}"
    return f"quorum {_HEALTH[view.quorum.health]}, {voters}, led by {view.quorum.leader_id}"
