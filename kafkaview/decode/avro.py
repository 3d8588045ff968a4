"""Avro's binary encoding, read by a schema (Avro 1.12, sections Binary Encoding and Logical Types).

fastavro reads it too and says neither where it breaks nor what stands there; it parses the schema for us.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import orjson

from kafkaview.cluster.ports.schemas import RegisteredSchema
from kafkaview.decode.avro_checks import DOUBTS, LONGEST, Check, CheckMaker, Uncheckable
from kafkaview.decode.avro_values import PRIMITIVES, find_logical, read_index, read_length, read_long
from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.walk import Fault, Walk, decoded_walk, report_fault, report_rest, text_of
from kafkaview.decode.wire_format import Payload

Read = Callable[[Walk], None]
CONTAINER: Final = b"Obj\x01"


class AvroSchema:
    """Reads values of one schema. Made by `parse_avro`. `parsed` is what fastavro makes of it, `names` are its named
    types.
    """

    def __init__(self, read: Read, parsed: Any, names: Mapping[str, Any], check: Check | None) -> None:
        self._read = read
        self.parsed = parsed
        self.names = names
        self._check = check

    def surely_fits(self, data: bytes, start: int) -> bool:
        """Returns whether bytes from `start` on are certainly a value of the schema: `problem` finds none in them."""
        if self._check is None or len(data) > LONGEST:
            return False
        try:
            return self._check(data, start) == len(data)
        except DOUBTS:
            return False

    def problem(self, payload: Payload) -> Undecodable | None:
        """Returns the byte at which the value is not of the schema."""
        result = self._walk(payload)
        return result if isinstance(result, Undecodable) else None

    def decode(self, payload: Payload) -> Decoded | Undecodable:
        """Returns the value as JSON: bytes as Avro's JSON encoding has them, a union of null and one type as that type,
        logical types as text.
        """
        result = self._walk(payload)
        return result if isinstance(result, Undecodable) else decoded_walk(payload, result)

    def refuse(self, payload: Payload, writer: object) -> str | None:
        """Returns why a reader of this schema cannot take a value that another schema describes (Avro, Schema
        Resolution); None if it can.
        """
        from fastavro import schemaless_reader

        if not isinstance(writer, AvroSchema):
            return "it is Avro, and they are not"
        try:
            schemaless_reader(io.BytesIO(payload.data[payload.start :]), writer.parsed, self.parsed)
        except Exception as error:  # noqa: BLE001 - one of many, depending on what does not fit
            return _first_line(error)
        return None

    def _walk(self, payload: Payload) -> Walk | Undecodable:
        walk = Walk(payload.data, payload.start, len(payload.data))
        try:
            self._read(walk)
        except Fault as fault:
            if payload.data.startswith(CONTAINER):
                reason = f"byte 0 of the {payload.field} opens an Avro container file, not a value of the schema"
                return Undecodable(payload.rule, reason, 0, len(CONTAINER), fault.words)
            return report_fault(payload, fault)
        if walk.at < walk.end:
            return report_rest(payload, walk.at, "the value")
        return walk


def parse_avro(text: str | bytes, references: tuple[str, ...] = ()) -> AvroSchema:
    """Returns the reader of a schema and of those that it refers to, each after its own; ValueError says why it cannot
    be used.
    """
    from fastavro.schema import SchemaParseException, UnknownType, parse_schema

    names: dict[str, Any] = {}
    try:
        for reference in references:
            parse_schema(orjson.loads(reference), names)
        parsed = parse_schema(orjson.loads(text), names)
        return AvroSchema(_Compiler(names).read(parsed), parsed, names, _make_check(parsed, names))
    except orjson.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    except UnknownType as error:
        name = error.name.get("type") if isinstance(error.name, dict) else error.name
        raise ValueError(f"it names the type {name}, which it does not define") from error
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except (SchemaParseException, ValueError, TypeError, LookupError, AttributeError) as error:
        raise ValueError(f"it is not an Avro schema that can be used: {_first_line(error)}") from error


def _make_check(parsed: Any, names: Mapping[str, Any]) -> Check | None:
    try:
        return CheckMaker(names).make(parsed)
    except Uncheckable:
        return None


def read_registered(schema: RegisteredSchema) -> AvroSchema:
    """Returns the reader of a registered schema; ValueError says why it cannot be used."""
    return parse_avro(schema.text, tuple(reference.text for reference in schema.references))


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:300]


class _Compiler:
    """Makes the reader of each type once. A type may contain itself, so named ones are looked up at reading."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._made: dict[str, Read] = {}

    def read(self, schema: Any) -> Read:
        if isinstance(schema, list):
            return self._union(schema)
        if isinstance(schema, str):
            return PRIMITIVES.get(schema) or self._named(schema)
        kind = schema["type"]
        if kind in ("record", "error"):
            return self._record(schema)
        if kind == "enum":
            return self._named(schema["name"])
        if kind == "array":
            return _read_array(self.read(schema["items"]))
        if kind == "map":
            return _read_map(self.read(schema["values"]))
        if kind == "fixed":
            self._names_known(schema["name"])
        logical = find_logical(schema)
        if logical is not None:
            return logical
        return _read_fixed(schema["name"], schema["size"]) if kind == "fixed" else self.read(kind)

    def _names_known(self, name: str) -> None:
        if name not in self._names:
            raise ValueError(f"it names the type {name}, which it does not define")

    def _named(self, name: str) -> Read:
        self._names_known(name)
        schema = self._names[name]
        if schema["type"] in ("record", "error"):
            if name not in self._made:
                self._record(schema)
            return self._reference(name)
        return _read_enum(schema) if schema["type"] == "enum" else self.read(schema)

    def _record(self, schema: Mapping[str, Any]) -> Read:
        name = schema["name"]
        if name not in self._made:
            self._made[name] = _never_read
            fields = [(one["name"], self.read(one["type"])) for one in schema["fields"]]
            self._made[name] = _read_record(fields)
        return self._reference(name)

    def _reference(self, name: str) -> Read:
        made = self._made

        def read(walk: Walk) -> None:
            made[name](walk)

        return read

    def _union(self, branches: list[Any]) -> Read:
        named = [(branch_name(branch), self.read(branch)) for branch in branches]
        return _read_union(named)


