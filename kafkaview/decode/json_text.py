"""JSON as RFC 8259 has it, or as the library takes it by which a topic is read."""

from __future__ import annotations

import json
from dataclasses import dataclass

import orjson

from kafkaview.decode.json_grammar import JsonRefusal
from kafkaview.decode.json_layout import lay_out
from kafkaview.decode.json_readers import find_reader
from kafkaview.decode.json_spans import open_at_end
from kafkaview.decode.result import Decoded, Undecodable, doubt
from kafkaview.decode.utf8 import Utf8

_UTF8 = Utf8()
_LENIENT = "some parsers take it"
_DOCUMENT = (b"{", b"[", b'"')
_REFUSED_BY_SOME = {  # what RFC 8259 allows, and its section 4, 6, 8.2 or 9 lets a parser refuse; in orjson's words
    "no low surrogate in string": "a string has half of a surrogate pair",
    "invalid low surrogate in string": "a string has half of a surrogate pair",
    "invalid high surrogate in string": "a string has half of a surrogate pair",
    "number is infinity when parsed as double": "a number is larger than a parser's double holds",
    "depth limit exceeded": "it is nested deeper than 1,024 levels",
}
_LITERALS = ("true", "false", "null")


@dataclass(frozen=True, slots=True)
class Json:
    """Reads one JSON document that fills the bytes. Where parsers differ (NaN, text after the document) says so. With a
    `reader`, a word of `kafkaview.decode.json_readers`, reads what that library takes, and says what it refuses.
    """

    reader: str = ""

    @classmethod
    def parse(cls, word: str, _content: str | None = None) -> Json:
        """Returns the decoder of a rule; ValueError says which libraries there are."""
        return cls(find_reader(word).word if word else "")

    @property
    def name(self) -> str:
        """The rule as it is written."""
        return f"json:{self.reader}" if self.reader else "json"

    @property
    def title(self) -> str:
        """The rule in words."""
        return f"JSON as {find_reader(self.reader).library} takes it" if self.reader else "JSON"

    def problem(self, data: bytes, field: str = "value") -> Undecodable | None:
        """Returns where the document stops being JSON."""
        result = self._read(data, field) if self.reader else self.load(data, field)
        return result if isinstance(result, Undecodable) else None

    def decode(self, data: bytes, field: str = "value") -> Decoded | Undecodable:
        """Returns the document as plain data, and its text laid out."""
        if self.reader:
            text = self._read(data, field)
            return text if isinstance(text, Undecodable) else Decoded(self.name, _value_of(text), lay_out(text))
        result = self.load(data, field)
        if isinstance(result, Undecodable):
            return result
        return Decoded(self.name, result.value, lay_out(data.decode()))

    def _read(self, data: bytes, field: str) -> str | Undecodable:
        """Returns the text of the document that the library takes."""
        reader = find_reader(self.reader)
        try:
            return reader.read(data)
        except JsonRefusal as refusal:
            position = refusal.position if data else None
            where = f"the {field}" if position is None else f"byte {position:,} of the {field}"
            why = f"{where}: {refusal.why}" if data else f"the {field} is empty: 0 bytes. A tombstone would be null"
            return Undecodable(self.name, f"{reader.library} refuses it: {why}", position, refusal.length, refusal.why)

    def load(self, data: bytes, field: str = "value") -> Document | Undecodable:
        """Returns the document as plain data alone."""
        try:
            return Document(orjson.loads(data))
        except orjson.JSONDecodeError as error:
            return _problem(self.name, data, field, error)

    def is_likely(self, data: bytes) -> bool:
        """Returns whether the bytes begin as a document: a bare number or word is as good text as JSON."""
        return data.lstrip().startswith(_DOCUMENT)


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a JSON text; wrapped, because null is a value too."""

    value: object


def _value_of(text: str) -> object:
    """Returns the plain data of a text that a library takes; the text where Python makes nothing of it."""
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):  # more than 4,300 digits, too many levels
        return text


def _problem(name: str, data: bytes, field: str, error: orjson.JSONDecodeError) -> Undecodable:
    if not data:
        return Undecodable(name, f"the {field} is empty: 0 bytes. A tombstone would be null", detail="0 bytes")
    not_text = _UTF8.problem(data, field)
    if not_text:
        return Undecodable(name, not_text.reason, not_text.position, not_text.length, "needs UTF-8")
    text = data.decode()
    if not text.strip():
        return Undecodable(name, f"the {field} is white space only: {len(data):,} bytes", 0, len(data), "no document")
    if _cut_off(text, error):
        return _report_truncated(name, data, field)
    return _report_malformed(name, text, field, error)


def _cut_off(text: str, error: orjson.JSONDecodeError) -> bool:
    rest = text[error.pos :]
    if error.msg == "unexpected end of data" or not rest:
        return True
    if any(literal.startswith(rest) for literal in _LITERALS):
        return True
    return rest.startswith("\\") and open_at_end(text.encode()) == "string" and len(rest) < len("\\u0000")


def _report_truncated(name: str, data: bytes, field: str) -> Undecodable:
    last = len(data) - 1
    what = open_at_end(data)
    inside = f"inside {'an' if what[0] in 'ao' else 'a'} {what}"
    return Undecodable(name, f"the {field} ends {inside} at byte {last:,}", last, 1, f"truncated {inside}")


def _report_malformed(name: str, text: str, field: str, error: orjson.JSONDecodeError) -> Undecodable:
    position = len(text[: error.pos].encode())
    byte = f"byte {position:,}"
    debatable = _debatable(name, text, field, error, position)
    if debatable is not None:
        return doubt(debatable, _LENIENT)
    return Undecodable(name, f"{byte} of the {field} is not JSON: {error.msg}", position, 1, f"{byte}: {error.msg}")


def _debatable(name: str, text: str, field: str, error: orjson.JSONDecodeError, position: int) -> Undecodable | None:
    """Returns the problem of a text that only some parsers refuse."""
    rest = text[error.pos :]
    if text.startswith("\ufeff"):
        return Undecodable(name, f"the {field} opens with a byte order mark", 0, 3)
    byte = f"byte {position:,} of the {field}"
    lenient = next((word for word in ("NaN", "Infinity", "-Infinity") if rest.startswith(word)), None)
    if lenient:
        return Undecodable(name, f"{byte}: {lenient} is not JSON", position, len(lenient))
    if error.msg == "unexpected content after document":
        length = len(rest.encode())
        more = "1 more byte follows" if length == 1 else f"{length:,} more bytes follow"
        return Undecodable(name, f"{byte}: the document has ended, {more}", position, length)
    if error.msg in _REFUSED_BY_SOME:
        return Undecodable(name, f"{byte}: {_REFUSED_BY_SOME[error.msg]}", position)
    return None
