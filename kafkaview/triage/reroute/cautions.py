"""What could go wrong with a re-route, and what keeps it from being made at all; from the plan's parts, without I/O."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from kafkaview.cluster.errors import (
    ClusterError,
    PlanNoLongerHolds,
    RecordTooLarge,
    RefusedByPolicy,
    RefusedHere,
    UnknownTopicOrPartition,
)
from kafkaview.cluster.ports.cluster import TopicSetting
from kafkaview.decode.header_names import header_problem
from kafkaview.terms import Record
from kafkaview.triage.reroute.plan import CopyPlan, GroupPlan, GroupPosition, ReroutePlan
from kafkaview.words import name_text


def cautions(
    copies: Sequence[CopyPlan],
    moves: Sequence[GroupPlan],
    settings: Mapping[str, TopicSetting],
    *,
    evict: bool,
) -> tuple[tuple[str, str], ...]:
    """At most three (consequence, rest) sentences, the gravest first."""
    lines = [
        *_state_in_metadata(moves),
        *_timestamp(copies, settings),
        *_skipped_by(copies, moves),
        *_members(moves, evict=evict),
        *_rewind(moves),
    ]
    return tuple(lines[:3])


def problems(
    plan: ReroutePlan, settings: Mapping[str, TopicSetting], *, all_must_move: bool, now_ms: int
) -> tuple[ClusterError, ...]:
    """Why the plan cannot be carried out as it is, each with the kind of error that it is."""
    found: list[ClusterError] = []
    if any(copy.record.topic == plan.dlq for copy in plan.copies):
        found.append(RefusedHere(f"{plan.dlq} is the records' own topic: the copies would stop the group again"))
    if not plan.dlq_exists and not plan.create_dlq:
        found.append(UnknownTopicOrPartition(f"There is no topic {plan.dlq}", "Create it with --create-dlq."))
    found += [problem for copy in plan.copies for problem in _refusals_of_copy(plan.dlq, copy, settings)]
    found += [problem for copy in plan.copies for problem in _soon_removed(plan.dlq, copy, settings, now_ms)]
    if all_must_move:
        found += [_stays(group) for group in plan.left_alone]
    elif not plan.moves:
        found += [_stays(group) for group in plan.left_alone if group.standing is GroupPosition.UNNAMEABLE]
    if not plan.moves and not found and all(copy.already for copy in plan.copies):
        first = plan.copies[0]
        found.append(PlanNoLongerHolds(f"{first.record.id} is in the queue already, at {first.already}"))
    return tuple(found)


def _stays(plan: GroupPlan) -> ClusterError:
    stands = f" (it stands at {plan.before.offset})" if plan.before else ""
    message = f"{name_text(plan.group)} cannot be moved on {plan.topic_partition}{stands}: {plan.note}"
    if plan.standing is GroupPosition.PAST:
        return PlanNoLongerHolds(message, "Nothing was written. Look again with `kafkaview stuck`.")
    if plan.standing is GroupPosition.BETWEEN:
        return RefusedHere(message, "--skip-between copies them to the queue too and passes over them.")
    if plan.error is not None:
        return type(plan.error)(message, plan.error.hint)
    return RefusedHere(message)


def size_of(copy: CopyPlan) -> int:
    """How many bytes the copy's own parts have; the batch around them adds some."""
    headers = (*(copy.record.headers or ()), *copy.added_headers)
    return (
        len(copy.record.key or b"")
        + len(copy.record.value or b"")
        + sum(len(header.key.encode()) + len(header.value or b"") for header in headers)
    )


def _refusals_of_copy(dlq: str, copy: CopyPlan, settings: Mapping[str, TopicSetting]) -> list[ClusterError]:
    found: list[ClusterError] = []
    if copy.already is not None:
        return found
    if copy.record.unreadable_header is not None:
        message = (
            f"{copy.record.id} cannot be copied byte for byte: {header_problem(copy.record.unreadable_header).reason}"
        )
        found.append(
            RefusedHere(message, "Copy it with a Java client; `kafkaview offsets apply` moves a group past it.")
        )
    limit = settings["max.message.bytes"].value if "max.message.bytes" in settings else None
    if limit is not None and _never_fits(copy, int(limit)):
        message = f"The copy of {copy.record.id} has {size_of(copy)} bytes, {dlq} takes {limit}"
        found.append(RecordTooLarge(message, f"Raise max.message.bytes of {dlq}, or choose another queue."))
    policy = settings["cleanup.policy"].value if "cleanup.policy" in settings else None
    if policy is not None and "compact" in policy:
        message = f"{dlq} is compacted: it takes no record without a key, and keeps only the newest one of each key"
        found.append(RefusedByPolicy(message, "Choose a queue whose cleanup.policy is delete."))
    return found


