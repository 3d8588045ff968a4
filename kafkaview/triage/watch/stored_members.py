"""The membership that coordinators store, read from sample to sample: it tells of members that no look has seen."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.membership import MembershipChanges

_LONGEST_S: Final = 1.5  # a sample waits for it


class StoredMembers:
    """Reads the changes in the membership of groups since the last read."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._ends: Mapping[int, int] = {}
        self._refused = False  # the right is missing: no use to ask again and again

    async def read(self, groups: Collection[str]) -> MembershipChanges | None:
        """Returns what was stored of these groups since the last read; None where that is unknown."""
        if not groups or self._refused:
            self._ends = {}
            return None
        try:
            async with asyncio.timeout(_LONGEST_S):
                changes = await self._cluster.membership_changes(groups, self._ends)
        except (ClusterError, TimeoutError) as failure:
            self._refused = isinstance(failure, NotAuthorized)
            self._ends = {}
            return None
        self._ends = changes.ends
        return changes
