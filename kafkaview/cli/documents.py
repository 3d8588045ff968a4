"""Kafka's things as the JSON of the command line's contract. What a broker did not tell is null, never 0."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from kafkaview.terms import Record
from kafkaview.triage.watch.verdict import Stuck
from kafkaview.words import utc_iso

if TYPE_CHECKING:  # of what a verb prints that many verbs do without
    from kafkaview.journal.entry import JournalEntry
    from kafkaview.triage.scan.scan import Finding, ScanProgress


def stuck_document(stuck: Stuck) -> dict[str, Any]:
    """One verdict, with its suspect record."""
    suspect = stuck.suspect
    return {
        "group": stuck.group,
        "topic": stuck.topic_partition.topic,
        "partition": stuck.topic_partition.partition,
        "committed_offset": stuck.committed_offset,
        "log_end_offset": stuck.log_end_offset,
        "last_stable_offset": stuck.last_stable_offset,
        "log_start_offset": stuck.log_start_offset,
        "lag": stuck.lag,
        "verdict": stuck.verdict.value,
        "behaviour": stuck.behaviour.value,
        "rule": suspect.problem.decoder if suspect else None,
        "reason": stuck.reason,
        "field": suspect.problem.field if suspect else None,
        "position": suspect.problem.position if suspect else None,
        "since_ms": stuck.since_ms,
        "evidence": [line.text for line in stuck.evidence],
        "record": record_document(suspect.record) if suspect else None,
        "records_between": suspect.records_between if suspect else None,
    }


def record_document(record: Record) -> dict[str, Any]:
    """One record; text where the bytes are UTF-8, base64 always."""
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp_ms": record.timestamp_ms,
        "timestamp_type": record.timestamp_type.value,
        "key": _text(record.key),
        "key_b64": _base64(record.key),
        "value": _text(record.value),
        "value_b64": _base64(record.value),
        "headers": None
        if record.headers is None
        else [
            {"key": header.key, "value": _text(header.value), "value_b64": _base64(header.value)}
            for header in record.headers
        ],
    }


def finding_document(finding: Finding) -> dict[str, Any]:
    """One line of `scan`."""
    return {
        "topic": finding.record.topic,
        "partition": finding.record.partition,
        "offset": finding.record.offset,
        "timestamp_ms": finding.timestamp_ms,
        "field": finding.field,
        "rule": finding.rule,
        "reason": finding.reason,
        "size": finding.size,
        "position": finding.position,
    }


def summary_document(progress: ScanProgress) -> dict[str, Any]:
    """The last line of `scan`."""
    return {
        "scanned": progress.scanned,
        "found": progress.found,
        "seconds": round(progress.seconds, 3),
        "complete": progress.complete,
        "skipped": [str(partition) for partition in progress.skipped],
        "held_back": [
            {
                "topic": held.topic_partition.topic,
                "partition": held.topic_partition.partition,
                "from_offset": held.from_offset,
                "offsets": held.offsets,
            }
            for held in progress.held_back
        ],
        "removed": [
            {
                "topic": gone.topic_partition.topic,
                "partition": gone.topic_partition.partition,
                "from_offset": gone.from_offset,
                "to_offset": gone.to_offset,
                "offsets": gone.offsets,
                "cause": gone.cause.value,
            }
            for gone in progress.removed
        ],
    }


def entry_document(entry: JournalEntry) -> dict[str, Any]:
    """One write of the journal."""
    return {
        "id": entry.id,
        "kind": entry.intent.kind,
        "title": entry.intent.title,
        "state": entry.state.value,
        "begun_at": utc_iso(entry.begun_at_ms),
        "ended_at": utc_iso(entry.ended_at_ms),
        "profile": entry.intent.profile,
        "cluster_id": entry.intent.cluster_id,
        "command": entry.intent.command,
        "plan": entry.intent.plan,
        "outcome": entry.outcome,
    }


def _text(data: bytes | None) -> str | None:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode()
