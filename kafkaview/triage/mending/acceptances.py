"""What values are held to before they are sent: what the readers of the target take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from kafkaview.cluster.errors import DecoderUnavailable, SchemaUnavailable, SchemaUnknown
from kafkaview.cluster.ports.schemas import SchemaReference
from kafkaview.decode.json_schema import JsonSchema
from kafkaview.decode.json_text import Json
from kafkaview.decode.registered_schema import latest_subject
from kafkaview.decode.result import Decoder
from kafkaview.decode.schemas import MissingSchema, Schemas
from kafkaview.decode.wire_format import Frame, find_frame
from kafkaview.terms import Record
from kafkaview.triage.mending.encoding import TargetSchema
from kafkaview.triage.mending.letter_value import RULE, around, payload_of
from kafkaview.triage.mending.rules import Acceptance, AcceptKind, UnusableRule
from kafkaview.triage.scan.inspection import Inspection
from kafkaview.triage.scan.listed_records import InspectedRecords
from kafkaview.triage.scan.rule_sets import find_rules

if TYPE_CHECKING:
    from kafkaview.session import Session


class Examiner(Protocol):
    """Says whether the readers of the target take a value."""

    def problem(self, record: Record, value: bytes | None) -> str | None:
        """Returns why they do not take a value, or null, in place of a record's own; None where they do."""
        ...


class AnyValue:
    """Takes every value."""

    def problem(self, record: Record, value: bytes | None) -> str | None:  # noqa: ARG002 - as all
        """Returns None."""
        return None


class JsonValue:
    """Takes what a decoder of JSON takes, behind the id of a JSON Schema too."""

    def __init__(self, decoder: Decoder, schemas: Schemas) -> None:
        self._decoder = decoder
        self._schemas = schemas

    def problem(self, record: Record, value: bytes | None) -> str | None:
        """Returns the first byte or field that is not as it has to be. Null passes."""
        if value is None:
            return None
        frame = find_frame(RULE, value, "value", around(record))
        if isinstance(frame, Frame):
            known = self._schemas.find(frame.reference)
            if not isinstance(known, MissingSchema) and known.source.kind == "JSON":
                value = b" " * frame.start + value[frame.start :]  # so that positions stay those of the whole value
        problem = self._decoder.problem(value)
        return problem.reason if problem is not None else None


class TopicValue:
    """Takes what the rules that are kept for the topic let pass, or else what is of the topic's own format."""

    def __init__(self, topic: str, inspection: Inspection) -> None:
        self._topic = topic
        self._inspection = inspection

    def problem(self, record: Record, value: bytes | None) -> str | None:
        """Returns the first reason why a rule does not let it pass."""
        try:
            flaws = self._inspection.flaws(InspectedRecords([replace(record, topic=self._topic, value=value)]))
        except DecoderUnavailable as error:
            return f"it cannot be held to the topic's rules: {error.message}"
        return flaws[0].reason if flaws else None


class RegistryValue:
    """Takes what a reader of one version of the target topic's subject takes."""

    def __init__(self, target: TargetSchema, schemas: Schemas) -> None:
        self.target = target
        self._schemas = schemas

    def problem(self, record: Record, value: bytes | None) -> str | None:
        """Returns why the value is not of the schema that it names, or why the reader cannot take that. Null passes."""
        if value is None:
            return None
        frame = find_frame(RULE, value, "value", around(record))
        if not isinstance(frame, Frame):
            return frame.reason
        target = self.target
        own = target.known if frame.reference.id == target.id else self._schemas.find(frame.reference)
        if isinstance(own, MissingSchema):
            return f"its schema is not known: {own.reason}"
        payload = payload_of(value, frame)
        problem = own.reader.problem(payload)
        if problem is not None:
            return problem.reason
        if own is target.known or own.source == target.known.source:
            return None
        refusal = target.known.reader.refuse(payload, own.reader)
        return None if refusal is None else f"{target.words} cannot read what {frame.reference} wrote: {refusal}"


async def open_examiner(acceptance: Acceptance, session: Session, topic: str) -> Examiner:
    """Returns what holds values that are to be sent to a topic to an acceptance. Raises UnusableRule, SchemaUnknown or
    SchemaUnavailable, and ClusterError where the topic cannot be read.
    """
    schemas = session.decoders.schemas
    waiting = schemas.waiting()
    if acceptance.kind is AcceptKind.NONE:
        return AnyValue()
    if acceptance.kind is AcceptKind.JSON:
        return JsonValue(Json(), waiting)
    if acceptance.kind is AcceptKind.TOPIC:
        try:
            return TopicValue(topic, (await find_rules(session, [topic])).inspection())
        except ValueError as error:
            raise UnusableRule(f"The values cannot be held to the topic: {error}", "Choose what else.") from error
    if acceptance.kind is AcceptKind.JSON_SCHEMA:
        try:
            return JsonValue(JsonSchema.parse(acceptance.file, acceptance.text.decode()), waiting)
        except ValueError as error:
            raise UnusableRule(f"The JSON Schema cannot be used: {error}", "Mend the file.") from error
    return RegistryValue(await _find_target(acceptance, schemas, topic), waiting)


async def _find_target(acceptance: Acceptance, schemas: Schemas, topic: str) -> TargetSchema:
    subject = latest_subject(topic, "value")
    reference = SchemaReference(subject=subject, version=acceptance.version)
    await schemas.learn_anew(reference)
    known = schemas.find(reference)
    if isinstance(known, MissingSchema):
        message = f"The values cannot be held to {acceptance} for {topic}: {known.reason}"
        if known.judged:
            raise SchemaUnknown(message, f"Register the schema as {subject}, or choose another version.")
        raise SchemaUnavailable(message, "Name the registry of the connection, or look with `kafkaview doctor`.")
    if known.source.id is None or not known.source.versions:
        raise SchemaUnavailable(f"The registry does not tell the id of {reference}")
    (_, version), *_ = known.source.versions
    return TargetSchema(known.source.id, known, f"version {version} of {subject}")
