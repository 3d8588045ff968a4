"""The plan of a re-route: record strip, groups, options, what could go wrong, command line."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.between_question import BetweenQuestion
from kafkaview.ui.writes.cautions import Cautions
from kafkaview.ui.writes.command import CommandLine
from kafkaview.ui.writes.details import Details
from kafkaview.ui.writes.groups_table import GroupsTable
from kafkaview.ui.writes.option import Option
from kafkaview.ui.writes.plan_strip import PlanStrip
from kafkaview.ui.writes.queue_field import QueueField
from kafkaview.ui.writes.reroute_words import (
    asks_between,
    between_option,
    between_question,
    create_option,
    find_held_back,
    other_queue_option,
    stays,
)
from kafkaview.writes.plan import command_line


class ReroutePreview(QWidget):
    """The body of the dialog. It emits every tick; the dialog makes the new plan."""

    group_ticked = Signal(str, bool)
    queue_chosen = Signal(object)  # its name; None: the topic's own
    create_ticked = Signal(bool)
    evict_ticked = Signal(bool)
    between_ticked = Signal(bool)

    between_answered = Signal(bool)

    def __init__(
        self, theme: Theme, profile: ConnectionProfile, asked_for: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._profile = profile
        self._asked_for = asked_for
        self.queue = QueueField(theme)
        self.question = BetweenQuestion()
        self.question.hide()
        self.strip = PlanStrip(theme)
        self.groups = GroupsTable(theme)
        self.other_queue_box = Option()
        self.create_box = _option(self.create_ticked)
        self.evict_box = _option(self.evict_ticked, "Evict the members so that they read the new offset")
        self.between_box = _option(self.between_ticked)
        self._cautions = Cautions(theme)
        self._details = Details(theme)
        self._command = CommandLine(theme)
        self._other_queue = ""  # which can be made,
        self._refused_queue = ""  # in place of this one, which cannot
        self.groups.ticked.connect(self.group_ticked)
        self.queue.chosen.connect(self.queue_chosen)
        self.question.answered.connect(self.between_answered)
        self.other_queue_box.clicked.connect(lambda on: self.queue_chosen.emit(self._other_queue if on else None))
        self._lay_out()

    def show_plan(self, plan: ReroutePlan) -> None:
        """Shows a plan with its tick boxes."""
        self.queue.show_queue(plan.dlq)
        if asks_between(plan, self._asked_for):
            self.question.ask(*between_question(plan, self._asked_for))
            self.question.show()
        self.strip.show_plan(plan)
        self.groups.setVisible(bool(plan.moves or plan.left_alone))
        self.groups.show_plan(plan)
        self._options(plan)
        self._cautions.show_plan(plan, [stays(group) for group in find_held_back(plan)])
        if self.question.is_open:
            self._cautions.hide()  # they follow from the answer
        self._details.show_plan(plan)
        self._command.show_command(command_line(self._profile, plan))

    def _options(self, plan: ReroutePlan) -> None:
        if plan.other_dlq is not None:
            self._other_queue, self._refused_queue = plan.other_dlq, plan.dlq
        self.other_queue_box.say(other_queue_option(self._other_queue, self._refused_queue))
        self.other_queue_box.setVisible(plan.dlq in (self._other_queue, self._refused_queue))
        self.other_queue_box.setChecked(plan.other_dlq is None)
        self.create_box.say(create_option(plan))
        self.create_box.setVisible(not plan.dlq_exists)
        self.create_box.setChecked(plan.create_dlq)
        self.evict_box.setVisible(bool(plan.moves))
        self.evict_box.setChecked(plan.evict)
        between = between_option(plan)
        self.between_box.say(between or "")
        self.between_box.setVisible(between is not None and self.question.isHidden())
        self.between_box.setChecked(plan.skip_between)

    def _lay_out(self) -> None:
        options = column(self.other_queue_box, self.create_box, self.evict_box, self.between_box, gap=6)
        above = (self.question, self.queue, self.strip, self.groups, options)
        self.setLayout(column(*above, self._cautions, self._command, self._details, gap=10, push=True))


def _option(clicked: SignalInstance, text: str = "") -> Option:
    box = Option(text)
    box.clicked.connect(clicked)
    return box
