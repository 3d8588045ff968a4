"""Planning to delete a topic that holds no record: what a re-route has made before it was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.command_words import command_words, printed_line
from kafkaview.terms import Topic
from kafkaview.words import plural
from kafkaview.writes.plan import ChangePlan, ChangeRow
from kafkaview.writes.topic_ids import read_topic_ids

if TYPE_CHECKING:
    from kafkaview.profiles.profile import ConnectionProfile
    from kafkaview.session import Session

_VERB = ("topics", "delete")
_HINT = "Kafka's own tool deletes topics with records: kafka-topics --delete."


def deletion_line(profile: ConnectionProfile, topic: str) -> str:
    """Returns the `kafkaview` line that deletes a topic."""
    return printed_line(*profile.options, *command_words(_VERB, [topic]))


async def plan_delete_topic(session: Session, name: str) -> ChangePlan:
    """Plans to delete a topic without records. Raises UnknownTopicOrPartition; one with records is a problem."""
    topic = await session.cluster.topic(name)
    topic_id = (await read_topic_ids(session.cluster, [name])).get(name)
    problem = await _problem(session.cluster, topic)

    async def write(cluster: Cluster) -> None:
        await cluster.delete_topic(name)

    async def check(cluster: Cluster) -> None:
        if (await read_topic_ids(cluster, [name])).get(name) != topic_id:
            raise PlanNoLongerHolds(f"The topic {name} was deleted or made anew meanwhile", "Plan it again.")
        now = await _problem(cluster, topic)
        if now is not None:
            raise now

    async def verify(cluster: Cluster) -> str:
        try:
            await cluster.topic(name)
        except UnknownTopicOrPartition:
            return ""
        return f"{name} is still there."

    return ChangePlan(
        kind="topics.delete",
        title=f"Delete the topic {name}",
        deed="Delete the topic",
        subject=name,
        rows=(ChangeRow(name, f"{plural(len(topic.partitions), 'partition')} without a record", None),),
        command=command_words(_VERB, [name]),
        document={"topic": name, "partitions": len(topic.partitions)},
        write=write,
        check=check,
        verify=verify,
        problems=() if problem is None else (problem,),
    )


async def _problem(cluster: Cluster, topic: Topic) -> ClusterError | None:
    """Why the topic is not deleted: only one that is known to be empty is."""
    if topic.internal:
        return RefusedHere(f"{topic.name} is Kafka's own")
    bounds = await cluster.offsets([partition.topic_partition for partition in topic.partitions])
    starts = {}
    for place, log in bounds.items():
        if log.log_start_offset is None or log.log_end_offset is None or log.last_stable_offset is None:
            return Unreachable(f"Whether {place} holds records is unknown: its leader did not answer")
        if log.last_stable_offset < log.log_end_offset:
            return RefusedHere(f"A transaction is open on {place}: it may bring records", "Wait until it has ended.")
        if log.log_start_offset < log.log_end_offset:
            starts[place] = log.log_start_offset
    if not starts:
        return None
    async for batch in cluster.read(starts):  # there may be nothing but what was aborted
        if batch.records:
            return RefusedHere(f"{topic.name} holds records: only an empty topic is deleted from here", _HINT)
    return None