def _never_read(_walk: Walk) -> None:
    """Stands for a type that is being made."""


def branch_name(branch: Any) -> str:
    """Returns the name under which a branch of a union is shown."""
    if isinstance(branch, str):
        return branch
    return str(branch.get("name") or branch["type"])


def _read_record(fields: list[tuple[str, Read]]) -> Read:
    openings = [f"{'{' if place == 0 else ','}{text_of(name)}:" for place, (name, _) in enumerate(fields)]

    def read(walk: Walk) -> None:
        walk.enter()
        for opening, (name, value) in zip(openings, fields, strict=True):
            walk.out.append(opening)
            try:
                value(walk)
            except Fault as fault:
                fault.path.append(f".{name}")
                raise
        walk.out.append("}" if fields else "{}")
        walk.depth -= 1

    return read


def _read_union(branches: list[tuple[str, Read]]) -> Read:
    plain = len([name for name, _ in branches if name != "null"]) < 2

    def read(walk: Walk) -> None:
        index = read_index(walk, len(branches), "branches of the union")
        name, value = branches[index]
        if plain or name == "null":
            value(walk)
            return
        walk.out.append(f"{{{text_of(name)}:")
        value(walk)
        walk.out.append("}")

    return read


def _read_enum(schema: Mapping[str, Any]) -> Read:
    symbols = [text_of(symbol) for symbol in schema["symbols"]]
    what = f"symbols of {schema['name']}"

    def read(walk: Walk) -> None:
        walk.out.append(symbols[read_index(walk, len(symbols), what)])

    return read


def _read_array(item: Read) -> Read:
    def read(walk: Walk) -> None:
        walk.enter()
        walk.out.append("[")
        place = 0
        for place in _items(walk):
            if place:
                walk.out.append(",")
            try:
                item(walk)
            except Fault as fault:
                fault.path.append(f"[{place}]")
                raise
        walk.out.append("]")
        walk.depth -= 1

    return read


def _read_map(value: Read) -> Read:
    string = PRIMITIVES["string"]

    def read(walk: Walk) -> None:
        walk.enter()
        walk.out.append("{")
        for place in _items(walk):
            if place:
                walk.out.append(",")
            string(walk)
            key = walk.out[-1]
            walk.out.append(":")
            try:
                value(walk)
            except Fault as fault:
                fault.path.append(f".{orjson.loads(key)}")
                raise
        walk.out.append("}")
        walk.depth -= 1

    return read


def _items(walk: Walk) -> Iterator[int]:
    """Yields the place of each item of an array or map: blocks of a count, or of a negative count and their size."""
    place = 0
    while count := read_long(walk, "a count of items"):
        if count < 0:
            read_length(walk, "a block of items")
        for _ in range(abs(count)):
            walk.step()
            yield place
            place += 1


def _read_fixed(name: str, size: int) -> Read:
    def read(walk: Walk) -> None:
        walk.out.append(text_of(walk.take(size, name).decode("latin-1")))

    return read
