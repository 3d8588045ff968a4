"""Planning to delete a topic, with all that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import PlanNoLongerHolds, UnknownTopicOrPartition, Unreachable
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.security import Operation
from kafkaview.command_words import command_words, printed_line
from kafkaview.terms import PartitionOffsets, TopicPartition
from kafkaview.words import plural
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow
from kafkaview.writes.topics.facts import (
    TopicFacts,
    check_same_topic,
    problems_of_kafkas_own,
    read_facts,
    records_text,
)

if TYPE_CHECKING:
    from kafkaview.profiles.profile import ConnectionProfile
    from kafkaview.session import Session

DELETION: Final = "topics.delete"  # the kind in the journal
SILENT: Final = "A leader does not answer. Nothing was written."
_VERB = ("topics", "delete")


def deletion_line(profile: ConnectionProfile, topic: str) -> str:
    """Returns the `kafkaview` line that deletes a topic."""
    return printed_line(*profile.options, *command_words(_VERB, [topic]))


async def plan_delete_topic(session: Session, name: str) -> ChangePlan:
    """Plans to delete a topic. What was planned as empty is left if it holds a record by then. Raises
    UnknownTopicOrPartition.
    """
    return (await plan_deletion(session, name))[0]


async def plan_deletion(session: Session, name: str) -> tuple[ChangePlan, bool | None]:
    """Plans to delete a topic, and returns whether it is empty, None where that is unknown. Raises
    UnknownTopicOrPartition.
    """
    facts = await read_facts(session.cluster, name)
    known_empty = await is_empty(session.cluster, facts.bounds)
    empty = known_empty is True

    async def write(cluster: Cluster) -> None:
        await cluster.delete_topic(name)

    async def check(cluster: Cluster) -> None:
        topic = await check_same_topic(cluster, name, facts.topic_id)
        if empty:
            bounds = await cluster.offsets([one.topic_partition for one in topic.partitions])
            still = await is_empty(cluster, bounds)
            if still is None:
                raise Unreachable(f"Whether {name} still holds no record is unknown", SILENT)
            if not still:
                raise PlanNoLongerHolds(f"{name} holds records meanwhile", "Nothing was written. Make a new plan.")

    async def verify(cluster: Cluster) -> str:
        try:
            await cluster.topic(name)
        except UnknownTopicOrPartition:
            return ""
        return f"{name} is still there."

    held = "without a record" if empty else f"with {records_text(facts.records)}"
    partitions = plural(len(facts.topic.partitions), "partition")
    plan = ChangePlan(
        kind=DELETION,
        title=f"Delete the topic {name}" if empty else f"Delete the topic {name} {held}",
        deed="Delete the topic",
        subject=name,
        rows=(ChangeRow(name, f"{partitions} {held}", None), *facts.rows_of_readers("reads nothing any more")),
        command=command_words(_VERB, [name]),
        document={
            "topic": name,
            "topic_id": facts.topic_id,
            "partitions": len(facts.topic.partitions),
            "records_upper_bound": facts.records.value if facts.records.complete else None,
            "groups": facts.documents_of_readers(),
        },
        write=write,
        check=check,
        verify=verify,
        cautions=_cautions(facts, empty=empty),
        problems=(
            *problems_of_kafkas_own(facts.topic),
            *await session.cluster.topic_changes.missing_rights(name, Operation.DELETE),
        ),
        destroys=not empty,
    )
    return plan, known_empty


async def is_empty(cluster: Cluster, bounds: Mapping[TopicPartition, PartitionOffsets]) -> bool | None:
    """Returns whether partitions hold no record, and none is in an open transaction. What was aborted is no record.
    None where a leader does not answer, and the others have none.
    """
    starts = {}
    unknown = False
    for place, log in bounds.items():
        if log.log_start_offset is None or log.log_end_offset is None or log.last_stable_offset is None:
            unknown = True
        elif log.last_stable_offset < log.log_end_offset:
            return False
        elif log.log_start_offset < log.log_end_offset:
            starts[place] = log.log_start_offset
    if starts:
        async for batch in cluster.read(starts):
            if batch.records:
                return False
    return None if unknown else True


def _cautions(facts: TopicFacts, *, empty: bool) -> tuple[Caution, ...]:
    lost = Caution(
        f"It takes {records_text(facts.records)} with it.",
        "It cannot be undone: the brokers delete them, and kafkaview keeps no copy.",
    )
    return (
        *(() if empty else (lost,)),
        *facts.cautions_of_readers("What they have committed on it is deleted with it."),
        Caution(
            "Whoever still writes to it may make it anew, empty.",
            "Brokers create a missing topic where auto.create.topics.enable is on.",
        ),
    )
