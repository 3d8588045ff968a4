"""JSON as the decoder of Avro shows it, turned back into values that fastavro writes by a schema. Every number, text
and time comes through whole, or the value is refused.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from fastavro import schemaless_writer

from kafkaview.decode.avro import AvroSchema, branch_name
from kafkaview.triage.mending.avro_scalars import SCALARS, convert_fixed, convert_string, find_logical
from kafkaview.triage.mending.misfit import Misfit, below, wrong_kind

Convert = Callable[[Any], Any]


class AvroEncoder:
    """Writes values of one schema."""

    def __init__(self, schema: AvroSchema) -> None:
        self._schema = _written_out(schema.parsed, schema.names)
        self._convert = _ConversionCompiler(schema.names).convert(schema.parsed)

    def encode(self, value: object) -> bytes:
        """Returns the bytes of a value of a JSON document. Raises Misfit."""
        out = io.BytesIO()
        try:
            converted = self._convert(value)
        except RecursionError:
            raise Misfit("is nested too deeply") from None
        schemaless_writer(out, self._schema, converted)
        return out.getvalue()


def _written_out(schema: Any, names: Mapping[str, Any]) -> Any:
    """Returns a schema without names that fastavro would not know: of types that are of a schema it refers to."""
    if isinstance(schema, list):
        return [_written_out(one, names) for one in schema]
    return names.get(schema, schema) if isinstance(schema, str) else schema


class _ConversionCompiler:
    """Makes the conversion of each type once. A type may contain itself, so named ones are looked up at converting."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names
        self._made: dict[str, Convert] = {}

    def convert(self, schema: Any) -> Convert:
        if isinstance(schema, list):
            return partial(_union, [(branch_name(one), self.convert(one)) for one in schema])
        if isinstance(schema, str):
            return SCALARS.get(schema) or self._named(schema)
        kind = schema["type"]
        if kind in ("record", "error", "enum"):
            return self._named(schema["name"])
        if kind == "array":
            return partial(_array, self.convert(schema["items"]))
        if kind == "map":
            return partial(_map, self.convert(schema["values"]))
        logical = find_logical(schema)
        if logical is not None:
            return logical
        return partial(convert_fixed, schema["name"], schema["size"]) if kind == "fixed" else self.convert(kind)

    def _named(self, name: str) -> Convert:
        schema = self._names[name]
        if schema["type"] == "enum":
            return partial(_enum, name, schema["symbols"])
        if schema["type"] not in ("record", "error"):
            return self.convert(schema)
        if name not in self._made:
            self._made[name] = _never
            fields = [_ConvertedField(one, self.convert(one["type"]), self._default(one)) for one in schema["fields"]]
            self._made[name] = partial(_record, name, {one.name: one for one in fields})
        made = self._made

        def convert(value: Any) -> Any:
            return made[name](value)

        return convert

    def _default(self, field: Mapping[str, Any]) -> Convert | None:
        """Returns the conversion of a field's default; that of a union is of its first branch (Avro, Complex Types)."""
        if "default" not in field:
            return None
        kind = field["type"]
        if not isinstance(kind, list):
            return self.convert(kind)
        name, convert = branch_name(kind[0]), self.convert(kind[0])
        return lambda value: (name, convert(value))


class _ConvertedField:
    """A field of a record, and what stands in it where a value has none; that is converted when it is first needed."""

    def __init__(self, field: Mapping[str, Any], convert: Convert, default: Convert | None) -> None:
        self.name = field["name"]
        self.convert = convert
        self._default = default
        self._written = field.get("default")

    def missing(self) -> Any:
        """Returns the default. Raises Misfit where there is none."""
        if self._default is None:
            raise Misfit("is missing, and the schema has no default for it")
        return self._default(self._written)


def _never(_value: Any) -> Any:
    """Stands for a type that is being made."""


def _record(name: str, fields: Mapping[str, _ConvertedField], value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong_kind(value, f"the record {name}")
    unknown = next((one for one in value if one not in fields), None)
    if unknown is not None:
        raise below(f".{unknown}", Misfit("is no field of the schema"))
    converted = {}
    for field in fields.values():
        try:
            converted[field.name] = field.convert(value[field.name]) if field.name in value else field.missing()
        except Misfit as misfit:
            raise below(f".{field.name}", misfit) from None
    return converted


def _union(branches: Sequence[tuple[str, Convert]], value: Any) -> tuple[str, Any]:
    """Returns a value with the name of its branch: the one that it names itself, else the first that takes it."""
    several = sum(name != "null" for name, _ in branches) > 1
    named = next(((name, convert) for name, convert in branches if _names(value, name)), None)
    if several and named is not None:
        return _wrapped(named, value)
    misfits = []
    for name, convert in branches:
        try:
            return name, convert(value)
        except Misfit as misfit:
            misfits.append((name, misfit))
    if named is not None:
        return _wrapped(named, value)
    telling = [misfit for name, misfit in misfits if name != "null"]
    if len(telling) == 1:
        raise telling[0]
    raise wrong_kind(value, f"one of {', '.join(name for name, _ in branches)}")


def _names(value: Any, branch: str) -> bool:
    return isinstance(value, dict) and value.keys() == {branch}


def _wrapped(branch: tuple[str, Convert], value: dict[str, Any]) -> tuple[str, Any]:
    name, convert = branch
    try:
        return name, convert(value[name])
    except Misfit as misfit:
        raise below(f".{name}", misfit) from None


def _enum(name: str, symbols: Sequence[str], value: Any) -> str:
    if not isinstance(value, str):
        raise wrong_kind(value, f"a symbol of {name}")
    if value not in symbols:
        raise Misfit(f'is "{value}", which is no symbol of {name}')
    return value


def _array(convert: Convert, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise wrong_kind(value, "an array")
    converted = []
    for place, item in enumerate(value):
        try:
            converted.append(convert(item))
        except Misfit as misfit:
            raise below(f"[{place}]", misfit) from None
    return converted


def _map(convert: Convert, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong_kind(value, "a map")
    converted = {}
    for name, one in value.items():
        try:
            converted[convert_string(name)] = convert(one)
        except Misfit as misfit:
            raise below(f".{name}", misfit) from None
    return converted
