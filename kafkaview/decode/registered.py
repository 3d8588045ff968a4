"""Keys and values that name their schema in a registry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kafkaview.cluster.ports.schemas import SchemaReference
from kafkaview.decode.result import Decoded, SchemaLabel, Surroundings, Undecodable
from kafkaview.decode.schemas import KnownSchema, MissingSchema, Schemas
from kafkaview.decode.wire_format import Frame, Payload, find_frame
from kafkaview.terms import Record


@dataclass(frozen=True, slots=True)
class Registered:
    """Reads a key or value by the schema that it names itself: Avro, Protobuf or JSON Schema."""

    schemas: Schemas = field(default_factory=Schemas, repr=False, compare=False)
    record: Surroundings = field(default_factory=Surroundings, repr=False, compare=False)
    name: str = "registry"
    title: str = "a registered schema"

    def within(self, record: Surroundings) -> Registered:
        """Returns the decoder of the key and the value of this record."""
        return Registered(self.schemas, record)

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns why the bytes cannot be read by the schema that they name."""
        found = self._find(data, field)
        if isinstance(found, Undecodable):
            return found
        known, payload, label = found
        problem = known.reader.problem(payload)
        return None if problem is None else replace(problem, schema=label)

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Reads the bytes by the schema that they name."""
        found = self._find(data, field)
        if isinstance(found, Undecodable):
            return found
        known, payload, label = found
        result = known.reader.decode(payload)
        return replace(result, schema=label)

    def is_likely(self, data: bytes) -> bool:
        """Returns whether the registry has the schema that the bytes name."""
        frames = [find_frame(self.name, data, field, self.record) for field in ("value", "key")]
        return any(isinstance(one, Frame) and self.schemas.knows(one.reference) for one in frames)

    def _find(self, data: bytes, field: str) -> tuple[KnownSchema, Payload, SchemaLabel] | Undecodable:
        frame = find_frame(self.name, data, field, self.record)
        if isinstance(frame, Undecodable):
            return frame
        known = self.schemas.find(frame.reference)
        if isinstance(known, MissingSchema):
            return self._report_missing(frame, known, field)
        label = known.label(frame.reference, f"{self.record.topic}-{field}")
        return known, Payload(data, frame.start, field, self.name, framed=True, path=frame.path), label

    def _report_missing(self, frame: Frame, missing: MissingSchema, field: str) -> Undecodable:
        position, length = frame.mark
        reference = frame.reference
        where = f"bytes 1 to 4 of the {field}" if position is not None else f"the header __{field}_schema_id"
        return Undecodable(
            self.name,
            f"{where}: {missing.reason}" if missing.judged else f"its schema is not known: {missing.reason}",
            position,
            length,
            schema=SchemaLabel(reference.id, reference.guid),
            judged=missing.judged,
        )


def named_schemas(records: Iterable[Record]) -> set[SchemaReference]:
    """Returns the schemas that keys and values may name; bytes that only look so name one too."""
    found: set[SchemaReference] = set()
    for record in records:
        around = Surroundings(record.topic, record.key, record.headers)
        for data, field_name in ((record.key, "key"), (record.value, "value")):
            if data is not None:
                frame = find_frame("registry", data, field_name, around)
                if isinstance(frame, Frame):
                    found.add(frame.reference)
    return found
