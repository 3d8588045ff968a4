"""The sheet that edits the value of one dead letter, with what differs and whether its readers take it at each key."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.records.detail import FieldBytes
from kafkaview.triage.mending.result import MendOutcome
from kafkaview.triage.mending.rules import MendRule, RuleKind
from kafkaview.triage.redrive.request import RedriveRequest
from kafkaview.triage.redrive.trial import LetterDraft, RedriveTrial
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.picker import Picker
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.pages.dead_letters.acceptance_field import AcceptanceField, own_format
from kafkaview.ui.pages.dead_letters.trial_view import DifferenceTable
from kafkaview.ui.record.bytes_editor import BytesEditor
from kafkaview.ui.writes.form_sheet import FormSheet, Make, Plan
from kafkaview.words import number

DRAFT, TRIAL = "deadletters.draft", "deadletters.edit"
_REST_MS: Final = 150  # of typing, before the value is held to what is chosen
_WORDS: Final = "Nothing is written before you have seen the plan. Key, headers and timestamp stay as they were."


class EditSheet(FormSheet):
    """Edits the one dead letter of a request. It stays open below the dialog of its plan."""

    def __init__(self, context: Context, plan: Plan, request: RedriveRequest, topics: Sequence[str]) -> None:
        (record,) = request.records
        title = f"Edit the value of {record.topic_partition} @ {number(record.offset)}"
        super().__init__(context, title, _WORDS, plan, width=820)
        theme = context.theme
        self._context = context
        self._request = request
        self._draft: LetterDraft | None = None
        self._problem = "The dead letter is being read."
        self._held: RedriveTrial | None = None
        self.value = BytesEditor(theme, height=200)
        self.value.modes.show_only({"text", "hex", "base64"})
        self.about = Text(size=12, tone="text_2", wrap=True)
        self.accept = AcceptanceField(theme)
        self.to = Picker(theme, "where it came from", 320)
        self.to.offer(topics)
        self.to.show_text(request.to or "")
        self._mark = MarkLabel(theme, Mark.IDLE, 14)
        self.reading = Text(size=12, tone="text_2", wrap=True)
        self.differences = DifferenceTable(theme)
        self.differences.setFixedHeight(theme.px(130))
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._hold)
        self._fill_form()
        self.value.changed.connect(self._change)
        self.accept.changed.connect(self._change)
        self.to.currentTextChanged.connect(lambda _text: self._read())
        self.value.setEnabled(False)
        self.check()

    def open(self) -> None:
        """Shows the sheet and reads the dead letter."""
        super().open()
        self._read()

    def lift(self) -> None:
        """Closes the sheet."""
        self._rest.stop()
        for task in (DRAFT, TRIAL):
            self._context.tasks.cancel(task)
        super().lift()

    @property
    def request(self) -> RedriveRequest:
        """The redrive with the value as it is typed."""
        rule = MendRule(RuleKind.EDIT, self.value.shown_bytes or b"")
        return replace(self._unedited, mend=rule, accept=self.accept.acceptance)

    @property
    def _unedited(self) -> RedriveRequest:
        return replace(self._request, to=self.to.text or None)

    def why_not(self) -> str:
        """Returns why there is nothing to plan."""
        if self._problem or self.value.problem:
            return self._problem or f"The value: {self.value.problem}."
        missing = self.accept.why_not()
        if missing:
            return missing
        if self._held is None:
            return "The value is being held to what is chosen."
        return "" if not self._held.failed else "Its readers would not take it."

    def make(self) -> Make:
        """Returns the function that plans the redrive."""
        request = self.request
        return lambda engine: engine.plan_redrive(request)

    def _read(self) -> None:
        self._problem, self._held = "The dead letter is being read.", None
        self._context.tasks.ask(DRAFT, self._show_draft(self._unedited), self._refuse)
        self.check()

    async def _show_draft(self, request: RedriveRequest) -> None:
        draft = await self._context.engine.draft_letter(request)
        self._problem = f"It cannot be sent back: {draft.problem}." if draft.problem else ""
        if self._draft is None and not draft.problem:
            self._draft = draft
            data = draft.text.encode() if draft.text is not None else draft.data or b""
            self.value.setEnabled(True)
            with self.filling():
                self.value.show_source(FieldBytes(data, len(data)))
            self.about.setText(_describe(draft))
            self.value.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self._change()
        reason = await own_format(self._context.engine, (draft.target,) if draft.target else ())
        with self.filling():
            self.accept.offer_own(reason)

    def _refuse(self, error: ClusterError) -> None:
        self._problem = sentences(error)
        self.check()

    def _change(self) -> None:
        self._held = None
        self.check()
        self._rest.start()

    def _hold(self) -> None:
        """Asks what differs, and whether the value is taken."""
        if self._problem or self.value.problem or self.accept.why_not():
            self._show(Mark.IDLE, "")
            return
        self._context.tasks.ask(TRIAL, self._try(self.request), self._refuse_trial)

    async def _try(self, request: RedriveRequest) -> None:
        async with aclosing(self._context.engine.redrive_trials(request)) as steps:
            async for trial in steps:
                if trial.ended:
                    self._show_trial(trial)

    def _refuse_trial(self, error: ClusterError) -> None:
        self._show(Mark.BAD, sentences(error))

    def _show_trial(self, trial: RedriveTrial) -> None:
        self._held = trial
        letter = trial.letters[0] if trial.letters else None
        if letter is None:
            self._problem = "It went back before, and is not sent again."
            self._show(Mark.IDLE, self._problem)
        elif letter.outcome is MendOutcome.FAILED:
            self._show(Mark.BAD, letter.reason)
        elif not self.accept.checks:
            differs = letter.outcome is MendOutcome.MENDED
            how = "as it is typed" if differs else "as it is, byte for byte"
            self._show(Mark.IDLE, f"Not checked: it is sent {how}, whether its readers take it or not.")
        elif letter.outcome is MendOutcome.MENDED:
            self._show(Mark.OK, "It is taken as it is typed.")
        else:
            self._show(Mark.OK, "It is taken as it is, nothing differs.")
        self.differences.set_rows(letter.differences if letter is not None else ())
        self.check()

    def _show(self, mark: Mark, words: str) -> None:
        self._mark.set_mark(mark)
        self._mark.setVisible(bool(words))
        self.reading.set_tone("bad_text" if mark is Mark.BAD else "text_2")
        self.reading.setText(words)

    def _fill_form(self) -> None:
        told = QHBoxLayout()
        told.setContentsMargins(0, 0, 0, 0)
        told.setSpacing(6)
        told.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self.reading, 1)
        verdict = QWidget()
        verdict.setLayout(told)
        self._mark.hide()
        self.field("Value", self.value)
        self.form.setAlignment(self._labels[self.value], Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.field("", self.about)
        self.field("Held to", self.accept)
        self.field("Send to", self.to)
        self.field("", verdict)
        self.body.addWidget(Text("What differs", size=12, weight=600))
        self.body.addWidget(self.differences)


def _describe(draft: LetterDraft) -> str:
    if draft.text is not None:
        return (
            f"Its JSON: {draft.schema} describes the value, which is encoded again when it is sent to {draft.target}."
        )
    return f"Sent to {draft.target} as it is here, byte for byte."
