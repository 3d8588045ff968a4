"""OffsetFetch (9) read into columns: one request for many groups of a coordinator."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np
from confluent_kafka import KafkaError
from numpy.typing import NDArray

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.coordinators import error_of
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
from kafkaview.cluster.ports.columns import UNKNOWN, CommitColumns, Ints, Longs, PartitionTable
from kafkaview.terms import CommittedOffset, TopicPartition

_KEY: Final = 9
_VERSIONS: Final = (8, 9)  # many groups from version 8 on (Kafka 3.0), topics by their ids from version 10 on
_VERSIONS_ALONE: Final = (2, 7)
_WITH_THROTTLE: Final = 3
_WITH_EPOCH: Final = 5
_FLEXIBLE: Final = 6
_WITH_STABLE: Final = 7
_WITH_MEMBER: Final = 9
_ANY_MEMBER: Final = b"\x00\xff\xff\xff\xff"  # no member id, no epoch
_ALL_TOPICS: Final = b"\x00"
_ALL_TOPICS_ONCE: Final = b"\xff\xff\xff\xff"  # as it was written before version 6
_LARGEST_CODE: Final = 0x7FFF
_TWO_OCTETS: Final = 0x10000
_FEW: Final = 24  # rows that a loop reads sooner than numpy

_ROW: Final = struct.Struct(">iqi")  # partition, offset, leader's epoch
_ROW_WITHOUT_EPOCH: Final = struct.Struct(">iq")
_SIZE: Final = 20  # of a row without metadata: those 16 bytes, its length, error, no tags
_METADATA: Final = 16
_TAGS: Final = 19
_COLUMNS: Final = np.dtype(
    [("number", ">i4"), ("offset", ">i8"), ("epoch", ">i4"), ("metadata", "u1"), ("error", ">i2"), ("tags", "u1")]
)


class Unstable(ClusterError):
    """A transaction that holds offsets of the group has not ended yet."""

    kind = "unstable_offsets"


def commits_request(groups: Sequence[str], *, require_stable: bool = False) -> RawRequest:
    """Returns the request for all committed offsets of some groups."""

    def body(version: int) -> bytes:
        member = _ANY_MEMBER if version >= _WITH_MEMBER else b""
        rows = b"".join(write_string(group.encode()) + member + _ALL_TOPICS + b"\0" for group in groups)
        return write_count(len(groups)) + rows + bytes([require_stable]) + b"\0"

    return RawRequest("OffsetFetch", _KEY, body, versions=_VERSIONS, flexible=_FLEXIBLE)


def commits_alone_request(group: str, *, require_stable: bool = False) -> RawRequest:
    """Returns the request for all committed offsets of one group, for a broker before Kafka 3.0."""

    def body(version: int) -> bytes:
        flexible = version >= _FLEXIBLE
        parts = [write_string(group.encode(), flexible=flexible), _ALL_TOPICS if flexible else _ALL_TOPICS_ONCE]
        parts += [bytes([require_stable])] if version >= _WITH_STABLE else []
        return b"".join((*parts, b"\0" if flexible else b""))

    return RawRequest("OffsetFetch", _KEY, body, versions=_VERSIONS_ALONE, flexible=_FLEXIBLE)


def read_commits(answer: RawAnswer, table: PartitionTable) -> dict[str, CommitColumns | ClusterError]:
    """Returns the columns of each group in an answer."""
    data = answer.data
    reader = _CommitReader(answer, table)
    commits: dict[str, CommitColumns | ClusterError] = {}
    count, at = read_count(data, answer.start + 4)
    for _ in range(count):
        name, at = read_string(data, at)
        rows, at = reader.read_group(at)
        error = int.from_bytes(data[at : at + 2], "big", signed=True)
        at = skip_tags(data, at + 2)
        group = read_text(name)
        commits[group] = _failure(group, error or rows.error) if error or rows.error else rows.columns()
    return commits


def read_commits_alone(group: str, answer: RawAnswer, table: PartitionTable) -> CommitColumns | ClusterError:
    """Returns the columns of the one group in an answer."""
    rows, at = _CommitReader(answer, table).read_group(answer.start + (4 if answer.version >= _WITH_THROTTLE else 0))
    error = int.from_bytes(answer.data[at : at + 2], "big", signed=True) or rows.error
    return _failure(group, error) if error else rows.columns()


def _failure(group: str, code: int) -> ClusterError:
    code -= _TWO_OCTETS if code > _LARGEST_CODE else 0
    doing = f"reading the committed offsets of {group}"
    if code == KafkaError.UNSTABLE_OFFSET_COMMIT:
        return Unstable(f"{doing}: a transaction is still open on them", "Ask again when it has ended.")
    return error_of(code, doing)


@dataclass(slots=True)
class _GroupCommits:
    """The committed offsets of one group while its answer is read. The topics come in any order. Rows are arrays where
    numpy read them, and lists where a loop did.
    """

    places: list[Ints] = field(default_factory=list)
    offsets: list[Longs] = field(default_factory=list)
    epochs: list[Ints] = field(default_factory=list)
    rows: list[tuple[int, int, int]] = field(default_factory=list)  # place, offset, epoch
    metadata: dict[int, str] = field(default_factory=dict)  # by place
    elsewhere: dict[TopicPartition, CommittedOffset] = field(default_factory=dict)
    error: int = 0

    def columns(self) -> CommitColumns:
        """Returns all committed offsets of the group, ordered by place in the table."""
        if self.rows:
            rows = np.array(self.rows, np.int64)
            self.places.append(rows[:, 0].astype(np.int32))
            self.offsets.append(rows[:, 1])
            self.epochs.append(rows[:, 2].astype(np.int32))
        if not self.places:
            return CommitColumns(_NO_INTS, _NO_LONGS, _NO_INTS, {}, self.elsewhere)
        places, offsets, epochs = _join(self.places), _join(self.offsets), _join(self.epochs)
        if len(places) > 1 and not (places[1:] > places[:-1]).all():
            order = np.argsort(places, kind="stable")
            places, offsets, epochs = places[order], offsets[order], epochs[order]
        said = {int(np.searchsorted(places, place)): text for place, text in self.metadata.items()}
        return CommitColumns(places, np.ascontiguousarray(offsets), epochs, said, self.elsewhere)


N = TypeVar("N", np.int32, np.int64)


def _join(parts: Sequence[NDArray[N]]) -> NDArray[N]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


_NO_INTS: Final = np.empty(0, np.int32)
_NO_LONGS: Final = np.empty(0, np.int64)


class _CommitReader:
    """Reads the groups of an answer one after the other."""

    def __init__(self, answer: RawAnswer, table: PartitionTable) -> None:
        self._data = answer.data
        self._flexible = answer.version >= _FLEXIBLE
        self._row = _ROW if answer.version >= _WITH_EPOCH else _ROW_WITHOUT_EPOCH
        self._octets = np.frombuffer(answer.data, np.uint8)
        self._index: Mapping[str, int] = table.index
        self._first: list[int] = table.first.tolist()
        self._known: dict[bytes | None, tuple[str, range]] = {}

    def read_group(self, at: int) -> tuple[_GroupCommits, int]:
        """Reads all topics of a group; returns the position after them."""
        data, group, flexible, known = self._data, _GroupCommits(), self._flexible, self._known
        topics, at = read_count(data, at, flexible=flexible)
        for _ in range(topics):
            name, at = read_string(data, at, flexible=flexible)
            topic, places = known.get(name) or self._topic(name)
            rows, at = read_count(data, at, flexible=flexible)
            if rows >= _FEW and flexible and self._is_even(at, rows) and len(places):
                self._read_even(group, topic, places, at, rows)
                at += rows * _SIZE
            else:
                at = self._read_rows(group, topic, places, at, rows)
            if flexible:
                at = skip_tags(data, at) if data[at] else at + 1
        return group, at

    def _topic(self, octets: bytes | None) -> tuple[str, range]:
        """Returns the name of the next topic and the places of its partitions in the table."""
        name = read_text(octets)
        index = self._index.get(name)
        places = range(0) if index is None else range(self._first[index], self._first[index + 1])
        self._known[octets] = name, places
        return name, places

    def _is_even(self, at: int, rows: int) -> bool:
        """Returns whether no row has metadata or tagged fields, so that all rows have the same length."""
        if at + rows * _SIZE > len(self._data):
            return False
        block = self._octets[at : at + rows * _SIZE].reshape(rows, _SIZE)
        return bool((block[:, _METADATA] <= 1).all() and not block[:, _TAGS].any())

    def _read_even(self, group: _GroupCommits, topic: str, places: range, at: int, rows: int) -> None:
        block = np.frombuffer(self._data, _COLUMNS, rows, at)
        errors = block["error"]
        if errors.any():
            group.error = group.error or int(errors[errors != 0][0])
        numbers, offsets, epochs = (block[name] for name in ("number", "offset", "epoch"))
        known = (offsets >= 0) & (numbers >= 0) & (numbers < len(places))
        for one in np.flatnonzero((offsets >= 0) & ~known).tolist():
            _note_unlisted_partition(group, topic, int(numbers[one]), int(offsets[one]), int(epochs[one]), "")
        group.places.append(numbers[known].astype(np.int32) + np.int32(places.start))
        group.offsets.append(offsets[known].astype(np.int64))
        group.epochs.append(epochs[known].astype(np.int32))

    def _read_rows(self, group: _GroupCommits, topic: str, places: range, at: int, rows: int) -> int:
        data, flexible = self._data, self._flexible
        unpack, size = self._row.unpack_from, self._row.size
        first, count, add = places.start, len(places), group.rows.append
        for _ in range(rows):
            number, offset, *its_epoch = unpack(data, at)
            epoch = its_epoch[0] if its_epoch else UNKNOWN
            at += size
            metadata = None
            if flexible and data[at] <= 1:
                at += 1
            else:
                metadata, at = read_string(data, at, flexible=flexible)
            error = data[at] << 8 | data[at + 1]
            at += 2
            if flexible:
                at = skip_tags(data, at) if data[at] else at + 1
            if error:
                group.error = group.error or error
            if offset < 0:
                continue
            if not 0 <= number < count:
                _note_unlisted_partition(group, topic, number, offset, epoch, read_text(metadata))
                continue
            add((first + number, offset, epoch))
            if metadata:
                group.metadata[first + number] = read_text(metadata)
        return at


def _note_unlisted_partition(
    group: _GroupCommits, topic: str, number: int, offset: int, epoch: int, metadata: str
) -> None:
    where = TopicPartition(topic, number)
    group.elsewhere[where] = CommittedOffset(offset, epoch if epoch >= 0 else None, metadata)
