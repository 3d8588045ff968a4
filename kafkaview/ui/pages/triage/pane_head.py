"""The top of the pane: verdict, record, sentence, facts, and the button that helps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafkaview.triage.watch.verdict import VerdictRemedy
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_tip
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.marks import Chip, Mark
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.ui.pages.triage.words import Fate, facts, place_of
from kafkaview.writes.offsets.request import LiveMembers, MemberWays

_NARROW = 320
AT_ONCE: Final = MemberWays(LiveMembers.EVICT)
WHEN_EMPTY: Final = MemberWays(LiveMembers.WAIT, 600.0)  # ten minutes, as the button says
_SKIPS = (VerdictRemedy.SKIP, VerdictRemedy.SKIP_ANYWAY)


class PaneHead(QWidget):
    """Shows the verdict and what helps. A poison record can be re-routed; for others it says what to do."""

    send = Signal()
    skip = Signal(object)  # MemberWays: the record is copied nowhere
    ignore = Signal()
    look_at_group = Signal()
    scan = Signal()
    look_at_transaction = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._place = ""
        self.chip = Chip(theme, Mark.UNKNOWN, "")
        self._name = Text(size=12, mono=True, tone="text_2")
        self._copy = Button(
            theme, kind=ButtonKind.ICON, icon="copy", tip="Copy the record's name", clicked=self._copy_place
        )
        self._group = Button(theme, "Open in Groups", kind=ButtonKind.LINK, clicked=self.look_at_group.emit)
        self.sentence = Text(size=18, weight=600, wrap=True)
        self.facts = Text(tone="text_2", wrap=True)
        self._advice = Text(wrap=True)
        self._no_skip = Text(size=12, tone="text_2", wrap=True)
        self.send_button = Button(
            theme, "Send to DLQ and skip…", kind=ButtonKind.PRIMARY, icon="send", tall=True, clicked=self.send.emit
        )
        self.scan_button = Button(theme, "Scan the topic…", icon="scan-search", tall=True, clicked=self.scan.emit)
        self.transaction_button = Button(
            theme, "Show the transaction", icon="list", tall=True, clicked=self.look_at_transaction.emit
        )
        self.send_anyway = Button(theme, "Send this record to DLQ and skip…", tall=True, clicked=self.send.emit)
        self.skip_button = Button(
            theme,
            "Skip without copying…",
            tall=True,
            tip="Moves this group alone past the record. No right to write to a queue is needed; the journal keeps it.",
            clicked=lambda: self.skip.emit(AT_ONCE),
        )
        self.skip_empty_button = Button(
            theme,
            "Skip when the group is empty…",
            tall=True,
            tip="Waits until its application is stopped, ten minutes at most, then moves the group past the record.",
            clicked=lambda: self.skip.emit(WHEN_EMPTY),
        )
        self.ignore_button = Button(
            theme,
            "Ignore",
            tall=True,
            tip="Lists this group under Ignored while it stands here, also after a restart. "
            "If it moves and stands again, it is listed here again.",
            clicked=self.ignore.emit,
        )
        self.plan_button = Button(
            theme, "Show the plan", kind=ButtonKind.LINK, tip="With its command line, to copy", clicked=self.send.emit
        )
        self.plan_button.hide()
        self._offers = (
            self.send_button,
            self.send_anyway,
            self.scan_button,
            self.transaction_button,
            self.skip_button,
            self.skip_empty_button,
            self.ignore_button,
            self.plan_button,
        )
        self._own_tips = {button: button.toolTip() for button in self._offers}
        self._promise = Text("You see the plan before anything is written.", size=12, tone="text_2")
        self._lay_out()

    def show_incident(self, incident: Incident, rows: Sequence[Incident], now_ms: int) -> None:
        """Shows the verdict on one incident."""
        first, row = incident.first, incident.verdict_row
        self._place = str(incident.record or first.topic_partition)
        seen = first.last_seen_ms is None
        self.chip.set_state(Mark.of_tone(row.tone) if seen else Mark.IDLE, row.label)
        self._name.setText(place_of(incident))
        self.sentence.setText(row.say_sentence(first))
        self.facts.setText(facts(incident, rows, now_ms))
        for text, words in ((self._advice, row.say_advice(first)), (self._no_skip, row.say_no_skip(first))):
            text.setText(words)
            text.setVisible(bool(words))
        self.send_button.setVisible(row.remedy is VerdictRemedy.SKIP)
        self.send_anyway.setVisible(row.remedy is VerdictRemedy.SKIP_ANYWAY)
        self.scan_button.setVisible(row.remedy is VerdictRemedy.SKIP_ANYWAY)
        for button in (self.skip_button, self.skip_empty_button):
            button.setVisible(row.remedy in _SKIPS and incident.offset is not None)
        self.ignore_button.show()
        self.transaction_button.setVisible(row.remedy is VerdictRemedy.TRANSACTION)
        self._promise.setVisible(row.remedy is VerdictRemedy.SKIP)

    def show_fate(self, fate: Fate, stood_at: str) -> None:
        """Says what became of a group that is not listed any more: what was offered is gone, and nothing else takes its
        place.
        """
        self.chip.set_state(fate.mark, fate.word)
        self.sentence.setText(fate.sentence)
        self.facts.setText(stood_at)
        for text in (self._advice, self._no_skip, self._promise):
            text.hide()
        for button in self._offers:
            button.hide()

    def allow_writes(self, *, allowed: bool, why_not: str, plan_only: bool = False) -> None:
        """Disables writes, with the reason, while they are not possible; `plan_only` still opens the plan."""
        self.plan_button.setVisible(plan_only and not (self.send_button.isHidden() and self.send_anyway.isHidden()))
        for button in (self.send_button, self.send_anyway, self.skip_button, self.skip_empty_button):
            button.setEnabled(allowed)
            button.setToolTip(self._own_tips[button] if allowed else escape_tip(why_not))

    def press_main(self) -> None:
        """Does the main thing with the incident: its remedy if it has one that is possible now, else its group."""
        for button in (self.send_button, self.plan_button, self.transaction_button, self._group):
            if not button.isHidden() and button.isEnabled():
                button.click()
                return

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: where it is narrow the link takes no row above the verdict, so that the blue button is seen at once."""
        super().resizeEvent(event)
        row = self._buttons if self.width() < self._theme.px(_NARROW) else self._top
        if row.indexOf(self._group) < 0:
            row.addWidget(self._group)

    def _copy_place(self) -> None:
        QGuiApplication.clipboard().setText(self._place)

    def _lay_out(self) -> None:
        self._top = top = make_flow(self.chip, self._name, self._copy)
        top.push()
        top.addWidget(self._group)
        self._buttons = buttons = make_flow(
            self.send_button,
            self.transaction_button,
            self.scan_button,
            self.send_anyway,
            self.skip_button,
            self.skip_empty_button,
            self.ignore_button,
            self.plan_button,
        )
        buttons.push()
        buttons.addWidget(self._promise)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 10, 20, 14)
        column.setSpacing(4)
        column.addLayout(top)
        for text in (self.sentence, self.facts, self._advice, self._no_skip):
            column.addWidget(text)
        column.addSpacing(6)
        column.addLayout(buttons)
