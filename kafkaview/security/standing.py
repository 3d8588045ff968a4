"""Whether a change of ACLs, passwords or quotas stands, by what the journal has of it: its process may have ended in
the middle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.security import QuotaEntity, ScramMechanism
from kafkaview.security.documents import acl_of_document
from kafkaview.security.plans import find_credential, find_limits
from kafkaview.writes.settling import compare


async def acls_stand(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether all ACLs of a creation are there, or none of them."""
    wanted = {acl_of_document(one) for one in written["acls"]}
    left = wanted - set(await cluster.security.acls())
    return True if not left else False if left == wanted else None


async def acls_are_gone(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether all ACLs of a deletion are gone, or none of them."""
    stand = await acls_stand(cluster, written)
    return None if stand is None else not stand


async def password_stands(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether a password was set. No cluster tells passwords apart: a new one with as many iterations shows nothing."""
    now = await find_credential(cluster, written["user"], ScramMechanism[written["mechanism"]])
    before, after = ({"": written[name]} for name in ("iterations_before", "iterations"))
    return None if before == after else compare({"": now.iterations if now else None}, before, after)


async def password_is_gone(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether a password was deleted."""
    return await find_credential(cluster, written["user"], ScramMechanism[written["mechanism"]]) is None


async def limits_stand(cluster: Cluster, written: Mapping[str, Any]) -> bool | None:
    """Whether the limits of a quota were set."""
    now = await find_limits(cluster, QuotaEntity(tuple(written["entity"].items())))
    return compare(now, written["before"], written["limits"])
