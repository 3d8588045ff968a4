"""A cluster as the pages see it: the scenario of the design, as values."""

from __future__ import annotations

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.decode.result import Undecodable
from kafkaview.terms import (
    Broker,
    ClusterInfo,
    CommittedOffset,
    Group,
    GroupListing,
    GroupState,
    GroupType,
    Header,
    Member,
    Partition,
    PartitionLag,
    PartitionOffsets,
    Record,
    TimestampType,
    Topic,
    TopicPartition,
)
from kafkaview.triage.verdict import Behaviour, Evidence, Stuck, Suspect, Verdict
from kafkaview.triage.view import GroupView, View

NOW = 1_795_442_400_000
POISON_VALUE = b'{"order_id":"o-18442","customer":"c-0731","name":"Ren\xe9 Faure","amount":42.90}'
POISON = Record(
    "orders",
    3,
    18_442,
    NOW - 840_000,
    TimestampType.CREATE_TIME,
    b"c-0731",
    POISON_VALUE,
    (Header("trace", b"7f3c"), Header("source", b"checkout"), Header("source", None)),
)
PROBLEM = Undecodable("utf8", "byte 53 of the value is not UTF-8", 53)


def stuck(
    group: str,
    verdict: Verdict = Verdict.POISON,
    *,
    place: str = "orders:3",
    committed: int | None = 18_442,
    end: int | None = 59_649,
    since_ms: int = NOW - 840_000,
    behaviour: Behaviour = Behaviour.RETRIES,
    between: int = 0,
) -> Stuck:
    """One partition on which a group stands."""
    topic, _, partition = place.rpartition(":")
    suspect = Suspect(POISON, PROBLEM, between) if verdict is Verdict.POISON else None
    return Stuck(
        group,
        TopicPartition(topic, int(partition)),
        committed,
        end,
        end,
        verdict,
        behaviour,
        PROBLEM.reason if suspect else "the committed offset does not move",
        since_ms,
        (Evidence("Committed offset stays at 18,442 in 12 of 12 samples", "bad"),),
        suspect,
    )


def topic(name: str, partitions: int, *, leader: int | None = 1) -> Topic:
    """A topic with one replica for each partition."""
    return Topic(name, False, tuple(Partition(name, p, leader, (1,), (1,)) for p in range(partitions)))


def group_view(
    group: str,
    committed: dict[str, int],
    *,
    end: int | None = 59_649,
    members: int = 1,
    group_type: GroupType = GroupType.CLASSIC,
    error: ClusterError | None = None,
) -> GroupView:
    """A group with what it committed, its members owning everything in turn."""
    state = GroupState.STABLE if members else GroupState.EMPTY
    places = [TopicPartition(name.rpartition(":")[0], int(name.rpartition(":")[2])) for name in committed]
    live = tuple(
        Member(f"{group}-{n + 1}", f"{group}-{n + 1}", "/127.0.0.1", None, tuple(places[n::members]))
        for n in range(members)
    )
    described = Group(group, group_type, state, "range", 1, live) if error is None else None
    partitions = tuple(
        PartitionLag(
            group,
            place,
            CommittedOffset(offset),
            PartitionOffsets(0, end, end),
            described.owner_of(place) if described else None,
        )
        for place, offset in zip(places, committed.values(), strict=True)
    )
    return GroupView(GroupListing(group, group_type, state), described, partitions, error)


def view(
    groups: tuple[GroupView, ...] = (),
    stuck: tuple[Stuck, ...] = (),
    *,
    topics: tuple[Topic, ...] = (),
    judged: bool = True,
    seconds: float = 0.0,
    errors: tuple[ClusterError, ...] = (),
) -> View:
    """One sample."""
    offsets = {
        p.topic_partition: PartitionOffsets(0, 59_649, 59_649) if p.leader else PartitionOffsets(None, None, None)
        for t in topics
        for p in t.partitions
    }
    info = ClusterInfo("c", (Broker(1, "127.0.0.1", 9092),), 1, "4.4", "KRaft")
    return View(NOW, info, topics, offsets, {}, groups, stuck, errors, 12, judged, seconds)


SILENT = Unreachable("broker 13 does not answer")
