"""The room of one transaction: how many records, and how many bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.cluster import Copy
from kafkaview.writes.topic_limits import record_parts

BATCH_RECORDS: Final = 5_000  # of one transaction
BATCH_RECORDS_ALONE: Final = 500  # where each is a batch, which takes a round trip to all replicas
BATCH_BYTES: Final = 8_388_608


def batch_records(largest: int | None) -> int:
    """Returns how many records one transaction may have. `largest` is the limit of their topics in bytes: where it is
    not known, each is a batch of its own.
    """
    return BATCH_RECORDS if largest is not None else min(BATCH_RECORDS, BATCH_RECORDS_ALONE)


@dataclass(slots=True)
class BatchRoom:
    """The room of one transaction: `most` records, and so many bytes unless a single record has more."""

    most: int
    records: int = 0
    size: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it takes no record more, however small."""
        return self.records >= self.most

    def takes(self, copy: Copy) -> bool:
        """Counts a record if there is room for it, and returns whether there was."""
        size = sum(map(len, record_parts(copy.key, copy.value, copy.headers)))
        if self.records and (self.is_full or self.size + size > BATCH_BYTES):
            return False
        self.records += 1
        self.size += size
        return True
