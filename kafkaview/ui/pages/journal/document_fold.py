"""A JSON document below a line that unfolds it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.ui.kit.bytes_text import CodeText
from kafkaview.ui.kit.controls import Button, ButtonKind
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.syntax import JsonColours
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import visible

_HIGH = 220


class DocumentFold(QWidget):
    """Shows a document when it is unfolded: 64 KiB of text take a window 20 ms."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._text = ""
        self.head = Button(theme, title, kind=ButtonKind.FOLD, icon="chevron-right", clicked=self._turn)
        self.code = CodeText()
        self.code.setAccessibleName(title)
        self.code.setFixedHeight(theme.px(_HIGH))
        self.colours = JsonColours(theme, self.code)
        self.setLayout(column(self.head, self.code, gap=4))
        self.show_document("")

    def show_document(self, text: str) -> None:
        """Takes another document, folded; without one nothing is shown."""
        self._text = visible(text, keep="\n")
        self.setVisible(bool(text))
        self._fold(folded=True)

    def _turn(self) -> None:
        self._fold(folded=not self.code.isHidden())

    def _fold(self, *, folded: bool) -> None:
        if not folded:
            self.code.show_code(self._text)
        self.code.setHidden(folded)
        self.head.set_icon("chevron-right" if folded else "chevron-down")
