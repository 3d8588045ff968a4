"""What a plan of a bulk re-route has found, for its execution."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kafkaview.terms import RecordId, Topic, TopicPartition
from kafkaview.triage.reroute.bulk.copy_maker import CopyMaker
from kafkaview.triage.reroute.bulk.survey import SourceSurvey
from kafkaview.triage.reroute.plan import GroupPlan
from kafkaview.triage.reroute.queue import Queue
from kafkaview.writes.stopping import Stopping


@dataclass(frozen=True, slots=True)
class BulkWork:
    """What a plan has found, for its execution. `unsent` and `handled` are offsets in order, `ends` the log ends of the
    queue from which on what stands was looked for, `earlier` the records of which a copy stands there.
    """

    topic: Topic
    queue: Queue
    survey: SourceSurvey
    unsent: Mapping[TopicPartition, Sequence[int]]
    handled: Mapping[TopicPartition, Sequence[int]]
    moves: Sequence[GroupPlan]
    maker: CopyMaker
    ends: Mapping[TopicPartition, int]
    evict: bool
    transactional_id: str
    stopping: Stopping
    earlier: Collection[RecordId]

    @property
    def queue_partitions(self) -> set[TopicPartition]:
        """The partitions of the queue that copies go to."""
        used = {place.partition for place, own in self.unsent.items() if own}
        return {TopicPartition(self.queue.name, one % self.queue.partitions) for one in used}
