"""Confluent's wire format: which schema a key or value names, and where what that schema describes begins.

From confluent-kafka-python's serde (SchemaId, dual_schema_id_deserializer): byte 0 and a schema id of 4 bytes in front;
or a header with byte 1 and a GUID of 16 bytes, or with byte 0 and an id, which wins. In Protobuf the path to the type
of the message follows the id or GUID.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.schemas import SchemaReference
from kafkaview.decode.result import Surroundings, Undecodable

PREFIX: Final = 5  # bytes: the magic byte and the id
_BY_ID, _BY_GUID = 0, 1  # magic bytes
_GUID_END: Final = 17


@dataclass(frozen=True, slots=True)
class Frame:
    """What names the schema of some bytes. They begin at `start`. `path` is the Protobuf message path after the GUID or
    id in the header; None if the schema is named in front of the bytes.
    """

    reference: SchemaReference
    start: int
    path: bytes | None = None

    @property
    def mark(self) -> tuple[int | None, int]:
        """The position and the length of the id, where it stands in front of the bytes."""
        return (1, PREFIX - 1) if self.path is None else (None, 1)


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes that are described by a schema, from `start` on, and the rule that they are held to. `framed` says that
    a schema id stands before them; `path` is as in a frame.
    """

    data: bytes
    start: int
    field: str
    rule: str
    framed: bool = False
    path: bytes | None = None


def schema_header(field: str) -> str:
    """Returns the name of the header that may name the schema of a key or value."""
    return f"__{field}_schema_id"


def find_frame(rule: str, data: bytes, field: str, record: Surroundings) -> Frame | Undecodable:
    """Returns the frame of a key or value, or why it has none."""
    wanted = schema_header(field)
    named = next((header.value for header in record.headers or () if header.key == wanted), None)
    if named:
        return _frame_of_header(rule, named, wanted)
    if not data:
        return Undecodable(rule, f"the {field} is empty: 0 bytes. A tombstone would be null", detail="0 bytes")
    if data[0] != _BY_ID:
        reason = f"byte 0 of the {field} is {data[0]:02X}, not the magic byte 00 of the wire format with a schema id"
        return Undecodable(rule, _with_container(data, field) or reason, 0)
    if len(data) < PREFIX:
        last = len(data) - 1
        return Undecodable(rule, f"the {field} ends inside the schema id at byte {last:,}", last)
    return Frame(SchemaReference(int.from_bytes(data[1:PREFIX], "big")), PREFIX)


def _with_container(data: bytes, field: str) -> str | None:
    if data.startswith(b"Obj\x01"):
        return f"byte 0 of the {field} opens an Avro container file, not a value with a schema id in front"
    return None


def find_name(data: bytes) -> bytes:
    """Returns what of a header, or of the first bytes of a key or value, names a schema; empty if nothing does."""
    end = {_BY_GUID: _GUID_END, _BY_ID: PREFIX}.get(data[0], 0) if data else 0
    return data[:end] if len(data) >= end else b""


def reference_of(name: bytes) -> SchemaReference:
    """Returns the schema that the bytes of `find_name` name."""
    if name[0] == _BY_GUID:
        return SchemaReference(guid=str(uuid.UUID(bytes=name[1:])))
    return SchemaReference(int.from_bytes(name[1:], "big"))


def _frame_of_header(rule: str, named: bytes, header: str) -> Frame | Undecodable:
    name = find_name(named)
    if name:
        return Frame(reference_of(name), 0, named[len(name) :])
    seen = named[:_GUID_END].hex(" ")
    return Undecodable(rule, f"the header {header} holds neither an id nor a GUID of a schema ({seen})")


def without_id(data: bytes, field: str, rule: str) -> Payload | None:
    """Returns what follows if a schema id stands in front of the bytes; None where there can be none."""
    if len(data) <= PREFIX or data[0] != _BY_ID:
        return None
    return Payload(data, PREFIX, field, rule, framed=True)
