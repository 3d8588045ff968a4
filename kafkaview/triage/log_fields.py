"""The fields of records that log lines blame."""

from __future__ import annotations

from typing import Any, Final

from kafkaview.fields import FieldKind, RowField, row_document
from kafkaview.triage.log_lines import BlamedRecord
from kafkaview.words import name_text

BLAMED_FIELDS: Final[tuple[RowField[BlamedRecord], ...]] = (
    RowField("line", lambda row: row.line, "Line", FieldKind.NUMBER),
    RowField("topic", lambda row: row.topic, "Topic"),
    RowField("partition", lambda row: row.partition, "Partition", FieldKind.NUMBER),
    RowField("offset", lambda row: row.offset, "Offset", FieldKind.COUNT),
    RowField("group", lambda row: row.group, "Group", text=name_text),
    RowField("client", lambda row: row.client),
    RowField("times", lambda row: row.times, "Times", FieldKind.COUNT),
    RowField("exception", lambda row: row.exception, "Exception"),
    RowField("message", lambda row: row.message, "Message"),
)


def blamed_document(row: BlamedRecord) -> dict[str, Any]:
    """Returns one line of `logs --json`."""
    return row_document(BLAMED_FIELDS, row)
