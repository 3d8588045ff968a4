"""What became of a change of committed offsets whose process ended in the middle: seen from what stands now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.journal.entry import OffsetChange
from kafkaview.writes.offsets.group_facts import read_group

_ARRIVES_S: Final = 1.0  # by then a request that a dead process had sent was carried out
_SILENT_S: Final = 60.0  # a coordinator that does not answer is asked again for so long: another one may take over


async def offsets_stand(cluster: Cluster, changes: Sequence[OffsetChange]) -> bool | None:
    """Whether a change stands: True where every partition is as it was to be, False where each is as before, None where
    neither can be said.
    """
    until = time.monotonic() + _SILENT_S
    while True:
        await asyncio.sleep(_ARRIVES_S)
        try:
            committed = (await read_group(cluster, changes[0].group, require_stable=True)).committed
            break
        except ClusterError as error:
            if not isinstance(error, Unreachable) or time.monotonic() > until:
                return None
    changed = [one for one in changes if one.before != one.after]
    if all(committed.get(one.topic_partition) == one.after for one in changed):
        return True
    return False if all(committed.get(one.topic_partition) == one.before for one in changed) else None
