"""A group as it is now: its members and its committed offsets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.errors import ClusterError, RefusedHere, UnknownGroup
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.terms import CommittedOffset, GroupListing, GroupState, GroupType, Member, TopicPartition
from kafkaview.words import join_names, name_text, plural
from kafkaview.writes.steps import Progress, WriteStepName

_PAUSE_S: Final = 0.5
NOBODY: Final = (GroupState.EMPTY, GroupState.DEAD, GroupState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group as its coordinator describes it; `exists` is false if there is no group of that name yet."""

    group: str
    type: GroupType
    state: GroupState
    members: tuple[Member, ...]
    committed: Mapping[TopicPartition, CommittedOffset]
    exists: bool
    coordinator: int | None = None  # a broker's id

    @property
    def has_members(self) -> bool:
        """Whether the group has members, by its list or its state: brokers list none of a share group."""
        return bool(self.members) or self.state not in NOBODY

    def __str__(self) -> str:
        """Returns the members in words: `orders has 2 members: app-1 at 10.0.0.7 and app-2 at 10.0.0.8`."""
        if not self.members:
            return (
                f"{name_text(self.group)} is {self.state.value}"
                if self.has_members
                else f"{name_text(self.group)} has no members"
            )
        names = join_names([f"{member.client_id} at {member.host}" for member in self.members], 5)
        return f"{name_text(self.group)} has {plural(len(self.members), 'member')}: {names}"


async def read_group(cluster: Cluster, group: str, *, require_stable: bool = False) -> GroupFacts:
    """Reads members and committed offsets of a group; one that is not there has none. Raises ClusterError."""
    listing = await _find_listing(cluster, group)
    described, committed = await asyncio.gather(
        cluster.describe_groups([listing]), cluster.committed_offsets([group], require_stable=require_stable)
    )
    found, offsets = described[group], committed[group]
    if isinstance(offsets, ClusterError):
        raise offsets
    if isinstance(found, UnknownGroup):
        return GroupFacts(group, listing.type, GroupState.DEAD, (), offsets, exists=False)
    if isinstance(found, ClusterError):
        raise found
    return GroupFacts(
        group, found.type, found.state, found.members, offsets, exists=True, coordinator=found.coordinator
    )


async def _find_listing(cluster: Cluster, group: str) -> GroupListing:
    answer = await cluster.groups()
    for listing in answer.listings:
        if listing.group == group:
            return listing
    if answer.errors:
        raise answer.errors[0]  # it may be with the broker that did not answer
    return GroupListing(group, GroupType.UNKNOWN, GroupState.UNKNOWN)


async def wait_until_empty(cluster: Cluster, group: str, seconds: float, progress: Progress) -> None:
    """Waits until a group has no members. Raises RefusedHere, with who is in it, when the time is over."""
    until = time.monotonic() + seconds
    progress.begin(WriteStepName.WAIT, f"Waiting until {group} is empty")
    said = ""
    while (facts := await read_group(cluster, group)).has_members:
        if time.monotonic() > until:
            hint = "Stop its application, wait longer, or evict the members (--evict)."
            raise RefusedHere(f"{facts}, still after {seconds:g} s. Nothing was written", hint)
        if str(facts) != said:
            said = str(facts)
            progress.update(said)
        await asyncio.sleep(_PAUSE_S)
    progress.end(f"{group} is empty")
