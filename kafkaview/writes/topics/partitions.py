"""Planning to give a topic more partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedHere, attempt
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.command_words import command_words, option_words
from kafkaview.words import name_text, number, plural
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow
from kafkaview.writes.topics.facts import check_same_topic, problems_of_kafkas_own, read_facts

if TYPE_CHECKING:
    from kafkaview.session import Session

ADDITION: Final = "topics.add_partitions"  # the kind in the journal
_KEYS = Caution(
    "The records of a key go to another partition from then on.",
    "Its partition is the key's hash modulo the number of partitions: older and newer records of a key are no longer"
    " in one order, and a compacted topic keeps both.",
)
_BEGINNING = "A group with auto.offset.reset=latest skips what is written to a new partition before its members see it."
_FINAL = Caution("It cannot be undone.", "Kafka removes no partition; only a new topic has fewer.")


async def plan_add_partitions(session: Session, topic: str, to: int) -> ChangePlan:
    """Plans to give a topic `to` partitions in all; what the controller refuses (CreatePartitions with validateOnly) is
    the plan's problem. Raises UnknownTopicOrPartition.
    """
    facts = await read_facts(session.cluster, topic)
    now = len(facts.topic.partitions)
    problems: tuple[ClusterError, ...] = problems_of_kafkas_own(facts.topic)
    if to <= now:
        has = f"{topic} has {plural(now, 'partition')}"
        problems += (RefusedHere(f"{has} already" if to == now else f"{has}, and Kafka removes none"),)
    else:
        refused = await attempt(lambda: session.cluster.topic_changes.draft_partitions(topic, to))
        problems += (refused,) if isinstance(refused, ClusterError) else ()

    async def write(cluster: Cluster) -> None:
        await cluster.topic_changes.add_partitions(topic, to)

    async def check(cluster: Cluster) -> None:
        found = len((await check_same_topic(cluster, topic, facts.topic_id)).partitions)
        if found != now:
            raise PlanNoLongerHolds(
                f"{topic} has {plural(found, 'partition')} meanwhile, not {number(now)}",
                "Nothing was written. Make a new plan.",
            )

    async def verify(cluster: Cluster) -> str:
        partitions = (await cluster.topic(topic)).partitions
        if len(partitions) != to:
            return f"{topic} has {plural(len(partitions), 'partition')}."
        leaderless = [str(one.topic_partition) for one in partitions[now:] if one.leader is None]
        return f"{leaderless[0]} has no leader yet." if leaderless else ""

    added = max(0, to - now)
    readers = (ChangeRow(f"Group {name_text(one.group)}", str(one), "reads the new ones too") for one in facts.readers)
    return ChangePlan(
        kind=ADDITION,
        title=f"Add {plural(added, 'partition')} to {topic}",
        deed=f"Add {plural(added, 'partition')}",
        subject=topic,
        rows=(ChangeRow(topic, plural(now, "partition"), plural(to, "partition")), *readers),
        command=command_words(("topics", "add-partitions"), [topic], option_words("--to", to)),
        document={
            "topic": topic,
            "topic_id": facts.topic_id,
            "partitions_before": now,
            "partitions_after": to,
            "groups": facts.documents_of_readers(),
        },
        write=write,
        check=check,
        verify=verify,
        cautions=(_KEYS, *facts.cautions_of_readers(_BEGINNING), _FINAL),
        problems=problems,
    )
