"""JSON that must fit a JSON Schema, from a file or a registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema_rs
import orjson

from kafkaview.cluster.ports.schemas import RegisteredSchema
from kafkaview.decode.json_spans import locate
from kafkaview.decode.json_text import Json
from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.schema_file import read_schema
from kafkaview.decode.walk import report_empty
from kafkaview.decode.wire_format import Payload

_KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """Reads JSON and holds it to a schema of a file. Made by `parse`."""

    path: Path
    text: bytes = field(repr=False)
    _schema: ParsedJsonSchema = field(repr=False, compare=False)

    @classmethod
    def parse(cls, file: str, content: str | None = None) -> JsonSchema:
        """Returns the decoder of a schema file, whose content may be passed; ValueError says why it cannot be used.

        References to other files are not followed.
        """
        text = read_schema("jsonschema:FILE", file, content)
        try:
            return cls(Path(file), text, parse_json_schema(text))
        except orjson.JSONDecodeError as error:
            raise ValueError(f"{file} is not JSON: {error}") from error
        except ValueError as error:
            raise ValueError(f"{file} is not a JSON Schema that can be used: {error}") from error

    @property
    def name(self) -> str:
        """The rule as it is written."""
        return f"jsonschema:{self.path}"

    @property
    def title(self) -> str:
        """The rule in words."""
        return f"JSON Schema {self.path.name}"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the first thing that does not fit, JSON itself included."""
        return self._schema.problem(Payload(data, 0, field, self.name))

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the document, or the first thing in it that does not fit."""
        return self._schema.decode(Payload(data, 0, field, self.name))


def parse_json_schema(text: str | bytes, references: Mapping[str, str] = MappingProxyType({})) -> ParsedJsonSchema:
    """Returns the reader of a schema, which may refer to others by these names. Raises ValueError."""
    known = {name: orjson.loads(of) for name, of in references.items()}
    document = orjson.loads(text)
    try:
        return ParsedJsonSchema(jsonschema_rs.validator_for(document, retriever=lambda uri: _retrieve(known, uri)))
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError) as error:
        raise ValueError(_first_line(error)) from error


def read_registered(schema: RegisteredSchema) -> ParsedJsonSchema:
    """Returns the reader of a registered schema; ValueError says why it cannot be used."""
    return parse_json_schema(schema.text, {reference.name: reference.text for reference in schema.references})


class ParsedJsonSchema:
    """Reads JSON and holds it to one schema."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._json = Json()

    def problem(self, payload: Payload) -> Undecodable | None:
        """Returns the first thing that does not fit, JSON itself included."""
        data = _blank(payload)
        result = self._json.load(data, payload.field)
        if isinstance(result, Undecodable):
            empty = payload.framed and payload.start >= len(payload.data)
            return report_empty(payload) if empty else replace(result, decoder=payload.rule)
        if self._schema.is_valid(result.value):
            return None
        try:
            errors = list(self._schema.iter_errors(result.value))
        except ValueError:  # the library goes 255 levels deep to say why
            reason = f"the {payload.field} does not fit the schema; it is nested too deeply to say where"
            return Undecodable(payload.rule, reason)
        return _report_misfit(payload, data, errors)

    def decode(self, payload: Payload) -> Decoded | Undecodable:
        """Returns the document, or the first thing in it that does not fit."""
        problem = self.problem(payload)
        return problem or replace(self._json.decode(_blank(payload), payload.field), decoder=payload.rule)

    def refuse(self, payload: Payload, writer: object) -> str | None:
        """Returns why a reader of this schema cannot take bytes that another schema describes; None if it can."""
        if not isinstance(writer, ParsedJsonSchema):
            return "it is JSON Schema, and they are not"
        problem = self.problem(payload)
        return problem.reason if problem is not None else None


def _blank(payload: Payload) -> bytes:
    """Returns the bytes with white space for a schema id, so that every position is that of the whole field."""
    return b" " * payload.start + payload.data[payload.start :] if payload.start else payload.data


def _report_misfit(payload: Payload, data: bytes, errors: list[jsonschema_rs.ValidationError]) -> Undecodable:
    error = errors[0]
    span = locate(data, error.instance_path)
    others = f"; {len(errors) - 1} more" if len(errors) > 1 else ""
    where = f", at byte {span.position:,}" if span and error.instance_path else ""
    return Undecodable(
        payload.rule,
        f"{_words(error, payload.field)}{where}",
        position=span.position if span else None,
        length=span.length if span else 1,
        detail=f"{_first_line(error)}{others}",
    )


def _retrieve(known: Mapping[str, Any], uri: str) -> Any:
    """Returns the schema that another one refers to, whose name the library resolves against a base of its own."""
    for name, schema in known.items():
        if uri == name or uri.endswith(f"/{name}"):
            return schema
    if known:
        raise ValueError(f"it refers to {uri}, which is not among its references")
    raise ValueError(f"it refers to {uri}, and only this file is read")


def _words(error: jsonschema_rs.ValidationError, field: str) -> str:
    place = _place(error.instance_path) or f"the {field}"
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        inside = f" in {_place(error.instance_path)}" if error.instance_path else ""
        return f"the field {kind.property} is missing{inside}"
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.Type):
        return f"{place} is {_a(_kind(error.instance))} where {_a(' or '.join(kind.types))} belongs"
    return f"{place} does not fit the schema: {_first_line(error)}"


def _place(path: list[str | int]) -> str:
    steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return steps.removeprefix(".")


def _kind(value: object) -> str:
    return "null" if value is None else _KINDS[type(value)]


def _a(word: str) -> str:
    if word == "null":
        return word
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _first_line(error: Exception) -> str:
    text = error.message if isinstance(error, jsonschema_rs.ValidationError) else str(error)
    return text.splitlines()[0] if text else type(error).__name__
