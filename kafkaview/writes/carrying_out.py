"""Carrying out a write: wait where that is wanted, journal, look again, write, read back or watch. Every kind of write
goes this way, and only here is its journal entry begun and ended.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from kafkaview.cluster.errors import ClusterError, OutcomeUnknown, QueueUnsure, RefusedHere, Unreachable
from kafkaview.journal.entry import EntryState, Intent, JournalEntry
from kafkaview.journal.errors import JournalUnavailable
from kafkaview.profiles.journal_rules import PayloadForm
from kafkaview.writes import settling
from kafkaview.writes.execution import Execution, ResumableExecution, in_time, reason_of
from kafkaview.writes.offsets.execution import OffsetExecution
from kafkaview.writes.outcome import ChangeOutcome
from kafkaview.writes.plan import ChangePlan, Plan, command_line
from kafkaview.writes.settling import Look
from kafkaview.writes.steps import LOOKING_UP, Progress, Report, WriteStepName

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster
    from kafkaview.session import Session

O = TypeVar("O", bound=ChangeOutcome)  # noqa: E741 - of an outcome

_ROWS: Final = 1_000  # of what changes in words; the plan's document has all
_ENTRIES: Final = 100  # newest ones of the journal that are looked through
_PLAN_ID: Final = "plan_id"  # in the journalled document: which plan it was


async def carry_out(session: Session, plan: Plan[O], report: Report = lambda _step: None) -> O:
    """Carry out a plan and say what came of it.

    Raises what kept it from being done, and the journal says so: the plan's first problem, PlanNoLongerHolds,
    JournalUnavailable, the broker's refusal; OutcomeUnknown where the write was sent and nobody answered, not within
    the session's limit either. A plan that waits is made anew when the waiting is over, and that one is carried out;
    until then nothing is journalled. A cancellation before the write ends it; a later one only ends the watching.
    """
    progress = Progress(report)
    try:
        return await _carry_out(session, await plan.prepare(progress), progress)
    except (Exception, asyncio.CancelledError):
        progress.end(failed=True)
        raise


async def find_outcome(
    session: Session,
    plan: Plan[ChangeOutcome],
    since_ms: int,
    report: Report = lambda _step: None,
    *,
    find_look: Callable[[Cluster, JournalEntry], Look | None] = lambda _cluster, _entry: None,
) -> ChangeOutcome:
    """Finds out what became of a plan whose process ended while it was carried out: by the journal, or by what stands:
    its kind looks that up and completes it, or `find_look` returns what sees whether it stands.

    Raises RefusedHere where it was refused, or not begun after `since_ms` (Unix milliseconds): nothing was written.
    Raises OutcomeUnknown where it was cut off in the middle, and the journal says so.
    """
    entry = await _find_entry(session, since_ms, plan.id)
    progress = Progress(report)
    execution = plan.resumable(session, entry.id, progress)
    if execution is None:
        return await _outcome_of(session, plan, entry, progress, find_look(session.cluster, entry))
    recorded = execution.recorded(entry)
    if recorded is not None:
        return recorded
    return await _finish(session, execution, _resume(session, execution, entry))


async def _resume(session: Session, execution: ResumableExecution[O], entry: JournalEntry) -> O:
    """Looks up what stands, again while nobody answers. Raises OutcomeUnknown where it cannot be seen."""
    until = time.monotonic() + settling.SILENT_S
    while True:
        try:
            return await execution.resume()
        except ClusterError as error:
            if isinstance(error, Unreachable | QueueUnsure) and time.monotonic() < until:
                await asyncio.sleep(settling.PAUSE_S)
                continue
            told = {**(entry.outcome or {}), "message": reason_of(error)}
            with suppress(JournalUnavailable):
                await session.journal.end(entry.id, EntryState.UNKNOWN, told)
            if isinstance(error, QueueUnsure):
                raise
            raise OutcomeUnknown(f"What stands of it could not be seen: {error.message}", error.hint) from error


async def _carry_out(session: Session, plan: Plan[O], progress: Progress) -> O:
    if plan.problems:
        raise plan.problems[0]
    execution = plan.execution(session, await _begin(session, plan, progress), progress)
    sent = False
    try:
        async with in_time(session):
            progress.begin(WriteStepName.CHECK, execution.checking)
            await execution.check()
            sent = True
            await execution.write()
    except (Exception, asyncio.CancelledError) as error:
        expected = isinstance(error, ClusterError | asyncio.CancelledError)
        unknown = sent and (execution.may_stand(error) or not expected)
        await asyncio.shield(_refuse(session, execution, error, unknown=unknown))
        if unknown and isinstance(error, Unreachable):
            raise OutcomeUnknown(f"{error.message}: whether it was done is not known", "Look again.") from error
        raise
    return await _finish(session, execution, execution.follow())


async def _begin(session: Session, plan: Plan[O], progress: Progress) -> int:
    """Stores the plan in the journal; returns the number of its entry."""
    words = "Plan and payload" if plan.payloads else "Plan"
    progress.begin(WriteStepName.JOURNAL, f"{words} into the journal")
    async with in_time(session):
        info = await session.cluster.describe()
    told = plan if session.profile.journal.payloads is PayloadForm.KEPT else plan.without_payload()
    command = command_line(session.profile, told)
    document = {**told.document, _PLAN_ID: plan.id}
    profile = session.profile
    intent = Intent(
        plan.kind,
        plan.title,
        command,
        profile.name,
        info.cluster_id,
        document,
        plan.changes,
        tuple((row.what, row.before, row.after) for row in told.rows[:_ROWS]),
        plan.subject,
        await asyncio.to_thread(session.author),
        profile.id,
        document.get("undoes"),
        plan.undoable or bool(plan.changes),
    )
    entry = await session.journal.begin(intent, plan.payloads, profile.journal)
    progress.end(f"{words} in the journal", f"entry {entry}")
    return entry


async def _finish(session: Session, execution: Execution[O], following: Awaitable[O]) -> O:
    """Follows what was written to its outcome, which the journal gets."""
    try:
        outcome = await following
    except asyncio.CancelledError:  # it is written all the same
        await asyncio.shield(_end(session, execution.unfollowed()))
        raise
    return await _end(session, outcome)


async def _end(session: Session, outcome: O) -> O:
    try:
        await session.journal.end(outcome.journal_id, outcome.state, outcome.document())
    except JournalUnavailable as error:  # what was written is reported all the same
        return outcome.with_doubt(f"the journal does not hold the outcome: {error.message}")
    return outcome


async def _refuse(session: Session, execution: Execution[O], error: BaseException, *, unknown: bool) -> None:
    state = EntryState.UNKNOWN if unknown else EntryState.ABORTED
    refusal = await execution.refusal(error)
    with suppress(JournalUnavailable):  # what kept it from being done is the graver news
        await session.journal.end(execution.journal_id, state, refusal)


async def _find_entry(session: Session, since_ms: int, plan_id: str) -> JournalEntry:
    """Returns the entry of the plan that was cut off. Raises RefusedHere where there is none."""
    for entry in await session.journal.entries(since_ms=since_ms, limit=_ENTRIES):
        if entry.intent.plan.get(_PLAN_ID) == plan_id:
            return entry
    raise RefusedHere("It was cut off before it began", "Nothing was written. Make the plan again.")


async def _outcome_of(
    session: Session, plan: Plan[ChangeOutcome], entry: JournalEntry, progress: Progress, look: Look | None
) -> ChangeOutcome:
    outcome = entry.outcome or {}
    if entry.state is EntryState.COMMITTED:
        return ChangeOutcome(
            entry.id, entry.intent.title, outcome.get("doubt") or "", unseen=outcome.get("effective", False) is None
        )
    if entry.state is EntryState.ABORTED:
        raise RefusedHere(outcome.get("message") or "It was refused", "Nothing was written. Make the plan again.")
    if entry.state is EntryState.BEGUN and look is not None:
        progress.begin(WriteStepName.LOOK_UP, LOOKING_UP)
        stands = await settling.settle(look)
        progress.end(failed=stands is None)
        if stands and isinstance(plan, ChangePlan) and plan.offsets is not None:
            execution = OffsetExecution(session, plan, entry.id, progress)
            return await _finish(session, execution, execution.hold())
        if stands:
            return await _end(session, ChangeOutcome(entry.id, entry.intent.title))
        if stands is False:
            await session.journal.end(entry.id, EntryState.ABORTED, {"message": "It was cut off before it was written"})
            raise RefusedHere("It was cut off before it was written", "Nothing was written. Make the plan again.")
    if entry.state is EntryState.BEGUN:
        ended = {**outcome, "message": "kafkaview ended while it was written"}
        await session.journal.end(entry.id, EntryState.UNKNOWN, ended)
    raise OutcomeUnknown(
        f"It was cut off while it was written: whether it stands is not known. Journal entry {entry.id}",
        outcome.get("hint") or "Look at what stands now.",
    )
