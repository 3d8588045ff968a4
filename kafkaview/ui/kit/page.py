"""What a page is to the window: its title, its finding in a sentence, its actions, and what it does with a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kafkaview.command_words import command_words, printed_line, shell_line
from kafkaview.engine.port import Engine
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.actions import Action, RowLink
from kafkaview.ui.kit.lazy_parts import Made
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme

if TYPE_CHECKING:
    from kafkaview.triage.watch.view import View


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go: a page, what is selected there (a group, a topic, `TOPIC:PARTITION:OFFSET`), and the filter."""

    page: str
    what: str = ""
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What every page is given. `go` follows a link to another place; `window` is where sheets open; `follow` lets the
    window say what comes of a write that has begun.
    """

    theme: Theme
    tasks: Tasks
    profile: ConnectionProfile
    engine: Engine
    go: Callable[[Place], None]
    window: QWidget
    follow: Callable[[Any], object] = lambda _run: None
    why: Callable[[], object] | None = None  # lets the doctor say why nobody answers

    def command_line(self, verb: str, *arguments: str, options: Sequence[str] = ()) -> str:
        """The `kafkaview` line that shows the same."""
        return shell_line(printed_line(*self.profile.options, *command_words([verb], arguments, options)))

    def link(self, title: str, page: str, what: str) -> RowLink:
        """A link from a row to another place."""
        return RowLink(title, partial(self.go, Place(page, what)))


class Page(QWidget):
    """Base of the pages. A page overrides what it has."""

    id = ""
    title = ""
    icon = ""

    finding_changed = Signal(str)
    badge_changed = Signal(int)
    standing_changed = Signal(str)  # how the cluster stands in a few words, for the status bar
    moved = Signal()  # the user went to another place on this page: a new entry of back and forward

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context

    def made_later(self) -> Sequence[Made[Any, Any]]:
        """Parts that are not made with the page: the window makes them when there is time, each by itself."""
        return ()

    def head_actions(self) -> Sequence[QWidget]:
        """Widgets at the right of the page head: filter, cuts, page actions."""
        return ()

    def actions_of_page(self) -> tuple[Action, ...]:
        """What can be done here; active while the page is shown."""
        return ()

    def note_view(self, view: View) -> None:
        """Take note of a new sample while another page is shown: for what is seen outside the page."""

    def show_view(self, view: View) -> None:
        """Show a new sample: called while the page is in front, and when it comes there. A sample that carries old
        values with an error is dated by its `at_ms`.
        """

    def refresh(self) -> None:
        """Ask at once for what the page asks for by itself."""

    def filter_focus(self) -> None:
        """Put the cursor into the page's filter."""

    def place(self) -> Place:
        """Where the user is now."""
        return Place(self.id)

    def go_to(self, place: Place) -> None:
        """Go to a place of this page."""
