"""The fields of topics, groups and their details, for the window and the command line. Long lists have fields over
columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from kafkaview.columns import CodedColumn, SumColumn
from kafkaview.fields import FieldKind, RowField, pick
from kafkaview.terms import GroupState, Member, Partition, PartitionOffsets, TopicPartition
from kafkaview.triage.watch.sample_arrays import STATES, TYPES, GroupColumns, LagColumns, Longs, Reader, TopicColumns
from kafkaview.words import Sum, about, at_least, name_text

_COUNT: Final = FieldKind.COUNT
_STATE_TEXTS: Final = {
    GroupState.PREPARING_REBALANCE: "Rebalancing",
    GroupState.COMPLETING_REBALANCE: "Rebalancing",
    GroupState.NOT_READY: "Not ready",
    GroupState.UNKNOWN: "",
}
_STATE_WORDS: Final = tuple(_STATE_TEXTS.get(state, state.value) for state in STATES)
_NO_MOVES: Final = "replicas are out of sync, and whether they are being added may not be seen"
_NO_LEADER: Final = "the partition's leader does not answer"


class LagTable(NamedTuple):
    """The partitions of one group, and the members that own them."""

    columns: LagColumns
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class PartitionRow:
    """A partition of one topic, with the bounds of its log and the size of the leader's replica."""

    partition: Partition
    offsets: PartitionOffsets
    size: int | None

    @property
    def topic_partition(self) -> TopicPartition:
        """The partition's name."""
        return self.partition.topic_partition


def lag_of(columns: LagColumns) -> Longs:
    """Returns the lag of each partition, without records that retention has removed; -1 where it is unknown."""
    known = (columns.committed >= 0) & (columns.log_end >= 0)
    return np.where(known, np.maximum(0, columns.log_end - np.maximum(columns.committed, columns.log_start)), -1)


def _about(records: Sum) -> str:
    if not records.value or not records.complete:
        return at_least(records.value, complete=records.complete)
    return about(records.value)


def _sizes(of: TopicColumns) -> SumColumn:
    """Returns the sizes. They are asked for rarely: 0 of a topic with records is of before those came."""
    return SumColumn(np.where((of.size == 0) & (of.records > 0), -1, of.size), of.size_complete)


def _size(row: PartitionRow) -> int | None:
    """Returns the size; unknown is, as with topics, the 0 of a partition with records."""
    start, end = row.offsets.log_start_offset, row.offsets.log_end_offset
    holds = start is not None and end is not None and end > start
    return None if row.size == 0 and holds else row.size


def _nobody_knows(of: LagTable) -> list[None]:
    """Returns a column of unknown values, for a field that needs several samples."""
    return [None] * len(of.columns.committed)


def _metadata(of: LagTable) -> list[str]:
    texts = [""] * len(of.columns.committed)
    for at, text in of.columns.metadata.items():
        texts[at] = text
    return texts


def _commit_metadata(of: LagTable) -> list[str | None]:
    """Returns the metadata of each commit; None where nothing is committed."""
    texts: list[str | None] = [*_metadata(of)]
    for at in np.flatnonzero(of.columns.committed < 0).tolist():
        texts[at] = None
    return texts


def _names(of: LagTable) -> list[str]:
    columns, topics = of.columns, of.columns.topics
    rows = zip(columns.topic.tolist(), columns.partition.tolist(), strict=True)
    return [f"{topics[topic]}:{partition}" for topic, partition in rows]


def _owners(of: LagTable, name: str) -> CodedColumn:
    return CodedColumn(of.columns.owners, tuple(getattr(member, name) for member in of.members))


# Records: those of aborted transactions and those that compaction took count too, so it is an upper bound.
TOPIC_FIELDS: Final[tuple[RowField[TopicColumns], ...]] = (
    RowField("topic", lambda of: of.names, "Topic", width=180),
    RowField("internal", lambda of: of.internal),
    RowField("partitions", lambda of: of.partitions, "Partitions", _COUNT, width=92),
    RowField("replication_factor", lambda of: of.replication, "Replicas", _COUNT, width=84),
    RowField(
        "under_replicated", lambda of: of.under_replicated, "Under-replicated", _COUNT, width=134, unknown=_NO_MOVES
    ),
    RowField("moving", lambda of: of.moving, "Moving", _COUNT, width=80, unknown=_NO_MOVES),
    RowField("offline", lambda of: of.offline, "Offline", _COUNT),
    RowField(
        "records_upper_bound",
        lambda of: SumColumn(of.records, of.records_complete),
        "Records",
        _COUNT,
        text=_about,
        width=128,
    ),
    RowField("size_bytes", _sizes, "Size", FieldKind.BYTES, width=96),
    RowField(
        "groups",
        lambda of: SumColumn(of.groups, of.groups_complete),
        "Groups",
        _COUNT,
        width=76,
        json=False,
        listed=False,
    ),
    RowField("stuck", lambda of: of.stuck, "Stuck", _COUNT, width=70, json=False, listed=False),
)

