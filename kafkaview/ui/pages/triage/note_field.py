"""The user's note on an incident: a line that is kept when it is left, or Enter is pressed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from kafkaview.triage.incidents.kept_rows import KeptNote
from kafkaview.ui.kit.controls import Text


class NoteField(QWidget):
    """Shows the note of one incident at a time. A sample that comes while somebody types changes nothing; what was
    typed is kept with the incident that it is of when another is shown. `noted` carries that and the text.
    """

    noted = Signal(object, str)  # KeptNote

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of: object = None
        self._known: KeptNote | None = None
        self._kept = ""
        self.line = QLineEdit()
        self.line.setPlaceholderText("Who was asked, what was found; kept with this connection")
        self.line.setAccessibleName("Note on this incident")
        self.line.setMaxLength(10_000)
        self.line.editingFinished.connect(self._keep)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Text("Note", size=12, tone="text_2"))
        row.addWidget(self.line, 1)

    def show_note(self, of: object, known: KeptNote | None) -> None:
        """Shows the note of an incident; None where it is not kept yet, or no more."""
        if of == self._of and self.line.hasFocus() and self.line.isModified():
            return
        self._keep()
        self._of, self._known = of, known
        self.line.setEnabled(known is not None)
        self._kept = known.note if known is not None else ""
        if self.line.text() != self._kept:
            self.line.setText(self._kept)

    def _keep(self) -> None:
        text = self.line.text().strip()
        if self._known is not None and self.line.isModified() and text != self._kept:
            self._kept = text
            self.line.setModified(False)
            self.noted.emit(self._known, text)
