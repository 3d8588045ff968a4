"""Asking who coordinates: every broker for what it takes, then the quorum's leader for its followers."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kafka.protocol.admin import DescribeQuorumRequest  # type: ignore[import-untyped]
from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.coordination import Coordination, Feature, Mode, Quorum, QuorumReplica, replica_health
from kafkaview.cluster.errors import ClusterError, NotAuthorized, Unreachable
from kafkaview.cluster.mode import mode_of
from kafkaview.cluster.wire import Wire, response_error
from kafkaview.terms import ClusterInfo

_METADATA_TOPIC: Final = "__cluster_metadata"
_DOING: Final = "reading the quorum"
_NO_DIRECTORY: Final = uuid.UUID(int=0)


async def coordination(wire: Wire, info: ClusterInfo) -> Coordination:
    """Who coordinates the cluster that `info` tells of. Raises NotAuthorized where the quorum may not be seen."""
    answers = await _versions(wire)
    mode, evidence = mode_of(answers)
    features = _features_of(next((answer for answer in answers.values() if not isinstance(answer, ClusterError)), None))
    if mode is Mode.ZOOKEEPER:
        return Coordination(mode, evidence, info.controller_id, None, None, features, info.brokers)
    if mode is Mode.UNKNOWN:
        return Coordination(mode, evidence, None, None, None, features, info.brokers)
    try:
        quorum = await _quorum(wire)
    except Unreachable as silent:
        said = (*evidence, f"No leader of the quorum answers: {silent.message}.")
        return Coordination(mode, said, None, None, None, features, info.brokers)
    return Coordination(mode, evidence, quorum.leader_id, quorum.leader_epoch, quorum, features, info.brokers)


async def _versions(wire: Wire) -> dict[int, Any]:
    """ApiVersions of each broker, or its error."""
    brokers = await wire.broker_ids()
    request = ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0", min_version=3)
    answers = await asyncio.gather(
        *(wire.send(request, broker, f"asking broker {broker} what it takes") for broker in brokers),
        return_exceptions=True,
    )
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, ClusterError):
            raise answer
    return dict(zip(brokers, answers, strict=True))


def _features_of(answer: Any) -> tuple[Feature, ...]:
    if answer is None:
        return ()
    supported = {row.name: (row.min_version, row.max_version) for row in answer.supported_features or ()}
    finalized = {row.name: row.max_version_level for row in answer.finalized_features or ()}
    return tuple(
        Feature(name, finalized.get(name), *supported.get(name, (None, None)))
        for name in sorted(supported.keys() | finalized.keys())
    )


async def _quorum(wire: Wire) -> Quorum:
    topic = DescribeQuorumRequest.TopicData
    partition = topic.PartitionData(partition_index=0)
    request = DescribeQuorumRequest(topics=[topic(topic_name=_METADATA_TOPIC, partitions=[partition])])
    answer = await wire.send_any(request, _DOING)
    _check(answer.error_code)
    told = answer.topics[0].partitions[0]
    _check(told.error_code)
    endpoints = {
        node.node_id: tuple(f"{listener.host}:{listener.port}" for listener in node.listeners)
        for node in answer.nodes or ()
    }
    leader = next((row for row in told.current_voters if row.replica_id == told.leader_id), None)

    def replicas(rows: Sequence[Any]) -> tuple[QuorumReplica, ...]:
        return tuple(_replica(row, leader, endpoints) for row in sorted(rows, key=lambda row: row.replica_id))

    return Quorum(
        _told(told.leader_id),
        _told(told.leader_epoch),
        _told(told.high_watermark),
        replicas(told.current_voters),
        replicas(told.observers),
    )


def _check(code: int) -> None:
    if not code:
        return
    error = response_error(code, _DOING)
    if isinstance(error, NotAuthorized):
        error.hint = "Ask for the right DESCRIBE on the cluster."
    raise error


def _replica(row: Any, leader: Any, endpoints: Mapping[int, tuple[str, ...]]) -> QuorumReplica:
    fetch_age = _behind(leader, row, "last_fetch_timestamp")
    caught_up_lag = _behind(leader, row, "last_caught_up_timestamp")
    directory = getattr(row, "replica_directory_id", None)
    return QuorumReplica(
        row.replica_id,
        None if directory in (None, _NO_DIRECTORY) else str(directory),
        endpoints.get(row.replica_id, ()),
        _told(row.log_end_offset),
        _behind(leader, row, "log_end_offset"),
        fetch_age,
        caught_up_lag,
        replica_health(leader=row is leader, fetch_age_ms=fetch_age, caught_up_lag_ms=caught_up_lag),
    )


def _behind(leader: Any, row: Any, field: str) -> int | None:
    """How far a row is behind the leader's own."""
    first, own = _told(getattr(leader, field, None)), _told(getattr(row, field, None))
    return None if first is None or own is None else max(0, first - own)


def _told(number: int | None) -> int | None:
    return None if number is None or number < 0 else number
