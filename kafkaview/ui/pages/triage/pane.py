"""The right side of Triage: one incident from verdict to bytes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError
from kafkaview.terms import PartitionOffsets, RecordId, TopicPartition
from kafkaview.triage.neighbours import NEAR, Around
from kafkaview.triage.watch.verdict import VerdictRemedy
from kafkaview.triage.watch.view import Point
from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.evidence import EvidenceList
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.record_strip import RecordStrip
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.triage.incident_strip import incident_strip
from kafkaview.ui.pages.triage.incidents import Incident, IncidentKey
from kafkaview.ui.pages.triage.lag_block import LagBlock
from kafkaview.ui.pages.triage.pane_head import PaneHead
from kafkaview.ui.record.record_block import RecordBlock

_EDGE = 20
_LEAST, _NARROW, _PLOT = 275, 600, 362
_LEAST_PLOT = 220


class IncidentPane(QScrollArea):
    """Shows an incident, and asks for the records that it shows."""

    send = Signal(object, object)  # Incident, RecordId to be sent
    record_wanted = Signal(object, int)  # TopicPartition, offset

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._incident: Incident | None = None
        self._key: tuple[IncidentKey, int | None] | None = None
        self._offset: int | None = None
        self._around: Around | None = None
        self.head = PaneHead(theme)
        self.strip = RecordStrip(theme)
        self.evidence = EvidenceList(theme)
        self.lag = LagBlock(theme)
        self.record = RecordBlock(theme)
        self._unread = Text(size=12, tone="text_2", wrap=True)
        self._below = QStackedWidget()
        self._halves = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lay_out()
        theme.changed.connect(self._fit)
        self._fit()
        self.strip.chosen.connect(self.look_at)
        self.record.record_picked.connect(self.look_at)
        self.head.send.connect(self._send)

    @property
    def incident(self) -> Incident | None:
        """The incident that is shown."""
        return self._incident

    @property
    def offset(self) -> int | None:
        """The record that is shown below."""
        return self._offset

    def show_incident(
        self, incident: Incident, rows: Sequence[Incident], bounds: PartitionOffsets, now_ms: int
    ) -> None:
        """Shows an incident of a new sample. The record below stays the one that the user looks at."""
        self._incident = incident
        self.head.show_incident(incident, rows, now_ms)
        self.strip.set_strip(incident_strip(incident, rows, bounds.log_start_offset))
        self.evidence.show_evidence(incident.first.evidence)
        key = (incident.key, incident.offset)
        if key != self._key:
            self._key = key
            self._around = None
            self._wait(incident)

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
        if self._around is not None and abs(offset - self._around.offset) <= NEAR:
            self.record.show_record(self._around, offset)
        else:
            self.record_wanted.emit(self._incident.first.topic_partition, offset)

    def show_around(self, around: Around) -> None:
        """Shows records that were read, unless the user looks at something else by now."""
        if self._incident is None or not self._is_asked_for(around.topic_partition, around.offset):
            return
        self._around = around
        self._below.setCurrentWidget(self.record)
        self.record.show_record(around, around.offset)

    def show_unread(self, error: ClusterError) -> None:
        """Shows why the records could not be read, in the broker's words."""
        self._unread.setText(f"{error.message}. {error.hint}".strip())
        self._below.setCurrentWidget(self._unread)

    def _wait(self, incident: Incident) -> None:
        self._offset = incident.offset
        self.strip.set_current(None)
        if incident.offset is None:
            self._unread.setText("The group has committed nothing here, so there is no record to show.")
            self._below.setCurrentWidget(self._unread)
        else:
            self.record_wanted.emit(incident.first.topic_partition, incident.offset)

    def _is_asked_for(self, place: TopicPartition, offset: int) -> bool:
        return self._incident is not None and (place, offset) == (self._incident.first.topic_partition, self._offset)

    def _send(self) -> None:
        if self._incident is None:
            return
        record = self._incident.record
        if self._incident.verdict_row.remedy is VerdictRemedy.SKIP_ANYWAY and self._offset is not None:
            place = self._incident.first.topic_partition
            record = RecordId(place.topic, place.partition, self._offset)
        if record is not None:
            self.send.emit(self._incident, record)

    def _lay_out(self) -> None:
        for page in (self.record, self._unread):
            self._below.addWidget(page)
        self._unread.setAlignment(Qt.AlignmentFlag.AlignTop)
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
        self.lag.setMaximumWidth(self._theme.px(_PLOT))

    def _fit(self) -> None:
        self.setMinimumWidth(self._theme.px(_LEAST))
        self._below.setMinimumHeight(self._theme.px(236))

    def _why(self) -> QBoxLayout:
        left = column(Text("Why we say so", size=12, weight=600), self.evidence, gap=8, push=True)
        row = self._halves
        row.setContentsMargins(_EDGE, 12, _EDGE, 8)
        row.setSpacing(28)
        row.addLayout(left, stretch=1)
        row.addWidget(self.lag)
        return row


def _pad(widget: QWidget, *, top: int, bottom: int) -> QVBoxLayout:
    box = QVBoxLayout()
    box.setContentsMargins(_EDGE, top, _EDGE, bottom)
    box.addWidget(widget)
    return box
