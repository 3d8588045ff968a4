"""A transaction that nobody will ever end, made for real.

It is what a batch leaves that comes late, after its transaction was aborted. Since Kafka 3.6 a leader asks the
coordinator first whether it knows the transaction (KIP-890); on the demo's broker it does not ask.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, Final

from kafka.protocol.producer import ProduceRequest  # type: ignore[import-untyped]
from kafka.record.default_records import DefaultRecordBatchBuilder  # type: ignore[import-untyped]

from kafkaview.demo.jars import CannotRunKafka
from kafkaview.demo.scenario import SETTLEMENTS

UNVERIFIED: Final[Mapping[str, str]] = {"transaction.partition.verification.enable": "false"}
_PRODUCER_ID: Final = 7_071  # the broker gives ids from 0 on, a thousand at a time
_SETTLEMENT: Final = b'{"settlement":"st-0113","amount":8120.50,"currency":"EUR"}'
_AGE_MS: Final = 3_600_000  # so that it is older than any transaction may become
_LAST_BY_NAME: Final = 11  # from version 12 on the leader adds the partition to the transaction by itself (KIP-890)
_SECONDS: Final = 30.0


def leave_transaction(address: str) -> None:
    """Writes a record of a transaction that its coordinator has never heard of, through the leader at `host:port`."""
    written_ms = time.time_ns() // 1_000_000 - _AGE_MS
    request = orphan_request(SETTLEMENTS, 0, _PRODUCER_ID, written_ms, b"st-0113", _SETTLEMENT)
    request.API_VERSION = _LAST_BY_NAME
    request.with_header(correlation_id=1, client_id="settlement-service")
    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port)), _SECONDS) as broker, broker.makefile("rb") as answers:
        broker.sendall(bytes(request.encode(header=True, framed=True)))
        (size,) = struct.unpack(">i", answers.read(4))
        answer = request.header.get_response_class().decode(answers.read(size), version=_LAST_BY_NAME, header=True)
    (partition,) = answer.responses[0].partition_responses
    if partition.error_code:
        raise CannotRunKafka(f"the demo's transaction was refused with error {partition.error_code}")


def orphan_request(topic: str, partition: int, producer_id: int, written_ms: int, key: bytes, value: bytes) -> Any:
    """Returns a Produce request with one record that says that it is part of a transaction, written at a time in Unix
    ms.
    """
    batch = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=True,
        producer_id=producer_id,
        producer_epoch=0,
        base_sequence=0,
        batch_size=4_096,
    )
    batch.append(0, written_ms, key, value, [])
    of_topic = ProduceRequest.TopicProduceData
    data = of_topic.PartitionProduceData(index=partition, records=bytes(batch.build()))
    return ProduceRequest(
        transactional_id="orphan",
        acks=-1,
        timeout_ms=round(_SECONDS * 1000),
        topic_data=[of_topic(name=topic, partition_data=[data])],
        max_version=_LAST_BY_NAME,
    )
