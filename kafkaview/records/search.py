"""The search: the records of a range that match a filter or have a key, found by several processes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kafkaview.decode.registered_schema import Registered
from kafkaview.decode.registry import describe_rule
from kafkaview.decode.result import Decoder
from kafkaview.records.cel_expression import EvaluationError
from kafkaview.records.condition import Places
from kafkaview.records.filter import RecordFilter
from kafkaview.records.passage import Instructions, PassageResult
from kafkaview.records.record_columns import ListedRecords, RecordColumns
from kafkaview.terms import Header, Record, TimestampType

_WORKER: Final = "kafkaview.records.search_worker"
_LOOKS: Final = 100  # records between two looks whether to stop


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """What a record must be: true for the filter, and of the key. Without either every record is."""

    where: str = ""
    key: bytes | None = None


class RecordSearch:
    """The work of a search, on values as `decoder` reads them; without one they are JSON, text or bytes. Raises
    FilterError for an expression that cannot be used.
    """

    def __init__(self, query: RecordQuery, decoder: Decoder | None = None) -> None:
        self._query = query
        self._decoder = decoder
        self._filter = RecordFilter(query.where, decoder) if query.where else None

    def instructions(self) -> Instructions | None:
        """Returns the query for another process; None if that cannot make the decoder, or if every record would come
        back, and nothing be shared.
        """
        if self._filter is None and self._query.key is None:
            return None
        decode = describe_rule(self._decoder) if self._decoder is not None else None
        if self._decoder is not None and decode is None:
            return None
        key = _base64(self._query.key)
        schemas = self._decoder.schemas if isinstance(self._decoder, Registered) else None
        return Instructions(_WORKER, {"where": self._query.where, "key": key, "decode": decode}, schemas)

    def look(self, records: Sequence[Record], stop: Callable[[], bool] = lambda: False) -> PassageResult:
        """Returns the records that match, and on how many the filter failed."""
        return self.select(RecordColumns(ListedRecords(records), len(records)), records.__getitem__, stop)

    def select(
        self, columns: RecordColumns, record_at: Callable[[int], Record], stop: Callable[[], bool] = lambda: False
    ) -> PassageResult:
        """Returns the records that match. Only those are made."""
        places: Places = self._filter.sift(columns) if self._filter is not None else range(columns.count)
        if self._query.key is not None and places:
            keys = columns.keys
            places = [place for place in places if keys[place] == self._query.key]
        if self._filter is None:
            return PassageResult([record_at(place) for place in places])
        return _evaluate(self._filter, columns, places, record_at, stop)

    def restore(self, thing: Sequence[Any]) -> Record:
        """Returns a record that another process found."""
        return unpack_record(thing)


def _evaluate(
    chosen: RecordFilter,
    columns: RecordColumns,
    places: Places,
    record_at: Callable[[int], Record],
    stop: Callable[[], bool],
) -> PassageResult:
    found: list[Record] = []
    failed, failure = 0, ""
    for number, place in enumerate(places):
        if not number % _LOOKS and stop():
            break
        try:
            if chosen.matches_at(columns, place):
                found.append(record_at(place))
        except EvaluationError as error:
            failed += 1
            failure = failure or f"{record_at(place).id}: {error}"
    return PassageResult(found, failed, failure)


def pack_record(record: Record) -> list[Any]:
    """Returns a record as JSON can carry it, byte for byte."""
    headers = record.headers
    return [
        record.topic,
        record.partition,
        record.offset,
        record.timestamp_ms,
        record.timestamp_type.value,
        _base64(record.key),
        _base64(record.value),
        None if headers is None else [[header.key, _base64(header.value)] for header in headers],
        record.leader_epoch,
        _base64(record.unreadable_header),
    ]


def unpack_record(packed: Sequence[Any]) -> Record:
    """Returns the record of `pack_record`."""
    topic, partition, offset, timestamp_ms, timestamp_type, key, value, headers, leader_epoch, unreadable = packed
    return Record(
        topic,
        partition,
        offset,
        timestamp_ms,
        TimestampType(timestamp_type),
        _bytes(key),
        _bytes(value),
        None if headers is None else tuple(Header(name, _bytes(data)) for name, data in headers),
        leader_epoch,
        _bytes(unreadable),
    )


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)
