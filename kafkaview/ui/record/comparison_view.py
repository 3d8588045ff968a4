"""Two records side by side, part by part: at the left the one that was pinned, at the right the one that is shown."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafkaview.records.comparison import RecordComparison
from kafkaview.ui.kit.controls import Button, ButtonKind, Text
from kafkaview.ui.kit.layout import column
from kafkaview.ui.kit.tables import Table, TableModel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.record.difference_columns import difference_columns
from kafkaview.words import plural


class ComparisonView(QWidget):
    """The table of the parts that differ, under a sentence that says how many there are. `turned` asks to pin the
    record that is shown, or to let the pinned one go.
    """

    turned = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = TableModel(difference_columns("Pinned", "This one"), lambda row: row.path)
        self.words = Text(size=12, tone="text_2", wrap=True)
        self.table = Table(theme, self.model, "What differs between the two records")
        self.button = Button(theme, kind=ButtonKind.LINK, clicked=self.turned.emit)
        buttons = QHBoxLayout()
        buttons.addWidget(self.button)
        buttons.addStretch(1)
        self.setLayout(column(self.words, buttons, last=self.table, gap=4))
        self.show_alone(None, shown=False)

    def show_alone(self, pinned: str | None, *, shown: bool) -> None:
        """Says that there is no other record to compare yet."""
        self.model.set_rows(())
        self.table.hide()
        self.button.setVisible(shown or pinned is not None)
        self.button.setText("Pin this record" if pinned is None else "Let it go")
        self.words.setText(
            "Pin this record, then open another: what differs between the two is shown here."
            if pinned is None
            else f"{pinned} is pinned. Open another record to compare it with."
        )

    def show_comparison(self, pinned: str, comparison: RecordComparison) -> None:
        """Shows what differs from the pinned record."""
        differs = plural(len(comparison.differences), "part differs", "parts differ")
        note = f". {comparison.note}" if comparison.note else ""
        self.words.setText(f"{differs} from the pinned {pinned}, {comparison.same} are the same{note}")
        self.button.setText("Let it go")
        self.button.show()
        self.table.show()
        self.model.set_rows(comparison.differences)
