"""The names of a record's headers as its log has them: librdkafka ends a name at its first NUL and says nothing."""

from __future__ import annotations

from typing import Any, Final

import kafka.errors as wire_errors  # type: ignore[import-untyped]
from kafka.protocol.consumer import FetchRequest  # type: ignore[import-untyped]
from kafka.record import MemoryRecords  # type: ignore[import-untyped]

from kafkaview.cluster.damage import reading
from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.kafka.kafka_python_errors import response_error
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.kafka.topics import one_topic
from kafkaview.terms import RecordId

_BY_NAME: Final = 12  # the last version that names topics by their names
_MOST_BYTES: Final = 1_048_576  # of one answer; a batch that is larger comes whole


async def header_names(wire: BrokerRequests, where: RecordId) -> tuple[str, ...] | None:
    """Returns the names of a record's headers, None where its batch is packed as librdkafka alone unpacks it."""
    doing = f"reading the headers of {where}"
    topic = await one_topic(wire, where.topic)
    leader = next((one.leader for one in topic.partitions if one.partition == where.partition), None)
    if leader is None:
        raise Unreachable(f"{doing}: the partition has no leader")
    answer = await wire.send(_request(where), leader, doing)
    with reading(doing):
        partition = answer.responses[0].partitions[0]
    if partition.error_code:
        raise response_error(partition.error_code, doing)
    try:
        return _names_of(MemoryRecords(partition.records or b""), where.offset)
    except (wire_errors.UnsupportedCodecError, wire_errors.CorruptRecordError, ValueError):
        return None  # of another codec, or beside a name that is not UTF-8


def _request(where: RecordId) -> Any:
    of_topic = FetchRequest.FetchTopic
    partition = of_topic.FetchPartition(
        partition=where.partition, fetch_offset=where.offset, partition_max_bytes=_MOST_BYTES
    )
    return FetchRequest(
        max_wait_ms=100,
        min_bytes=1,
        max_bytes=_MOST_BYTES,
        isolation_level=0,
        session_id=0,
        session_epoch=-1,
        topics=[of_topic(topic=where.topic, partitions=[partition])],
        forgotten_topics_data=[],
        rack_id="",
        min_version=4,
        max_version=_BY_NAME,
    )


def _names_of(records: Any, offset: int) -> tuple[str, ...] | None:
    while (batch := records.next_batch()) is not None:
        for record in batch:
            if record.offset == offset:
                return tuple(name for name, _ in record.headers)
    return None
