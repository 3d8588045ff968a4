"""The groups of a re-route: a tick box, the offset before and after, the members, and which groups are left alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kafkaview.triage.reroute.plan import GroupPlan, GroupPosition, ReroutePlan
from kafkaview.ui.kit.tables import Align, Column, Table, TableModel
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.reroute_words import members
from kafkaview.words import name_text

_MOST_ROWS = 10  # that are seen at once: a record may stop a thousand groups


class GroupsTable(Table[GroupPlan]):
    """One row per group and partition. A group on several partitions is ticked as a whole."""

    ticked = Signal(str, bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self._evict = False
        columns = _columns(lambda: self._evict)
        model = TableModel(columns, key=lambda group: (group.group, group.topic_partition))
        super().__init__(theme, model, "Groups of the plan", parent)
        model.ticked.connect(lambda group, checked: self.ticked.emit(group.group, checked))
        theme.changed.connect(self._fit)
        self.horizontalScrollBar().rangeChanged.connect(self._fit)

    def show_plan(self, plan: ReroutePlan) -> None:
        """Shows the groups that move, then in grey those that are left alone, with the reason."""
        self._evict = plan.evict
        self.set_rows(sorted((*plan.moves, *plan.left_alone), key=_order))
        self._fit()

    def _fit(self) -> None:
        self.fit_rows(_MOST_ROWS)


def _columns(evict: Callable[[], bool]) -> tuple[Column[GroupPlan], ...]:
    return (
        Column("", _is_ticked, width=32, checked=_is_ticked),
        Column("Group", lambda group: name_text(group.group), width=150, strong=True, tone=_tone),
        Column("Type", lambda group: group.type.value, width=78, tone=lambda group: _tone(group) or "text_2"),
        Column("Partition", lambda group: str(group.topic_partition), width=92, mono=True, tone=_tone),
        Column(
            "Before",
            lambda group: group.before.offset if group.before else None,
            align=Align.RIGHT,
            width=84,
            tone=_tone,
        ),
        Column("After", lambda group: group.after, align=Align.RIGHT, width=84, strong=True, tone=_tone),
        Column("Members", lambda group: members(group, evict=evict()), width=150, stretch=True, tone=_tone),
        Column("Lag after", lambda group: group.lag_after, align=Align.RIGHT, width=84, tone=_tone),
    )


def _is_ticked(group: GroupPlan) -> bool | None:
    if group.after is not None:
        return True
    return False if group.standing is GroupPosition.UNTICKED else None


def _tone(group: GroupPlan) -> str | None:
    return None if group.after is not None else "text_3"


def _order(group: GroupPlan) -> tuple[bool, bool, str, int]:
    """Returns the sorting key of a row. An unticked group keeps its place; groups already past the record come last."""
    asked = group.after is not None or group.standing is GroupPosition.UNTICKED
    return (not asked, group.standing is GroupPosition.PAST, group.group, group.topic_partition.partition)
