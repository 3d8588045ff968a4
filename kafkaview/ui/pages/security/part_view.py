"""One part of the page: its rows, or why there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.errors import ClusterError, NotAuthorized, UnsupportedByBroker
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.controls import hairline
from kafkaview.ui.kit.layout import column, fill_widget
from kafkaview.ui.kit.query_view import QueryState, QueryView, Subject, sentences
from kafkaview.ui.kit.states import StateAction
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.security.parts import ABOUT, Part
from kafkaview.ui.pages.security.words import OPEN_TEXT, OPEN_TITLE, missing_right_text, open_to_all


class SecurityPartView(QueryView):
    """The query view of a part. Without an authorizer, every principal may do everything."""

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
        below = fill_widget(QWidget(), column(hairline(), last=content), surface=False)
        super().__init__(theme, profile, subject, below, again=again, ways=ways)
        self.part = part
        self._about = about

    def show_rows(self, *, some: bool) -> None:
        """Shows the rows, or that there are none."""
        if some:
            self.show_content()
        else:
            self.show_empty(self._about.empty, self._about.meaning)

    def show_error(self, error: ClusterError) -> None:
        """Shows why the part could not be read, that all is open, or that the broker does not have it."""
        if open_to_all(error):
            self.show_state(QueryState.OPEN, OPEN_TITLE, OPEN_TEXT)
        elif isinstance(error, UnsupportedByBroker):
            self.show_empty(f"{self._about.title} are not kept here", sentences(error))
        else:
            super().show_error(error)

    def lacks(self, error: NotAuthorized) -> str:
        """Returns who may not read the part and what the broker said; it may name another right than usual."""
        return missing_right_text(self._profile, error)
