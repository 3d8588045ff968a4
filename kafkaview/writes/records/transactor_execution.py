"""A write in many transactions that one producer runs, which leaves the single records that brokers refuse."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from kafkaview.cluster.errors import ClientStuck, ClusterError, RefusedByPolicy
from kafkaview.writes.execution import O_co
from kafkaview.writes.records.transactions_execution import TransactionsExecution
from kafkaview.writes.steps import Progress

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Transactor
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan
    from kafkaview.writes.stopping import Stopping

R = TypeVar("R")  # what is sent of one record

_MOST_REPEATED: Final = 4  # transactions that a new producer sends again
_MOST_REFUSED: Final = 100  # records that brokers do not take: then it is no matter of single ones


class TransactorExecution(TransactionsExecution[O_co], Generic[O_co, R]):
    """Sends records with one producer after the other: each fences those before it, and looks up what stands."""

    repeated: ClassVar[tuple[type[ClusterError], ...]] = (ClientStuck,)  # behind them the next producer sends again

    _transactor: Transactor

    def __init__(
        self, session: Session, plan: ChangePlan, journal_id: int, progress: Progress, stopping: Stopping
    ) -> None:
        super().__init__(session, plan, journal_id, progress, stopping)
        self._opened = AsyncExitStack()
        self._repeats = self._refused = 0

    @abstractmethod
    def _producer(self) -> AbstractAsyncContextManager[Transactor]:
        """Returns a producer, which is not opened yet."""

    @abstractmethod
    async def _look_up(self) -> None:
        """Finds out what stands, now that nobody else adds to it."""

    @abstractmethod
    async def _transact(self, records: Sequence[R]) -> None:
        """Sends those of the records that do not stand, in one transaction."""

    @abstractmethod
    def _leave(self, record: R, reason: str) -> None:
        """Leaves a record that brokers refuse."""

    async def _open(self) -> None:
        """Opens a producer in place of the last one, whose open transaction is ended by that."""
        await self._opened.aclose()
        self._transactor = await self._opened.enter_async_context(self._producer())
        await self._look_up()

    async def _send(self, records: Sequence[R]) -> None:
        """Sends a transaction. One that brokers refuse is sent in halves, until what they do not take is alone and is
        left. Ends early where that is wanted.
        """
        if self._stopping.wanted:
            self._end_early("It was stopped")
            return
        try:
            await self._transact(records)
        except self.repeated:
            if not records or self._repeats == _MOST_REPEATED:
                raise
            self._repeats += 1
            await self._open()
            await self._send(records)
        except RefusedByPolicy as error:
            if not records or self._refused == _MOST_REFUSED:
                raise
            await self._open()  # behind several refusals librdkafka may miscount what it sends
            if len(records) == 1:
                self._refused += 1
                self._leave(records[0], error.message)
                return
            middle = len(records) // 2
            await self._send(records[:middle])
            await self._send(records[middle:])
