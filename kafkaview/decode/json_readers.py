"""JSON as the library takes it by which a topic is read. Each differs from RFC 8259, and from every other.

What each does was tried on the library itself: tests/unit/decode/test_json_readers.py does so where it is installed.

- Jackson 2, `ObjectMapper.readValue` of bytes as it is made (Kafka Connect, Spring): finds out UTF-16 and UTF-32, ends
  with the document and looks at nothing behind it, takes escapes of halves of surrogate pairs (not in names), overlong
  UTF-8 and what lies beyond U+10FFFF; 1,000 levels, 1,000 digits, names of 50,000 bytes. Tried with 2.21. One that has
  met a name takes it with bytes FF before it as well, which is a fault of its and held for refused here.
- Python's `json.loads` of bytes: finds out UTF-16 and UTF-32, takes NaN and Infinity, and halves of surrogate pairs.
- Go's `json.Unmarshal` into an `any` (encoding/json): bytes that are no UTF-8 become U+FFFD; 10,000 levels, and numbers
  that a float64 holds.
- JavaScript's `JSON.parse` of the text of a Buffer: bytes that are no UTF-8 become U+FFFD; no limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kafkaview.decode.json_grammar import (
    ANY_BYTES,
    LOOSE_UTF8,
    JsonEnd,
    JsonRefusal,
    JsonTaste,
    read_document,
    skip_blanks,
)

_JACKSON: Final = JsonTaste(LOOSE_UTF8, levels=1_000, digits=1_000, name_bytes=50_000, whole_names=True)
_GO: Final = JsonTaste(ANY_BYTES, levels=10_000, finite=True)
_JAVASCRIPT: Final = JsonTaste(ANY_BYTES)
_UTF8_MARK: Final = b"\xef\xbb\xbf"
_HALF_PAIR: Final = re.compile("[\ud800-\udbff](?:.|\\Z)|[\udc00-\udfff]", re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BLANKS: Final = b" \t\n\r"


@dataclass(frozen=True, slots=True)
class JsonReader:
    """One library: the word of the rule, its name, and what returns the text of the document that it takes, or raises
    JsonRefusal.
    """

    word: str
    library: str
    read: Callable[[bytes], str]


def find_reader(word: str) -> JsonReader:
    """Returns the library of a word. Raises ValueError."""
    try:
        return JSON_READERS[word]
    except KeyError:
        known = ", ".join(f"json:{one}" for one in JSON_READERS)
        raise ValueError(
            f"there is no rule json:{word}. JSON is read as RFC 8259 has it by json, or by {known}"
        ) from None


def _read_jackson(data: bytes) -> str:
    found = _find_encoding(data)
    if found is not None:
        encoding, start = found
        try:
            text = _decode_wide(data[start:], encoding)
            return _read_jackson_utf8(text.encode(), 0)
        except JsonRefusal as refusal:  # its bytes are those of another encoding
            raise JsonRefusal(None, f"read as {encoding.upper()}, {refusal.why}") from refusal
    return _read_jackson_utf8(data, len(_UTF8_MARK) if len(data) > 3 and data.startswith(_UTF8_MARK) else 0)


def _decode_wide(data: bytes, encoding: str) -> str:
    """Returns the text of UTF-16 as Java's decoder makes it, where half of a surrogate pair takes the character behind
    it along, or of UTF-32.
    """
    if encoding.startswith("utf-16"):
        whole = len(data) - len(data) % 2
        text = data[:whole].decode(encoding, "surrogatepass") + ("\ufffd" if whole < len(data) else "")
        return _HALF_PAIR.sub("\ufffd", text)
    try:
        text = data.decode(encoding, "surrogatepass")
    except UnicodeDecodeError as error:  # which only matters where the document has not ended before
        text = f"{data[: error.start].decode(encoding, 'surrogatepass')}\0"
    return _SURROGATE.sub("\ufffd", text)


def _find_encoding(data: bytes) -> tuple[str, int] | None:
    """Returns the encoding that the first bytes show, and where the text begins; None for UTF-8. Raises JsonRefusal for
    two orders of bytes that Jackson knows and does not read. From ByteSourceJsonBootstrapper.detectEncoding.
    """
    head = data[:4]
    if len(head) < 4:
        return _find_two_bytes(head)
    marks = ((b"\x00\x00\xfe\xff", "utf-32-be"), (b"\xff\xfe\x00\x00", "utf-32-le"))
    marked = next(((encoding, 4) for mark, encoding in marks if head == mark), None)
    marks = ((b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
    odd = head in (b"\x00\x00\xff\xfe", b"\xfe\xff\x00\x00")
    if marked is None and not odd:
        marked = next(((encoding, 2) for mark, encoding in marks if head.startswith(mark)), None)
    if marked is not None or head.startswith(_UTF8_MARK):
        return marked
    zeros = tuple(byte == 0 for byte in head)
    if zeros[:3] == (True, True, True):
        return "utf-32-be", 0
    if zeros[1:] == (True, True, True):
        return "utf-32-le", 0
    if odd or zeros in ((True, False, True, True), (True, True, False, True)):
        raise JsonRefusal(0, "it is UTF-32 in an order of bytes that is not read", 4)
    return _find_two_bytes(head)


def _find_two_bytes(head: bytes) -> tuple[str, int] | None:
    if len(head) < 2:
        return None
    return ("utf-16-be", 0) if head[0] == 0 else ("utf-16-le", 0) if head[1] == 0 else None


def _read_jackson_utf8(data: bytes, start: int) -> str:
    end = read_document(data, _JACKSON, start)
    _check_what_follows(data, end)
    return data[start : end.at].decode("utf-8", "replace")


def _check_what_follows(data: bytes, end: JsonEnd) -> None:
    """Raises JsonRefusal where a bare number or word goes on: nothing else behind a document is looked at."""
    rest = data[end.at : end.at + 4]
    if end.is_number and rest and rest[0] not in _BLANKS:
        raise JsonRefusal(end.at, "white space belongs behind a bare number")
    if end.is_word and rest:
        next_one = rest.decode("utf-8", "replace")[0]
        if rest[0] >= 0x30 and (next_one in "_\ufffd" or next_one.isalnum()):
            raise JsonRefusal(end.at, "a bare word goes on")


def _read_to_its_end(taste: JsonTaste) -> Callable[[bytes], str]:
    def read(data: bytes) -> str:
        end = read_document(data, taste).at
        rest = skip_blanks(data, end)
        if rest < len(data):
            raise JsonRefusal(rest, _follow(len(data) - rest), len(data) - rest)
        return data[:end].decode("utf-8", "replace")

    return read


def _follow(more: int) -> str:
    return f"the document has ended, {'1 more byte follows' if more == 1 else f'{more:,} more bytes follow'}"


def _read_python(data: bytes) -> str:
    encoding = json.detect_encoding(data)
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        why = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise JsonRefusal(_position_of(data, encoding, error), why) from error
    except UnicodeDecodeError as error:
        raise JsonRefusal(error.start, f"it is not {encoding.upper()}", error.end - error.start) from error
    except (ValueError, RecursionError) as error:  # a number of more than 4,300 digits; too deep
        raise JsonRefusal(None, str(error).partition(";")[0]) from error
    return data.decode(encoding, "surrogatepass")


def _position_of(data: bytes, encoding: str, error: json.JSONDecodeError) -> int | None:
    """Returns the byte of a character; None where one has more than a byte each way, or the data ends before it."""
    if not encoding.startswith("utf-8"):
        return None
    marked = len(_UTF8_MARK) if data.startswith(_UTF8_MARK) else 0
    return min(len(data) - 1, marked + len(error.doc[: error.pos].encode("utf-8", "surrogatepass"))) if data else None


JSON_READERS: Final = {
    one.word: one
    for one in (
        JsonReader("jackson", "Jackson", _read_jackson),
        JsonReader("python", "Python", _read_python),
        JsonReader("go", "Go", _read_to_its_end(_GO)),
        JsonReader("javascript", "JavaScript", _read_to_its_end(_JAVASCRIPT)),
    )
}
