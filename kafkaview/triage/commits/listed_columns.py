"""The fields of how a group commits."""

from __future__ import annotations

from typing import Any, Final

from kafkaview.fields import FieldKind, RowField, row_documents
from kafkaview.triage.commits.commit import GroupCommitStyles, PartitionCommits

COMMIT_FIELDS: Final[tuple[RowField[PartitionCommits], ...]] = (
    RowField("topic_partition", lambda row: str(row.topic_partition), "Partition", width=150, json=False),
    RowField("topic", lambda row: row.topic_partition.topic),
    RowField("partition", lambda row: row.topic_partition.partition),
    RowField("style", lambda row: row.style.value, "Style", width=140),
    RowField("interval_ms", lambda row: row.interval_ms, "Interval", FieldKind.DURATION, width=90),
    RowField("commits", lambda row: row.commits, "Commits", FieldKind.COUNT, width=80),
    RowField("rewinds", lambda row: row.rewinds, "Rewinds", FieldKind.COUNT, width=80),
    RowField("evidence", lambda row: list(row.evidence), "Evidence", FieldKind.LIST),
)


def commits_document(found: GroupCommitStyles) -> dict[str, Any]:
    """Returns how a group commits as the JSON of the contract."""
    return {
        "group": found.group,
        "source": found.source.value,
        "since_ms": found.since_ms,
        "until_ms": found.until_ms,
        "complete": found.complete,
        "why_polled": found.why_polled or None,
        "partitions": row_documents(COMMIT_FIELDS, found.partitions),
    }
