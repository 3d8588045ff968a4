"""A scan of a log that changes under it: by retention, by the topic's deletion, by new partitions."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import aclosing

import pytest
from confluent_kafka import Producer
from confluent_kafka.cimpl import NewPartitions

from kafkaview.decode.registry import parse_rule
from kafkaview.records import passage as scanning
from kafkaview.session import Session
from kafkaview.terms import RemovalCause, RemovedOffsets, TopicPartition
from kafkaview.triage.scan.findings import ScanProgress
from kafkaview.triage.scan.scan import scan
from tests.broker.material import Broker, wait_until

EACH = 400  # records of 50 kB: more than a client fetches ahead of the scan
PROCESSES = pytest.mark.parametrize("processes", [0, 2])


def fill(broker: Broker, topic: str, partitions: int = 3) -> None:
    producer = Producer({"bootstrap.servers": broker.bootstrap, "queue.buffering.max.kbytes": 200_000})
    for number in range(EACH * partitions):
        producer.produce(topic, os.urandom(50_000), partition=number % partitions)
    assert producer.flush(60) == 0


async def scan_while(
    session: Session,
    topics: list[str],
    change: Callable[[], None],
    processes: int,
    monkeypatch: pytest.MonkeyPatch,
) -> ScanProgress:
    """The last progress of a scan; the cluster changes when the first records are read, or just before that: two
    processes may have read all of them before a broker has done anything.
    """
    monkeypatch.setattr(scanning, "count_workers", lambda _offsets: processes)
    monkeypatch.setattr(scanning, "_BATCH", 5)
    last, changed = ScanProgress(), False
    async with aclosing(scan(session, topics, value_rules=[parse_rule("max-bytes:60000")])) as steps:
        async for last in steps:
            if (last.scanned or processes) and not changed:
                changed = True
                change()
    assert changed
    return last


@PROCESSES
async def test_a_scan_goes_on_where_retention_has_moved_one_logs_start(
    session: Session, broker: Broker, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    topic = broker.topic(partitions=3)
    fill(broker, topic)

    def purge() -> None:
        broker.purge(topic, EACH - 20)

    last = await scan_while(session, [topic], purge, processes, monkeypatch)
    (gone,) = last.removed
    assert (gone.topic_partition, gone.to_offset, gone.cause) == (
        TopicPartition(topic, 0),
        EACH - 20,
        RemovalCause.RETENTION,
    )
    assert last.scanned == 3 * EACH - gone.offsets
    assert (last.passed, last.skipped, last.complete) == (3 * EACH, (), False)


@PROCESSES
async def test_a_scan_goes_on_where_retention_took_all_of_a_partition(
    session: Session, broker: Broker, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    topic = broker.topic(partitions=3)
    fill(broker, topic)
    last = await scan_while(session, [topic], lambda: broker.purge(topic, EACH), processes, monkeypatch)
    (gone,) = last.removed
    assert (gone.topic_partition, gone.to_offset, gone.cause) == (
        TopicPartition(topic, 0),
        EACH,
        RemovalCause.RETENTION,
    )
    assert (last.scanned, last.complete) == (3 * EACH - gone.offsets, False)


@PROCESSES
async def test_a_topic_that_is_deleted_while_two_are_scanned_leaves_the_other(
    session: Session, broker: Broker, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    deleted, kept = broker.topic(partitions=3), broker.topic()
    fill(broker, deleted)
    fill(broker, kept, 1)

    def delete() -> None:
        broker.admin.delete_topics([deleted])[deleted].result(10)

    last = await scan_while(session, [deleted, kept], delete, processes, monkeypatch)
    assert {(gone.topic_partition.topic, gone.cause) for gone in last.removed} == {(deleted, RemovalCause.DELETION)}
    assert last.scanned == 4 * EACH - sum(gone.offsets for gone in last.removed)
    assert (last.skipped, last.complete) == ((), False)


@PROCESSES
async def test_a_topic_that_is_made_anew_while_it_is_scanned_is_not_called_complete(
    session: Session, broker: Broker, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    topic = broker.topic()
    fill(broker, topic, 1)

    def make_anew() -> None:
        broker.admin.delete_topics([topic])[topic].result(10)
        wait_until(lambda: not broker.exists(topic))
        broker.topic(topic)
        fill(broker, topic, 1)

    last = await scan_while(session, [topic], make_anew, processes, monkeypatch)
    assert last.removed == (RemovedOffsets(TopicPartition(topic, 0), 0, EACH, RemovalCause.DELETION),)
    assert not last.complete


@PROCESSES
async def test_partitions_that_are_added_while_a_topic_is_scanned_hold_nothing_that_was_to_be_read(
    session: Session, broker: Broker, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    topic = broker.topic()
    fill(broker, topic, 1)

    def add() -> None:
        broker.admin.create_partitions([NewPartitions(topic, 3)])[topic].result(10)

    last = await scan_while(session, [topic], add, processes, monkeypatch)
    assert (last.scanned, last.removed, last.complete) == (EACH, (), True)
