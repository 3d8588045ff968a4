"""The Triage page: the list of incidents, the pane of one of them, and what helps."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.engine.port import Engine
from kafkaview.terms import UNKNOWN_OFFSETS, PartitionOffsets, RecordId, TopicPartition
from kafkaview.triage.reroute.bulk.request import BulkRequest
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.triage.watch.verdict import IncidentSection, Verdict
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, ground, hairline
from kafkaview.ui.kit.layout import Splitter, column
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.tables import FilterField
from kafkaview.ui.kit.turns import do_in_next_turn, paint_in_turns
from kafkaview.ui.pages.triage.incident_list import IncidentList
from kafkaview.ui.pages.triage.incidents import Incident, IncidentKey, incidents
from kafkaview.ui.pages.triage.pane import IncidentPane
from kafkaview.ui.pages.triage.scan_sheet import ScanSheet
from kafkaview.ui.pages.triage.triage_states import TriageStates
from kafkaview.ui.pages.triage.words import finding, others_moving
from kafkaview.ui.writes.change_kind import change_dialog
from kafkaview.ui.writes.reroute_kind import reroute_dialog
from kafkaview.words import plural
from kafkaview.writes.plan import ChangePlan

_LIST_WIDTH = 301


class TriagePage(Page):
    """Which group is stuck, on which record, why, and what helps."""

    id = "triage"
    title = "Triage"
    icon = "siren"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._view: View | None = None
        self._rows: tuple[Incident, ...] = ()
        self._bounds: tuple[TopicPartition, PartitionOffsets] | None = None  # of the incident's partition
        self._ignored: set[IncidentKey] = set()
        self.filter = FilterField(theme, "Filter groups and topics")
        self.list = IncidentList(theme)
        self.pane = IncidentPane(theme)
        self.scan_button = Button(theme, "Scan a topic…", icon="scan-search", clicked=self.open_scan)
        self._others = Text(size=12, tone="text_2")
        self._again = Button(theme, "Show ignored", kind=ButtonKind.LINK, clicked=self._show_ignored)
        self._all = Button(theme, "Show", kind=ButtonKind.LINK, clicked=lambda: context.go(Place("groups")))
        self.room = TriageStates(theme, context.profile, self.open_scan, context.why)
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the button that scans a topic."""
        return (self.scan_button,)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the actions: re-route, ignore, scan."""
        return (
            Action(
                "triage.send",
                "Send the record to a DLQ and skip it…",
                self._send_chosen,
                ("Ctrl+Return",),
                "send",
                "Triage",
                self._why_not_send,
            ),
            Action("triage.scan", "Scan a topic…", self.open_scan, (), "scan-search", "Triage"),
        )

    def note_view(self, view: View) -> None:
        """Counts the incidents for the rail, whichever page is in front."""
        if self._view is None or view.stuck is not self._view.stuck:
            self._rows = incidents(view.stuck, self._ignored)
            self.badge_changed.emit(sum(row.section is IncidentSection.POISON for row in self._rows))
        self._view = view

    def show_view(self, view: View) -> None:
        """Shows a new sample."""
        self.note_view(view)
        self.finding_changed.emit(finding(view, self._rows))
        self._foot(view)
        self._list_rows()
        if self._rows:
            self._greet()
        else:
            self.room.show_view(view)
            self._stack.setCurrentIndex(0)

    def filter_focus(self) -> None:
        """Puts the cursor into the filter."""
        self.filter.setFocus()

    def place(self) -> Place:
        """Returns the incident that is shown."""
        incident = self.pane.incident
        return Place(self.id, incident.group if incident else "", self.filter.text())

    def go_to(self, place: Place) -> None:
        """Chooses a group's incident."""
        self.filter.setText(place.filter)
        found = next((row for row in self._rows if row.group == place.what), None)
        if found is not None:
            self.list.choose(found.key)

    def open_scan(self) -> None:
        """Opens the sheet that scans a topic for records that break a rule."""
        shown = self.pane.incident.first.topic_partition.topic if self.pane.incident and self._rows else ""
        topics = self._view.ordinary_topics if self._view is not None else []
        sheet = ScanSheet(self.context, topics, shown)
        sheet.copy_wanted.connect(self._copy)
        sheet.bulk_wanted.connect(self._send_many)
        do_in_next_turn(sheet, sheet.open)

    def _connect(self) -> None:
        self.list.chosen.connect(self._choose)
        self.list.opened.connect(self.pane.head.press_main)
        self.filter.filtered.connect(lambda _text: self._list_rows())
        self.filter.lead_to(self.list)
        self.pane.record_wanted.connect(self._read)
        self.pane.send.connect(self._send)
        self.pane.head.ignore.connect(self._ignore)
        self.pane.head.scan.connect(self.open_scan)
        self.pane.head.look_at_group.connect(self._look_at_group)
        self.pane.head.look_at_transaction.connect(self._look_at_transaction)

    def _list_rows(self) -> None:
        words = self.filter.text().casefold().split()
        now_ms = self._view.at_ms if self._view else 0
        stale = self._view is not None and self._view.stale
        shown = tuple(row for row in self._rows if row.matches(words)) if words else self._rows
        self.filter.show_count(len(shown), len(self._rows))
        self.list.show_incidents(shown, now_ms, stale=stale)

    def _choose(self, incident: Incident | None) -> None:
        if incident is None or self._view is None:
            return
        place = incident.first.topic_partition
        bounds = self._bounds[1] if self._bounds is not None and self._bounds[0] == place else UNKNOWN_OFFSETS
        self.pane.show_incident(incident, self._rows, bounds, self._view.at_ms)
        self.context.tasks.start("triage.detail", self._show_detail(incident), on_error=self._no_detail)
        why_not = self._why_not_write()
        read_only = self.context.profile.read_only
        self.pane.head.allow_writes(allowed=not why_not, why_not=why_not, plan_only=read_only)

    def _read(self, place: TopicPartition, offset: int) -> None:
        incident = self.pane.incident
        open_transaction = incident is not None and incident.verdict is Verdict.OPEN_TRANSACTION
        reading = self._show_around(place, offset, open_transaction=open_transaction)
        self.context.tasks.start("triage.record", reading, on_error=self._unread)

    async def _show_around(self, place: TopicPartition, offset: int, *, open_transaction: bool) -> None:
        around = await self.context.engine.records_around(place, offset, uncommitted=open_transaction)
        self.pane.show_around(around)

    async def _show_detail(self, incident: Incident) -> None:
        """Asks for the log's bounds and the last hour of an incident's partition."""
        place, engine = incident.first.topic_partition, self.context.engine
        await engine.look_at([incident.group], [place.topic])
        bounds = (await engine.bounds([place]))[place]
        points = await engine.history(incident.group, place)
        if self.pane.incident is not incident or self._view is None:
            return
        if self._bounds != (place, bounds):
            self._bounds = place, bounds
            self.pane.show_incident(incident, self._rows, bounds, self._view.at_ms)
        self.pane.show_history(points, self._view.at_ms)

    def _no_detail(self, error: Exception) -> None:
        """Keeps what is shown if the detail cannot be read; the window says why."""
        if not isinstance(error, ClusterError):
            raise error

    def _unread(self, error: Exception) -> None:
        if not isinstance(error, ClusterError):
            raise error
        self.pane.show_unread(error)

    def _send_chosen(self) -> None:
        self.list.end_rest()
        self.pane.head.send.emit()

    def _send(self, incident: Incident, record: RecordId) -> None:
        poison = incident.verdict is Verdict.POISON
        reasons = {record: incident.first.reason} if poison else {}
        groups = None if poison else (incident.group,)
        self._open_plan(RerouteRequest((record,), groups, reasons=reasons, asked_for=incident.group))

    def _copy(self, record: RecordId, reason: str) -> None:
        self._open_plan(RerouteRequest((record,), (), reasons={record: reason}))

    def _send_many(self, request: BulkRequest) -> None:
        def make(engine: Engine) -> Awaitable[ChangePlan]:
            return engine.plan_bulk_reroute(request)

        change_dialog(self.context, make, lambda _result: self._refresh()).open()

    def _open_plan(self, request: RerouteRequest) -> None:
        reroute_dialog(self.context, request, lambda _result: self._refresh()).open()

    def _refresh(self) -> None:
        self.context.tasks.start("triage.refresh", self.context.engine.refresh())

    def _ignore(self) -> None:
        if self.pane.incident is not None and self._view is not None:
            self._ignored.add(self.pane.incident.key)
            self._sort_again(self._view)

    def _show_ignored(self) -> None:
        self._ignored.clear()
        if self._view is not None:
            self._sort_again(self._view)

    def _sort_again(self, view: View) -> None:
        self._view = None
        self.show_view(view)

    def _look_at_group(self) -> None:
        if self.pane.incident is not None:
            self.context.go(Place("groups", self.pane.incident.group))

    def _look_at_transaction(self) -> None:
        if self.pane.incident is not None:
            place = self.pane.incident.first.topic_partition
            self.context.go(Place("coordination", f"transactions:{place}"))

    def _greet(self) -> None:
        """Shows list and pane; the list gets the keyboard, unless the user is typing."""
        if self._stack.currentIndex() == 1:
            return
        if not isinstance(QApplication.focusWidget(), QLineEdit):
            self.list.setFocus()
        with paint_in_turns(self._stack):
            self._stack.setCurrentIndex(1)

    def _foot(self, view: View) -> None:
        moving = others_moving(view)
        words = (
            ("other group moved", "other groups moved") if view.stale else ("other group moves", "other groups move")
        )
        self._others.setText(plural(moving, *words))
        self._again.setVisible(bool(self._ignored))
        self._again.setText(f"Show {len(self._ignored)} ignored")
        self.room.ignored = len(self._ignored)

    def _why_not_write(self) -> str:
        if self.context.profile.read_only:
            return "This profile is read-only"
        if self._view is not None and self._view.stale:
            return "Not connected: what is shown is what was last known"
        return ""

    def _why_not_send(self) -> str:
        incident = self.pane.incident
        if not self._rows or incident is None or incident.verdict is not Verdict.POISON:
            return "No poison record is chosen"
        return self._why_not_write()

    def _lay_out(self) -> None:
        sizes = (self.context.theme.px(_LIST_WIDTH), 10_000)
        splitter = Splitter("Incidents", (self._make_list(), self.pane), sizes, across=True)
        self._stack.addWidget(self.room)
        self._stack.addWidget(splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def _make_list(self) -> QWidget:
        left = QWidget()
        ground(left, "surface")
        left.setMinimumWidth(self.context.theme.px(185))
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 12, 8)
        top.addWidget(self.filter)
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 4, 12, 4)
        foot.addWidget(self._others)
        foot.addStretch(1)
        foot.addWidget(self._again)
        foot.addWidget(self._all)
        left.setLayout(column(top, hairline(), self.list, hairline(), foot, grows=self.list))
        return left
