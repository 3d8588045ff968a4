"""Questions and answers about the mode."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafkaview.ui.kit.controls import Text, ground
from kafkaview.ui.pages.coordination.lessons import Lesson


class LessonList(QWidget):
    """Shows lessons; `below` has room for buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: tuple[Lesson, ...] = ()
        self.below = QHBoxLayout()
        self._lessons = QVBoxLayout()
        self._lessons.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 16, 8)
        column.addLayout(self.below)
        column.addLayout(self._lessons)
        column.addStretch(1)
        ground(self, "surface")

    def show_lessons(self, lessons: Sequence[Lesson]) -> None:
        """Shows these lessons."""
        if tuple(lessons) == self.shown:
            return
        self.shown = tuple(lessons)
        while (item := self._lessons.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for lesson in lessons:
            self._lessons.addWidget(Text(lesson.question, weight=600, wrap=True))
            self._lessons.addWidget(Text(lesson.answer, tone="text_2", wrap=True))
            self._lessons.addSpacing(6)
