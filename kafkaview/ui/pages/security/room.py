"""One part of the page: its rows, or why there are none; also that nobody is held to any rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError, NotAuthorized, UnsupportedByBroker
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.controls import hairline
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.query_view import QueryView, Subject, sentences
from kafkaview.ui.kit.states import State, StateAction
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.security.parts import ABOUT, Part
from kafkaview.ui.pages.security.words import OPEN_TEXT, OPEN_TITLE, missing, open_to_all


class SecurityPartView(QueryView):
    """A part that is asked for on its own; `open` where there is no authorizer."""

    def __init__(
        self,
        theme: Theme,
        profile: ConnectionProfile,
        part: Part,
        content: QWidget,
        again: Callable[[], object],
        ways: Sequence[StateAction] = (),
    ) -> None:
        about = ABOUT[part]
        subject = Subject(about.plural, about.asking, " ".join(about.grant), about.grant)
        super().__init__(theme, profile, subject, _below_a_line(content), again, ways)
        self._about = about

    @cached_property
    def open(self) -> State:
        """There is no authorizer."""
        return self._with(State(self._theme, MarkLabel(self._theme, Mark.WARN, 28), OPEN_TITLE, OPEN_TEXT))

    def show_rows(self, *, some: bool) -> None:
        """It was read."""
        if some:
            self.show_content()
        else:
            self.show_empty(self._about.empty, self._about.meaning)

    def show_error(self, error: ClusterError) -> None:
        """It could not be read: what no authorizer keeps is open to all, what no broker knows is not kept here."""
        if open_to_all(error):
            self.setCurrentWidget(self.open)
        elif isinstance(error, UnsupportedByBroker):
            self.show_empty(f"{self._about.title} are not kept here", sentences(error))
        else:
            super().show_error(error)

    def lacks(self, error: NotAuthorized) -> str:
        """Who may not see it, and what the broker said; it names another right than the one asked with, sometimes."""
        return missing(self._profile, error)


def _below_a_line(content: QWidget) -> QWidget:
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(hairline())
    column.addWidget(content, 1)
    return whole
