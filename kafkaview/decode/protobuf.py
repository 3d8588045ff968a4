"""Protobuf's binary encoding, read by descriptors (protobuf.dev, Encoding). Fields are shown in the order of the bytes,
those that the schema does not have by their number. Google's library reads it too and does not say where it breaks.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Kind

from kafkaview.cluster.ports.schemas import RegisteredSchema
from kafkaview.decode.proto_files import compile_registered
from kafkaview.decode.proto_types import ENUM, GROUP, MESSAGE, ProtoField, ProtoMessage, ProtoTypes
from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.times import timestamp_text
from kafkaview.decode.walk import Fault, Walk, decoded_walk, float_text, left_over, read_number, report_fault, text_of
from kafkaview.decode.wire_format import Payload, without_id

_VARINT, _FIXED64, _BYTES, _START, _END, _FIXED32 = range(6)
_MOST_NUMBER_BYTES: Final = 10
_MOST_PLACES: Final = 100  # of a path to a message's type
_LAST_FIELD: Final = (1 << 29) - 1
_NANO: Final = 1_000_000_000

_FIXED: Final[dict[int, tuple[int, str]]] = {  # wire type and struct format
    Kind.TYPE_DOUBLE: (_FIXED64, "<d"),
    Kind.TYPE_FIXED64: (_FIXED64, "<Q"),
    Kind.TYPE_SFIXED64: (_FIXED64, "<q"),
    Kind.TYPE_FLOAT: (_FIXED32, "<f"),
    Kind.TYPE_FIXED32: (_FIXED32, "<I"),
    Kind.TYPE_SFIXED32: (_FIXED32, "<i"),
}
_NUMBERS: Final[dict[int, Callable[[int], str]]] = {
    Kind.TYPE_INT64: lambda number: str(_signed(number, 64)),
    Kind.TYPE_UINT64: lambda number: str(number & (1 << 64) - 1),
    Kind.TYPE_INT32: lambda number: str(_signed(number, 32)),
    Kind.TYPE_UINT32: lambda number: str(number & (1 << 32) - 1),
    Kind.TYPE_BOOL: lambda number: "true" if number else "false",
    Kind.TYPE_SINT32: lambda number: str(_zigzag(number & (1 << 32) - 1)),
    Kind.TYPE_SINT64: lambda number: str(_zigzag(number & (1 << 64) - 1)),
}


class ProtobufSchema:
    """Reads messages of the files of a schema: of the type at the path that the bytes name, else of `name`."""

    def __init__(self, types: ProtoTypes, name: str | None = None) -> None:
        self.types = types
        self._name = name

    def problem(self, payload: Payload) -> Undecodable | None:
        """Returns the byte at which the message is not of its type."""
        result = self._walk(payload)
        return result if isinstance(result, Undecodable) else None

    def decode(self, payload: Payload) -> Decoded | Undecodable:
        """Returns the message as JSON with the field names of the schema; bytes are base64."""
        result = self._walk(payload)
        return result if isinstance(result, Undecodable) else decoded_walk(payload, result)

    def refuse(self, payload: Payload, writer: object) -> str | None:
        """Returns why a reader of this schema cannot take bytes that another schema describes; None if it can."""
        if not isinstance(writer, ProtobufSchema):
            return "it is Protobuf, and they are not"
        problem = self.problem(payload)
        return problem.reason if problem is not None else None

    def type_of(self, payload: Payload) -> str | None:
        """Returns the full name of the type of a message; None where the bytes name none."""
        try:
            return self._name or self._read_type(Walk(payload.data, payload.start, len(payload.data)), payload)
        except Fault:
            return None

    def _walk(self, payload: Payload) -> Walk | Undecodable:
        walk = Walk(payload.data, payload.start, len(payload.data))
        try:
            name = self._name or self._read_type(walk, payload)
            walk.out.append(_MessageReader(self.types, walk).message(self.types.message(name)))
        except Fault as fault:
            return report_fault(payload, fault)
        return walk

    def _read_type(self, walk: Walk, payload: Payload) -> str:
        """Returns the message's full name: the path to it stands behind the schema id, or with it in a header."""
        path = walk if payload.path is None else Walk(payload.path, 0, len(payload.path))
        start = path.at
        try:
            places = _read_path(path)
        except Fault as fault:
            if payload.path is None:
                raise
            raise Fault(walk.at, f"the header with its schema names no type: {fault.words}") from None
        name = self.types.find(places)
        if name is None:
            words = f"the schema has no message at the place {'.'.join(map(str, places))}"
            raise Fault(start if payload.path is None else walk.at, words, max(path.at - start, 1))
        return name


