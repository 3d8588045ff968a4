"""One record in full, as far as it is shown at once: a value of 20 MB opens in part."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kafkaview.records.cel_expression import EvaluationError, FilterError
from kafkaview.records.decoding import DecodedField, decode_record, filter_decoder, text_part
from kafkaview.records.filter import RecordFilter
from kafkaview.records.one_record import read_record
from kafkaview.records.schema import FieldSchema, find_schemas
from kafkaview.terms import Isolation, Record, RecordId, TimestampType, TopicPartition

if TYPE_CHECKING:
    from kafkaview.session import Session

PART_BYTES: Final = 65_536  # of a key, value or header that are sent at once
_KEPT_BYTES: Final = 67_108_864  # of records that were read, so that more of them needs no other read


class RecordField(StrEnum):
    """A part of a record that holds bytes."""

    KEY = "key"
    VALUE = "value"
    HEADER = "header"


@dataclass(frozen=True, slots=True)
class FieldBytes:
    """The first bytes of a key, value or header. `size` is how many there are in all."""

    head: bytes
    size: int

    @classmethod
    def of(cls, data: bytes | None) -> FieldBytes | None:
        """Returns the head of bytes; None of null."""
        return None if data is None else cls(data[:PART_BYTES], len(data))

    @property
    def complete(self) -> bool:
        """Whether these are all of them."""
        return len(self.head) == self.size


@dataclass(frozen=True, slots=True)
class HeaderDetail:
    """One header; names may repeat."""

    key: str
    value: FieldBytes | None


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """One record as it is shown. Null keys and values are None. `headers` is None where `unreadable_header`, a name
    that is not UTF-8, keeps the client from reading them.
    """

    id: RecordId
    timestamp_ms: int | None
    timestamp_type: TimestampType
    leader_epoch: int | None
    key: FieldBytes | None
    value: FieldBytes | None
    headers: tuple[HeaderDetail, ...] | None
    unreadable_header: bytes | None
    key_reading: DecodedField | None
    value_reading: DecodedField | None


@dataclass(frozen=True, slots=True)
class FilterCheck:
    """What a filter is: `problem` and the character at which it goes wrong where it cannot be used; else whether the
    record in question `matches`, or why it fails on it (`failure`).
    """

    problem: str | None = None
    position: int | None = None
    matches: bool | None = None
    failure: str | None = None


class RecordDetails:
    """The records that a window opens, one at a time; the last ones are kept, up to 64 MiB."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: OrderedDict[tuple[RecordId, bool], Record] = OrderedDict()

    async def at(self, place: TopicPartition, offset: int, *, uncommitted: bool) -> RecordDetail:
        """Reads one record. Raises OffsetOutOfRange with the reason why there is none."""
        record = await self._record(RecordId(place.topic, place.partition, offset), uncommitted=uncommitted)
        return await detail_of(self._session, record)

    async def part(
        self,
        place: TopicPartition,
        offset: int,
        field: RecordField,
        first: int,
        length: int,
        *,
        header: int = 0,
        uncommitted: bool = False,
    ) -> bytes:
        """Returns bytes of a record's key, value or header (by its place among the headers)."""
        record = await self._record(RecordId(place.topic, place.partition, offset), uncommitted=uncommitted)
        data = record.key if field is RecordField.KEY else record.value
        if field is RecordField.HEADER:
            data = (record.headers or ())[header].value
        return (data or b"")[first : first + length]

    async def text(
        self, place: TopicPartition, offset: int, first: int, length: int, *, uncommitted: bool = False
    ) -> str:
        """Returns characters of the text that the decoder makes of a value."""
        record = await self._record(RecordId(place.topic, place.partition, offset), uncommitted=uncommitted)
        return await text_part(self._session, record, first, length)

    async def schemas(
        self, place: TopicPartition, offset: int, *, uncommitted: bool = False
    ) -> tuple[FieldSchema, ...]:
        """Returns the schemas that the value and the key of a record name; waits for the registry."""
        record = await self._record(RecordId(place.topic, place.partition, offset), uncommitted=uncommitted)
        return await find_schemas(self._session, record)

    async def save(self, place: TopicPartition, offset: int, path: Path, *, uncommitted: bool = False) -> int:
        """Writes the bytes of a value into a file, which is there whole or not at all; returns how many. Raises
        OSError.
        """
        record = await self._record(RecordId(place.topic, place.partition, offset), uncommitted=uncommitted)
        return await save_bytes(path, record.value)

    async def check_filter(self, where: str, place: TopicPartition | None, offset: int, decode: str) -> FilterCheck:
        """Compiles a filter, and evaluates it on a record if there is one, whose value is read by a rule, or as its
        topic's are. Raises ClusterError for the record, ValueError for the rule.
        """
        decoder = await filter_decoder(self._session, place.topic, decode) if place is not None else None
        try:
            chosen = await asyncio.to_thread(RecordFilter, where, decoder)
        except FilterError as error:
            return FilterCheck(str(error), error.position)
        if place is None:
            return FilterCheck()
        record = await self._record(RecordId(place.topic, place.partition, offset), uncommitted=True)
        try:
            return FilterCheck(matches=await asyncio.to_thread(chosen.matches, record))
        except EvaluationError as error:
            return FilterCheck(failure=str(error))

    async def _record(self, id_: RecordId, *, uncommitted: bool) -> Record:
        key = (id_, uncommitted)
        if key not in self._kept:
            isolation = Isolation.READ_UNCOMMITTED if uncommitted else Isolation.READ_COMMITTED
            self._kept[key] = await read_record(self._session.cluster, id_, isolation)
            while len(self._kept) > 1 and sum(map(_size, self._kept.values())) > _KEPT_BYTES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


async def detail_of(session: Session, record: Record) -> RecordDetail:
    """Returns a record as it is shown, read as its topic's records are."""
    return make_detail(record, *await decode_record(session, record))


def make_detail(record: Record, key: DecodedField | None = None, value: DecodedField | None = None) -> RecordDetail:
    """Returns a record as it is shown, with what its decoders say if that is known."""
    return RecordDetail(
        record.id,
        record.timestamp_ms,
        record.timestamp_type,
        record.leader_epoch,
        FieldBytes.of(record.key),
        FieldBytes.of(record.value),
        tuple(HeaderDetail(one.key, FieldBytes.of(one.value)) for one in record.headers)
        if record.headers is not None
        else None,
        record.unreadable_header,
        key,
        value,
    )


async def save_bytes(path: Path, data: bytes | None) -> int:
    """Writes the bytes of a value into a file, which is there whole or not at all; returns how many. Raises OSError."""
    await asyncio.to_thread(_write, path, data or b"")
    return len(data or b"")


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _size(record: Record) -> int:
    headers = sum(len(header.value or b"") for header in record.headers or ())
    return len(record.key or b"") + len(record.value or b"") + headers
