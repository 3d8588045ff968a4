"""The groups of a re-route: a tick box, the offset before and after, the members, and which groups are left alone."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from kafkaview.triage.reroute.plan import GROUP_PLAN_FIELDS, GroupPlan, GroupPosition, ReroutePlan
from kafkaview.ui.kit.tables import Column, Look, Table, TableModel, row_columns
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.writes.reroute_words import members

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
        *row_columns(
            GROUP_PLAN_FIELDS,
            {
                "group": Look[GroupPlan](strong=True, tone=_tone),
                "type": Look[GroupPlan](tone=lambda group: _tone(group) or "text_2"),
                "topic_partition": Look[GroupPlan](mono=True, tone=_tone),
                "before": Look[GroupPlan](tone=_tone),
                "after": Look[GroupPlan](strong=True, tone=_tone),
                "members": Look[GroupPlan](value=lambda group: members(group, evict=evict()), stretch=True, tone=_tone),
                "lag_after": Look[GroupPlan](tone=_tone),
            },
        ),
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
