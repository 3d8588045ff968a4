"""Plans a re-route: reads the records and the groups, and writes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kafkaview import __version__
from kafkaview.cluster.errors import RefusedHere
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.records.one_record import read_record
from kafkaview.terms import Record, RecordId, Topic, TopicPartition
from kafkaview.triage.provenance_headers import Dialect, Provenance
from kafkaview.triage.record_reads import copy_fits, find_copies, whole_records
from kafkaview.triage.reroute.cautions import MOST_CAUTIONS, cautions, problems, unseen_cautions
from kafkaview.triage.reroute.copies import fit_headers
from kafkaview.triage.reroute.group_positions import NearTarget, find_positions, offsets_of
from kafkaview.triage.reroute.plan import CopyPlan, GroupPlan, ReroutePlan
from kafkaview.triage.reroute.queue import look_at_queue, look_back
from kafkaview.triage.reroute.queue_names import default_name
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.words import utc_iso

if TYPE_CHECKING:
    from kafkaview.session import Session


async def plan_request(session: Session, request: RerouteRequest) -> ReroutePlan:
    """Plans what the user selected, on the cluster as it is now. Raises as `plan_reroute` does. Groups that are not
    selected have no part in the headers and the command line; the plan lists them as left alone.
    """

    async def plan(groups: Sequence[str] | None) -> ReroutePlan:
        return await plan_reroute(
            session,
            request.records,
            groups=groups,
            dlq=request.dlq,
            create_dlq=request.create_dlq,
            evict=request.evict,
            skip_between=request.skip_between,
            reasons=request.reasons,
        )

    whole = await plan(request.groups)
    unticked = [move.group for move in whole.moves if move.group in request.unticked]
    if not unticked:
        return whole
    kept = [move.group for move in whole.moves if move.group not in request.unticked]
    narrowed = await plan(tuple(dict.fromkeys(kept)))
    for group in dict.fromkeys(unticked):
        whole = whole.without_group(group)
    shown = (*unseen_cautions(whole.unseen), *narrowed.cautions)[:MOST_CAUTIONS]
    return replace(narrowed, left_alone=whole.left_alone, unseen=whole.unseen, cautions=shown)


async def plan_reroute(
    session: Session,
    records: Sequence[RecordId],
    *,
    groups: Sequence[str] | None,
    dlq: str | None = None,
    create_dlq: bool = True,
    evict: bool = True,
    skip_between: bool = False,
    dialect: Dialect = Dialect.KAFKA,
    reasons: Mapping[RecordId, str] | None = None,
) -> ReroutePlan:
    """Plans to copy `records` to `dlq` (default: the connection's pattern, else TOPIC-dlq) and to move groups
    past them. `groups` None means every group that stands at the records; an empty sequence means a copy only; a
    named group that cannot move is a problem of the plan. With `skip_between` the good records before a poison
    record are copied and passed over too. `reasons` are the texts for the provenance headers; the default is the
    decoder's error. Raises OffsetOutOfRange if a record is missing, UnknownTopicOrPartition, UnknownGroup,
    Unreachable, and RefusedHere for records of several topics: only re-routes of the same topic exclude each
    other.
    """
    cluster = session.cluster
    if len({record.topic for record in records}) > 1:
        raise RefusedHere("The records are of several topics", "Re-route each topic's records by themselves.")
    now_ms = time.time_ns() // 1_000_000
    poison = [await read_record(cluster, record_id) for record_id in sorted(set(records))]
    source = await cluster.topic(poison[0].topic)
    target = NearTarget(skip_between=skip_between)
    positions = await find_positions(cluster, offsets_of(record.id for record in poison), groups, target)
    moves = positions.moves
    wanted = dlq or default_name(source.name, session.profile.dead_letter_queue)
    queue = await look_at_queue(cluster, wanted, source, create=create_dlq)
    info = await cluster.describe()
    provenance = Provenance(
        groups=tuple(dict.fromkeys(move.group for move in moves)),
        reason="good record, passed over together with a poison record",
        routed_at=utc_iso(now_ms) or "",
        cluster_id=info.cluster_id,
        version=__version__,
    )
    why = {record.id: (reasons or {}).get(record.id) or await _reason(session, record) for record in poison}
    records_to_copy = await whole_records(cluster, _to_copy(poison, moves))
    dlq_ends, already = await _copies_already_there(cluster, queue.topic, records_to_copy)
    copies = tuple(
        CopyPlan(
            record,
            fit_headers(
                queue.limits,
                dialect,
                record,
                replace(provenance, reason=why[record.id]) if record.id in why else provenance,
            ),
            good=record.id not in why,
            already=already.get(record.id),
        )
        for record in records_to_copy
    )
    plan = ReroutePlan(
        dlq=queue.name,
        dlq_exists=queue.topic is not None,
        create_dlq=queue.topic is None and create_dlq,
        dlq_partitions=queue.partitions,
        dlq_replication_factor=queue.replication_factor,
        copies=copies,
        moves=moves,
        left_alone=positions.left_alone,
        evict=evict,
        skip_between=skip_between,
        dialect=dialect.value,
        cautions=cautions(
            copies, moves, queue, positions.unseen, evict=evict, pattern=session.profile.dead_letter_queue
        ),
        dlq_settings=queue.changes,
        dlq_ends=dlq_ends,
        other_dlq=queue.other,
        unseen=positions.unseen,
    )
    writes = [queue.name] if queue.problem is None and len(already) < len(copies) else []
    refused = await cluster.transactions.refusals(plan.transactional_id, writes, provenance.groups)
    return replace(plan, problems=problems(plan, queue, refused, all_must_move=groups is not None, now_ms=now_ms))


def _to_copy(poison: Sequence[Record], moves: Sequence[GroupPlan]) -> list[Record]:
    """Returns the records, and the good records that a group is moved over, each once."""
    between = {record.id: record for move in moves for record in move.records_between}
    return [record for _, record in sorted((between | {record.id: record for record in poison}).items())]


async def _copies_already_there(
    cluster: Cluster, dlq: Topic | None, records: Sequence[Record]
) -> tuple[tuple[tuple[TopicPartition, int], ...], dict[RecordId, RecordId]]:
    if dlq is None:
        return (), {}
    sources = {record.id: record for record in records}
    starts, ends = await look_back(cluster, dlq, {source.partition for source in sources})
    copies = await find_copies(cluster, starts, copy_fits(sources)) if starts else {}
    return tuple(sorted(ends.items())), copies


async def _reason(session: Session, record: Record) -> str:
    """Returns the decoder's error for a record."""
    chosen = await session.decoders.of(session.cluster, record.topic)
    await session.decoders.learn(chosen, [record])
    problem = chosen.problem(record)
    return problem.reason if problem is not None and problem.judged else "re-routed by hand"
