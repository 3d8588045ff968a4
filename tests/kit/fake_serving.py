"""Brokers, producers and voters without Kafka: what a test says they are, and what was asked of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from kafkaview.cluster.errors import ClusterError, UnknownTopicOrPartition
from kafkaview.cluster.ports.brokers import BrokerDescription, LogDirectory, Reassignment, Setting
from kafkaview.cluster.ports.transactions import TRANSACTIONS, OpenTransaction, ProducerState, Transactions
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.cluster.ports.voters import VoterEndpoint
from kafkaview.terms import TopicPartition


@dataclass
class FakeBrokers:
    """Brokers; `failures` by method name, until taken out."""

    descriptions: tuple[BrokerDescription, ...] = ()
    directories: dict[int, tuple[LogDirectory, ...] | ClusterError] = field(default_factory=dict)
    settings: dict[int, tuple[Setting, ...]] = field(default_factory=dict)
    settings_of_topic: Callable[[str], tuple[Setting, ...]] = lambda _topic: ()
    moving: list[Reassignment] = field(default_factory=list)
    elected: list[TopicPartition] = field(default_factory=list)
    failures: dict[str, ClusterError] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)

    async def describe(self) -> tuple[BrokerDescription, ...]:
        self._asked("describe")
        return self.descriptions

    async def is_down(self, broker: BrokerDescription) -> bool:
        self._asked("is_down")
        return broker.id in self.ended

    async def log_directories(self) -> Mapping[int, tuple[LogDirectory, ...] | ClusterError]:
        self._asked("log_directories")
        return dict(self.directories)

    async def broker_settings(self, broker: int) -> tuple[Setting, ...]:
        self._asked("broker_settings")
        return self.settings.get(broker, ())

    async def topic_settings(self, topic: str) -> tuple[Setting, ...]:
        self._asked("topic_settings")
        return self.settings_of_topic(topic)

    async def setting_of_topics(self, name: str, topics: Collection[str]) -> Mapping[str, str]:
        self._asked("setting_of_topics")
        found: dict[str, str] = {}
        for topic in topics:
            with suppress(UnknownTopicOrPartition):
                values = {one.name: one.value for one in self.settings_of_topic(topic)}
                if (value := values.get(name)) is not None:
                    found[topic] = value
        return found

    async def reassignments(self) -> tuple[Reassignment, ...]:
        self._asked("reassignments")
        return tuple(self.moving)

    async def elect_preferred(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        self._asked("elect_preferred")
        self.elected += partitions
        return dict.fromkeys(partitions)

    async def cancel_reassignments(self, partitions: Collection[TopicPartition]) -> None:
        self._asked("cancel_reassignments")
        self.moving = [one for one in self.moving if one.topic_partition not in partitions]

    def _asked(self, method: str) -> None:
        if method in self.failures:
            raise self.failures[method]


@dataclass
class FakeTransactions:
    """Producers and their transactions; `failures` by method name, until taken out."""

    open: list[OpenTransaction] = field(default_factory=list)
    errors: list[ClusterError] = field(default_factory=list)
    states: dict[TopicPartition, tuple[ProducerState, ...] | ClusterError] = field(default_factory=dict)
    failures: dict[str, ClusterError] = field(default_factory=dict)
    refused: list[ClusterError] = field(default_factory=list)  # why every transaction would be

    async def transactions(self) -> Transactions:
        self._asked("transactions")
        return Transactions(tuple(self.open), tuple(Unseen(TRANSACTIONS, error) for error in self.errors))

    async def producers(
        self, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[ProducerState, ...] | ClusterError]:
        self._asked("producers")
        return {partition: self.states.get(partition, ()) for partition in partitions}

    async def describe(self, transactional_id: str) -> OpenTransaction | None:
        self._asked("describe")
        return next((one for one in self.open if one.transactional_id == transactional_id), None)

    async def refusals(
        self,
        transactional_id: str,  # noqa: ARG002
        topics: Collection[str],  # noqa: ARG002
        groups: Collection[str],  # noqa: ARG002
    ) -> tuple[ClusterError, ...]:
        self._asked("refusals")
        return tuple(self.refused)

    async def abort(self, producer: ProducerState) -> None:
        self._asked("abort")
        states = self.states[producer.topic_partition]
        if not isinstance(states, ClusterError):
            self.states[producer.topic_partition] = tuple(one for one in states if one != producer)

    def _asked(self, method: str) -> None:
        if method in self.failures:
            raise self.failures[method]


@dataclass
class FakeVoters:
    """The voters that were added and removed."""

    listening: dict[int, str] = field(default_factory=dict)
    added: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    failure: ClusterError | None = None

    async def controller_addresses(self, addresses: Collection[str]) -> Mapping[int, str]:  # noqa: ARG002
        return self.listening

    async def add_voter(self, voter: int, directory_id: str, endpoints: Sequence[VoterEndpoint]) -> None:  # noqa: ARG002
        self._asked()
        self.added.append(voter)

    async def remove_voter(self, voter: int, directory_id: str) -> None:  # noqa: ARG002
        self._asked()
        self.removed.append(voter)

    def _asked(self) -> None:
        if self.failure is not None:
            raise self.failure
