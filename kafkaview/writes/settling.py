"""What became of a write whose process ended in its middle, seen from what stands now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.journal.entry import OffsetChange
from kafkaview.writes.offsets.group_facts import read_group

K = TypeVar("K")
V = TypeVar("V")

# Whether a change stands: True where all is as it was to be, False where all is as before, None where neither is so.
# Raises ClusterError where that cannot be seen.
Look = Callable[[], Awaitable[bool | None]]

PAUSE_S: Final = 1.0
_ARRIVES_S: Final = 3.0  # by then a request that a dead process had sent was carried out
SILENT_S: Final = 60.0  # who does not answer is asked again for so long: another broker may take over


async def settle(look: Look) -> bool | None:
    """Looks until a change stands, or has not stood for a while; None where neither can be said."""
    until, answered = time.monotonic() + SILENT_S, 0.0
    while True:
        await asyncio.sleep(PAUSE_S)
        try:
            stands = await look()
        except ClusterError as error:
            answered = 0.0
            if not isinstance(error, Unreachable) or time.monotonic() > until:
                return None
            continue
        answered = answered or time.monotonic()
        if stands or time.monotonic() - answered >= _ARRIVES_S:
            return stands


def compare(now: Mapping[K, V], before: Mapping[K, V], after: Mapping[K, V]) -> bool | None:
    """Returns whether what changes is now as after, or as before; a key that lacks is none."""
    changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    if all(now.get(key) == after.get(key) for key in changed):
        return True
    return False if all(now.get(key) == before.get(key) for key in changed) else None


def look_at_offsets(cluster: Cluster, changes: Sequence[OffsetChange]) -> Look:
    """Returns the look at a change of committed offsets."""

    async def look() -> bool | None:
        now = (await read_group(cluster, changes[0].group, require_stable=True)).committed
        before = {one.topic_partition: one.before for one in changes}
        return compare(now, before, {one.topic_partition: one.after for one in changes})

    return look
