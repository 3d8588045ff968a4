"""The pane beside the picture: what fails if one more controller fails, who is behind, or what a node does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kafkaview.coordination.history import HOUR_MS
from kafkaview.coordination.view import CoordinationView
from kafkaview.ui.kit.controls import Text, bold_text, escape_text
from kafkaview.ui.kit.layout import column, fill_widget, make_scroll_area
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.plots import LagPlot, Line
from kafkaview.ui.kit.tab_stack import TabStack
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.coordination.leaders import LeaderBar
from kafkaview.ui.pages.coordination.lesson_list import LessonList
from kafkaview.ui.pages.coordination.lessons import lessons
from kafkaview.ui.pages.coordination.orbits import MANY
from kafkaview.ui.pages.coordination.replicas import QuorumNode, nodes_of
from kafkaview.ui.pages.coordination.words import Remark, consequence, remarks
from kafkaview.words import last_span

_MOST_POINTS = 300
_TITLES = ("Leaders", "Records behind the leader")
_NO_FOLLOWER = "No follower: nothing to be behind."
_TONES = {Mark.BAD: "bad_solid", Mark.WARN: "warn_solid"}


class QuorumAside(QWidget):
    """Two tabs: `Now`, and the selected node."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.now = _Now(theme)
        self.lessons = LessonList()
        self.tabs: TabStack[QWidget] = TabStack(
            {
                "now": ("Now", make_scroll_area(self.now)),
                "node": ("What it means", make_scroll_area(self.lessons)),
            },
            low=True,
        )
        parts = column(margins=(20, 10, 4, 0), gap=8)
        parts.addWidget(self.tabs.segments, alignment=Qt.AlignmentFlag.AlignLeft)
        parts.addWidget(self.tabs, 1)
        fill_widget(self, parts)

    def show_coordination(self, view: CoordinationView, node: QuorumNode | None) -> None:
        """Shows a new view, or another node."""
        self.tabs.set_title("node", node.name.capitalize() if node is not None else "What it means")
        self.now.show_coordination(view, node)
        self.lessons.show_lessons(lessons(view, node))


class _Now(QWidget):
    """The consequence, the remarks, the leaders and the lag."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.title = Text(weight=600, wrap=True)
        self.text = Text(tone="text_2", wrap=True)
        self.shown: tuple[Remark, ...] = ()
        self._remarks = QVBoxLayout()
        self._remarks.setSpacing(6)
        self.leaders = LeaderBar(theme)
        self.plot = _LowPlot(theme)
        self.titles = tuple(Text(title, size=12, weight=600) for title in _TITLES)
        led, behind = self.titles
        parts = column(self.title, self.text, self._remarks, led, self.leaders, behind, last=self.plot, gap=6)
        parts.setContentsMargins(0, 0, 16, 8)
        self.setLayout(parts)

    def show_coordination(self, view: CoordinationView, selected: QuorumNode | None) -> None:
        """Shows a new view."""
        said = consequence(view)
        self.title.setText(said.title)
        self.text.setText(said.text)
        self._show_remarks(remarks(view))
        begin = max(view.watched_since_ms or 0, view.at_ms - HOUR_MS)
        span = f", {last_span(view.at_ms - begin)}" if view.watched_since_ms is not None else ""
        for text, title in zip(self.titles, _TITLES, strict=True):
            text.setText(f"{title}{span}")
        self.leaders.show_coordination(view, begin)
        self._plot(view, selected)

    def _plot(self, view: CoordinationView, selected: QuorumNode | None) -> None:
        followers = [node for node in nodes_of(view) if not node.leader]
        drawn = [node for node in followers if len(followers) <= MANY or node.voter or _worth(node, selected)]
        self.plot.nothing = "" if followers else _NO_FOLLOWER
        self.plot.show_lines([_line(view, node, selected) for node in drawn], from_zero=True)
        self.plot.say("Offsets behind the leader: " + ", ".join(map(_lag, followers)))

    def _show_remarks(self, remarks: tuple[Remark, ...]) -> None:
        if remarks == self.shown:
            return
        self.shown = remarks
        while (item := self._remarks.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for remark in remarks:
            self._remarks.addWidget(_RemarkRow(self._theme, remark))


class _LowPlot(LagPlot):
    """A plot that asks for little height and takes what there is. A lag of a record or two is drawn as a flat line."""

    least_top = 20.0

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(300), self._theme.px(110))

    def minimumSizeHint(self) -> QSize:
        """Qt's."""
        return QSize(self._theme.px(160), self._theme.px(110))


class _RemarkRow(QWidget):
    """A mark, the news in bold, and the advice."""

    def __init__(self, theme: Theme, remark: Remark) -> None:
        super().__init__()
        text = Text(f"{bold_text(remark.news)} {escape_text(remark.advice)}", size=12, wrap=True, rich=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(7)
        row.addWidget(MarkLabel(theme, remark.mark, 14), alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        self.setAccessibleName(f"{remark.news} {remark.advice}")


def _line(view: CoordinationView, node: QuorumNode, selected: QuorumNode | None) -> Line:
    points = view.lags.get(node.id, ())
    step = max(1, len(points) // _MOST_POINTS)
    thinned = tuple(reversed(points[::-1][::step]))  # the last one stays
    return Line(thinned, _TONES.get(node.mark, "series_1"), node.name if _worth(node, selected) else "", node.name)


def _worth(node: QuorumNode, selected: QuorumNode | None) -> bool:
    return node.mark in _TONES or (selected is not None and node.id == selected.id)


def _lag(node: QuorumNode) -> str:
    return f"{node.name} {'unknown' if node.replica.lag is None else node.replica.lag}"
