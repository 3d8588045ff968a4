"""One partition's log in memory, with transaction markers as a broker keeps them."""

from __future__ import annotations

from dataclasses import dataclass, field

from kafkaview.cluster.errors import CorruptBatch
from kafkaview.terms import Isolation, PartitionOffsets, Record, RecordId


@dataclass
class FakeLog:
    """Entries from `start` on: a record, or None for a transaction marker. Offsets in `aborted` are not for
    read_committed; `open_from` is where a transaction began that has not ended.
    """

    start: int = 0
    entries: list[Record | None] = field(default_factory=list)
    aborted: set[int] = field(default_factory=set)
    corrupt: set[int] = field(default_factory=set)
    stalling: set[int] = field(default_factory=set)  # where a reader waits in vain: a length is damaged
    open_from: int | None = None
    leader: int | None = 1

    @property
    def end(self) -> int:
        """The high watermark."""
        return self.start + len(self.entries)

    @property
    def stable_end(self) -> int:
        """The last stable offset."""
        return self.end if self.open_from is None else self.open_from

    def bounds(self) -> PartitionOffsets:
        """As ListOffsets tells them."""
        return PartitionOffsets(self.start, self.end, self.stable_end)

    def append(self, record: Record) -> RecordId:
        """Add a record; its offset is ours to give."""
        self.entries.append(record)
        return record.id

    def mark(self) -> None:
        """Add a transaction marker."""
        self.entries.append(None)

    def truncate_before(self, offset: int) -> None:
        """What retention does."""
        del self.entries[: offset - self.start]
        self.start = offset

    def visible(self, first: int, last: int, isolation: Isolation) -> tuple[Record, ...]:
        """What a reader gets of a range."""
        found = []
        for offset in range(max(first, self.start), last):
            if offset in self.corrupt:
                raise CorruptBatch(f"The batch at offset {offset} fails its checksum.")
            record = self.entries[offset - self.start]
            hidden = isolation is Isolation.READ_COMMITTED and offset in self.aborted
            if record is not None and not hidden:
                found.append(record)
        return tuple(found)
