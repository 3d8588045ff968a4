"""What became of a write whose process ended in its middle, seen from what stands now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeVar

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.journal.entry import OffsetChange
from kafkaview.words import join_names
from kafkaview.writes.offsets.group_facts import read_group

K = TypeVar("K")
V = TypeVar("V")

# Whether a change stands: True where all is as it was to be, False where all is as before, None where neither is so.
# Raises ClusterError where that cannot be seen.
Look = Callable[[], Awaitable[bool | None]]

PAUSE_S: Final = 1.0
_NO_TOPIC: Final = "kafkaview-asks-the-controller"  # which is drafted, and never made
_LOOK_AGAIN: Final = "Look again once every broker answers."
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


async def check_none_may_arrive(cluster: Cluster) -> None:
    """Raises Unreachable where what a dead process has sent to the controller may be carried out yet: a broker passes
    it on again until somebody leads the quorum (KIP-590), and one that stood still takes it up where it was.
    """
    known = await cluster.brokers.describe()
    fenced = {one.id for one in known if one.fenced and not await cluster.brokers.is_down(one)}
    if all(one.fenced is None for one in known):  # before Kafka 4.0 a fenced broker is not listed, but holds replicas
        replicas = {one for some in (await cluster.partition_table(fresh=True)).replica_sets for one in some}
        fenced = replicas - {one.id for one in (await cluster.describe()).brokers}
    unlisted = (await cluster.groups()).unlisted
    silent = {one for one, error in unlisted.items() if one is not None and isinstance(error, Unreachable)}
    away = sorted(fenced | silent)
    if away:
        brokers = join_names([f"broker {one}" for one in away])
        raise Unreachable(f"{brokers} may hold what was sent and carry it out yet", _LOOK_AGAIN)
    try:
        await cluster.draft_topic(_NO_TOPIC, 1)
    except Unreachable as error:
        raise Unreachable("The controller does not answer: it may carry out yet what was sent", _LOOK_AGAIN) from error
    except ClusterError:  # it answered
        return


async def await_arrivals(cluster: Cluster) -> None:
    """Waits until what a dead process has sent to the controller is carried out. Raises Unreachable where it may come
    later.
    """
    await check_none_may_arrive(cluster)
    await asyncio.sleep(_ARRIVES_S)


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
