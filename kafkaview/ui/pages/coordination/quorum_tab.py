"""The Quorum tab: figures, picture, what fails if one more controller fails, and the table of replicas."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.cluster.ports.coordination import CoordinationMode
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView
from kafkaview.security.grant_line import DESCRIBE_CLUSTER
from kafkaview.triage.watch.view import View
from kafkaview.ui.kit.controls import Text, hairline
from kafkaview.ui.kit.layout import Splitter, column, fill_widget
from kafkaview.ui.kit.master_detail import MasterDetail
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryState, QueryView, Subject, sentences
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.tab_order import enter
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.pages.coordination.aside import QuorumAside
from kafkaview.ui.pages.coordination.column_looks import NODES
from kafkaview.ui.pages.coordination.figures import Figures
from kafkaview.ui.pages.coordination.no_quorum import NoQuorum
from kafkaview.ui.pages.coordination.picture import QuorumPicture
from kafkaview.ui.pages.coordination.replicas import QuorumNode, nodes_of
from kafkaview.ui.pages.coordination.tab import CoordinationTab
from kafkaview.ui.pages.coordination.voting import Voting

_SUBJECT = Subject(
    "the quorum",
    "Asking every broker what it is coordinated by, then the quorum's leader",
    "DESCRIBE on Cluster",
    DESCRIBE_CLUSTER,
)
_LEAST_HEIGHT, _LEAST_NARROW, _LEAST_ROOM = 430, 800, 240
_NARROW = 600


class QuorumTab(CoordinationTab):
    """The voters and observers, and how far each is behind."""

    name = "quorum"
    title = "Quorum"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        theme = context.theme
        self._view: CoordinationView | None = None
        self._shown: tuple[CoordinationView | None, int | None] = (None, None)
        self.figures = Figures(theme)
        self.picture = QuorumPicture(theme)
        self.aside = QuorumAside(theme)
        self.voting = Voting(self)
        self.aside.lessons.below.addWidget(self.voting)
        self.model: TableModel[QuorumNode] = TableModel(NODES, lambda node: node.id)
        menu: RowMenu[QuorumNode] = RowMenu(lambda _node: context.command_line("coordination"))
        self.table: Table[QuorumNode] = Table(theme, self.model, "Replicas of the metadata log", menu=menu)
        self._above = Splitter("Quorum", (self._make_picture(), self.aside), (600, 500), across=True)
        self.master = MasterDetail(
            theme,
            self.table,
            self._above,
            self._show_node,
            sizes=(390, 200),
            key_of=node_key,
            text_of=lambda node: str(node.id),
            least=0,
            below=True,
            stays=True,
        )
        self.none = NoQuorum()
        self._content = QStackedWidget()
        for part in (self.master, self.none):
            self._content.addWidget(part)
        self.room = QueryView(theme, context.profile, _SUBJECT, self._content, again=self.look_now.emit)
        self._scroll = Roomy(theme, (self.figures, hairline()), self.room, 0)
        self.setLayout(column(self._scroll))
        self.table.opened.connect(lambda _row: enter(self.aside))
        self.picture.chosen.connect(self.table.choose)
        theme.changed.connect(self._fit)

    def vote(self) -> None:
        """Plans to make the selected node a voter, or an observer again."""
        self.voting.button.click()

    def why_no_vote(self) -> str:
        """Returns why that cannot be done; empty if it can."""
        if self.voting.isHidden():
            return "No controller is selected"
        return "" if self.voting.button.isEnabled() else self.voting.button.toolTip()

    def show_coordination(self, view: CoordinationView) -> None:
        """Shows a view of the coordination."""
        self._view = view
        self.figures.show_coordination(view)
        nodes = nodes_of(view)
        if nodes:
            self._content.setCurrentWidget(self.master)
            self.room.show_content()
            self.picture.show_nodes(nodes)
            self.master.show_rows(nodes, first=False)
        else:
            self._say_none(view)
        if view.stale:
            leaderless = view.answer is CoordinationAnswer.LEADERLESS
            what = "Nobody leads the quorum, last seen" if leaderless else "No answer since"
            self.say_age(view, view.quorum_at_ms, what)
        self._fit()

    def show_view(self, view: View) -> None:
        """Shows the mode, which any principal may see."""
        self.figures.say_mode(view.info.mode if view.info is not None else None)

    def _say_none(self, view: CoordinationView) -> None:
        """Shows why there is no quorum here."""
        evidence = " ".join(view.coordination.evidence) if view.coordination is not None else ""
        if view.missing_right is not None:
            self.room.show_error(view.missing_right)
        elif view.coordination is None and view.error is None:
            self.room.show_loading()
        elif view.answer is CoordinationAnswer.YES and view.mode is CoordinationMode.UNKNOWN:
            said = evidence or "No broker says which requests it takes."
            self.room.show_state(QueryState.UNKNOWN, "KRaft or ZooKeeper: unknown", said)
        elif view.answer is CoordinationAnswer.YES:
            self.none.show_coordination(view)
            self._content.setCurrentWidget(self.none)
            self.room.show_content()
        elif view.answer is CoordinationAnswer.LEADERLESS:
            title = "The quorum is lost" if view.lost else "Nobody leads the quorum"
            self.room.show_state(QueryState.FAILED, title, f"{evidence} Nothing of it was known before.".strip())
        else:
            error = sentences(view.error) if view.error is not None else ""
            text = " ".join(filter(None, (evidence, error, "Nothing was changed.")))
            self.room.show_state(QueryState.FAILED, "No broker says who coordinates", text)

    def _show_node(self, node: QuorumNode | None) -> None:
        shown = (self._view, node.id if node is not None else None)
        if shown == self._shown:  # the table tells its selection anew with every look
            return
        self._shown = shown
        self.picture.set_current(shown[1])
        if self._view is not None:
            self.aside.show_coordination(self._view, node)
            self.voting.show_node(self._view, node)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Puts picture and words one above the other, in an area that scrolls, where text is large for the window."""
        narrow = self.width() < self.context.theme.px(_NARROW)
        self._above.setOrientation(Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal)
        least = _LEAST_NARROW if narrow else _LEAST_HEIGHT
        shows_nodes = self.room.shows_content and self._content.currentWidget() is self.master
        self._scroll.set_least(least if shows_nodes else _LEAST_ROOM)

    def _make_picture(self) -> QWidget:
        title = Text("The further out, the further behind the leader", size=12, weight=600)
        legend = Text("round: votes   ·   square: observes   ·   dashed: silent", size=11, tone="text_3")
        parts = column(title, margins=(16, 12, 8, 8), gap=2)
        parts.addWidget(self.picture, 1)
        parts.addWidget(legend)
        return fill_widget(QWidget(), parts)


def node_key(text: str) -> Hashable | None:
    """Returns the key of a node or broker in a place: its id."""
    return int(text) if text.isdecimal() else None
