"""Keys and values that name their schema in a registry."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from kafkaview.cluster.ports.schemas import SchemaReference
from kafkaview.decode.avro import AvroSchema
from kafkaview.decode.result import Decoded, Decoder, SchemaLabel, Surroundings, Undecodable
from kafkaview.decode.schemas import KnownSchema, MissingSchema, Schemas
from kafkaview.decode.wire_format import PREFIX, Frame, Payload, find_frame
from kafkaview.terms import Record


@dataclass(frozen=True, slots=True)
class Registered:
    """Reads a key or value by the schema that it names itself: Avro, Protobuf or JSON Schema. With `latest` a reader of
    the latest schema of its topic must be able to read it too; with `known` the registry only has to have the schema.
    """

    schemas: Schemas = field(default_factory=Schemas, repr=False, compare=False)
    record: Surroundings = field(default_factory=Surroundings, repr=False, compare=False)
    latest: bool = False
    known: bool = False

    @classmethod
    def parse(cls, argument: str, _content: str | None = None) -> Registered:
        """Returns the decoder of a rule; ValueError says why it is none."""
        if argument not in ("", "latest", "known"):
            raise ValueError(f"there is no rule registry:{argument}: registry, registry:latest or registry:known")
        return cls(latest=argument == "latest", known=argument == "known")

    @property
    def name(self) -> str:
        """The rule as it is written."""
        return "registry:latest" if self.latest else "registry:known" if self.known else "registry"

    @property
    def title(self) -> str:
        """The rule in words."""
        if self.known:
            return "the id of a registered schema"
        return "a registered schema that the topic's latest reads" if self.latest else "a registered schema"

    def within(self, record: Surroundings) -> Registered:
        """Returns the decoder of the key and the value of this record."""
        return replace(self, record=record)

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns why the bytes cannot be read by the schema that they name."""
        found = self._find(data, field)
        if isinstance(found, Undecodable):
            return found
        known, payload, label = found
        if self.known:
            return None
        problem = known.reader.problem(payload) or self._refuse(known, payload, label)
        return None if problem is None else replace(problem, schema=label)

    def doubtful(self, values: Sequence[bytes]) -> set[int]:
        """Returns the places of the values that may have a problem, if no header names their schemas."""
        readers: dict[bytes, AvroSchema | bool] = {}
        found = set()
        for place, value in enumerate(values):
            head = value[:PREFIX]
            if head not in readers:
                readers[head] = self._sieve_of(head)
            reader = readers[head]
            if not (reader if isinstance(reader, bool) else reader.surely_fits(value, PREFIX)):
                found.add(place)
        return found

    def _sieve_of(self, head: bytes) -> AvroSchema | bool:
        """Returns the reader of the Avro schema that the first bytes of a value name, if it decides alone; whether all
        values of these first bytes pass elsewhere.
        """
        frame = find_frame(self.name, head, "value", Surroundings())
        schema = self.schemas.find(frame.reference) if isinstance(frame, Frame) and not self.latest else None
        if self.known or not isinstance(schema, KnownSchema) or not isinstance(schema.reader, AvroSchema):
            return self.known and isinstance(schema, KnownSchema)
        return schema.reader

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Reads the bytes by the schema that they name."""
        found = self._find(data, field)
        if isinstance(found, Undecodable):
            return found
        known, payload, label = found
        result = known.reader.decode(payload)
        if isinstance(result, Decoded):
            result = self._refuse(known, payload, label) or result
        elif self.known:  # what lies behind the id is not held to the schema
            rest = data[payload.start :].hex(" ")
            result = Decoded(self.name, rest, rest)
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
        label = known.label(frame.reference, latest_subject(self.record.topic, field))
        return known, Payload(data, frame.start, field, self.name, framed=True, path=frame.path), label

    def _refuse(self, known: KnownSchema, payload: Payload, label: SchemaLabel) -> Undecodable | None:
        """Returns why the topic's latest schema cannot read a value that its own schema describes."""
        if not self.latest:
            return None
        subject = latest_subject(self.record.topic, payload.field)
        newest = self.schemas.find(SchemaReference(subject=subject))
        if isinstance(newest, MissingSchema):
            return Undecodable(self.name, f"the latest schema is not known: {newest.reason}", judged=False)
        if newest.source == known.source:
            return None
        refusal = newest.reader.refuse(payload, known.reader)
        if refusal is None:
            return None
        (_, version), *_ = newest.source.versions
        position, length = (1, PREFIX - 1) if payload.start else (None, 1)
        where = f"bytes 1 to 4 of the {payload.field}" if payload.start else f"the {payload.field}"
        reason = f"{where}: version {version} of {subject}, the latest, cannot read what {label} wrote: {refusal}"
        return Undecodable(self.name, reason, position, length)

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


def latest_subject(topic: str, field: str) -> str:
    """Returns the subject of a topic's keys or values by the serializers' usual strategy (TopicNameStrategy)."""
    return f"{topic}-{field}"


def needs_latest(*decoders: Decoder | None) -> bool:
    """Returns whether one of some decoders needs the latest schemas of topics."""
    return any(isinstance(one, Registered) and one.latest for one in decoders)


def named_schemas(records: Collection[Record], *, latest: bool = False) -> set[SchemaReference]:
    """Returns the schemas that keys and values may name, and the `latest` ones of their topics where those are needed;
    bytes that only look so name one too.
    """
    found: set[SchemaReference] = set()
    if latest:
        topics = {record.topic for record in records}
        found = {SchemaReference(subject=latest_subject(name, of)) for name in topics for of in ("key", "value")}
    for record in records:
        around = Surroundings(record.topic, record.key, record.headers)
        for data, field_name in ((record.key, "key"), (record.value, "value")):
            if data is not None:
                frame = find_frame("registry", data, field_name, around)
                if isinstance(frame, Frame):
                    found.add(frame.reference)
    return found
