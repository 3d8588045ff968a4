"""Protobuf that is held to a message of a .proto file: the message alone, or behind the id of a registered schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kafkaview.decode.proto_files import compile_file, pack, unpack
from kafkaview.decode.proto_types import ProtoTypes
from kafkaview.decode.protobuf import ProtobufSchema, skip_path
from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.wire_format import Payload


@dataclass(frozen=True, slots=True)
class ProtobufFile:
    """Reads messages by a .proto file. Made by `parse`; `text` are the descriptors of all that it imports."""

    path: Path
    type: str
    text: bytes = field(repr=False)
    _schema: ProtobufSchema = field(repr=False, compare=False)

    @classmethod
    def parse(cls, argument: str, content: str | None = None) -> ProtobufFile:
        """Returns the decoder of a file and a type, `FILE:TYPE`; the descriptors may be passed. ValueError says why it
        cannot be used.
        """
        file, _, name = argument.rpartition(":")
        if not file or not name:
            raise ValueError("protobuf needs a file and the type of a message in it: protobuf:FILE:TYPE")
        try:
            files = compile_file(Path(file)) if content is None else unpack(content)
        except ValueError as error:
            raise ValueError(f"{file} cannot be used: {error}") from error
        types = ProtoTypes(files)
        full = types.named(name)
        if full is None:
            there = ", ".join(one.removeprefix(".") for one in types.main_messages()) or "none"
            raise ValueError(f"{file} has no message {name}. It has: {there}")
        return cls(Path(file), name, pack(files), ProtobufSchema(types, full))

    @property
    def name(self) -> str:
        """The rule as it is written."""
        return f"protobuf:{self.path}:{self.type}"

    @property
    def title(self) -> str:
        """The rule in words."""
        return f"Protobuf {self.type}"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the byte at which the message is not of its type."""
        return self._schema.problem(self._payload(data, field))

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the message as JSON, or the byte at which it is not of its type."""
        return self._schema.decode(self._payload(data, field))

    def _payload(self, data: bytes, field: str) -> Payload:
        """Returns what is to be read: byte 0 never begins a message, so it begins the id of a schema."""
        return skip_path(data, field, self.name) or Payload(data, 0, field, self.name)