PARTITION_FIELDS: Final[tuple[RowField[PartitionRow], ...]] = (
    RowField("partition", lambda row: row.partition.partition, "Partition", _COUNT, width=82),
    RowField("leader", lambda row: row.partition.leader, "Leader", _COUNT, width=72, unknown="offline"),
    RowField("replicas", lambda row: row.partition.replicas, "Replicas", FieldKind.LIST, width=110),
    RowField("isr", lambda row: row.partition.isr, "In sync", FieldKind.LIST, width=110),
    RowField("offline_replicas", lambda row: row.partition.offline_replicas, kind=FieldKind.LIST),
    RowField("adding_replicas", lambda row: row.partition.adding_replicas, "Adding", FieldKind.LIST, width=90),
    RowField("removing_replicas", lambda row: row.partition.removing_replicas, "Removing", FieldKind.LIST, width=90),
    RowField("log_start_offset", lambda row: row.offsets.log_start_offset, "Log start", _COUNT, width=96),
    RowField("log_end_offset", lambda row: row.offsets.log_end_offset, "Log end", _COUNT, width=96),
    RowField("last_stable_offset", lambda row: row.offsets.last_stable_offset, "Last stable", _COUNT, width=100),
    RowField("size_bytes", _size, "Size", FieldKind.BYTES, width=92),
)

READER_FIELDS: Final[tuple[RowField[Reader], ...]] = (
    RowField("group", lambda row: row.group, "Group", text=name_text, width=160),
    RowField("state", lambda row: row.state.value if row.state else None, "State", width=130),
    RowField(
        "members", lambda row: row.members, "Members", _COUNT, width=90, unknown="brokers list no members of this group"
    ),
    RowField("partitions", lambda row: row.partitions, "Partitions", _COUNT, width=92),
    RowField("lag", lambda row: Sum(row.lag, row.complete), "Lag here", _COUNT, width=110),
)

# Whether a group is stuck takes a row of samples: the verb `stuck` says that.
GROUP_FIELDS: Final[tuple[RowField[GroupColumns], ...]] = (
    RowField("group", lambda of: of.names, "Group", text=name_text, width=150),
    RowField("type", lambda of: CodedColumn(of.types, tuple(kind.value for kind in TYPES)), "Type", width=90),
    RowField(
        "state",
        lambda of: CodedColumn(of.states, tuple(state.value for state in STATES)),
        "State",
        shown=lambda of: CodedColumn(of.states, _STATE_WORDS),
        width=120,
    ),
    RowField("protocol", lambda of: CodedColumn(of.protocol, of.protocols), "Protocol", width=90),
    RowField("members", lambda of: of.members, "Members", _COUNT, width=90),
    RowField("coordinator", lambda of: of.coordinators, "Coordinator", FieldKind.NUMBER, width=110),
    RowField("total_lag", lambda of: SumColumn(of.lag, of.lag_complete), "Lag", _COUNT, width=110),
    RowField("total_lag_at_least", lambda of: of.lag),
    RowField("stuck", lambda of: [None] * len(of.names)),
    RowField("error", lambda of: CodedColumn(of.error, tuple(map(str, of.errors)))),
)

LAG_FIELDS: Final[tuple[RowField[LagTable], ...]] = (
    RowField("topic_partition", _names, "Partition", width=110, json=False),
    RowField("topic", lambda of: CodedColumn(of.columns.topic, of.columns.topics)),
    RowField("partition", lambda of: of.columns.partition),
    RowField(
        "log_start_offset", lambda of: of.columns.log_start, "Log start", _COUNT, width=84, json=False, listed=False
    ),
    RowField(
        "committed_offset",
        lambda of: of.columns.committed,
        "Committed",
        _COUNT,
        width=88,
        unknown="the group has committed nothing here",
    ),
    RowField("log_end_offset", lambda of: of.columns.log_end, "Log end", _COUNT, width=84, unknown=_NO_LEADER),
    RowField("last_stable_offset", lambda of: of.columns.last_stable, "Last stable", _COUNT, width=90),
    RowField("lag", lambda of: lag_of(of.columns), "Lag", _COUNT, width=68),
    RowField("time_lag_ms", _nobody_knows),
    RowField("metadata", _commit_metadata, "Metadata", shown=_metadata, width=80, listed=False),
    RowField("member_id", lambda of: _owners(of, "member_id")),
    RowField(
        "client_id", lambda of: _owners(of, "client_id"), "Member", width=90, unknown="no member is known to own it"
    ),
    RowField("host", lambda of: _owners(of, "host")),
    RowField("drain_ms", _nobody_knows),
)

# What `lag` lists, of every group: taken from the columns of one after the other.
LAG_TABLE_FIELDS: Final[tuple[RowField[Any], ...]] = (*pick(GROUP_FIELDS, "group"), *LAG_FIELDS)

MEMBER_FIELDS: Final[tuple[RowField[Member], ...]] = (
    RowField("client_id", lambda row: row.client_id, "Client", width=130),
    RowField("host", lambda row: row.host, "Host", shown=lambda row: row.host.removeprefix("/"), width=100),
    RowField(
        "assignment",
        lambda row: None if row.assignment is None else tuple(map(str, row.assignment)),
        "Owns",
        FieldKind.LIST,
        width=120,
        unknown="its assignment is not readable",
    ),
    RowField("group_instance_id", lambda row: row.group_instance_id, "Static id", width=90),
)
