"""The messages of .proto descriptors, as a reader of their bytes needs them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)

from kafkaview.decode.proto_files import find_own

GROUP, MESSAGE, ENUM = (
    FieldDescriptorProto.TYPE_GROUP,
    FieldDescriptorProto.TYPE_MESSAGE,
    FieldDescriptorProto.TYPE_ENUM,
)
_REPEATED: Final = FieldDescriptorProto.LABEL_REPEATED
_REQUIRED: Final = FieldDescriptorProto.LABEL_REQUIRED


@dataclass(frozen=True, slots=True)
class ProtoField:
    """A field of a message. `type` is Protobuf's number of a type; `of` is the full name of its message or enum."""

    number: int
    name: str
    type: int
    of: str
    repeated: bool
    required: bool
    strict_text: bool


@dataclass(slots=True)
class ProtoMessage:
    """A message: its fields by number. An entry of a map has a key and a value."""

    name: str
    fields: dict[int, ProtoField] = field(default_factory=dict)
    is_entry: bool = False

    @property
    def required(self) -> frozenset[int]:
        """The numbers of the fields without which it is refused."""
        return frozenset(number for number, one in self.fields.items() if one.required)


class ProtoTypes:
    """The messages and enums of some files, the last of which is the one that was meant. `files` are these and those of
    Protobuf's library that they import.
    """

    def __init__(self, files: Sequence[FileDescriptorProto]) -> None:
        self.files = _with_own(files)
        self.messages: dict[str, ProtoMessage] = {}
        self.enums: dict[str, Mapping[int, str]] = {}
        self._main = files[-1]
        for file in self.files:
            strict = file.syntax not in ("", "proto2")
            prefix = f".{file.package}" if file.package else ""
            self._add(file.message_type, file.enum_type, prefix, strict=strict)

    def message(self, name: str) -> ProtoMessage:
        """Returns a message by its full name. One that is not known is read as fields without names."""
        return self.messages.get(name) or ProtoMessage(name)

    def find(self, path: Sequence[int]) -> str | None:
        """Returns the full name of the message at these indexes: the first one in the main file, each further one
        inside the message before. None if there is no such message.
        """
        name = f".{self._main.package}" if self._main.package else ""
        inside: Sequence[DescriptorProto] = self._main.message_type
        for index in path:
            if not 0 <= index < len(inside):
                return None
            name = f"{name}.{inside[index].name}"
            inside = inside[index].nested_type
        return name if path else None

    def path_to(self, name: str) -> list[int] | None:
        """Returns the indexes by which `find` finds a message of the main file; None if it has none of that name."""
        found: list[int] = []
        inside: Sequence[DescriptorProto] = self._main.message_type
        package = f".{self._main.package}." if self._main.package else "."
        if not name.startswith(package):
            return None
        for part in name.removeprefix(package).split("."):
            place = next((index for index, one in enumerate(inside) if one.name == part), None)
            if place is None:
                return None
            found.append(place)
            inside = inside[place].nested_type
        return found

    def named(self, name: str) -> str | None:
        """Returns the full name of a message that is named with or without its package."""
        full = name if name.startswith(".") else f".{name}"
        if full in self.messages:
            return full
        return next((own for own in self.main_messages() if own.endswith(full)), None)

    def main_messages(self) -> list[str]:
        """Returns the full names of the messages of the main file."""
        prefix = f".{self._main.package}." if self._main.package else "."
        return [f"{prefix}{message.name}" for message in self._main.message_type]

    def _add(
        self, messages: Iterable[DescriptorProto], enums: Iterable[EnumDescriptorProto], prefix: str, *, strict: bool
    ) -> None:
        for enum in enums:
            self.enums[f"{prefix}.{enum.name}"] = {value.number: value.name for value in enum.value}
        for message in messages:
            name = f"{prefix}.{message.name}"
            fields = {one.number: _field(one, strict=strict) for one in message.field}
            self.messages[name] = ProtoMessage(name, fields, message.options.map_entry)
            self._add(message.nested_type, message.enum_type, name, strict=strict)


def _field(one: FieldDescriptorProto, *, strict: bool) -> ProtoField:
    return ProtoField(
        one.number, one.name, one.type, one.type_name, one.label == _REPEATED, one.label == _REQUIRED, strict
    )


def _with_own(files: Sequence[FileDescriptorProto]) -> list[FileDescriptorProto]:
    """Returns the files, and before them those of Protobuf's library that they import and that were not given."""
    there = {file.name for file in files}
    wanted = {name for file in files for name in file.dependency} - there
    return [*(own for name in sorted(wanted) if (own := find_own(name)) is not None), *files]
