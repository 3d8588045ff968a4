"""The result of decoding: `Decoded | Undecodable`, never half of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol, cast, runtime_checkable

if TYPE_CHECKING:
    from kafkaview.terms import Header

_KINDS: Final = {"AVRO": "Avro", "PROTOBUF": "Protobuf", "JSON": "JSON Schema"}


@dataclass(frozen=True, slots=True)
class SchemaLabel:
    """The schema that bytes name: its id or GUID, and the subject and version under which the registry lists it; None
    where it is not known. `kind` is `AVRO`, `PROTOBUF` or `JSON`, empty as long as the registry has not answered.
    """

    id: int | None
    guid: str | None = None
    kind: str = ""
    subject: str | None = None
    version: int | None = None

    def __str__(self) -> str:
        """Returns the schema in words: `Avro, orders-value version 3 (id 7)`."""
        kind = _KINDS.get(self.kind, self.kind or "a schema")
        listed = f", {self.subject} version {self.version}" if self.subject else ""
        return f"{kind}{listed} ({self.guid if self.id is None else f'id {self.id}'})"


@dataclass(frozen=True, slots=True)
class Decoded:
    """The bytes read as the decoder's format. `value` is plain data (dict, list, str, int, ...), `text` to read."""

    decoder: str
    value: object
    text: str
    schema: SchemaLabel | None = None


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why the bytes are not of the decoder's format.

    `reason` is a sentence in the user's words ("byte 53 of the value is not UTF-8"); `position` and `length` name the
    bytes to be marked, counted from 0, where one can say. `field` is what of the record these bytes are. `judged` is
    false where the bytes could not be looked at, for instance because the schema registry gives no answer: no record is
    called poison for that.
    """

    decoder: str
    reason: str
    position: int | None = None
    length: int = 1
    detail: str = ""
    field: str = "value"  # or `key`, or `headers`: the name of one
    schema: SchemaLabel | None = None
    judged: bool = True


def doubt(problem: Undecodable, why: str) -> Undecodable:
    """Returns a problem that some readers do not have; every place that shows its reason says so."""
    return replace(problem, reason=f"{problem.reason} ({why}: evidence, not proof)")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A reading that would fit though it is not the topic's: what the producer likely wrote (ISO-8859-1, ...)."""

    decoder: str
    text: str


class Decoder(Protocol):
    """One format. `name` is the word the user knows it by: `utf8`, `json`, `jsonschema:FILE`."""

    @property
    def name(self) -> str:
        """The word that the user writes for it."""
        ...

    @property
    def title(self) -> str:
        """The format's own name: `UTF-8`, `JSON`, `JSON Schema orders.json`."""
        ...

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns why the bytes cannot be read, None if they can, without making text of good records."""
        ...

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Reads the bytes. Null (a tombstone) is never passed: it is healthy. `field` is `key` or `value`."""
        ...


class GuessedDecoder(Decoder, Protocol):
    """A format that a topic may be guessed to have."""

    def is_likely(self, data: bytes) -> bool:
        """Returns whether bytes that the format reads are meant as it, rather than read by chance."""
        ...


def is_meant(decoder: GuessedDecoder, data: bytes, field: str, record: Surroundings) -> bool:
    """Returns whether bytes are of a format and likely meant as it."""
    own = cast("GuessedDecoder", within(decoder, record))
    return own.is_likely(data) and own.problem(data, field) is None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The record around a key or value. `headers` are None where the client library cannot return them."""

    topic: str = ""
    key: bytes | None = None
    headers: tuple[Header, ...] | None = ()


@runtime_checkable
class RecordDecoder(Protocol):
    """A format that is read from more than its own bytes: headers may name its schema, a key the kind of its value."""

    def within(self, record: Surroundings) -> Decoder:
        """Returns the decoder of the key and the value of this record."""
        ...


@runtime_checkable
class SiftingDecoder(Protocol):
    """A format that can tell of most values that they pass, in a fraction of the time that a reason takes."""

    def doubtful(self, values: Sequence[bytes]) -> set[int]:
        """Returns the places of the values that may not pass, where no header names their schemas."""
        ...


def within(decoder: Decoder, record: Surroundings) -> Decoder:
    """Returns the decoder of the key and the value of a record; most decoders are the same for all."""
    return decoder.within(record) if isinstance(decoder, RecordDecoder) else decoder


class FileDecoder(Decoder, Protocol):
    """A format whose rule names a file."""

    @property
    def text(self) -> bytes:
        """The content of the file."""
        ...
