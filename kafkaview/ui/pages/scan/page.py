"""The Scan page: the rule and the range, what breaks the rule, and each finding's record."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QProgressBar, QStackedWidget, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.engine.port import Engine
from kafkaview.triage.reroute.bulk.request import request_of
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.triage.scan.scan import Finding
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, escape_tip, ground, hairline
from kafkaview.ui.kit.enter_key import press_by_enter
from kafkaview.ui.kit.file_dialogs import ask_where_to_save
from kafkaview.ui.kit.layout import column, fill_widget, head
from kafkaview.ui.kit.master_detail import MasterDetail
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.states import Empty, StateAction
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.scan.finding_columns import FindingColumns, RecordFates
from kafkaview.ui.pages.scan.form import ScanForm
from kafkaview.ui.pages.scan.kept_rules import KeptRulesRow
from kafkaview.ui.pages.scan.scanning import Scanning, ScanResult
from kafkaview.ui.record.finding_pane import FindingPane
from kafkaview.ui.writes.change_kind import change_dialog
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.reroute_kind import reroute_dialog
from kafkaview.words import number, plural
from kafkaview.writes.plan import ChangePlan

_KINDS: Final = ("JSON lines (*.jsonl)", "CSV for spreadsheets (*.csv)")
_MOST: Final = 10_000  # findings that are listed: more take longer to list than a sample may
_LEAST_HEIGHT: Final = 340  # of the findings and the record together
_KEEP: Final = "scan.keep"
_ABOUT: Final = (
    "Each record is read and held to the rule. No group is joined and nothing is written. A scan goes on while another "
    "page is in front, and what it found stays here until the next one."
)


class ScanPage(Page):
    """Asks for topic, range and rule, and shows findings as they come. They are shown while the form says what was
    scanned. Its place is the topic.
    """

    id = "scan"
    title = "Scan"
    icon = "scan-search"
    badge_of = "found"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._left: QWidget | None = None  # the part of the form that had the keyboard when the scan began
        self._offered = False  # the topic of a record that stops a group, once: somebody may be typing
        self._of_states = ""  # the topic whose records' states are known
        self.scanning = Scanning(context, self)
        self.form = ScanForm(theme)
        self.kept = KeptRulesRow(context)
        self._wrong = Text(size=12, tone="bad_text", wrap=True)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 1000)
        self._said = Text(size=12, tone="text_2", wrap=True)
        self._columns = FindingColumns()
        self.model: TableModel[Finding] = TableModel(self._columns.columns(), lambda row: (row.record, row.field))
        self.table: Table[Finding] = Table(theme, self.model, "Findings", menu=self._menu())
        self._detail = fill_widget(QWidget(), column(margins=(16, 6, 16, 8)))
        self.master: MasterDetail[Finding] = MasterDetail(
            theme, self.table, self._detail, self._show_finding, sizes=(300, 320)
        )
        self._listed = QWidget()
        self._nothing = Empty(theme, "")
        back = StateAction("Show what the last scan found", self._show_last)
        self._other = Empty(theme, "", ways=(back,))  # of a form that the last scan was not of
        self._clean = Empty(theme, "", good=True)
        self._stack = QStackedWidget()
        self.cancel_button = Button(theme, "Cancel the scan", clicked=self.scanning.cancel)
        self.go = Button(theme, "Scan", kind=ButtonKind.PRIMARY, icon="scan-search", clicked=self._go)
        self.export_button = Button(theme, "", icon="download", clicked=self._choose_file)
        self.keep_button = Button(
            theme, "", tip="Lists them in Triage, kept with this connection.", clicked=self._keep_wanted
        )
        self.copy_button = Button(theme, "", icon="send", clicked=self._copy)
        self.bulk_button = Button(theme, "", icon="send", clicked=self._send_all)

    @cached_property
    def finding(self) -> FindingPane:
        """The pane of a finding's record, made when one is chosen."""
        pane = FindingPane(self.context)
        layout = self._detail.layout()
        assert layout is not None
        layout.addWidget(pane)
        return pane

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the filter of the findings."""
        return (self.master.filter,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the actions: scan, and what can be done with findings."""
        return (
            Action("scan.go", "Scan the topic", self._go, ("Ctrl+Return",), self.icon, self.title, self._why_not_go),
            Action("scan.copy", "Copy the selected findings to a DLQ…", self._copy, (), "send", self.title,
                   lambda: "" if self.table.selected is not None else "No finding is selected"),
            Action("scan.send_all", "Re-route all that was found…", self._send_all, (), "send", self.title,
                   lambda: "" if self._can_send_all else "No scan has ended with several findings"),
            Action("scan.keep", "Keep findings as incidents", self._keep_wanted, (), "siren", self.title,
                   self._why_nothing_found),
            Action("scan.export", "Export findings…", self._choose_file, (), "download", self.title,
                   self._why_nothing_found),
        )  # fmt: skip

    def show_view(self, view: View) -> None:
        """Shows a new sample: the topics to choose from, and whom the findings stop by now."""
        self.form.topic.offer(view.ordinary_topics)
        poison = next((one.suspect.record.id for one in view.stuck if one.suspect is not None), None)
        if poison is not None and not self._offered:
            self._offered = True
            if not self.form.topic.text:
                self.form.topic.show_text(poison.topic)
        self._show_kept()
        self._show_fates(self._columns.fates.with_view(view))

    def note_write(self) -> None:
        """Asks what became of the records: they may have been copied."""
        self._ask_states()

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's: what became of the records may have changed on another page."""
        super().showEvent(event)
        self._ask_states()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Enter in the form begins the scan."""
        if not press_by_enter(event, self.go):
            super().keyPressEvent(event)

    def filter_focus(self) -> None:
        """Puts the cursor into the filter of the findings, or into the form while there are none."""
        if self._stack.currentWidget() is self._listed:
            self.master.filter.setFocus()
        else:
            self.form.topic.setFocus()

    def place(self) -> Place:
        """Returns the topic of the form."""
        return Place(self.id, self.form.topic.text, self.master.filter.text())

    def go_to(self, place: Place) -> None:
        """Puts a topic into the form, unless a scan runs."""
        self.master.filter.setText(place.filter)
        if place.what and not self.scanning.runs:
            self.form.topic.show_text(place.what)

    def begin_export(self, path: Path) -> None:
        """Exports the selected findings, or all that are shown."""
        whole = path if path.suffix else path.with_suffix(".jsonl")
        findings, fates = self.wanted, self._columns.fates
        states = {record: state.value for record, state in fates.states.items()}
        self._said.setText(f"Writing {plural(len(findings), 'finding')}")

        async def export() -> None:
            await self.context.engine.export_findings(whole, findings, fates.stops, states)
            self._said.setText(f"{plural(len(findings), 'finding')} written to {whole}")

        self._start("scan.export", export(), "Not exported")

    @property
    def wanted(self) -> tuple[Finding, ...]:
        """The selected findings; where none is selected all, or those that the filter leaves."""
        if self.table.selection:
            return tuple(self.table.selection)
        return tuple(self.model.rows) if self._is_filtered else self._findings

    @property
    def _is_filtered(self) -> bool:
        return len(self.model.rows) < self.model.total

    @property
    def _is_of_form(self) -> bool:
        """Whether the form says what the last scan was of."""
        return not self.form.why_not and self.form.request == self.scanning.request

    @property
    def _findings(self) -> tuple[Finding, ...]:
        return tuple(self.scanning.findings) if self._is_of_form else ()

    @property
    def _can_send_all(self) -> bool:
        return self._is_of_form and not self.scanning.runs and self._records > 1

    @property
    def _records(self) -> int:
        """The number of records that were found."""
        return len(self.scanning.result.records) if self.scanning.result is not None else 0

    def _why_not_go(self) -> str:
        return "A scan runs" if self.scanning.runs else self.form.why_not

    def _why_nothing_found(self) -> str:
        return "" if len(self.model.rows) else "Nothing is found"

    def _go(self) -> None:
        if not self._why_not_go():
            self.scanning.start(self.form.request)

    def _show_form(self) -> None:
        """Takes what the form says now: what an earlier scan found under another form is not shown."""
        form = self.form
        self._show_kept()
        self.kept.show_rule("" if form.rule.why_not else form.rule.value, of_keys=form.of_keys)
        self._show_findings()
        self._show_state()

    def _show_kept(self) -> None:
        """Shows what is kept for the topic of the form; of a name that is still being typed nothing is asked."""
        topic = self.form.topic
        self.kept.show_topic(topic.text if topic.offers(topic.text) else "")

    def _show_findings(self) -> None:
        self.master.show_rows(self.scanning.findings[:_MOST] if self._is_of_form else (), first=False)
        self._show_buttons()

    def _show_fates(self, fates: RecordFates) -> None:
        if fates != self._columns.fates:
            self._columns.fates = fates
            self._show_findings()

    def _show_state(self) -> None:
        scan, why_not = self.scanning, self.form.why_not
        shown = scan.result if self._is_of_form else None
        lists = shown is not None and (scan.runs or bool(shown.findings))
        wrong = scan.wrong if not why_not and self.form.request == scan.refused else ""
        cut = f". The first {number(_MOST)} are listed" if len(scan.findings) > _MOST else ""
        self._bar.setValue(round(1000 * scan.fraction) if shown is not None else 0)
        self._bar.setVisible(shown is not None)
        self._said.setText(f"{shown.words}{cut}" if shown is not None and lists else "")
        self._wrong.setText(wrong)
        self._wrong.setVisible(bool(wrong))
        self.cancel_button.setVisible(scan.runs)
        self.go.setEnabled(not scan.runs and not why_not)
        self.go.setToolTip(escape_tip(why_not))
        self._allow_form(allowed=not scan.runs)
        if lists:
            self._stack.setCurrentWidget(self._listed)
        else:
            self._show_none(shown, failed=bool(wrong))
        self.finding_changed.emit(scan.head)
        self.badge_changed.emit(len(scan.findings))
        self._show_buttons()

    def _show_none(self, shown: ScanResult | None, *, failed: bool) -> None:
        """Shows why no finding is listed."""
        state = self._nothing if self.scanning.result is None else self._other
        if shown is not None:
            state = self._clean if shown.complete else self._nothing
            state.say(shown.words, "")
        elif failed:
            state.say("The scan failed", "Nothing was changed.")
        elif self.scanning.result is not None:
            state.say("The form has changed since the last scan", _ABOUT)
        else:
            state.say("Nothing is scanned yet", _ABOUT)
        self._stack.setCurrentWidget(state)

    def _show_last(self) -> None:
        if self.scanning.request is not None:
            self.form.show_request(self.scanning.request)

    def _allow_form(self, *, allowed: bool) -> None:
        """Allows the form, or not while a scan runs. The keyboard waits on the findings meanwhile: a part that is not
        allowed loses it to nobody.
        """
        now = QApplication.focusWidget()
        if not allowed and now is not None and self.form.isAncestorOf(now):
            self._left = now
            self.table.setFocus()
        self.form.setEnabled(allowed)
        if allowed and self._left is not None:
            if now is self.table and not self.model.total:
                self._left.setFocus()
            self._left = None

    def _show_buttons(self) -> None:
        selected, shown = len(self.table.selection), len(self.model.rows)
        which = number(selected) if selected else f"the {number(shown)} shown" if self._is_filtered else "all"
        for button in (self.export_button, self.keep_button):
            button.setEnabled(bool(shown))
        self.export_button.setText(f"Export {which}…")
        self.keep_button.setText(f"Keep {which} as {'an incident' if selected == 1 else 'incidents'}")
        self.copy_button.setEnabled(bool(selected))
        self.copy_button.setText("Copy to DLQ…" if selected < 2 else f"Copy {number(selected)} to DLQ…")
        self.bulk_button.setText(f"Re-route all {number(self._records)}…")
        self.bulk_button.setVisible(self._can_send_all)

    def _show_finding(self, finding: Finding | None) -> None:
        self._show_buttons()
        if finding is not None:
            self.finding.show_finding(finding)

    def _choose_file(self) -> None:
        begin = lambda path, _kind: self.begin_export(path)  # noqa: E731
        ask_where_to_save(self, "Export findings", "findings", begin, kinds=_KINDS)

    def _keep_wanted(self) -> None:
        findings = self.wanted
        said = plural(len(findings), "finding is kept as an incident", "findings are kept as incidents")
        self._start(_KEEP, self._keep(findings, said), "Not kept as incidents")

    async def _keep(self, findings: Sequence[Finding], said: str = "") -> None:
        await self.context.engine.keep_findings(findings)
        if said:
            self._said.setText(said)
        self._ask_states()
        with suppress(ClusterError):  # they are kept all the same
            await self.context.engine.refresh()  # Triage lists them

    def _copy(self) -> None:
        """Opens one plan that copies the selected records."""
        findings = tuple(self.table.selection)
        if findings:
            records = tuple(dict.fromkeys(one.record for one in findings))
            request = RerouteRequest(records, (), reasons={one.record: one.reason for one in findings})
            self._open(reroute_dialog(self.context, request, lambda _result: self._ask_states()), findings)

    def _send_all(self) -> None:
        """Opens the plan of all findings, which sends them in transactions of bounded size."""
        scan, findings = self.scanning, self._findings
        assert scan.result is not None
        request = request_of(scan.result.request.topic, findings, complete=scan.result.complete)

        def make(engine: Engine) -> Awaitable[ChangePlan]:
            return engine.plan_bulk_reroute(request)

        self._open(change_dialog(self.context, make, lambda _result: self._ask_states()), findings)

    def _open(self, dialog: PlanDialog[Any], findings: Sequence[Finding]) -> None:
        """Opens a plan of findings. When it is carried out they are kept as incidents, so that the outcome of each is
        known.
        """
        dialog.ask.confirmed.connect(lambda: self._start(_KEEP, self._keep(findings), "Not kept as incidents"))
        dialog.open()

    def _start(self, task: str, work: Coroutine[Any, Any, None], failed: str) -> None:
        def report(error: Exception) -> None:
            if not isinstance(error, ClusterError | OSError):
                raise error
            said = sentences(error) if isinstance(error, ClusterError) else str(error)
            self._said.setText(f"{failed}: {said}")

        self.context.tasks.start(task, work, on_error=report)

    def _ask_states(self) -> None:
        """Asks what became of the topic's records that are kept."""
        if self.scanning.request is not None:
            topic = self._of_states = self.scanning.request.topic
            self.context.tasks.start("scan.states", self._show_states(topic), on_error=self._no_states)

    async def _show_states(self, topic: str) -> None:
        self._show_fates(replace(self._columns.fates, states=await self.context.engine.record_states(topic)))

    def _no_states(self, error: Exception) -> None:
        """Keeps what is shown where the file of incidents cannot be used; Triage says so."""
        if not isinstance(error, ClusterError):
            raise error

    def _note_found(self) -> None:
        if self.scanning.request is not None and self.scanning.request.topic != self._of_states:
            self._ask_states()
        self._show_findings()

    def _menu(self) -> RowMenu[Finding]:
        return RowMenu(
            None,
            lambda row: [
                self.context.link(f"Go to {row.record}", "records", str(row.record)),
                *(
                    self.context.link(f"Go to the group {group}", "groups", group)
                    for group in self._columns.fates.stops.get(row.record, ())
                ),
            ],
        )

    def _connect(self) -> None:
        self.scanning.changed.connect(self._show_state)
        self.scanning.found.connect(self._note_found)
        self.table.selectionModel().selectionChanged.connect(lambda *_spans: self._show_buttons())
        self.model.shown_changed.connect(self._show_buttons)
        self.form.changed.connect(self._show_form)
        self.form.entered.connect(self._go)

    def lay_out(self) -> None:
        """Puts the form above what is found."""
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._said, 1)
        for button in (self.cancel_button, self.go):
            buttons.addWidget(button)
        top = column(self.form, self.kept, buttons, self._wrong, self._bar, margins=(16, 10, 16, 8), gap=8)
        findings = head(right=(self.export_button, self.keep_button, self.copy_button, self.bulk_button))
        fill_widget(self._listed, column(findings, last=self.master))
        for state in (self._nothing, self._other, self._clean):
            ground(state, "surface")
        for part in (self._nothing, self._other, self._clean, self._listed):
            self._stack.addWidget(part)
        above = (fill_widget(QWidget(), top), hairline())
        self.setLayout(column(Roomy(self.context.theme, above, self._stack, _LEAST_HEIGHT)))
        self._connect()
        self._show_form()
