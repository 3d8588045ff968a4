"""The sheet that scans a topic: the rule, the range, the findings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QWidget

from kafkaview.terms import RecordId
from kafkaview.triage.reroute.bulk.request import request_of
from kafkaview.triage.scan.rules import RULE_KINDS
from kafkaview.triage.scan.scan import Finding, ScanProgress
from kafkaview.ui.kit.choice_field import ChoiceList, EditableChoice
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.triage.finding_model import FINDINGS
from kafkaview.ui.pages.triage.finding_pane import FindingPane
from kafkaview.ui.pages.triage.scan_words import end_line, progress_line
from kafkaview.ui.pages.triage.scanning import Scanning
from kafkaview.words import number

_RULES = (
    ("", "the topic's own format"),
    *((kind.opening, f"{kind.rule}: {kind.help}") for kind in RULE_KINDS),
)
_RANGES = (("beginning", "everything"), ("-1000", "the last 1,000 of each partition"), ("-100000", "the last 100,000"))


class ScanSheet(Sheet):
    """Asks for topic, rule and range, then shows findings as they come. Closing it ends the scan."""

    copy_wanted = Signal(object, str)  # RecordId, why
    bulk_wanted = Signal(object)  # BulkRequest

    def __init__(self, context: Context, topics: Sequence[str], topic: str) -> None:
        super().__init__(context.theme, context.window, width=880)
        theme = context.theme
        self.scanning = Scanning(context, self)
        self.topic = ChoiceList("Topic")
        self.topic.addItems(topics)
        self.topic.setCurrentText(topic)
        self.rule = EditableChoice(theme, "Rule", _RULES)
        self.start = EditableChoice(theme, "Range", _RANGES)
        self._wrong = Text(size=12, tone="bad_text", wrap=True)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 1000)
        self._said = Text(size=12, tone="text_2", wrap=True)
        self.model: TableModel[Finding] = TableModel(FINDINGS, lambda row: (row.record, row.field))
        self.table: Table[Finding] = Table(theme, self.model, "Findings")
        self.table.setMinimumHeight(theme.px(200))
        self._context = context
        self._finding: FindingPane | None = None
        self._scanned = ""  # the topic that the findings are of
        self._complete = False
        self.close_button = Button(theme, "Close", tall=True, clicked=self.lift)
        self.cancel_button = Button(theme, "Cancel the scan", tall=True, clicked=self.scanning.cancel)
        self.copy_button = Button(theme, "Copy to DLQ…", icon="send", tall=True, clicked=self._copy)
        self.bulk_button = Button(theme, "", icon="send", tall=True, clicked=self._send_all)
        self.go = Button(theme, "Scan", kind=ButtonKind.PRIMARY, icon="scan-search", tall=True, clicked=self._go)
        self.set_title(
            "Scan a topic", "Reads the records and holds each value to a rule. Joins no group, writes nothing."
        )
        self._fill()
        self._connect()
        self._show_state(running=False)

    @property
    def finding(self) -> FindingPane:
        """The pane of a finding's record, made when one is chosen."""
        if self._finding is None:
            self._finding = FindingPane(self._context)
            self.body.addWidget(self._finding)
        return self._finding

    def lift(self) -> None:
        """Ends the scan and closes the sheet."""
        self.scanning.cancel()
        super().lift()

    def _go(self) -> None:
        self._wrong.hide()
        self.model.set_rows(())
        if self._finding is not None:
            self._finding.hide()
        self._bar.setValue(0)
        self._show_state(running=True)
        self._scanned, self._complete = self.topic.currentText(), False
        self._said.setText(f"Asking for the ends of {self._scanned}")
        self.scanning.start(self._scanned, self.rule.value, self.start.value)

    def _progress(self, progress: ScanProgress) -> None:
        self._bar.setValue(round(1000 * progress.passed / progress.total) if progress.total else 1000)
        self._said.setText(progress_line(progress))
        if progress.findings:
            self.model.set_rows((*self.model.rows, *progress.findings), keep_order=True)

    def _show_end(self, progress: ScanProgress, *, cancelled: bool) -> None:
        self._complete = progress.complete and not cancelled
        self._show_state(running=False)
        self._said.setText(end_line(progress, cancelled=cancelled))
        if not cancelled:
            self._bar.setValue(1000)

    def _show_error(self, text: str) -> None:
        self._show_state(running=False)
        self._said.setText("")
        self._wrong.setText(text)
        self._wrong.show()

    def _show_finding(self, finding: Finding | None) -> None:
        self.copy_button.setVisible(finding is not None)
        if finding is not None:
            self.finding.show_finding(finding)

    def _copy(self) -> None:
        finding = self.table.selected
        if finding is not None:
            record: RecordId = finding.record
            self.lift()
            self.copy_wanted.emit(record, finding.reason)

    def _send_all(self) -> None:
        request = request_of(self._scanned, self.model.rows, complete=self._complete)
        self.lift()
        self.bulk_wanted.emit(request)

    def _show_state(self, *, running: bool) -> None:
        self.cancel_button.setVisible(running)
        self.go.setEnabled(not running and self.topic.count() > 0)
        self.copy_button.setVisible(self.table.selected is not None)
        count = len({finding.record for finding in self.model.rows})
        self.bulk_button.setText(f"Re-route all {number(count)}…")
        self.bulk_button.setVisible(count > 1 and not running)
        for field in (self.topic, self.rule, self.start):
            field.setEnabled(not running)

    def _connect(self) -> None:
        self.scanning.progressed.connect(self._progress)
        self.scanning.ended.connect(lambda progress: self._show_end(progress, cancelled=False))
        self.scanning.cancelled.connect(lambda progress: self._show_end(progress, cancelled=True))
        self.scanning.failed.connect(self._show_error)
        self.table.chosen.connect(self._show_finding)
        self.table.opened.connect(self._show_finding)

    def _fill(self) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(4)
        fields: tuple[tuple[str, QWidget], ...] = (("Topic", self.topic), ("Rule", self.rule), ("From", self.start))
        for column, (title, field) in enumerate(fields):
            form.addWidget(Text(title, size=12, tone="text_2"), 0, column)
            form.addWidget(field, 1, column)
            form.setColumnStretch(column, 1)
        self.body.addLayout(form)
        for widget in (self._wrong, self._bar, self._said, self.table):
            self.body.addWidget(widget)
        self._wrong.hide()
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.close_button, self.cancel_button, self.copy_button, self.bulk_button, self.go):
            buttons.addWidget(button)
        self.footer.addLayout(buttons)
