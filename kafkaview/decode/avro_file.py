"""Avro that is held to a schema of a file: the value alone, or behind the id of a schema in a registry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kafkaview.decode.avro import AvroSchema, parse_avro
from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.schema_file import read_schema
from kafkaview.decode.wire_format import PREFIX, Payload, without_id


@dataclass(frozen=True, slots=True)
class AvroFile:
    """Reads Avro by a schema file. Made by `parse`."""

    path: Path
    text: bytes = field(repr=False)
    _schema: AvroSchema = field(repr=False, compare=False)

    @classmethod
    def parse(cls, file: str, content: str | None = None) -> AvroFile:
        """Returns the decoder of a schema file, whose content may be passed; ValueError says why it cannot be used."""
        text = read_schema("avro:FILE", file, content)
        try:
            return cls(Path(file), text, parse_avro(text))
        except ValueError as error:
            raise ValueError(f"{file} cannot be used: {error}") from error

    @property
    def name(self) -> str:
        """The rule as it is written."""
        return f"avro:{self.path}"

    @property
    def title(self) -> str:
        """The rule in words."""
        return f"Avro {self.path.name}"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the byte at which the value is not of the schema."""
        result = self._schema.problem(Payload(data, 0, field, self.name))
        behind = without_id(data, field, self.name) if result is not None else None
        return None if behind is not None and self._schema.problem(behind) is None else result

    def doubtful(self, values: Sequence[bytes]) -> set[int]:
        """Returns the places of the values that may have a problem."""
        fits = self._schema.surely_fits
        return {
            place
            for place, value in enumerate(values)
            if not fits(value, 0) and not (value[:1] == b"\0" and len(value) > PREFIX and fits(value, PREFIX))
        }

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the value as JSON, or the byte at which it is not of the schema."""
        result = self._schema.decode(Payload(data, 0, field, self.name))
        behind = without_id(data, field, self.name) if isinstance(result, Undecodable) else None
        framed = self._schema.decode(behind) if behind is not None else result
        return framed if isinstance(framed, Decoded) else result
