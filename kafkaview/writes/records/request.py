"""What a window or a command line asks to be produced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path

from kafkaview.terms import Header, RecordId


class SourcePart(Enum):
    """Stands for a part that is taken from the source record, byte for byte."""

    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class ProductionRequest:
    """One record to produce. Without a `partition` the key decides; a `timestamp_ms` of None is the present time. What
    is KEPT comes from `source`, a record that is sent again; it may be `uncommitted`. The files are those that hold key
    and value, for the printed line.
    """

    topic: str
    key: bytes | SourcePart | None
    value: bytes | SourcePart | None
    headers: tuple[Header, ...] | SourcePart = ()
    partition: int | None = None
    timestamp_ms: int | None = None
    source: RecordId | None = None
    uncommitted: bool = False
    key_file: str = ""
    value_file: str = ""


class ImportPartitions(StrEnum):
    """How the partition of an imported record is chosen."""

    KEEP = "keep"  # that of the exported record
    BY_KEY = "by-key"  # murmur2, as Java clients do; a record without a key keeps its own, modulo the topic's number


class ImportTimestamps(StrEnum):
    """Which timestamp an imported record gets."""

    KEEP = "keep"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """A file of JSON lines, as `records` exports them, to import into a topic. Lines that cannot be read refuse the
    plan, unless `skip_bad` leaves them out. An import that was cut off is gone on with, unless `from_start`.
    """

    path: Path
    topic: str
    partitions: ImportPartitions = ImportPartitions.KEEP
    timestamps: ImportTimestamps = ImportTimestamps.KEEP
    skip_bad: bool = False
    from_start: bool = False
