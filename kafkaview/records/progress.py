"""The progress of a read, and what it had to leave out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.records.ranges import HeldBack, SkippedPartition
from kafkaview.terms import RemovalCause, RemovedOffsets
from kafkaview.words import plural

MOST_DAMAGED: Final = 100  # batches of a partition: each costs a read of its own


@dataclass(frozen=True, slots=True)
class ReadProgress:
    """The progress of a read. `passed` of `total` offsets are done, and `scanned` of them were records. `skipped` are
    partitions whose leader is missing or does not answer, `held_back` ends of partitions behind an open transaction,
    `removed` records that were deleted during the read, `damaged` batches that cannot be read. `failed` counts the
    records on which a filter failed, and `failure` says why on one of them. `complete` is set in the last progress of a
    read that left nothing out.
    """

    scanned: int = 0
    passed: int = 0
    total: int = 0
    seconds: float = 0.0
    skipped: tuple[SkippedPartition, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    removed: tuple[RemovedOffsets, ...] = ()
    damaged: tuple[RemovedOffsets, ...] = ()
    failed: int = 0
    failure: str = ""
    complete: bool = False

    @property
    def rate(self) -> float:
        """Records per second so far."""
        return self.scanned / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at the present rate; None as long as there is no rate."""
        return self.seconds * (self.total - self.passed) / self.passed if self.passed else None

    @property
    def without_record(self) -> int:
        """Offsets that were passed and hold no record that the reader may see: transaction markers, aborted records,
        and records that compaction removed.
        """
        return max(0, self.passed - self.scanned - sum(gap.offsets for gap in (*self.removed, *self.damaged)))


def damage_text(gap: RemovedOffsets) -> str:
    """Returns which offsets are in a batch that cannot be read, as a clause."""
    return f"{gap.topic_partition} from {gap.from_offset:,} to {gap.to_offset - 1:,}"


def damage_reason(gap: RemovedOffsets) -> str:
    """Returns a clause on why these offsets were not read."""
    if gap.cause is RemovalCause.MUCH_DAMAGE:
        return f"was not tried: the read stops in a partition after {MOST_DAMAGED} damaged batches"
    return "cannot be read: the record batch on the broker's disk is damaged"


def removal_text(gone: RemovedOffsets) -> str:
    """Returns a clause about the offsets that were removed during the read, and the cause."""
    where = (
        f"{gone.topic_partition} lost {plural(gone.offsets, 'offset')}, {gone.from_offset:,} to {gone.to_offset - 1:,},"
    )
    if gone.cause is RemovalCause.RETENTION:
        return f"{where} to retention or DeleteRecords"
    if gone.cause is RemovalCause.DELETION:
        return f"{where} with its topic, which was deleted"
    if not gone.offsets:
        since = f"from about {gone.from_offset:,} on"
        return f"{gone.topic_partition} got other records {since}: an unclean election cut its log"
    return f"{where} to an unclean election, which cut the end of its log"
