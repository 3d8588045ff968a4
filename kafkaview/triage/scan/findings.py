"""The findings of a scan, and its progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from kafkaview.terms import RecordId, RemovalCause, RemovedOffsets, TopicPartition
from kafkaview.words import plural

MOST_DAMAGED: Final = 100  # batches of a partition: each costs a read of its own


@dataclass(frozen=True, slots=True)
class Finding:
    """One key, value or header name that violates a rule. `position` and `length` are the bytes to mark."""

    record: RecordId
    timestamp_ms: int | None
    field: str
    rule: str
    reason: str
    size: int
    position: int | None
    length: int


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Offsets of the scan's range that an open transaction keeps from read_committed consumers."""

    topic_partition: TopicPartition
    from_offset: int
    offsets: int


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """The progress of a scan. `passed` of `total` offsets are done, and `scanned` of them were records. `findings` are
    those of the last batch. `skipped` are partitions whose leader does not answer, `held_back` ends of partitions
    behind an open transaction, `removed` records that were deleted during the scan, `damaged` batches that cannot be
    read. `complete` is set in the last progress of a scan that left nothing out.
    """

    scanned: int = 0
    passed: int = 0
    total: int = 0
    found: int = 0
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    skipped: tuple[TopicPartition, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    removed: tuple[RemovedOffsets, ...] = ()
    damaged: tuple[RemovedOffsets, ...] = ()
    complete: bool = False

    @property
    def rate(self) -> float:
        """Records per second so far."""
        return self.scanned / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds to the end at the present rate; None as long as there is no rate."""
        return self.seconds * (self.total - self.passed) / self.passed if self.passed else None


def damage_text(gap: RemovedOffsets) -> str:
    """Returns which offsets are in a batch that cannot be read, as a clause."""
    return f"{gap.topic_partition} from {gap.from_offset:,} to {gap.to_offset - 1:,}"


def damage_reason(gap: RemovedOffsets) -> str:
    """Returns a clause on why these offsets were not read."""
    if gap.cause is RemovalCause.MUCH_DAMAGE:
        return f"was not tried: the scan stops in a partition after {MOST_DAMAGED} damaged batches"
    return "cannot be read: the record batch on the broker's disk is damaged"


def removal_text(gone: RemovedOffsets) -> str:
    """Returns a clause about the offsets that were removed during the scan, and the cause."""
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
