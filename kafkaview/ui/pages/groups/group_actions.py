"""The writes on the selected group: change its committed offsets, delete them, delete the group."""

from __future__ import annotations

from collections.abc import Callable

from kafkaview.ui.kit.actions import Action
from kafkaview.ui.kit.page import Context
from kafkaview.ui.pages.groups.detail import GroupPane
from kafkaview.ui.pages.groups.offsets_sheet import OffsetsSheet
from kafkaview.ui.pages.groups.rows import GroupRow
from kafkaview.ui.writes.change_kind import open_change
from kafkaview.ui.writes.form_sheet import Make
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.plan import ChangePlan


class GroupActions:
    """Each action opens a plan; when the plan has ended, the cluster is asked again."""

    def __init__(self, context: Context, selected: Callable[[], GroupRow | None], pane: GroupPane) -> None:
        self._context = context
        self._selected = selected
        self._pane = pane

    def actions(self) -> tuple[Action, ...]:
        """Returns the actions of the page."""
        return (
            Action(
                "groups.offsets", "Change committed offsets…", self.change_offsets, ("Ctrl+O",), "skip-forward",
                "Groups", self.why_not,
            ),
            Action(
                "groups.delete-offsets", "Delete the committed offsets of a topic…", self.delete_offsets, (), "trash-2",
                "Groups", self._why_not_delete_offsets,
            ),
            Action("groups.delete", "Delete the group…", self.delete_group, (), "trash-2", "Groups", self.why_not),
        )  # fmt: skip

    def why_not(self) -> str:
        """Returns why nothing can be changed; empty if it can."""
        if self._context.profile.read_only:
            return "This profile is read-only"
        return "" if self._selected() is not None else "No group is selected"

    def change_offsets(self) -> None:
        """Asks where the group's committed offsets shall go."""
        row = self._selected()
        if row is not None:
            chosen = self._pane.selected_partition
            OffsetsSheet(self._context, self._plan, row.name, self._pane.topics, chosen, row.members or 0).open()

    def delete_offsets(self) -> None:
        """Plans to delete the group's committed offsets on the topic of the selected partition."""
        row, place = self._selected(), self._pane.selected_partition
        if row is not None and place is not None:
            self._plan(lambda engine: engine.plan_delete_offsets(row.name, place.topic))

    def delete_group(self) -> None:
        """Plans to delete the group."""
        row = self._selected()
        if row is not None and not self.why_not():
            self._plan(lambda engine: engine.plan_delete_group(row.name))

    def _plan(self, make: Make) -> PlanDialog[ChangePlan]:
        return open_change(self._context, make, lambda _result: self._refresh())

    def _refresh(self) -> None:
        self._context.tasks.start("groups.refresh", self._context.engine.refresh())

    def _why_not_delete_offsets(self) -> str:
        return self.why_not() or ("" if self._pane.selected_partition is not None else "No partition is selected")
