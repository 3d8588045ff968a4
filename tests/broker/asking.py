"""Asking a broker what the principal of a connection may do: by the operations that it lists, and, where it lists none
because DESCRIBE is denied, by requests that each need one operation and change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, Final

from kafka.protocol.admin import (  # type: ignore[import-untyped]
    CreateTopicsRequest,
    DeleteGroupsRequest,
    DeleteRecordsRequest,
    DescribeClusterRequest,
    DescribeConfigsRequest,
    DescribeGroupsRequest,
    DescribeProducersRequest,
    DescribeTransactionsRequest,
)
from kafka.protocol.consumer import HeartbeatRequest  # type: ignore[import-untyped]
from kafka.protocol.metadata import MetadataRequest  # type: ignore[import-untyped]
from kafka.protocol.producer import InitProducerIdRequest, ProduceRequest  # type: ignore[import-untyped]

from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.security import Operation, Resource, ResourceType

_BROKER: Final = 1
_REFUSALS: Final = {29, 30, 31, 53}  # TOPIC_, GROUP_, CLUSTER_, TRANSACTIONAL_ID_AUTHORIZATION_FAILED
_TOPIC: Final = 2  # ConfigResource.Type
_NO_RECORDS: Final = b""  # it is refused, but only after the right was looked at

Told = dict[tuple[Operation, Resource], bool]


async def allowed(wire: BrokerRequests, resource: Resource) -> Told:
    """What the broker lets this connection do with a resource, for every operation that it can be asked for."""
    match resource.type:
        case ResourceType.TOPIC:
            answer = await _topic(wire, resource.name)
        case ResourceType.GROUP:
            answer = await _group(wire, resource.name)
        case ResourceType.TRANSACTIONAL_ID:
            answer = await _transactional_id(wire, resource.name)
        case _:
            answer = await _cluster(wire)
    return {(operation, resource): may for operation, may in answer.items()}


async def _topic(wire: BrokerRequests, topic: str) -> dict[Operation, bool]:
    named = MetadataRequest.MetadataRequestTopic(name=topic, topic_id=None)
    request = MetadataRequest(
        topics=[named],
        allow_auto_topic_creation=False,
        include_topic_authorized_operations=True,
        min_version=8,
        max_version=9,
    )
    row = (await _sent(wire, request)).topics[0]
    asked = await _each(
        {
            Operation.READ: _describe_producers(wire, topic),
            Operation.WRITE: _produce(wire, topic),
            Operation.DELETE: _delete_records(wire, topic),
            Operation.DESCRIBE_CONFIGS: _describe_configs(wire, topic),
            Operation.CREATE: _create(wire, topic),
        }
    )
    listed = _listed(row.error_code, row.authorized_operations, _TOPIC_BITS)
    for operation, may in asked.items():  # both ways of asking agree; CREATE may come from the cluster too
        assert operation is Operation.CREATE or listed.get(operation, may) == may
    return listed | asked


async def _group(wire: BrokerRequests, group: str) -> dict[Operation, bool]:
    request = DescribeGroupsRequest(groups=[group], include_authorized_operations=True, min_version=3)
    row = (await _sent(wire, request)).groups[0]
    asked = await _each(
        {
            Operation.READ: _sent(
                wire, HeartbeatRequest(group_id=group, generation_id=1, member_id="nobody", group_instance_id=None)
            ),
            Operation.DELETE: _sent(wire, DeleteGroupsRequest(groups_names=[group]), "results"),
        }
    )
    return _listed(row.error_code, row.authorized_operations, _GROUP_BITS) | asked


async def _transactional_id(wire: BrokerRequests, name: str) -> dict[Operation, bool]:
    begin = InitProducerIdRequest(transactional_id=name, transaction_timeout_ms=10_000, max_version=4)
    return await _each(
        {
            Operation.DESCRIBE: _sent(
                wire, DescribeTransactionsRequest(transactional_ids=[name]), "transaction_states"
            ),
            Operation.WRITE: _sent(wire, begin),
        }
    )


async def _cluster(wire: BrokerRequests) -> dict[Operation, bool]:
    answer = await _sent(wire, DescribeClusterRequest(include_cluster_authorized_operations=True, max_version=1))
    operations_bits = answer.authorized_operations
    if not operations_bits:  # without DESCRIBE it lists nothing, not even what it would allow
        return {Operation.DESCRIBE: False}
    return {operation: operation.code in operations_bits for operation in _CLUSTER_BITS}


def _listed(
    error: int, operations_given: Collection[int] | None, operations: tuple[Operation, ...]
) -> dict[Operation, bool]:
    if error in _REFUSALS or operations_given is None:  # nothing is listed of a group that is not there
        return {Operation.DESCRIBE: error not in _REFUSALS}
    return {operation: operation.code in operations_given for operation in operations}


async def _each(asked: dict[Operation, Any]) -> dict[Operation, bool]:
    answers = await asyncio.gather(*asked.values())
    return {operation: _code(answer) not in _REFUSALS for operation, answer in zip(asked, answers, strict=True)}


def _code(answer: Any) -> int:
    return int(answer if isinstance(answer, int) else answer.error_code)


async def _sent(wire: BrokerRequests, request: Any, rows: str = "") -> Any:
    answer = await wire.send(request, _BROKER, "asking", 10)
    return getattr(answer, rows)[0] if rows else answer


async def _describe_producers(wire: BrokerRequests, topic: str) -> Any:
    asked = DescribeProducersRequest.TopicRequest(name=topic, partition_indexes=[0])
    return (await _sent(wire, DescribeProducersRequest(topics=[asked]))).topics[0].partitions[0]


async def _produce(wire: BrokerRequests, topic: str) -> Any:
    data = ProduceRequest.TopicProduceData
    partition = data.PartitionProduceData(index=0, records=_NO_RECORDS)
    request = ProduceRequest(
        transactional_id=None,
        acks=1,
        timeout_ms=5_000,
        topic_data=[data(name=topic, partition_data=[partition])],
        max_version=9,
    )
    answer = await _sent(wire, request)
    return answer.responses[0].partition_responses[0]


async def _delete_records(wire: BrokerRequests, topic: str) -> Any:
    asked = DeleteRecordsRequest.DeleteRecordsTopic
    partition = asked.DeleteRecordsPartition(partition_index=0, offset=0)
    request = DeleteRecordsRequest(topics=[asked(name=topic, partitions=[partition])], timeout_ms=5_000)
    return (await _sent(wire, request)).topics[0].partitions[0]


async def _describe_configs(wire: BrokerRequests, topic: str) -> Any:
    asked = DescribeConfigsRequest.DescribeConfigsResource(
        resource_type=_TOPIC, resource_name=topic, configuration_keys=["retention.ms"]
    )
    return (await _sent(wire, DescribeConfigsRequest(resources=[asked]))).results[0]


async def _create(wire: BrokerRequests, topic: str) -> Any:
    asked = CreateTopicsRequest.CreatableTopic(
        name=topic, num_partitions=1, replication_factor=1, assignments=[], configs=[]
    )
    request = CreateTopicsRequest(topics=[asked], timeout_ms=5_000, validate_only=True, min_version=1)
    return (await _sent(wire, request)).topics[0]


_TOPIC_BITS: Final = (
    Operation.READ,
    Operation.WRITE,
    Operation.DELETE,
    Operation.ALTER,
    Operation.DESCRIBE,
    Operation.DESCRIBE_CONFIGS,
    Operation.ALTER_CONFIGS,
)
_GROUP_BITS: Final = (Operation.READ, Operation.DELETE, Operation.DESCRIBE)
_CLUSTER_BITS: Final = (
    Operation.CREATE,
    Operation.CLUSTER_ACTION,
    Operation.DESCRIBE_CONFIGS,
    Operation.ALTER_CONFIGS,
    Operation.IDEMPOTENT_WRITE,
    Operation.ALTER,
    Operation.DESCRIBE,
)
