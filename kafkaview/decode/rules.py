"""A decoder by the word that the user writes for it."""

from __future__ import annotations

from pathlib import Path

from kafkaview.decode.json_text import Json
from kafkaview.decode.max_bytes import MaxBytes
from kafkaview.decode.result import Decoder
from kafkaview.decode.utf8 import Utf8

RULES = ("utf8", "json", "jsonschema:FILE", "max-bytes:N")


def parse_rule(text: str, schema: str | None = None) -> Decoder:
    """Read `utf8`, `json`, `jsonschema:FILE` or `max-bytes:N`; ValueError says what is wrong and what there is.

    Reads the schema file, unless what stands in it is given: not to be called on a loop's thread with a slow disk
    below it.
    """
    word, _, argument = text.partition(":")
    if text == "utf8":
        return Utf8()
    if text == "json":
        return Json()
    if word == "jsonschema":
        return _json_schema(argument, schema)
    if word == "max-bytes":
        return _max_bytes(argument)
    raise ValueError(f"there is no rule {text!r}. Rules: {', '.join(RULES)}")


def built_in(decoder: Decoder) -> tuple[str, str | None] | None:
    """What `parse_rule` makes the same decoder of, in any process; None where it is not one of ours."""
    if isinstance(decoder, Utf8 | Json | MaxBytes):
        return decoder.name, None
    from kafkaview.decode.json_schema import JsonSchema

    return (decoder.name, decoder.text.decode()) if isinstance(decoder, JsonSchema) else None


def _json_schema(file: str, schema: str | None) -> Decoder:
    from kafkaview.decode.json_schema import JsonSchema  # heavy, and seldom meant

    if not file:
        raise ValueError("jsonschema needs a file: jsonschema:FILE")
    return JsonSchema.load(Path(file)) if schema is None else JsonSchema.of(Path(file), schema.encode())


def _max_bytes(number: str) -> Decoder:
    if not number.isdecimal():
        raise ValueError(f"max-bytes needs a whole number, not {number!r}: max-bytes:N")
    return MaxBytes(int(number))
