"""What the window shows and says of one kind of write. The dialog, the run and the outcome are the same for all."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import ClassVar, Final, Generic, Protocol, TypeVar

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.engine.port import Engine
from kafkaview.ui.kit.page import Context
from kafkaview.ui.writes.write_result import Result
from kafkaview.writes.outcome import ChangeEnd, ChangeOutcome
from kafkaview.writes.plan import Plan
from kafkaview.writes.steps import WriteStepName

UNWRITTEN: Final = "Nothing is written before you say so."

P = TypeVar("P", bound=Plan[ChangeOutcome])
P_contra = TypeVar("P_contra", bound=Plan[ChangeOutcome], contravariant=True)
MakePlan = Callable[[Engine], Awaitable[P]]
StepTimes = Mapping[WriteStepName, int]  # when each step was done, in Unix milliseconds


class Preview(Protocol[P_contra]):
    """The widget of a plan."""

    def show_plan(self, plan: P_contra) -> None:
        """Shows a plan."""
        ...


class PlanKind(ABC, Generic[P]):
    """One kind of write in the window."""

    making: ClassVar[str]  # the task in which a plan is made
    task: ClassVar[str]  # the task in which one is carried out
    looking: ClassVar[str]  # while a plan is made
    busy: ClassVar[str]  # why a second one has to wait
    icon: ClassVar[str | None] = None  # of the button
    typed: ClassVar[str] = "the name"  # what a production profile has to have typed

    @abstractmethod
    def preview(self, context: Context, plan: P, make_anew: Callable[[MakePlan[P]], None]) -> QWidget:
        """Returns the widget of a plan, which is a Preview; a tick in it may have another plan made."""

    def title(self, plan: P) -> str:
        """Returns the title of a plan: the deed with its numbers."""
        return plan.title

    def why_not(self, _plan: P) -> str:
        """Returns what the user has to choose before a plan can be carried out; empty if nothing is open."""
        return ""

    def subtitle(self, _plan: P) -> str:
        """Returns the words below the title of a plan."""
        return UNWRITTEN

    def destroys(self, _plan: P) -> bool:
        """Whether a plan loses records for good, so that its name is typed on every profile."""
        return False

    def removes(self, _plan: P) -> bool:
        """Whether a plan takes something away, so that its button is red."""
        return False

    def may_stop(self, _plan: P) -> bool:
        """Returns whether a plan can end in the middle of what it writes."""
        return False

    def running(self, plan: P) -> tuple[str, str]:
        """Returns title and subtitle while it runs."""
        return plan.title, ""

    @staticmethod
    @abstractmethod
    def describe_step(step: WriteStepName | None) -> str:
        """Returns what the user can do while a step runs, for the words beside the button; None is before the first."""

    @staticmethod
    @abstractmethod
    def result_of_error(error: ClusterError) -> Result:
        """Returns the outcome of a plan that was refused."""

    @abstractmethod
    def result_of(self, plan: P, end: ChangeEnd, done: StepTimes) -> Result:
        """Returns the outcome of a plan that was carried out."""

    def result_of_refusal(self, error: ClusterError, _plan: P, _done: StepTimes) -> Result:
        """Returns the outcome of a plan that was refused after these steps."""
        return self.result_of_error(error)
