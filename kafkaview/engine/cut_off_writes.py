"""How each kind of write is looked at whose engine ended in its middle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from kafkaview.security import standing as security
from kafkaview.security.plans import CREATE_ACLS, DELETE_ACLS, DELETE_SCRAM, SET_QUOTA, SET_SCRAM
from kafkaview.writes.settling import Look, check_none_may_arrive, look_at_offsets
from kafkaview.writes.topics import standing as topics
from kafkaview.writes.topics.creation import CREATION
from kafkaview.writes.topics.deletion import DELETION
from kafkaview.writes.topics.partitions import ADDITION
from kafkaview.writes.topics.settings import SETTINGS

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster
    from kafkaview.journal.entry import JournalEntry

_LOOKS: Final[Mapping[str, Callable[[Cluster, Mapping[str, Any]], Awaitable[bool | None]]]] = {
    CREATION: topics.creation_stands,
    DELETION: topics.deletion_stands,
    ADDITION: topics.addition_stands,
    SETTINGS: topics.settings_stand,
    CREATE_ACLS: security.acls_stand,
    DELETE_ACLS: security.acls_are_gone,
    SET_SCRAM: security.password_stands,
    DELETE_SCRAM: security.password_is_gone,
    SET_QUOTA: security.limits_stand,
}


def find_look(cluster: Cluster, entry: JournalEntry) -> Look | None:
    """Returns what sees whether the write of an entry stands; None where what stands does not tell it."""
    if entry.intent.offsets:
        return look_at_offsets(cluster, entry.intent.offsets)
    seen = _LOOKS.get(entry.intent.kind)
    if seen is None:
        return None

    async def look() -> bool | None:
        stands = await seen(cluster, entry.intent.plan)
        if not stands:
            await check_none_may_arrive(cluster)
        return stands

    return look
