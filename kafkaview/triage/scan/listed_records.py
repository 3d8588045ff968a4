"""Records that are there as such, as an inspection reads them."""

from __future__ import annotations

from collections.abc import Sequence

from kafkaview.cluster.ports.record_source import Context, Origin
from kafkaview.records.record_columns import ListedRecords
from kafkaview.terms import Record


class InspectedRecords(ListedRecords):
    """Records as the columns of an inspection."""

    def __init__(self, records: Sequence[Record]) -> None:
        super().__init__(records)
        self._inspected = records

    def unreadable_headers(self) -> dict[int, bytes]:
        """Returns the header name that is not UTF-8, by the index of its record."""
        names = ((index, record.unreadable_header) for index, record in enumerate(self._inspected))
        return {index: name for index, name in names if name is not None}

    def has_header(self, name: str) -> bool:
        """Returns whether a record may have a header of this name."""
        headers = [record.headers for record in self._inspected]
        return None in headers or any(header.key == name for own in headers for header in own or ())

    def origin(self, index: int) -> Origin:
        """Returns topic, partition, offset and timestamp of one record."""
        record = self._inspected[index]
        return record.topic, record.partition, record.offset, record.timestamp_ms

    def context(self, index: int) -> Context:
        """Returns topic, key and headers of one record."""
        record = self._inspected[index]
        headers = None if record.headers is None else [(header.key, header.value) for header in record.headers]
        return record.topic, record.key, headers
