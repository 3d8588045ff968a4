"""Every format that keys and values can be held to, declared once: a new one is its own file and a row of `FORMATS`.

This module imports no format, because a process that scans seldom needs one and starts with little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from kafkaview.decode.sieves import Sieve, keep_all

if TYPE_CHECKING:
    from kafkaview.decode.result import Decoder, FileDecoder, GuessedDecoder
    from kafkaview.decode.schemas import Schemas

WrittenRule = tuple[str, str | None]  # a rule as it is written, and the content of the file that it names


class Format(NamedTuple):
    """One format: the word of its rule, what a value must be to pass, and where its code is.

    `decoder` is a class without parameters. Where the rule takes an argument (`FILE`, `N`, or `[READER]`, which may be
    left out) it has a class method
    `parse(argument, content)` instead, with the content of the file if that was read before. `sieve` is a function
    from the argument to a sieve; without one every value is decoded. `guess` is the place in the order in which the
    format of a topic is guessed; without one it is never guessed, nor in a record's report. A format that is guessed
    and not `always_reported` is in the report where it fits. `is_text` says that what it reads is text as it stands.
    """

    word: str
    help: str
    decoder: str
    sieve: str = ""
    argument: str = ""
    guess: int | None = None
    always_reported: bool = False
    is_text: bool = False

    @property
    def opening(self) -> str:
        """The rule up to the argument that it needs."""
        return self.word if not self.argument or self.argument.startswith("[") else f"{self.word}:"

    @property
    def usage(self) -> str:
        """The rule as it is written, with the kind of its argument."""
        if self.argument.startswith("["):
            return f"{self.word}[:{self.argument[1:]}"
        return f"{self.opening}{self.argument}"


FORMATS: Final = (
    Format(
        "registry",
        "every value fits the registered schema that it names",
        "registered_schema.Registered",
        argument="[latest|known]",
        guess=0,
    ),
    Format(
        "utf8",
        "every value is UTF-8 text",
        "utf8.Utf8",
        "sieves.make_text_sieve",
        guess=2,
        always_reported=True,
        is_text=True,
    ),
    Format(
        "json",
        "every value is JSON, as RFC 8259 has it or as a library takes it",
        "json_text.Json",
        "sieves.make_json_sieve",
        argument="[READER]",
        guess=1,
        always_reported=True,
        is_text=True,
    ),
    Format("msgpack", "every value is MessagePack", "message_pack.MessagePack", "message_pack.make_sieve", guess=3),
    Format("cbor", "every value is CBOR", "cbor.Cbor", guess=4),
    Format("short", "every value is a number of 2 bytes", "numbers.ShortNumber"),
    Format("int", "every value is a number of 4 bytes", "numbers.IntegerNumber"),
    Format("long", "every value is a number of 8 bytes", "numbers.LongNumber"),
    Format("float", "every value is a float of 4 bytes", "numbers.FloatNumber"),
    Format("double", "every value is a double of 8 bytes", "numbers.DoubleNumber"),
    Format("uuid", "every value is the text of a UUID", "numbers.UuidText"),
    Format("hex", "bytes as they are, in hexadecimal digits", "raw_bytes.Hex"),
    Format("base64", "bytes as they are, in base64", "raw_bytes.Base64"),
    Format("jsonschema", "every value fits a JSON Schema", "json_schema.JsonSchema", argument="FILE", is_text=True),
    Format("avro", "every value is Avro of a schema", "avro_file.AvroFile", argument="FILE"),
    Format("protobuf", "every value is a message of a .proto file", "protobuf_file.ProtobufFile", argument="FILE:TYPE"),
    Format("python", "a decoder of your own takes every value", "python_file.PythonFile", argument="FILE"),
    Format("internal", "every value is a record of Kafka's own topics", "coordinator_records.CoordinatorRecord"),
    Format(
        "max-bytes", "no value is larger", "max_bytes.MaxBytes", "sieves.make_size_sieve", argument="N", is_text=True
    ),
)
RULES: Final = tuple(row.usage for row in FORMATS)
_REGISTRY: Final = "registry"
_BY_WORD: Final = {row.word: row for row in FORMATS}
_PACKAGE: Final = __name__.rpartition(".")[0]


def parse_rule(text: str, content: str | None = None) -> Decoder:
    """Returns the decoder of a rule; ValueError says what is wrong with the rule and which rules there are.

    Reads the file that a rule names, unless its content is passed: do not call it on a loop's thread then.
    """
    word, colon, argument = text.partition(":")
    row = _BY_WORD.get(word)
    if row is None or (colon and not row.argument):
        raise ValueError(f"there is no rule '{text}'. Rules: {', '.join(RULES)}")
    decoder = _load(row.decoder)
    return cast("Decoder", decoder.parse(argument, content) if row.argument else decoder())


def describe_rule(decoder: Decoder) -> WrittenRule | None:
    """Returns what `parse_rule` makes the same decoder from, in any process; None for a decoder not declared here."""
    row = _BY_WORD.get(decoder.name.partition(":")[0])
    made = type(decoder)
    if row is None or f"{_PACKAGE}.{row.decoder}" != f"{made.__module__}.{made.__qualname__}":
        return None
    return decoder.name, cast("FileDecoder", decoder).text.decode() if row.argument.startswith("FILE") else None


def reads_text(decoder: Decoder) -> bool:
    """Returns whether what a decoder reads is text as it stands, so that its bytes may be shown in place of it."""
    row = _BY_WORD.get(decoder.name.partition(":")[0])
    return row is not None and row.is_text


def find_sieve(rule: str) -> Sieve:
    """Returns the sieve of a rule. A rule that has none, or is not declared here, keeps every value back."""
    word, _, argument = rule.partition(":")
    row = _BY_WORD.get(word)
    return cast("Sieve", _load(row.sieve)(argument)) if row is not None and row.sieve else keep_all


def attach_schemas(decoder: Decoder, schemas: Schemas) -> Decoder:
    """Returns the decoder with the schemas of a connection; one that needs none is returned as it is."""
    is_registered = decoder.name.partition(":")[0] == _REGISTRY
    return replace(decoder, schemas=schemas) if is_registered else decoder  # type: ignore[type-var]


def load_guessed(schemas: Schemas | None = None) -> Iterator[GuessedDecoder]:
    """Yields a decoder of each format that a topic may be guessed to have, the most telling format first."""
    for _, row in sorted((row.guess, row) for row in FORMATS if row.guess is not None):
        if row.word != _REGISTRY:
            yield _load(row.decoder)()
        elif schemas is not None:
            yield _load(row.decoder)(schemas)


def _load(place: str) -> Any:
    module, _, name = place.partition(".")
    return getattr(import_module(f"{_PACKAGE}.{module}"), name)
