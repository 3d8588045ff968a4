"""Summaries of a sampler's values for the window and the command line: a row per topic and group, and their details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.columns import Flags, Ints, Longs, PartitionTable
from kafkaview.coordination.replica_moves import ReplicaMoves
from kafkaview.terms import Topic, TopicPartition
from kafkaview.triage.watch.bounds import KnownBounds
from kafkaview.triage.watch.groups import KnownGroup
from kafkaview.triage.watch.layout import Layout
from kafkaview.triage.watch.listed_columns import PartitionRow
from kafkaview.triage.watch.sample_arrays import (
    STATES,
    TYPES,
    VERDICTS,
    GroupColumns,
    GroupDetail,
    LagColumns,
    Reader,
    TopicColumns,
    TopicDetail,
)
from kafkaview.triage.watch.series import Points
from kafkaview.triage.watch.verdict import Stuck, Verdict

_TYPE_CODES: Final = {type_: code for code, type_ in enumerate(TYPES)}
_STATE_CODES: Final = {state: code for code, state in enumerate(STATES)}
_VERDICT_CODES: Final = {verdict: code for code, verdict in enumerate(VERDICTS)}

StuckByGroup = Mapping[str, Sequence[Stuck]]


def topic_columns(
    table: PartitionTable,
    bounds: KnownBounds,
    sizes: Longs | None,
    layout: Layout | None,
    stuck: StuckByGroup,
    moves: ReplicaMoves | None,
    unjudged: Iterable[str] = (),
    doubtful: Flags | None = None,
    *,
    groups_known: bool = True,
) -> TopicColumns:
    """Returns one row per topic; `unjudged` are the groups without a judgement, `doubtful` the rows without one.
    Without `groups_known` there may be other groups, or some may read more topics than is known.
    """
    partitions = np.diff(table.first).astype(np.int32)
    replicas_of = np.array([len(one) for one in table.replica_sets], np.int32)[table.replicas]
    missing, moving = _moving(table, moves)
    records, records_complete = _sums(table.first, *_lengths(bounds, len(table)))
    known_sizes = np.full(len(table), -1, np.int64) if sizes is None else sizes
    size, size_complete = _sums(table.first, known_sizes, known_sizes >= 0)
    stands, poisoned = _stuck_by_topic(table, stuck)
    readers = _readers(table, layout)
    replication = np.full(len(table.topics), -1, np.int32)
    replication[partitions > 0] = replicas_of[table.first[:-1][partitions > 0]]
    return TopicColumns(
        names=table.topics,
        internal=table.internal,
        partitions=partitions,
        replication=replication,
        under_replicated=missing,
        out_of_sync=_counts(table.first, table.out_of_sync),
        moving=moving,
        offline=_counts(table.first, table.leader < 0),
        records=records,
        records_complete=records_complete,
        size=size,
        size_complete=size_complete,
        groups=readers if groups_known else np.where(readers > 0, readers, -1).astype(np.int32),
        groups_complete=np.full(len(table.topics), groups_known),
        stuck=stands,
        poisoned=poisoned,
        unjudged=_unjudged_by_topic(table, layout, unjudged, doubtful),
    )


def single_topic(topic: Topic, rows: Sequence[PartitionRow]) -> TopicColumns:
    """Returns one topic as columns of one row, from answers about this topic alone."""
    starts, ends, sizes = (
        np.array([-1 if value is None else value for value in values], np.int64)
        for values in (
            [row.offsets.log_start_offset for row in rows],
            [row.offsets.log_end_offset for row in rows],
            [row.size for row in rows],
        )
    )
    first = np.array([0, len(rows)], np.int32)
    records, records_complete = _sums(first, ends - starts, (starts >= 0) & (ends >= 0))
    size, size_complete = _sums(first, sizes, sizes >= 0)
    nobody = np.full(1, -1, np.int32)
    return TopicColumns(
        names=(topic.name,),
        internal=np.array([topic.internal]),
        partitions=np.array([len(rows)], np.int32),
        replication=np.array([-1 if topic.replication_factor is None else topic.replication_factor], np.int32),
        under_replicated=_count_known(row.partition.under_replicated for row in rows),
        out_of_sync=_count_known(row.partition.out_of_sync for row in rows),
        moving=_count_known(row.partition.moving for row in rows),
        offline=np.array([sum(row.partition.leader is None for row in rows)], np.int32),
        records=records,
        records_complete=records_complete,
        size=size,
        size_complete=size_complete,
        groups=nobody,
        groups_complete=np.zeros(1, np.bool_),
        stuck=nobody,
        poisoned=nobody,
        unjudged=nobody,
    )


def group_columns(groups: Mapping[str, KnownGroup], bounds: KnownBounds, stuck: StuckByGroup) -> GroupColumns:
    """Returns one row per group."""
    known = tuple(groups.values())
    lag, complete = total_lags(known, bounds)
    errors: dict[tuple[str, str], int] = {}
    distinct: list[ClusterError] = []
    of_group = np.full(len(known), -1, np.int32)
    for at, group in enumerate(known):
        error = group.error
        if error is not None:
            of_group[at] = errors.setdefault((error.kind, error.message), len(distinct))
            if of_group[at] == len(distinct):
                distinct.append(error)
    named = [group.description.protocol if group.description else None for group in known]
    protocols = {name: code for code, name in enumerate(dict.fromkeys(name for name in named if name is not None))}
    verdicts = np.full(len(known), -1, np.int8)
    place = {group.name: at for at, group in enumerate(known)} if stuck else {}
    for name, stands in stuck.items():
        if name in place and stands:
            verdicts[place[name]] = _VERDICT_CODES[find_worst(stands)]
    return GroupColumns(
        names=tuple(groups),
        types=np.array([_TYPE_CODES[group.type] for group in known], np.int8),
        states=np.array([_STATE_CODES[group.state] for group in known], np.int8),
        members=np.array([-1 if group.members is None or group.error else group.members for group in known], np.int32),
        coordinators=np.array([-1 if group.coordinator is None else group.coordinator for group in known], np.int32),
        partitions=np.array([group.partitions for group in known], np.int32),
        lag=lag,
        lag_complete=complete,
        verdicts=verdicts,
        error=of_group,
        protocol=np.array([-1 if name is None else protocols[name] for name in named], np.int32),
        errors=tuple(distinct),
        protocols=tuple(protocols),
    )


def total_lags(groups: Sequence[KnownGroup], bounds: KnownBounds) -> tuple[Longs, Flags]:
    """Returns, by group, its known lag (-1: none is known), and whether that is all of it."""
    first = np.zeros(len(groups) + 1, np.int32)
    np.cumsum([len(group.places) for group in groups], out=first[1:])
    places = np.concatenate([group.places for group in groups]) if groups else np.empty(0, np.int32)
    committed = np.concatenate([group.committed for group in groups]) if groups else np.empty(0, np.int64)
    ends = bounds.end[places] if len(bounds.end) else np.full(len(places), -1, np.int64)
    starts = bounds.start[places] if len(bounds.start) else ends
    waiting = np.maximum(0, ends - np.maximum(committed, starts))
    lag, complete = _sums(first, waiting, (committed >= 0) & (ends >= 0))
    whole = np.array([group.error is None and not group.elsewhere for group in groups], np.bool_)
    return lag, complete & whole


def lag_columns(group: KnownGroup, table: PartitionTable, bounds: KnownBounds) -> LagColumns:
    """Returns the partitions of one group, in order."""
    places, elsewhere = group.places, sorted(group.elsewhere)
    topic = (np.searchsorted(table.first, places, side="right") - 1).astype(np.int32)
    here, of_here = np.unique(topic, return_inverse=True)
    names = [table.topics[at] for at in here.tolist()]
    unknown = np.full(len(elsewhere), -1, np.int64)
    columns = LagColumns(
        topics=tuple(names),
        topic=of_here.astype(np.int32),
        partition=(places - table.first[topic]).astype(np.int32),
        committed=group.committed,
        epochs=group.epochs,
        log_start=bounds.start[places],
        last_stable=bounds.stable[places],
        log_end=bounds.end[places],
        owners=group.owners,
        metadata=group.metadata,
    )
    return columns if not elsewhere else _with_elsewhere(columns, group, elsewhere, unknown)


def _with_elsewhere(
    columns: LagColumns, group: KnownGroup, elsewhere: list[TopicPartition], unknown: Longs
) -> LagColumns:
    """Returns the columns with the partitions that the metadata lacks, in order."""
    topics = tuple(sorted({*columns.topics, *(partition.topic for partition in elsewhere)}))
    index = {name: at for at, name in enumerate(topics)}
    commits = [group.elsewhere[partition] for partition in elsewhere]
    here = np.array([index[name] for name in columns.topics], np.int32)
    topic = np.append(here[columns.topic], [index[partition.topic] for partition in elsewhere])
    partition = np.append(columns.partition, [one.partition for one in elsewhere])
    order = np.lexsort((partition, topic))
    metadata = {**columns.metadata}
    for at, commit in enumerate(commits):
        if commit is not None and commit.metadata:
            metadata[len(columns.topic) + at] = commit.metadata
    epochs = [-1 if commit is None or commit.leader_epoch is None else commit.leader_epoch for commit in commits]
    return LagColumns(
        topics=topics,
        topic=topic[order].astype(np.int32),
        partition=partition[order].astype(np.int32),
        committed=np.append(columns.committed, [-1 if one is None else one.offset for one in commits])[order],
        epochs=np.append(columns.epochs, epochs)[order].astype(np.int32),
        log_start=np.append(columns.log_start, unknown)[order],
        last_stable=np.append(columns.last_stable, unknown)[order],
        log_end=np.append(columns.log_end, unknown)[order],
        owners=np.append(columns.owners, [group.owner_elsewhere(one) for one in elsewhere])[order].astype(np.int32),
        metadata={at: metadata[old] for at, old in enumerate(order.tolist()) if old in metadata},
    )


def group_detail(group: KnownGroup, table: PartitionTable, bounds: KnownBounds, totals: Points) -> GroupDetail:
    """Returns one group in full."""
    return GroupDetail(
        name=group.name,
        members=group.description.members if group.description else None,
        partitions=lag_columns(group, table, bounds),
        at_ms=totals.at_ms,
        committed_total=totals.committed,
        end_total=totals.log_end,
    )


def topic_detail(
    name: str,
    table: PartitionTable,
    bounds: KnownBounds,
    sizes: Longs | None,
    groups: Iterable[KnownGroup],
    stuck: StuckByGroup,
    moves: ReplicaMoves | None,
) -> TopicDetail | None:
    """Returns one topic in full, with the groups that read it."""
    topic = table.topic(name)
    if topic is None:
        return None
    at = table.index[name]
    places = range(int(table.first[at]), int(table.first[at + 1]))
    readers = (_reader(group, places, name, bounds, stuck.get(group.name, ())) for group in groups)
    return TopicDetail(
        topic=topic if moves is None else moves.add_to(topic),
        offsets=tuple(bounds.at(place) for place in places),
        sizes=tuple(None if sizes is None or sizes[place] < 0 else int(sizes[place]) for place in places),
        readers=tuple(reader for reader in readers if reader is not None),
    )


def find_worst(stuck: Iterable[Stuck]) -> Verdict:
    """Returns the gravest of some verdicts."""
    return min((one.verdict for one in stuck), key=VERDICTS.index)


def _reader(group: KnownGroup, places: range, topic: str, bounds: KnownBounds, stuck: Sequence[Stuck]) -> Reader | None:
    rows = slice(*np.searchsorted(group.places, [places.start, places.stop]).tolist())
    here, committed = group.places[rows], group.committed[rows]
    if not len(here):
        return None
    ends = bounds.end[here]
    known = (committed >= 0) & (ends >= 0)
    stands = [one for one in stuck if one.topic_partition.topic == topic]
    return Reader(
        group=group.name,
        state=group.state,
        members=group.members,
        partitions=len(here),
        lag=int(np.maximum(0, ends - np.maximum(committed, bounds.start[here]))[known].sum()) if known.any() else None,
        complete=bool(known.all()) and group.error is None,
        verdict=find_worst(stands) if stands else None,
        error=group.error,
        elsewhere=next((one.topic_partition.topic for one in stuck if one.verdict is not Verdict.NO_MEMBERS), ""),
    )


def _lengths(bounds: KnownBounds, partitions: int) -> tuple[Longs, Flags]:
    """Returns, by partition, the number of offsets in its log, and whether that is known."""
    if not len(bounds.end):
        return np.full(partitions, -1, np.int64), np.zeros(partitions, np.bool_)
    return bounds.end - bounds.start, (bounds.end >= 0) & (bounds.start >= 0)


def _sums(first: Ints, values: Longs, known: Flags) -> tuple[Longs, Flags]:
    """Returns the sum of the known values between one index and the next (-1: none is known), and whether all are
    known.
    """
    running = np.concatenate((np.zeros(1, np.int64), np.cumsum(np.where(known, values, 0))))
    counts = _counts(first, known)
    complete = (counts > 0) & (counts == np.diff(first))
    return np.where(counts > 0, running[first[1:]] - running[first[:-1]], -1), complete


def _counts(first: Ints, flags: Flags) -> Ints:
    """Returns the number of flags set between one index and the next."""
    running = np.concatenate((np.zeros(1, np.int32), np.cumsum(flags, dtype=np.int32)))
    return (running[first[1:]] - running[first[:-1]]).astype(np.int32)


def _moving(table: PartitionTable, moves: ReplicaMoves | None) -> tuple[Ints, Ints]:
    """Returns, by topic, the numbers of partitions that lack in-sync replicas and that are being reassigned; -1 where
    unknown.
    """
    reassigned = table.out_of_sync
    if moves is None:
        unknown = np.where(_counts(table.first, reassigned) > 0, -1, 0).astype(np.int32)
        return unknown, unknown
    missing, moving = reassigned.copy(), np.zeros(len(table), np.bool_)
    for name in {one.topic for one in moves.reassignments} & table.index.keys():
        topic = table.topic(name)
        for place, partition in enumerate(
            moves.add_to(topic).partitions if topic else (), table.first[table.index[name]]
        ):
            missing[place], moving[place] = bool(partition.under_replicated), bool(partition.moving)
    return _counts(table.first, missing), _counts(table.first, moving)


def _count_known(flags: Iterable[bool | None]) -> Ints:
    """Returns the number of flags set as a column of one row; -1 if one of them is unknown."""
    known = list(flags)
    return np.array([-1 if None in known else sum(map(bool, known))], np.int32)


def _readers(table: PartitionTable, layout: Layout | None) -> Ints:
    """Returns, by topic, the number of groups with rows on it."""
    spans = np.empty(0, np.int32) if layout is None else layout.topic[layout.spans]
    return np.bincount(spans, minlength=len(table.topics)).astype(np.int32)


def _unjudged_by_topic(
    table: PartitionTable, layout: Layout | None, names: Iterable[str], doubtful: Flags | None
) -> Ints:
    """Returns, by topic, the number of groups with rows on it of which the group or a row has no judgement."""
    counts = np.zeros(len(table.topics), np.int32)
    if layout is not None:
        chosen = np.zeros(len(layout.names), np.bool_)
        chosen[[layout.index[name] for name in names if name in layout.index]] = True
        without = chosen[layout.group[layout.spans]]
        if doubtful is not None:
            without[layout.span[doubtful]] = True
        spans = layout.spans[without]
        counts += np.bincount(layout.topic[spans], minlength=len(counts)).astype(np.int32)
    return counts


def _stuck_by_topic(table: PartitionTable, stuck: StuckByGroup) -> tuple[Ints, Ints]:
    """Returns, by topic, the number of groups that stand still on it, and of those on a poison record."""
    counts = np.zeros(len(table.topics), np.int32), np.zeros(len(table.topics), np.int32)
    for stands in stuck.values():
        topics = {one.topic_partition.topic for one in stands}
        poisoned = {one.topic_partition.topic for one in stands if one.verdict is Verdict.POISON}
        for column, names in zip(counts, (topics, poisoned), strict=True):
            for name in names:
                if name in table.index:
                    column[table.index[name]] += 1
    return counts
