"""Text as Kafka's StringDeserializer reads it: UTF-8."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.decode.result import Decoded, Undecodable


@dataclass(frozen=True, slots=True)
class Utf8:
    """Reads UTF-8. Empty is text of no characters, and control characters are text too."""

    name: str = "utf8"
    title: str = "UTF-8"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns the first byte that cannot be read, and what stands there."""
        try:
            data.decode()
        except UnicodeDecodeError as error:
            return Undecodable(
                self.name,
                f"byte {error.start:,} of the {field} is not UTF-8",
                position=error.start,
                length=error.end - error.start,
                detail=f"byte {error.start:,}: {_words(data, error, field)}",
            )
        return None

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the text, or the byte that is not UTF-8."""
        problem = self.problem(data, field)
        if problem:
            return problem
        text = data.decode()
        return Decoded(self.name, text, text)

    def is_likely(self, data: bytes) -> bool:
        """Returns whether the bytes hold no control characters: Avro with small numbers passes as UTF-8 too."""
        return _CONTROLS.isdisjoint(data)


_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r")
_CONTINUATION = range(0x80, 0xC0)
_OPENERS = {2: range(0xC2, 0xE0), 3: range(0xE0, 0xF0), 4: range(0xF0, 0xF5)}


def _words(data: bytes, error: UnicodeDecodeError, field: str) -> str:
    first = data[error.start]
    if first in _CONTINUATION:
        return f"{first:02X} continues a character that no byte opens"
    width = next((width for width, openers in _OPENERS.items() if first in openers), None)
    if width is None:
        return f"{first:02X} never occurs in UTF-8"
    seen = data[error.start : error.end].hex(" ").upper()
    opens = f"{seen} opens a {width}-byte character"
    if error.end >= len(data):
        return f"{opens}, the {field} ends inside it"
    return f"{opens}, {data[error.end]:02X} cannot follow it"
