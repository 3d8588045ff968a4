"""The result of decoding: `Decoded | Undecodable`, never half of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Decoded:
    """The bytes read as the decoder's format. `value` is plain data (dict, list, str, int, ...), `text` to read."""

    decoder: str
    value: object
    text: str


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why the bytes are not of the decoder's format.

    `reason` is a sentence in the user's words ("byte 53 of the value is not UTF-8"); `position` and `length` name the
    bytes to be marked, counted from 0, where one can say. `field` is what of the record these bytes are.
    """

    decoder: str
    reason: str
    position: int | None = None
    length: int = 1
    detail: str = ""
    field: str = "value"  # or `key`, or `headers`: the name of one


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


class FileDecoder(Decoder, Protocol):
    """A format whose rule names a file."""

    @property
    def text(self) -> bytes:
        """The content of the file."""
        ...
