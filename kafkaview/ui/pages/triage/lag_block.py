"""The small plot beside the evidence: the committed offset against the log end offset."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from kafkaview.triage.watch.verdict import IncidentSection
from kafkaview.triage.watch.view import Point
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.plots import Event, LagPlot, Line
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.triage.incidents import Incident
from kafkaview.words import clock, last_span, number


class LagBlock(QWidget):
    """Committed offset and log end offset of one partition over the watched time."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Text(size=12, weight=600)
        self._plot = LagPlot(theme)
        self._plot.setFixedHeight(theme.px(122))
        self.setLayout(column(self._title, self._plot, gap=4, push=True))

    def show_points(self, incident: Incident, points: Sequence[Point], now_ms: int) -> None:
        """Shows the points of the samples."""
        place = incident.first.topic_partition
        span = last_span(now_ms - points[0].at_ms) if points else "no sample yet"
        self._title.setText(f"{place}, {span}")
        end = Line([(p.at_ms, p.log_end_offset) for p in points], "series_1", "log end")
        stuck = incident.section is not IncidentSection.NOBODY
        committed = Line([(p.at_ms, p.committed_offset) for p in points], _tone(stuck=stuck), "committed")
        self._plot.show_lines([end, committed], _stops(incident, points), fill=_tone(stuck=stuck))
        self._plot.say(_sentence(incident))


def _tone(*, stuck: bool) -> str:
    return "bad_solid" if stuck else "line_strong"


def _stops(incident: Incident, points: Sequence[Point]) -> list[Event]:
    """Returns when the committed offset stopped, if it was seen to move before."""
    since = incident.first.since_ms
    if not points or since <= points[0].at_ms:
        return []
    return [Event(since, f"stops {clock(since)}")]


def _sentence(incident: Incident) -> str:
    first = incident.first
    return (
        f"{first.group} stands at {number(first.committed_offset)} of {first.topic_partition}, "
        f"the log ends at {number(first.log_end_offset)}, {number(first.lag)} records wait"
    )
