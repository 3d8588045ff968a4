"""Tables: columns are declared, and one model sorts, filters and copies for all of them."""

from kafkaview.ui.kit.tables.column import Align, Column, created_column, mark_column
from kafkaview.ui.kit.tables.field_columns import Look, cell_columns, row_columns
from kafkaview.ui.kit.tables.filter_field import FilterField
from kafkaview.ui.kit.tables.menu import RowMenu, link_menu
from kafkaview.ui.kit.tables.model import TableModel
from kafkaview.ui.kit.tables.source import ColumnSource, Source, SourceRows
from kafkaview.ui.kit.tables.table import Table

__all__ = [
    "Align",
    "Column",
    "ColumnSource",
    "FilterField",
    "Look",
    "RowMenu",
    "Source",
    "SourceRows",
    "Table",
    "TableModel",
    "cell_columns",
    "created_column",
    "link_menu",
    "mark_column",
    "row_columns",
]
