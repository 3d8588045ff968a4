"""The rules that are kept for a topic, and the way to keep one more: it is tried on the newest records before."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from kafkaview.failure import Failure
from kafkaview.triage.scan.kept_rules import TopicRules
from kafkaview.triage.scan.trial import RuleTrial
from kafkaview.ui.kit.controls import Button, Text
from kafkaview.ui.kit.page import Context

_TASK = "topic rules"


class KeptRulesRow(QWidget):
    """Says which rules are kept for a topic. The first click on its button tries a rule, the second keeps it."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._topic = self._rule = ""
        self._of_keys = False
        self._tried = False
        self.kept: TopicRules | None = None  # not read yet
        self._format = ""  # by which it is read without rules
        self.said = Text(size=12, tone="text_2", wrap=True)
        self.trial = Text(size=12, tone="text_2", wrap=True)
        self.keep_button = Button(context.theme, "", clicked=self._go_on)
        self.forget_button = Button(context.theme, "Forget", clicked=lambda: self._keep(TopicRules()))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.said, 1)
        line.addWidget(self.forget_button)
        line.addWidget(self.keep_button)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(line)
        box.addWidget(self.trial)
        self._show()

    def show_topic(self, topic: str) -> None:
        """Shows the rules of a topic, once they are read."""
        if topic == self._topic:
            return
        self._topic, self.kept, self._format = topic, None, ""
        self._forget_trial()
        if topic:
            self._start(self._read(topic), owner=self)

    def show_rule(self, rule: str, *, of_keys: bool) -> None:
        """Offers another rule to be kept, for values or for keys; none where the text is empty."""
        if (rule, of_keys) != (self._rule, self._of_keys):
            self._rule, self._of_keys = rule, of_keys
            self._forget_trial()

    def _go_on(self) -> None:
        if self.kept is None:
            return
        values, keys = ((), (self._rule,)) if self._of_keys else ((self._rule,), ())
        if self._tried:
            self._keep(TopicRules((*self.kept.values, *values), (*self.kept.keys, *keys)))
        else:
            self.trial.setText("Trying it on the newest records")
            self.trial.show()
            self._start(self._try(self._topic, TopicRules(values, keys)), owner=self)

    def _keep(self, rules: TopicRules) -> None:
        self._start(self._store(self._topic, rules))

    async def _read(self, topic: str) -> None:
        kept = await self._context.engine.topic_rules(topic)
        if topic == self._topic:  # else another name was typed meanwhile
            self.kept = kept
            self._show()
        if not kept:
            own = await self._context.engine.topic_format(topic)
            if topic == self._topic:
                self._format = own
                self._show()

    async def _try(self, topic: str, rules: TopicRules) -> None:
        trial = await self._context.engine.try_rules(topic, rules)
        if topic != self._topic:
            return
        self._tried = True
        self.trial.setText(_words(trial))
        self._show()

    async def _store(self, topic: str, rules: TopicRules) -> None:
        await self._context.engine.keep_rules(topic, rules)
        if isValid(self):  # a window that was closed meanwhile does not keep them from being kept
            self._forget_trial()
            await self._read(topic)

    def _start(self, work: Coroutine[Any, Any, None], owner: QWidget | None = None) -> None:
        self._context.tasks.start(_TASK, work, on_error=self._report, owner=owner)

    def _report(self, error: Exception) -> None:
        if not isinstance(error, Failure | ValueError) or not isValid(self):
            raise error
        hint = error.hint if isinstance(error, Failure) else ""
        self.trial.setText(f"{str(error).rstrip('.')}. {hint}".strip())
        self.trial.show()

    def _forget_trial(self) -> None:
        self._tried = False
        self.trial.setText("")
        self._show()

    def _show(self) -> None:
        kept = self.kept or TopicRules()
        rules = [*kept.values, *(f"keys: {rule}" for rule in kept.keys)]
        none = "No rules are kept for this topic" if self.kept is not None else "Which rules are kept is not read yet"
        none = none if self._topic else ""
        none = f"{none}. Its own format: {self._format}" if self._format else none
        self.said.setText(f"Kept for this topic: {', '.join(rules)}" if rules else none)
        self.keep_button.setText("Keep for this topic" if self._tried else "Try and keep…")
        wanted = bool(self._topic and self._rule) and self._rule not in (kept.keys if self._of_keys else kept.values)
        self.keep_button.setVisible(wanted and self.kept is not None)
        self.forget_button.setVisible(bool(rules))
        self.trial.setVisible(bool(self.trial.text()))


def _words(trial: RuleTrial) -> str:
    reasons = dict.fromkeys(finding.reason for finding in trial.first)
    return ". ".join([trial.sentence, *([f"The first: {'; '.join(list(reasons)[:2])}"] if reasons else [])])
