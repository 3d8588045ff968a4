"""Metadata (3) of all topics, read straight into the columns of a PartitionTable (about 1 us a partition)."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from kafkaview.cluster.damage import reading
from kafkaview.cluster.kafka.error_codes import BAD_MESSAGE
from kafkaview.cluster.kafka.raw_requests import (
    RawAnswer,
    RawRequest,
    read_count,
    read_string,
    read_text,
    skip_tags,
    write_count,
    write_string,
)
from kafkaview.cluster.ports.columns import UNKNOWN, Ints, Longs, PartitionTable
from kafkaview.terms import Broker, ClusterInfo

_KEY: Final = 3
_VERSIONS: Final = (5, 12)  # Kafka 1.0 to 4.x
_WITH_EPOCH: Final = 7
_FIRST_OPERATIONS: Final = 8  # what is allowed on the cluster (up to version 10) and on topics
_LAST_OPERATIONS: Final = 10
_FLEXIBLE: Final = 9
_TOPIC_ID: Final = 10
_TWO_OCTETS: Final = 0x80  # a varint from here on
_MOST_MISSING: Final = 10_000  # partitions of a topic that an answer leaves out
_DOING: Final = "reading the metadata"
_INT: Final = struct.Struct(">i")
_PARTITION: Final = struct.Struct(">hiii")  # error, number, leader, leader's epoch
_PARTITION_WITHOUT_EPOCH: Final = struct.Struct(">hii")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The brokers and partitions of one answer; `errors` has the topics that the broker could not describe."""

    info: ClusterInfo
    table: PartitionTable
    errors: Mapping[str, int]


def metadata_request(topics: Collection[str] | None = None) -> RawRequest:
    """Returns the request for the brokers and all topics, or the named ones. Creates no topic."""

    def body(version: int) -> bytes:
        flexible = version >= _FLEXIBLE
        tags = b"\0" if flexible else b""
        topic_id = bytes(16) if version >= _TOPIC_ID else b""
        parts = [b"\0" if flexible else b"\xff\xff\xff\xff"]
        if topics is not None:
            names = (write_string(name.encode(), flexible=flexible) for name in topics)
            parts = [write_count(len(topics), flexible=flexible), *(topic_id + name + tags for name in names)]
        operations = version >= _FIRST_OPERATIONS
        of_cluster = operations and version <= _LAST_OPERATIONS
        return b"".join((*parts, b"\0", b"\0" * (operations + of_cluster), tags))

    return RawRequest("Metadata", _KEY, body, versions=_VERSIONS, flexible=_FLEXIBLE)


def read_info(answer: RawAnswer) -> ClusterInfo:
    """Returns the brokers of an answer. Raises UnreadableAnswer."""
    with reading(_DOING):
        return _info(answer)[0]


def read_metadata(answer: RawAnswer) -> Metadata:
    """Returns the brokers and partitions of an answer. Raises UnreadableAnswer."""
    with reading(_DOING):
        info, at = _info(answer)
        return Metadata(info, *_table(answer, at))


def _info(answer: RawAnswer) -> tuple[ClusterInfo, int]:
    data, flexible = answer.data, answer.version >= _FLEXIBLE
    count, at = read_count(data, answer.start + 4, flexible=flexible)
    brokers = []
    for _ in range(count):
        number = _INT.unpack_from(data, at)[0]
        host, at = read_string(data, at + 4, flexible=flexible)
        port = _INT.unpack_from(data, at)[0]
        rack, at = read_string(data, at + 4, flexible=flexible)
        at = skip_tags(data, at) if flexible else at
        brokers.append(Broker(number, read_text(host), port, None if rack is None else read_text(rack)))
    cluster, at = read_string(data, at, flexible=flexible)
    controller = _INT.unpack_from(data, at)[0]
    brokers.sort(key=lambda broker: broker.id)
    name = None if cluster is None else read_text(cluster)
    return ClusterInfo(name, tuple(brokers), controller if controller >= 0 else None), at + 4


def _table(answer: RawAnswer, at: int) -> tuple[PartitionTable, Mapping[str, int]]:
    data, version, flexible = bytes(answer.data), answer.version, answer.version >= _FLEXIBLE
    rows, errors = _Rows(data, version), {}
    count, at = read_count(data, at, flexible=flexible)
    for _ in range(count):
        error = int.from_bytes(data[at : at + 2], "big", signed=True)
        name, at = read_string(data, at + 2, flexible=flexible)
        topic_id = data[at : at + 16] if version >= _TOPIC_ID else None
        at += 0 if topic_id is None else 16
        internal = data[at] != 0
        partitions, at = read_count(data, at + 1, flexible=flexible)
        at = rows.read(at, partitions)
        at += 4 if version >= _FIRST_OPERATIONS else 0
        at = skip_tags(data, at) if flexible else at
        topic = read_text(name)
        if error and not partitions:
            errors[topic] = error
        elif name is None:
            rows.drop()
        elif not rows.end_topic(topic, topic_id, internal=internal):
            errors[topic] = BAD_MESSAGE
    return rows.table(), errors


