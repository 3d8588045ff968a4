"""The bounds of partitions' logs, asked of each leader by itself so that a dead one keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future
from typing import Final

from confluent_kafka import IsolationLevel
from confluent_kafka import TopicPartition as ClientPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._listoffsets import EarliestSpec, LatestSpec, ListOffsetsResultInfo, OffsetSpec

from kafkaview.cluster.admin import Admin
from kafkaview.cluster.errors import AuthenticationFailed, ClusterError
from kafkaview.cluster.topics import leaders
from kafkaview.terms import UNKNOWN_OFFSETS, PartitionOffsets, TopicPartition

LEADER_SECONDS: Final = 2.5

_EARLIEST: Final = (EarliestSpec(), IsolationLevel.READ_UNCOMMITTED)  # type: ignore[no-untyped-call]
_LATEST: Final = (LatestSpec(), IsolationLevel.READ_UNCOMMITTED)  # type: ignore[no-untyped-call]
_LAST_STABLE: Final = (LatestSpec(), IsolationLevel.READ_COMMITTED)  # type: ignore[no-untyped-call]


async def bounds(admin: Admin, partitions: Collection[TopicPartition]) -> dict[TopicPartition, PartitionOffsets]:
    """Log start, high watermark and last stable offset of each partition; None where its leader does not say."""
    if not partitions:
        return {}
    by_leader = _by_leader(await leaders(admin), partitions)
    answers = await asyncio.gather(*(_bounds_of_leader(admin, led) for led in by_leader))
    known = {partition: offsets for answer in answers for partition, offsets in answer.items()}
    return {partition: known.get(partition, UNKNOWN_OFFSETS) for partition in partitions}


async def at_time(
    admin: Admin, partitions: Collection[TopicPartition], timestamp_ms: int
) -> dict[TopicPartition, int | None]:
    """The first offset whose record is not older than a time; None where none is, or its leader does not say."""
    if not partitions:
        return {}
    spec = (OffsetSpec.for_timestamp(timestamp_ms), IsolationLevel.READ_UNCOMMITTED)
    by_leader = _by_leader(await leaders(admin), partitions)
    answers = await asyncio.gather(*(_ask(admin, led, *spec) for led in by_leader))
    known = {partition: offset for answer in answers for partition, offset in answer.items() if offset >= 0}
    return {partition: known.get(partition) for partition in partitions}


def _by_leader(
    leader_of: Mapping[TopicPartition, int | None], partitions: Collection[TopicPartition]
) -> list[list[TopicPartition]]:
    led: dict[int, list[TopicPartition]] = defaultdict(list)
    for partition in dict.fromkeys(partitions):
        leader = leader_of.get(partition)
        if leader is not None:
            led[leader].append(partition)
    return list(led.values())


async def _bounds_of_leader(admin: Admin, led: Sequence[TopicPartition]) -> dict[TopicPartition, PartitionOffsets]:
    starts, stable, ends = await asyncio.gather(
        *(_ask(admin, led, *which) for which in (_EARLIEST, _LAST_STABLE, _LATEST))
    )
    return {
        partition: PartitionOffsets(
            starts.get(partition), _larger(ends.get(partition), stable.get(partition)), stable.get(partition)
        )
        for partition in led
    }


def _larger(end: int | None, stable: int | None) -> int | None:
    """The high watermark. Both ends are asked at once, so the later answer may be the stable one."""
    return end if end is None or stable is None else max(end, stable)


async def _ask(
    admin: Admin, led: Sequence[TopicPartition], spec: OffsetSpec, isolation: IsolationLevel
) -> dict[TopicPartition, int]:
    def request(client: AdminClient) -> Mapping[ClientPartition, Future[ListOffsetsResultInfo]]:
        wanted = {ClientPartition(p.topic, p.partition): spec for p in led}
        return client.list_offsets(wanted, isolation_level=isolation, request_timeout=LEADER_SECONDS)

    answers = await admin.ask("reading offsets", request)
    _raise_if_refused(answers.values())
    return {
        TopicPartition(asked.topic, asked.partition): answer.offset
        for asked, answer in answers.items()
        if not isinstance(answer, ClusterError) and answer.offset >= 0  # a dead leader's come as -1001
    }


def _raise_if_refused(answers: Collection[object]) -> None:
    for answer in answers:
        if isinstance(answer, AuthenticationFailed):
            raise answer
