"""The columns of the records that a scan found."""

from __future__ import annotations

from kafkaview.triage.scan.scan import Finding
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column
from kafkaview.words import size, time

FINDINGS: tuple[Column[Finding], ...] = (
    Column("", lambda _row: Mark.BAD.value, mark=lambda _row: Mark.BAD, width=36, align=Align.CENTER),
    Column("Partition", lambda row: str(row.record.topic_partition), mono=True, width=110, elide_middle=True),
    Column("Offset", lambda row: row.record.offset, align=Align.RIGHT, width=80),
    Column(
        "Created",
        lambda row: row.timestamp_ms,
        text=lambda row: time(row.timestamp_ms),
        align=Align.RIGHT,
        width=110,
    ),
    Column("Why", lambda row: row.reason, width=200, stretch=True),
    Column("Size", lambda row: row.size, text=lambda row: size(row.size), align=Align.RIGHT, width=84),
)
