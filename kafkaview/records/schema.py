"""The schemas of a registry that the key and the value of one record name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from kafkaview.decode.json_layout import lay_out
from kafkaview.decode.registered_schema import latest_subject
from kafkaview.decode.result import Surroundings
from kafkaview.decode.schemas import MissingSchema
from kafkaview.decode.wire_format import Frame, find_frame
from kafkaview.terms import Record

if TYPE_CHECKING:
    from kafkaview.session import Session

_SECONDS: Final = 10.0  # for the registry's answer
_MOST_TEXT: Final = 262_144  # characters of a schema, or of what it refers to, that are shown
_KINDS: Final = {"AVRO": "Avro", "PROTOBUF": "Protobuf", "JSON": "JSON Schema"}


@dataclass(frozen=True, slots=True)
class ReferredSchema:
    """A schema that another refers to, under the name by which it does; `text` is its beginning."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """The schema that a record's key or value (`field`) names, by `id` or `guid`. `problem` says why it is not known;
    then there is nothing else. `subject` and `version` are those of the topic's own subject, else the first under
    which the registry has it, `others` counts the rest; `text` is its beginning, `characters` its whole length, and
    `link` its address in the registry.
    """

    field: str
    id: int | None
    guid: str | None
    problem: str | None = None
    kind: str = ""
    subject: str | None = None
    version: int | None = None
    others: int = 0
    text: str = ""
    characters: int = 0
    references: tuple[ReferredSchema, ...] = ()
    link: str | None = None


async def find_schemas(session: Session, record: Record) -> tuple[FieldSchema, ...]:
    """Returns the schemas that the value and the key of a record name in front of their bytes or in a header, the
    value's first. Bytes that only look so name one that the registry has not.
    """
    around = Surroundings(record.topic, record.key, record.headers)
    found: list[FieldSchema] = []
    for data, field in ((record.value, "value"), (record.key, "key")):
        frame = find_frame("registry", data, field, around) if data is not None else None
        if isinstance(frame, Frame):
            found.append(await _describe(session, record.topic, field, frame))
    return tuple(found)


async def _describe(session: Session, topic: str, field: str, frame: Frame) -> FieldSchema:
    schemas, reference = session.decoders.schemas, frame.reference
    await schemas.learn([reference], _SECONDS)
    known = schemas.find(reference)
    if isinstance(known, MissingSchema):
        return FieldSchema(field, reference.id, reference.guid, known.reason)
    source, label = known.source, known.label(reference, latest_subject(topic, field))
    text = source.text if source.kind == "PROTOBUF" else lay_out(source.text)
    return FieldSchema(
        field,
        reference.id,
        label.guid,
        kind=_KINDS.get(source.kind, source.kind),
        subject=label.subject,
        version=label.version,
        others=max(0, len(source.versions) - 1),
        text=text[:_MOST_TEXT],
        characters=len(text),
        references=tuple(ReferredSchema(one.name, one.text[:_MOST_TEXT]) for one in source.references),
        link=_link(session, label.subject, label.version, reference.id),
    )


def _link(session: Session, subject: str | None, version: int | None, number: int | None) -> str | None:
    """Returns the address at which the registry shows the schema to whoever may read it."""
    registry = session.profile.schema_registry
    if registry is None:
        return None
    root = registry.url.rstrip("/")
    if subject is not None:
        return f"{root}/subjects/{quote(subject, safe='')}/versions/{version}"
    return None if number is None else f"{root}/schemas/ids/{number}"
