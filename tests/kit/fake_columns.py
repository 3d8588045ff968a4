"""What the fake cluster knows, as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from kafkaview.cluster.ports.columns import UNKNOWN, BoundColumns, CommitColumns, Longs, PartitionTable
from kafkaview.terms import CommittedOffset, PartitionOffsets, Topic, TopicPartition


def fake_table(topics: Sequence[Topic], known: PartitionTable | None = None) -> PartitionTable:
    """The table of topics ordered by name; the known one where it says the same."""
    partitions = [partition for topic in topics for partition in topic.partitions]
    sets: dict[tuple[int, ...], int] = {}
    replicas = [sets.setdefault(partition.replicas, len(sets)) for partition in partitions]
    in_sync = [sets.setdefault(partition.isr, len(sets)) for partition in partitions]
    names = tuple(topic.name for topic in topics)
    table = PartitionTable(
        names,
        np.array([topic.internal for topic in topics], np.bool_),
        np.cumsum([0, *(len(topic.partitions) for topic in topics)], dtype=np.int32),
        np.array([UNKNOWN if one.leader is None else one.leader for one in partitions], np.int32),
        np.array(replicas, np.int32),
        np.array(in_sync, np.int32),
        tuple(sets),
        {name: at for at, name in enumerate(names)},
        tuple(topic.id for topic in topics),
    )
    return known if known is not None and [*map(known.topic, known.topics)] == list(topics) else table


def fake_bounds(
    table: PartitionTable, known: Mapping[int, PartitionOffsets], *, starts: bool, stables: bool
) -> BoundColumns:
    """Bounds by place."""

    def column(field: str) -> Longs:
        values = np.full(len(table), UNKNOWN, np.int64)
        for place, bounds in known.items():
            value = getattr(bounds, field)
            values[place] = UNKNOWN if value is None else value
        return values

    nothing = np.full(len(table), UNKNOWN, np.int64)
    start = column("log_start_offset") if starts else nothing
    stable = column("last_stable_offset") if stables else nothing
    return BoundColumns(start, column("log_end_offset"), stable)


def fake_commits(table: PartitionTable, committed: Mapping[TopicPartition, CommittedOffset]) -> CommitColumns:
    """Commits by place."""
    found = sorted(
        (table.place_of(partition), at) for partition, at in committed.items() if table.place_of(partition) >= 0
    )
    return CommitColumns(
        np.array([place for place, _ in found], np.int32),
        np.array([at.offset for _, at in found], np.int64),
        np.array([UNKNOWN if at.leader_epoch is None else at.leader_epoch for _, at in found], np.int32),
        {index: at.metadata for index, (_, at) in enumerate(found) if at.metadata},
        {partition: at for partition, at in committed.items() if table.place_of(partition) < 0},
    )
