"""The cautions and problems of a re-route: what could go wrong, and what forbids it. Does no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kafkaview.cluster.errors import (
    ClusterError,
    PlanNoLongerHolds,
    RefusedHere,
    UnknownTopicOrPartition,
)
from kafkaview.terms import Record
from kafkaview.triage.dead_letters.topic_names import is_named_as_queue
from kafkaview.triage.reroute.plan import CopyPlan, GroupPlan, GroupPosition, ReroutePlan
from kafkaview.triage.reroute.queue import Queue
from kafkaview.triage.reroute.queue_refusals import refusals_of_copy, refusals_of_queue
from kafkaview.triage.watch.unseen import UnseenGroups, say_unseen
from kafkaview.words import name_text, plural
from kafkaview.writes.effect import names_in_words
from kafkaview.writes.plan import Caution

_MORE_REPLICAS = "Make it beforehand to have more"

MOST_CAUTIONS: Final = 3


def cautions(
    copies: Sequence[CopyPlan],
    moves: Sequence[GroupPlan],
    queue: Queue,
    unseen: Sequence[UnseenGroups] = (),
    *,
    evict: bool,
    pattern: str | None,
) -> tuple[Caution, ...]:
    """Returns at most three cautions, the gravest first. `pattern` is the connection's name of its queues."""
    lines = [
        *unseen_cautions(unseen),
        *queue_of_a_queue(queue, pattern),
        *replica_cautions(queue),
        *metadata_cautions(moves),
        *_timestamp(copies, queue),
        *_find_skipped(copies, moves),
        *member_cautions(moves, evict=evict),
        *rewind_cautions(moves),
    ]
    return tuple(lines[:MOST_CAUTIONS])


def unseen_cautions(unseen: Sequence[UnseenGroups]) -> tuple[Caution, ...]:
    """Returns a caution if groups that nobody could look at may stand at the record; none if all groups were seen."""
    return (Caution("Other groups may stand there too:", say_unseen(unseen)),) if unseen else ()


def problems(
    plan: ReroutePlan, queue: Queue, refused: Sequence[ClusterError], *, all_must_move: bool, now_ms: int
) -> tuple[ClusterError, ...]:
    """Returns why the plan cannot be carried out, each reason with its kind of error. `refused` is the brokers' error
    for the transaction itself.
    """
    found: list[ClusterError] = []
    if any(copy.record.topic == plan.dlq for copy in plan.copies):
        found.append(RefusedHere(f"{plan.dlq} is the records' own topic: the copies would stop the group again"))
    if queue.problem is not None:
        found.append(queue.problem)
    elif not plan.dlq_exists and not plan.create_dlq:
        found.append(UnknownTopicOrPartition(f"There is no topic {plan.dlq}", "Create it with --create-dlq."))
    missing = plan.new_copies
    found += refusals_of_queue(queue, {copy.record.partition for copy in missing})
    found += [problem for copy in missing for problem in refusals_of_copy(queue, copy, now_ms)]
    found += refused
    if all_must_move:
        found += [_stays(group) for group in plan.left_alone]
    elif not plan.moves:
        found += [_stays(group) for group in plan.left_alone if group.standing is GroupPosition.UNNAMEABLE]
    if not plan.moves and not found and not plan.new_copies:
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


def metadata_cautions(moves: Sequence[GroupPlan]) -> list[Caution]:
    """Returns a caution if groups store metadata with their commits, which a move drops."""
    keeping = [move.group for move in moves if move.before is not None and move.before.metadata]
    if not keeping:
        return []
    return [
        Caution(
            "State kept beside the offset is dropped.",
            f"{names_in_words(keeping)} stores metadata with its commits; records may be processed again, none is lost",
        )
    ]


def queue_of_a_queue(queue: Queue, pattern: str | None) -> list[Caution]:
    """Returns a caution if the records lie in a queue already: their copies would be sent away a second time."""
    if not is_named_as_queue(queue.source.name, pattern):
        return []
    return [
        Caution(
            f"{queue.source.name} looks like a dead letter queue itself:",
            f"what is sent on to {queue.name} is found there by nobody who looks for it here",
        )
    ]


def replica_cautions(queue: Queue) -> list[Caution]:
    """Returns a caution if a queue that will be created gets fewer replicas than the records' topic (the cluster's
    default decides).
    """
    source, replicas = queue.source.replication_factor or 0, queue.replication_factor
    if queue.topic is not None or not queue.changes or source < 2:
        return []
    if replicas is None:
        return [
            Caution(
                "How many replicas the queue gets is unknown:",
                f"it may not be read here; {queue.source.name} has {source}",
            )
        ]
    if replicas >= source:
        return []
    lost = "with its broker all copies are lost" if replicas == 1 else "it stands fewer failures"
    return [
        Caution(
            f"The queue gets {plural(replicas, 'replica')}, {queue.source.name} has {source}:",
            f"{lost}. {_MORE_REPLICAS}",
        )
    ]


def _timestamp(copies: Sequence[CopyPlan], queue: Queue) -> list[Caution]:
    if queue.limits.stamps:
        return [
            Caution("The copy gets a new timestamp", "from the broker (LogAppendTime); its own is kept in a header")
        ]
    if any(copy.record.timestamp_ms == 0 for copy in copies):
        return [Caution("The copy gets a new timestamp:", "its own is 0, which clients send as now; a header keeps it")]
    return []


def _find_skipped(copies: Sequence[CopyPlan], moves: Sequence[GroupPlan]) -> list[Caution]:
    if not moves:
        return []
    groups = {move.group for move in moves}
    groups_text = next(iter(groups)) if len(groups) == 1 else f"The {len(groups)} groups"
    see = "sees" if len(groups) == 1 else "see"
    good = sum(copy.good for copy in copies)
    if good:
        noun = "good record is" if good == 1 else "good records are"
        return [
            Caution(
                f"{good} {noun} passed over too.",
                f"{groups_text} {see} them only after a redrive from the dead letter queue",
            )
        ]
    pronoun = "it" if len(copies) == 1 else "them"
    passed_text = "The record is passed over." if len(copies) == 1 else f"{len(copies)} records are passed over."
    return [
        Caution(
            passed_text,
            f"{groups_text} {see} {pronoun} only after a redrive, later than newer records{_of_key(copies)}",
        )
    ]


def _of_key(copies: Sequence[CopyPlan]) -> str:
    record: Record = copies[0].record
    if len(copies) != 1 or record.key is None:
        return ""
    try:
        return f" of its key {record.key.decode()}"
    except UnicodeDecodeError:
        return " of its key"


def member_cautions(moves: Sequence[GroupPlan], *, evict: bool) -> list[Caution]:
    """Returns what eviction does, or what its absence may."""
    live = [move.group for move in moves if move.members]
    if not moves:
        return []
    if evict:
        any_one = any(move.members != 0 for move in moves)  # None is unknown
        rebalance = "the group rebalance" if len({move.group for move in moves}) == 1 else "the groups rebalance"
        return [Caution(f"Eviction makes {rebalance}:", "all their partitions pause for a moment")] if any_one else []
    if live:
        return [
            Caution(
                "A live member keeps its position in memory.",
                f"Without eviction {names_in_words(live)} may stand at the record until restarted",
            )
        ]
    return []


def rewind_cautions(moves: Sequence[GroupPlan]) -> list[Caution]:
    """Returns that a late commit of a member may rewind a group."""
    if not moves:
        return []
    return [
        Caution(
            "A member may rewind the offset",
            "with a late commit. We watch for 30 s, commit again, and tell you if it did not hold",
        )
    ]
