"""The Features tab: the finalized level of each feature, and which broker supports less."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kafkaview.cluster.ports.coordination import CoordinationMode
from kafkaview.coordination.listed_columns import FEATURE_FIELDS
from kafkaview.coordination.view import CoordinationView
from kafkaview.security.grant_line import DESCRIBE_CLUSTER
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.layout import column, fill_widget, inset
from kafkaview.ui.kit.master_detail import MasterDetail
from kafkaview.ui.kit.page import Context
from kafkaview.ui.kit.query_view import QueryView, Subject
from kafkaview.ui.kit.tables import Align, Column, Look, RowMenu, Table, TableModel, mark_column, row_columns
from kafkaview.ui.pages.coordination.feature_rows import FeatureRow, Support, feature_rows, finding
from kafkaview.ui.pages.coordination.tab import CoordinationTab

_SUBJECT = Subject(
    "the features", "Asking every broker which features it supports", "DESCRIBE on Cluster", DESCRIBE_CLUSTER
)
_ZOOKEEPER = (
    "ZooKeeper's brokers have no levels of features that are agreed on: inter.broker.protocol.version in each broker's "
    "settings says what they may do."
)

FEATURES: tuple[Column[FeatureRow], ...] = (
    mark_column(lambda row: row.mark, lambda row: row.standing, lambda row: not row.behind),
    *row_columns(
        FEATURE_FIELDS,
        {
            "name": Look[FeatureRow](strong=True),
            "finalized": Look[FeatureRow](
                value=lambda row: row.feature.finalized or 0,
                text=lambda row: row.finalized,
                align=Align.LEFT,
                italic=lambda row: not row.feature.finalized,
                tip=lambda row: f"level {row.feature.finalized or 0}",
            ),
            "max": Look[FeatureRow](
                title="All brokers support",
                value=lambda row: row.feature.maximum,
                text=lambda row: row.supported,
                align=Align.LEFT,
            ),
        },
        lambda row: row.feature,
    ),
    Column(
        "Standing",
        lambda row: row.standing,
        width=240,
        stretch=True,
        tone=lambda row: row.mark.text_token if row.behind else None,
    ),
)
SUPPORTS: tuple[Column[Support], ...] = (
    mark_column(lambda row: row.mark, lambda row: row.words, lambda row: not row.behind),
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


class FeaturesTab(CoordinationTab):
    """Every feature; below, what the selected one means and what each broker supports of it."""

    name = "features"
    title = "Features"

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        theme = context.theme
        menu: RowMenu[object] = RowMenu(lambda _row: context.command_line("coordination"))
        self.model: TableModel[FeatureRow] = TableModel(FEATURES, lambda row: row.name)
        self.supports: TableModel[Support] = TableModel(SUPPORTS, lambda row: row.broker)
        self._title = Text(size=15, weight=600)
        self.meaning = Text(tone="text_2", wrap=True)
        table: Table[FeatureRow] = Table(theme, self.model, "Features of the cluster", menu=menu)
        supports: Table[Support] = Table(theme, self.supports, "What each broker supports", menu=menu)
        words = [inset(text, 0, 0) for text in (self._title, self.meaning)]
        detail = fill_widget(QWidget(), column(*words, last=supports, margins=(0, 8, 0, 0), gap=4))
        self.master = MasterDetail(
            theme, table, detail, self._show_feature, sizes=(300, 280), text_of=lambda row: row.name, least=300
        )
        self.line = self.master.line
        self.room = QueryView(theme, context.profile, _SUBJECT, self.master, again=self.look_now.emit)
        self.setLayout(column(self.room))

    def show_coordination(self, view: CoordinationView) -> None:
        """Shows the features, which any principal may see."""
        if view.coordination is None:
            if view.error is not None:
                self.room.show_error(view.error)
            return
        rows = feature_rows(view.coordination)
        silent = [one for one in view.coordination.unseen if one.broker is not None]
        if rows:
            self.room.show_content()
            self.master.say(finding(rows, [one.broker for one in silent if one.broker is not None]))
            self.master.show_rows(rows)
        elif view.mode is CoordinationMode.ZOOKEEPER:
            self.room.show_empty("No features: this is ZooKeeper", _ZOOKEEPER)
        elif silent:
            self.room.show_error(silent[0].error)
        else:
            self.room.show_empty("No broker names a feature", "Brokers do since Kafka 2.7, in KRaft since 3.3.")
        self.say_age_of(view)

    def _show_feature(self, row: FeatureRow | None) -> None:
        if row is not None:
            self._title.setText(row.name)
            self.meaning.setText(row.meaning)
            self.supports.set_rows(row.supports)