def _never_fits(copy: CopyPlan, limit: int) -> bool:
    """Whether the queue cannot take the copy even compressed: zlib packs closer than the lz4 it is sent with, so what
    passes here may still be refused by the broker, but nothing is refused here that the broker takes.
    """
    if size_of(copy) <= limit:
        return False
    headers = (*(copy.record.headers or ()), *copy.added_headers)
    parts = (copy.record.key, copy.record.value, *(part for h in headers for part in (h.key.encode(), h.value)))
    return len(zlib.compress(b"".join(part or b"" for part in parts))) > limit


def _soon_removed(dlq: str, copy: CopyPlan, settings: Mapping[str, TopicSetting], now_ms: int) -> list[ClusterError]:
    """A copy keeps its timestamp, and retention goes by that: an old record would be removed as soon as it is there."""
    by_broker = settings.get("message.timestamp.type")
    kept_ms = settings["retention.ms"].value if "retention.ms" in settings else None
    at_ms = copy.record.timestamp_ms
    if not at_ms or copy.already or kept_ms is None or int(kept_ms) < 0:
        return []
    if by_broker is not None and by_broker.value == "LogAppendTime":
        return []
    if now_ms - at_ms < int(kept_ms):
        return []
    message = f"{copy.record.id} is {_days(now_ms - at_ms)} old, and {dlq} keeps records for {_days(int(kept_ms))}"
    return [RefusedByPolicy(message, f"Set retention.ms of {dlq} to -1, or name a new queue: it is made to keep all.")]


def _days(ms: int) -> str:
    hours = ms // 3_600_000
    return f"{hours // 24} days" if hours >= 48 else f"{hours} h"


def _state_in_metadata(moves: Sequence[GroupPlan]) -> list[tuple[str, str]]:
    keeping = [move.group for move in moves if move.before is not None and move.before.metadata]
    if not keeping:
        return []
    return [
        (
            "State kept beside the offset is dropped.",
            f"{_names(keeping)} stores metadata with its commits; records may be processed again, none is lost",
        )
    ]


def _timestamp(copies: Sequence[CopyPlan], settings: Mapping[str, TopicSetting]) -> list[tuple[str, str]]:
    setting = settings.get("message.timestamp.type")
    if setting is not None and setting.value == "LogAppendTime":
        return [("The copy gets a new timestamp", "from the broker (LogAppendTime); its own is kept in a header")]
    if any(copy.record.timestamp_ms == 0 for copy in copies):
        return [("The copy gets a new timestamp:", "its own is 0, which clients send as now; a header keeps it")]
    return []


def _skipped_by(copies: Sequence[CopyPlan], moves: Sequence[GroupPlan]) -> list[tuple[str, str]]:
    if not moves:
        return []
    groups = {move.group for move in moves}
    who = next(iter(groups)) if len(groups) == 1 else f"The {len(groups)} groups"
    see = "sees" if len(groups) == 1 else "see"
    good = sum(copy.good for copy in copies)
    if good:
        noun = "good record is" if good == 1 else "good records are"
        return [
            (f"{good} {noun} passed over too.", f"{who} {see} them only after a redrive from the dead letter queue")
        ]
    it = "it" if len(copies) == 1 else "them"
    what = "The record is passed over." if len(copies) == 1 else f"{len(copies)} records are passed over."
    return [(what, f"{who} {see} {it} only after a redrive, later than newer records{_of_key(copies)}")]


def _of_key(copies: Sequence[CopyPlan]) -> str:
    record: Record = copies[0].record
    if len(copies) != 1 or record.key is None:
        return ""
    try:
        return f" of its key {record.key.decode()}"
    except UnicodeDecodeError:
        return " of its key"


def _members(moves: Sequence[GroupPlan], *, evict: bool) -> list[tuple[str, str]]:
    live = [move.group for move in moves if move.members]
    if not moves:
        return []
    if evict:
        whose = "the group rebalances" if len({move.group for move in moves}) == 1 else "the groups rebalance"
        return [(f"Eviction makes {whose}:", "all their partitions pause for a moment")]
    if live:
        return [
            (
                "A live member keeps its position in memory.",
                f"Without eviction {_names(live)} may stand at the record until restarted",
            )
        ]
    return []


def _rewind(moves: Sequence[GroupPlan]) -> list[tuple[str, str]]:
    if not moves:
        return []
    return [
        (
            "A member may rewind the offset",
            "with a late commit. We watch for 30 s, commit again, and tell you if it did not hold",
        )
    ]


def _names(groups: Sequence[str]) -> str:
    unique = list(dict.fromkeys(groups))
    return unique[0] if len(unique) == 1 else f"{', '.join(unique[:-1])} and {unique[-1]}"
