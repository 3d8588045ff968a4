"""Carrying out a write: wait where that is wanted, journal, look again, write, read back or watch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from kafkaview.cluster.errors import ClusterError, OutcomeUnknown, RefusedHere, Unreachable
from kafkaview.journal.entry import EntryState, Intent, JournalEntry
from kafkaview.journal.store import JournalUnavailable
from kafkaview.writes.offsets.settling import offsets_stand
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import ChangePlan, command_line
from kafkaview.writes.steps import Progress, Report, WriteStepName

if TYPE_CHECKING:
    from kafkaview.session import Session

_LOOK_FOR_S: Final = 5.0  # brokers learn of a change a moment after the controller took it
_PAUSE_S: Final = 0.25
_ENTRIES: Final = 100  # newest ones of the journal that are looked through
_PLAN_ID: Final = "plan_id"  # in the journalled document: which plan it was


async def carry_out(session: Session, plan: ChangePlan, report: Report = lambda _step: None) -> ChangeOutcome:
    """Carry out a plan and say what came of it.

    Raises what kept it from being done, and the journal says so: the plan's first problem, PlanNoLongerHolds,
    JournalUnavailable, the broker's refusal; OutcomeUnknown where the write was sent and nobody answered, not within
    the session's limit either. A plan that waits is made anew when the waiting is over, and that one is carried out;
    until then nothing is journalled.
    """
    progress = Progress(report)
    try:
        return await _carry_out(session, plan, progress)
    except (ClusterError, asyncio.CancelledError):
        progress.end(failed=True)
        raise


async def _carry_out(session: Session, plan: ChangePlan, progress: Progress) -> ChangeOutcome:
    if plan.waiting is not None:
        plan = replace(await plan.waiting(progress), id=plan.id)
    if plan.problems:
        raise plan.problems[0]
    progress.begin(WriteStepName.JOURNAL, "Plan in the journal")
    async with _in_time(session):
        intent = await _intent(session, plan)
    entry = await session.journal.begin(intent, ())
    if plan.begun is not None:
        plan.begun(entry)
    sent = False
    try:
        async with _in_time(session):
            progress.begin(WriteStepName.CHECK, "Cluster as planned")
            await plan.check(session.cluster)
            progress.begin(WriteStepName.WRITE, "Sent to the cluster")
            sent = True
            await plan.write(session.cluster)
    except (ClusterError, asyncio.CancelledError) as error:
        unknown = sent and isinstance(error, Unreachable | OutcomeUnknown | asyncio.CancelledError)
        await asyncio.shield(_record_failure(session, entry, error, unknown=unknown))
        if unknown and isinstance(error, Unreachable):
            raise OutcomeUnknown(f"{error.message}: whether it was done is not known", "Look again.") from error
        raise
    progress.end()
    try:
        outcome = await _effect(session, plan, entry, progress)
    except asyncio.CancelledError:  # it is written all the same
        outcome = ChangeOutcome(entry, plan.title, "it was not waited for until it could be read back")
        await asyncio.shield(session.journal.end(entry, EntryState.COMMITTED, outcome.document()))
        raise
    await session.journal.end(entry, EntryState.COMMITTED, outcome.document())
    return outcome


async def _effect(session: Session, plan: ChangePlan, entry: int, progress: Progress) -> ChangeOutcome:
    if plan.follow is not None:
        return await plan.follow(progress)
    progress.begin(WriteStepName.VERIFY, "Read back")
    outcome = ChangeOutcome(entry, plan.title, await _doubt(session, plan))
    progress.end(failed=bool(outcome.doubt))
    return outcome


async def settle_change(session: Session, plan: ChangePlan, since_ms: int) -> ChangeOutcome:
    """Finds out by the journal what became of a plan whose process ended while it was carried out.

    Raises RefusedHere where it was refused, or not begun after `since_ms` (Unix milliseconds): nothing was written.
    Raises OutcomeUnknown where it was cut off in the middle, and the journal says so.
    """
    return await _settle(session, await find_entry(session, since_ms, lambda done: done.get(_PLAN_ID) == plan.id))


async def find_entry(session: Session, since_ms: int, is_of_plan: Callable[[Mapping[str, Any]], bool]) -> JournalEntry:
    """Returns the newest entry since a time (Unix milliseconds) whose journalled plan is the one that was cut off.
    Raises RefusedHere where there is none: nothing was written then.
    """
    for entry in await session.journal.entries(since_ms=since_ms, limit=_ENTRIES):
        if is_of_plan(entry.intent.plan):
            return entry
    raise RefusedHere("It was cut off before it began", "Nothing was written. Make the plan again.")


async def _settle(session: Session, entry: JournalEntry) -> ChangeOutcome:
    outcome = entry.outcome or {}
    if entry.state is EntryState.COMMITTED:
        return ChangeOutcome(entry.id, entry.intent.title, outcome.get("doubt") or "")
    if entry.state is EntryState.ABORTED:
        raise RefusedHere(outcome.get("message") or "It was refused", "Nothing was written. Make the plan again.")
    if entry.state is EntryState.BEGUN and entry.intent.offsets:
        stands = await offsets_stand(session.cluster, entry.intent.offsets)
        if stands:
            unseen = ChangeOutcome(entry.id, entry.intent.title, "kafkaview ended before it was seen whether it holds")
            await session.journal.end(entry.id, EntryState.COMMITTED, unseen.document())
            return unseen
        if stands is False:
            await session.journal.end(entry.id, EntryState.ABORTED, {"message": "It was cut off before it was written"})
            raise RefusedHere("It was cut off before it was written", "Nothing was written. Make the plan again.")
    if entry.state is EntryState.BEGUN:
        await session.journal.end(entry.id, EntryState.UNKNOWN, {"message": "kafkaview ended while it was written"})
    raise OutcomeUnknown(
        f"It was cut off while it was written: whether it stands is not known. Journal entry {entry.id}",
        "Look at what stands now.",
    )


async def _intent(session: Session, plan: ChangePlan) -> Intent:
    info = await session.cluster.describe()
    command = command_line(session.profile, plan)
    document = {**plan.document, _PLAN_ID: plan.id}
    return Intent(plan.kind, plan.title, command, session.profile.name, info.cluster_id, document, plan.changes)


async def _doubt(session: Session, plan: ChangePlan) -> str:
    """Returns what still does not fit after some seconds of looking."""
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


async def _record_failure(session: Session, entry: int, error: BaseException, *, unknown: bool) -> None:
    state = EntryState.UNKNOWN if unknown else EntryState.ABORTED
    with suppress(JournalUnavailable):  # what kept it from being done is the graver news
        await session.journal.end(entry, state, {"message": str(error) or "cancelled"})
