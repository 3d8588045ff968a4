"""Groups: their members, assignments and committed offsets."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any, Final

from confluent_kafka import KafkaError
from kafka.protocol.admin import DescribeGroupsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import DAMAGE, rows_of, text_of, unreadable
from kafkaview.cluster.errors import ClusterError, UnknownGroup
from kafkaview.cluster.kafka.commits import Unstable
from kafkaview.cluster.kafka.coordinators import Coordinators, GroupQuestion, error_of
from kafkaview.cluster.kafka.messages import ConsumerGroupDescribeRequest
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.kafka.streams_groups import read_tasks, streams_request, topics_of_tasks
from kafkaview.cluster.ports.columns import CommitColumns, PartitionTable
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState, GroupType, Member, TopicPartition
from kafkaview.words import name_text

UNTIL_STABLE_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 0.05

_ASSIGNMENTS: Final = 20_000  # members whose assignment is remembered
_INT: Final = struct.Struct(">i")
_SHORT: Final = struct.Struct(">h")
_HEAD: Final = struct.Struct(">hi")  # version, number of topics
Committed = Mapping[TopicPartition, CommittedOffset]


async def describe_groups(
    coordinators: Coordinators, groups: Collection[GroupListing], table: PartitionTable
) -> dict[str, Group | ClusterError]:
    """Returns members and assignments of each group; share groups have no more than ListGroups says of them."""
    newer = [g.group for g in groups if g.type is GroupType.CONSUMER]
    streams = [g.group for g in groups if g.type is GroupType.STREAMS]
    classic = [g.group for g in groups if g.type in (GroupType.CLASSIC, GroupType.UNKNOWN)]
    answers = await asyncio.gather(
        coordinators.ask(newer, _NEWER),
        coordinators.ask(streams, GroupQuestion(_DOING, streams_request, partial(_read_streams, table))),
        coordinators.ask(classic, _CLASSIC),
    )
    shared = {g.group: Group(g.group, g.type, g.state, None, None, ()) for g in groups if g.type is GroupType.SHARE}
    return shared | answers[0] | answers[1] | answers[2]


async def read_commits(
    columns: ColumnRequests, groups: Collection[str], *, require_stable: bool
) -> dict[str, Committed | ClusterError]:
    """Returns every group's committed offsets. With `require_stable`, asks again while a transaction is pending."""
    deadline = time.monotonic() + UNTIL_STABLE_SECONDS
    answers: dict[str, Committed | ClusterError] = {}
    table = await columns.table()
    left: list[str] = list(groups)
    while left:
        commits = await columns.commits(left, table, require_stable=require_stable)
        answers.update((group, _by_partition(answer, table)) for group, answer in commits.items())
        left = [group for group in left if isinstance(answers[group], Unstable)]
        if time.monotonic() > deadline:
            break
        if left:
            await asyncio.sleep(PAUSE_SECONDS)
    return answers


def _by_partition(answer: CommitColumns | ClusterError, table: PartitionTable) -> Committed | ClusterError:
    if isinstance(answer, ClusterError):
        return answer
    known = {table.partition(place): answer.at(index) for index, place in enumerate(answer.places.tolist())}
    return known | dict(answer.elsewhere)


def _read_classic(coordinator: int, response: Any) -> dict[str, Group | ClusterError]:
    return _read_groups(coordinator, response, _classic_group)


def _read_groups(
    coordinator: int, response: Any, read: Callable[[int, Any], Group | ClusterError]
) -> dict[str, Group | ClusterError]:
    """Returns each group of an answer, or why it cannot be read."""
    groups: dict[str, Group | ClusterError] = {}
    for row in rows_of(response.groups):
        name = text_of(row.group_id)
        try:
            groups[name] = read(coordinator, row)
        except DAMAGE as damage:
            groups[name] = unreadable(f"describing {name}", damage)
    return groups


def _classic_group(coordinator: int, row: Any) -> Group | ClusterError:
    if row.error_code == KafkaError.GROUP_ID_NOT_FOUND or row.group_state == GroupState.DEAD:
        return _group_not_found(row.group_id)
    if row.error_code:
        return error_of(row.error_code, f"describing {row.group_id}")
    decodes = row.protocol_type == "consumer"
    members = tuple(
        _member(m, m.group_instance_id, _read_assignment(m.member_assignment) if decodes else ()) for m in row.members
    )
    return Group(
        row.group_id, GroupType.CLASSIC, _state(row.group_state), row.protocol_data or None, coordinator, members
    )


