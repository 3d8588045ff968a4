"""The topics that dead letters go back to: whether they are there, what they take, and where in them a record goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import NotAuthorized, UnknownTopicOrPartition
from kafkaview.records.partitioners import Partitioner
from kafkaview.triage.redrive.request import RedrivePartition
from kafkaview.triage.redrive.restoration import Restored
from kafkaview.words import duration, number
from kafkaview.writes.topic_limits import TopicLimits, batch_size, read_limits, record_parts

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster, Copy
    from kafkaview.terms import Topic


_SURELY_FITS: Final = 4  # a record with this part of the largest batch's bytes, whatever its headers' lengths take


class RedriveTarget:
    """A topic that dead letters go back to, and what it takes."""

    def __init__(self, topic: Topic, limits: TopicLimits) -> None:
        self.topic = topic
        self.limits = limits
        # Each record is held to these, and a setting is text.
        self._compacts = limits.compacts
        self._largest = limits.largest

    def partition_of(self, restored: Restored, by: RedrivePartition) -> int | None:
        """Returns the partition that a record goes to; None where its origin's is not there any more. A record of
        which the partition is unknown goes by its key, and one without a key to one that its letter's own chooses.
        """
        count, own = len(self.topic.partitions), restored.origin.partition
        if by is RedrivePartition.SAME and own is not None:
            return own if own < count else None
        if restored.key is not None:
            return Partitioner.MURMUR2.choose(restored.key, count)
        return (restored.letter.partition if own is None else own) % count

    def refusal(self, copy: Copy) -> str:
        """Returns why the topic would not take a record, its timestamp aside; an empty text where it would."""
        name = self.topic.name
        if self._compacts and copy.key is None:
            return f"{name} is compacted and takes no record without a key"
        if self._largest is None:
            return ""
        parts = record_parts(copy.key, copy.value, copy.headers)
        size = sum(map(len, parts))
        if size < self._largest // _SURELY_FITS and len(parts) < self._largest // (_SURELY_FITS * _SURELY_FITS):
            return ""
        whole = batch_size(copy.key, copy.value, copy.headers)
        if whole > self._largest and self.limits.is_too_large(parts, whole - size):
            return f"it has {number(whole)} bytes, {name} takes {number(self._largest)}"
        return ""

    def time_refusal(self, at_ms: int, now_ms: int) -> str:
        """Returns why the topic would not take a record of this time; an empty text where it would."""
        violation = self.limits.timestamp_violation(at_ms, now_ms)
        if violation is None:
            return ""
        return (
            f"its timestamp lies {duration(violation.away_ms)} {violation.side} now, {self.topic.name} takes "
            f"{duration(violation.limit_ms)} ({violation.setting}={violation.limit_ms})"
        )

    def expires(self, at_ms: int, now_ms: int) -> bool:
        """Returns whether a record of this time may be removed at once."""
        return not self._compacts and self.limits.is_expired(at_ms, now_ms)


class RedriveTargets:
    """The targets of one redrive, each looked at once."""

    def __init__(self, cluster: Cluster, queue: str) -> None:
        self._cluster = cluster
        self._queue = queue
        self._known: dict[str, RedriveTarget | str] = {}

    async def find(self, name: str) -> RedriveTarget | str:
        """Returns a topic, or why nothing can be sent to it. Raises ClusterError where no broker says."""
        if name not in self._known:
            self._known[name] = await self._look_at(name)
        return self._known[name]

    @property
    def found(self) -> dict[str, RedriveTarget]:
        """The topics that can be sent to, by name."""
        return {name: one for name, one in self._known.items() if isinstance(one, RedriveTarget)}

    @property
    def batch_bytes(self) -> int | None:
        """The bytes that a batch may have in every one of them; None where that is unknown of one."""
        largest = [one.limits.largest for one in self.found.values()]
        return min((one for one in largest if one is not None), default=None) if None not in largest else None

    async def _look_at(self, name: str) -> RedriveTarget | str:
        if name == self._queue:
            return f"it came from {name} itself: it would go round for ever"
        try:
            topic = await self._cluster.topic(name)
        except UnknownTopicOrPartition:
            return f"there is no topic {name} any more"
        except NotAuthorized:
            return f"the topic {name} may not be seen"
        if topic.internal:
            return f"{name} is Kafka's own"
        return RedriveTarget(topic, await read_limits(self._cluster, name))
