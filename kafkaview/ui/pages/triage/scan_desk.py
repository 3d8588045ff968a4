"""What Triage does with scans: opens their sheet, copies and keeps findings, and knows what became of each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from kafkaview.cluster.errors import ClusterError
from kafkaview.engine.port import Engine
from kafkaview.triage.reroute.bulk.request import request_of
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.triage.scan.scan import Finding
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.turns import do_in_next_turn
from kafkaview.ui.pages.triage.finding_model import RecordFates, stops_of
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.ui.pages.triage.scan_sheet import ScanSheet
from kafkaview.ui.pages.triage.scanning import Scanning
from kafkaview.ui.writes.change_kind import change_dialog
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.reroute_kind import reroute_dialog
from kafkaview.words import number, plural
from kafkaview.writes.plan import ChangePlan

_TASK: Final = "scan.keep"


class ScanDesk(QObject):
    """Keeps the scan and its findings while their sheet is closed, or a plan is made of them."""

    kept = Signal()  # findings became incidents, or a plan of them has ended
    titled = Signal(str)  # the words on the button that opens the sheet

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._sheet: ScanSheet | None = None
        self._fates = RecordFates()
        self._topic: str | None = None  # whose records' states are known
        self.scanning = Scanning(context, self)
        self.scanning.found.connect(self._note_topic)
        self.scanning.changed.connect(lambda: self.titled.emit(self.title))

    @property
    def title(self) -> str:
        """The words on the button that opens the sheet."""
        scan = self.scanning
        if scan.request is None:
            return "Scan a topic…"
        verb = "Scanning" if scan.runs else "Scan"
        return f"{verb}: {number(len(scan.findings))} found…"

    def open(self, topics: Sequence[str], topic: str) -> None:
        """Opens the sheet, with what the last scan found."""
        self._sheet = sheet = ScanSheet(self._context, topics, topic, self.scanning)
        sheet.show_fates(self._fates)
        sheet.keep_wanted.connect(self._keep)
        sheet.bulk_wanted.connect(lambda: self._send_all(lambda: self.open(topics, topic)))
        sheet.copy_wanted.connect(lambda findings: self._copy(findings, lambda: self.open(topics, topic)))
        do_in_next_turn(sheet, sheet.open)

    def show_stops(self, rows: Iterable[Incident]) -> None:
        """Shows whom records stop by now."""
        self._fates = replace(self._fates, stops=stops_of(rows))
        self._show()

    def ask_states(self) -> None:
        """Asks what became of the topic's records that are kept."""
        if self.scanning.request is not None:
            self._topic = self.scanning.request.topic
            self._context.tasks.start("scan.states", self._show_states(self._topic), on_error=self._no_states)

    def _note_topic(self) -> None:
        if self.scanning.request is not None and self.scanning.request.topic != self._topic:
            self.ask_states()

    async def _show_states(self, topic: str) -> None:
        self._fates = replace(self._fates, states=await self._context.engine.record_states(topic))
        self._show()

    def _show(self) -> None:
        if self._sheet is not None and isValid(self._sheet) and self._sheet.isVisible():
            self._sheet.show_fates(self._fates)

    def _no_states(self, error: Exception) -> None:
        """Keeps what is shown where the file cannot be used; the page says so."""
        if not isinstance(error, ClusterError):
            raise error

    def _keep(self, findings: Sequence[Finding]) -> None:
        async def keep() -> None:
            await self._context.engine.keep_findings(findings)
            self.kept.emit()
            if self._sheet is not None and isValid(self._sheet):
                self._sheet.say(f"{plural(len(findings), 'finding is', 'findings are')} kept as incidents")

        self._context.tasks.start(_TASK, keep(), on_error=self._not_kept)

    def _copy(self, findings: Sequence[Finding], back: Callable[[], None]) -> None:
        """Opens one plan that copies all these records. The findings are kept as incidents first, so that the outcome
        of each is known; the sheet comes back after the plan.
        """
        records = tuple(dict.fromkeys(one.record for one in findings))
        reasons = {one.record: one.reason for one in findings}
        request = RerouteRequest(records, (), reasons=reasons)

        self._open_plan(reroute_dialog(self._context, request, lambda _result: self.kept.emit()), findings, back)

    def _send_all(self, back: Callable[[], None]) -> None:
        """Opens the plan of all findings, which sends them in transactions of bounded size."""
        scan, findings = self.scanning, tuple(self.scanning.findings)
        assert scan.request is not None
        request = request_of(scan.request.topic, findings, complete=scan.complete)

        def make(engine: Engine) -> Awaitable[ChangePlan]:
            return engine.plan_bulk_reroute(request)

        self._open_plan(change_dialog(self._context, make, lambda _result: self.kept.emit()), findings, back)

    def _open_plan(self, dialog: PlanDialog[Any], findings: Sequence[Finding], back: Callable[[], None]) -> None:
        async def keep() -> None:
            await self._context.engine.keep_findings(findings)
            self.kept.emit()

        self._context.tasks.start(_TASK, keep(), on_error=self._not_kept)
        dialog.closed.connect(lambda: None if dialog.leads_on else back())
        dialog.open()

    def _not_kept(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        if self._sheet is not None and isValid(self._sheet):
            self._sheet.say(f"Not kept as incidents: {sentences(error)}")
