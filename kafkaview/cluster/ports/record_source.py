"""The port of records that give their fields as columns. Imports little: every process that scans loads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

HeaderPairs = Sequence[tuple[str, bytes | None]]
Origin = tuple[str, int, int, int | None]  # topic, partition, offset and timestamp in milliseconds of a record

# Topic, key and headers of a record; the headers are None where the client library cannot return them.
Context = tuple[str, bytes | None, HeaderPairs | None]


class FieldSource(Protocol):
    """Some records that can give any field of all of them, as columns of equal length."""

    def topics(self) -> Sequence[str]:
        """Returns the topics."""
        ...

    def partitions(self) -> Sequence[int]:
        """Returns the partitions."""
        ...

    def offsets(self) -> Sequence[int]:
        """Returns the offsets."""
        ...

    def timestamps(self) -> Sequence[int | None]:
        """Returns the timestamps in milliseconds."""
        ...

    def keys(self) -> Sequence[bytes | None]:
        """Returns the keys."""
        ...

    def values(self) -> Sequence[bytes | None]:
        """Returns the values."""
        ...

    def headers(self) -> Sequence[HeaderPairs | None]:
        """Returns the headers; None where a name is not UTF-8."""
        ...


class RecordSource(FieldSource, Protocol):
    """Records that can also give what a rule has to know of one of them."""

    def unreadable_headers(self) -> Mapping[int, bytes]:
        """Returns the header name that is not UTF-8, by the index of its record."""
        ...

    def has_header(self, name: str) -> bool:
        """Returns whether a record may have a header of this name."""
        ...

    def origin(self, index: int) -> Origin:
        """Returns topic, partition, offset and timestamp of one record."""
        ...

    def context(self, index: int) -> Context:
        """Returns topic, key and headers of one record, for formats that are read from more than their own bytes."""
        ...
