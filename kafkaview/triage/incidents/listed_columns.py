"""The fields of incidents."""

from __future__ import annotations

from typing import Any, Final

from kafkaview.clock import is_time
from kafkaview.fields import FieldKind, RowField, row_documents
from kafkaview.triage.incidents.incident import IncidentPlace, KnownIncident

_PLACE_FIELDS: Final[tuple[RowField[IncidentPlace], ...]] = (
    RowField("source", lambda row: row.source.value),
    RowField("group", lambda row: row.group),
    RowField("partition", lambda row: row.partition),
    RowField("offset", lambda row: row.offset),
    RowField("committed_offset", lambda row: row.committed_offset),
    RowField("state", lambda row: row.state.value),
    RowField("first_seen_at", lambda row: _time(row.first_seen_ms), kind=FieldKind.TIME),
    RowField("last_seen_at", lambda row: _time(row.last_seen_ms), kind=FieldKind.TIME),
    RowField("journal_id", lambda row: row.journal_id),
)
INCIDENT_FIELDS: Final[tuple[RowField[KnownIncident], ...]] = (
    RowField("id", lambda row: row.id, "Incident", FieldKind.NUMBER),
    RowField("state", lambda row: row.state.value, "State"),
    RowField("topic", lambda row: row.topic, "Topic"),
    RowField("cause", lambda row: row.cause, "Cause"),
    RowField("reason", lambda row: row.reason, "Reason"),
    RowField("groups", lambda row: list(row.groups), "Groups", FieldKind.LIST),
    RowField("sources", lambda row: list(row.sources), kind=FieldKind.LIST),
    RowField("count", lambda row: row.count, "Places", FieldKind.COUNT),
    RowField("open_count", lambda row: row.open_count, "Open", FieldKind.COUNT),
    RowField("first_seen_at", lambda row: _time(row.first_seen_ms), "First seen", FieldKind.TIME),
    RowField("last_seen_at", lambda row: _time(row.last_seen_ms), "Last seen", FieldKind.TIME),
    RowField("note", lambda row: row.note, "Note"),
    RowField("places", lambda row: row_documents(_PLACE_FIELDS, row.places)),
)


def _time(ms: int) -> Any:
    return ms if is_time(ms) else None
