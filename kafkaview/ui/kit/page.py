"""What the window knows of a page: its title, its finding in a sentence, its actions, and how it shows a sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kafkaview.command_words import command_words, printed_line, shell_line
from kafkaview.engine.port import Engine
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.actions import Action, RowLink
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.tasks import Tasks
from kafkaview.ui.kit.theme import Theme

if TYPE_CHECKING:
    from kafkaview.triage.watch.view import View


STUCK: Final = "stuck"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the window: a page, its selection (a group, a topic, `TOPIC:PARTITION:OFFSET`) and its filter."""

    page: str
    what: str = ""
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What every page gets. `go` opens another place, sheets open over `window`, and `follow` lets the window show the
    outcome of a write that has begun.
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
        """Returns the `kafkaview` line that shows the same; a verb may have two words."""
        return shell_line(printed_line(*self.profile.options, *command_words(verb.split(), arguments, options)))

    def link(self, title: str, page: str, what: str) -> RowLink:
        """Returns a link from a row to another place."""
        return RowLink(title, partial(self.go, Place(page, what)))


class Page(QWidget):
    """The base class of pages. A page overrides the methods that it needs."""

    id = ""
    title = ""
    icon = ""
    badge_of = STUCK  # what the number beside its name in the rail is of

    finding_changed = Signal(str)
    badge_changed = Signal(int)
    standing_changed = Signal(str)  # how the cluster stands in a few words, for the status bar
    moved = Signal()  # the user went to another place on this page: a new entry of back and forward

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context

    def lay_out(self) -> None:
        """Puts the page's parts in their places. The window does this in a turn after the one in which it makes the
        page: a large one, made at once, would be felt as a pause.
        """

    def lazy_parts(self) -> Sequence[LazyParts[Any, Any]]:
        """Returns parts that the window makes later, when there is time, each piece in a turn of its own."""
        return ()

    def dressed_parts(self) -> Sequence[QWidget]:
        """Returns what is styled, each part by itself: the page, unless most of it is in tabs that are styled alone."""
        return (self,)

    def head_actions(self) -> Sequence[QWidget]:
        """Returns the widgets at the right of the page head: filter, segments, buttons."""
        return ()

    def actions_of_page(self) -> tuple[Action, ...]:
        """Returns the page's actions; they work while the page is shown."""
        return ()

    def note_view(self, view: View) -> None:
        """Takes a new sample while another page is shown, for what is seen outside the page."""

    def show_view(self, view: View) -> None:
        """Shows a new sample while the page is in front, and the last one when it comes to the front. A sample with old
        values and an error says its age by `at_ms`.
        """

    def note_write(self) -> None:
        """A write of this window has ended: what the page has read by itself may be another now."""

    def refresh(self) -> None:
        """Asks now for all that the page itself asks the cluster for."""

    def filter_focus(self) -> None:
        """Puts the cursor into the page's filter."""

    def place(self) -> Place:
        """Returns the place that the page shows."""
        return Place(self.id)

    def go_to(self, place: Place) -> None:
        """Shows a place of this page."""
