"""Actions as data: palette, shortcuts and the list of keys are built from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def always() -> str:
    """For actions that can always be done."""
    return ""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a user can do. `why_not` says why it cannot be done now; empty if it can. Such an action is listed
    with its reason, never hidden.
    """

    id: str
    title: str
    do: Callable[[], object]
    shortcuts: tuple[str, ...] = ()
    icon: str = "play"
    where: str = ""  # the page it belongs to
    why_not: Callable[[], str] = always
    listed: bool = True  # in the palette

    @property
    def keys(self) -> str:
        """Its first shortcut as the system writes it."""
        if not self.shortcuts:
            return ""
        return QKeySequence(self.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)

    def run(self) -> None:
        """Do it, if it can be done."""
        if not self.why_not():
            self.do()


@dataclass(frozen=True, slots=True)
class RowLink:
    """A place that a row leads to: "Go to the group billing"."""

    title: str
    go: Callable[[], object]


def bind(widget: QWidget, actions: tuple[Action, ...], allowed: Callable[[], bool]) -> tuple[QShortcut, ...]:
    """Make the shortcuts of these actions work in a window, while it is `allowed` (no sheet covers it)."""
    made = []
    for action in actions:
        for keys in action.shortcuts:
            shortcut = QShortcut(QKeySequence(keys), widget)
            shortcut.activated.connect(lambda action=action: action.run() if allowed() else None)
            made.append(shortcut)
    return tuple(made)
