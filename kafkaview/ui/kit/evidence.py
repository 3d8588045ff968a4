"""The evidence for a verdict: one line each, with its mark."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from kafkaview.triage.watch.verdict import Evidence
from kafkaview.ui.kit.controls import Text, bold_text, escape_text
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.theme import Theme

_WEIGHTY = re.compile(r"(?<=stays at )[\d,]+|(?<=: )crash loop")


class EvidenceList(QWidget):
    """A list of marks and sentences. The figure that decides the verdict is bold."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: tuple[Evidence, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)

    def show_evidence(self, lines: Sequence[Evidence]) -> None:
        """Shows these lines; the layout stays as long as their number does."""
        lines = tuple(lines)
        if lines == self._shown:
            return
        clear(self._grid)
        for row, line in enumerate(lines):
            mark = MarkLabel(self._theme, Mark.of_tone(line.tone), 14)
            self._grid.addWidget(mark, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(Text(weigh(line.text), size=12, wrap=True, rich=True), row, 1)
        self._shown = lines


def weigh(text: str) -> str:
    """Returns a sentence as rich text, with the figure that decides the verdict in bold."""
    found = _WEIGHTY.search(text)
    if found is None:
        return escape_text(text)
    return escape_text(text[: found.start()]) + bold_text(found.group()) + escape_text(text[found.end() :])


def clear(grid: QGridLayout) -> None:
    """Removes all widgets from a grid."""
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
