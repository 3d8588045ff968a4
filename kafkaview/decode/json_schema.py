"""JSON that must fit a JSON Schema from a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs
import orjson

from kafkaview.decode.json_spans import locate
from kafkaview.decode.json_text import Json
from kafkaview.decode.result import Decoded, Undecodable

_KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """Reads JSON and holds it to a schema. Made by `parse`."""

    path: Path
    text: bytes = field(repr=False)
    _schema: Any = field(repr=False)
    _json: Json = field(default_factory=Json, repr=False)

    @classmethod
    def parse(cls, file: str, content: str | None = None) -> JsonSchema:
        """Returns the decoder of a schema file, whose content may be passed; ValueError says why it cannot be used.

        References to other files are not followed.
        """
        if not file:
            raise ValueError("jsonschema needs a file: jsonschema:FILE")
        path = Path(file)
        text = _read(path) if content is None else content.encode()
        try:
            return cls(path, text, jsonschema_rs.validator_for(orjson.loads(text), retriever=_refuse))
        except orjson.JSONDecodeError as error:
            raise ValueError(f"{path} is not JSON: {error}") from error
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError, TypeError) as error:
            raise ValueError(f"{path} is not a JSON Schema that can be used: {_first_line(error)}") from error

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
        result = self._json.parse(data, field)
        if isinstance(result, Undecodable):
            return Undecodable(self.name, result.reason, result.position, result.length, result.detail)
        if self._schema.is_valid(result.value):
            return None
        return self._misfit(data, list(self._schema.iter_errors(result.value)), field)

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the document, or the first thing in it that does not fit."""
        problem = self.problem(data, field)
        if problem:
            return problem
        read = self._json.decode(data, field)
        return Decoded(self.name, read.value, read.text) if isinstance(read, Decoded) else read

    def _misfit(self, data: bytes, errors: list[jsonschema_rs.ValidationError], field: str) -> Undecodable:
        error = errors[0]
        span = locate(data, error.instance_path)
        others = f"; {len(errors) - 1} more" if len(errors) > 1 else ""
        where = f", at byte {span.position:,}" if span and error.instance_path else ""
        return Undecodable(
            self.name,
            f"{_words(error, field)}{where}",
            position=span.position if span else None,
            length=span.length if span else 1,
            detail=f"{_first_line(error)}{others}",
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read the schema {path}: {error.strerror}") from error


def _refuse(uri: str) -> NoReturn:
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
