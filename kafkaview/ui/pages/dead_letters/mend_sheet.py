"""The sheet that mends dead letters by a rule: the rule, what the results are held to, a trial, then the plan."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.profiles.file_paths import typed_path
from kafkaview.triage.mending.rules import MendRule, RuleKind
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.triage.redrive.trial import RedriveTrial
from kafkaview.ui.kit.bytes_text import CodeText
from kafkaview.ui.kit.controls import Button, Segments, Text
from kafkaview.ui.kit.file_dialogs import ask_for_file
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.syntax import JsonColours
from kafkaview.ui.pages.dead_letters.acceptance_field import AcceptanceField, own_format
from kafkaview.ui.pages.dead_letters.trial_view import TrialView
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan

TASK: Final = "deadletters.trial"
FORMAT: Final = "deadletters.format"
_WORDS: Final = "The rule is tried on all of them first. Nothing is written before you have seen the plan."
_KINDS: Final = (
    (RuleKind.MERGE.value, "JSON merge patch"), (RuleKind.CEL.value, "CEL"), (RuleKind.PYTHON.value, "Python file")
)  # fmt: skip
_HELP: Final = {
    RuleKind.MERGE: "An object of what is to be replaced or added; null takes away (RFC 7396).",
    RuleKind.CEL: "An expression that gives the new value, from value, key, headers, offset and so on. merge(a, b) "
    "joins two objects, without(a, name) takes a member away.",
    RuleKind.PYTHON: "A file with a function mend(record) that returns the new value. It runs in a process of its own.",
}
_STARTS: Final = {RuleKind.MERGE: "{}", RuleKind.CEL: 'merge(value, {"amount": double(value.amount)})'}


class MendSheet(FormSheet):
    """Mends the dead letters of a request. It stays open below the dialog of its plan. `count` says how many they are,
    in words; `origins` where they came from, as far as that is known.
    """

    def __init__(
        self,
        context: Context,
        plan: Plan,
        request: RedriveRequest,
        count: str,
        topics: Sequence[str],
        origins: Collection[str] = (),
    ) -> None:
        super().__init__(context, f"Mend {count} of {request.queue}", _WORDS, plan, width=960)
        theme = context.theme
        self._context = context
        self._request = request
        self._origins = origins
        self._texts: dict[RuleKind, str] = dict(_STARTS)
        self._shown: RuleKind | None = None
        self._trying = False
        self._run = 0  # counts the trials: the end of an earlier one says nothing of this one
        self._tried: RedriveRequest | None = None  # whose trial has ended
        self._trial = RedriveTrial()
        self.kinds = Segments(_KINDS)
        self.rule = CodeText()
        self.rule.setReadOnly(False)
        self.rule.setTabChangesFocus(True)
        self.rule.setFixedHeight(theme.px(110))
        self._colours = JsonColours(theme, self.rule)
        self.file = QLineEdit()
        self.file.setPlaceholderText("/home/me/mend.py")
        self.choose = Button(theme, "Choose…", clicked=self._choose_file)
        self.help = Text(size=12, tone="text_2", wrap=True)
        self.accept = AcceptanceField(theme)
        self.to = Picker(theme, "where each came from", 320)
        self.to.offer(topics)
        self.to.show_text(request.to or "")
        self.try_button = Button(theme, f"Try it on {count}", icon="play", tall=True, clicked=self.try_rule)
        self.view = TrialView(theme)
        self._fill_form()
        self.footer.insertWidget(self.footer.indexOf(self.go), self.try_button)
        self.kinds.chosen.connect(self._turn)
        for signal in (self.rule.textChanged, self.file.textChanged, self.to.currentTextChanged, self.accept.changed):
            signal.connect(lambda *_text: self.check())
        self.to.currentTextChanged.connect(lambda _text: self._ask_format())
        self._turn(self.kinds.current)

    def open(self) -> None:
        """Shows the sheet, with the cursor in the rule."""
        super().open()
        self.rule.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ask_format()

    @property
    def kind(self) -> RuleKind:
        """The kind of rule that is chosen."""
        return RuleKind(self.kinds.current)

    @property
    def request(self) -> RedriveRequest:
        """The redrive with the rule of the fields."""
        if self.kind is RuleKind.PYTHON:
            rule = MendRule(RuleKind.PYTHON, b"", str(typed_path(self.file.text().strip())))
        else:
            rule = MendRule(self.kind, self.rule.code.encode())
        return replace(self._request, mend=rule, accept=self.accept.acceptance, to=self.to.text or None)

    def why_not(self) -> str:
        """Returns what is missing for the plan."""
        missing = self._missing()
        if missing:
            return missing
        if self._trying:
            return "The rule is being tried."
        if self._tried != self.request:
            return "Try the rule first."
        ready = self._trial.unchanged + self._trial.mended
        return "" if ready else "None of them could be sent back."

    def check(self) -> None:
        """Shows what is missing for the plan, and for the trial."""
        super().check()
        missing = self._missing()
        self.try_button.setEnabled(not missing)
        self.try_button.setToolTip(missing)

    def make(self) -> Make:
        """Returns the function that plans the redrive."""
        request = self.request
        return lambda engine: engine.plan_redrive(request)

    def try_rule(self) -> None:
        """Tries the rule on all of the dead letters."""
        self._tried, self._trying = None, True
        self._run += 1
        self.view.show_nothing("Reading the dead letters.")
        self._context.tasks.start(
            TASK,
            self._try(self.request, self._run),
            title="Trying the rule",
            on_error=self._refuse,
            on_unstarted=partial(self._stop, self._run),
            cancellable=True,
        )
        self.check()

    def lift(self) -> None:
        """Ends the trial and closes the sheet."""
        self._run += 1
        for task in (TASK, FORMAT):
            self._context.tasks.cancel(task)
        super().lift()

    def _ask_format(self) -> None:
        topics = (self.to.text,) if self.to.text else self._origins
        self._context.tasks.ask(FORMAT, self._show_format(topics))

    async def _show_format(self, topics: Collection[str]) -> None:
        reason = await own_format(self._context.engine, topics)
        with self.filling():
            self.accept.offer_own(reason)

    async def _try(self, request: RedriveRequest, run: int) -> None:
        try:
            async with aclosing(self._context.engine.redrive_trials(request)) as steps:
                async for trial in steps:
                    self._trial = trial
                    self.view.show_trial(trial)
        except asyncio.CancelledError:
            self._stop(run)
            raise
        self._tried, self._trying = request, False
        self.check()

    def _stop(self, run: int) -> None:
        if run == self._run:
            self._trying = False
            self.view.show_nothing("The trial was stopped.")
            self.check()

    def _refuse(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self._trying = False
        self.view.show_nothing(sentences(error), "bad_text")
        self.check()

    def _missing(self) -> str:
        if self.kind is RuleKind.PYTHON and not self.file.text().strip():
            return "The Python file is missing."
        if self.kind is not RuleKind.PYTHON and not self.rule.code.strip():
            return "The rule is missing."
        return self.accept.why_not()

    def _turn(self, name: str) -> None:
        """Shows the fields of a kind of rule; each keeps what was typed for it."""
        kind, before = RuleKind(name), self._shown
        if before is not None and before is not RuleKind.PYTHON:
            self._texts[before] = self.rule.code
        self._shown = kind
        self.help.setText(_HELP[kind])
        self.show_field(self.rule, shown=kind is not RuleKind.PYTHON)
        self.show_field(self._file_row, shown=kind is RuleKind.PYTHON)
        if kind is not RuleKind.PYTHON:
            self.rule.setPlainText(self._texts[kind])
        self._colours.on = kind is RuleKind.MERGE
        self._colours.rehighlight()
        self.check()

    def _choose_file(self) -> None:
        ask_for_file(self, "Rule in Python", "Python (*.py)", lambda path: self.file.setText(str(path)))

    def _fill_form(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.file, 1)
        row.addWidget(self.choose)
        self._file_row = QWidget()
        self._file_row.setLayout(row)
        self.field("Mend by", self.kinds)
        self.field("Rule", self.rule)
        self.field("File", self._file_row)
        self.field("", self.help)
        self.field("Held to", self.accept)
        self.field("Send to", self.to)
        self.file.setAccessibleName("Python file")
        self.body.addWidget(self.view)
