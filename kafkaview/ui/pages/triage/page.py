"""The Triage page: the list of incidents, the pane of one of them, and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import UNKNOWN_OFFSETS, PartitionOffsets, RecordId, TopicPartition
from kafkaview.triage.incidents.kept_rows import KeptRow
from kafkaview.triage.watch.verdict import Stuck, Verdict, VerdictRemedy
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.controls import Button, ButtonKind, Elided, Text, ground, hairline
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import Splitter, column
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.page import Context, Page, Place
from kafkaview.ui.kit.tables import FilterField
from kafkaview.ui.kit.turns import do_in_next_turn, paint_in_turns
from kafkaview.ui.pages.triage.incident_list import IncidentList
from kafkaview.ui.pages.triage.incidents import Incident, IncidentKey, incidents
from kafkaview.ui.pages.triage.kept_incidents import KeptIncidents
from kafkaview.ui.pages.triage.kept_pane import KeptPane
from kafkaview.ui.pages.triage.log_sheet import LogSheet
from kafkaview.ui.pages.triage.pane import IncidentPane
from kafkaview.ui.pages.triage.pane_head import AT_ONCE, WHEN_EMPTY
from kafkaview.ui.pages.triage.plans import TriagePlans
from kafkaview.ui.pages.triage.triage_states import TriageStates
from kafkaview.ui.pages.triage.words import finding, say_others
from kafkaview.writes.offsets.request import MemberWays

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
        self._sent: IncidentKey | None = None  # of the group that a write from here was about
        self.kept = KeptIncidents(context, self)
        self.plans = TriagePlans(context, self)
        self.filter = FilterField(theme, "Filter groups and topics")
        self.list = IncidentList(theme)
        self.pane = IncidentPane(theme)
        self.panes = QStackedWidget()
        self._kept_panes: LazyParts[str, KeptPane] = LazyParts(("kept",), self._make_kept_pane, self._place_kept_pane)
        self.log_button = Button(theme, "Paste a log line…", icon="file-input", clicked=self.open_log)
        self.scan_button = Button(theme, "Scan a topic…", icon="scan-search", clicked=self._open_scan)
        self._others = Elided(size=12, tone="text_2")
        self._all = Button(theme, "All groups", kind=ButtonKind.LINK, clicked=lambda: context.go(Place("groups")))
        self._wrong = Text(size=12, tone="warn_text", wrap=True)
        self.room = TriageStates(theme, context.profile, self._open_scan, context.why, self._show_kept)
        self._lists_kept = False  # although no group stands
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()

    @property
    def kept_pane(self) -> KeptPane:
        """The pane of an incident of which no group stands now."""
        return self._kept_panes["kept"]

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns the pane that is not needed while a group stands."""
        return (self._kept_panes,)

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the buttons that read a log and scan a topic."""
        return (self.log_button, self.scan_button)

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the actions: re-route, skip, read a log, scan."""
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
            Action(
                "triage.skip",
                "Skip the record without copying it…",
                lambda: self._skip_chosen(AT_ONCE),
                (),
                "skip-forward",
                "Triage",
                self._why_not_skip,
            ),
            Action(
                "triage.skip_empty",
                "Skip the record when the group is empty…",
                lambda: self._skip_chosen(WHEN_EMPTY),
                (),
                "skip-forward",
                "Triage",
                self._why_not_skip,
            ),
            Action("triage.log", "Paste a log line…", self.open_log, (), "file-input", "Triage"),
            Action("triage.scan", "Scan a topic…", self._open_scan, (), "scan-search", "Triage"),
        )

    def note_view(self, view: View) -> None:
        """Counts the incidents for the rail, whichever page is in front."""
        if self._view is None or view.stuck is not self._view.stuck or view.judged is not self._view.judged:
            self._take(view.stuck)
            self.kept.ask()
        self._view = view

    def show_view(self, view: View) -> None:
        """Shows a new sample."""
        self.note_view(view)
        self.finding_changed.emit(finding(view, self._rows))
        self._foot(view)
        kept = self.kept.rows
        self._list_rows()
        self.room.kept = len(kept)
        self._lists_kept = self._lists_kept and bool(kept)
        if self._rows or self._lists_kept or any(row.was_looked_for for row in kept):
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

    def open_log(self) -> None:
        """Opens the sheet that reads pasted log lines."""
        sheet = LogSheet(self.context, self._why_not_write())
        sheet.found.connect(self.kept.keep_blamed)
        sheet.open_wanted.connect(self._open_record)
        sheet.send_wanted.connect(self.plans.send_blamed)
        do_in_next_turn(sheet, sheet.open)

    def _connect(self) -> None:
        self.list.chosen.connect(self._choose)
        self.list.opened.connect(self._press_main)
        self.filter.filtered.connect(lambda _text: self._list_rows())
        self.filter.lead_to(self.list)
        self.pane.record_wanted.connect(self._read)
        self.pane.send.connect(self._send)
        self.pane.skip.connect(self._skip)
        self.pane.noted.connect(self.kept.note)
        self.pane.head.ignore.connect(self._ignore)
        self.pane.head.scan.connect(self._scan_its_topic)
        self.pane.head.look_at_group.connect(self._look_at_group)
        self.pane.head.look_at_transaction.connect(self._look_at_transaction)
        self.kept.changed.connect(self._show_kept_changes)
        self.kept.failed.connect(self._say_wrong)
        self.plans.ended.connect(self._refresh)

    def _make_kept_pane(self, _name: str) -> KeptPane:
        pane = KeptPane(self.context, self.panes)
        pane.hide()
        pane.send.connect(self.plans.send_kept)
        pane.ignore.connect(self.kept.ignore)
        pane.reopen.connect(self.kept.reopen)
        pane.noted.connect(self.kept.note)
        pane.open_record.connect(self._open_record)
        return pane

    def _place_kept_pane(self, pane: KeptPane) -> None:
        self.panes.addWidget(pane)

    def _list_rows(self) -> None:
        words = self.filter.text().casefold().split()
        now_ms = self._view.at_ms if self._view else 0
        stale = self._view is not None and not self._view.tells_health
        shown, kept = self._rows, self.kept.rows
        if words:
            shown = tuple(row for row in shown if row.matches(words))
            kept = tuple(row for row in kept if row.matches(words))
        self.filter.show_count(len(shown), len(self._rows))
        waits = self._is_gone(self.pane.incident)
        self.list.show_incidents(shown, now_ms, stale=stale, kept=kept, waits=waits)
        if waits and self._view is not None and self.pane.incident is not None:
            self.context.tasks.start("triage.fate", self._show_fate(self.pane.incident), on_error=self._no_detail)

    async def _show_fate(self, incident: Incident) -> None:
        """Says what became of a group that is not listed any more."""
        points = await self.context.engine.history(incident.group, incident.first.topic_partition)
        if self.pane.incident is incident and self._is_gone(incident) and self._view is not None:
            self.pane.show_fate(self._view, points[-1].committed_offset if points else None)

    def _is_gone(self, incident: Incident | None) -> bool:
        """Whether an incident that the user has chosen, or that a write from here was about, is not listed any more:
        then no other group's button comes under the pointer.
        """
        if incident is None or not (
            self.list.holds(incident.key) or self.list.is_on_head or incident.key == self._sent
        ):
            return False
        return incident.key not in {row.key for row in self._rows}

    @property
    def _still_shown(self) -> Incident | None:
        """The incident of the pane as it is listed now."""
        shown = self.pane.incident
        return next((row for row in self._rows if shown is not None and row.key == shown.key), None)

    def _take(self, stuck: Sequence[Stuck]) -> None:
        """Takes the groups that stand, without those that are ignored."""
        self._rows = incidents(stuck, self.kept.ignored)
        self.badge_changed.emit(len({row.group for row in self._rows if row.verdict is not Verdict.NO_MEMBERS}))

    def _show_kept_changes(self) -> None:
        """Lists what is kept now: what was ignored leaves the rows above."""
        if self._view is None:
            return
        self._take(self._view.stuck)
        if self.isVisible():
            self.show_view(self._view)

    def _say_wrong(self, words: str) -> None:
        self._wrong.setText(words)
        self._wrong.setVisible(bool(words))

    def _show_kept(self) -> None:
        """Lists what is kept although no group stands."""
        self._lists_kept = True
        if self._view is not None:
            self.show_view(self._view)

    def _choose(self, incident: Incident | KeptRow | None) -> None:
        if incident is None and self.panes.currentWidget() is self.pane:
            incident = self._still_shown  # a head is chosen
        if incident is None or self._view is None:
            return
        if isinstance(incident, KeptRow):
            self.kept_pane.show_incident(incident.incident, self._why_not_write())
            self.panes.setCurrentWidget(self.kept_pane)
            return
        self.panes.setCurrentWidget(self.pane)
        if incident.key != self._sent:
            self._sent = None
        place = incident.first.topic_partition
        bounds = self._bounds[1] if self._bounds is not None and self._bounds[0] == place else UNKNOWN_OFFSETS
        self.pane.show_incident(incident, self._rows, bounds, self._view.at_ms)
        self.pane.show_note(self.kept.note_of(incident.first))
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
        if self.pane.incident is not incident or self.pane.fate is not None or self._view is None:
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

    def _press_main(self) -> None:
        """Does the main thing with what is chosen."""
        shown = self.panes.currentWidget()
        (shown if isinstance(shown, KeptPane) else self.pane.head).press_main()

    def _skip_chosen(self, ways: MemberWays) -> None:
        self.list.end_rest()
        self.pane.head.skip.emit(ways)

    def _send(self, incident: Incident, record: RecordId) -> None:
        self._sent = incident.key
        self.plans.send(incident, record)

    def _skip(self, incident: Incident, record: RecordId, ways: MemberWays) -> None:
        self._sent = incident.key
        self.plans.skip(incident.group, record, ways)

    def _open_record(self, record: RecordId) -> None:
        self.context.go(Place("records", str(record)))

    def _refresh(self) -> None:
        self.context.tasks.start("triage.refresh", self._look_again())

    async def _look_again(self) -> None:
        self.kept.ask()
        await self.context.engine.refresh()

    def _ignore(self) -> None:
        if self.pane.incident is not None:
            self.kept.ignore_standing(self.pane.incident.first)

    def _open_scan(self) -> None:
        self.context.go(Place("scan"))

    def _scan_its_topic(self) -> None:
        if self.pane.incident is not None:
            self.context.go(Place("scan", self.pane.incident.first.topic_partition.topic))

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
        self._others.setText(say_others(view))

    def _why_not_write(self) -> str:
        if self.context.profile.read_only:
            return "This profile is read-only"
        if self._view is not None and self._view.stale:
            return "Not connected: what is shown is what was last known"
        return ""

    @property
    def _in_question(self) -> Incident | None:
        """The incident in front, if its group stands as far as is known."""
        in_front = self.panes.currentWidget() is self.pane and self.pane.fate is None
        return self.pane.incident if in_front and self._rows else None

    def _why_not_send(self) -> str:
        incident = self._in_question
        if incident is None or incident.verdict is not Verdict.POISON:
            return "No poison record is chosen"
        return self._why_not_write()

    def _why_not_skip(self) -> str:
        incident = self._in_question
        skips = incident is not None and incident.verdict_row.remedy in (VerdictRemedy.SKIP, VerdictRemedy.SKIP_ANYWAY)
        if not skips:
            return "No group is chosen that stands on a record"
        return self._why_not_write()

    def _lay_out(self) -> None:
        sizes = (self.context.theme.px(_LIST_WIDTH), 10_000)
        self.panes.addWidget(self.pane)
        splitter = Splitter("Incidents", (self._make_list(), self.panes), sizes, across=True)
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
        foot = make_flow(self._others, grows=self._others)
        foot.setContentsMargins(16, 4, 12, 4)
        foot.push()
        foot.addWidget(self._all)
        wrong = QHBoxLayout()
        wrong.setContentsMargins(16, 0, 12, 0)
        wrong.addWidget(self._wrong)
        self._wrong.hide()
        left.setLayout(column(top, hairline(), self.list, wrong, hairline(), foot, grows=self.list))
        return left
