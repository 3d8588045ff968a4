"""The plans that Triage opens: for what a group stands on, what a log blames, and what is kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from kafkaview.terms import RecordId
from kafkaview.triage.incidents.incident import KnownIncident
from kafkaview.triage.log_lines import BlamedRecord
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.ui.kit.page import Context
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.ui.pages.triage.log_sheet import record_of
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.reroute_kind import reroute_dialog
from kafkaview.writes.offsets.request import MemberWays


class TriagePlans(QObject):
    """Opens the dialogs of plans."""

    ended = Signal()  # a plan was carried out, or refused

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context

    def send(self, incident: Incident, record: RecordId) -> None:
        """Plans to send the record of an incident away; of poison every group that stands on it moves past it."""
        poison = incident.verdict is Verdict.POISON
        reasons = {record: incident.first.reason} if poison else {}
        groups = None if poison else (incident.group,)
        self.open(RerouteRequest((record,), groups, reasons=reasons, asked_for=incident.group))

    def skip(self, group: str, record: RecordId, ways: MemberWays) -> None:
        """Plans to move one group past a record without a copy."""
        open_change(
            self._context, lambda engine: engine.plan_skip(group, record, ways), lambda _result: self.ended.emit()
        )

    def send_blamed(self, blamed: BlamedRecord) -> None:
        """Plans to send a record away that a log blames; the groups that stand on it move past it."""
        record = record_of(blamed)
        if record is None:
            return
        reason = f"{blamed.exception}: {blamed.message}" if blamed.exception else blamed.message or ""
        self.open(RerouteRequest((record,), None, reasons={record: reason}, asked_for=blamed.group or ""))

    def send_kept(self, incident: KnownIncident, records: Sequence[RecordId]) -> None:
        """Plans to send records of a kept incident away; the groups that stand on one move past it."""
        self.open(RerouteRequest(tuple(records), None, reasons=dict.fromkeys(records, incident.reason)))

    def open(self, request: RerouteRequest) -> None:
        """Opens the dialog of a re-route."""
        reroute_dialog(self._context, request, lambda _result: self.ended.emit()).open()