@lru_cache(_ASSIGNMENTS)
def _read_assignment(assignment: bytes | None) -> tuple[TopicPartition, ...] | None:
    """Returns what a member of the consumer protocol owns: the same tuple for the same bytes. None for any other
    content, which the group's leader may send to its members.
    """
    try:
        return tuple(sorted(_partitions_of(assignment))) if assignment else ()
    except DAMAGE:
        return None


def _partitions_of(assignment: bytes) -> Iterator[TopicPartition]:
    """Returns the partitions of a ConsumerProtocolAssignment; its versions differ only after the partitions."""
    version, topics = _HEAD.unpack_from(assignment)
    if version < 0 or topics < 0:
        raise ValueError("no version and array of the consumer protocol")
    at = _HEAD.size
    for _ in range(topics):
        (length,) = _SHORT.unpack_from(assignment, at)
        at += 2
        topic = assignment[at : at + length].decode()
        at += length
        (count,) = _INT.unpack_from(assignment, at)
        if length < 1 or count < 0:
            raise ValueError("a topic without a name, or an array of partitions that is null")
        yield from (TopicPartition(topic, number) for number in struct.unpack_from(f">{count}i", assignment, at + 4))
        at += 4 + 4 * count


@lru_cache(_ASSIGNMENTS)
def _shared_assignment(assignment: tuple[TopicPartition, ...]) -> tuple[TopicPartition, ...]:
    """Returns one shared tuple for equal partitions."""
    return assignment


def _read_newer(coordinator: int, response: Any) -> dict[str, Group | ClusterError]:
    return _read_groups(coordinator, response, _newer_group)


def _newer_group(coordinator: int, row: Any) -> Group | ClusterError:
    if row.error_code == KafkaError.GROUP_ID_NOT_FOUND:
        return _group_not_found(row.group_id)
    if row.error_code:
        return error_of(row.error_code, f"describing {row.group_id}")
    members = tuple(_member(m, m.instance_id, _owned_by(m)) for m in row.members)
    return Group(
        row.group_id,
        GroupType.CONSUMER,
        _state(row.group_state),
        row.assignor_name or None,
        coordinator,
        members,
        row.group_epoch,
    )


def _owned_by(member: Any) -> tuple[TopicPartition, ...] | None:
    try:
        topics = member.assignment.topic_partitions
        return _shared_assignment(tuple(sorted(TopicPartition(t.topic_name, p) for t in topics for p in t.partitions)))
    except DAMAGE:
        return None


def _member(row: Any, instance: str | None, assignment: tuple[TopicPartition, ...] | None) -> Member:
    host = text_of(row.client_host).removeprefix("/")
    return Member(text_of(row.member_id), text_of(row.client_id), host, instance or None, assignment)


def _read_streams(table: PartitionTable, coordinator: int, response: Any) -> dict[str, Group | ClusterError]:
    return _read_groups(coordinator, response, partial(_streams_group, table))


def _streams_group(table: PartitionTable, coordinator: int, row: Any) -> Group | ClusterError:
    if row.error_code == KafkaError.GROUP_ID_NOT_FOUND:
        return _group_not_found(row.group_id)
    if row.error_code:
        return error_of(row.error_code, f"describing {row.group_id}")
    topics = topics_of_tasks(row)
    members = tuple(_member(m, m.instance_id, read_tasks(m, topics, table)) for m in row.members)
    return Group(row.group_id, GroupType.STREAMS, _state(row.group_state), None, coordinator, members, row.group_epoch)


def _state(name: str) -> GroupState:
    return GroupState(name) if name in set(GroupState) else GroupState.UNKNOWN


def _group_not_found(group: str) -> UnknownGroup:
    return UnknownGroup(f"There is no group {name_text(group)}.", "Check the name; its offsets may have expired.")


_DOING: Final = "describing groups"
_CLASSIC: Final = GroupQuestion(_DOING, lambda names: DescribeGroupsRequest(groups=list(names)), _read_classic)
_NEWER: Final = GroupQuestion(_DOING, lambda names: ConsumerGroupDescribeRequest(group_ids=list(names)), _read_newer)
