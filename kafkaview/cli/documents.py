"""Values of Kafka as the JSON of the command line's contract. What is unknown is null, never 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kafkaview.records.progress import damage_reason

if TYPE_CHECKING:  # of what a verb prints that many verbs do without
    from kafkaview.records.progress import ReadProgress
    from kafkaview.terms import RemovedOffsets
    from kafkaview.triage.scan.scan import ScanProgress


def summary_document(progress: ScanProgress) -> dict[str, Any]:
    """Returns the last line of `scan`."""
    return {
        "scanned": progress.scanned,
        "found": progress.found,
        "seconds": round(progress.seconds, 3),
        "complete": progress.complete,
        **omission_fields(progress),
    }


def records_summary(progress: ReadProgress, matched: int) -> dict[str, Any]:
    """Returns the last line of `records`."""
    return {
        "summary": {
            "read": progress.scanned,
            "matched": matched,
            "complete": progress.complete,
            "seconds": round(progress.seconds, 3),
            "without_record": progress.without_record,
            "failed": progress.failed,
            "failure": progress.failure or None,
            **omission_fields(progress),
        }
    }


def omission_fields(progress: ReadProgress) -> dict[str, Any]:
    """Returns the fields about what a read left out."""
    return {
        "skipped": [str(one.topic_partition) for one in progress.skipped],
        "held_back": [
            {
                "topic": held.topic_partition.topic,
                "partition": held.topic_partition.partition,
                "from_offset": held.from_offset,
                "offsets": held.offsets,
            }
            for held in progress.held_back
        ],
        "removed": [{**_gap_fields(gone), "cause": gone.cause.value} for gone in progress.removed],
        "damaged": [{**_gap_fields(gap), "reason": damage_reason(gap)} for gap in progress.damaged],
    }


def _gap_fields(gap: RemovedOffsets) -> dict[str, Any]:
    return {
        "topic": gap.topic_partition.topic,
        "partition": gap.topic_partition.partition,
        "from_offset": gap.from_offset,
        "to_offset": gap.to_offset,
        "offsets": gap.offsets,
    }
