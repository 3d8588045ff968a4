"""Tables: columns are declared, and one model sorts, filters and copies for all of them."""

from kafkaview.ui.tables.column import Align, Column
from kafkaview.ui.tables.field import FilterField
from kafkaview.ui.tables.model import TableModel
from kafkaview.ui.tables.source import Coded, ColumnSource, Rows, Source
from kafkaview.ui.tables.table import Table

__all__ = ["Align", "Coded", "Column", "ColumnSource", "FilterField", "Rows", "Source", "Table", "TableModel"]
