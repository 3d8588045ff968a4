"""Tables: columns are declared, and one model sorts, filters and copies for all of them."""

from kafkaview.ui.kit.tables.column import Align, Column
from kafkaview.ui.kit.tables.filter_field import FilterField
from kafkaview.ui.kit.tables.menu import RowMenu
from kafkaview.ui.kit.tables.model import TableModel
from kafkaview.ui.kit.tables.source import Coded, ColumnSource, Source, SourceRows
from kafkaview.ui.kit.tables.table import Table

__all__ = [
    "Align",
    "Coded",
    "Column",
    "ColumnSource",
    "FilterField",
    "RowMenu",
    "Source",
    "SourceRows",
    "Table",
    "TableModel",
]
