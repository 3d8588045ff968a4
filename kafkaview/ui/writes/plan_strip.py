"""The record strips of a plan, one for each source partition."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.ui.kit.record_strip import RecordStrip
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.record_strips import plan_strips


class PlanStrip(QWidget):
    """Every partition of the plan before and after."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._strips: list[RecordStrip] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_plan(self, plan: ReroutePlan) -> None:
        """Shows the strips of a plan."""
        strips = plan_strips(plan)
        while len(self._strips) < len(strips):
            self._strips.append(RecordStrip(self._theme, offsets=False))
            self._column.addWidget(self._strips[-1])
        for place, widget in enumerate(self._strips):
            widget.setVisible(place < len(strips))
            if place < len(strips):
                widget.set_strip(strips[place])
