"""JSON encoded by a schema of a registry, in its wire format: byte 0, the id of the schema, of Protobuf the path to the
message's type, and the value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.decode.avro import AvroSchema
from kafkaview.decode.protobuf import ProtobufSchema
from kafkaview.decode.schemas import KnownSchema
from kafkaview.terms import Record
from kafkaview.triage.mending.avro_encoding import AvroEncoder
from kafkaview.triage.mending.exact_json import NotJson, check_names, read_json
from kafkaview.triage.mending.letter_value import LetterValue, payload_of
from kafkaview.triage.mending.misfit import Misfit
from kafkaview.triage.mending.protobuf_encoding import ProtobufEncoder
from kafkaview.triage.mending.result import CannotMend

_MAGIC: Final = b"\0"


@dataclass(frozen=True, slots=True)
class TargetSchema:
    """A schema by which values are written: its id in the registry, and in words which one it is."""

    id: int
    known: KnownSchema
    words: str


class SchemaEncoder:
    """Writes values by one schema."""

    def __init__(self, target: TargetSchema) -> None:
        self.target = target
        reader = target.known.reader
        self._avro = AvroEncoder(reader) if isinstance(reader, AvroSchema) else None
        self._protobuf = ProtobufEncoder(reader.types) if isinstance(reader, ProtobufSchema) else None

    def encode(self, text: str, record: Record, letter: LetterValue) -> bytes:
        """Returns a JSON text in the wire format. Raises CannotMend."""
        try:
            value = read_json(text).value
            path, body = self._body(text, value, record, letter)
        except NotJson as error:
            raise CannotMend(f"what the rule gives is not JSON that can be encoded: {error}") from error
        except Misfit as misfit:
            raise CannotMend(f"{self.target.words} does not take it: {misfit}") from misfit
        if letter.frame is None or letter.frame.path is None:
            return _MAGIC + self.target.id.to_bytes(4, "big") + path + body
        is_own = letter.schema is self.target.known or letter.frame.reference.id == self.target.id
        if is_own and letter.frame.path == path:
            return body
        raise CannotMend("a header names its schema, and only values are mended")

    def _body(self, text: str, value: object, record: Record, letter: LetterValue) -> tuple[bytes, bytes]:
        if self._avro is None and self._protobuf is None:
            return b"", text.encode()
        check_names(text)
        if self._avro is not None:
            return b"", self._avro.encode(value)
        assert self._protobuf is not None
        return self._protobuf.encode(value, _type_of(record, letter))


def _type_of(record: Record, letter: LetterValue) -> str | None:
    """Returns the full name of the Protobuf type that a value has; None where it is no message."""
    if letter.schema is None or letter.frame is None or record.value is None:
        return None
    reader = letter.schema.reader
    return reader.type_of(payload_of(record.value, letter.frame)) if isinstance(reader, ProtobufSchema) else None
