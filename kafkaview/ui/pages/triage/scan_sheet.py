"""The sheet that scans a topic: the rule, the range, the findings. Closing it ends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar
from shiboken6 import isValid

from kafkaview.cluster.errors import ClusterError
from kafkaview.triage.scan.scan import Finding
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_tip
from kafkaview.ui.kit.file_dialogs import ask_where_to_save
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.sheets import Sheet
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.pages.triage.finding_model import FindingColumns, RecordFates
from kafkaview.ui.pages.triage.finding_pane import FindingPane
from kafkaview.ui.pages.triage.kept_rules import KeptRulesRow
from kafkaview.ui.pages.triage.scan_form import ScanForm
from kafkaview.ui.pages.triage.scanning import Scanning
from kafkaview.words import number, plural

_KINDS = ("JSON lines (*.jsonl)", "CSV for spreadsheets (*.csv)")


class ScanSheet(Sheet):
    """Asks for topic, range and rule, then shows findings as they come, or those of a scan that began before. What a
    scan found or what was wrong with it is shown while the form says what was scanned.
    """

    copy_wanted = Signal(object)  # the findings to copy
    bulk_wanted = Signal()  # all findings in one plan of many transactions
    keep_wanted = Signal(object)  # the findings to keep as incidents

    def __init__(self, context: Context, topics: Sequence[str], topic: str, scanning: Scanning) -> None:
        super().__init__(context.theme, context.window, width=960)
        theme = context.theme
        self.scanning = scanning
        self.form = ScanForm(theme, topics)
        self.form.topic.setCurrentText(topic)
        self.kept = KeptRulesRow(context)
        self._wrong = Text(size=12, tone="bad_text", wrap=True)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 1000)
        self._said = Text(size=12, tone="text_2", wrap=True)
        self._columns = FindingColumns()
        self.model: TableModel[Finding] = TableModel(self._columns.columns(), lambda row: (row.record, row.field))
        self.table: Table[Finding] = Table(theme, self.model, "Findings")
        self.table.setMinimumHeight(theme.px(200))
        self._context = context
        self._finding: FindingPane | None = None
        self.close_button = Button(theme, "Close", tall=True, clicked=self.lift)
        self.cancel_button = Button(theme, "Cancel the scan", tall=True, clicked=scanning.cancel)
        self.export_button = Button(theme, "Export…", icon="download", tall=True, clicked=self._choose_file)
        self.keep_button = Button(
            theme,
            "Keep as incidents",
            tall=True,
            tip="Lists the selected findings in Triage, kept with this connection; without a selection all.",
            clicked=lambda: self.keep_wanted.emit(self.wanted),
        )
        self.copy_button = Button(theme, "Copy to DLQ…", icon="send", tall=True, clicked=self._copy)
        self.bulk_button = Button(theme, "", icon="send", tall=True, clicked=self._send_all)
        self.go = Button(theme, "Scan", kind=ButtonKind.PRIMARY, icon="scan-search", tall=True, clicked=self._go)
        self.primary = self.go
        self.set_title(
            "Scan a topic",
            "Reads the records and holds each value to a rule. Joins no group, writes nothing. It goes on while this "
            "is closed, and what it found stays until the next scan.",
        )
        self._fill()
        self._connect()
        if scanning.request is not None:
            self.form.show_request(scanning.request)
        self._show_form()

    @property
    def finding(self) -> FindingPane:
        """The pane of a finding's record, made when one is chosen."""
        if self._finding is None:
            self._finding = FindingPane(self._context)
            self.body.addWidget(self._finding)
        return self._finding

    @property
    def wanted(self) -> tuple[Finding, ...]:
        """The selected findings; all where none is selected."""
        return tuple(self.table.selection) or self._findings

    @property
    def _is_of_form(self) -> bool:
        """Whether the form says what the last scan was of."""
        return not self.form.why_not and self.form.request == self.scanning.request

    @property
    def _findings(self) -> tuple[Finding, ...]:
        return tuple(self.scanning.findings) if self._is_of_form else ()

    def show_fates(self, fates: RecordFates) -> None:
        """Shows whom the findings stop and what became of them."""
        if fates != self._columns.fates:
            self._columns.fates = fates
            self._show_findings()

    def say(self, words: str) -> None:
        """Says what came of an export or of keeping."""
        self._said.setText(words)

    def begin_export(self, path: Path) -> None:
        """Exports the selected findings, or all."""
        whole = path if path.suffix else path.with_suffix(".jsonl")
        findings, fates = self.wanted, self._columns.fates
        states = {record: state.value for record, state in fates.states.items()}

        async def export() -> None:
            await self._context.engine.export_findings(whole, findings, fates.stops, states)
            if isValid(self):  # it may be closed meanwhile
                self.say(f"{plural(len(findings), 'finding')} written to {whole}")

        self._context.tasks.start("scan.export", export(), on_error=self._not_exported)

    def _not_exported(self, error: Exception) -> None:
        if not isinstance(error, ClusterError | OSError):
            raise error
        if isValid(self):
            self.say(f"Not exported: {error}")

    def _choose_file(self) -> None:
        begin = lambda path, _kind: self.begin_export(path)  # noqa: E731
        ask_where_to_save(self, "Export findings", "findings", begin, kinds=_KINDS)

    def _go(self) -> None:
        if self._finding is not None:
            self._finding.hide()
        self.scanning.start(self.form.request)

    def _show_form(self) -> None:
        """Takes what the form says now: what an earlier scan found under another form is not shown."""
        form = self.form
        self.kept.show_topic(form.topic.currentText())
        self.kept.show_rule("" if form.rule.why_not else form.rule.value, of_keys=form.of_keys)
        self._show_findings()
        self._show_state()

    def _show_findings(self) -> None:
        self.model.set_rows(self._findings, keep_order=True)
        if not self.model.total and self._finding is not None:
            self._finding.hide()

    def _show_state(self) -> None:
        scan, findings, why_not = self.scanning, self._findings, self.form.why_not
        shown = self._is_of_form
        self._bar.setValue(round(1000 * scan.fraction) if shown else 0)
        self._said.setText(scan.words if shown else "")
        self._wrong.setText(scan.wrong if shown else "")
        self._wrong.setVisible(bool(self._wrong.text()))
        self.cancel_button.setVisible(scan.runs)
        self.go.setEnabled(not scan.runs and not why_not)
        self.go.setToolTip(escape_tip(why_not))
        for button in (self.export_button, self.keep_button):
            button.setVisible(bool(findings))
        self.copy_button.setVisible(self.table.selected is not None)
        count = len({finding.record for finding in findings})
        self.bulk_button.setText(f"Re-route all {number(count)}…")
        self.bulk_button.setVisible(count > 1 and not scan.runs)
        self.form.setEnabled(not scan.runs)

    def _show_finding(self, finding: Finding | None) -> None:
        count = len(self.table.selection)
        self.copy_button.setVisible(finding is not None)
        self.copy_button.setText("Copy to DLQ…" if count < 2 else f"Copy {count:,} to DLQ…")
        if finding is not None:
            self.finding.show_finding(finding)

    def _copy(self) -> None:
        findings = tuple(self.table.selection)
        if findings:
            self.lift()
            self.copy_wanted.emit(findings)

    def _send_all(self) -> None:
        self.lift()
        self.bulk_wanted.emit()

    def _connect(self) -> None:
        self.scanning.changed.connect(self._show_state)
        self.scanning.found.connect(self._show_findings)
        self.table.chosen.connect(self._show_finding)
        self.table.opened.connect(self._show_finding)
        self.form.changed.connect(self._show_form)
        self.form.entered.connect(self._enter)

    def _enter(self) -> None:
        if self.go.isEnabled():
            self._go()

    def _fill(self) -> None:
        for widget in (self.form, self.kept, self._wrong, self._bar, self._said, self.table):
            self.body.addWidget(widget)
        self._wrong.hide()
        buttons = make_flow(self.export_button, self.keep_button)
        buttons.push()
        for button in (self.close_button, self.cancel_button, self.copy_button, self.bulk_button, self.go):
            buttons.addWidget(button)
        self.footer.addLayout(buttons)
