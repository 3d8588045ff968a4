"""The dead letter queue of a plan: as it is, or as the cluster would create it. Creates nothing."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from kafkaview.cluster.errors import ClusterError, RefusedByPolicy, TopicExists, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.command_words import option_words
from kafkaview.terms import Topic, TopicPartition
from kafkaview.triage.reroute.queue_names import other_name, refusal_of_name
from kafkaview.writes.topic_limits import TopicLimits, read_limits

# Copies keep their timestamps, and retention goes by those: a dead letter older than the cluster's default (seven days)
# would be removed within minutes of being written.
KEPT_FOR_EVER: Final = ("retention.ms", "-1")
_LIMIT: Final = "max.message.bytes"
LOOK_BACK: Final = 50_000  # newest dead letters of a partition that are looked through for a copy made earlier
_UNTIL_KNOWN_S: Final = 2.0
_LOOK_AGAIN_S: Final = 0.1
_OTHERWISE: Final = "Choose another queue, or ask whoever runs the brokers to make it."


@dataclass(frozen=True, slots=True)
class Queue:
    """A dead letter queue; it has no topic if it does not exist yet. `limits` are those of its present or future
    settings, as far as they can be read; `changes` are the settings that a new queue gets. `problem` is why it cannot
    exist, and `other` is a name that is possible.
    """

    name: str
    source: Topic
    topic: Topic | None = None
    replication_factor: int | None = None
    limits: TopicLimits = field(default_factory=TopicLimits)
    changes: tuple[tuple[str, str], ...] = ()
    problem: ClusterError | None = None
    other: str | None = None

    @property
    def partitions(self) -> int:
        """The number of its partitions; a new queue gets as many as the records' own topic."""
        return len((self.topic or self.source).partitions)

    def advise(self, setting: str, change: str) -> str:
        """Returns how to change a setting: a missing queue with another value can only be created by hand."""
        if self.topic is None:
            return f"Make {self.name} beforehand with {change} {setting}, or choose another queue."
        return f"Set {change} {setting} for {self.name}, or choose another queue."


async def look_at_queue(cluster: Cluster, name: str, source: Topic, *, create: bool) -> Queue:
    """Returns the queue of this name. If it is missing and will be created, the cluster is asked how it would create
    it. Raises Unreachable.
    """
    table = await cluster.partition_table()
    reason = refusal_of_name(name, table.topics)
    if reason:
        other = other_name(name, source.name, table.topics)
        hint = f"Choose another queue: {' '.join(option_words('--to', other))}."
        return Queue(name, source, problem=RefusedByPolicy(reason, hint), other=other)
    drafted: Queue | None = None
    until = math.inf
    while True:
        try:
            topic = await cluster.topic(name)
            return Queue(name, source, topic, topic.replication_factor, await read_limits(cluster, name))
        except UnknownTopicOrPartition:
            if not create:
                return Queue(name, source)
        except Unreachable:
            raise
        except ClusterError as error:
            return Queue(name, source, problem=error)
        if drafted is None:
            drafted = await _draft_queue(cluster, name, source)
            until = time.monotonic() + _UNTIL_KNOWN_S
        if not isinstance(drafted.problem, TopicExists) or time.monotonic() >= until:
            return drafted
        await asyncio.sleep(_LOOK_AGAIN_S)  # somebody has just made it, or it may not be described


async def look_back(
    cluster: Cluster, dlq: Topic, sources: Collection[int]
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    """Returns where to begin to look for copies of records of these source partitions, and the last stable offsets of
    now. A partition of the queue whose leader does not say is left out.
    """
    bounds = await cluster.offsets({TopicPartition(dlq.name, one % len(dlq.partitions)) for one in sources})
    ends = {tp: o.last_stable_offset for tp, o in bounds.items() if o.last_stable_offset is not None}
    starts = {tp: max(bounds[tp].log_start_offset or 0, end - LOOK_BACK) for tp, end in ends.items()}
    return starts, ends


async def _draft_queue(cluster: Cluster, name: str, source: Topic) -> Queue:
    changes = await _changes(cluster, source)
    try:
        draft = await cluster.draft_topic(name, len(source.partitions), settings=dict(changes))
    except Unreachable:
        raise
    except ClusterError as error:
        error.hint = error.hint or _OTHERWISE
        return Queue(name, source, changes=changes, problem=error)
    limits = TopicLimits({setting.name: setting for setting in draft.settings})
    return Queue(name, source, None, draft.replication_factor, limits, changes)


async def _changes(cluster: Cluster, source: Topic) -> tuple[tuple[str, str], ...]:
    """Returns the settings of a new queue: unlimited retention, and records as large as the source topic takes."""
    limit = (await read_limits(cluster, source.name)).settings.get(_LIMIT)
    if limit is None or limit.is_default or limit.value is None:
        return (KEPT_FOR_EVER,)
    return (KEPT_FOR_EVER, (_LIMIT, limit.value))
