"""The lines that `scan --json` prints, read as the records of a bulk re-route."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from kafkaview.cluster.errors import RefusedHere
from kafkaview.fields import read_json
from kafkaview.triage.reroute.bulk.request import join_reasons
from kafkaview.words import join_names, number

_HINT = "It takes JSON lines, as `scan --json` prints them. Nothing was written."


@dataclass(slots=True)
class ScanLines:
    """The findings of a scan: by topic, partition and offset their reasons. `complete` is false where the scan did not
    come to its end, or its summary is missing.
    """

    topics: dict[str, dict[int, dict[int, str]]] = field(default_factory=dict)
    complete: bool = False

    def of_one_topic(self) -> tuple[str, dict[int, dict[int, str]]]:
        """Returns the topic and its records. Raises RefusedHere where there is no finding, or more than one topic."""
        if not self.topics:
            raise RefusedHere("The scan has found nothing: there is no record to send", _HINT)
        if len(self.topics) > 1:
            named = join_names(sorted(self.topics), 5)
            raise RefusedHere(f"The findings are of {len(self.topics)} topics: {named}", "Scan each topic by itself.")
        return next(iter(self.topics.items()))


def read_scan_lines(lines: Iterable[bytes]) -> ScanLines:
    """Reads lines to their end. A record of which several fields are found counts once. Raises RefusedHere with the
    number of a line that cannot be read, and where the scan has ended with an error.
    """
    found = ScanLines()
    for count, line in enumerate(lines, 1):
        if not line.strip():
            continue
        document = _object_of(line, count)
        if "scanned" in document:
            found.complete = document.get("complete") is True
            continue
        topic, partition, offset = _place_of(document, count)
        own = found.topics.setdefault(topic, {}).setdefault(partition, {})
        reason = document.get("reason")
        own[offset] = join_reasons(own.get(offset, ""), reason if isinstance(reason, str) else "")
    return found


def _object_of(line: bytes, count: int) -> dict[str, Any]:
    try:
        document = read_json(line)
    except ValueError as error:
        raise RefusedHere(f"Line {number(count)} is no JSON: {error}", _HINT) from error
    if not isinstance(document, dict):
        raise RefusedHere(f"Line {number(count)} is no JSON object", _HINT)
    failure = document.get("error")
    if isinstance(failure, dict):
        raise RefusedHere(f"The scan has ended with an error: {failure.get('message')}", "Scan the topic again.")
    return document


def _place_of(document: dict[str, Any], count: int) -> tuple[str, int, int]:
    topic, partition, offset = document.get("topic"), document.get("partition"), document.get("offset")
    if not isinstance(topic, str) or not topic:
        raise RefusedHere(f"Line {number(count)} names no topic", _HINT)
    if not _is_count(partition) or not _is_count(offset):
        raise RefusedHere(f"Line {number(count)} names no partition and offset", _HINT)
    return topic, partition, offset


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63
