"""CreatePartitions, DeleteRecords and IncrementalAlterConfigs, and what may be done to a topic."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from confluent_kafka import KafkaError
from kafka.protocol.admin import (  # type: ignore[import-untyped]
    CreatePartitionsRequest,
    DeleteRecordsRequest,
    IncrementalAlterConfigsRequest,
)
from kafka.protocol.metadata import MetadataRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import left_out, reading, rows_of, text_of
from kafkaview.cluster.errors import (
    ClusterError,
    NotAuthorized,
    UnknownTopicOrPartition,
    UnsupportedByBroker,
)
from kafkaview.cluster.kafka.controller_requests import ask_controller, send_to_controller
from kafkaview.cluster.kafka.refusals import check, refusal
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.leaders import leaderless
from kafkaview.cluster.ports.group_offsets import Refused
from kafkaview.cluster.ports.names import check_name
from kafkaview.cluster.ports.security import Operation
from kafkaview.cluster.ports.topic_changes import NewSettings
from kafkaview.terms import TopicPartition

_TIMEOUT_MS: Final = 5_000
_DELETION_SECONDS: Final = 8.0  # the leader answers when the replicas in sync have deleted as well
_TOPIC: Final = 2  # ConfigResource.Type
_SET, _DELETE = 0, 1  # AlterConfigOp.OpType
_TELLS_OPERATIONS: Final = 8  # version of Metadata (KIP-430, Kafka 2.3)


class KafkaTopicChanges:
    """The topics of one open connection, changed over the connections of its owner."""

    def __init__(self, wire: BrokerRequests, columns: ColumnRequests) -> None:
        self._wire = wire
        self._columns = columns

    async def add_partitions(self, topic: str, to: int) -> None:
        """Sends CreatePartitions (37)."""
        await self._create_partitions(topic, to, validate_only=False)
        self._columns.forget()

    async def draft_partitions(self, topic: str, to: int) -> None:
        """Sends CreatePartitions (37) with validateOnly."""
        await self._create_partitions(topic, to, validate_only=True)

    async def delete_records(self, before: Mapping[TopicPartition, int]) -> Refused:
        """Sends DeleteRecords (21) to each leader."""
        table = await self._columns.table(fresh=True)
        refused: dict[TopicPartition, ClusterError] = {}
        by_leader: dict[int, list[TopicPartition]] = defaultdict(list)
        for partition in sorted(before):
            known = table.one(partition)
            if known is None:
                refused[partition] = UnknownTopicOrPartition(f"There is no partition {partition}")
            elif known.leader is None:
                refused[partition] = leaderless(known)
            else:
                by_leader[known.leader].append(partition)
        of_leaders = await asyncio.gather(
            *(self._delete_records(leader, {one: before[one] for one in led}) for leader, led in by_leader.items())
        )
        for one in of_leaders:
            refused |= one
        return refused

    async def change_settings(self, topic: str, settings: NewSettings) -> None:
        """Sends IncrementalAlterConfigs (44)."""
        await self._alter_settings(topic, settings, validate_only=False)

    async def draft_settings(self, topic: str, settings: NewSettings) -> None:
        """Sends IncrementalAlterConfigs (44) with validateOnly."""
        await self._alter_settings(topic, settings, validate_only=True)

    async def missing_rights(self, topic: str, operation: Operation) -> tuple[ClusterError, ...]:
        """Reads the authorized operations that a broker lists of a topic."""
        check_name("The topic", topic)
        doing = f"asking what may be done to {topic}"
        request = MetadataRequest(
            topics=[MetadataRequest.MetadataRequestTopic(name=topic)],
            allow_auto_topic_creation=False,
            include_topic_authorized_operations=True,
            min_version=_TELLS_OPERATIONS,
        )
        try:
            answer = await self._wire.send_any(request, doing)
        except UnsupportedByBroker:
            return ()
        with reading(doing):
            row = answer.topics[0]
            allowed = row.authorized_operations
        if row.error_code or not allowed or operation.code in allowed:
            return ()
        right = f"{operation.name} on Topic {topic}"
        return (NotAuthorized(f"The right {right} is missing", f"Ask for the right {right}."),)

    async def _create_partitions(self, topic: str, to: int, *, validate_only: bool) -> None:
        check_name("The topic", topic)
        doing = f"adding partitions to {topic}"
        wished = CreatePartitionsRequest.CreatePartitionsTopic(name=topic, count=to, assignments=None)
        request = CreatePartitionsRequest(topics=[wished], timeout_ms=_TIMEOUT_MS, validate_only=validate_only)
        answered = await ask_controller(self._wire, request, doing, lambda answer: int(answer.results[0].error_code))
        with reading(doing):
            row = answered.answer.results[0]
        if answered.again and not validate_only and row.error_code == KafkaError.INVALID_PARTITIONS:
            return  # the broker that fell silent had it done
        check(row.error_code, doing, f"ALTER on Topic {topic}", row.error_message)

    async def _alter_settings(self, topic: str, settings: NewSettings, *, validate_only: bool) -> None:
        check_name("The topic", topic)
        for name, value in settings.items():
            check_name("The setting", name)
            check_name(f"The value of {name}", value or "")
        doing = f"changing settings of {topic}"
        resource = IncrementalAlterConfigsRequest.AlterConfigsResource
        rows = [
            resource.AlterableConfig(name=name, config_operation=_DELETE if value is None else _SET, value=value)
            for name, value in settings.items()
        ]
        request = IncrementalAlterConfigsRequest(
            resources=[resource(resource_type=_TOPIC, resource_name=topic, configs=rows)], validate_only=validate_only
        )
        answer = await send_to_controller(
            self._wire, request, doing, lambda answer: int(answer.responses[0].error_code)
        )
        with reading(doing):
            row = answer.responses[0]
        check(row.error_code, doing, f"ALTER_CONFIGS on Topic {topic}", row.error_message)

    async def _delete_records(
        self, leader: int, before: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, ClusterError]:
        doing = "deleting records"
        request = DeleteRecordsRequest(topics=_rows(before), timeout_ms=_TIMEOUT_MS)
        try:
            answer = await self._wire.send_aside(request, leader, doing, _DELETION_SECONDS)
        except ClusterError as error:
            return dict.fromkeys(before, error)
        codes = {
            TopicPartition(text_of(topic.name), row.partition_index): int(row.error_code)
            for topic in rows_of(answer.topics)
            for row in rows_of(topic.partitions)
        }
        return {
            one: refusal(codes[one], f"{doing} of {one}", f"DELETE on Topic {one.topic}")
            if one in codes
            else left_out(f"{doing} of {one}")
            for one in before
            if codes.get(one) != 0
        }


def _rows(before: Mapping[TopicPartition, int]) -> Sequence[Any]:
    of_topic = DeleteRecordsRequest.DeleteRecordsTopic
    rows: dict[str, list[Any]] = defaultdict(list)
    for one, offset in sorted(before.items()):
        rows[one.topic].append(of_topic.DeleteRecordsPartition(partition_index=one.partition, offset=offset))
    return [of_topic(name=name, partitions=partitions) for name, partitions in rows.items()]
