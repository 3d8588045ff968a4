"""What a watch is planned on: its topics, their rules, the queue."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kafkaview.terms import Topic
from kafkaview.triage.group_watch.request import GroupWatchRequest
from kafkaview.triage.reroute.queue import Queue, look_at_queue
from kafkaview.triage.scan.rule_sets import RuleSet, find_rules

if TYPE_CHECKING:
    from kafkaview.session import Session


@dataclass(frozen=True, slots=True)
class GroupWatchFacts:
    """The facts of one copy of a watch. Each copy has a transactional id of its own: what it leaves open when it is
    killed, the brokers abort.
    """

    request: GroupWatchRequest
    topics: tuple[Topic, ...]
    rules: RuleSet
    queue: Queue | None
    cluster_id: str | None
    transactional_id: str = field(default="")


async def look_at_watch(session: Session, request: GroupWatchRequest) -> GroupWatchFacts:
    """Looks at what a watch is asked for; writes nothing. Raises ClusterError where a topic is missing, and ValueError
    for one without a rule and without a known format.
    """
    names = dict.fromkeys(request.topics)
    topics = tuple([await session.cluster.topic(name) for name in names])
    rules = await find_rules(session, names, request.value_rules, request.key_rules)
    queue = None
    if request.dlq is not None:
        largest = max(topics, key=lambda topic: len(topic.partitions))
        queue = await look_at_queue(session.cluster, request.dlq, largest, create=request.create_dlq)
    info = await session.cluster.describe()
    own = f"{request.group_name}-{uuid.uuid4().hex[:12]}"
    return GroupWatchFacts(request, topics, rules, queue, info.cluster_id, own)
