"""An answer of the cluster, or why there is none. Pages, tabs and their parts are shown through it: it alone knows
loading, empty, missing right, failed, partial and stale.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.engine.window_words import window_hint
from kafkaview.failure import Failure
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.grant_line import grant_line, principal_of
from kafkaview.security.hidden_rows import HiddenKind
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.connection_state import why_never
from kafkaview.ui.kit.controls import ground
from kafkaview.ui.kit.lazy_parts import LazyParts
from kafkaview.ui.kit.marks import Chip, Mark, MarkLabel
from kafkaview.ui.kit.states import Loading, MissingRight, State, StateAction
from kafkaview.ui.kit.tables.table import Table
from kafkaview.ui.kit.theme import Theme
from kafkaview.words import join_lines, join_sentences

if TYPE_CHECKING:
    from kafkaview.triage.watch.view import View


class QueryState(StrEnum):
    """What a query view shows: the content, or the state in its place."""

    CONTENT = "content"
    LOADING = "loading"
    EMPTY = "empty"
    GOOD = "good"  # empty, as it should be
    LOCKED = "locked"  # a right is missing
    FAILED = "failed"
    UNKNOWN = "unknown"  # the answer leaves it open
    OPEN = "open"  # nothing restricts it, which is worth a look


_MARKS = {
    QueryState.EMPTY: Mark.IDLE,
    QueryState.GOOD: Mark.OK,
    QueryState.FAILED: Mark.BAD,
    QueryState.UNKNOWN: Mark.UNKNOWN,
    QueryState.OPEN: Mark.WARN,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What is asked for. `plural` goes into "You may not see ..."; `right` is Kafka's name of the right to read it,
    `grant` the end of the kafka-acls.sh line that gives it.
    """

    plural: str
    asking: str
    right: str
    grant: tuple[str, ...]


