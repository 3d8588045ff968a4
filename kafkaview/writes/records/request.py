"""What a window or a command line asks to be produced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

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
