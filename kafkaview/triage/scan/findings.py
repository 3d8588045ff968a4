"""What a scan finds, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.terms import RecordId, TopicPartition


@dataclass(frozen=True, slots=True)
class Finding:
    """One key, value or header name that does not pass. `position` and `length` are the bytes to mark."""

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
    """Offsets that the scan was to read and an open transaction keeps from every read_committed consumer."""

    topic_partition: TopicPartition
    from_offset: int
    offsets: int


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan is. `passed` of `total` offsets are behind it, `scanned` of them were records.

    `findings` are those of the last batch. `skipped` are partitions whose leader does not answer, `held_back` ends of
    partitions behind an open transaction. `complete` is set in the last progress of a scan that left nothing out.
    """

    scanned: int = 0
    passed: int = 0
    total: int = 0
    found: int = 0
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    skipped: tuple[TopicPartition, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    complete: bool = False

    @property
    def rate(self) -> float:
        """Records per second so far."""
        return self.scanned / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Time to the end at the pace so far; None before there is one."""
        return self.seconds * (self.total - self.passed) / self.passed if self.passed else None
