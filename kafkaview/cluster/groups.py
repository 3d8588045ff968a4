"""Groups: members and owners, and what is committed."""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from confluent_kafka import KafkaError
from kafka.protocol.admin import DescribeGroupsRequest  # type: ignore[import-untyped]
from kafka.protocol.consumer import OffsetFetchRequest  # type: ignore[import-untyped]
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment  # type: ignore[import-untyped]

from kafkaview.cluster.commits import Unstable
from kafkaview.cluster.coordinators import ask, error_of
from kafkaview.cluster.errors import ClusterError, UnknownGroup
from kafkaview.cluster.messages import ConsumerGroupDescribeRequest
from kafkaview.cluster.wire import Wire
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState, GroupType, Member, TopicPartition

UNTIL_STABLE_SECONDS: Final = 5.0
PAUSE_SECONDS: Final = 0.05

# OffsetFetch asks for many groups from version 8 on (Kafka 3.0), and by topic id from version 10 on.
_MANY_GROUPS: Final = 8
_LAST_BY_NAME: Final = 9
_ASSIGNMENTS: Final = 20_000  # members whose assignment is remembered
_WITHOUT_CONSUMER_PROTOCOL: Final = frozenset({GroupType.SHARE, GroupType.STREAMS})

Committed = Mapping[TopicPartition, CommittedOffset]


async def described(wire: Wire, groups: Collection[GroupListing]) -> dict[str, Group | ClusterError]:
    """Members and owners of classic and consumer groups; others come as far as their listing tells."""
    doing = "describing groups"
    others = [g for g in groups if g.type in _WITHOUT_CONSUMER_PROTOCOL]
    newer = [g.group for g in groups if g.type is GroupType.CONSUMER]
    classic = [g.group for g in groups if g.type in (GroupType.CLASSIC, GroupType.UNKNOWN)]
    told = await asyncio.gather(
        ask(wire, newer, lambda names: ConsumerGroupDescribeRequest(group_ids=list(names)), _read_newer, doing),
        ask(wire, classic, lambda names: DescribeGroupsRequest(groups=list(names)), _read_classic, doing),
    )
    plain = {g.group: Group(g.group, g.type, g.state, None, None, ()) for g in others}
    return {**plain, **told[0], **told[1]}


async def committed(
    wire: Wire, groups: Collection[str], *, require_stable: bool
) -> dict[str, Committed | ClusterError]:
    """Every group's committed offsets; with `require_stable`, asked again while a transaction is about to end."""
    deadline = time.monotonic() + UNTIL_STABLE_SECONDS
    request = partial(_offset_fetch, require_stable=require_stable)
    answers: dict[str, Committed | ClusterError] = {}
    left: list[str] = list(groups)
    while left:
        answers.update(await ask(wire, left, request, _read_committed, "reading committed offsets"))
        left = [group for group in left if isinstance(answers[group], Unstable)]
        if time.monotonic() > deadline:
            break
        if left:
            await asyncio.sleep(PAUSE_SECONDS)
    return answers


def _offset_fetch(groups: Sequence[str], *, require_stable: bool) -> Any:
    rows = [OffsetFetchRequest.OffsetFetchRequestGroup(group_id=group, topics=None) for group in groups]
    return OffsetFetchRequest(
        groups=rows, require_stable=require_stable, min_version=_MANY_GROUPS, max_version=_LAST_BY_NAME
    )


def _read_committed(_coordinator: int, response: Any) -> dict[str, Committed | ClusterError]:
    return {row.group_id: _offsets_of(row) for row in response.groups}


def _offsets_of(row: Any) -> Committed | ClusterError:
    doing = f"reading the committed offsets of {row.group_id}"
    if row.error_code:
        return error_of(row.error_code, doing)
    offsets = {}
    for topic in row.topics:
        for partition in topic.partitions:
            if partition.error_code == KafkaError.UNSTABLE_OFFSET_COMMIT:
                return Unstable(f"{doing}: a transaction is still open on them", "Ask again when it has ended.")
            if partition.error_code:
                return error_of(partition.error_code, doing)
            if partition.committed_offset >= 0:
                offsets[TopicPartition(topic.name, partition.partition_index)] = CommittedOffset(
                    partition.committed_offset,
                    partition.committed_leader_epoch if partition.committed_leader_epoch >= 0 else None,
                    partition.metadata or "",
                )
    return offsets


def _read_classic(coordinator: int, response: Any) -> dict[str, Group | ClusterError]:
    return {row.group_id: _classic_group(coordinator, row) for row in response.groups}


def _classic_group(coordinator: int, row: Any) -> Group | ClusterError:
    if row.error_code == KafkaError.GROUP_ID_NOT_FOUND or row.group_state == GroupState.DEAD:
        return _unknown(row.group_id)
    if row.error_code:
        return error_of(row.error_code, f"describing {row.group_id}")
    decodes = row.protocol_type == "consumer"
    members = tuple(
        Member(
            m.member_id,
            m.client_id,
            m.client_host.removeprefix("/"),
            m.group_instance_id or None,
            _assigned(m.member_assignment) if decodes else (),
        )
        for m in row.members
    )
    return Group(
        row.group_id, GroupType.CLASSIC, _state(row.group_state), row.protocol_data or None, coordinator, members
    )


@lru_cache(_ASSIGNMENTS)
def _assigned(assignment: bytes | None) -> tuple[TopicPartition, ...]:
    """What a member of the consumer protocol owns: the same tuple for the same bytes. An assignment of another form
    names no partitions.
    """
    if not assignment:
        return ()
    try:
        topics = ConsumerProtocolAssignment.decode(assignment).assigned_partitions
    except (ValueError, IndexError, struct.error):
        return ()
    return tuple(sorted(TopicPartition(t.topic, p) for t in topics for p in t.partitions))


@lru_cache(_ASSIGNMENTS)
def _same(assignment: tuple[TopicPartition, ...]) -> tuple[TopicPartition, ...]:
    """The same tuple for the same partitions."""
    return assignment


def _read_newer(coordinator: int, response: Any) -> dict[str, Group | ClusterError]:
    return {row.group_id: _newer_group(coordinator, row) for row in response.groups}


def _newer_group(coordinator: int, row: Any) -> Group | ClusterError:
    if row.error_code == KafkaError.GROUP_ID_NOT_FOUND:
        return _unknown(row.group_id)
    if row.error_code:
        return error_of(row.error_code, f"describing {row.group_id}")
    members = tuple(
        Member(
            m.member_id,
            m.client_id,
            m.client_host.removeprefix("/"),
            m.instance_id or None,
            _same(
                tuple(
                    sorted(TopicPartition(t.topic_name, p) for t in m.assignment.topic_partitions for p in t.partitions)
                )
            ),
        )
        for m in row.members
    )
    return Group(
        row.group_id, GroupType.CONSUMER, _state(row.group_state), row.assignor_name or None, coordinator, members
    )


def _state(name: str) -> GroupState:
    return GroupState(name) if name in set(GroupState) else GroupState.UNKNOWN


def _unknown(group: str) -> UnknownGroup:
    return UnknownGroup(f"There is no group {group}.", "Check the name; its offsets may have expired.")
