"""The fields of some records as columns: a search looks at few fields of most records, and at all of them of few."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from kafkaview.cluster.ports.record_source import FieldSource, HeaderPairs

if TYPE_CHECKING:  # a process that scans loads little
    from kafkaview.terms import Record


class RecordColumns:
    """The columns of `count` records, each made when it is first asked for."""

    def __init__(self, source: FieldSource, count: int) -> None:
        self.count = count
        self._source = source

    @cached_property
    def topics(self) -> Sequence[str]:
        """The topics."""
        return self._source.topics()

    @cached_property
    def partitions(self) -> Sequence[int]:
        """The partitions."""
        return self._source.partitions()

    @cached_property
    def offsets(self) -> Sequence[int]:
        """The offsets."""
        return self._source.offsets()

    @cached_property
    def timestamps(self) -> Sequence[int | None]:
        """The timestamps in milliseconds."""
        return self._source.timestamps()

    @cached_property
    def keys(self) -> Sequence[bytes | None]:
        """The keys."""
        return self._source.keys()

    @cached_property
    def values(self) -> Sequence[bytes | None]:
        """The values."""
        return self._source.values()

    @cached_property
    def headers(self) -> Sequence[HeaderPairs | None]:
        """The headers; None where a name is not UTF-8."""
        return self._source.headers()


class ListedRecords:
    """Records that are there as such, as a source of columns."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records

    def topics(self) -> list[str]:
        """Returns the topics."""
        return [record.topic for record in self._records]

    def partitions(self) -> list[int]:
        """Returns the partitions."""
        return [record.partition for record in self._records]

    def offsets(self) -> list[int]:
        """Returns the offsets."""
        return [record.offset for record in self._records]

    def timestamps(self) -> list[int | None]:
        """Returns the timestamps in milliseconds."""
        return [record.timestamp_ms for record in self._records]

    def keys(self) -> list[bytes | None]:
        """Returns the keys."""
        return [record.key for record in self._records]

    def values(self) -> list[bytes | None]:
        """Returns the values."""
        return [record.value for record in self._records]

    def headers(self) -> list[HeaderPairs | None]:
        """Returns the headers; None where a name is not UTF-8."""
        return [
            None if record.headers is None else [(header.key, header.value) for header in record.headers]
            for record in self._records
        ]


class RecordView:
    """One record of some columns: only those that are asked for are made."""

    __slots__ = ("_columns", "_place")

    def __init__(self, columns: RecordColumns, place: int) -> None:
        self._columns = columns
        self._place = place

    @property
    def topic(self) -> str:
        """Its topic."""
        return self._columns.topics[self._place]

    @property
    def partition(self) -> int:
        """Its partition."""
        return self._columns.partitions[self._place]

    @property
    def offset(self) -> int:
        """Its offset."""
        return self._columns.offsets[self._place]

    @property
    def timestamp_ms(self) -> int | None:
        """Its timestamp in milliseconds."""
        return self._columns.timestamps[self._place]

    @property
    def key(self) -> bytes | None:
        """Its key."""
        return self._columns.keys[self._place]

    @property
    def value(self) -> bytes | None:
        """Its value."""
        return self._columns.values[self._place]

    @property
    def headers(self) -> HeaderPairs | None:
        """Its headers; None where a name is not UTF-8."""
        return self._columns.headers[self._place]
