"""What a kind of write brings along: how one of its plans is checked, written, and followed to its outcome."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from kafkaview.cluster.errors import ClusterError, OutcomeUnknown, Unreachable
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.steps import Progress, WriteStepName

if TYPE_CHECKING:
    from kafkaview.journal.entry import JournalEntry
    from kafkaview.session import Session
    from kafkaview.writes.plan import ChangePlan

O_co = TypeVar("O_co", bound=ChangeOutcome, covariant=True)

UNWAITED: Final = "it was not waited for until it could be read back"
SENT: Final = "Sent to the cluster"
_LOOK_FOR_S: Final = 5.0  # brokers learn of a change a moment after the controller took it
_PAUSE_S: Final = 0.25


def reason_of(error: BaseException) -> str:
    """Returns why an execution ended, as the journal has it."""
    return "cancelled" if isinstance(error, asyncio.CancelledError) else str(error) or type(error).__name__


def cancel_again() -> None:
    """Lets a cancellation that was caught be raised at the next await."""
    task = asyncio.current_task()
    assert task is not None
    task.uncancel()
    task.cancel()


class Execution(ABC, Generic[O_co]):
    """One execution of one plan that is in the journal. `kafkaview.writes.carrying_out` calls its methods in this
    order; until `write` nothing is written. Each reports its own steps.
    """

    checking: ClassVar[str] = "Cluster as planned"  # the words of the step of `check`

    def __init__(self, session: Session, journal_id: int, progress: Progress) -> None:
        self.session = session
        self.journal_id = journal_id
        self.progress = progress

    @abstractmethod
    async def check(self) -> None:
        """Raises PlanNoLongerHolds if the cluster is not as it was planned on."""

    @abstractmethod
    async def write(self) -> None:
        """Writes what the plan says."""

    @abstractmethod
    async def follow(self) -> O_co:
        """Reads back what was written, or watches whether it holds, and returns the outcome."""

    @abstractmethod
    def unfollowed(self) -> O_co:
        """Returns the outcome if nobody waits for `follow`."""

    def may_stand(self, error: BaseException) -> bool:
        """Whether the write may have been made although `write` raised this error."""
        return isinstance(error, Unreachable | OutcomeUnknown | asyncio.CancelledError)

    async def refusal(self, error: BaseException) -> Mapping[str, Any]:
        """Returns what the journal keeps of an execution that `check` or `write` ended."""
        return {"message": reason_of(error)}


class ResumableExecution(Execution[O_co]):
    """An execution that another process can complete if this one ends in the middle."""

    def recorded(self, _entry: JournalEntry) -> O_co | None:
        """Returns the outcome that a journal entry has already; None where it is to be looked up."""
        return None

    @abstractmethod
    async def resume(self) -> O_co:
        """Looks up what was written, and follows it if something was."""


class DirectExecution(Execution[ChangeOutcome]):
    """Calls `check`, `write` and `verify` of the plan; verifies for some seconds."""

    def __init__(self, session: Session, plan: ChangePlan, journal_id: int, progress: Progress) -> None:
        super().__init__(session, journal_id, progress)
        self.plan = plan

    async def check(self) -> None:
        """Calls the plan's own."""
        await self.plan.check(self.session.cluster)

    async def write(self) -> None:
        """Calls the plan's own."""
        self.progress.begin(WriteStepName.WRITE, SENT)
        await self.plan.write(self.session.cluster)

    async def follow(self) -> ChangeOutcome:
        """Reads back."""
        self.progress.begin(WriteStepName.VERIFY, "Read back")
        doubt, unseen = await self._doubt()
        self.progress.end(failed=bool(doubt))
        return ChangeOutcome(self.journal_id, self.plan.title, doubt, unseen=unseen)

    def unfollowed(self) -> ChangeOutcome:
        """Returns that it was written and not read back."""
        return ChangeOutcome(self.journal_id, self.plan.title, UNWAITED, unseen=True)

    async def _doubt(self) -> tuple[str, bool]:
        """Returns what still does not fit after some seconds of looking, and whether it is only that nobody told."""
        until = time.monotonic() + _LOOK_FOR_S
        while True:
            try:
                async with in_time(self.session):
                    doubt, unseen = await self.plan.verify(self.session.cluster), False
            except ClusterError as error:
                doubt, unseen = f"it could not be read back: {error.message}", True
            if not doubt or time.monotonic() > until or self.session.limit.rest == 0:
                return doubt, unseen
            await asyncio.sleep(_PAUSE_S)


@asynccontextmanager
async def in_time(session: Session) -> AsyncIterator[None]:
    """Raises Unreachable when the session's time limit has passed."""
    try:
        async with asyncio.timeout(session.limit.rest) as deadline:
            yield
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Unreachable(
            f"{session.profile.bootstrap} gave no full answer in time", "Give it more time with --timeout."
        ) from None
    task = asyncio.current_task()
    if deadline.expired() and task is not None and not task.cancelling():
        with suppress(asyncio.CancelledError):  # the time ran out at what waits for its answer, and that has come
            await asyncio.sleep(0)
