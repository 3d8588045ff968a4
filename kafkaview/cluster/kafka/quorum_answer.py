"""DescribeQuorum (55), which only the quorum's leader answers. Its versions: 0; 1 has times (3.3, KIP-836); 2 has
directories and endpoints (3.9, KIP-853).
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from kafka.protocol.admin import DescribeQuorumRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import reading, rows_of, text_of
from kafkaview.cluster.kafka.refusals import DESCRIBE, check
from kafkaview.cluster.ports.coordination import Quorum, QuorumReplica, ReplicaHealth, replica_health
from kafkaview.cluster.ports.voters import VoterEndpoint
from kafkaview.cluster.sentinel import none_if_negative

DOING: Final = "reading the quorum"
_METADATA_TOPIC: Final = "__cluster_metadata"
_NO_DIRECTORY: Final = uuid.UUID(int=0)

Listeners = Mapping[int, tuple[VoterEndpoint, ...]]


def quorum_request() -> Any:
    """Returns the DescribeQuorum request for the metadata partition."""
    topic = DescribeQuorumRequest.TopicData
    partition = topic.PartitionData(partition_index=0)
    return DescribeQuorumRequest(topics=[topic(topic_name=_METADATA_TOPIC, partitions=[partition])])


def partition_of(answer: Any) -> Any:
    """Returns the partition's row. Raises NotAuthorized, and the error of a controller that does not lead."""
    check(answer.error_code, DOING, DESCRIBE)
    with reading(DOING):
        partition = answer.topics[0].partitions[0]
    check(partition.error_code, DOING, DESCRIBE)
    return partition


def quorum_of(answer: Any, *, settled: bool) -> Quorum:
    """Returns the quorum. Once its leader is `settled`, a voter that has never fetched from it is down."""
    partition = partition_of(answer)
    listeners = {
        node.node_id: tuple(
            VoterEndpoint(text_of(one.name), text_of(one.host), one.port) for one in rows_of(node.listeners)
        )
        for node in rows_of(answer.nodes)
    }
    leader = next((row for row in rows_of(partition.current_voters) if row.replica_id == partition.leader_id), None)

    def replicas(rows: Sequence[Any] | None) -> tuple[QuorumReplica, ...]:
        ordered = sorted(rows_of(rows), key=lambda row: int(row.replica_id))
        return tuple(_replica(row, leader, listeners, settled=settled) for row in ordered)

    return Quorum(
        none_if_negative(partition.leader_id),
        none_if_negative(partition.leader_epoch),
        none_if_negative(partition.high_watermark),
        replicas(partition.current_voters),
        replicas(partition.observers),
    )


def awaits_a_fetch(quorum: Quorum) -> bool:
    """Returns whether the leader reports times and a voter has not fetched from it yet."""
    timed = any(one.health is ReplicaHealth.LEADER and one.fetch_age_ms is not None for one in quorum.voters)
    return timed and any(one.health is ReplicaHealth.UNKNOWN for one in quorum.voters)


def directory_text(directory: uuid.UUID) -> str:
    """Returns a directory id as Kafka writes it, in meta.properties and in its tools."""
    return base64.urlsafe_b64encode(directory.bytes).decode().rstrip("=")


def directory_of(text: str) -> uuid.UUID:
    """Parses a directory id in Kafka's spelling."""
    return uuid.UUID(bytes=base64.urlsafe_b64decode(f"{text}=="))


def _replica(row: Any, leader: Any, listeners: Listeners, *, settled: bool) -> QuorumReplica:
    fetch_age = _lag_behind_leader(leader, row, "last_fetch_timestamp")
    caught_up_lag = _lag_behind_leader(leader, row, "last_caught_up_timestamp")
    directory = getattr(row, "replica_directory_id", None)
    health = replica_health(leader=row is leader, fetch_age_ms=fetch_age, caught_up_lag_ms=caught_up_lag)
    timed = none_if_negative(getattr(leader, "last_fetch_timestamp", None)) is not None
    own = listeners.get(row.replica_id, ())
    return QuorumReplica(
        row.replica_id,
        None if directory in (None, _NO_DIRECTORY) else directory_text(directory),
        tuple(one.address for one in own),
        none_if_negative(row.log_end_offset),
        _lag_behind_leader(leader, row, "log_end_offset"),
        fetch_age,
        caught_up_lag,
        ReplicaHealth.DOWN if settled and timed and health is ReplicaHealth.UNKNOWN else health,
        listeners=own,
    )


def _lag_behind_leader(leader: Any, row: Any, field: str) -> int | None:
    """Returns how far a replica is behind the leader's own log."""
    first, own = none_if_negative(getattr(leader, field, None)), none_if_negative(getattr(row, field, None))
    return None if first is None or own is None else max(0, first - own)
