"""The order of rows in a sample's columns: groups, and in each group its partitions by index into the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from kafkaview.cluster.ports.columns import Ints, Longs, PartitionTable
from kafkaview.terms import TopicPartition

Rows = NDArray[np.signedinteger[Any]]  # indexes
Column = TypeVar("Column", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Layout:
    """The rows of groups on partitions. The rows of group `g` are `first[g]` up to, not including, `first[g + 1]`, in
    ascending order of their places. Partitions that the table lacks have no row.
    """

    table: PartitionTable
    names: tuple[str, ...]
    first: Ints  # by group, and one more at the end
    place: Ints  # by row

    @classmethod
    def of(cls, table: PartitionTable, names: tuple[str, ...], places: Sequence[Ints]) -> Layout:
        """Returns the layout of groups with the places of each."""
        first = np.zeros(len(names) + 1, np.int32)
        np.cumsum([len(one) for one in places], out=first[1:])
        return cls(table, names, first, np.concatenate(places) if places else np.empty(0, np.int32))

    def __len__(self) -> int:
        """Returns the number of rows."""
        return len(self.place)

    @cached_property
    def index(self) -> dict[str, int]:
        """The index of each group, by name."""
        return {name: at for at, name in enumerate(self.names)}

    @cached_property
    def group(self) -> Ints:
        """The group of each row, as an index."""
        return np.repeat(np.arange(len(self.names), dtype=np.int32), np.diff(self.first))

    @cached_property
    def topic(self) -> Ints:
        """The topic of each row, as an index into the table's topics."""
        return (np.searchsorted(self.table.first, self.place, side="right") - 1).astype(np.int32)

    @cached_property
    def spans(self) -> Ints:
        """The first row of each span: consecutive rows of one group on one topic."""
        if not len(self):
            return np.empty(0, np.int32)
        starts = (np.diff(self.group) != 0) | (np.diff(self.topic) != 0)
        return np.flatnonzero(np.concatenate(([True], starts))).astype(np.int32)

    @cached_property
    def span(self) -> Ints:
        """The span of each row, as an index into `spans`."""
        lengths = np.diff(np.append(self.spans, len(self)))
        return np.repeat(np.arange(len(self.spans), dtype=np.int32), lengths)

    def rows(self, name: str) -> slice:
        """Returns the rows of a group; none for a group that is not here."""
        at = self.index.get(name)
        return slice(0, 0) if at is None else slice(int(self.first[at]), int(self.first[at + 1]))

    def row(self, name: str, place: int) -> int:
        """Returns the row of a group on a place; -1 if there is none."""
        rows = self.rows(name)
        at = rows.start + int(np.searchsorted(self.place[rows], place))
        return at if at < rows.stop and self.place[at] == place else -1

    def row_of(self, name: str, partition: TopicPartition) -> int:
        """Returns the row of a group on a partition; -1 if there is none. An index in a newer table, in which topics
        have come or gone since, would be that of another partition.
        """
        return self.row(name, self.table.place_of(partition))

    def rows_in(self, other: Layout, rows: Rows | None = None) -> Rows:
        """Returns, for each of these rows, its row in another layout; -1 where there is none."""
        if other is self or (other.names is self.names and other.place is self.place):
            return np.arange(len(self), dtype=np.int32) if rows is None else rows
        group, place = (self.group, self.place) if rows is None else (self.group[rows], self.place[rows])
        if not len(other) or not len(place):
            return np.full(len(place), -1, np.int32)
        there = np.array([other.index.get(name, -1) for name in self.names], np.int64)[group]
        places = place if same_places(self.table, other.table) else place_map(self.table, other.table)[place]
        wanted = there * len(other.table) + places
        at = np.minimum(np.searchsorted(other._keys, wanted), len(other) - 1)
        known = (there >= 0) & (places >= 0) & (other._keys[at] == wanted)
        return np.where(known, at, -1).astype(np.int32)

    @cached_property
    def _keys(self) -> Longs:
        """Group and place of each row as one number, in ascending order."""
        return self.group.astype(np.int64) * len(self.table) + self.place


def distinct(size: int, *indexes: Rows) -> Ints:
    """Returns the indexes below `size` that occur in any array, each once, in ascending order and without a sort."""
    present = np.zeros(size, np.bool_)
    for some in indexes:
        present[some] = True
    return np.flatnonzero(present).astype(np.int32)


def same_places(one: PartitionTable, other: PartitionTable) -> bool:
    """Returns whether an index means the same partition in both tables; leaders and replicas may differ."""
    if one is other or one.first is other.first:
        return True
    return np.array_equal(one.first, other.first) and one.topics == other.topics


def place_map(source: PartitionTable, target: PartitionTable) -> Ints:
    """Returns, for each partition of one table, its index in another; -1 where the other lacks it."""
    topics = np.array([target.index.get(name, -1) for name in source.topics], np.int32)
    topic = np.repeat(np.arange(len(source.topics)), np.diff(source.first))
    number = np.arange(len(source)) - source.first[topic]
    there = topics[topic]
    sizes = np.diff(target.first) if len(target.topics) else np.zeros(1, np.int32)
    known = (there >= 0) & (number < sizes[there])
    return np.where(known, target.first[there] + number, -1).astype(np.int32)


def move_column(column: NDArray[Column], places: Rows, missing: int = -1) -> NDArray[Column]:
    """Returns a column in another order: its value at each of `places`, and `missing` where the place is -1."""
    if not len(column):
        return np.full(len(places), missing, column.dtype)
    return np.where(places >= 0, column[places], missing).astype(column.dtype)
