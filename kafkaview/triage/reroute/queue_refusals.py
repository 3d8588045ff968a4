"""Reasons, found in its settings, why a dead letter queue would not take or not keep the plan's copies. Does no I/O."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

from kafkaview.cluster.errors import ClusterError, RecordTooLarge, RefusedByPolicy, RefusedHere
from kafkaview.cluster.in_sync import MIN_IN_SYNC, write_refusal
from kafkaview.decode.header_names import header_problem
from kafkaview.triage.reroute.plan import CopyPlan
from kafkaview.triage.reroute.queue import Queue
from kafkaview.words import duration

_NO_LIMIT: Final = (1 << 63) - 1
_BEFORE: Final = "message.timestamp.before.max.ms"
_AFTER: Final = "message.timestamp.after.max.ms"
_EITHER_SIDE: Final = "message.timestamp.difference.max.ms"  # until Kafka 3.9


def refusals_of_queue(queue: Queue, copies: Sequence[CopyPlan]) -> list[ClusterError]:
    """Returns why the queue takes no such records at all, or not now on the partitions they go to."""
    if not copies:
        return []
    if queue.topic is None:
        return _compaction(queue)
    least = queue.number(MIN_IN_SYNC)
    numbers = sorted({copy.record.partition % queue.partitions for copy in copies})
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
    """Returns a refusal if a copy is too large even when compressed. zlib packs closer than the lz4 it is sent with:
    what passes here may still be refused by the broker, but nothing is refused here that the broker takes.
    """
    limit = queue.number("max.message.bytes")
    headers = (*(copy.record.headers or ()), *copy.added_headers)
    parts = (copy.record.key, copy.record.value, *(part for h in headers for part in (h.key.encode(), h.value)))
    whole = b"".join(part or b"" for part in parts)
    if limit is None or len(whole) <= limit:
        return []
    if queue.value("compression.type") != "uncompressed" and len(zlib.compress(whole)) <= limit:
        return []
    message = f"The copy of {copy.record.id} has {len(whole)} bytes, {queue.name} takes {limit}"
    return [RecordTooLarge(message, queue.advise("max.message.bytes", "a larger"))]


def _compaction(queue: Queue) -> list[ClusterError]:
    if "compact" not in (queue.value("cleanup.policy") or ""):
        return []
    message = f"{queue.name} is compacted: it takes no record without a key, and keeps only the newest one of each key"
    if queue.topic is not None:
        return [RefusedByPolicy(message, "Choose a queue whose cleanup.policy is delete.")]
    return [RefusedByPolicy(message, queue.advise("cleanup.policy=delete", "the setting"))]


def _timestamp(queue: Queue, copy: CopyPlan, now_ms: int) -> list[ClusterError]:
    """Returns a refusal if the broker would reject the copy's timestamp, which is that of the record."""
    at_ms = copy.record.timestamp_ms
    if not at_ms or queue.value("message.timestamp.type") == "LogAppendTime":
        return []
    for setting, away_ms, side in ((_BEFORE, now_ms - at_ms, "before"), (_AFTER, at_ms - now_ms, "after")):
        deciding, limit = _limit(queue, setting)
        if away_ms > limit:
            lies = f"lies {duration(away_ms)} {side} now"
            message = (
                f"{queue.name} does not take the timestamp of {copy.record.id}: {at_ms} {lies}, and {duration(limit)}"
                f" are allowed ({deciding}={limit})"
            )
            return [RefusedByPolicy(message, queue.advise(deciding, "a larger"))]
    return []


def _limit(queue: Queue, setting: str) -> tuple[str, int]:
    """Returns the setting that limits timestamps, and its value. Up to 3.9 the older setting counts where the newer one
    has its default.
    """
    own = queue.number(setting)
    if own is not None and own != _NO_LIMIT:
        return setting, own
    older = queue.number(_EITHER_SIDE)
    return (setting, _NO_LIMIT) if older is None else (_EITHER_SIDE, older)


def _retention(queue: Queue, copy: CopyPlan, now_ms: int) -> list[ClusterError]:
    """Returns a refusal if the copy would be removed at once: retention counts from its old timestamp."""
    kept_ms, at_ms = queue.number("retention.ms"), copy.record.timestamp_ms
    if not at_ms or kept_ms is None or kept_ms < 0 or queue.value("message.timestamp.type") == "LogAppendTime":
        return []
    if now_ms - at_ms < kept_ms:
        return []
    message = f"{copy.record.id} is {_days(now_ms - at_ms)} old, and {queue.name} keeps records for {_days(kept_ms)}"
    hint = f"Set retention.ms of {queue.name} to -1, or name a new queue: it is made to keep all."
    return [RefusedByPolicy(message, hint)]


def _days(ms: int) -> str:
    hours = ms // 3_600_000
    return f"{hours // 24} days" if hours >= 48 else f"{hours} h"