def read_registered(schema: RegisteredSchema) -> ProtobufSchema:
    """Returns the reader of a registered schema; ValueError says why it cannot be used."""
    references = {reference.name: reference.text for reference in schema.references}
    return ProtobufSchema(ProtoTypes(compile_registered(schema.text, references)))


def skip_path(data: bytes, field: str, rule: str) -> Payload | None:
    """Returns what follows a schema id and the path to the type; None where there is none."""
    behind = without_id(data, field, rule)
    if behind is None:
        return None
    walk = Walk(data, behind.start, len(data))
    try:
        _read_path(walk)
    except Fault:
        return None
    return replace(behind, start=walk.at)


@dataclass(slots=True)
class _MemberText:
    """The texts of one field, in the order of the bytes."""

    opening: str
    texts: list[str] = field(default_factory=list)
    brackets: str = ""  # of an array or an object; a field that is not repeated may still occur twice


class _MessageReader:
    """Reads messages from a walk, each up to the walk's end, as JSON text."""

    def __init__(self, types: ProtoTypes, walk: Walk) -> None:
        self._types = types
        self._walk = walk

    def message(self, of: ProtoMessage, group: int | None = None) -> str:
        """Returns a message, or a group, which ends with a tag of its own."""
        walk, start = self._walk, self._walk.at
        walk.enter()
        members: dict[object, _MemberText] = {}
        seen: set[int] = set()
        while True:
            at = walk.at
            if at == walk.end:
                if group is not None:
                    raise walk.cut(f"the group {group}")
                break
            number, wire = self._tag()
            if wire == _END:
                if number != group:
                    raise Fault(at, f"it ends the group {number}, which was not begun", walk.at - at)
                break
            seen.add(number)
            self._field(of, number, wire, members, at)
        missing = of.required - seen
        if missing:
            raise Fault(
                min(start, max(walk.end - 1, 0)), f"the required field {of.fields[min(missing)].name} is missing"
            )
        walk.depth -= 1
        return _shown(of, members)

    def _tag(self) -> tuple[int, int]:
        walk, start = self._walk, self._walk.at
        tag = _read_number(walk, "the number of a field")
        number, wire = tag >> 3, tag & 7
        if not 0 < number <= _LAST_FIELD:
            raise Fault(start, f"there is no field of the number {number:,}", walk.at - start)
        if wire > _FIXED32:
            raise Fault(start, f"field {number:,} has the wire type {wire}, which is none", walk.at - start)
        return number, wire

    def _field(self, of: ProtoMessage, number: int, wire: int, members: dict[object, _MemberText], at: int) -> None:
        known = of.fields.get(number)
        texts = None
        try:
            texts = self._known(known, wire) if known is not None else None
            if known is None or texts is None:  # as every parser does with a field that has another wire type
                member = members.setdefault((number, at), _MemberText(text_of(str(number))))
                member.texts.append(self._unknown(number, wire))
                return
        except Fault as fault:
            fault.path.append(f".{known.name if known is not None else number}")
            raise
        entry = known.repeated and known.type == MESSAGE and self._types.message(known.of).is_entry
        key: object = known.name if known.repeated else (known.name, at)
        brackets = "{}" if entry else "[]" if known.repeated else ""
        members.setdefault(key, _MemberText(text_of(known.name), [], brackets)).texts.extend(texts)

    def _known(self, known: ProtoField, wire: int) -> list[str] | None:
        """Returns the values of a field; None if the wire type is not that of its type."""
        walk = self._walk
        if known.type in _FIXED or known.type in _NUMBERS or known.type == ENUM:
            own = _FIXED[known.type][0] if known.type in _FIXED else _VARINT
            if wire == own:
                return [self._scalar(known)]
            if wire != _BYTES or not known.repeated:
                return None
            end = self._begin_part(known.name)
            found = []
            while walk.at < walk.end:
                walk.step()
                found.append(self._scalar(known))
            walk.end = end
            return found
        if known.type == GROUP:
            return None if wire != _START else [self.message(self._types.message(known.of), known.number)]
        if wire != _BYTES:
            return None
        if known.type == MESSAGE:
            end = self._begin_part(known.name)
            text = self.message(self._types.message(known.of))
            walk.end = end
            return [text]
        return [self._text(known)]

    def _begin_part(self, what: str) -> int:
        """Ends the walk at the end of a part of known length, and returns where it ended before."""
        walk, end = self._walk, self._walk.end
        length = _read_length(walk, what)
        walk.end = walk.at + length
        return end

    def _scalar(self, known: ProtoField) -> str:
        walk = self._walk
        if known.type in _FIXED:
            _, packed = _FIXED[known.type]
            number = struct.unpack(packed, walk.take(struct.calcsize(packed), known.name))[0]
            return float_text(number, packed[1]) if isinstance(number, float) else str(number)
        raw = _read_number(walk, known.name)
        if known.type != ENUM:
            return _NUMBERS[known.type](raw)
        number = _signed(raw, 32)
        name = self._types.enums.get(known.of, {}).get(number)
        return str(number) if name is None else text_of(name)

    def _text(self, known: ProtoField) -> str:
        walk = self._walk
        length = _read_length(walk, known.name)
        start = walk.at
        data = walk.take(length, known.name)
        if known.type != Kind.TYPE_STRING:
            return f'"{base64.b64encode(data).decode()}"'
        try:
            return text_of(data.decode())
        except UnicodeDecodeError as error:
            at, length = start + error.start, error.end - error.start
            raise Fault(at, "it is in a string and not UTF-8", length, lenient=not known.strict_text) from None

    def _unknown(self, number: int, wire: int) -> str:
        walk, what = self._walk, f"field {number}"
        if wire == _VARINT:
            return str(_read_number(walk, what))
        if wire == _START:
            return self.message(ProtoMessage(what), number)
        if wire == _BYTES:
            return f'"{base64.b64encode(walk.take(_read_length(walk, what), what)).decode()}"'
        return f'"0x{walk.take(8 if wire == _FIXED64 else 4, what)[::-1].hex()}"'


