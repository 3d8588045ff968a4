"""The cautions and problems of a bulk re-route. Does no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere, UnknownTopicOrPartition
from kafkaview.terms import PartitionOffsets, TopicPartition
from kafkaview.triage.reroute.bulk.earlier_copies import EarlierCopies
from kafkaview.triage.reroute.bulk.request import BulkRequest
from kafkaview.triage.reroute.bulk.survey import SourceSurvey
from kafkaview.triage.reroute.cautions import (
    MOST_CAUTIONS,
    member_cautions,
    metadata_cautions,
    queue_of_a_queue,
    replica_cautions,
    rewind_cautions,
    unseen_cautions,
)
from kafkaview.triage.reroute.group_positions import GroupPositions
from kafkaview.triage.reroute.plan import GroupPlan, GroupPosition
from kafkaview.triage.reroute.queue import Queue
from kafkaview.triage.reroute.queue_refusals import refusals_of_queue
from kafkaview.words import join_names, name_text, number, plural
from kafkaview.writes.plan import Caution

_MOST: Final = 0.5  # share of a topic from which on it is asked whether the records are at fault
_STUCK_FOR_GOOD: Final = (GroupPosition.UNKNOWN, GroupPosition.UNSUPPORTED, GroupPosition.UNNAMEABLE)


@dataclass(frozen=True, slots=True)
class BulkFacts:
    """What a plan is made from. `unsent` are the offsets that are still to be sent, in order, `bounds` those of all
    partitions of the topic.
    """

    request: BulkRequest
    queue: Queue
    survey: SourceSurvey
    earlier: EarlierCopies
    positions: GroupPositions
    unsent: Mapping[TopicPartition, Sequence[int]]
    bounds: Mapping[TopicPartition, PartitionOffsets]
    pattern: str | None  # the connection's name of its queues

    @property
    def to_send(self) -> int:
        """How many are still to be sent."""
        return self.survey.count - len(self.earlier.copies)


def bulk_cautions(facts: BulkFacts) -> tuple[Caution, ...]:
    """Returns at most three cautions, the gravest first."""
    moves, queue = facts.positions.moves, facts.queue
    lines = [
        *_most_of_topic(facts),
        *unseen_cautions(facts.positions.unseen),
        *_left(facts),
        *_held_back(facts.positions.left_alone),
        *_incomplete(facts.request),
        *queue_of_a_queue(queue, facts.pattern),
        *replica_cautions(queue),
        *metadata_cautions(moves),
        *_timestamps(facts),
        *member_cautions(moves, evict=facts.request.evict),
        *rewind_cautions(moves),
    ]
    return tuple(lines[:MOST_CAUTIONS])


def bulk_problems(facts: BulkFacts, refused: Sequence[ClusterError]) -> tuple[ClusterError, ...]:
    """Returns why the plan cannot be carried out. `refused` are the brokers' errors for its transactions."""
    request, queue = facts.request, facts.queue
    found: list[ClusterError] = []
    if request.topic == queue.name:
        found.append(RefusedHere(f"{queue.name} is the records' own topic: the copies would stop the groups again"))
    if queue.problem is not None:
        found.append(queue.problem)
    elif queue.topic is None and not request.create_dlq:
        found.append(UnknownTopicOrPartition(f"There is no topic {queue.name}", "Create it with --create-dlq."))
    found += refusals_of_queue(queue, {place.partition for place, own in facts.unsent.items() if own})
    found += refused
    if request.groups is not None:
        found += [_of_group(group) for group in facts.positions.left_alone if group.standing in _STUCK_FOR_GOOD]
    if not found and not facts.to_send and not facts.positions.moves:
        found.append(_nothing(facts))
    return tuple(found)


def _nothing(facts: BulkFacts) -> ClusterError:
    if facts.earlier.copies:
        count = plural(len(facts.earlier.copies), "record is", "records are")
        return PlanNoLongerHolds(f"{count} in {facts.queue.name} already, and no group stands at them")
    record, reason = facts.survey.left.named[0]
    more = f"; nor are {number(facts.survey.left.count - 1)} others" if facts.survey.left.count > 1 else ""
    return RefusedHere(f"{record} cannot be sent{more}: {reason}", "Nothing was written.")


def _of_group(plan: GroupPlan) -> ClusterError:
    message = f"{name_text(plan.group)} cannot be moved on {plan.topic_partition}: {plan.note}"
    return RefusedHere(message) if plan.error is None else type(plan.error)(message, plan.error.hint)


def _most_of_topic(facts: BulkFacts) -> list[Caution]:
    """Returns the question whether the records are at fault, where most of a topic would go."""
    known = [
        (of.log_end_offset - of.log_start_offset)
        for of in facts.bounds.values()
        if of.log_end_offset is not None and of.log_start_offset is not None
    ]
    whole, sent = sum(known), facts.survey.count
    if len(known) < len(facts.bounds) or sent < 2 or sent < _MOST * whole:
        return []
    consequence = f"{number(sent)} of {number(whole)} records of {facts.request.topic} go away:"
    return [Caution(consequence, "is it the records, or the reader? A reader of another format takes none of them")]


def _left(facts: BulkFacts) -> list[Caution]:
    left = facts.survey.left
    if not left.count:
        return []
    record, reason = left.named[0]
    stay = plural(left.count, "record stays", "records stay")
    return [Caution(f"{stay}, and no group passes what is there.", f"The first is {record}: {reason}")]


def _held_back(groups: Sequence[GroupPlan]) -> list[Caution]:
    held = [group for group in groups if group.standing is GroupPosition.BETWEEN]
    if not held:
        return []
    first = held[0]
    names = [name_text(group) for group in dict.fromkeys(group.group for group in held)]
    what = plural(len(names), "group does", "groups do")
    others = f"; so it is of {join_names(names[1:], 3)}" if names[1:] else ""
    why = f"Good records come first: {names[0]} on {first.topic_partition} {first.note}{others}"
    return [Caution(f"{what} not move everywhere.", why)]


def _incomplete(request: BulkRequest) -> list[Caution]:
    if request.complete:
        return []
    return [Caution("There may be more of them:", "the scan did not come to its end, or does not say that it did")]


def _timestamps(facts: BulkFacts) -> list[Caution]:
    if facts.queue.limits.stamps:
        why = "from the broker (LogAppendTime); their own are kept in a header"
        return [Caution("The copies get new timestamps", why)]
    if facts.survey.zero_stamped:
        count = plural(facts.survey.zero_stamped, "copy gets", "copies get")
        return [Caution(f"{count} a new timestamp:", "its own is 0, which clients send as now; a header keeps it")]
    return []
