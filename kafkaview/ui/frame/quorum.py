"""The quorum in a few words, for the status bar: read now and then, for whoever may read it."""

from __future__ import annotations

from kafkaview.cluster.coordination import Coordination, Mode, QuorumHealth
from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.port import Cluster

_HEALTH = {
    QuorumHealth.HEALTHY: "healthy",
    QuorumHealth.NO_FAULT_LEFT: "bears no more fault",
    QuorumHealth.LOST: "lost",
    QuorumHealth.UNKNOWN: "not fully told",
}


async def quorum_words(cluster: Cluster) -> str:
    """What the quorum's leader tells of it, or that this principal may not know; empty where nobody answers."""
    try:
        told = await cluster.coordination()
    except NotAuthorized:
        return "quorum not readable for this principal"
    except ClusterError:
        return ""
    return _words(told)


def _words(told: Coordination) -> str:
    quorum = told.quorum
    if quorum is None:
        return "no leader of the quorum answers" if told.mode is Mode.KRAFT else ""
    voters = f"{len(quorum.voters)} voter{'' if len(quorum.voters) == 1 else 's'}"
    leader = "" if quorum.leader_id is None else f", led by {quorum.leader_id}"
    return f"quorum {_HEALTH[quorum.health]}, {voters}{leader}"
