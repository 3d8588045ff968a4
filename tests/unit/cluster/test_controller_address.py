"""What a controller tells of the brokers, where a broker was expected."""

from __future__ import annotations

from typing import Any

from kafka.protocol.admin import (  # type: ignore[import-untyped]
    DescribeClusterRequest,
    DescribeClusterResponse,
    DescribeConfigsResponse,
    DescribeQuorumRequest,
    DescribeQuorumResponse,
)

from kafkaview.cluster.kafka.controller_address import ask_for_brokers


async def test_brokers_that_are_no_controllers_are_recognized_by_their_ids() -> None:
    row = DescribeClusterResponse.DescribeClusterBroker
    topic = DescribeQuorumResponse.TopicData
    partition = topic.PartitionData
    result = DescribeConfigsResponse.DescribeConfigsResult
    setting = result.DescribeConfigsResourceResult

    async def send(request: Any) -> Any:
        if isinstance(request, DescribeClusterRequest):
            return DescribeClusterResponse(brokers=[row(broker_id=101), row(broker_id=102)])
        if isinstance(request, DescribeQuorumRequest):
            followers = [partition.ReplicaState(replica_id=number) for number in (2, 1, 102)]
            return DescribeQuorumResponse(topics=[topic(partitions=[partition(observers=followers)])])
        own = {"listeners": "CONTROLLER://c:9093", "controller.listener.names": "CONTROLLER"}
        configs = [setting(name=name, value=value) for name, value in own.items()]
        return DescribeConfigsResponse(results=[result(configs=configs), result(error_code=42, configs=[])])

    behind = await ask_for_brokers(send)
    assert behind.detail == " Brokers 1 and 2 follow it."
    assert behind.hint == "Give the address of a broker."
