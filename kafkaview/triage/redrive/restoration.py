"""The record that goes back in place of a dead letter: its key, value and headers as they were, without what its
writers added, and with a count of how often it was sent back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from kafkaview.terms import Header, Record, RecordId, TimestampType
from kafkaview.triage.dead_letters.dialects.kafka import KAFKA
from kafkaview.triage.dead_letters.letter import LetterOrigin
from kafkaview.triage.dead_letters.reading import LetterSource, read_source
from kafkaview.triage.dead_letters.sent_back import HOPS_HEADER, hops_of, why_it_stays

WITHOUT_DIALECT: Final = "no header of a known dialect names its origin"
WITHOUT_ORIGIN: Final = "its headers do not name its origin"


@dataclass(frozen=True, slots=True)
class Restored:
    """A record before it is mended and sent. `letter` is the dead letter that it was restored from. `incomplete`: its
    writer, a share group's broker, keeps no headers and no timestamp; `uncopied`: nor key and value. A record at its
    origin has them. `cluster_id` is that of the origin, None where it is unknown.
    """

    letter: RecordId
    origin: LetterOrigin
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    timestamp_ms: int | None
    hops: int
    cluster_id: str | None = None
    incomplete: bool = False
    uncopied: bool = False

    def counted_headers(self) -> tuple[Header, ...]:
        """Returns the headers with the count of this hop behind them."""
        return (*self.headers, Header(HOPS_HEADER, str(self.hops + 1).encode()))

    def completed(self, source: Record) -> Restored:
        """Returns the record as it is at its origin. Raises ValueError where that one is another record."""
        if not self.uncopied and (source.key, source.value) != (self.key, self.value):
            raise ValueError("another record is there now")
        headers, hops = _without_hops(source.headers or ())
        return replace(
            self,
            key=source.key,
            value=source.value,
            headers=headers,
            hops=max(hops, self.hops),
            timestamp_ms=source.timestamp_ms,
            incomplete=False,
            uncopied=False,
        )


def restore(record: Record, *, elsewhere: bool) -> Restored | str:
    """Returns what a dead letter was before it was sent away, or why nobody knows. A record without headers of any
    dialect can be sent `elsewhere` only, to a topic that the user names.
    """
    if record.headers is None:
        return "its headers cannot be read: the name of one is not UTF-8, or holds NUL"
    source = read_source(record.headers)
    if source is None:
        if not elsewhere:
            return WITHOUT_DIALECT
        source_headers, origin = record.headers, LetterOrigin()
    else:
        source_headers, origin = source.headers, source.origin
        if not origin.topic and not elsewhere:
            return WITHOUT_ORIGIN
    headers, hops = _without_hops(source_headers)
    if refusal := why_it_stays(source_headers):
        return refusal
    bare = source is not None and source.dialect is KAFKA and not source.by_kafkaview
    return Restored(
        record.id,
        origin,
        record.key,
        record.value,
        headers,
        _time(record, source),
        hops,
        source.cluster_id if source is not None else None,
        incomplete=bare,
        uncopied=bare and record.key is None and record.value is None,
    )


def _time(record: Record, source: LetterSource | None) -> int | None:
    """Returns the timestamp that the record had at its origin; None where nobody knows."""
    if source is not None and source.origin.timestamp_ms is not None:
        return source.origin.timestamp_ms
    kept = source is None or source.dialect.keeps_time
    return record.timestamp_ms if kept and record.timestamp_type is not TimestampType.LOG_APPEND_TIME else None


def _without_hops(headers: tuple[Header, ...]) -> tuple[tuple[Header, ...], int]:
    """Returns headers without the count of earlier redrives, and that count."""
    return tuple(header for header in headers if header.key != HOPS_HEADER), hops_of(headers)
