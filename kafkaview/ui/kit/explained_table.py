"""A table under a filter, and below it what the selected row means in a few sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from kafkaview.ui.kit.controls import Text, hairline
from kafkaview.ui.kit.flow_layout import make_flow
from kafkaview.ui.kit.layout import column, fill_widget, inset
from kafkaview.ui.kit.tables import FilterField, Table, TableModel
from kafkaview.ui.kit.theme import Theme

T = TypeVar("T")


class ExplainedTable(QWidget, Generic[T]):
    """`explain` says what a row means, `count` how many are shown and of which kind; `beside` are buttons at the right
    of the filter.
    """

    def __init__(
        self,
        theme: Theme,
        table: Table[T],
        hint: str,
        explain: Callable[[T | None], str],
        count: Callable[[TableModel[T]], str],
        *,
        beside: Sequence[QWidget] = (),
    ) -> None:
        super().__init__()
        self.filter = FilterField(theme, hint)
        self.filter.setMaximumWidth(theme.px(260))
        self.table = table
        self.model = table.rows
        self.about = Text(size=12, tone="text_2", wrap=True)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.about.setMinimumHeight(theme.px(52))  # of most rows: a selected one would be pushed out of sight
        self.about.setMaximumHeight(theme.px(96))
        self._count = Text(size=12, tone="text_2")
        self._explain = explain
        self._lay_out(beside)
        self.filter.filter_table(table)
        self.model.shown_changed.connect(lambda: self._count.setText(count(self.model)))
        self.table.chosen.connect(self._show)

    def show_rows(self, rows: Sequence[T]) -> None:
        """Shows rows, and what the selected one means now."""
        self.table.set_rows(rows)
        self._show(self.table.selected)

    def _show(self, row: T | None) -> None:
        self.about.setText(self._explain(row))

    def _lay_out(self, beside: Sequence[QWidget]) -> None:
        above = make_flow(self.filter, self._count, gap=12, grows=self.filter)
        above.setContentsMargins(16, 4, 16, 6)
        above.push()
        for button in beside:
            above.addWidget(button)
        fill_widget(self, column(above, self.table, hairline(), inset(self.about, 6, 8)))
