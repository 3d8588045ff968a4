"""A cluster that has no quorum, or none yet: who is the controller, and what that means."""

from __future__ import annotations

from PySide6.QtWidgets import QScrollArea, QWidget

from kafkaview.cluster.ports.coordination import CoordinationMode
from kafkaview.cluster.ports.zookeeper import MigrationPhase
from kafkaview.coordination.migration import migration_sight
from kafkaview.coordination.view import CoordinationView
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column, fill_widget
from kafkaview.ui.pages.coordination.lesson_list import LessonList
from kafkaview.ui.pages.coordination.lessons import lessons


class NoQuorum(QScrollArea):
    """A cluster that has no quorum, or none yet: who is the controller, and what that means."""

    def __init__(self) -> None:
        super().__init__()
        self.title = Text(size=15, weight=600, wrap=True)
        self.text = Text(tone="text_2", wrap=True)
        self.lessons = LessonList()
        parts = column(self.title, self.text, last=self.lessons, margins=(20, 20, 20, 12), gap=8)
        self.setWidgetResizable(True)
        self.setWidget(fill_widget(QWidget(), parts))

    def show_coordination(self, view: CoordinationView) -> None:
        """Shows the controller of a cluster without a quorum."""
        controller = view.coordination.controller_id if view.coordination is not None else None
        if view.mode is CoordinationMode.ZOOKEEPER:
            self.title.setText("No quorum of controllers: ZooKeeper elects one broker as the controller")
            said = f"Broker {controller} is the controller." if controller is not None else "No broker says who it is."
        else:
            self.title.setText("On its way from ZooKeeper to KRaft, and there is no quorum yet")
            said = f"Controller {controller} rules." if controller is not None else ""
        self.text.setText(f"{said} {_move(view)}".strip())
        self.lessons.show_lessons(lessons(view, None))


def _move(view: CoordinationView) -> str:
    """Returns how far a migration to KRaft has come, and the next step."""
    sight = migration_sight(view.coordination) if view.coordination is not None else None
    if sight is None or sight.phase is MigrationPhase.NONE:
        return ""
    following = f" Next: {sight.next_step}" if sight.next_step else ""
    return f"{sight.name}. {sight.meaning}{following}"
