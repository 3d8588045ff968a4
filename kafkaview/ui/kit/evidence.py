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
        self._rows: list[tuple[MarkLabel, Text]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)

    def show_evidence(self, lines: Sequence[Evidence]) -> None:
        """Shows these lines; each line's widgets stay, for Qt styles new ones slowly."""
        lines = tuple(lines)
        if lines == self._shown:
            return
        self._shown = lines
        while len(self._rows) < len(lines):
            self._add_row()
        for place, (mark, text) in enumerate(self._rows):
            mark.setVisible(place < len(lines))
            text.setVisible(place < len(lines))
        for (mark, text), line in zip(self._rows, lines, strict=False):
            mark.set_mark(Mark.of_tone(line.tone))
            text.setText(weigh(line.text))

    def _add_row(self) -> None:
        mark, text = MarkLabel(self._theme, Mark.UNKNOWN, 14), Text(size=12, wrap=True, rich=True)
        self._grid.addWidget(mark, len(self._rows), 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(text, len(self._rows), 1)
        self._rows.append((mark, text))


def weigh(text: str) -> str:
    """Returns a sentence as rich text, with the figure that decides the verdict in bold."""
    found = _WEIGHTY.search(text)
    if found is None:
        return escape_text(text)
    return escape_text(text[: found.start()]) + bold_text(found.group()) + escape_text(text[found.end() :])
