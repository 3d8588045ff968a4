"""Delegation tokens that brokers leave out: no request tells whether there are any."""

from __future__ import annotations

from typing import Final

from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedByPolicy
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.unseen import Unseen

_HIDDEN: Final = Unseen(
    "tokens",
    NotAuthorized(
        "Brokers leave out tokens of other owners that you may not describe, and do not say whether there are any",
        "To be sure, ask for the right DESCRIBE on DelegationToken *.",
    ),
)


async def find_hidden_tokens(cluster: Cluster) -> tuple[Unseen, ...]:
    """Returns that tokens may be hidden, where the cluster has an authorizer, or why that is unknown."""
    try:
        await cluster.security.acls()
    except RefusedByPolicy:  # SECURITY_DISABLED: everybody sees all
        return ()
    except NotAuthorized:
        return (_HIDDEN,)
    except ClusterError as error:
        return (Unseen("tokens", error),)
    return (_HIDDEN,)
