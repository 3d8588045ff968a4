"""The frame of a write in many transactions: what ends it once one of them stands is told, and not raised."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from kafkaview.cluster.errors import ClusterError, OutcomeUnknown
from kafkaview.words import number, plural
from kafkaview.writes.execution import UNWAITED, Execution, O_co, cancel_again
from kafkaview.writes.records.read_back import WrittenRecords
from kafkaview.writes.steps import Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan
    from kafkaview.writes.stopping import Stopping


class TransactionsExecution(Execution[O_co]):
    """Sends records in transactions of bounded size, one after the other, and reads them back."""

    writing: ClassVar[str] = "Sending"  # the words of the step of `write`

    def __init__(
        self, session: Session, plan: ChangePlan, journal_id: int, progress: Progress, stopping: Stopping
    ) -> None:
        super().__init__(session, journal_id, progress)
        self._plan = plan
        self._stopping = stopping
        self._written = WrittenRecords()
        self._ended_by = ""  # why it ended before all were sent

    async def write(self) -> None:
        """Sends the records, a transaction after the other. What ends it once one is committed is no error: `follow`
        says what stands.
        """
        self.progress.begin(WriteStepName.WRITE, self.writing, self._words())
        try:
            await self._send_all()
        except ClusterError as error:
            if not self._has_sent:
                raise
            self._end_early(error.message)
        except asyncio.CancelledError:
            if not self._has_sent:
                raise
            self._end_early("It was interrupted")
            cancel_again()

    async def follow(self) -> O_co:
        """Reads back what was written here, and compares it byte for byte."""
        found, doubts = await self._read_back()
        return self._outcome("; ".join(doubts), found, unseen=found is None and not self._doubts())

    def unfollowed(self) -> O_co:
        """Returns what was committed; it was not read back."""
        doubts = self._doubts()
        return self._outcome("; ".join([*doubts, UNWAITED]), None, unseen=not doubts)

    def may_stand(self, error: BaseException) -> bool:
        """Whether the first transaction may be committed: no clear answer came, then or when it was looked up."""
        return bool(self._unsure) or isinstance(error, OutcomeUnknown)

    @abstractmethod
    async def _send_all(self) -> None:
        """Sends what is left, and ends early where that is wanted."""

    @property
    @abstractmethod
    def _has_sent(self) -> bool:
        """Whether something stands, so that an error is told with it."""

    @property
    @abstractmethod
    def _unsure(self) -> int:
        """How many records were sent without an answer."""

    @abstractmethod
    def _words(self) -> str:
        """Returns how far it is: "2,000 of 9,400 records"."""

    @abstractmethod
    def _outcome(self, doubt: str, read_back: int | None, *, unseen: bool) -> O_co:
        """Returns the outcome, with how many records were read back; None where they were not. `unseen` says that
        nothing else is in doubt.
        """

    async def _read_back(self) -> tuple[int | None, list[str]]:
        """Returns how many records were read back, None where they could not be, and all that is in doubt."""
        self.progress.begin(WriteStepName.VERIFY, "Read back")
        found: int | None
        try:
            found, unlike = await self._written.read_back(self.session.cluster, self.progress.update)
        except ClusterError as error:
            found, unlike = None, [f"the records could not be read back: {error.message}"]
        doubts = [*self._doubts(), *unlike]
        self.progress.end(detail="" if found is None else plural(found, "record"), failed=bool(doubts))
        return found, doubts

    def _doubts(self) -> list[str]:
        """Returns what did not come to its end."""
        if not self._ended_by:
            return []
        unsure = f"; of {number(self._unsure)} more it is not known whether they stand" if self._unsure else ""
        return [f"{self._ended_by}{unsure}"]

    def _end_early(self, why: str) -> None:
        self._ended_by = why
        self.progress.end(why, self._words(), failed=True)
