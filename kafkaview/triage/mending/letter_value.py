"""The value of a dead letter as a rule sees it: its JSON, however it is encoded."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.decode.json_text import Json
from kafkaview.decode.result import Decoded, Surroundings
from kafkaview.decode.schemas import KnownSchema, MissingSchema, Schemas
from kafkaview.decode.wire_format import Frame, Payload, find_frame
from kafkaview.terms import Record
from kafkaview.triage.mending.exact_json import JsonDocument, NotJson, read_json

RULE = "registry"


@dataclass(frozen=True, slots=True)
class LetterValue:
    """A value. `document` is its JSON, None where it has none: `problem` says why. `frame` and `schema` are those of a
    value that names a schema of a registry.
    """

    document: JsonDocument | None
    problem: str = ""
    frame: Frame | None = None
    schema: KnownSchema | None = None

    @property
    def kind(self) -> str:
        """The kind of its schema: `AVRO`, `PROTOBUF` or `JSON`; empty of one that names none."""
        return self.schema.source.kind if self.schema is not None else ""


def around(record: Record) -> Surroundings:
    """Returns what of a record may name the schema of its value."""
    return Surroundings(record.topic, record.key, record.headers)


def read_letter(record: Record, schemas: Schemas) -> LetterValue:
    """Returns the value of a record, with the schema that it names. Waits for the registry if `schemas` do."""
    data = record.value
    if data is None:
        return LetterValue(None, "the value is null")
    frame = find_frame(RULE, data, "value", around(record))
    if isinstance(frame, Frame):
        return _read_framed(data, frame, schemas)
    try:
        return LetterValue(read_json(data.decode()))
    except (NotJson, UnicodeDecodeError) as error:
        problem = Json().problem(data)
        return LetterValue(None, problem.reason if problem is not None else f"the value is not JSON: {error}")


def _read_framed(data: bytes, frame: Frame, schemas: Schemas) -> LetterValue:
    known = schemas.find(frame.reference)
    if isinstance(known, MissingSchema):
        return LetterValue(None, f"its schema is not known: {known.reason}", frame)
    found = known.reader.decode(payload_of(data, frame))
    if not isinstance(found, Decoded):
        return LetterValue(None, found.reason, frame, known)
    text = data[frame.start :].decode() if known.source.kind == "JSON" else found.text
    try:
        return LetterValue(read_json(text), "", frame, known)
    except NotJson as error:
        return LetterValue(None, f"the value cannot be read as JSON: {error}", frame, known)


def payload_of(data: bytes, frame: Frame) -> Payload:
    """Returns what follows the frame of a value."""
    return Payload(data, frame.start, "value", RULE, framed=True, path=frame.path)
