"""The findings of a scan, and its progress."""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.records.progress import ReadProgress
from kafkaview.terms import RecordId


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
class ScanProgress(ReadProgress):
    """The progress of a scan. `findings` are those of the last batch."""

    found: int = 0
    findings: tuple[Finding, ...] = ()
