"""A topic as a write finds it: its logs, and the groups that read it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere, UnknownTopicOrPartition
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.columns import CommitColumns, PartitionTable
from kafkaview.terms import Group, GroupState, GroupType, PartitionOffsets, Topic, TopicPartition
from kafkaview.words import Sum, about_many, at_least, join_names, name_text, plural
from kafkaview.writes.plan import Caution, ChangeRow
from kafkaview.writes.topic_ids import read_topic_ids

_NOBODY: Final = (GroupState.EMPTY, GroupState.DEAD)
_NAMED: Final = 3  # groups in a sentence


@dataclass(frozen=True, slots=True)
class TopicReader:
    """A group that has committed offsets on a topic, or whose members own partitions of it. `members` are those that
    own some; None where that is unknown.
    """

    group: str
    committed: Mapping[TopicPartition, int]
    lag: Sum
    members: int | None

    def __str__(self) -> str:
        """Returns what is known of it: `lag 1,204, 2 members`."""
        members = "members unknown" if self.members is None else plural(self.members, "member")
        return f"lag {at_least(self.lag.value, complete=self.lag.complete)}, {members}"

    def document(self) -> dict[str, Any]:
        """Returns the reader as JSON."""
        return {
            "group": self.group,
            "lag": self.lag.value if self.lag.complete else None,
            "members": self.members,
        }


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """A topic, the bounds of its logs, its readers, and why readers may be missing."""

    topic: Topic
    bounds: Mapping[TopicPartition, PartitionOffsets]
    readers: tuple[TopicReader, ...]
    unseen: str

    @property
    def topic_id(self) -> str | None:
        """The topic's id, as the journal has it; None before Kafka 2.8."""
        return str(UUID(bytes=self.topic.id)) if self.topic.id and any(self.topic.id) else None

    @property
    def records(self) -> Sum:
        """The offsets between the ends of its logs: an upper bound of its records."""
        return sum_of([_held(one) for one in self.bounds.values()])

    def rows_of_readers(self, after: str) -> tuple[ChangeRow, ...]:
        """Returns a row for each group that reads the topic."""
        return tuple(ChangeRow(f"Group {name_text(one.group)}", str(one), after) for one in self.readers)

    def cautions_of_readers(self, why: str) -> tuple[Caution, ...]:
        """Returns who reads the topic with what that means for them, and whether others may read it unseen."""
        found = []
        if self.readers:
            names = join_names([name_text(one.group) for one in self.readers], _NAMED)
            found.append(Caution(f"{names} {'reads' if len(self.readers) == 1 else 'read'} it.", why))
        if self.unseen:
            found.append(Caution("More groups may read it.", self.unseen))
        return tuple(found)

    def documents_of_readers(self) -> list[dict[str, Any]]:
        """Returns the readers as JSON."""
        return [one.document() for one in self.readers]


async def read_facts(cluster: Cluster, name: str) -> TopicFacts:
    """Reads a topic and who reads it. Raises UnknownTopicOrPartition; a group that cannot be looked at is no error."""
    topic = await cluster.topic(name)
    partitions = [partition.topic_partition for partition in topic.partitions]
    bounds, table = await asyncio.gather(cluster.offsets(partitions), cluster.partition_table(fresh=True))
    try:
        readers, unseen = await _read_readers(cluster, table, topic, bounds)
    except ClusterError as error:
        readers, unseen = (), f"They could not be read: {error.message}"
    return TopicFacts(topic, bounds, readers, unseen)


async def check_same_topic(cluster: Cluster, name: str, topic_id: str | None) -> Topic:
    """Returns the topic as it is now. Raises PlanNoLongerHolds where it was deleted, or made anew with another id."""
    try:
        topic = await cluster.topic(name)
    except UnknownTopicOrPartition:
        raise PlanNoLongerHolds(f"The topic {name} was deleted meanwhile", _AGAIN) from None
    if (await read_topic_ids(cluster, [name])).get(name) != topic_id:
        raise PlanNoLongerHolds(f"The topic {name} was deleted and made anew meanwhile", _AGAIN)
    return topic


