"""The port over committed offsets and groups, changed from outside a group."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import CommittedOffset, TopicPartition

Refused = Mapping[TopicPartition, ClusterError]


class GroupOffsets(Protocol):
    """Commits and deletes the offsets of groups. Every method raises GroupNotEmpty where members are in the way, and
    ClusterError where nothing was changed.
    """

    async def commit(self, group: str, offsets: Mapping[TopicPartition, CommittedOffset]) -> Refused:
        """Commits offsets for a group without members, with leader epoch and metadata. Returns the partitions that were
        refused; the others are committed together. A missing group is created.
        """
        ...

    async def delete(self, group: str, partitions: Collection[TopicPartition]) -> Refused:
        """Deletes committed offsets of topics that no member subscribes to. Returns the partitions that were refused.
        Raises UnknownGroup.
        """
        ...

    async def delete_group(self, group: str) -> None:
        """Deletes a group without members and its committed offsets. Raises UnknownGroup."""
        ...
