"""The command line that does the same as a plan, to copy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from kafkaview.command_words import shell_line, shell_words
from kafkaview.ui.kit.controls import Text, escape_tip
from kafkaview.ui.kit.copy_button import CopyButton
from kafkaview.ui.kit.icon_label import IconLabel
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import join_lines

_WIDTH = 92
_INDENT = "    "
_USUAL, _UNBROKEN = 680, 10_000  # pixels


class CommandLine(QFrame):
    """A block of mono text with Copy. The text has several lines; Copy copies one."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "block")
        prompt = IconLabel(theme, "terminal", "text_3", 14)
        self._text = _Lines()
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = CopyButton(theme)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 7, 10, 7)
        row.setSpacing(8)
        row.addWidget(prompt, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, stretch=1)
        row.addWidget(self._copy)

    def show_command(self, command: str) -> None:
        """Shows another command line."""
        line = shell_line(command)
        self._copy.offer(line)
        lines = [line] if line.startswith("#") else broken(command).split("\n")
        self._text.setText(join_lines(*map(_elide, lines)))
        self._text.setToolTip(escape_tip(line))


class _Lines(Text):
    """A text that is as wide as the dialog; a long word does not widen the dialog."""

    def __init__(self) -> None:
        super().__init__(size=12, mono=True, wrap=True)

    def sizeHint(self) -> QSize:
        """Qt's: as wide and as high as the lines of most commands; the dialog has that width but in a small window."""
        return QSize(_USUAL, self.heightForWidth(_UNBROKEN))

    def minimumSizeHint(self) -> QSize:
        """Qt's: no line less, and any width."""
        return QSize(0, self.heightForWidth(_UNBROKEN))


def broken(command: str, width: int = _WIDTH) -> str:
    """Returns the command over several lines as a shell takes it, broken before options; where that leaves a line too
    long, between other words too.
    """
    lines: list[str] = []
    current = ""
    for part in _parts(shell_words(command), width):
        if current and len(current) + 1 + len(part) > width:
            lines.append(current)
            current = f"{_INDENT}{part}"
        else:
            current = f"{current} {part}" if current else part
    return " \\\n".join([*lines, current])


def _parts(words: Sequence[str], width: int) -> Iterator[str]:
    """Yields each option with what follows it, and what stands before the first one; of what is too long, an option
    with its value, and each other word.
    """
    starts = [0, *(place for place, word in enumerate(words) if place and word.startswith("--")), len(words)]
    for start, stop in pairwise(starts):
        part = " ".join(words[start:stop])
        if len(_INDENT) + len(part) <= width:
            yield part
        else:
            value = min(stop, start + 2) if words[start].startswith("--") else start + 1
            yield " ".join(words[start:value])
            yield from words[value:stop]


def _elide(line: str) -> str:
    """Returns a line, cut if no window is as wide; the tooltip and Copy have the whole of it."""
    return line if len(line) <= _WIDTH + 4 else f"{line[:_WIDTH]}…"
