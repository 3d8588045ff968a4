"""Requests to each broker by itself: its release, its groups, the sizes of its leader replicas, members to remove."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

from kafka.protocol.admin import ListGroupsRequest  # type: ignore[import-untyped]
from kafka.protocol.consumer import LeaveGroupRequest  # type: ignore[import-untyped]
from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import reading, rows_of, text_of
from kafkaview.cluster.errors import ClusterError, Unreachable, UnreadableAnswer
from kafkaview.cluster.kafka.coordination_mode import DESCRIBE_QUORUM, LEADER_AND_ISR
from kafkaview.cluster.kafka.kafka_python_errors import response_error
from kafkaview.cluster.kafka.log_directories import log_directories
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.cluster import Groups
from kafkaview.cluster.ports.columns import PartitionTable
from kafkaview.cluster.ports.feature_levels import METADATA_VERSION, release_of
from kafkaview.terms import OFFSETS_TOPIC, Group, GroupListing, GroupState, GroupType, Member, TopicPartition

_UNKNOWN_MEMBER_ID: Final = 25


async def release_and_mode(wire: BrokerRequests) -> tuple[str | None, str | None]:
    """Returns the release of the finalized features (or the one that the request versions fit), and
    KRaft or ZooKeeper.
    """
    keys = await wire.api_versions()
    mode = "KRaft" if DESCRIBE_QUORUM in keys else "ZooKeeper" if LEADER_AND_ISR in keys else None
    request = ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0", min_version=3)
    answer = await wire.send_any(request, "reading the features")
    with reading("reading the features"):
        levels = {feature.name: feature.max_version_level for feature in answer.finalized_features or ()}
    level = levels.get(METADATA_VERSION)
    if level is None:
        return await wire.infer_release(), mode
    return release_of(level), mode


async def list_groups(wire: BrokerRequests, table: PartitionTable) -> Groups:
    """Returns groups of every type with their exact states, and an error for each broker whose groups are missing."""
    brokers = await wire.broker_ids()
    answers = await asyncio.gather(*(_groups_of(wire, broker) for broker in brokers))
    rows = [listed for listed, _ in answers if listed is not None]
    unlisted: dict[int | None, ClusterError] = {
        broker: error for broker, (_, error) in zip(brokers, answers, strict=True) if error is not None
    }
    if unlisted and not rows:
        raise next(iter(unlisted.values()))
    leaderless = _leaderless_groups(table)
    if leaderless is not None:
        unlisted[None] = leaderless
    return Groups(tuple(sorted(chain.from_iterable(rows), key=lambda row: row.group)), unlisted)


async def _groups_of(wire: BrokerRequests, broker: int) -> tuple[list[GroupListing] | None, ClusterError | None]:
    """Lists the groups of one coordinator. While it loads some of them, the others are listed beside its error."""
    doing = f"listing the groups of broker {broker}"
    try:
        answer = await wire.send(ListGroupsRequest(min_version=0), broker, doing)
    except ClusterError as failure:
        return None, failure
    error = response_error(answer.error_code, doing) if answer.error_code else None
    try:
        with reading(doing):
            return None if error and not answer.groups else [_listing_of(group) for group in answer.groups], error
    except UnreadableAnswer as damaged:
        return None, damaged


def _leaderless_groups(table: PartitionTable) -> ClusterError | None:
    """Returns why some groups have no coordinator: no broker leads the partition that holds them."""
    at = table.index.get(OFFSETS_TOPIC)
    if at is None:
        return None
    leaders = table.leader[table.first[at] : table.first[at + 1]]
    count = int((leaders < 0).sum())
    if not count:
        return None
    of = f"{count} of the {len(leaders)} partitions of {OFFSETS_TOPIC}"
    return Unreachable(
        f"{of} have no leader, so the groups on them have no coordinator", "Start the brokers that are down."
    )


def _listing_of(group: Any) -> GroupListing:
    types, states = set(GroupType), set(GroupState)
    kind, state = getattr(group, "group_type", None), getattr(group, "group_state", None)
    return GroupListing(
        text_of(group.group_id),
        GroupType(kind) if kind in types else GroupType.UNKNOWN,
        GroupState(state) if state in states else GroupState.UNKNOWN,
    )


async def leader_sizes(wire: BrokerRequests, table: PartitionTable) -> dict[TopicPartition, int]:
    """Returns the bytes on disk of each partition's leader replica. Raises ClusterError where no broker reports any."""
    directories = await log_directories(wire)
    held = {
        broker: {partition: size for directory in answer for partition, size in directory.replicas.items()}
        for broker, answer in directories.items()
        if not isinstance(answer, ClusterError)
    }
    silent = [answer for answer in directories.values() if isinstance(answer, ClusterError)]
    if not held and silent:
        raise silent[0]
    return {
        partition: size
        for broker, sizes in held.items()
        for partition, size in sizes.items()
        if (place := table.place_of(partition)) >= 0 and table.leader[place] == broker
    }


async def remove(wire: BrokerRequests, group: Group, members: Sequence[Member], reason: str) -> tuple[str, ...]:
    """Removes members through the coordinator, as if they had left. Members that are gone already are no error."""
    doing = f"removing the members of {group.group}"
    identities = [
        LeaveGroupRequest.MemberIdentity(
            member_id="" if member.group_instance_id else member.member_id,
            group_instance_id=member.group_instance_id,
            reason=reason,
        )
        for member in members
    ]
    request = LeaveGroupRequest(group_id=group.group, members=identities, min_version=3)
    if group.coordinator is None:
        raise Unreachable(f"{doing}: its coordinator is not known")
    answer = await wire.send(request, group.coordinator, doing)
    if answer.error_code:
        raise response_error(answer.error_code, doing)
    removed = []
    for member, outcome in zip(members, rows_of(answer.members), strict=False):  # what is left out is unknown
        if outcome.error_code not in (0, _UNKNOWN_MEMBER_ID):
            raise response_error(outcome.error_code, f"{doing} ({member.client_id})")
        if outcome.error_code == 0:
            removed.append(member.member_id)
    return tuple(removed)
