"""The groups of a plan: a box to tick, before and after, what happens to their members, and who is left alone."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QWidget

from kafkaview.triage.plan import GroupPlan, ReroutePlan, Standing
from kafkaview.ui.controls import Text, hairline
from kafkaview.ui.formats import number
from kafkaview.ui.plan.words import members
from kafkaview.ui.theme import Theme
from kafkaview.ui.triage.evidence import clear

_HEADS = ("", "Group", "Type", "Partition", "Before", "After", "Members", "Lag after")
_RIGHT = {"Before", "After", "Lag after"}
_WIDTHS = (24, 96, 76, 78, 66, 66, 0, 66)  # pixels whatever the text's size: large text has no width to spare
_MEMBERS = _HEADS.index("Members")


class GroupsTable(QWidget):
    """One row per group and partition. A group on several partitions is ticked as a whole."""

    ticked = Signal(str, bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._boxes: dict[str, QCheckBox] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(_MEMBERS, 1)

    def show_plan(self, plan: ReroutePlan) -> None:
        """Show the groups that move, then those that are left alone, in grey with why."""
        focused = next((group for group, box in self._boxes.items() if box.hasFocus()), None)
        clear(self._grid)
        self._boxes = {}
        self._heads()
        rows = sorted((*plan.moves, *plan.left_alone), key=_order)
        for place, group in enumerate(rows):
            self._row(2 * place + 2, group, evict=plan.evict)
        if focused in self._boxes:
            self._boxes[focused].setFocus()

    def box(self, group: str) -> QCheckBox:
        """The box of one group."""
        return self._boxes[group]

    def _heads(self) -> None:
        for column, head in enumerate(_HEADS):
            text = Text(head, size=11, weight=600, tone="text_2")
            text.setFixedHeight(self._theme.px(26))
            text.setMinimumWidth(_WIDTHS[column])
            text.setAlignment(_side(head))
            self._grid.addWidget(text, 0, column, _side(head))
        self._grid.addWidget(hairline(), 1, 0, 1, len(_HEADS))

    def _row(self, line: int, group: GroupPlan, *, evict: bool) -> None:
        tone = "text" if group.after is not None else "text_3"
        cells = (
            Text(group.group, weight=600, tone=tone),
            Text(group.type.value, tone="text_2" if group.after is not None else "text_3"),
            Text(str(group.topic_partition), size=12, mono=True, tone=tone),
            Text(number(group.before.offset if group.before else None), tone=tone),
            Text(number(group.after), weight=600 if group.after is not None else 400, tone=tone),
            Text(members(group, evict=evict), tone=tone, wrap=True),
            Text(number(group.lag_after), tone=tone),
        )
        self._grid.addWidget(self._box(group), line, 0)
        for column, (cell, head) in enumerate(zip(cells, _HEADS[1:], strict=True), start=1):
            cell.setMinimumHeight(self._theme.px(25))
            if head == "Members":
                self._grid.addWidget(cell, line, column)
            else:
                self._grid.addWidget(cell, line, column, _side(head))
        self._grid.addWidget(hairline(), line + 1, 0, 1, len(_HEADS))

    def _box(self, group: GroupPlan) -> QCheckBox:
        box = QCheckBox()
        box.setChecked(group.after is not None)
        box.setEnabled(group.after is not None or group.standing is Standing.UNTICKED)
        box.setAccessibleName(f"Move {group.group} past the record")
        box.setToolTip("" if box.isEnabled() else group.note)
        box.clicked.connect(lambda checked, name=group.group: self.ticked.emit(name, checked))
        self._boxes.setdefault(group.group, box)
        return box


def _order(group: GroupPlan) -> tuple[bool, bool, str, int]:
    """An unticked group keeps its place among those that move; those already past the record come last."""
    asked = group.after is not None or group.standing is Standing.UNTICKED
    return (not asked, group.standing is Standing.PAST, group.group, group.topic_partition.partition)


def _side(head: str) -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignVCenter | (
        Qt.AlignmentFlag.AlignRight if head in _RIGHT else Qt.AlignmentFlag.AlignLeft
    )
