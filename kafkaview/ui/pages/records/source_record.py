"""The record that is sent again, with as many of its bytes as can be edited."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kafkaview.engine.port import Engine
from kafkaview.records.detail import FieldBytes, RecordDetail, RecordField
from kafkaview.terms import Header, RecordId

EDITABLE_BYTES: Final = 262_144  # of a key or value; more is sent as it is, or replaced


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A record as it is read. Key and value are complete unless they are too large to edit; `headers` are None where
    nobody can read them.
    """

    detail: RecordDetail
    headers: tuple[Header, ...] | None
    uncommitted: bool


async def read_source(engine: Engine, record: RecordId, *, uncommitted: bool) -> SourceRecord:
    """Reads a record with the bytes of its fields. Raises ClusterError."""
    place = record.topic_partition
    detail = await engine.record_at(place, record.offset, uncommitted=uncommitted)

    async def whole(data: FieldBytes | None, field: RecordField, header: int = 0) -> FieldBytes | None:
        if data is None or data.complete or (field is not RecordField.HEADER and data.size > EDITABLE_BYTES):
            return data
        have, rest = len(data.head), data.size - len(data.head)
        more = await engine.record_bytes(
            place, record.offset, field, have, rest, header=header, uncommitted=uncommitted
        )
        return FieldBytes(data.head + more, data.size)

    detail = replace(
        detail, key=await whole(detail.key, RecordField.KEY), value=await whole(detail.value, RecordField.VALUE)
    )
    if detail.headers is None:
        return SourceRecord(detail, None, uncommitted)
    headers = []
    for at, header in enumerate(detail.headers):
        value = await whole(header.value, RecordField.HEADER, at)
        headers.append(Header(header.key, None if value is None else value.head))
    return SourceRecord(detail, tuple(headers), uncommitted)
