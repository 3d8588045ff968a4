"""Topics without Kafka, changed by the rules of a broker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import (
    ClusterError,
    NotAuthorized,
    OffsetOutOfRange,
    RefusedByPolicy,
    UnknownTopicOrPartition,
    Unreachable,
)
from kafkaview.cluster.ports.brokers import Setting, Synonym
from kafkaview.cluster.ports.group_offsets import Refused
from kafkaview.cluster.ports.security import Operation
from kafkaview.cluster.ports.topic_changes import NewSettings
from kafkaview.terms import TopicPartition

if TYPE_CHECKING:
    from tests.kit.fake_cluster import FakeCluster, FakeTopic

LARGEST_RECORD: Final = 1_048_588
DEFAULTS: Final = {
    "cleanup.policy": "delete",
    "max.message.bytes": str(LARGEST_RECORD),
    "min.insync.replicas": "1",
    "retention.bytes": "-1",
    "retention.ms": "604800000",
    "segment.bytes": "1073741824",
}
UNSAID: Final = ("DEFAULT_CONFIG", "retention.ms")  # brokers have it in hours, and do not say so
OF_A_TOPIC, OF_ALL = "DYNAMIC_TOPIC_CONFIG", "DEFAULT_CONFIG"


def as_told(value: str) -> str:
    """A value as a broker tells it, which has read it as a list, a number or a word for true."""
    parts = [part.strip() for part in value.split(",")]
    return ",".join(str(int(part)) if part.removeprefix("-").isdecimal() else part for part in parts)


class FakeTopicChanges:
    """Changes the topics of a fake cluster. `denied` are the operations that the principal may not do on topics."""

    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster
        self.denied: set[Operation] = set()
        self.refused: dict[TopicPartition, ClusterError] = {}  # what a leader says when its records are to go
        self.sensitive: set[str] = set()  # settings whose values are kept back

    async def add_partitions(self, topic: str, to: int) -> None:
        """As the port says."""
        await self._cluster.asked("add_partitions")
        self._check_partitions(topic, to)
        self._cluster.add_logs(topic, to)

    async def draft_partitions(self, topic: str, to: int) -> None:
        """As the port says."""
        await self._cluster.asked("draft_partitions")
        self._check_partitions(topic, to)

    async def delete_records(self, before: Mapping[TopicPartition, int]) -> Refused:
        """As the port says."""
        await self._cluster.asked("delete_records")
        refused: dict[TopicPartition, ClusterError] = {}
        for partition, offset in before.items():
            try:
                self._delete(partition, offset)
            except ClusterError as error:
                refused[partition] = error
        return refused

    async def change_settings(self, topic: str, settings: NewSettings) -> None:
        """As the port says."""
        await self._cluster.asked("change_settings")
        own = self._check_settings(topic, settings).settings
        for name, value in settings.items():
            own.pop(name, None)
            if value is not None:
                own[name] = as_told(value)

    async def draft_settings(self, topic: str, settings: NewSettings) -> None:
        """As the port says."""
        await self._cluster.asked("draft_settings")
        self._check_settings(topic, settings)

    async def missing_rights(self, topic: str, operation: Operation) -> tuple[ClusterError, ...]:
        """As the port says."""
        await self._cluster.asked("missing_topic_rights")
        if operation not in self.denied:
            return ()
        return (NotAuthorized(f"The right {operation.name} on Topic {topic} is missing", "Ask for it."),)

    def described(self, topic: str) -> tuple[Setting, ...]:
        """The settings with documentation and synonyms, as a broker describes them."""
        own = self._topic(topic).settings
        inherited = DEFAULTS | self._cluster.default_settings
        return tuple(
            Setting(
                name,
                None if name in self.sensitive else own.get(name, inherited.get(name)),
                OF_A_TOPIC if name in own else OF_ALL,
                name not in own,
                sensitive=name in self.sensitive,
                read_only=False,
                documentation=f"What Kafka says of {name}.",
                synonyms=tuple(
                    Synonym(name, value, source)
                    for value, source in ((own.get(name), OF_A_TOPIC), (inherited.get(name), OF_ALL))
                    if value is not None and name not in self.sensitive and (source, name) != UNSAID
                ),
            )
            for name in sorted(inherited.keys() | own.keys())
        )

    def _topic(self, name: str) -> FakeTopic:
        if name not in self._cluster.logged:
            raise UnknownTopicOrPartition(f"There is no topic {name}.")
        return self._cluster.logged[name]

    def _check_partitions(self, topic: str, to: int) -> None:
        if to <= len(self._topic(topic).logs):
            raise RefusedByPolicy(f"adding partitions to {topic}: it has as many")
        self._check_right(Operation.ALTER, topic)

    def _check_settings(self, topic: str, settings: NewSettings) -> FakeTopic:
        found = self._topic(topic)
        self._check_right(Operation.ALTER_CONFIGS, topic)
        for name, value in settings.items():
            if name not in DEFAULTS:
                raise RefusedByPolicy(f"changing settings of {topic}: Unknown topic config name: {name}")
            if value is not None and DEFAULTS[name].removeprefix("-").isdecimal():
                try:
                    int(value)
                except ValueError:
                    raise RefusedByPolicy(f"changing settings of {topic}: Invalid value {value} for {name}") from None
        return found

    def _delete(self, partition: TopicPartition, offset: int) -> None:
        log = self._cluster.log(partition)
        if partition in self.refused:
            raise self.refused[partition]
        self._check_right(Operation.DELETE, partition.topic)
        if log.leader is None or log.leader in self._cluster.down:
            raise Unreachable(f"deleting records of {partition}: its leader does not answer")
        if self._cluster.logged[partition.topic].settings.get("cleanup.policy") == "compact":
            raise RefusedByPolicy(f"deleting records of {partition}: request parameters do not satisfy the policy")
        if offset > log.end:
            raise OffsetOutOfRange(f"deleting records of {partition}: {offset} lies behind the log")
        if offset > log.start:
            log.truncate_before(offset)

    def _check_right(self, operation: Operation, topic: str) -> None:
        if operation in self.denied:
            right = f"{operation.name} on Topic {topic}"
            raise NotAuthorized(f"changing {topic}: Topic authorization failed", f"Ask for the right {right}.")
