"""What the Quorum tab shows where there is no quorum: still asking, a right missing, ZooKeeper, nobody tells."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.ports.coordination import CoordinationMode
from kafkaview.cluster.ports.zookeeper import MigrationPhase
from kafkaview.coordination.migration import migration_sight
from kafkaview.coordination.view import CoordinationView, Told
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.security.grant_line import grant_line, principal_of
from kafkaview.ui.kit.controls import Text, ground
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.states import Failed, Loading, MissingRight, State, StateAction
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.coordination.lesson_list import LessonList
from kafkaview.ui.pages.coordination.lessons import lessons


class QuorumStates(QStackedWidget):
    """One of those states."""

    def __init__(self, theme: Theme, profile: ConnectionProfile, look: Callable[[], object]) -> None:
        super().__init__()
        self._profile = profile
        self._loading = Loading(theme, "Asking every broker what it is coordinated by, then the quorum's leader")
        copy = StateAction("Copy the ACL command", self.copy_command, "copy")
        self._locked = MissingRight(theme, "You may not see the quorum", ways=(copy,))
        self.none = _Without()
        again = StateAction("Look again", look, "refresh-cw")
        self._failed = Failed(theme, "Nobody tells who coordinates", ways=(again,))
        self._unknown = State(theme, MarkLabel(theme, Mark.UNKNOWN, 28), "KRaft or ZooKeeper: not told", ways=(again,))
        for state in (self._loading, self._locked, self._failed, self._unknown):
            ground(state, "surface")
            self.addWidget(state)
        self.addWidget(self.none)

    def copy_command(self) -> None:
        """To the clipboard."""
        QGuiApplication.clipboard().setText(grant_line(self._profile))

    def show_told(self, view: CoordinationView) -> None:
        """Say why there is no quorum here."""
        if view.missing_right is not None:
            who = principal_of(self._profile)
            told = f"{who} lacks DESCRIBE on Cluster. Ask an admin for this line, or use another profile."
            self._locked.say("You may not see the quorum", f"{told}\n{grant_line(self._profile)}")
            self.setCurrentWidget(self._locked)
        elif view.told is None and view.error is None:
            self.setCurrentWidget(self._loading)
        elif view.answer is Told.YES and view.mode is CoordinationMode.UNKNOWN:
            said = " ".join(view.told.evidence) if view.told is not None else ""
            self._unknown.say("KRaft or ZooKeeper: not told", said or "No broker says which requests it takes.")
            self.setCurrentWidget(self._unknown)
        elif view.answer is Told.YES:
            self.none.show_told(view)
            self.setCurrentWidget(self.none)
        else:
            self._say_failed(view)
            self.setCurrentWidget(self._failed)

    def _say_failed(self, view: CoordinationView) -> None:
        if view.answer is Told.LEADERLESS:
            title = "The quorum is lost" if view.lost else "Nobody leads the quorum"
            evidence = view.told.evidence if view.told is not None else ()
            self._failed.say(title, " ".join((*evidence, "Nothing of it was known before.")))
            return
        said = [view.error.message.removesuffix(".") + ".", view.error.hint] if view.error is not None else []
        evidence = view.told.evidence if view.told is not None else ()
        self._failed.say("Nobody tells who coordinates", " ".join([*evidence, *said, "Nothing was changed."]))


class _Without(QScrollArea):
    """A cluster that has no quorum, or none yet: who is the controller, and what that means."""

    def __init__(self) -> None:
        super().__init__()
        self.title = Text(size=15, weight=600, wrap=True)
        self.text = Text(tone="text_2", wrap=True)
        self.lessons = LessonList()
        inside = QWidget()
        ground(inside, "surface")
        column = QVBoxLayout(inside)
        column.setContentsMargins(20, 20, 20, 12)
        column.setSpacing(8)
        for part in (self.title, self.text):
            column.addWidget(part)
        column.addSpacing(8)
        column.addWidget(self.lessons, 1)
        self.setWidgetResizable(True)
        self.setWidget(inside)

    def show_told(self, view: CoordinationView) -> None:
        """Say it of a look."""
        controller = view.told.controller_id if view.told is not None else None
        if view.mode is CoordinationMode.ZOOKEEPER:
            self.title.setText("No quorum of controllers: ZooKeeper elects one broker as the controller")
            told = f"Broker {controller} is the controller." if controller is not None else "No broker says who it is."
        else:
            self.title.setText("On its way from ZooKeeper to KRaft, and no quorum is told yet")
            told = f"Controller {controller} rules." if controller is not None else ""
        self.text.setText(f"{told} {_move(view)}".strip())
        self.lessons.show_lessons(lessons(view, None))


def _move(view: CoordinationView) -> str:
    """How far a move to KRaft has come, and the next step."""
    sight = migration_sight(view.told) if view.told is not None else None
    if sight is None or sight.phase is MigrationPhase.NONE:
        return ""
    following = f" Next: {sight.next_step}" if sight.next_step else ""
    return f"{sight.name}. {sight.meaning}{following}"
