"""Actions as data: palette, shortcuts and the list of keys are built from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from kafkaview.ui.kit.look_steps import say_briefly


def always() -> str:
    """Returns no reason, for an action that can always be run."""
    return ""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a user can do. `why_not` returns why it cannot be done now, and is empty if it can. An action that
    cannot be run is listed with its reason and never hidden.
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
        """The action's first shortcut, written as on this system."""
        if not self.shortcuts:
            return ""
        return QKeySequence(self.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)

    def run(self) -> None:
        """Runs the action if it can be run now."""
        if not self.why_not():
            self.do()


@dataclass(frozen=True, slots=True)
class RowLink:
    """A place that a row leads to, or a plan: "Go to the group billing". With a `why_not` it is shown greyed."""

    title: str
    go: Callable[[], object]
    why_not: str = ""


def bind(widget: QWidget, actions: tuple[Action, ...], allowed: Callable[[], bool]) -> tuple[QShortcut, ...]:
    """Binds the shortcuts of actions to a window, or to a page, which has to be visible then. They work while `allowed`
    is true: no sheet covers the window. One whose action cannot be run now says why.
    """

    def press(action: Action) -> None:
        if not allowed():
            return
        why_not = action.why_not()
        if why_not:
            say_briefly(widget.window(), why_not)
        action.run()

    made = []
    for action in actions:
        for keys in action.shortcuts:
            shortcut = QShortcut(QKeySequence(keys), widget)
            shortcut.activated.connect(lambda action=action: press(action))
            made.append(shortcut)
    return tuple(made)
