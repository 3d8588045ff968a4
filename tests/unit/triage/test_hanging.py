"""What hangs, where the answers of leaders and coordinators do not belong to one moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.ports.transactions import ProducerState, Transactions
from kafkaview.terms import TopicPartition
from kafkaview.triage.watch.hanging import OpenTransactions, OpenTransactionState, find_hanging

WHERE = TopicPartition("orders", 0)
OPEN = ProducerState(WHERE, 7, 1, 0, None, 40)  # its last record is of 1970, as one that copies old records has it

States = tuple[ProducerState, ...]


class TransactionsPort:
    """Tells of a partition's producers what the test gives, once after the other, and of no transaction."""

    def __init__(self, *answers: States | ClusterError) -> None:
        self.answers = list(answers)

    async def producers(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, States | ClusterError]:
        return dict.fromkeys(partitions, self.answers.pop(0))

    async def transactions(self) -> Transactions:
        return Transactions(())


class Held:
    """A session, its cluster, and its ports, as far as they are asked here."""

    def __init__(self, *answers: States | ClusterError) -> None:
        self.transactions = TransactionsPort(*answers)

    @property
    def cluster(self) -> Held:
        return self


async def looked(*answers: States | ClusterError) -> OpenTransactions:
    session: Any = Held(*answers)
    return await find_hanging(session, [WHERE], longest_ms=1_000)


async def test_one_that_is_open_before_and_after_the_coordinators_answer_hangs() -> None:
    found_hanging = await looked((OPEN,), (OPEN,))
    assert [one.standing for one in found_hanging.found] == [OpenTransactionState.HANGING]


async def test_a_transaction_that_ended_during_the_search_does_not_hang() -> None:
    assert (await looked((OPEN,), ())).found == ()
    assert (await looked((OPEN,), (replace(OPEN, transaction_start_offset=None),))).found == ()


async def test_the_next_one_of_the_same_producer_is_another_one() -> None:
    assert (await looked((OPEN,), (replace(OPEN, transaction_start_offset=50),))).found == ()


async def test_a_transaction_that_cannot_be_looked_up_again_is_unknown() -> None:
    (found,) = (await looked((OPEN,), Unreachable("broker 2 does not answer"))).found
    assert found.standing is OpenTransactionState.UNKNOWN
    assert "broker 2 does not answer" in found.reason