class QueryView(QWidget):
    """Shows `content` or a state, under a banner if the content is partial or stale. `again` asks once more, `ways` are
    the buttons of an empty one, `why` lets the doctor say why no broker answers.
    """

    def __init__(
        self,
        theme: Theme,
        profile: ConnectionProfile,
        subject: Subject,
        content: QWidget,
        *,
        again: Callable[[], object] | None = None,
        ways: Sequence[StateAction] = (),
        why: Callable[[], object] | None = None,
    ) -> None:
        super().__init__()
        self._theme = theme
        self._profile = profile
        self._subject = subject
        self._content = content
        self._again = again
        self._ways = ways
        self._why = why
        self._grant = subject.grant
        self.named = ""  # the one topic or group that is asked about: the right to that one is enough
        self._do: Callable[[], object] | None = None  # what the banner's button does
        self._kind: BannerKind | None = None  # of what the banner said last
        self._news = ""
        self._meaning: Callable[[], str] = str
        self._countdown = QTimer(self, interval=1000)
        self._banner: Banner | None = None
        self._old = False  # the content is what was last known
        self.state = QueryState.LOADING
        self._stack = QStackedWidget()
        self._parts: LazyParts[QueryState, QWidget] = LazyParts(QueryState, self._make)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        self._stack.addWidget(content)
        self._countdown.timeout.connect(self._say_stale)
        self.show_loading()

    @property
    def banner(self) -> Banner:
        """The line above the content, made when there is something to say."""
        if self._banner is None:
            self._banner = Banner(self._theme)
            self._banner.action.clicked.connect(lambda _checked=False: self._do() if self._do is not None else None)
            self._column.insertWidget(0, self._banner)
        return self._banner

    @property
    def front(self) -> QWidget:
        """The widget in front: the content, or the state in its place."""
        return self._parts[self.state]

    @property
    def shows_content(self) -> bool:
        """Whether the content is in front."""
        return self.state is QueryState.CONTENT

    @property
    def command(self) -> str:
        """The command with which an admin gives the right."""
        return grant_line(self._profile, self._grant)

    def copy_command(self) -> None:
        """Copies that command to the clipboard."""
        QGuiApplication.clipboard().setText(self.command)

    def hasHeightForWidth(self) -> bool:
        """Qt's: it takes what height there is, however its banner wraps."""
        return False

    def show_loading(self) -> None:
        """Shows that the cluster is being asked."""
        self._turn(QueryState.LOADING)

    def show_content(self) -> None:
        """Shows the content. `show_partial` adds what is missing, `show_stale` how old it is."""
        self._turn(QueryState.CONTENT)

    def show_empty(self, title: str, text: str = "", *, good: bool = False) -> None:
        """Shows that there is nothing; `good` if that is as it should be."""
        self.show_state(QueryState.GOOD if good else QueryState.EMPTY, title, text)

    def show_state(self, state: QueryState, title: str, text: str = "") -> None:
        """Shows a state in place of the content."""
        part = self._parts[state]
        assert isinstance(part, State)
        part.say(title, text)
        self._turn(state)

    def show_error(self, error: ClusterError) -> None:
        """Shows why there is no answer. Content of an earlier answer stays and is marked as old."""
        if isinstance(error, NotAuthorized):
            self._grant = tuple(self.named if self.named and part == "*" else part for part in self._subject.grant)
            text = join_lines(self.lacks(error), self.command)
            self.show_state(QueryState.LOCKED, f"You may not see {self._subject.plural}", text)
        elif self.shows_content:
            self._say_banner(BannerKind.STALE, "This is what was last known.", sentences(error), "", None)
        else:
            title = f"{self._subject.plural[:1].upper()}{self._subject.plural[1:]} could not be read"
            self.show_state(QueryState.FAILED, title, f"{sentences(error)} Nothing was changed.")

    def show_sample(self, view: View, names: Sequence[str] | None, kind: HiddenKind) -> str:
        """Shows what a sample lists, or why it lists nothing. Returns the reason; empty if the content is shown."""
        if names is None and not view.errors:
            self.show_loading()
            return self._subject.asking
        if names is None:
            error = view.errors[0]
            self.show_state(QueryState.FAILED, why_never(error), f"{sentences(error)} Nothing was changed.")
            return "The cluster does not answer"
        if not names and not view.errors and view.current:
            self._grant = kind.grant
            self.show_state(QueryState.LOCKED, kind.none, join_lines(kind.why(self._profile), self.command))
            return kind.none
        self.show_content()
        return ""

    def show_partial(self, errors: Sequence[ClusterError], *, silent: str, denied: str = "") -> None:
        """Shows the content and names what is missing: `denied` for want of a right, `silent` for want of an answer."""
        missing = next((error for error in errors if isinstance(error, NotAuthorized)), None)
        if missing is not None:
            news = missing_right_text(self._profile, self._subject)
            self._say_banner(
                BannerKind.PARTIAL, news, denied or sentences(missing), "Copy the ACL command", self.copy_command
            )
        elif errors:
            self._say_banner(BannerKind.PARTIAL, f"{errors[0].message.rstrip('.')}.", silent, "", None)
        else:
            self._hide_banner()

    def show_stale(self, news: str, meaning: Callable[[], str]) -> None:
        """Shows that the content is old. `meaning` is called every second, for it counts down to the next try."""
        self._news, self._meaning = news, meaning
        self._countdown.start()
        self._say_stale()

    def lacks(self, _error: NotAuthorized) -> str:
        """Returns who lacks which right and what to do. The command that gives it is shown below."""
        return f"{missing_right_text(self._profile, self._subject)} Ask an admin for this line, or use another profile."

    def _say_stale(self) -> None:
        self._say_banner(BannerKind.STALE, self._news, self._meaning(), "Look again", self._again)

    def _say_banner(
        self, kind: BannerKind, news: str, meaning: str, action: str, do: Callable[[], object] | None
    ) -> None:
        self._kind, self._do = kind, do
        self._call_old(old=kind is BannerKind.STALE)
        self.banner.say(kind, news, meaning, action or None)

    def _hide_banner(self) -> None:
        self._call_old(old=False)
        if self._banner is not None:
            self._banner.hide()

    def _call_old(self, *, old: bool) -> None:
        """Takes the marks of health from the content while it is what was last known, and gives them back."""
        if old == self._old:
            return
        self._old = old
        for table in self._content.findChildren(Table):
            table.rows.call_old(old=old)
        for chip in self._content.findChildren(Chip):
            chip.call_old(old=old)

    def _turn(self, state: QueryState) -> None:
        """Changes the state. A banner about old content goes; one about partial content stays with it."""
        self._countdown.stop()
        if state is not QueryState.CONTENT or self._kind is BannerKind.STALE:
            self._hide_banner()
        self.state = state
        self._stack.setCurrentWidget(self._parts[state])

    def _make(self, state: QueryState) -> QWidget:
        """Makes a state when it is first shown: most never are."""
        if state is QueryState.CONTENT:
            return self._content
        part: QWidget
        if state is QueryState.LOADING:
            part = Loading(self._theme, self._subject.asking)
        elif state is QueryState.LOCKED:
            copy = StateAction("Copy the ACL command", self.copy_command, "copy")
            part = MissingRight(self._theme, "", ways=(copy,))
        else:
            part = State(self._theme, MarkLabel(self._theme, _MARKS[state], 28), "", ways=self._ways_of(state))
        ground(part, "surface")
        self._stack.addWidget(part)
        return part

    def _ways_of(self, state: QueryState) -> Sequence[StateAction]:
        if state is QueryState.EMPTY:
            return self._ways
        if state not in (QueryState.FAILED, QueryState.UNKNOWN):
            return ()
        if self._again is not None:
            return (StateAction("Ask again", self._again, "refresh-cw"),)
        return (StateAction("Why?", self._why, primary=True),) if self._why is not None else ()


def missing_right_text(profile: ConnectionProfile, subject: Subject) -> str:
    """Returns who lacks the right: `User:oncall lacks DESCRIBE on Cluster.`"""
    return f"{principal_of(profile)} lacks {subject.right}."


def sentences(error: Failure) -> str:
    """Returns an error as sentences: what happened and what to do."""
    return join_sentences(error.message, window_hint(error.hint))