class _Rows:
    """The partitions of an answer, in the order of the answer."""

    def __init__(self, data: bytes, version: int) -> None:
        self._data = data
        self._flexible = version >= _FLEXIBLE
        self._head = _PARTITION if version >= _WITH_EPOCH else _PARTITION_WITHOUT_EPOCH
        self._topics: list[tuple[str, bool, int, bytes | None]] = []  # name, internal, number of partitions, id
        self._read = 0  # partitions that have a topic
        self._numbers: list[int] = []
        self._leaders: list[int] = []
        self._replicas: list[int] = []
        self._in_sync: list[int] = []
        self._sets: dict[bytes, int] = {}
        self._pairs: dict[bytes, tuple[int, int]] = {}  # replicas and in-sync replicas, by the bytes of both

    def read(self, at: int, count: int) -> int:
        """Reads the partitions of one topic; returns the position after them."""
        data, flexible, pairs = self._data, self._flexible, self._pairs
        unpack, size = self._head.unpack_from, self._head.size
        numbers, leaders = self._numbers.append, self._leaders.append
        replicas, in_sync = self._replicas.append, self._in_sync.append
        for _ in range(count):
            head = unpack(data, at)
            numbers(head[1])
            leaders(head[2])
            began = at + size
            after_replicas = _skip_integers(data, began, flexible=flexible)
            after_in_sync = _skip_integers(data, after_replicas, flexible=flexible)
            both = data[began:after_in_sync]
            pair = pairs.get(both) or self._pair(both, after_replicas - began)
            replicas(pair[0])
            in_sync(pair[1])
            at = _skip_integers(data, after_in_sync, flexible=flexible)  # those offline
            if flexible:
                at = skip_tags(data, at) if data[at] else at + 1
        return at

    def _pair(self, both: bytes, middle: int) -> tuple[int, int]:
        sets, flexible = self._sets, self._flexible
        _, replicas = read_count(both, 0, flexible=flexible)
        _, in_sync = read_count(both, middle, flexible=flexible)
        first = sets.setdefault(both[replicas:middle], len(sets))
        self._pairs[both] = first, sets.setdefault(both[in_sync:], len(sets))
        return self._pairs[both]

    def drop(self) -> None:
        """Removes the rows read since the last topic."""
        for column in (self._numbers, self._leaders, self._replicas, self._in_sync):
            del column[self._read :]

    def end_topic(self, name: str, topic_id: bytes | None, *, internal: bool) -> bool:
        """Assigns the rows read since the last topic to this one. Returns False for a topic whose partition numbers are
        impossible.
        """
        numbers = self._numbers[self._read :]
        possible = not numbers or (min(numbers) >= 0 and max(numbers) < len(numbers) + _MOST_MISSING)
        if not possible:
            self.drop()
        self._topics.append((name, internal, len(self._numbers) - self._read, topic_id))
        self._read = len(self._numbers)
        return possible

    def table(self) -> PartitionTable:
        """Returns the table: topics by name, partitions by number."""
        numbers = np.array(self._numbers, np.int32)
        names, internal, counts, ids = (
            (list(column) for column in zip(*self._topics, strict=True)) if self._topics else ([], [], [], [])
        )
        order = sorted(range(len(names)), key=names.__getitem__)
        sizes = _sizes(numbers, np.array(counts, np.int64))
        first = np.zeros(len(order) + 1, np.int32)
        np.cumsum(sizes[order], out=first[1:])
        began = np.zeros(len(names), np.int32)
        began[order] = first[:-1]
        places = np.repeat(began, counts) + numbers
        sets = sorted({b"", *self._sets})
        rank = {octets: at for at, octets in enumerate(sets)}
        ranks = np.array([rank[octets] for octets in self._sets], np.int32)
        by_name = tuple(names[one] for one in order)
        return PartitionTable(
            by_name,
            np.array(internal, np.bool_)[order],
            first,
            _column(np.array(self._leaders, np.int32), places, int(first[-1]), UNKNOWN),
            _column(ranks[np.array(self._replicas, np.int32)], places, int(first[-1]), 0),
            _column(ranks[np.array(self._in_sync, np.int32)], places, int(first[-1]), 0),
            tuple(tuple(np.frombuffer(octets, ">i4").tolist()) for octets in sets),
            {name: at for at, name in enumerate(by_name)},
            tuple(ids[one] for one in order),
        )


def _skip_integers(data: bytes, at: int, *, flexible: bool) -> int:
    """Returns the position after an array of integers."""
    length = data[at]
    if flexible and 0 < length < _TWO_OCTETS:
        return at + 4 * length - 3
    count, at = read_count(data, at, flexible=flexible)
    return at + 4 * count


def _sizes(numbers: Ints, counts: Longs) -> Longs:
    """Returns the number of partitions of each topic: its highest number plus one. A missing partition
    has no leader.
    """
    sizes = np.zeros(len(counts), np.int64)
    some = counts > 0
    if some.any():
        starts = (np.cumsum(counts) - counts)[some]
        sizes[some] = np.maximum.reduceat(numbers, starts) + 1
    return sizes


def _column(values: Ints, places: Ints, size: int, missing: int) -> Ints:
    column = np.full(size, missing, np.int32)
    column[places] = values
    return column


def numbers_of(table: PartitionTable, places: Ints) -> tuple[Ints, Ints]:
    """Returns topic (its index) and partition number at each place."""
    topics = np.searchsorted(table.first, places, side="right").astype(np.int32) - 1
    return topics, places - table.first[topics]


def leaders_of(table: PartitionTable, places: Ints) -> Iterable[tuple[int, Ints]]:
    """Returns the places that each leader leads, in ascending order; those without a leader are left out."""
    of_place = table.leader[places]
    for leader in sorted(set(of_place.tolist())):  # np.unique loads numpy.ma, which nothing else needs
        if leader >= 0:
            yield leader, places[of_place == leader]
