"""The port that changes topics: more partitions, records deleted, settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.group_offsets import Refused
from kafkaview.cluster.ports.security import Operation
from kafkaview.terms import TopicPartition

NewSettings = Mapping[str, str | None]  # by name; None takes the topic's own value away


class TopicChanges(Protocol):
    """Changes topics. Every method raises UnknownTopicOrPartition, and ClusterError where nothing was changed."""

    async def add_partitions(self, topic: str, to: int) -> None:
        """Gives a topic `to` partitions in all (CreatePartitions). A write. Needs ALTER on the topic."""
        ...

    async def draft_partitions(self, topic: str, to: int) -> None:
        """Raises the errors of `add_partitions`, and adds none (CreatePartitions with validateOnly)."""
        ...

    async def delete_records(self, before: Mapping[TopicPartition, int]) -> Refused:
        """Deletes the records before an offset of each partition (DeleteRecords, asked of its leader). Returns the
        partitions that were refused. A write. Needs DELETE on the topic.
        """
        ...

    async def change_settings(self, topic: str, settings: NewSettings) -> None:
        """Sets settings of a topic, or resets them to the cluster's (IncrementalAlterConfigs). All of them are changed
        or none. A write. Needs ALTER_CONFIGS on the topic.
        """
        ...

    async def draft_settings(self, topic: str, settings: NewSettings) -> None:
        """Raises the errors of `change_settings`, and changes none (IncrementalAlterConfigs with validateOnly)."""
        ...

    async def missing_rights(self, topic: str, operation: Operation) -> tuple[ClusterError, ...]:
        """Returns NotAuthorized where the principal may not do this on the topic. None where it may, and where that is
        unknown: before Kafka 2.3.
        """
        ...
