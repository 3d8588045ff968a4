"""The transactions of a group's member, with an end to each: a client that does not come back is replaced."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.cluster.errors import OutcomeUnknown, Unreachable
from kafkaview.cluster.kafka.client_settings import ClientSettings
from kafkaview.cluster.kafka.client_thread import call_within
from kafkaview.cluster.kafka.group_transactions import GroupTransactions
from kafkaview.cluster.ports.cluster import Copy
from kafkaview.terms import RecordId

_WRITE_S: Final = 60.0  # a transaction has limits of its own: 10 s to write, 10 s for the offsets, 20 s to commit
_SHUT_S: Final = 15.0
_THREAD: Final = "kafkaview-writer"


class GroupWriter:
    """Writes by one transactional id. Its methods block."""

    def __init__(self, settings: ClientSettings, transactional_id: str, batch_bytes: int | None = None) -> None:
        self._settings = settings
        self._id = transactional_id
        self._batch_bytes = batch_bytes
        self._transactions = self._make()

    @property
    def refused(self) -> int | None:
        """The place of the copy that was refused by its topic, among those of the last call."""
        return self._transactions.refused

    def write(self, copies: Sequence[Copy], positions: list[ClientPartition], membership: Any) -> tuple[RecordId, ...]:
        """Writes copies and the offsets of the group in one transaction; returns the place of each copy. Raises
        OutcomeUnknown where nobody answered the commit, or the client does not come back.
        """
        try:
            return call_within(_WRITE_S, _THREAD, self._transactions.carry_out, copies, positions, membership)
        except TimeoutError as error:
            self._transactions = self._make()
            message = f"The transaction has not ended after {_WRITE_S:.0f} s"
            raise OutcomeUnknown(message, "What stands is found out before it is repeated.") from error

    def end_open_transaction(self) -> None:
        """Ends what a transaction has left open, so that the committed offsets are final. Raises ClusterError."""
        try:
            call_within(_WRITE_S, _THREAD, self._transactions.end_open_transaction)
        except TimeoutError as error:
            self._transactions = self._make()
            raise Unreachable("The coordinator of transactions does not answer") from error

    def shut(self) -> None:
        """Closes the client. A transaction that is open is aborted."""
        with suppress(TimeoutError):
            call_within(_SHUT_S, _THREAD, self._transactions.shut)

    def _make(self) -> GroupTransactions:
        """Returns a client; its first transaction fences one of the same id that was left to itself."""
        return GroupTransactions(self._settings, self._id, self._batch_bytes)
