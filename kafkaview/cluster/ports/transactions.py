"""Producers as the brokers see them: transactions that are open, and those that nobody will ever end; and the port."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.terms import TopicPartition

TRANSACTIONS: Final = "transactions"  # what could not be seen of them is called so


@dataclass(frozen=True, slots=True)
class OpenTransaction:
    """A transaction as its coordinator tells it (KIP-664). `state` is Kafka's own: Ongoing, PrepareCommit, ..."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    coordinator: int
    state: str
    started_at_ms: int | None
    timeout_ms: int | None
    partitions: tuple[TopicPartition, ...]


@dataclass(frozen=True, slots=True)
class ProducerState:
    """A producer as the leader of one partition knows it (DescribeProducers). `transaction_start_offset` is None
    unless it has a transaction open there.
    """

    topic_partition: TopicPartition
    producer_id: int
    producer_epoch: int
    last_timestamp_ms: int | None
    coordinator_epoch: int | None
    transaction_start_offset: int | None


@dataclass(frozen=True, slots=True)
class Transactions:
    """The open transactions that are known, and what could not be seen: those of brokers that did not answer, of
    coordinators that are away, ids that may not be described.
    """

    open: tuple[OpenTransaction, ...]
    unseen: tuple[Unseen, ...] = ()

    @property
    def errors(self) -> tuple[ClusterError, ...]:
        """The errors that hide transactions."""
        return tuple(one.error for one in self.unseen)


class TransactionsPort(Protocol):
    """The port over producers and their transactions."""

    async def transactions(self) -> Transactions:
        """Every transaction that is open or ending, described. Needs DESCRIBE on each transactional id: the
        brokers leave others out silently, so the lack of it is among the errors.
        """
        ...

    async def producers(
        self, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[ProducerState, ...] | ClusterError]:
        """The producers that each partition's leader knows. Needs READ on the topic."""
        ...

    async def describe(self, transactional_id: str) -> OpenTransaction | None:
        """One transaction, whatever its state; None where its coordinator does not know it."""
        ...

    async def refusals(
        self, transactional_id: str, topics: Collection[str], groups: Collection[str]
    ) -> tuple[ClusterError, ...]:
        """Why brokers would refuse a transaction that writes to topics and moves groups, as far as they say so before
        one is begun: rights, and the internal topics that transactions and offsets are kept in. Changes nothing. A
        topic need not be there yet.
        """
        ...

    async def abort(self, producer: ProducerState) -> None:
        """Write an abort marker for a producer's open transaction to its partition (WriteTxnMarkers, as Kafka's own
        `kafka-transactions abort`). A write. Needs ALTER (or CLUSTER_ACTION) on the cluster.
        """
        ...
