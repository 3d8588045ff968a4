"""The fields of the list of writes."""

from __future__ import annotations

from typing import Final

from kafkaview.fields import FieldKind, RowField, pick
from kafkaview.journal.entry import JournalEntry
from kafkaview.words import utc_iso

ENTRY_FIELDS: Final[tuple[RowField[JournalEntry], ...]] = (
    RowField("id", lambda row: row.id, "Entry", FieldKind.COUNT),
    RowField("kind", lambda row: row.intent.kind),
    RowField("title", lambda row: row.intent.title, "Deed"),
    RowField("state", lambda row: row.state.value, "Outcome"),
    RowField("begun_at", lambda row: utc_iso(row.begun_at_ms), "Time"),
    RowField("ended_at", lambda row: utc_iso(row.ended_at_ms)),
    RowField("profile", lambda row: row.intent.profile, "Connection"),
    RowField("cluster_id", lambda row: row.intent.cluster_id),
    RowField("command", lambda row: row.intent.command),
    RowField("plan", lambda row: row.intent.plan),
    RowField("outcome", lambda row: row.outcome),
)
LISTED_ENTRY_FIELDS: Final = pick(ENTRY_FIELDS, "id", "begun_at", "state", "profile", "title")
