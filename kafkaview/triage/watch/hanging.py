"""Open transactions on partitions, and which of them hang, so that nobody will ever end them. The rule is that of
`kafka-transactions find-hanging` (TransactionsCommand.java): a producer has a transaction open on a partition, its last
record there is older than any transaction may last, and its coordinator knows no transaction of it with this partition.
The coordinator ends every other one at its timeout. If not all transactions may be seen, that tool reports healthy ones
as hanging; here their state is unknown. A transaction may end during the search: those that seem to hang are looked up
once more after the coordinators have answered.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from kafkaview.cluster.errors import ClusterError, UnsupportedByBroker
from kafkaview.cluster.ports.brokers import BrokerDescription
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.transactions import TRANSACTIONS, OpenTransaction, ProducerState, Transactions
from kafkaview.cluster.ports.unseen import Unseen
from kafkaview.terms import TopicPartition
from kafkaview.words import utc_words

if TYPE_CHECKING:
    from kafkaview.session import Session

LONGEST_MS: Final = 900_000  # transaction.max.timeout.ms where no broker tells its own: Kafka's default
_LONGEST: Final = "transaction.max.timeout.ms"


class OpenTransactionState(StrEnum):
    """The state of a transaction that is open on a partition."""

    HANGING = "hanging"  # nobody will end it
    OPEN = "open"  # its producer ends it, or its coordinator at the time-out
    YOUNG = "young"  # no coordinator knows it, but it may just be beginning or ending
    UNKNOWN = "unknown"  # not every coordinator answered for all of its own


@dataclass(frozen=True, slots=True)
class OpenOnPartition:
    """A transaction that holds back a partition's last stable offset, or will once earlier ones end. `silent_ms` is the
    time since the producer's last record there, by the producer's clock; `ends_at_ms` is when the coordinator aborts it
    at the latest. `transaction` is what the coordinator knows of the producer.
    """

    producer: ProducerState
    standing: OpenTransactionState
    reason: str
    silent_ms: int | None
    ends_at_ms: int | None = None
    transaction: OpenTransaction | None = None


@dataclass(frozen=True, slots=True)
class OpenTransactions:
    """The open transactions of the searched partitions, and an error for each part without an answer. `longest_ms` is
    the longest time a transaction may last.
    """

    found: tuple[OpenOnPartition, ...]
    errors: tuple[ClusterError, ...] = ()
    longest_ms: int = LONGEST_MS
    hidden: ClusterError | None = None  # why partitions were left out of the look, if some may have been

    @property
    def hanging(self) -> tuple[OpenOnPartition, ...]:
        """The transactions that nobody will end."""
        return tuple(one for one in self.found if one.standing is OpenTransactionState.HANGING)


async def find_hanging(
    session: Session,
    partitions: Collection[TopicPartition] | None = None,
    *,
    longest_ms: int | None = None,
    listing: Callable[[], Awaitable[Transactions]] | None = None,
) -> OpenTransactions:
    """Finds and judges the open transactions on partitions (None: on all). `longest_ms` is the longest time a
    transaction may last; the default is the largest transaction.max.timeout.ms of the brokers. `listing` asks the
    coordinators. It runs after the leaders were asked, and only if a transaction is open, so that the coordinators know
    every transaction found. Raises Unreachable if nobody answers.
    """
    cluster = session.cluster
    omissions = await cluster.omissions() if partitions is None else frozenset()
    answers = await cluster.transactions.producers(await _all_of(cluster) if partitions is None else partitions)
    refused = [answer for _, answer in sorted(answers.items()) if isinstance(answer, ClusterError)]
    errors = _condense(refused)
    hidden = next((one.as_error() for one in omissions if one.of_topics), None)
    opened = _open_transactions(answers)
    if not opened:
        return OpenTransactions((), errors, longest_ms or LONGEST_MS, hidden)
    longest = longest_ms or await _longest(cluster)
    known = await _known_transactions(listing or cluster.transactions.transactions)
    by_producer = {one.producer_id: one for one in known.open}
    judge = _TransactionJudge(by_producer, time.time_ns() // 1_000_000, longest, known.errors)
    found = await _without_ended(cluster, [judge.judge(state) for state in opened])
    return OpenTransactions(found, (*errors, *known.errors), longest, hidden)


async def _known_transactions(listing: Callable[[], Awaitable[Transactions]]) -> Transactions:
    """Returns the coordinators' transactions; none, with an error, before Kafka 3.0."""
    try:
        return await listing()
    except UnsupportedByBroker as lacking:
        return Transactions((), (Unseen(TRANSACTIONS, lacking),))


