"""Tables: columns are declared, and one model sorts, filters and copies for all of them."""

from kafkaview.ui.tables.column import Align, Column
from kafkaview.ui.tables.field import FilterField
from kafkaview.ui.tables.model import TableModel
from kafkaview.ui.tables.source import ColumnSource, Source
from kafkaview.ui.tables.table import Table

__all__ = ["Align", "Column", "ColumnSource", "FilterField", "Source", "Table", "TableModel"]
