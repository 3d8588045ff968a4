"""The port over producers and their transactions, open or hanging."""

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
    """A transaction as its coordinator describes it (KIP-664). `state` is Kafka's own: Ongoing, PrepareCommit, ..."""

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
    """A producer as the leader of one partition describes it (DescribeProducers). `transaction_start_offset` is None
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
        """Returns the errors that hide transactions."""
        return tuple(one.error for one in self.unseen)


class TransactionsPort(Protocol):
    """The port over producers and their transactions."""

    async def transactions(self) -> Transactions:
        """Returns every transaction that is open or ending, described. Needs DESCRIBE on each transactional id; the
        brokers silently leave others out, so a missing right is among the errors.
        """
        ...

    async def producers(
        self, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[ProducerState, ...] | ClusterError]:
        """Returns the producers that each partition's leader knows. Needs READ on the topic."""
        ...

    async def describe(self, transactional_id: str) -> OpenTransaction | None:
        """Returns one transaction in any state; None where its coordinator does not know it."""
        ...

    async def refusals(
        self, transactional_id: str, topics: Collection[str], groups: Collection[str]
    ) -> tuple[ClusterError, ...]:
        """Returns why brokers would refuse a transaction that writes to topics and moves groups, as far as they say so
        before one is begun: rights, and the internal topics for transactions and offsets. Changes nothing. The topics
        need not exist yet.
        """
        ...

    async def abort(self, producer: ProducerState) -> None:
        """Writes an abort marker for a producer's open transaction to its partition (WriteTxnMarkers, as Kafka's own
        `kafka-transactions abort`). A write. Needs ALTER (or CLUSTER_ACTION) on the cluster.
        """
        ...
