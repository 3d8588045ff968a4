"""The memory of what was sent back: committed offsets of a group of kafkaview's own, which are committed in the same
transaction as the records. So whatever is killed, a record stands in its topic exactly where its letter is remembered.

The group `kafkaview-redrive-QUEUE` has, for each partition of the queue, the first offset that is left, and in the
metadata of that commit which offsets of the same block are sent behind it. Other blocks have groups of their own,
`kafkaview-redrive-QUEUE:BLOCK`: metadata is limited (`offset.metadata.max.bytes`, 4,096), and a block always fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import GroupMove
from kafkaview.terms import CommittedOffset, TopicPartition
from kafkaview.triage.redrive.offset_set import BLOCK_OFFSETS, OffsetSet
from kafkaview.writes.memory_groups import memory_group

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster

_MARK: Final = "kafkaview-1"
_NO_ID: Final = "-"


@dataclass(slots=True)
class PartitionMemory:
    """What was sent back from one partition: all before `first`, and `sent`. `first` None: nothing is committed."""

    first: int | None = None
    sent: OffsetSet = field(default_factory=OffsetSet)

    def __contains__(self, offset: int) -> bool:
        return (self.first is not None and offset < self.first) or offset in self.sent

    def copy(self) -> PartitionMemory:
        """Returns the same memory, which grows by itself."""
        return PartitionMemory(self.first, self.sent.copy())


@dataclass(slots=True)
class RedriveMemory:
    """What was sent back from a queue, as its groups say. A topic that was made anew has another `topic_id`, and what
    was committed on its predecessor does not count.
    """

    queue: str
    topic_id: str | None
    partitions: defaultdict[int, PartitionMemory] = field(default_factory=lambda: defaultdict(PartitionMemory))

    def add(self, sent: Mapping[int, OffsetSet], voids: Mapping[int, OffsetSet], starts: Mapping[int, int]) -> None:
        """Adds what is sent now, and moves the first offset that is left over what is sent and over `voids`, offsets
        that hold no record. `starts` are where the logs begin.
        """
        for partition, offsets in sent.items():
            own, void = self.partitions[partition], voids.get(partition, OffsetSet())
            own.sent.update(offsets)
            first = max(own.first or 0, starts.get(partition, 0))
            while first in own.sent or first in void:
                first += 1
            own.first = first

    def moves(self, sent: Mapping[int, OffsetSet]) -> list[GroupMove]:
        """Returns the commits that remember what was sent now, once it was added."""
        found = []
        for partition, offsets in sorted(sent.items()):
            own, place = self.partitions[partition], TopicPartition(self.queue, partition)
            first = own.first or 0
            at = first // BLOCK_OFFSETS
            found.append(self._move(None, place, first, own.sent.pack(at)))
            later = [block for block in offsets.blocks if block > at]
            found += [self._move(block, place, block * BLOCK_OFFSETS, own.sent.pack(block)) for block in later]
        return found

    def _move(self, block: int | None, place: TopicPartition, offset: int, packed: str) -> GroupMove:
        metadata = f"{_MARK} {self.topic_id or _NO_ID} {packed}"
        return GroupMove(memory_group(self.queue, block), place, CommittedOffset(offset, None, metadata))

    def note(self, place: TopicPartition, committed: CommittedOffset, block: int | None) -> bool:
        """Adds a commit; returns whether it is of kafkaview and of this topic, else it is left out."""
        try:
            mark, named, packed = committed.metadata.rstrip("\0").split(" ")  # the client adds a NUL
            if mark != _MARK or (self.topic_id is not None and named not in (self.topic_id, _NO_ID)):
                return False
            own = self.partitions[place.partition]
            own.sent.unpack(committed.offset // BLOCK_OFFSETS if block is None else block, packed)
        except ValueError:
            return False
        if block is None:
            own.first = committed.offset
        return True


async def read_memory(
    cluster: Cluster, queue: str, topic_id: str | None, blocks: Collection[int], *, require_stable: bool = False
) -> RedriveMemory:
    """Reads what was sent back from a queue, of these blocks of offsets. Raises ClusterError where a coordinator does
    not say. With `require_stable` it waits for transactions that are about to end.
    """
    groups = {memory_group(queue, block): block for block in (None, *sorted(blocks))}
    committed = await cluster.committed_offsets(groups, require_stable=require_stable)
    memory = RedriveMemory(queue, topic_id)
    for group, block in groups.items():
        offsets = committed[group]
        if isinstance(offsets, ClusterError):
            raise offsets
        for place, commit in offsets.items():
            if place.topic == queue:
                memory.note(place, commit, block)
    return memory