def problems_of_kafkas_own(topic: Topic) -> tuple[ClusterError, ...]:
    """Returns why a topic that Kafka keeps for itself is left alone."""
    if not topic.internal:
        return ()
    return (RefusedHere(f"{topic.name} is Kafka's own: brokers keep their state in it", "Leave it to them."),)


def refuse_sensitive(names: Collection[str], sensitive: Collection[str]) -> None:
    """Raises RefusedHere for a sensitive setting: a plan shows what it writes, and the journal keeps it."""
    for name in names:
        if name in sensitive:
            raise RefusedHere(
                f"{name} is sensitive: its value would stand in the plan, the journal and the command line",
                "Kafka's own tool changes it: kafka-configs --alter.",
            )


def records_text(records: Sum) -> str:
    """Returns an upper bound of records in words: `about 20,000 records`."""
    if records.value is None:
        return "an unknown number of records"
    if not records.complete:
        return f"{at_least(records.value, complete=False)} records"
    return about_many(records.value, "record")


def sum_of(parts: Sequence[int | None]) -> Sum:
    """Returns the sum of parts, of which None is unknown."""
    known = [part for part in parts if part is not None]
    return Sum(sum(known) if known or not parts else None, len(known) == len(parts))


async def _read_readers(
    cluster: Cluster, table: PartitionTable, topic: Topic, bounds: Mapping[TopicPartition, PartitionOffsets]
) -> tuple[tuple[TopicReader, ...], str]:
    listed, omissions = await asyncio.gather(cluster.groups(), cluster.omissions())
    alive = [one for one in listed.listings if one.state not in _NOBODY]
    names = [one.group for one in listed.listings if one.type is not GroupType.SHARE]
    commits, described = await asyncio.gather(cluster.commits(names, table), cluster.describe_groups(alive))
    readers, unclear = [], []
    for name in sorted(one.group for one in listed.listings):
        committed = _committed(commits.get(name), table, topic.name)
        members = _members(described[name], topic.name) if name in described else 0
        if committed or members:
            lag = sum_of([_lag(bounds[one], offset) for one, offset in committed.items() if one in bounds])
            readers.append(TopicReader(name, committed, lag, members))
        elif members is None:
            unclear.append(name_text(name))
    failed = [*listed.errors, *(one for one in commits.values() if isinstance(one, ClusterError))]
    hidden = [one.as_error() for one in omissions if not one.of_topics]
    reasons = list(dict.fromkeys(error.message for error in (*failed, *hidden)))[:_NAMED]
    if unclear:
        reasons.append(f"What {join_names(unclear, _NAMED)} {'reads' if len(unclear) == 1 else 'read'} is not known")
    return tuple(readers), "; ".join(reasons)


def _committed(
    commits: CommitColumns | ClusterError | None, table: PartitionTable, topic: str
) -> dict[TopicPartition, int]:
    """Returns what a group has committed on a topic."""
    at = table.index.get(topic)
    if at is None or commits is None or isinstance(commits, ClusterError):
        return {}
    first, last = np.searchsorted(commits.places, (table.first[at], table.first[at + 1]))
    rows = zip(commits.places[first:last].tolist(), commits.offsets[first:last].tolist(), strict=True)
    return {TopicPartition(topic, place - int(table.first[at])): offset for place, offset in rows}


def _members(group: Group | ClusterError, topic: str) -> int | None:
    """Returns how many members own partitions of a topic; None where a member's assignment is unknown, as it is of a
    share group.
    """
    if isinstance(group, ClusterError) or group.type is GroupType.SHARE:
        return None
    owned = [member.assignment for member in group.members]
    if None in owned:
        return None
    return sum(any(one.topic == topic for one in assignment or ()) for assignment in owned)


def _lag(bounds: PartitionOffsets, committed: int) -> int | None:
    """Returns the records that wait; those that retention has removed do not."""
    if bounds.log_end_offset is None:
        return None
    return max(0, bounds.log_end_offset - max(committed, bounds.log_start_offset or 0))


def _held(bounds: PartitionOffsets) -> int | None:
    if bounds.log_end_offset is None or bounds.log_start_offset is None:
        return None
    return bounds.log_end_offset - bounds.log_start_offset


_AGAIN: Final = "Nothing was written. Make a new plan."
