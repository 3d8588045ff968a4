"""Metadata of all topics, read straight into the columns of a PartitionTable (about 1 us a partition)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kafkaview.cluster.columns import UNKNOWN, Ints, PartitionTable
from kafkaview.cluster.raw import RawAnswer, RawRequest, read_count, read_string, skip_tags, uvarint
from kafkaview.terms import Broker, ClusterInfo

_KEY: Final = 3
_VERSIONS: Final = (9, 12)  # version 9 came with Kafka 2.4
_TOPIC_ID: Final = 10
_OPERATIONS: Final = (8, 10)  # the versions that tell of operations on the cluster
_NODE: Final = struct.Struct(">i")
_PARTITION: Final = struct.Struct(">hiii")  # error, number, leader, leader's epoch


@dataclass(frozen=True, slots=True)
class Metadata:
    """One broker's answer: who is in the cluster, and all partitions."""

    info: ClusterInfo
    table: PartitionTable


def metadata_request(*, topics: bool = True) -> RawRequest:
    """Ask for all topics, or for the brokers alone. Creates no topic."""

    def body(version: int) -> bytes:
        asked = b"\x00" if topics else b"\x01"
        operations = b"\x00\x00" if version <= _OPERATIONS[1] else b"\x00"
        return asked + b"\x00" + operations + b"\x00"

    return RawRequest("Metadata", _KEY, body, versions=_VERSIONS, flexible=9)


def read_metadata(answer: RawAnswer) -> Metadata:
    """Brokers and partitions of an answer."""
    info, at = _info(answer)
    return Metadata(info, _table(answer, at))


def _info(answer: RawAnswer) -> tuple[ClusterInfo, int]:
    data = answer.data
    count, at = read_count(data, answer.start + 4)
    brokers = []
    for _ in range(count):
        number = _NODE.unpack_from(data, at)[0]
        host, at = read_string(data, at + 4)
        port = _NODE.unpack_from(data, at)[0]
        rack, at = read_string(data, at + 4)
        at = skip_tags(data, at)
        brokers.append(Broker(number, (host or b"").decode(), port, None if rack is None else rack.decode()))
    cluster, at = read_string(data, at)
    controller = _NODE.unpack_from(data, at)[0]
    brokers.sort(key=lambda broker: broker.id)
    name = None if cluster is None else cluster.decode()
    return ClusterInfo(name, tuple(brokers), controller if controller >= 0 else None), at + 4


def _table(answer: RawAnswer, at: int) -> PartitionTable:
    data, with_id = answer.data, answer.version >= _TOPIC_ID
    rows = _Rows()
    count, at = read_count(data, at)
    for _ in range(count):
        name, at = read_string(data, at + 2)
        at += 16 if with_id else 0
        internal = data[at] != 0
        partitions, at = read_count(data, at + 1)
        at = rows.read(data, at, partitions)
        at = skip_tags(data, at + 4)
        if name is not None:
            rows.end_topic(name.decode(), internal=internal)
    return rows.table()


class _Rows:
    """Partitions as they come, in whatever order."""

    def __init__(self) -> None:
        self._topics: list[tuple[str, bool, int, int]] = []  # name, internal, first row, number of rows
        self._numbers: list[int] = []
        self._leaders: list[int] = []
        self._replicas: list[int] = []
        self._in_sync: list[int] = []
        self._sets: dict[bytes, int] = {b"": 0}

    def read(self, data: bytearray, at: int, count: int) -> int:
        """Read the partitions of one topic; returns where they end."""
        unpack, sets = _PARTITION.unpack_from, self._sets
        numbers, leaders = self._numbers.append, self._leaders.append
        replicas, in_sync = self._replicas.append, self._in_sync.append
        for _ in range(count):
            _error, number, leader, _epoch = unpack(data, at)
            numbers(number)
            leaders(leader)
            length, at = uvarint(data, at + 14)
            end = at + 4 * (length - 1) if length else at
            replicas(sets.setdefault(bytes(data[at:end]), len(sets)))
            length, at = uvarint(data, end)
            end = at + 4 * (length - 1) if length else at
            in_sync(sets.setdefault(bytes(data[at:end]), len(sets)))
            length, at = uvarint(data, end)  # those offline
            at += 4 * (length - 1) if length else 0
            at = skip_tags(data, at) if data[at] else at + 1
        return at

    def end_topic(self, name: str, *, internal: bool) -> None:
        """Give what was read since the last topic to this one."""
        first = self._topics[-1][2] + self._topics[-1][3] if self._topics else 0
        self._topics.append((name, internal, first, len(self._numbers) - first))

    def table(self) -> PartitionTable:
        """All of it, topics by name and partitions by number."""
        topics = self._topics
        numbers = np.array(self._numbers, np.int32)
        order = sorted(range(len(topics)), key=lambda one: topics[one][0])
        sizes = [int(numbers[topics[one][2] : topics[one][2] + topics[one][3]].max(initial=-1)) + 1 for one in order]
        first = np.zeros(len(order) + 1, np.int32)
        np.cumsum(sizes, out=first[1:])
        began = np.zeros(len(topics), np.int32)
        began[order] = first[:-1]
        places = np.repeat(began, [topic[3] for topic in topics]) + numbers
        names = tuple(topics[one][0] for one in order)
        return PartitionTable(
            names,
            np.array([topics[one][1] for one in order], np.bool_),
            first,
            _column(self._leaders, places, int(first[-1]), UNKNOWN),
            _column(self._replicas, places, int(first[-1]), 0),
            _column(self._in_sync, places, int(first[-1]), 0),
            tuple(tuple(np.frombuffer(one, ">i4").tolist()) for one in self._sets),
            {name: at for at, name in enumerate(names)},
        )


def _column(values: Sequence[int], places: Ints, size: int, missing: int) -> Ints:
    column = np.full(size, missing, np.int32)
    column[places] = np.array(values, np.int32)
    return column


def numbers_of(table: PartitionTable, places: Ints) -> tuple[Ints, Ints]:
    """Topic (its index) and partition number at each place."""
    topics = np.searchsorted(table.first, places, side="right").astype(np.int32) - 1
    return topics, places - table.first[topics]


def same_topics(one: PartitionTable, other: PartitionTable) -> bool:
    """Whether a place means the same partition in both."""
    return one.topics == other.topics and bool(np.array_equal(one.first, other.first))


def leaders_of(table: PartitionTable, places: Ints) -> Iterable[tuple[int, Ints]]:
    """The places that each leader leads, in ascending order; those without a leader are left out."""
    of_place = table.leader[places]
    for leader in np.unique(of_place).tolist():
        if leader >= 0:
            yield leader, places[of_place == leader]
