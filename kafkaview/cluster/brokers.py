"""What each broker is asked by itself: its release, its groups, what its leaders hold, the members it shall drop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Final

from confluent_kafka.admin._metadata import ClusterMetadata
from kafka.protocol.admin import ListGroupsRequest  # type: ignore[import-untyped]
from kafka.protocol.consumer import LeaveGroupRequest  # type: ignore[import-untyped]
from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.admin import Admin
from kafkaview.cluster.errors import ClusterError, NotAuthorized, Unreachable
from kafkaview.cluster.features import METADATA_VERSION, release_of
from kafkaview.cluster.log_directories import log_directories
from kafkaview.cluster.mode import DESCRIBE_QUORUM, LEADER_AND_ISR
from kafkaview.cluster.port import Groups
from kafkaview.cluster.wire import Wire, response_error
from kafkaview.terms import Broker, ClusterInfo, Group, GroupListing, GroupState, GroupType, Member, TopicPartition

_UNKNOWN_MEMBER_ID: Final = 25
DESCRIBE_SECONDS: Final = 2.0


async def described(admin: Admin) -> ClusterInfo:
    """Cluster id, brokers and controller. While a dead controller is still named, the plain metadata has to do."""
    try:
        told = await admin.ask_one(
            "describing the cluster", lambda client: client.describe_cluster(request_timeout=DESCRIBE_SECONDS)
        )
    except Unreachable:
        return await admin.metadata(_info_of)
    return ClusterInfo(
        told.cluster_id,
        tuple(Broker(node.id, node.host, node.port, node.rack) for node in sorted(told.nodes, key=lambda n: n.id)),
        None if told.controller is None else told.controller.id,
    )


def addresses(metadata: ClusterMetadata) -> tuple[str, ...]:
    """`HOST:PORT` of the broker that gave this metadata; of all of them where a bootstrap server did."""
    every = metadata.brokers.items()
    told = [one for number, one in every if number == metadata.orig_broker_id] or [one for _number, one in every]
    return tuple(f"[{one.host}]:{one.port}" if ":" in str(one.host) else f"{one.host}:{one.port}" for one in told)


def _info_of(metadata: ClusterMetadata) -> ClusterInfo:
    brokers = tuple(Broker(b.id, str(b.host), b.port) for _, b in sorted(metadata.brokers.items()))
    controller = metadata.controller_id
    return ClusterInfo(metadata.cluster_id, brokers, controller if controller >= 0 else None)


async def release_and_mode(wire: Wire) -> tuple[str | None, str | None]:
    """The release that the cluster's features are finalized at (or that the requests fit), and KRaft or ZooKeeper."""
    keys = await wire.api_versions()
    mode = "KRaft" if DESCRIBE_QUORUM in keys else "ZooKeeper" if LEADER_AND_ISR in keys else None
    request = ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0", min_version=3)
    answer = await wire.send_any(request, "reading the features")
    levels = {feature.name: feature.max_version_level for feature in answer.finalized_features or ()}
    level = levels.get(METADATA_VERSION)
    if level is None:
        return await wire.inferred_release(), mode
    return release_of(level), mode


async def listed_groups(wire: Wire) -> Groups:
    """Groups of every type with their exact states, and an error for each broker that did not answer."""
    answers = await asyncio.gather(
        *(_groups_of(wire, broker) for broker in await wire.broker_ids()), return_exceptions=True
    )
    rows = [answer for answer in answers if isinstance(answer, list)]
    errors = tuple(answer for answer in answers if isinstance(answer, ClusterError))
    if errors and not rows:
        raise errors[0]
    return Groups(tuple(sorted(chain.from_iterable(rows), key=lambda row: row.group)), errors)


async def _groups_of(wire: Wire, broker: int) -> list[GroupListing]:
    doing = f"listing the groups of broker {broker}"
    answer = await wire.send(ListGroupsRequest(min_version=0), broker, doing)
    if answer.error_code:
        raise response_error(answer.error_code, doing)
    return [_listing_of(group) for group in answer.groups]


def _listing_of(group: Any) -> GroupListing:
    types, states = set(GroupType), set(GroupState)
    kind, state = getattr(group, "group_type", None), getattr(group, "group_state", None)
    return GroupListing(
        group.group_id,
        GroupType(kind) if kind in types else GroupType.UNKNOWN,
        GroupState(state) if state in states else GroupState.UNKNOWN,
    )


async def leader_sizes(wire: Wire, leader_of: Mapping[TopicPartition, int | None]) -> dict[TopicPartition, int]:
    """Bytes on disk of each partition's leader replica; of none where they may not be seen."""
    told = await log_directories(wire)
    held = {
        broker: {partition: size for directory in answer for partition, size in directory.replicas.items()}
        for broker, answer in told.items()
        if not isinstance(answer, ClusterError)
    }
    silent = [answer for answer in told.values() if isinstance(answer, ClusterError)]
    if not held and silent and not isinstance(silent[0], NotAuthorized):
        raise silent[0]
    return {
        partition: held[leader][partition]
        for partition, leader in leader_of.items()
        if leader in held and partition in held[leader]
    }


async def remove(wire: Wire, group: Group, members: Sequence[Member], reason: str) -> tuple[str, ...]:
    """Make the coordinator drop the members, as if they had left. Those already gone are no error."""
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
    for member, outcome in zip(members, answer.members, strict=False):  # what is left out was not told
        if outcome.error_code not in (0, _UNKNOWN_MEMBER_ID):
            raise response_error(outcome.error_code, f"{doing} ({member.client_id})")
        if outcome.error_code == 0:
            removed.append(member.member_id)
    return tuple(removed)
