"""The right side of Triage: one incident from verdict to bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import PartitionOffsets, RecordId, TopicPartition
from kafkaview.triage.incidents.kept_rows import KeptNote
from kafkaview.triage.neighbours import NEAR, Around
from kafkaview.triage.watch.verdict import Evidence, VerdictRemedy
from kafkaview.triage.watch.view import Point, View
from kafkaview.ui.kit.controls import Button, ButtonKind, Text, ground, hairline
from kafkaview.ui.kit.evidence import EvidenceList
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.query_view import sentences
from kafkaview.ui.kit.record_strip import RecordStrip
from kafkaview.ui.kit.record_strip.cells import Strip
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.triage.incident_strip import incident_strip
from kafkaview.ui.pages.triage.incidents import Incident, IncidentKey
from kafkaview.ui.pages.triage.lag_block import LagBlock
from kafkaview.ui.pages.triage.note_field import NoteField
from kafkaview.ui.pages.triage.pane_head import PaneHead
from kafkaview.ui.pages.triage.words import Fate, fate, last_known, place_of
from kafkaview.ui.record.record_block import RecordBlock
from kafkaview.words import number
from kafkaview.writes.offsets.request import MemberWays

_EDGE = 20
_LEAST, _NARROW, _PLOT = 275, 600, 362
_LEAST_PLOT = 220


class IncidentPane(QScrollArea):
    """Shows an incident, and asks for the records that it shows."""

    send = Signal(object, object)  # Incident, RecordId to be sent
    skip = Signal(object, object, object)  # Incident, RecordId to be skipped, MemberWays
    noted = Signal(object, str)  # KeptNote
    record_wanted = Signal(object, int)  # TopicPartition, offset

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._incident: Incident | None = None
        self._key: tuple[IncidentKey, int | None] | None = None
        self.fate: Fate | None = None  # of the group that is shown, once it is not listed any more
        self._offset: int | None = None
        self._around: Around | None = None
        self._failed = False  # whether the record could not be read: it is asked for again with the next sample
        self.head = PaneHead(theme)
        self.strip = RecordStrip(theme)
        self._drawn = Strip((), ())
        self.evidence = EvidenceList(theme)
        self.lag = LagBlock(theme)
        self.record = RecordBlock(theme)
        self._unread = Text(size=12, tone="text_2", wrap=True)
        self.note = NoteField()
        self.elsewhere = Text(size=12, weight=600, tone="warn_text")
        self.back = Button(theme, kind=ButtonKind.LINK, clicked=self._look_back)
        self._other = QWidget()
        self._below = QStackedWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lay_out()
        theme.changed.connect(self._fit)
        self._fit()
        self.strip.chosen.connect(self.look_at)
        self.record.record_picked.connect(self.look_at)
        self.head.send.connect(self._send)
        self.head.skip.connect(self._skip)
        self.note.noted.connect(self.noted)

    @property
    def incident(self) -> Incident | None:
        """The incident that is shown."""
        return self._incident

    @property
    def offset(self) -> int | None:
        """The record that is shown below."""
        return self._offset

    def show_note(self, note: KeptNote | None) -> None:
        """Shows the note of the incident; None while it is not kept yet."""
        if self._incident is not None:
            self.note.show_note(self._incident.key, note)

    def show_fate(self, view: View, committed: int | None) -> None:
        """Says what became of the group that is not listed any more, whose newest committed offset there this is; the
        record stays in sight.
        """
        incident = self._incident
        now = fate(incident, view, committed) if incident is not None else None
        if incident is None or now is None or now == self.fate:
            return
        self.fate = now
        at = f"It stood at {place_of(incident)}. What was shown stays here until another incident is chosen."
        self.head.show_fate(now, at)
        self.strip.set_strip(replace(self._drawn, pointers=()))
        moves = (Evidence("The committed offset has moved on", "ok"),) if now.mark is Mark.OK else ()
        self.evidence.show_evidence(moves)

    def show_incident(
        self, incident: Incident, rows: Sequence[Incident], bounds: PartitionOffsets, now_ms: int
    ) -> None:
        """Shows an incident of a new sample. The record below stays the one that the user looks at."""
        self._incident = incident
        self.fate = None
        self.head.show_incident(incident, rows, now_ms)
        self._drawn = incident_strip(incident, rows, bounds.log_start_offset)
        self.strip.set_strip(self._drawn)
        self.evidence.show_evidence(incident.first.evidence)
        key = (incident.key, incident.offset)
        if key != self._key:
            self._key = key
            self._around = None
            self._wait(incident)
        elif self._failed and self._offset is not None:
            self._failed = False
            self.record_wanted.emit(incident.first.topic_partition, self._offset)

    def show_history(self, points: Sequence[Point], now_ms: int) -> None:
        """Plots the committed offset and the log end offset."""
        if self._incident is not None:
            self.lag.show_points(self._incident, points, now_ms)

    def look_at(self, offset: int) -> None:
        """Shows another record of the partition."""
        if self._incident is None:
            return
        self._offset = offset
        self.strip.set_current(offset)
        self._name_record()
        if self._around is not None and abs(offset - self._around.offset) <= NEAR:
            self.record.show_record(self._around, offset)
        else:
            self.record_wanted.emit(self._incident.first.topic_partition, offset)

    def show_around(self, around: Around) -> None:
        """Shows records that were read, unless the user looks at something else by now."""
        if self._incident is None or not self._is_asked_for(around.topic_partition, around.offset):
            return
        self._around, self._failed = around, False
        self._below.setCurrentWidget(self.record)
        self.record.show_record(around, around.offset)

    def show_unread(self, error: ClusterError) -> None:
        """Shows why the records could not be read, in the broker's words, and what is known of the one asked for."""
        if self._incident is not None:
            self._failed = True
            self._say_unread(f"No bytes yet: {sentences(error)} {last_known(self._incident)}")

    def _wait(self, incident: Incident) -> None:
        self._offset, self._failed = incident.offset, False
        self.strip.set_current(None)
        self._name_record()
        if incident.offset is None:
            self._say_unread("The group has committed nothing here, so there is no record to show.")
        else:
            place = incident.first.topic_partition
            self._say_unread(f"Reading {place} @ {number(incident.offset)}. {last_known(incident)}")
            self.record_wanted.emit(incident.first.topic_partition, incident.offset)

    def _say_unread(self, words: str) -> None:
        """Says in place of a record why it is not there: what was shown before is another one's."""
        self._unread.setText(words)
        self._below.setCurrentWidget(self._unread)

    def _is_asked_for(self, place: TopicPartition, offset: int) -> bool:
        return self._incident is not None and (place, offset) == (self._incident.first.topic_partition, self._offset)

    def _name_record(self) -> None:
        """Says where the record below is not the one that the head is about, with the way back."""
        incident, offset = self._incident, self._offset
        other = incident is not None and incident.offset is not None and offset != incident.offset
        self._other.setVisible(other)
        if incident is None or not other:
            return
        stops = incident.record is not None
        self.elsewhere.setText(
            f"Record {number(offset)}, {'not the poison' if stops else 'not the one at the committed offset'}"
        )
        self.back.setText(f"Back to {number(incident.offset)}")

    def _look_back(self) -> None:
        if self._incident is not None and self._incident.offset is not None:
            self.look_at(self._incident.offset)

    def _send(self) -> None:
        record = self._record_in_question()
        if record is not None:
            self.send.emit(self._incident, record)

    def _skip(self, ways: MemberWays) -> None:
        record = self._record_in_question()
        if record is not None:
            self.skip.emit(self._incident, record, ways)

    def _record_in_question(self) -> RecordId | None:
        """Returns the record that stops the group, else, where none is known, the one that is looked at."""
        if self._incident is None:
            return None
        record = self._incident.record
        if self._incident.verdict_row.remedy is VerdictRemedy.SKIP_ANYWAY and self._offset is not None:
            at = self._incident.first.topic_partition
            record = RecordId(at.topic, at.partition, self._offset)
        return record

    def _lay_out(self) -> None:
        for page in (self.record, self._unread):
            self._below.addWidget(page)
        self._unread.setAlignment(Qt.AlignmentFlag.AlignTop)
        other = make_flow(self.elsewhere, self.back, gap=12)
        other.setContentsMargins(_EDGE, 8, _EDGE, 0)
        self._other.setLayout(other)
        self._other.hide()
        body = QWidget()
        ground(body, "surface")
        body.setLayout(
            column(
                self.head,
                hairline(),
                _pad(self.strip, top=6, bottom=4),
                hairline(),
                self._why(),
                hairline(),
                _pad(self.note, top=6, bottom=6),
                hairline(),
                self._other,
                last=_pad(self._below, top=12, bottom=14),
            )
        )
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(body)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's: where it is narrow the plot goes below the evidence."""
        super().resizeEvent(event)
        narrow = self.width() < self._theme.px(_NARROW)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._halves.setDirection(down if narrow else across)
        self.lag.setMinimumWidth(self._theme.px(_LEAST_PLOT if narrow else _PLOT))

    def _fit(self) -> None:
        self.setMinimumWidth(self._theme.px(_LEAST))
        self._below.setMinimumHeight(self._theme.px(236))

    def _why(self) -> QBoxLayout:
        left = column(Text("Why we say so", size=12, weight=600), self.evidence, gap=8, push=True)
        row = self._halves
        row.setContentsMargins(_EDGE, 12, _EDGE, 8)
        row.setSpacing(28)
        row.addLayout(left, stretch=1)
        row.addWidget(self.lag, stretch=1)
        return row


def _pad(widget: QWidget, *, top: int, bottom: int) -> QVBoxLayout:
    box = QVBoxLayout()
    box.setContentsMargins(_EDGE, top, _EDGE, bottom)
    box.addWidget(widget)
    return box
