"""Groups: the list, members and owners, and what is committed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, ConsumerGroupType, KafkaException
from confluent_kafka.admin._group import ConsumerGroupDescription, MemberDescription

from kafkaview.cluster.admin import Admin
from kafkaview.cluster.errors import ClusterError, UnknownGroup
from kafkaview.cluster.port import Groups
from kafkaview.cluster.translation import as_cluster_error
from kafkaview.terms import CommittedOffset, Group, GroupListing, GroupState, GroupType, Member, TopicPartition

GROUP_SECONDS: Final = 5.0

_STATES: Final = {
    ConsumerGroupState.PREPARING_REBALANCING: GroupState.PREPARING_REBALANCE,
    ConsumerGroupState.COMPLETING_REBALANCING: GroupState.COMPLETING_REBALANCE,
    ConsumerGroupState.STABLE: GroupState.STABLE,
    ConsumerGroupState.EMPTY: GroupState.EMPTY,
    ConsumerGroupState.DEAD: GroupState.DEAD,
}
_TYPES: Final = {ConsumerGroupType.CLASSIC: GroupType.CLASSIC, ConsumerGroupType.CONSUMER: GroupType.CONSUMER}
_WITHOUT_CONSUMER_PROTOCOL: Final = frozenset({GroupType.SHARE, GroupType.STREAMS})


async def listed(admin: Admin) -> Groups:
    """Classic and consumer groups, in the words this client has: it knows no share groups and fewer states."""
    result = await admin.ask_one(
        "listing groups", lambda client: client.list_consumer_groups(request_timeout=GROUP_SECONDS)
    )
    rows = tuple(
        GroupListing(
            row.group_id,
            _TYPES.get(getattr(row, "type", ConsumerGroupType.UNKNOWN), GroupType.UNKNOWN),
            _STATES.get(getattr(row, "state", ConsumerGroupState.UNKNOWN), GroupState.UNKNOWN),
        )
        for row in result.valid or ()
    )
    errors = tuple(as_cluster_error(error, "listing groups") for error in result.errors or ())
    return Groups(rows, errors)


def united(told: Groups | BaseException, raw: Groups | BaseException) -> Groups:
    """One list of both clients' answers: the raw one knows every type and state, but may fail where the other works."""
    if isinstance(raw, Groups) and (raw.listings or not raw.errors):
        return Groups(tuple(sorted(raw.listings, key=lambda row: row.group)), raw.errors)
    if isinstance(told, Groups):
        return Groups(tuple(sorted(told.listings, key=lambda row: row.group)), told.errors)
    raise told


async def described(admin: Admin, groups: Collection[GroupListing]) -> dict[str, Group | ClusterError]:
    """Members and owners of classic and consumer groups; others come as far as their listing tells."""
    answers: dict[str, Group | ClusterError] = {
        g.group: Group(g.group, g.type, g.state, None, None, ()) for g in groups if g.type in _WITHOUT_CONSUMER_PROTOCOL
    }
    askable = {g.group: g for g in groups if g.type not in _WITHOUT_CONSUMER_PROTOCOL}
    if askable:
        told = await admin.ask(
            "describing groups",
            lambda client: client.describe_consumer_groups(list(askable), request_timeout=GROUP_SECONDS),
        )
        answers.update(
            (name, _group_of(answer, askable[name]) if isinstance(answer, ConsumerGroupDescription) else answer)
            for name, answer in told.items()
        )
    return answers


async def committed(
    admin: Admin, groups: Collection[str], *, require_stable: bool
) -> dict[str, Mapping[TopicPartition, CommittedOffset] | ClusterError]:
    """Every group's committed offsets, all asked at once; the client takes one group per request."""
    answers = await admin.ask(
        "reading committed offsets",
        lambda client: {
            group: client.list_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(group)], require_stable=require_stable, request_timeout=GROUP_SECONDS
            )[group]
            for group in dict.fromkeys(groups)
        },
    )
    return {
        group: _offsets_of(answer) if isinstance(answer, ConsumerGroupTopicPartitions) else answer
        for group, answer in answers.items()
    }


def _group_of(told: ConsumerGroupDescription, listing: GroupListing) -> Group | ClusterError:
    state = _STATES.get(ConsumerGroupState(told.state), listing.state)
    if state is GroupState.DEAD:
        return UnknownGroup(f"There is no group {told.group_id}.", "Check the name; its offsets may have expired.")
    return Group(
        told.group_id,
        _TYPES.get(ConsumerGroupType(told.type), listing.type),
        state,
        told.partition_assignor or None,
        None if told.coordinator is None else told.coordinator.id,
        tuple(_member_of(member) for member in told.members),
    )


def _member_of(member: MemberDescription) -> Member:
    owned = member.assignment.topic_partitions if member.assignment else []
    return Member(
        member.member_id,
        member.client_id,
        member.host.removeprefix("/"),
        member.group_instance_id or None,
        tuple(sorted(TopicPartition(p.topic, p.partition) for p in owned)),
    )


def _offsets_of(
    answer: ConsumerGroupTopicPartitions,
) -> Mapping[TopicPartition, CommittedOffset] | ClusterError:
    committed_offsets = {}
    for partition in answer.topic_partitions or ():
        if partition.error is not None:
            return as_cluster_error(KafkaException(partition.error), "reading committed offsets")
        if partition.offset >= 0:
            epoch = partition.leader_epoch
            committed_offsets[TopicPartition(partition.topic, partition.partition)] = CommittedOffset(
                partition.offset, epoch if epoch is not None and epoch >= 0 else None, partition.metadata or ""
            )
    return committed_offsets
