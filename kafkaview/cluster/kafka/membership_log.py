"""The membership of classic groups as coordinators store it: whenever a member joins or leaves, the group is written
anew to `__consumer_offsets`. A member that was there for milliseconds between two looks is seen there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Final

from kafkaview.cluster.kafka.coordinator_partition import coordinator_partition
from kafkaview.cluster.kafka.coordinators import Coordinators
from kafkaview.cluster.kafka.log_offsets import bounds
from kafkaview.cluster.kafka.sample_requests import ColumnRequests
from kafkaview.cluster.ports.cluster import Batch
from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.terms import OFFSETS_TOPIC, Record, TopicPartition

_MOST_READ: Final = 20_000  # records in one partition, and in all of one call
_GROUP_KEY: Final = 2  # version of GroupMetadataKey.json; keys of committed offsets have 0 and 1
_HEAD: Final = 4  # bytes of version and length before the group

Ranges = Mapping[TopicPartition, int]


async def read_membership_changes(
    columns: ColumnRequests,
    coordinators: Coordinators,
    read: Callable[[Ranges, Ranges], AsyncIterator[Batch]],
    groups: Collection[str],
    since: Mapping[int, int],
) -> MembershipChanges:
    """Reads what was stored of the groups from the offsets `since` on, by partition of `__consumer_offsets`. Partitions
    with too many records to read are passed over.
    """
    kept = await _kept_in(columns, coordinators, groups)
    logs = await bounds(columns, kept)
    ends = {at: log.log_end_offset for at, log in logs.items() if log.log_end_offset is not None}
    start = {at: since[at.partition] for at in ends if at.partition in since}
    start = _within_reach(start, ends)
    changed: set[str] = set()
    reached = dict(start)
    unread = {at: first for at, first in start.items() if first < ends[at]}
    if unread:
        async for batch in read(unread, {at: ends[at] for at in unread}):
            changed.update(group for record in batch.records if (group := _stored_group(record)) is not None)
            reached.update(batch.next_offsets)
    complete = {group for at in start if reached[at] >= ends[at] for group in kept[at]}
    return MembershipChanges(
        frozenset(changed.intersection(groups)), frozenset(complete), {at.partition: end for at, end in ends.items()}
    )


async def _kept_in(
    columns: ColumnRequests, coordinators: Coordinators, groups: Collection[str]
) -> dict[TopicPartition, list[str]]:
    """Returns the groups by the partition that keeps them; empty where the topic may not be seen. In Kafka that
    partition's leader is the group's coordinator. Where it is not, the group's records are elsewhere: it is left out.
    """
    topic = (await columns.table()).topic(OFFSETS_TOPIC)
    kept: dict[TopicPartition, list[str]] = defaultdict(list)
    if topic is not None:
        found = await coordinators.find(groups)
        for group in groups:
            number = coordinator_partition(group, len(topic.partitions))
            leader = topic.partitions[number].leader
            if leader is not None and leader == found.get(group):
                kept[TopicPartition(OFFSETS_TOPIC, number)].append(group)
    return kept


def _within_reach(start: Ranges, ends: Ranges) -> dict[TopicPartition, int]:
    """Returns the partitions with the fewest records to read, as many as may be read in one call."""
    chosen, left = {}, _MOST_READ
    for at in sorted(start, key=lambda one: ends[one] - start[one]):
        left -= max(0, ends[at] - start[at])
        if left < 0:
            break
        chosen[at] = start[at]
    return chosen


def _stored_group(record: Record) -> str | None:
    """Returns the group whose members a record stores; None for a committed offset or a removed group."""
    key = record.key
    if key is None or record.value is None or int.from_bytes(key[:2]) != _GROUP_KEY:
        return None
    return key[_HEAD:].decode("utf-8", "replace")
