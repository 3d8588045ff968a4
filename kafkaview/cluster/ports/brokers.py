"""The port over brokers: addresses, log directories, settings, reassignments."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import TopicPartition

_OF_A_TOPIC: Final = "DYNAMIC_TOPIC_CONFIG"
_UNITS_MS: Final = {"hours": 3_600_000, "minutes": 60_000}


@dataclass(frozen=True, slots=True)
class BrokerDescription:
    """A broker as DescribeCluster returns it; `fenced` is None where the version has no such field (KIP-1073, v2)."""

    id: int
    host: str
    port: int
    rack: str | None
    fenced: bool | None


@dataclass(frozen=True, slots=True)
class LogDirectory:
    """One of a broker's `log.dirs`, sizes in bytes; total and free since KIP-827. `error` in the broker's words."""

    path: str
    total_bytes: int | None
    free_bytes: int | None
    replicas: Mapping[TopicPartition, int]
    error: str | None = None

    @property
    def replicas_bytes(self) -> int:
        """Returns the bytes of its replicas."""
        return sum(self.replicas.values())


@dataclass(frozen=True, slots=True)
class Synonym:
    """A source that a setting's value may come from; Kafka takes the first one that is set."""

    name: str
    value: str | None
    source: str

    @property
    def in_milliseconds(self) -> str | None:
        """Returns the value in the unit of a topic's setting: brokers take some in hours or minutes too
        (`log.retention.hours`), of which a negative number is no limit.
        """
        unit = _UNITS_MS.get(self.name.rpartition(".")[2])
        if unit is None or self.value is None or not self.value.lstrip("-").isdecimal():
            return self.value
        return str(max(-1, int(self.value) * unit))


@dataclass(frozen=True, slots=True)
class Setting:
    """One configuration entry. `source` in Kafka's words (`STATIC_BROKER_CONFIG`, `DEFAULT_CONFIG`, ...); the value of
    a sensitive one is never returned; `documentation` is Kafka's own text.
    """

    name: str
    value: str | None
    source: str
    is_default: bool
    sensitive: bool
    read_only: bool
    documentation: str | None
    synonyms: tuple[Synonym, ...] = ()

    @property
    def of_the_topic(self) -> bool:
        """Whether it is a topic's own value, set for that topic alone."""
        return self.source == _OF_A_TOPIC

    @property
    def inherited(self) -> str | None:
        """The value that holds for a topic without an own one: the cluster's, or Kafka's default. None where the broker
        does not say: where a topic has its own `retention.ms`, no broker tells a default that is written in hours.
        """
        if not self.of_the_topic:
            return self.value
        first = next((one for one in self.synonyms if one.source != _OF_A_TOPIC), None)
        return None if first is None else first.in_milliseconds


@dataclass(frozen=True, slots=True)
class Reassignment:
    """A partition whose replicas are being moved (KIP-455)."""

    topic_partition: TopicPartition
    replicas: tuple[int, ...]
    adding: tuple[int, ...]
    removing: tuple[int, ...]


class BrokersPort(Protocol):
    """The port over brokers."""

    async def describe(self) -> tuple[BrokerDescription, ...]:
        """Returns every broker ordered by id, fenced ones too where the release lists them."""
        ...

    async def is_down(self, broker: BrokerDescription) -> bool:
        """Returns whether nobody listens at a broker's address: its process has ended, and what it was sent is gone. A
        process that stands still listens.
        """
        ...

    async def log_directories(self) -> Mapping[int, tuple[LogDirectory, ...] | ClusterError]:
        """Returns the log directories by broker. Needs DESCRIBE on the cluster; without it brokers answer an empty
        list, which is NotAuthorized here.
        """
        ...

    async def broker_settings(self, broker: int) -> tuple[Setting, ...]:
        """Returns a broker's settings with documentation, ordered by name. Needs DESCRIBE_CONFIGS on the cluster."""
        ...

    async def topic_settings(self, topic: str) -> tuple[Setting, ...]:
        """Returns a topic's settings with documentation, ordered by name."""
        ...

    async def setting_of_topics(self, name: str, topics: Collection[str]) -> Mapping[str, str]:
        """Returns the value of one setting for each of many topics; absent where a topic does not have it, or may not
        be asked. Raises NotAuthorized where not one may be asked.
        """
        ...

    async def reassignments(self) -> tuple[Reassignment, ...]:
        """Returns the reassignments in progress. Needs DESCRIBE on the cluster."""
        ...

    async def elect_preferred(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Elects the preferred replica of each partition as its leader. Returns the error text of a partition that
        refused, None where it leads now. A write. Needs ALTER on the cluster.
        """
        ...

    async def cancel_reassignments(self, partitions: Collection[TopicPartition]) -> None:
        """Cancels reassignments. A write. Needs ALTER on the cluster."""
        ...
