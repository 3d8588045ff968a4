"""A cluster as the pages see it: the scenario of the design, as values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.decode.result import Undecodable
from kafkaview.terms import (
    Broker,
    ClusterInfo,
    GroupState,
    GroupType,
    Header,
    Partition,
    Record,
    TimestampType,
    Topic,
    TopicPartition,
)
from kafkaview.triage.watch.sample_arrays import STATES, TYPES, VERDICTS, GroupColumns, Ints, TopicColumns
from kafkaview.triage.watch.verdict import Behaviour, Evidence, Stuck, Suspect, Verdict
from kafkaview.triage.watch.view import View
from kafkaview.words import Sum

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


@dataclass(frozen=True)
class GroupSample:
    """A group with what it committed, by `TOPIC:PARTITION`; the log ends of all are the same."""

    name: str
    committed: dict[str, int]
    end: int | None = 59_649
    members: int = 1
    type: GroupType = GroupType.CLASSIC
    error: ClusterError | None = None

    @property
    def lag(self) -> Sum:
        """What waits on its partitions."""
        if self.end is None or not self.committed:
            return Sum(None, False)
        return Sum(sum(self.end - offset for offset in self.committed.values()), self.error is None)


def group_view(
    group: str,
    committed: dict[str, int],
    *,
    end: int | None = 59_649,
    members: int = 1,
    group_type: GroupType = GroupType.CLASSIC,
    error: ClusterError | None = None,
) -> GroupSample:
    """A group with what it committed."""
    return GroupSample(group, committed, end, members, group_type, error)


def view(
    groups: tuple[GroupSample, ...] = (),
    stuck: tuple[Stuck, ...] = (),
    *,
    topics: tuple[Topic, ...] = (),
    judged: bool = True,
    seconds: float = 0.0,
    errors: tuple[ClusterError, ...] = (),
) -> View:
    """One sample."""
    info = ClusterInfo("c", (Broker(1, "127.0.0.1", 9092),), 1, "4.4", "KRaft")
    columns = topic_columns(topics, groups, stuck), group_columns(groups, stuck)
    return View(NOW, info, *columns, stuck, errors, 12, judged, seconds)


def group_columns(groups: tuple[GroupSample, ...], stuck: tuple[Stuck, ...] = ()) -> GroupColumns:
    """The groups as columns."""
    errors = tuple(group.error for group in groups if group.error is not None)
    verdicts = {one.group: VERDICTS.index(one.verdict) for one in reversed(stuck)}
    state = {True: STATES.index(GroupState.STABLE), False: STATES.index(GroupState.EMPTY)}
    return GroupColumns(
        names=tuple(group.name for group in groups),
        types=np.array([TYPES.index(group.type) for group in groups], np.int8),
        states=np.array([state[bool(group.members)] for group in groups], np.int8),
        members=_ints([-1 if group.error else group.members for group in groups]),
        coordinators=_ints([-1 if group.error else 1 for group in groups]),
        partitions=_ints([len(group.committed) for group in groups]),
        lag=np.array([-1 if group.lag.value is None else group.lag.value for group in groups], np.int64),
        lag_complete=np.array([group.lag.complete for group in groups], np.bool_),
        verdicts=np.array([verdicts.get(group.name, -1) for group in groups], np.int8),
        error=_ints([-1 if group.error is None else errors.index(group.error) for group in groups]),
        protocol=_ints([0] * len(groups)),
        errors=errors,
        protocols=("range",),
    )


def topic_columns(
    topics: tuple[Topic, ...], groups: tuple[GroupSample, ...] = (), stuck: tuple[Stuck, ...] = ()
) -> TopicColumns:
    """The topics as columns: each log holds 59,649 records, as far as its leader says."""
    led = [[p for p in topic.partitions if p.leader is not None] for topic in topics]
    readers = [{g.name for g in groups if any(p.startswith(f"{topic.name}:") for p in g.committed)} for topic in topics]
    stands = [[one for one in stuck if one.topic_partition.topic == topic.name] for topic in topics]
    poisoned = [{one.group for one in ones if one.verdict is Verdict.POISON} for ones in stands]
    complete = [len(known) == len(topic.partitions) for known, topic in zip(led, topics, strict=True)]
    return TopicColumns(
        names=tuple(topic.name for topic in topics),
        internal=np.array([topic.internal for topic in topics], np.bool_),
        partitions=_ints([len(topic.partitions) for topic in topics]),
        replication=_ints([topic.replication_factor or -1 for topic in topics]),
        under_replicated=_ints([sum(p.out_of_sync for p in topic.partitions) for topic in topics]),
        out_of_sync=_ints([sum(p.out_of_sync for p in topic.partitions) for topic in topics]),
        moving=_ints([0 for _topic in topics]),
        offline=_ints([len(topic.partitions) - len(known) for known, topic in zip(led, topics, strict=True)]),
        records=np.array([59_649 * len(known) if known else -1 for known in led], np.int64),
        records_complete=np.array(complete, np.bool_),
        size=np.full(len(topics), -1, np.int64),
        size_complete=np.zeros(len(topics), np.bool_),
        groups=_ints([len(names) for names in readers]),
        groups_complete=np.ones(len(topics), np.bool_),
        stuck=_ints([len({one.group for one in ones}) for ones in stands]),
        poisoned=_ints([len(names) for names in poisoned]),
        unjudged=_ints([0 for _topic in topics]),
    )


def _ints(values: list[int]) -> Ints:
    return np.array(values, np.int32)


SILENT = Unreachable("broker 13 does not answer")
