"""Reasons, found in its settings, why a dead letter queue would not take or not keep the plan's copies. Does no I/O."""

from __future__ import annotations

from collections.abc import Collection

from kafkaview.cluster.errors import ClusterError, RecordTooLarge, RefusedByPolicy, RefusedHere
from kafkaview.cluster.in_sync import MIN_IN_SYNC, write_refusal
from kafkaview.decode.header_names import header_problem
from kafkaview.triage.reroute.plan import CopyPlan
from kafkaview.triage.reroute.queue import Queue
from kafkaview.words import duration
from kafkaview.writes.topic_limits import record_parts


def refusals_of_queue(queue: Queue, sources: Collection[int]) -> list[ClusterError]:
    """Returns why the queue takes no copies at all, or not now those of records of these source partitions."""
    if not sources:
        return []
    if queue.topic is None:
        return _compaction(queue)
    least = queue.limits.number(MIN_IN_SYNC)
    numbers = sorted({one % queue.partitions for one in sources})
    found = (write_refusal(queue.topic.partitions[number], least) for number in numbers)
    return [*_compaction(queue), *(problem for problem in found if problem is not None)]


def refusals_of_copy(queue: Queue, copy: CopyPlan, now_ms: int) -> list[ClusterError]:
    """Returns why the queue would not take a copy, or not keep it."""
    return [
        *_header_name(copy),
        *_size(queue, copy),
        *_timestamp(queue, copy, now_ms),
        *_retention(queue, copy, now_ms),
    ]


def _header_name(copy: CopyPlan) -> list[ClusterError]:
    if copy.record.unreadable_header is None:
        return []
    message = f"{copy.record.id} cannot be copied byte for byte: {header_problem(copy.record.unreadable_header).reason}"
    return [RefusedHere(message, "Copy it with a Java client; `kafkaview offsets apply` moves a group past it.")]


def _size(queue: Queue, copy: CopyPlan) -> list[ClusterError]:
    """Returns a refusal if a copy is too large even when compressed."""
    parts = record_parts(copy.record.key, copy.record.value, (*(copy.record.headers or ()), *copy.added_headers))
    if not queue.limits.is_too_large(parts):
        return []
    size = sum(map(len, parts))
    message = f"The copy of {copy.record.id} has {size} bytes, {queue.name} takes {queue.limits.largest}"
    return [RecordTooLarge(message, queue.advise("max.message.bytes", "a larger"))]


def _compaction(queue: Queue) -> list[ClusterError]:
    if not queue.limits.compacts:
        return []
    message = f"{queue.name} is compacted: it takes no record without a key, and keeps only the newest one of each key"
    if queue.topic is not None:
        return [RefusedByPolicy(message, "Choose a queue whose cleanup.policy is delete.")]
    return [RefusedByPolicy(message, queue.advise("cleanup.policy=delete", "the setting"))]


def _timestamp(queue: Queue, copy: CopyPlan, now_ms: int) -> list[ClusterError]:
    """Returns a refusal if the broker would reject the copy's timestamp, which is that of the record."""
    at_ms = copy.record.timestamp_ms
    found = queue.limits.timestamp_violation(at_ms, now_ms) if at_ms else None
    if found is None:
        return []
    message = (
        f"{queue.name} does not take the timestamp of {copy.record.id}: {at_ms} lies {duration(found.away_ms)}"
        f" {found.side} now, and {duration(found.limit_ms)} are allowed ({found.setting}={found.limit_ms})"
    )
    return [RefusedByPolicy(message, queue.advise(found.setting, "a larger"))]


def _retention(queue: Queue, copy: CopyPlan, now_ms: int) -> list[ClusterError]:
    """Returns a refusal if the copy would be removed at once: retention counts from its old timestamp."""
    at_ms, kept_ms = copy.record.timestamp_ms, queue.limits.number("retention.ms")
    if not at_ms or kept_ms is None or not queue.limits.is_expired(at_ms, now_ms):
        return []
    message = f"{copy.record.id} is {_days(now_ms - at_ms)} old, and {queue.name} keeps records for {_days(kept_ms)}"
    hint = f"Set retention.ms of {queue.name} to -1, or name a new queue: it is made to keep all."
    return [RefusedByPolicy(message, hint)]


def _days(ms: int) -> str:
    hours = ms // 3_600_000
    return f"{hours // 24} days" if hours >= 48 else f"{hours} h"