def _shown(of: ProtoMessage, members: dict[object, _MemberText]) -> str:
    if of.is_entry:
        return _shown_entry(of, members)
    if of.name == ".google.protobuf.Timestamp" and (moment := _timestamp(members)) is not None:
        return moment
    shown = []
    for member in members.values():
        text = ",".join(member.texts)
        if member.brackets:
            text = f"{member.brackets[0]}{text}{member.brackets[1]}"
        shown.append(f"{member.opening}:{text}")
    return f"{{{','.join(shown)}}}"


def _shown_entry(of: ProtoMessage, members: dict[object, _MemberText]) -> str:
    """Returns an entry of a map as a member of an object; what it lacks has its type's default."""
    found = {member.opening: member.texts[-1] for member in members.values()}
    key = found.get('"key"') or _default(of.fields.get(1))
    value = found.get('"value"') or _default(of.fields.get(2))
    name = key if key.startswith('"') else text_of(key)
    return f"{name}:{value}"


def _default(of: ProtoField | None) -> str:
    if of is None or of.type in (MESSAGE, GROUP):
        return "{}"
    if of.type in (Kind.TYPE_STRING, Kind.TYPE_BYTES):
        return '""'
    return "false" if of.type == Kind.TYPE_BOOL else "0"


def _timestamp(members: dict[object, _MemberText]) -> str | None:
    """Returns a time; None where the fields are not just one number of seconds and one of nanoseconds."""
    found = {json.loads(member.opening): member.texts[0] for member in members.values()}
    if len(found) != len(members) or found.keys() - {"seconds", "nanos"}:
        return None
    seconds, nanos = int(found.get("seconds", "0")), int(found.get("nanos", "0"))
    if not 0 <= nanos < _NANO:
        return None
    text = timestamp_text(seconds * _NANO + nanos, _NANO, "Z")
    return text if text.startswith('"') else None


def _read_path(walk: Walk) -> list[int]:
    """Returns the places of a message's type: their number and each of them, or one 0 for the first message."""
    start = walk.at
    count = _zigzag(_read_number(walk, "the path to its type"))
    if not 0 <= count <= _MOST_PLACES:
        raise Fault(start, f"the path to its type has {count:,} places", walk.at - start)
    return [_zigzag(_read_number(walk, "the path to its type")) for _ in range(count)] or [0]


def _read_number(walk: Walk, what: str) -> int:
    """Returns the next number, of up to 64 bits."""
    return read_number(walk, what, _MOST_NUMBER_BYTES) & (1 << 64) - 1


def _read_length(walk: Walk, what: str) -> int:
    start = walk.at
    length = _read_number(walk, f"the length of {what}")
    left = walk.end - walk.at
    if length > left:
        raise Fault(start, f"{what} has a length of {length:,}, {left_over(left)}", walk.at - start)
    return length


def _signed(number: int, bits: int) -> int:
    number &= (1 << bits) - 1
    return number - (1 << bits) if number >> (bits - 1) else number


def _zigzag(number: int) -> int:
    return (number >> 1) ^ -(number & 1)
