"""The bounds of partitions' logs, asked of each leader by itself so that a dead one keeps nobody waiting."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeVar

import numpy as np

from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.ports.columns import Ints, PartitionTable
from kafkaview.terms import UNKNOWN_OFFSETS, PartitionOffsets, TopicPartition

T = TypeVar("T")


async def bounds(
    columns: ColumnRequests, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, PartitionOffsets]:
    """Log start, high watermark and last stable offset of each partition; None where its leader does not say."""

    async def ask(table: PartitionTable, places: Ints) -> Mapping[int, PartitionOffsets]:
        known = await columns.bounds(table, places)
        return {place: known.at(place) for place in places.tolist() if known.log_end[place] >= 0}

    known = await _ask_leaders(columns, partitions, ask)
    return {partition: known.get(partition, UNKNOWN_OFFSETS) for partition in partitions}


async def at_time(
    columns: ColumnRequests, partitions: Collection[TopicPartition], timestamp_ms: int
) -> dict[TopicPartition, int | None]:
    """The first offset whose record is not older than a time; None where none is, or its leader does not say."""

    async def ask(table: PartitionTable, places: Ints) -> Mapping[int, int]:
        known = await columns.offsets_at(table, places, timestamp_ms)
        return {place: int(known[place]) for place in places.tolist() if known[place] >= 0}

    known = await _ask_leaders(columns, partitions, ask)
    return {partition: known.get(partition) for partition in partitions}


async def _ask_leaders(
    columns: ColumnRequests,
    partitions: Collection[TopicPartition],
    ask: Callable[[PartitionTable, Ints], Awaitable[Mapping[int, T]]],
) -> dict[TopicPartition, T]:
    """What the leaders say; those that have moved are looked for once. Raises where no metadata can be had then."""
    known: dict[TopicPartition, T] = {}
    table = await columns.table()
    for last in (False, True):
        left = [partition for partition in partitions if partition not in known]
        places = np.array([place for one in left if (place := table.place(one)) >= 0], np.int32)
        if len(places):
            known.update((table.partition(place), value) for place, value in (await ask(table, places)).items())
        if last or all(partition in known for partition in partitions):
            break
        table = await columns.table(fresh=True)
    return known
