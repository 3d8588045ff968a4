"""Carrying out an administrative write: journal, look again, write, read back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from kafkaview.changes.outcome import ChangeOutcome, ChangeStep
from kafkaview.changes.plan import ChangePlan, command_line
from kafkaview.cluster.errors import ClusterError, OutcomeUnknown, Unreachable
from kafkaview.journal.entry import EntryState, Intent
from kafkaview.journal.store import JournalUnavailable

if TYPE_CHECKING:
    from kafkaview.session import Session

_LOOK_FOR_S: Final = 5.0  # brokers learn of a change a moment after the controller took it
_PAUSE_S: Final = 0.25

Report = Callable[[ChangeStep], None]


async def carry_out(session: Session, plan: ChangePlan, report: Report = lambda _step: None) -> ChangeOutcome:
    """Carry out a plan and say what came of it.

    Raises what kept it from being done, and the journal says so: the plan's first problem, PlanNoLongerHolds,
    JournalUnavailable, the broker's refusal; OutcomeUnknown where the write was sent and nobody answered, not within
    the session's limit either.
    """
    if plan.problems:
        raise plan.problems[0]
    report(ChangeStep.JOURNAL)
    async with _in_time(session):
        intent = await _intent(session, plan)
    entry = await session.journal.begin(intent, ())
    sent = False
    try:
        async with _in_time(session):
            report(ChangeStep.CHECK)
            await plan.check(session.cluster)
            report(ChangeStep.WRITE)
            sent = True
            await plan.write(session.cluster)
    except (ClusterError, asyncio.CancelledError) as error:
        unknown = sent and isinstance(error, Unreachable | asyncio.CancelledError)
        await asyncio.shield(_failed(session, entry, error, unknown=unknown))
        if unknown and isinstance(error, Unreachable):
            raise OutcomeUnknown(f"{error.message}: whether it was done is not known", "Look again.") from error
        raise
    report(ChangeStep.VERIFY)
    try:
        outcome = ChangeOutcome(entry, plan.title, await _doubt(session, plan))
    except asyncio.CancelledError:  # it is written all the same
        outcome = ChangeOutcome(entry, plan.title, "it was not waited for until it could be read back")
        await asyncio.shield(session.journal.end(entry, EntryState.COMMITTED, outcome.document()))
        raise
    await session.journal.end(entry, EntryState.COMMITTED, outcome.document())
    return outcome


async def _intent(session: Session, plan: ChangePlan) -> Intent:
    info = await session.cluster.describe()
    command = command_line(session.profile, plan)
    return Intent(plan.kind, plan.title, command, session.profile.name, info.cluster_id, plan.document)


async def _doubt(session: Session, plan: ChangePlan) -> str:
    """What still does not fit after some seconds of looking."""
    until = time.monotonic() + _LOOK_FOR_S
    while True:
        try:
            async with _in_time(session):
                doubt = await plan.verify(session.cluster)
        except ClusterError as error:
            doubt = f"it could not be read back: {error.message}"
        if not doubt or time.monotonic() > until or session.limit.rest == 0:
            return doubt
        await asyncio.sleep(_PAUSE_S)


@asynccontextmanager
async def _in_time(session: Session) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(session.limit.rest) as deadline:
            yield
    except TimeoutError:
        if not deadline.expired():
            raise
        raise Unreachable(
            f"{session.profile.bootstrap} gave no full answer in time", "Give it more time with --timeout."
        ) from None


async def _failed(session: Session, entry: int, error: BaseException, *, unknown: bool) -> None:
    state = EntryState.UNKNOWN if unknown else EntryState.ABORTED
    with suppress(JournalUnavailable):  # what kept it from being done is the graver news
        await session.journal.end(entry, state, {"message": str(error) or "cancelled"})
