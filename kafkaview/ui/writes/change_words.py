"""The words of an administrative write: its steps and its outcome. No Qt here."""

from __future__ import annotations

from typing import Final

from kafkaview.cluster.errors import ClusterError, NotAuthorized, OutcomeUnknown, PlanNoLongerHolds
from kafkaview.engine.window_words import window_hint
from kafkaview.journal.entry import EntryState
from kafkaview.triage.reroute.outcome import BulkOutcome
from kafkaview.ui.writes.write_result import Result
from kafkaview.words import join_sentences
from kafkaview.writes.offsets.plan import OffsetPlan
from kafkaview.writes.one_time_secret import ShownOnce
from kafkaview.writes.outcome import ChangeOutcome, advice_of
from kafkaview.writes.steps import WriteStepName

_CUT_SHORT: Final = {
    EntryState.NONE: "Nothing was written",
    EntryState.UNKNOWN: "Whether it was written is not known",
}
_HOW_UNDONE: Final = "Ctrl+Z, or its journal entry, plans its undo."


def describe_step(step: WriteStepName | None) -> str:
    """Returns what the user can do while this step runs, for the words beside the button."""
    if step is None or step.may_cancel:
        return "Nothing is written yet. It can still be cancelled."
    if step in (WriteStepName.TOPIC, WriteStepName.WRITE):
        return "It is being written. It can no longer be cancelled; closing lets it go on."
    if step is WriteStepName.LOOK_UP:
        return "What stands is looked up. Closing lets that go on."
    return "It is written. Closing lets it be read back."


def result_of(outcome: ChangeOutcome, secret: ShownOnce | None = None, *, undoable: bool = False) -> Result:
    """Returns the outcome of a write that the cluster took, with the secret that it returned."""
    if outcome.offsets is not None:
        return _offsets_result(outcome, outcome.offsets)
    entry, record = outcome.journal_id, outcome.record
    if outcome.partial and not outcome.doubt:
        return Result("warn", "Done in part", join_sentences(outcome.detail), secret=secret, journal_id=entry)
    if isinstance(outcome, BulkOutcome) and outcome.moved and not outcome.doubt:
        text = outcome.detail.replace(f"; {outcome.moved}", "")
        moves = any(group.moves for group in outcome.groups)
        return Result("ok", outcome.moved, text, journal_id=entry, undoable=undoable, moves=moves)
    if not outcome.doubt:
        title = "Done: the cluster reads back as planned"
        text = outcome.detail or (_HOW_UNDONE if undoable else "")
        return Result("ok", title, text, secret=secret, journal_id=entry, record=record, undoable=undoable)
    doubt = join_sentences(outcome.detail, outcome.doubt)
    if outcome.hint:
        title = _CUT_SHORT.get(outcome.state, "Written in part")
        result = Result("warn", title, doubt, (window_hint(outcome.hint),), journal_id=entry)
        left = outcome.result.get("empty_queue")
        return result.with_empty_queue(left) if left else result
    if outcome.unseen:
        advice = ("Look again once the brokers that hold it answer",)
        title = "Written, but it could not be read back"
        return Result("unknown", title, doubt, advice, secret, entry, record=record, undoable=undoable)
    advice = ("Look again in a moment: a broker learns of a change after the controller took it",)
    title = "Written, but it does not read back as planned"
    return Result("warn", title, doubt, advice, secret, entry, record=record, undoable=undoable)


def _offsets_result(outcome: ChangeOutcome, plan: OffsetPlan) -> Result:
    advice = advice_of(outcome.groups)
    entry, undoable = outcome.journal_id, bool(plan.rows)
    if outcome.effective is None:
        title = "Written, whether it holds was not seen"
        return Result("unknown", title, outcome.doubt, advice, journal_id=entry, undoable=undoable, asks_members=True)
    if not outcome.effective:
        title = "Written, but it did not hold"
        return Result("warn", title, outcome.doubt, advice, journal_id=entry, undoable=undoable, asks_members=True)
    return Result("ok", outcome.message, _HOW_UNDONE, advice, journal_id=entry, undoable=undoable, asks_members=True)


def result_of_error(error: ClusterError) -> Result:
    """Returns the outcome of a write that was not made, or of which nobody knows, in the broker's words."""
    said = join_sentences(error.message, error.hint)
    if isinstance(error, OutcomeUnknown):
        return Result("unknown", "Whether it was done is not known", said)
    if isinstance(error, PlanNoLongerHolds):
        return Result("warn", "The plan no longer holds, nothing was written", said)
    if isinstance(error, NotAuthorized):
        advice = (error.hint,) if error.hint else ()
        return Result("bad", "A right is missing, nothing was written", error.message, advice)
    return Result("bad", "Nothing was written", said)
