"""Plans a bulk re-route: reads the records, the queue and the groups, and writes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from kafkaview import __version__
from kafkaview.cluster.errors import RefusedHere
from kafkaview.command_words import command_words, option_words
from kafkaview.fields import row_documents
from kafkaview.terms import Topic, TopicPartition
from kafkaview.triage.provenance_headers import Dialect, Provenance
from kafkaview.triage.redrive.offset_set import OffsetSet
from kafkaview.triage.reroute.bulk.cautions import BulkFacts, bulk_cautions, bulk_problems
from kafkaview.triage.reroute.bulk.copy_maker import CopyMaker
from kafkaview.triage.reroute.bulk.earlier_copies import KIND, find_earlier, without
from kafkaview.triage.reroute.bulk.execution import BulkExecution
from kafkaview.triage.reroute.bulk.group_progress import HandledTarget
from kafkaview.triage.reroute.bulk.plan import BulkReroutePlan
from kafkaview.triage.reroute.bulk.request import BulkRequest
from kafkaview.triage.reroute.bulk.survey import failed_documents, survey_sources
from kafkaview.triage.reroute.bulk.work import BulkWork
from kafkaview.triage.reroute.group_positions import find_positions
from kafkaview.triage.reroute.plan import GROUP_PLAN_FIELDS, GroupPlan, transactional_id_of
from kafkaview.triage.reroute.queue import look_at_queue
from kafkaview.triage.reroute.queue_names import default_name
from kafkaview.words import name_text, number, plural, size, utc_iso
from kafkaview.writes.plan import NOT_SENT, ChangePlan, ChangeRow
from kafkaview.writes.stopping import Stopping
from kafkaview.writes.topic_ids import topic_id

if TYPE_CHECKING:
    from kafkaview.session import Session

_MOST_ROWS: Final = 20  # partitions, groups and records that are left, shown one by one
_MOST_GROUPS: Final = 1_000  # rows of groups in the document


async def plan_bulk_reroute(session: Session, request: BulkRequest) -> ChangePlan:
    """Plans to send many records of one topic to a queue, each once, and to move groups over those that lie before the
    first record that stays. Raises UnknownTopicOrPartition, UnknownGroup, Unreachable, and RefusedHere where no record
    is named.
    """
    if not request.count:
        raise RefusedHere("No record is named", "Nothing was written.")
    cluster = session.cluster
    topic = await cluster.topic(request.topic)
    pattern = session.profile.dead_letter_queue
    wanted = request.dlq or default_name(topic.name, pattern)
    queue = await look_at_queue(cluster, wanted, topic, create=request.create_dlq)
    info = await cluster.describe()
    routed_at = utc_iso(time.time_ns() // 1_000_000) or ""
    provenance = Provenance((), "", routed_at, info.cluster_id, __version__)
    reasons = {partition: dict(own) for partition, own in request.reasons.items()}
    maker = CopyMaker(queue, request.dialect, provenance, reasons, {})
    survey = await survey_sources(session, topic, request.offsets, reasons, maker)
    earlier = await find_earlier(session, queue, topic, survey)
    handled = {place: tuple(own) for place, own in survey.marks.items()}
    target = HandledTarget(handled, survey.left.offsets)
    positions = await find_positions(cluster, handled, request.groups if handled else (), target)
    bounds = await cluster.offsets([TopicPartition(topic.name, one.partition) for one in topic.partitions])
    unsent = without(handled, earlier.copies)
    facts = BulkFacts(request, queue, survey, earlier, positions, unsent, bounds, pattern)
    writes = [queue.name] if queue.problem is None and facts.to_send else []
    names = list(dict.fromkeys(move.group for move in positions.moves))
    refused = await cluster.transactions.refusals(transactional_id_of(topic.name), writes, names)
    stopping = Stopping()
    work = BulkWork(
        topic=topic,
        queue=queue,
        survey=survey,
        unsent=facts.unsent,
        handled=handled,
        moves=positions.moves,
        maker=CopyMaker(queue, request.dialect, provenance, reasons, _by_partition(positions.moves)),
        ends=earlier.ends,
        evict=request.evict,
        transactional_id=transactional_id_of(topic.name),
        stopping=stopping,
        earlier=earlier.copies.keys(),
    )
    return BulkReroutePlan(
        kind=KIND,
        title=_title(facts),
        deed=_deed(facts),
        subject=topic.name,
        rows=tuple(_rows(facts)),
        command=_command(facts),
        document=_document(facts, topic),
        cautions=bulk_cautions(facts),
        problems=bulk_problems(facts, refused),
        stop=stopping.ask,
        payloads=tuple(survey.payloads),
        make_execution=lambda session_, plan, entry, progress: BulkExecution(session_, plan, entry, progress, work),
        queue=queue.name,
        transactional_id=work.transactional_id,
        unsent={place.partition: OffsetSet.of(own) for place, own in facts.unsent.items() if own},
    )


def _by_partition(moves: Sequence[GroupPlan]) -> dict[int, list[GroupPlan]]:
    found: dict[int, list[GroupPlan]] = {}
    for move in moves:
        found.setdefault(move.topic_partition.partition, []).append(move)
    return found


def _title(facts: BulkFacts) -> str:
    groups = len({move.group for move in facts.positions.moves})
    records = plural(facts.survey.count, "record")
    if facts.earlier.copies and facts.to_send:
        records = f"the other {number(facts.to_send)} of {records}"
    sent = f"Send {records} of {facts.request.topic} to {facts.queue.name}" if facts.to_send else ""
    moved = f"{'move' if sent else 'Move'} {plural(groups, 'group')}" if groups else ""
    return ", ".join(filter(None, (sent, moved))) or f"Send nothing to {facts.queue.name}"


def _deed(facts: BulkFacts) -> str:
    if not facts.to_send:
        return "Move the groups"
    return f"Send {plural(facts.to_send, 'record')}"


def _command(facts: BulkFacts) -> tuple[str, ...]:
    request = facts.request
    options = [*request.source, *option_words("--to", facts.queue.name)]
    if facts.queue.topic is None and request.create_dlq:
        options.append("--create-dlq")
    for group in dict.fromkeys(request.groups or ()):
        options += option_words("--group", group)
    if request.groups is not None and not request.groups:
        options.append("--no-skip")
    else:
        options.append("--evict" if request.evict else "--no-evict")
    if request.dialect != Dialect.KAFKA:
        options += ["--dialect", request.dialect.value]
    return command_words(["reroute"], (), options)


def _rows(facts: BulkFacts) -> list[ChangeRow]:
    survey, queue, unsent = facts.survey, facts.queue, facts.unsent
    rows = [
        ChangeRow(f"Records of {facts.request.topic}", None, f"{plural(survey.count, 'record')}, {size(survey.size)}")
    ]
    if facts.earlier.copies:
        there = plural(len(facts.earlier.copies), "record")
        rows.append(ChangeRow(f"In {queue.name} already", there, f"{there}, no second copy is written"))
    if queue.topic is None and facts.request.create_dlq:
        rows.append(ChangeRow(f"The queue {queue.name}", None, plural(queue.partitions, "partition")))
    places = [(place, own) for place, own in unsent.items() if own]
    for place, own in places[:_MOST_ROWS]:
        span = f"offsets {number(own[0])} to {number(own[-1])}" if len(own) > 1 else f"offset {number(own[0])}"
        rows.append(ChangeRow(str(place), None, f"{plural(len(own), 'record')}, {span}"))
    if len(places) > _MOST_ROWS:
        rest = sum(len(own) for _, own in places[_MOST_ROWS:])
        rows.append(ChangeRow(plural(len(places) - _MOST_ROWS, "other partition"), None, plural(rest, "record")))
    groups = (*facts.positions.moves, *facts.positions.left_alone)
    rows += [_group_row(group) for group in groups[:_MOST_ROWS]]
    if len(groups) > _MOST_ROWS:
        rows.append(ChangeRow(plural(len(groups) - _MOST_ROWS, "other position of a group"), None, None))
    rows += [ChangeRow(str(record), reason, NOT_SENT) for record, reason in survey.left.named[:_MOST_ROWS]]
    if survey.left.count > _MOST_ROWS:
        rows.append(ChangeRow(plural(survey.left.count - _MOST_ROWS, "other record"), None, NOT_SENT))
    return rows


def _group_row(group: GroupPlan) -> ChangeRow:
    before = number(group.before.offset) if group.before is not None else None
    after = group.note if group.after is None else f"{number(group.after)}, {group.note}"
    return ChangeRow(f"{name_text(group.group)} on {group.topic_partition}", before, after)


def _document(facts: BulkFacts, topic: Topic) -> dict[str, Any]:
    request, queue, survey = facts.request, facts.queue, facts.survey
    groups = (*facts.positions.moves, *facts.positions.left_alone)
    return {
        "to": queue.name,
        "topic": topic.name,
        "topic_id": topic_id(topic),
        "create_dlq": queue.topic is None and request.create_dlq,
        "dlq_partitions": queue.partitions,
        "dlq_replication_factor": queue.replication_factor,
        "dlq_settings": dict(queue.changes),
        "dlq_ends": [{"partition": one.partition, "offset": end} for one, end in sorted(facts.earlier.ends.items())],
        "selection": {
            "records": request.count,
            "digest": request.digest,
            "partitions": [_span(place, own) for place, own in request.offsets.items()],
            "scan_complete": request.complete,
        },
        "counts": {
            "selected": request.count,
            "to_send": facts.to_send,
            "already_sent": len(facts.earlier.copies),
            "failed": survey.left.count,
        },
        "bytes": survey.size,
        "failed": failed_documents(survey.left.named),
        "groups": row_documents(GROUP_PLAN_FIELDS, groups[:_MOST_GROUPS]),
        "unseen": [one.document() for one in facts.positions.unseen],
        "evict": request.evict,
        "dialect": request.dialect.value,
        "earlier_entries": list(facts.earlier.entries),
    }


def _span(place: TopicPartition, offsets: Sequence[int]) -> Mapping[str, int]:
    return {"partition": place.partition, "records": len(offsets), "first": offsets[0], "last": offsets[-1]}
