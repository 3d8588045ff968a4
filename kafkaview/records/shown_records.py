"""The records of the rows that a window shows, so that another format reads them without reading them from the cluster
again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from kafkaview.records.rows import RecordRow
from kafkaview.terms import Record

RowMaker = Callable[[Sequence[Record]], list[RecordRow]]

_MOST_BYTES: Final = 33_554_432
_OBJECT_BYTES: Final = 400  # what Python takes for a record and its place here: of small ones most of all
_HEADER_BYTES: Final = 200


class RecordShelf:
    """Keeps the records of one topic that became rows last, up to 32 MiB. Rows are made on several threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._topic = ""
        self._kept: OrderedDict[tuple[int, int], Record] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def noting(self, topic: str, make: RowMaker) -> RowMaker:
        """Returns what makes rows of a topic's records and keeps the records."""
        with self._lock:
            if topic != self._topic:
                self._topic, self._bytes = topic, 0
                self._kept.clear()

        def rows(records: Sequence[Record]) -> list[RecordRow]:
            self._keep(records)
            return make(records)

        return rows

    def find(self, topic: str, places: Sequence[tuple[int, int]]) -> list[Record] | None:
        """Returns the records at some places (partition and offset); None if one of them is not here."""
        with self._lock:
            if topic != self._topic or any(place not in self._kept for place in places):
                return None
            return [self._kept[place] for place in places]

    def _keep(self, records: Sequence[Record]) -> None:
        with self._lock:
            for record in records:
                if record.topic != self._topic:
                    return  # of a read that another has replaced
                place = (record.partition, record.offset)
                self._bytes += _size(record) - _size(self._kept.pop(place, None))
                self._kept[place] = record
            while self._bytes > self._most:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= _size(gone)


def _size(record: Record | None) -> int:
    if record is None:
        return 0
    headers = sum(_HEADER_BYTES + len(header.key) + len(header.value or b"") for header in record.headers or ())
    return _OBJECT_BYTES + len(record.key or b"") + len(record.value or b"") + headers
