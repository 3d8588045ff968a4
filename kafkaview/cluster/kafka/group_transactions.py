"""Transactions of a group's member, one after the other: copies of records, and the group's own offsets behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.cluster.errors import ClusterError, FencedTransaction
from kafkaview.cluster.kafka.reroute_transaction import OFFSETS_SLICE_SECONDS, TransactionalProducer
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import RecordId


class GroupTransactions(TransactionalProducer):
    """A transactional producer that outlives its transactions. Its steps block."""

    _heard = 0  # complaints of the client when it was made

    def begin(self) -> None:
        """Begins a transaction; the first time the transactional id is initialized, which ends what an earlier producer
        of this id has left open. A client that has lost a broker is replaced: librdkafka 2.16 waits for ever where it
        sends offsets to a coordinator that was restarted.
        """
        if self._made is not None:
            self._poll_callbacks()
            if self._complaints.count != self._heard:
                self._forget()
        if self._made is None:
            self.initialize()
            self._heard = self._complaints.count
        super().begin()

    def carry_out(
        self, copies: Sequence[Copy], positions: list[ClientPartition], membership: Any
    ) -> tuple[RecordId, ...]:
        """Produces copies, adds the offsets of the group by the member's identity, and commits; returns the place of
        each copy. The broker refuses the offsets of a member that is no longer in its group: a failure before the
        commit aborts the transaction. Raises OutcomeUnknown where the commit was sent and nobody answered.
        """
        self.refused = None
        try:
            self.begin()
            written = self.produce(copies)
            self._until_done(
                "committing the offsets",
                lambda: self._producer.send_offsets_to_transaction(positions, membership, OFFSETS_SLICE_SECONDS),
            )
        except BaseException:
            self.abort()
            raise
        self.commit()
        return written

    def end_open_transaction(self) -> None:
        """Finds out what a producer has left open that may have been committed, and ends it: makes another of the same
        id. Raises ClusterError.
        """
        self._forget()
        self.initialize()

    def shut(self) -> None:
        """Closes the producer. A transaction that is open is aborted."""
        self.abort()
        self._forget()

    def _translate(self, failure: Any, doing: str) -> ClusterError:
        error = super()._translate(failure, doing)
        if isinstance(error, FencedTransaction):
            return FencedTransaction(f"Brokers ended the transaction while {doing}", "It is tried again.")
        return error
