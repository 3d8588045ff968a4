"""Who may do what on the resource of the question: principals against operations. A cell asks its question; a principal
leads to its ACLs.
"""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kafkaview.cluster.ports.security import Resource, ResourceType
from kafkaview.security.decision import AclQuestion, Rules
from kafkaview.security.matrix import Row, matrix
from kafkaview.ui.kit.controls import Text, escape_tip, ground
from kafkaview.ui.kit.marks import Mark, MarkLabel
from kafkaview.ui.kit.tables import RowMenu, Table, TableModel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.security.column_looks import matrix_columns
from kafkaview.ui.pages.security.frozen import FrozenColumn

_LEGEND = (
    (Mark.OK, "allowed: a rule names just this"),
    (Mark.IDLE, "inherited: a prefix, every name, every operation, everybody, a super user"),
    (Mark.BAD, "denied: a rule says no, and one DENY wins"),
)


class MatrixPane(QWidget):
    """One table for each type of resource, since its operations are its columns."""

    asks = Signal(object)  # Question
    names = Signal(str)  # the principal that was clicked

    def __init__(self, theme: Theme, menu: RowMenu[Row]) -> None:
        super().__init__()
        self._theme = theme
        self._menu = menu
        self._resource: Resource | None = None
        self._host: str | None = None
        self._tables: dict[ResourceType, Table[Row]] = {}
        self._filter = ""
        self._title = Text(weight=600)
        self._title.setMinimumWidth(40)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._none = Text(tone="text_2", wrap=True)
        ground(self, "surface")
        self._lay_out()

    @property
    def table(self) -> Table[Row] | None:
        """The table in front."""
        return self._tables.get(self._resource.type) if self._resource is not None else None

    def show_rights(self, resource: Resource, rules: Rules, host: str | None = None) -> None:
        """Shows every principal's rights on the resource, from one address or from an address that no rule names."""
        rows = matrix(resource, rules, host=host)
        self._resource, self._host = resource, host
        self._title.setText(f"Who may do what on {resource}{f' from {host}' if host else ''}")
        self._title.setToolTip(escape_tip(str(resource)))
        front = self._table_for(resource.type)
        for table in self._tables.values():
            table.setVisible(table is front and bool(rows))
        self._none.setVisible(not rows)
        self._none.setText(f"No ACL is about {resource}, and no super user is known.")
        front.set_rows(rows)

    def set_filter(self, text: str) -> None:
        """Shows only principals that fit the filter."""
        self._filter = text
        for table in self._tables.values():
            table.rows.set_filter(text)

    def _table_for(self, kind: ResourceType) -> Table[Row]:
        if kind not in self._tables:
            model: TableModel[Row] = TableModel(matrix_columns(kind), lambda row: row.principal)
            model.set_filter(self._filter)
            table: Table[Row] = Table(self._theme, model, f"Rights on a {kind.name}", menu=self._menu)
            table.selectionModel().currentChanged.connect(self._ask_of_cell)
            for view in (table, FrozenColumn(self._theme, table)):
                view.clicked.connect(self._name_principal)
            self._tables[kind] = table
            self._column.insertWidget(self._column.count() - 1, table, 1)
        return self._tables[kind]

    def _ask_of_cell(self, now: QModelIndex, _before: QModelIndex) -> None:
        table = self.table
        if table is None or self._resource is None or not now.isValid() or now.column() == 0:
            return
        row = table.rows.rows[now.row()]
        self.asks.emit(AclQuestion(row.principal, row.cells[now.column() - 1].operation, self._resource, self._host))

    def _name_principal(self, index: QModelIndex) -> None:
        table = self.table
        if table is not None and index.column() == 0:
            self.names.emit(table.rows.rows[index.row()].principal)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(16, 8, 16, 8)
        head.setSpacing(6)
        head.addWidget(self._title, 1)
        for mark, word in _LEGEND:
            head.addWidget(MarkLabel(self._theme, mark, 14))
            text = Text(word.partition(":")[0], size=12, tone="text_2")
            text.setToolTip(escape_tip(word))
            head.addWidget(text)
            head.addSpacing(6)
        self._none.setContentsMargins(16, 8, 16, 8)
        self._column.addLayout(head)
        self._column.addWidget(self._none)
        self._column.addStretch(0)
