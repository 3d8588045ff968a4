"""The headers of a record in their order: keys may repeat, and a null value is not an empty one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from kafkaview.terms import Header
from kafkaview.ui.kit.bytes_text import text_of
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.tables import Align, Column, Table, TableModel
from kafkaview.ui.kit.theme import Theme


@dataclass(frozen=True, slots=True)
class _HeaderRow:
    place: int
    header: Header
    size: int | None  # None where the value is null


COLUMNS: tuple[Column[_HeaderRow], ...] = (
    Column("#", lambda row: row.place, align=Align.RIGHT, width=44),
    Column("Header", lambda row: row.header.key, mono=True, width=130),
    Column(
        "Value",
        lambda row: text_of(row.header.value),
        mono=True,
        width=90,
        stretch=True,
        italic=lambda row: not row.header.value,
    ),
    Column("Bytes", lambda row: row.size, align=Align.RIGHT, width=70, unknown=lambda _row: "null, not empty"),
)


class HeadersTable(QStackedWidget):
    """The table of all headers, or a line that says why there are none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = TableModel(COLUMNS, lambda row: row.place)
        self.addWidget(Table(theme, self._model, "Headers of the record"))
        self._none = Text(size=12, tone="text_2", wrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.addWidget(self._none)

    def show_headers(
        self,
        headers: Sequence[Header],
        none: str = "This record has no headers.",
        sizes: Sequence[int | None] | None = None,
    ) -> None:
        """Shows these headers, or `none` if there are none. `sizes` are those of values that are here in part."""
        if sizes is None:
            sizes = [None if header.value is None else len(header.value) for header in headers]
        pairs = enumerate(zip(headers, sizes, strict=True))
        self._model.set_rows([_HeaderRow(place, header, size) for place, (header, size) in pairs])
        self._none.setText(none)
        self.setCurrentIndex(0 if headers else 1)
