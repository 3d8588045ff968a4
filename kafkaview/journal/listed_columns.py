"""The fields of the list of writes."""

from __future__ import annotations

from typing import Any, Final

from kafkaview.fields import FieldKind, RowField, pick
from kafkaview.journal.entry import JournalEntry
from kafkaview.words import utc_iso

_UNTOLD: Final = "an earlier version wrote the entry, which did not say it"


def _row_documents(row: JournalEntry) -> list[dict[str, Any]]:
    return [{"what": what, "before": before, "after": after} for what, before, after in row.intent.rows]


ENTRY_FIELDS: Final[tuple[RowField[JournalEntry], ...]] = (
    RowField("id", lambda row: row.id, "Entry", FieldKind.COUNT),
    RowField("kind", lambda row: row.intent.kind),
    RowField("title", lambda row: row.intent.title, "Deed"),
    RowField("target", lambda row: row.intent.target, "Target", unknown=_UNTOLD),
    RowField("state", lambda row: row.state.value, "Outcome"),
    RowField("begun_at", lambda row: utc_iso(row.begun_at_ms), "Time"),
    RowField("ended_at", lambda row: utc_iso(row.ended_at_ms)),
    RowField("os_user", lambda row: row.intent.author and row.intent.author.os_user, "User", unknown=_UNTOLD),
    RowField("principal", lambda row: row.intent.author and row.intent.author.principal, "Principal"),
    RowField("version", lambda row: row.intent.author and row.intent.author.version),
    RowField("profile", lambda row: row.intent.profile, "Connection"),
    RowField("cluster_id", lambda row: row.intent.cluster_id),
    RowField("command", lambda row: row.intent.command),
    RowField("plan", lambda row: row.intent.plan),
    RowField("changes", _row_documents),
    RowField("outcome", lambda row: row.outcome),
    RowField("undoes", lambda row: row.intent.undoes),
    RowField("undone_by", lambda row: row.undone_by),
    RowField("payloads", lambda row: row.payloads.count),
    RowField("payload_form", lambda row: row.payloads.form.value),
    RowField("payloads_removed_at", lambda row: utc_iso(row.payloads.removed_at_ms)),
)
LISTED_ENTRY_FIELDS: Final = pick(ENTRY_FIELDS, "id", "begun_at", "state", "os_user", "profile", "title")
