"""The columns of the records that a scan found."""

from __future__ import annotations

from kafkaview.triage.scan.scan import Finding
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.tables import Align, Column, created_column, mark_column
from kafkaview.words import size

FINDINGS: tuple[Column[Finding], ...] = (
    mark_column(lambda _row: Mark.BAD, lambda _row: Mark.BAD.value),
    Column("Partition", lambda row: str(row.record.topic_partition), mono=True, width=110, elide_middle=True),
    Column("Offset", lambda row: row.record.offset, align=Align.RIGHT, width=80),
    created_column(lambda row: row.timestamp_ms, 110),
    Column("Why", lambda row: row.reason, width=200, stretch=True),
    Column("Size", lambda row: row.size, text=lambda row: size(row.size), align=Align.RIGHT, width=84),
)
