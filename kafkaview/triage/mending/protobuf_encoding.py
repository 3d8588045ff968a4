"""JSON as the decoder of Protobuf shows it, turned back into a message of a registered schema by Google's library. What
the schema does not have is refused, never left out.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, cast

from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Kind
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import EncodeError

from kafkaview.decode.proto_files import find_own
from kafkaview.decode.proto_types import ENUM, GROUP, MESSAGE, ProtoField, ProtoMessage, ProtoTypes
from kafkaview.triage.mending.misfit import Misfit, below, floating_number, moment_number, whole_number, wrong_kind

_TIMESTAMP: Final = ".google.protobuf.Timestamp"
_NANO: Final = 1_000_000_000
_SIGNED_32: Final = (-(1 << 31), (1 << 31) - 1)
_SIGNED_64: Final = (-(1 << 63), (1 << 63) - 1)
_UNSIGNED_32: Final = (0, (1 << 32) - 1)
_UNSIGNED_64: Final = (0, (1 << 64) - 1)
_BOUNDS: Final[Mapping[int, tuple[int, int]]] = {
    Kind.TYPE_INT32: _SIGNED_32, Kind.TYPE_SINT32: _SIGNED_32, Kind.TYPE_SFIXED32: _SIGNED_32,
    Kind.TYPE_UINT32: _UNSIGNED_32, Kind.TYPE_FIXED32: _UNSIGNED_32,
    Kind.TYPE_INT64: _SIGNED_64, Kind.TYPE_SINT64: _SIGNED_64, Kind.TYPE_SFIXED64: _SIGNED_64,
    Kind.TYPE_UINT64: _UNSIGNED_64, Kind.TYPE_FIXED64: _UNSIGNED_64,
}  # fmt: skip
_FLOATS: Final[Mapping[int, str]] = {Kind.TYPE_FLOAT: "f", Kind.TYPE_DOUBLE: "d"}


class ProtobufEncoder:
    """Writes messages of the types of one schema."""

    def __init__(self, types: ProtoTypes) -> None:
        self._types = types
        self._pool = descriptor_pool.DescriptorPool()
        _add_files(self._pool, types.files)
        self._make = cache(self._class_of)

    def encode(self, value: object, name: str | None) -> tuple[bytes, bytes]:
        """Returns the path to a message's type, as it stands in front of it, and the message: of the type of this full
        name, or of the first one of the schema. Raises Misfit.
        """
        path = [0] if name is None else self._types.path_to(name)
        full = name or self._types.find([0])
        if path is None or full is None:
            raise Misfit(f"is a {(name or 'message').removeprefix('.')}, which the schema does not have")
        message = self._make(full)()
        try:
            self._fill(message, self._types.message(full), value)
            data: bytes = message.SerializeToString(deterministic=True)
        except RecursionError:
            raise Misfit("is nested too deeply") from None
        except EncodeError:
            lacking = ", ".join(message.FindInitializationErrors())
            raise Misfit(f"lacks what the schema requires: {lacking}") from None
        return _path_bytes(path), data

    def _class_of(self, full: str) -> Any:
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(full.removeprefix(".")))

    def _fill(self, message: Any, of: ProtoMessage, value: object) -> None:
        if of.name == _TIMESTAMP and isinstance(value, str):
            message.seconds, message.nanos = divmod(moment_number(value, _NANO, zoned=True), _NANO)
            return
        if not isinstance(value, dict):
            raise wrong_kind(value, f"the message {of.name.removeprefix('.')}")
        fields = {field.name: field for field in of.fields.values()}
        for name, below_it in value.items():
            if name not in fields:
                raise below(f".{name}", Misfit("is no field of the schema"))
            try:
                self._set(message, fields[name], below_it)
            except Misfit as misfit:
                raise below(f".{name}", misfit) from None

    def _set(self, message: Any, field: ProtoField, value: object) -> None:
        choice = message.DESCRIPTOR.fields_by_name[field.name].containing_oneof
        before = message.WhichOneof(choice.name) if choice is not None else None
        if before is not None:
            raise Misfit(f"stands beside {before}, and the schema takes one of the two")
        if field.repeated and field.type == MESSAGE and self._types.message(field.of).is_entry:
            self._set_entries(getattr(message, field.name), self._types.message(field.of), value)
        elif field.repeated:
            self._set_items(getattr(message, field.name), field, value)
        elif field.type in (MESSAGE, GROUP):
            part = getattr(message, field.name)
            part.SetInParent()
            self._fill(part, self._types.message(field.of), value)
        else:
            setattr(message, field.name, self._scalar(field, value))

    def _set_items(self, items: Any, field: ProtoField, value: object) -> None:
        if not isinstance(value, list):
            raise wrong_kind(value, "an array")
        for place, item in enumerate(value):
            try:
                if field.type in (MESSAGE, GROUP):
                    self._fill(items.add(), self._types.message(field.of), item)
                else:
                    items.append(self._scalar(field, item))
            except Misfit as misfit:
                raise below(f"[{place}]", misfit) from None

    def _set_entries(self, entries: Any, of: ProtoMessage, value: object) -> None:
        if not isinstance(value, dict):
            raise wrong_kind(value, "a map")
        keys, values = of.fields[1], of.fields[2]
        for name, one in value.items():
            try:
                key = self._scalar(keys, _key(keys, name))
                if values.type == MESSAGE:
                    self._fill(entries[key], self._types.message(values.of), one)
                else:
                    entries[key] = self._scalar(values, one)
            except Misfit as misfit:
                raise below(f".{name}", misfit) from None

    def _scalar(self, field: ProtoField, value: Any) -> object:
        if field.type in _BOUNDS:
            return whole_number(value, f"a {_word(field)}", *_BOUNDS[field.type])
        if field.type in _FLOATS:
            return floating_number(value, _FLOATS[field.type], f"a {_word(field)}")
        if field.type == Kind.TYPE_BOOL:
            if not isinstance(value, bool):
                raise wrong_kind(value, "a bool")
            return value
        if field.type == ENUM:
            return self._symbol(field, value)
        if not isinstance(value, str):
            raise wrong_kind(value, "a string" if field.type == Kind.TYPE_STRING else "bytes in base64")
        try:
            return base64.b64decode(value, validate=True) if field.type == Kind.TYPE_BYTES else value.encode().decode()
        except UnicodeEncodeError:
            raise Misfit("has half of a surrogate pair, which UTF-8 cannot hold") from None
        except binascii.Error:
            raise Misfit("is no base64") from None

    def _symbol(self, field: ProtoField, value: object) -> int:
        symbols = self._types.enums.get(field.of, {})
        if isinstance(value, str):
            number = next((one for one, name in symbols.items() if name == value), None)
            if number is None:
                raise Misfit(f'is "{value}", which is no value of {field.of.removeprefix(".")}')
            return number
        return whole_number(value, f"a value of {field.of.removeprefix('.')}", *_SIGNED_32)


def _word(field: ProtoField) -> str:
    """Returns the type of a field as .proto files write it."""
    return Kind.Type.Name(cast("Kind.Type.ValueType", field.type)).removeprefix("TYPE_").lower()


def _key(field: ProtoField, name: str) -> object:
    """Returns the key of an entry, which is a name in JSON."""
    if field.type == Kind.TYPE_STRING:
        return name
    if field.type == Kind.TYPE_BOOL:
        return {"true": True, "false": False}.get(name, name)
    return int(name) if name.removeprefix("-").isdecimal() and len(name) <= 20 else name


def _path_bytes(path: list[int]) -> bytes:
    """Returns the indexes of a type as they stand behind a schema id: a 0 alone for the first message."""
    if path == [0]:
        return b"\0"
    return b"".join(_varint(number << 1) for number in (len(path), *path))


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*out, number))


def _add_files(pool: descriptor_pool.DescriptorPool, files: Iterable[FileDescriptorProto]) -> None:
    """Adds files, each after those that it imports; one that is not there may be one of Protobuf's library."""
    there = {file.name: file for file in files}
    added: set[str] = set()

    def add(name: str) -> None:
        file = there.get(name) or find_own(name)
        if name in added or file is None:
            return
        added.add(name)
        for imported in file.dependency:
            add(imported)
        pool.Add(file)

    for name in there:
        add(name)
