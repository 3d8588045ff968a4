"""The bounds of partitions' logs. Each leader is asked by itself, so that a dead one delays no other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import TypeVar

import numpy as np

from kafkaview.cluster.kafka.sample_requests import NO_RECORD, ColumnRequests
from kafkaview.cluster.ports.columns import UNKNOWN, Ints, PartitionTable
from kafkaview.terms import UNKNOWN_OFFSETS, PartitionOffsets, TopicPartition

T = TypeVar("T")


async def bounds(
    columns: ColumnRequests, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, PartitionOffsets]:
    """Returns log start, high watermark and last stable offset of each partition; None where its
    leader does not say.
    """

    async def ask(table: PartitionTable, places: Ints) -> Mapping[int, PartitionOffsets]:
        known = await columns.bounds(table, places)
        return {place: known.at(place) for place in places.tolist() if known.log_end[place] >= 0}

    known = await _ask_leaders(columns, partitions, ask)
    return {partition: known.get(partition, UNKNOWN_OFFSETS) for partition in partitions}


async def at_time(
    columns: ColumnRequests, partitions: Collection[TopicPartition], timestamp_ms: int
) -> dict[TopicPartition, int | None]:
    """Returns the first offset at or after a time, None where there is none; a partition whose leader does not say is
    absent.
    """

    async def ask(table: PartitionTable, places: Ints) -> Mapping[int, int | None]:
        known = await columns.offsets_at(table, places, timestamp_ms)
        told = [place for place in places.tolist() if known[place] != UNKNOWN]
        return {place: None if known[place] == NO_RECORD else int(known[place]) for place in told}

    return await _ask_leaders(columns, partitions, ask)


async def _ask_leaders(
    columns: ColumnRequests,
    partitions: Collection[TopicPartition],
    ask: Callable[[PartitionTable, Ints], Awaitable[Mapping[int, T]]],
) -> dict[TopicPartition, T]:
    """Returns the leaders' answers; leaders that have moved are looked up once. Raises where the metadata cannot be
    had.
    """
    known: dict[TopicPartition, T] = {}
    table = await columns.table()
    for last in (False, True):
        left = [partition for partition in partitions if partition not in known]
        places = np.array([place for one in left if (place := table.place_of(one)) >= 0], np.int32)
        if len(places):
            known.update((table.partition(place), value) for place, value in (await ask(table, places)).items())
        if last or all(partition in known for partition in partitions):
            break
        table = await columns.table(fresh=True)
    return known
