r"""What wraps the lines of a log: a collector's prefix, a JSON object, ends of lines that are written as `\n`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

_LONGEST: Final = 65_536  # characters of a line that are looked at
_JSON: Final = json.JSONDecoder()
_PREFIXES: Final = re.compile(
    r"""^(?:
        (?:<\d{1,3}>\d?\s*)?                                            # syslog's priority and version
        (?:[A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)\s   # its time
        (?:(?:stdout|stderr)\s[FP]\s                                   # a container's runtime
        |[\w.:-]+\s[\w./-]+(?:\[\d+\])?:\s                             # RFC 3164: host, program, process
        |[\w.:-]+\s[\w./-]+\s[\w-]+\s[\w-]+\s(?:-|(?:\[[^\]]*\])+)\s)   # RFC 5424
        |[\w.-]+-\d+\s+\|\s                                            # docker compose
    )""",
    re.VERBOSE,
)
_ESCAPED_END: Final = re.compile(r"\\r\\n|\\n")
_THROWN: Final = ("Exception", "Error")
_PLACE: Final = ("topic", "partition", "offset")


class LogLine(NamedTuple):
    """One line as its program wrote it, and the number of the line that holds it, from 1."""

    number: int
    text: str


def unwrap(lines: Iterable[str]) -> Iterator[LogLine]:
    """Yields the lines as their programs wrote them: a stack trace within JSON becomes as many as it has. Of a JSON
    object each text is a line; where it has the fields topic, partition and offset, one line says these.
    """
    for number, raw in enumerate(lines, start=1):
        text = raw[:_LONGEST].rstrip("\r\n")
        text = text[found.end() :] if (found := _PREFIXES.match(text)) else text
        if "\\" not in text and "{" not in text:
            yield LogLine(number, text)
            continue
        before, brace, _ = text.partition("{")
        document = _object_at(text, len(before)) if brace and text.endswith("}") else None
        if document is None:
            parts = [text]
        else:
            parts = [" ".join([before.rstrip(), *_texts(document)]).lstrip()] if before.strip() else [*_texts(document)]
        for part in parts:
            for line in re.split(r"\r?\n", _ESCAPED_END.sub("\n", part)):
                yield LogLine(number, line.replace("\\t", "\t"))


def _object_at(text: str, place: int) -> dict[str, Any] | None:
    """Returns the JSON object that begins at a place of a text and goes to its end."""
    try:
        found, end = _JSON.raw_decode(text, place)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and not text[end:].strip() else None


def _texts(document: dict[str, Any]) -> Iterator[str]:
    """Yields the texts of an object, the outer ones first, and its place in Kafka."""
    if all(isinstance(document.get(name), str | int) for name in _PLACE):
        yield ", ".join(f"{name}={document[name]}" for name in _PLACE)
    inner = []
    for name, value in document.items():
        if isinstance(value, str) and name not in _PLACE and (" " in value or value.endswith(_THROWN)):
            yield value  # what has no blank is a level, a stream, a logger's name
        elif isinstance(value, dict):
            inner.append(value)
    for one in inner:
        yield from _texts(one)
