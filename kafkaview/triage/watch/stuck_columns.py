"""The fields of the list of what is stuck."""

from __future__ import annotations

from typing import Final

from kafkaview.fields import FieldKind, RowField
from kafkaview.records.record_document import record_document
from kafkaview.triage.watch.verdict import Stuck
from kafkaview.words import name_text, plural


def where_stuck(one: Stuck) -> str:
    """Returns the partition, and how many more it speaks for."""
    more = f" and {plural(one.partitions - 1, 'more partition')}" if one.partitions > 1 else ""
    return f"{one.topic_partition}{more}"


STUCK_FIELDS: Final[tuple[RowField[Stuck], ...]] = (
    RowField("group", lambda row: row.group, "Group", text=name_text),
    RowField("topic_partition", where_stuck, "Partition", json=False),
    RowField("topic", lambda row: row.topic_partition.topic),
    RowField("partition", lambda row: row.topic_partition.partition),
    RowField("committed_offset", lambda row: row.committed_offset, "Committed", FieldKind.COUNT),
    RowField("log_end_offset", lambda row: row.log_end_offset),
    RowField("last_stable_offset", lambda row: row.last_stable_offset),
    RowField("log_start_offset", lambda row: row.log_start_offset),
    RowField("lag", lambda row: row.lag, "Waiting", FieldKind.COUNT, shown=lambda row: row.total_lag),
    RowField("verdict", lambda row: row.verdict.value, "Verdict"),
    RowField("behaviour", lambda row: row.behaviour.value),
    RowField("rule", lambda row: row.suspect.problem.decoder if row.suspect else None),
    RowField("suspect", lambda row: str(row.suspect.record.id) if row.suspect else None, "Record", json=False),
    RowField("reason", lambda row: row.reason, "Reason"),
    RowField("field", lambda row: row.suspect.problem.field if row.suspect else None),
    RowField("position", lambda row: row.suspect.problem.position if row.suspect else None),
    RowField("since_ms", lambda row: row.since_ms),
    RowField("last_seen_ms", lambda row: row.last_seen_ms),
    RowField("evidence", lambda row: [line.text for line in row.evidence]),
    RowField("record", lambda row: record_document(row.suspect.record) if row.suspect else None),
    RowField("records_between", lambda row: row.suspect.records_between if row.suspect else None),
)
