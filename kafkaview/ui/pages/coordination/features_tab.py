"""The Features tab: at which level the cluster works, and which broker could not go further."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kafkaview.cluster.ports.coordination import CoordinationMode
from kafkaview.coordination.view import CoordinationView
from kafkaview.ui.kit.controls import Text, ground, hairline
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import inset, sentences
from kafkaview.ui.kit.roomy_column import Roomy
from kafkaview.ui.kit.states import Empty, Failed, Loading, StateAction
from kafkaview.ui.kit.tables import Align, Column, Table, TableModel
from kafkaview.ui.pages.coordination.dated import DatedBanner
from kafkaview.ui.pages.coordination.feature_rows import FeatureRow, Support, feature_rows, finding
from kafkaview.ui.pages.coordination.tab import Tab

_LEAST_HEIGHT = 300
_ZOOKEEPER = (
    "ZooKeeper's brokers have no levels of features that are agreed on: inter.broker.protocol.version in each broker's "
    "settings says what they may do."
)

FEATURES: tuple[Column[FeatureRow], ...] = (
    Column(
        "",
        lambda row: not row.behind,
        text=lambda row: row.standing,
        mark=lambda row: row.mark,
        align=Align.CENTER,
        width=36,
        tip=lambda row: row.standing,
    ),
    Column("Feature", lambda row: row.name, width=240, strong=True),
    Column(
        "Finalized",
        lambda row: row.feature.finalized or 0,
        text=lambda row: row.finalized,
        width=120,
        italic=lambda row: not row.feature.finalized,
        tip=lambda row: f"level {row.feature.finalized or 0}",
    ),
    Column("All brokers support", lambda row: row.feature.maximum, text=lambda row: row.supported, width=200),
    Column(
        "Standing",
        lambda row: row.standing,
        width=240,
        stretch=True,
        tone=lambda row: row.mark.text_token if row.behind else None,
    ),
)
SUPPORTS: tuple[Column[Support], ...] = (
    Column(
        "",
        lambda row: not row.behind,
        text=lambda row: row.words,
        mark=lambda row: row.mark,
        align=Align.CENTER,
        width=36,
        tip=lambda row: row.words,
    ),
    Column("Broker", lambda row: row.broker, text=lambda row: str(row.broker), width=80, strong=True),
    Column(
        "Supports",
        lambda row: row.levels[1] if row.levels else -1,
        text=lambda row: row.text,
        width=200,
        italic=lambda row: row.levels is None,
    ),
    Column(
        "Standing",
        lambda row: row.words,
        width=240,
        stretch=True,
        tone=lambda row: row.mark.text_token if row.behind else None,
    ),
)


class FeaturesTab(Tab):
    """Every feature flag; below, what the selected one means and what each broker supports of it."""

    name = "features"
    title = "Features"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        theme = context.theme
        self._wanted = ""
        self.line = Text(size=15, weight=600, wrap=True)
        self.model: TableModel[FeatureRow] = TableModel(FEATURES, lambda row: row.name)
        self.table: Table[FeatureRow] = Table(theme, self.model, "Features of the cluster")
        self.supports: TableModel[Support] = TableModel(SUPPORTS, lambda row: row.broker)
        self._title = Text(size=15, weight=600)
        self.meaning = Text(tone="text_2", wrap=True)
        self.loading = Loading(theme, "Asking every broker which features it supports")
        self.empty = Empty(theme, "")
        self.failed = Failed(theme, "", ways=(StateAction("Look again", self.look_now.emit, "refresh-cw"),))
        self._stack = QStackedWidget()
        self.banner = DatedBanner(theme, self.look_now.emit)
        self._lay_out()
        self.table.chosen.connect(self._show_feature)

    def show_told(self, view: CoordinationView) -> None:
        """Show what a look told: features are told to any principal."""
        self.banner.say_of(view)
        if view.told is None:
            if view.error is not None:
                self.failed.say("No broker tells its features", f"{sentences(view.error)} Nothing was changed.")
                self._stack.setCurrentWidget(self.failed)
            return
        rows = feature_rows(view.told)
        if not rows:
            self._say_none(view.mode)
            return
        self._stack.setCurrentWidget(self._body)
        self.line.setText(finding(rows))
        self.table.set_rows(rows)
        if self._wanted and self.table.choose(self._wanted):
            self._wanted = ""
        elif self.table.selected is None:
            self.table.choose(rows[0].name)
        self._show_feature(self.table.selected)

    def what(self) -> str:
        """The feature that is selected."""
        return self.table.selected.name if self.table.selected is not None else ""

    def choose(self, what: str) -> None:
        """Select a feature."""
        self._wanted = "" if self.table.choose(what) else what

    def _say_none(self, mode: CoordinationMode) -> None:
        if mode is CoordinationMode.ZOOKEEPER:
            self.empty.say("No features: this is ZooKeeper", _ZOOKEEPER)
        else:
            self.empty.say("No features are told", "Brokers tell them since Kafka 2.7, in KRaft since 3.3.")
        self._stack.setCurrentWidget(self.empty)

    def _show_feature(self, row: FeatureRow | None) -> None:
        if row is not None:
            self._title.setText(row.name)
            self.meaning.setText(row.meaning)
            self.supports.set_rows(row.supports)

    def _lay_out(self) -> None:
        below = QWidget()
        ground(below, "surface")
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        for text in (self._title, self.meaning):
            column.addLayout(inset(text, 0, 0))
        column.addSpacing(4)
        column.addWidget(Table(self.context.theme, self.supports, "What each broker supports"), 1)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setHandleWidth(1)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.table)
        halves.addWidget(below)
        halves.setSizes([300, 280])
        said = QWidget()
        said.setLayout(inset(self.line))
        self._body = Roomy(self.context.theme, (said, hairline()), halves, _LEAST_HEIGHT)
        ground(self._body.inside, "surface")
        for state in (self.loading, self.empty, self.failed):
            ground(state, "surface")
            self._stack.addWidget(state)
        self._stack.addWidget(self._body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.banner)
        whole.addWidget(self._stack, 1)
