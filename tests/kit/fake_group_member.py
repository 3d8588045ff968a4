"""A member of a group of the fake cluster: it has every partition of its topics, and commits at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError, RefusedByPolicy
from kafkaview.cluster.ports.cluster import GroupMove, TransactionStage
from kafkaview.cluster.ports.group_member import CommittedCopy, GroupMembership, HeldRecord, MemberPoll, SourceCopy
from kafkaview.terms import CommittedOffset, Isolation, Record, TopicPartition
from kafkaview.triage.scan.listed_records import InspectedRecords

if TYPE_CHECKING:
    from tests.kit.fake_cluster import FakeCluster


class ListedPoll(InspectedRecords):
    """The records of one poll."""

    def __len__(self) -> int:
        return len(self._inspected)

    def record(self, index: int) -> Record:
        return self._inspected[index]


class FakeGroupMember:
    """Implements the port."""

    def __init__(self, cluster: FakeCluster, membership: GroupMembership) -> None:
        self._cluster = cluster
        self._of = membership
        self._held: set[TopicPartition] = set()
        self._at: dict[TopicPartition, int] = {}
        self._goes_back = False
        self._copied: list[CommittedCopy] = []
        self._refused: list[HeldRecord] = []
        self.closed = False

    async def poll(self) -> MemberPoll:
        """As the port says."""
        await self._cluster.asked("poll")
        places = [
            TopicPartition(topic, number)
            for topic in self._of.topics
            for number in range(len(self._cluster.logged[topic].logs))
        ]
        if self._goes_back:
            self._at, self._held, self._goes_back = {}, set(), False
        for place in places:
            if place not in self._at:
                self._at[place] = self._begin(place)
        starts = {place: self._at[place] for place in places if place not in self._held}
        records: list[Record] = []
        async for batch in self._cluster.read(starts, isolation=Isolation.READ_COMMITTED):
            records += batch.records
            self._at.update(batch.next_offsets)
        copied, self._copied = tuple(self._copied), []
        held, self._refused = tuple(self._refused), []
        ends: dict[TopicPartition, int | None] = {place: self._cluster.log(place).end for place in places}
        return MemberPoll(ListedPoll(records), dict(self._at), ends, copied, held)

    async def pass_records(self, until: Mapping[TopicPartition, int], copies: Sequence[SourceCopy]) -> None:
        """As the port says."""
        if self._goes_back:
            return
        moves = [GroupMove(self._of.group, place, CommittedOffset(at)) for place, at in until.items()]
        try:
            written = await self._cluster.transact(
                self._of.transactional_id or "none", [one.copy for one in copies], moves, _check_nothing
            )
        except RefusedByPolicy as error:
            self._refused.append(HeldRecord(self._find_refused(copies).source, error))
            await self.go_back()
        except ClusterError:
            await self.go_back()
        else:
            self._copied += [CommittedCopy(one.source, at) for one, at in zip(copies, written, strict=True)]

    async def hold(self, place: TopicPartition) -> None:
        """As the port says."""
        self._held.add(place)

    async def release(self, place: TopicPartition) -> None:
        """As the port says."""
        if place in self._at:
            await self.go_back()

    async def go_back(self) -> None:
        """As the port says."""
        self._goes_back = True

    async def begin_again(self, places: Collection[TopicPartition]) -> None:
        """As the port says."""
        for place in places:
            self._cluster.commit(self._of.group, place, 0)
        await self.go_back()

    async def close(self) -> MemberPoll:
        """As the port says."""
        self.closed = True
        return MemberPoll(ListedPoll([]), {}, {}, tuple(self._copied), tuple(self._refused))

    def _begin(self, place: TopicPartition) -> int:
        """Where a partition is read: from what is committed. The end of a log, where it begins there, is committed."""
        group = self._cluster.grouped.get(self._of.group)
        known = group.committed.get(place) if group is not None else None
        if known is not None:
            return known.offset
        if not self._of.from_end:
            return self._cluster.log(place).start
        end = self._cluster.log(place).end
        self._cluster.commit(self._of.group, place, end)
        return end

    def _find_refused(self, copies: Sequence[SourceCopy]) -> SourceCopy:
        for one in copies:
            try:
                self._cluster.check_copies([one.copy])
            except RefusedByPolicy:
                return one
        return copies[0]


async def _check_nothing(_stage: TransactionStage) -> None:
    pass
