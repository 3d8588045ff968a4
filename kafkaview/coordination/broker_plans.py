"""Plans for leaders and replicas: preferred leader elections, and reassignments that are cancelled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from kafkaview.cluster.errors import ClusterError, PlanNoLongerHolds, RefusedByPolicy, RefusedHere
from kafkaview.cluster.ports.brokers import Reassignment
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.security import Operation
from kafkaview.command_words import command_words
from kafkaview.terms import Partition, TopicPartition
from kafkaview.writes.plan import Caution, ChangePlan, ChangeRow

_ELECTION = Caution(
    "Clients of these partitions wait a moment.", "Each of them learns its new leader from an error of the old one."
)


async def plan_elections(cluster: Cluster, partitions: Collection[TopicPartition] | None = None) -> ChangePlan:
    """Plans to let the preferred replica (the first of its replicas) lead each partition that another one leads.
    `partitions` None means all. A partition whose preferred replica is not in sync is left out, with a caution.
    """
    found = await _partitions(cluster, partitions)
    misled = [one for one in found if one.replicas and one.leader != one.replicas[0]]
    ready = [one for one in misled if one.replicas[0] in one.isr]
    wanted = {one.topic_partition: one.replicas[0] for one in ready}
    late = [one for one in misled if one.replicas[0] not in one.isr]

    async def write(cluster: Cluster) -> None:
        results = await cluster.brokers.elect_preferred(wanted)
        refused = [f"{partition}: {words}" for partition, words in results.items() if words]
        if len(refused) == len(wanted):
            raise RefusedByPolicy(f"No leader was elected. {refused[0]}", "Look at the replicas again.")

    async def check(cluster: Cluster) -> None:
        now = {one.topic_partition: one for one in await _partitions(cluster, wanted)}
        if any(partition not in now or now[partition].replicas[0] != leader for partition, leader in wanted.items()):
            raise PlanNoLongerHolds("The replicas have changed; no leader was elected.", "Make a new plan.")

    async def verify(cluster: Cluster) -> str:
        now = await _partitions(cluster, wanted)
        not_led = [one for one in now if one.leader != wanted[one.topic_partition]]
        return _sentence(not_led, "not led by the preferred replica yet")

    return ChangePlan(
        kind="brokers.elect",
        title=f"Let the preferred replica lead {_count(len(ready), 'partition')}",
        deed=f"Elect {_count(len(ready), 'leader')}",
        subject=ready[0].topic if len({one.topic for one in ready}) == 1 else "leaders",
        rows=tuple(ChangeRow(str(one.topic_partition), _leader(one.leader), _leader(one.replicas[0])) for one in ready),
        command=_command("elect", partitions),
        document={"partitions": {str(partition): leader for partition, leader in wanted.items()}},
        write=write,
        check=check,
        verify=verify,
        cautions=(_ELECTION, *_cautions_of_late(late)),
        problems=await cluster.security.missing_rights(Operation.ALTER) if ready else (_nothing_to_elect(late),),
    )


async def plan_cancellations(cluster: Cluster, partitions: Collection[TopicPartition] | None = None) -> ChangePlan:
    """Plans to cancel reassignments: the replicas of before stay. `partitions` None means all in progress."""
    moving = [
        one for one in await cluster.brokers.reassignments() if partitions is None or one.topic_partition in partitions
    ]
    wanted = {one.topic_partition: _after(one) for one in moving}

    async def write(cluster: Cluster) -> None:
        await cluster.brokers.cancel_reassignments(wanted)

    async def check(cluster: Cluster) -> None:
        now = {one.topic_partition: _after(one) for one in await cluster.brokers.reassignments()}
        if any(now.get(partition) != replicas for partition, replicas in wanted.items()):
            raise PlanNoLongerHolds("A reassignment has ended or changed; none was taken back.", "Make a new plan.")

    async def verify(cluster: Cluster) -> str:
        still = [str(one.topic_partition) for one in await cluster.brokers.reassignments()]
        left = [partition for partition in still if partition in map(str, wanted)]
        return f"Still on the move: {', '.join(left)}." if left else ""

    return ChangePlan(
        kind="brokers.cancel_reassignments",
        title=f"Take {_count(len(moving), 'reassignment')} back",
        deed=f"Take back {_count(len(moving), 'reassignment')}",
        subject=moving[0].topic_partition.topic if len(moving) == 1 else "reassignments",
        rows=tuple(
            ChangeRow(str(one.topic_partition), _brokers(one.replicas), _brokers(_after(one))) for one in moving
        ),
        command=_command("cancel", partitions),
        document={"partitions": {str(partition): list(replicas) for partition, replicas in wanted.items()}},
        write=write,
        check=check,
        verify=verify,
        cautions=(Caution("What has been copied so far is deleted.", "The added replicas go away."),),
        problems=await cluster.security.missing_rights(Operation.ALTER)
        if moving
        else (RefusedHere("No reassignment of these partitions is in progress.", "Look again."),),
    )


async def _partitions(
    cluster: Cluster, wanted: Mapping[TopicPartition, int] | Collection[TopicPartition] | None
) -> Sequence[Partition]:
    every = [one for topic in await cluster.topics() for one in topic.partitions]
    return every if wanted is None else [one for one in every if one.topic_partition in wanted]


def _after(one: Reassignment) -> tuple[int, ...]:
    """Returns the replicas after a cancelled reassignment: those that it removes are still among them."""
    return tuple(broker for broker in one.replicas if broker not in one.adding)


def _cautions_of_late(late: Sequence[Partition]) -> tuple[Caution, ...]:
    said = _sentence(late, "left out")
    return (Caution(said, "Its preferred replica is not in sync."),) if said else ()


def _nothing_to_elect(late: Sequence[Partition]) -> ClusterError:
    if late:
        return RefusedHere(
            f"{_sentence(late, 'not led by the preferred replica, which is not in sync')}", "Bring that broker up."
        )
    return RefusedHere("Every preferred replica leads already.")


def _sentence(partitions: Sequence[Partition], what: str) -> str:
    if not partitions:
        return ""
    names = ", ".join(str(one.topic_partition) for one in partitions[:3])
    more = f" and {len(partitions) - 3} more" if len(partitions) > 3 else ""
    return f"{names}{more}: {what}."


def _command(verb: str, partitions: Collection[TopicPartition] | None) -> tuple[str, ...]:
    if partitions is None:
        return ("brokers", verb, "--all-partitions")
    return command_words(["brokers", verb], map(str, sorted(partitions)))


def _leader(broker: int | None) -> str:
    return "no leader" if broker is None else f"led by broker {broker}"


def _brokers(brokers: Sequence[int]) -> str:
    return f"on brokers {', '.join(map(str, brokers))}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