@dataclass(frozen=True, slots=True)
class _TransactionJudge:
    transactions: Mapping[int, OpenTransaction]
    now_ms: int
    longest_ms: int
    doubts: tuple[ClusterError, ...]

    def judge(self, state: ProducerState) -> OpenOnPartition:
        last, transaction = state.last_timestamp_ms, self.transactions.get(state.producer_id)
        silent = None if last is None else self.now_ms - last
        if transaction is not None and state.topic_partition in transaction.partitions:
            ends = _ends_at(transaction)
            return OpenOnPartition(
                state, OpenTransactionState.OPEN, _waits(transaction, silent, ends), silent, ends, transaction
            )
        standing, reason = self._orphan(state, transaction, silent)
        return OpenOnPartition(state, standing, reason, silent, None, transaction)

    def _orphan(
        self, state: ProducerState, transaction: OpenTransaction | None, silent: int | None
    ) -> tuple[OpenTransactionState, str]:
        if transaction is None and self.doubts:
            return OpenTransactionState.UNKNOWN, f"Its transaction is unknown: {self.doubts[0].message}."
        if transaction is None:
            fact = f"No coordinator has an open transaction of producer {state.producer_id}"
        else:
            name = transaction.transactional_id
            fact = f"The transaction {name} of producer {state.producer_id} does not hold this partition"
        if silent is not None and silent <= self.longest_ms:
            return (
                OpenTransactionState.YOUNG,
                f"{fact}; not yet older than the {_seconds(self.longest_ms)} that one may take.",
            )
        return (
            OpenTransactionState.HANGING,
            f"{fact}: nobody will end what it began at offset {state.transaction_start_offset}.",
        )


def _waits(transaction: OpenTransaction, silent: int | None, ends: int | None) -> str:
    said = [f"{transaction.transactional_id} is {transaction.state}"]
    if silent is not None:
        said.append(f"its producer has been silent here for {_seconds(silent)}")
    if ends is not None:
        said.append(f"its time-out ends it at {utc_words(ends)}")
    return "; ".join(said) + "."


def _ends_at(transaction: OpenTransaction) -> int | None:
    if transaction.started_at_ms is None or transaction.timeout_ms is None:
        return None
    return transaction.started_at_ms + transaction.timeout_ms


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:,.0f} s"


def _open_transactions(
    answers: Mapping[TopicPartition, tuple[ProducerState, ...] | ClusterError],
) -> list[ProducerState]:
    return [
        state
        for _, states in sorted(answers.items())
        if not isinstance(states, ClusterError)
        for state in states
        if state.transaction_start_offset is not None
    ]


async def _without_ended(cluster: Cluster, found: Sequence[OpenOnPartition]) -> tuple[OpenOnPartition, ...]:
    """Returns the transactions without those that seemed to hang but ended between the two requests."""
    suspected = {one.producer.topic_partition for one in found if one.standing is OpenTransactionState.HANGING}
    if not suspected:
        return tuple(found)
    answers = await cluster.transactions.producers(suspected)
    still = set(map(_identity, _open_transactions(answers)))
    return tuple(
        _unsure(one, answers.get(one.producer.topic_partition))
        for one in found
        if one.standing is not OpenTransactionState.HANGING
        or _identity(one.producer) in still
        or isinstance(answers.get(one.producer.topic_partition), ClusterError)
    )


def _unsure(one: OpenOnPartition, again: tuple[ProducerState, ...] | ClusterError | None) -> OpenOnPartition:
    """Marks a transaction as unknown if it could not be looked up again: it may have ended."""
    if one.standing is OpenTransactionState.HANGING and isinstance(again, ClusterError):
        return replace(
            one,
            standing=OpenTransactionState.UNKNOWN,
            reason=f"Whether it is still open is unknown: {again.message}.",
        )
    return one


def _identity(state: ProducerState) -> tuple[TopicPartition, int, int, int | None]:
    return state.topic_partition, state.producer_id, state.producer_epoch, state.transaction_start_offset


async def _all_of(cluster: Cluster) -> list[TopicPartition]:
    return [partition.topic_partition for topic in await cluster.topics() for partition in topic.partitions]


async def _longest(cluster: Cluster) -> int:
    """Returns the longest transaction timeout that any broker allows."""
    try:
        brokers = await cluster.brokers.describe()
    except ClusterError:
        return LONGEST_MS
    limits = await asyncio.gather(*(_longest_of(cluster, broker) for broker in brokers))
    return max((one for one in limits if one is not None), default=LONGEST_MS)


async def _longest_of(cluster: Cluster, broker: BrokerDescription) -> int | None:
    try:
        settings = await cluster.brokers.broker_settings(broker.id)
    except ClusterError:
        return None
    return next((int(one.value) for one in settings if one.name == _LONGEST and one.value), None)


def _condense(errors: Sequence[ClusterError]) -> tuple[ClusterError, ...]:
    """Returns one error for all partitions with the same fault: a silent broker leads thousands."""
    alike: dict[tuple[type[ClusterError], str], list[ClusterError]] = defaultdict(list)
    for error in errors:
        alike[type(error), error.hint].append(error)
    return tuple(
        kind(f"{some[0].message}, and {len(some) - 1:,} more" if len(some) > 1 else some[0].message, hint)
        for (kind, hint), some in alike.items()
    )
