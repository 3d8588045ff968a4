"""Administrative writes and changes of committed offsets in the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtWidgets import QWidget

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import ClusterError, OutcomeUnknown
from kafkaview.triage.reroute.bulk.plan import BulkReroutePlan
from kafkaview.triage.reroute.outcome import BulkOutcome
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.change_preview import ChangePreview
from kafkaview.ui.writes.change_words import describe_step, result_of, result_of_error
from kafkaview.ui.writes.offsets_preview import OffsetsPreview
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.plan_kind import MakePlan, PlanKind, StepTimes
from kafkaview.ui.writes.write_result import MovedGroup, Result
from kafkaview.writes.outcome import ChangeEnd
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.steps import WriteStepName

_MOST_FOLLOWED: Final = 100  # groups of one write
_REMOVING: Final = frozenset({"delete", "empty", "remove", "expire", "abort"})


class ChangeKind(PlanKind[ChangePlan]):
    """A ChangePlan, with or without committed offsets."""

    making = "change.plan"
    task = "change"
    looking = "Looking at what stands now"
    describe_step = staticmethod(describe_step)
    result_of_error = staticmethod(result_of_error)
    busy = "Another change is being written: wait until it is done"

    def preview(self, context: Context, plan: ChangePlan, _make_anew: object) -> QWidget:
        """Returns the widget of the plan."""
        if plan.offsets is not None:
            return OffsetsPreview(context)
        return ChangePreview(context.theme, context.profile)

    def why_not(self, plan: ChangePlan) -> str:
        """Returns why there is nothing to do; what forbids it comes first."""
        return "" if plan.problems else plan.nothing

    def destroys(self, plan: ChangePlan) -> bool:
        """Whether records are lost for good."""
        return plan.destroys

    def removes(self, plan: ChangePlan) -> bool:
        """Whether what is there before is gone afterwards."""
        return plan.destroys or plan.kind.rpartition(".")[2] in _REMOVING

    def may_stop(self, plan: ChangePlan) -> bool:
        """Returns whether the plan has a stop."""
        return plan.stop is not None

    def result_of(self, plan: ChangePlan, end: ChangeEnd, done: StepTimes) -> Result:
        """Returns the outcome of a write that the cluster took, with the groups that it moved."""
        outcome = end.outcome
        result = result_of(outcome, end.secret, undoable=plan.undoable)
        groups = [one for one in outcome.groups if one.after is not None]
        if not groups or (len(groups) > 1 and not isinstance(outcome, BulkOutcome)):
            return result  # several partitions of one group have no common plot
        at = done.get(WriteStepName.WRITE, now_ms())
        first, *others = (MovedGroup(one.group, one.topic_partition, at) for one in groups[:_MOST_FOLLOWED])
        return replace(result, moved=first, moved_too=tuple(others))

    def result_of_refusal(self, error: ClusterError, plan: ChangePlan, done: StepTimes) -> Result:
        """Returns the same, with the queue that was made for nothing."""
        made, result = WriteStepName.TOPIC in done and not isinstance(error, OutcomeUnknown), result_of_error(error)
        return result.with_empty_queue(plan.queue) if made and isinstance(plan, BulkReroutePlan) else result


def change_dialog(
    context: Context, make: MakePlan[ChangePlan], ended: Callable[[Result], object] | None = None
) -> PlanDialog[ChangePlan]:
    """Returns the dialog of a ChangePlan."""
    return PlanDialog(context, make, ended, ChangeKind())


def open_change(
    context: Context, make: MakePlan[ChangePlan], ended: Callable[[Result], object] | None = None
) -> PlanDialog[ChangePlan]:
    """Opens the dialog of a ChangePlan, and returns it."""
    dialog = change_dialog(context, make, ended)
    dialog.open()
    return dialog
