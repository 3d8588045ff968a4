"""Committed offsets changed from the Groups page, and given back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget

from kafkaview.gallery.offsets import take_offsets
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.groups.offsets_sheet import OffsetsSheet
from kafkaview.ui.writes.member_fields import UndoSheet
from kafkaview.ui.writes.offsets_preview import OffsetsPreview
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.words import last_span
from kafkaview.writes.offsets.request import LiveMembers, OffsetAnchor
from kafkaview.writes.plan import ChangePlan
from tests.kit.stored_commits import LOG
from tests.ui.pages.conftest import PROFILE, Stage
from tests.ui.pages.world import PLACE


async def sheet_of(stage: Stage, group: str) -> OffsetsSheet:
    """The fields for a group that is selected on the page."""
    await stage.until(lambda: stage.window.view is not None and stage.window.view.groups is not None)
    stage.window.go(Place("groups", group))
    await stage.until(lambda: stage.groups.table.selected is not None and stage.groups.table.selected.name == group)
    await stage.until(lambda: stage.groups.detail.partitions.total > 0)
    stage.groups.detail.change.click()
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, OffsetsSheet)
    return sheet


async def plan_of(stage: Stage) -> tuple[PlanDialog[ChangePlan], OffsetsPreview]:
    """The dialog that shows the plan."""
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and dialog.preview.isVisible())
    await stage.until(lambda: not stage.window.tasks.is_running("change.plan"))
    assert isinstance(dialog.preview, OffsetsPreview)
    return dialog, dialog.preview


def choose(sheet: OffsetsSheet, anchor: OffsetAnchor, value: str = "") -> None:
    sheet.target.setCurrentIndex(sheet.target.findData(anchor))
    sheet.value.setText(value)


def committed(stage: Stage, group: str) -> int:
    return stage.world.cluster.grouped[group].committed[PLACE].offset


async def test_offsets_are_changed_and_given_back(stage: Stage) -> None:
    before = committed(stage, "reports")
    sheet = await sheet_of(stage, "reports")
    assert sheet.target.hasFocus()
    choose(sheet, OffsetAnchor.SHIFT, "+2")
    sheet.go.click()
    dialog, preview = await plan_of(stage)
    (row,) = [row for row in preview.model.rows if row.topic_partition == PLACE]
    assert (row.before and row.before.offset, row.after and row.after.offset) == (before, before + 2)
    await stage.until(lambda: preview.skipped.model.total == 2)
    assert [record.offset for record in preview.skipped.model.rows] == [before, before + 1]

    dialog.ask.confirm.click()
    await stage.until(dialog.outcome.isVisible, 40)
    assert committed(stage, "reports") == before + 2
    dialog.ask.cancel.click()
    assert stage.outcome.undo.isVisible()

    stage.outcome.undo.click()
    undo = Veil.over(stage.window)
    assert isinstance(undo, UndoSheet)
    undo.go.click()
    dialog, preview = await plan_of(stage)
    dialog.ask.confirm.click()
    await stage.until(dialog.outcome.isVisible, 40)
    assert committed(stage, "reports") == before


async def test_the_pictures_of_a_change_leave_the_window_uncovered(stage: Stage) -> None:
    taken: list[str] = []

    async def take(_widget: QWidget, name: str) -> None:
        taken.append(name)

    stage.world.cluster.add_topic(LOG)
    stage.window.go(Place("groups"))
    await stage.until(lambda: stage.groups.model.total > 0)
    await take_offsets(stage.window, take)
    assert taken[-2:] == ["offsets-form", "offsets-plan"]
    assert Veil.over(stage.window) is None


async def test_a_group_with_members_is_left_alone_unless_it_is_said_what_to_do(stage: Stage) -> None:
    sheet = await sheet_of(stage, "billing")
    choose(sheet, OffsetAnchor.LATEST)
    sheet.go.click()
    dialog, _preview = await plan_of(stage)
    assert not dialog.ask.confirm.isEnabled()
    assert dialog.plan is not None
    assert "1 member" in dialog.plan.problems[0].message


async def test_the_sheet_says_what_it_cannot_read(stage: Stage) -> None:
    sheet = await sheet_of(stage, "reports")
    for anchor, value, why in (
        (OffsetAnchor.OFFSET, "-5", "An offset is a number from 0."),
        (OffsetAnchor.SHIFT, "5", "Write +N to skip N records, -N to read N again."),
        (OffsetAnchor.GROUP, "", "A value is missing."),
        (OffsetAnchor.LIST, "", "Which file?"),
    ):
        choose(sheet, anchor, value)
        assert (sheet.why_not(), sheet.go.isEnabled()) == (why, False)
    choose(sheet, OffsetAnchor.EARLIEST)
    sheet.live.setCurrentIndex(sheet.live.findData(LiveMembers.WAIT))
    sheet.wait.setText("soon")
    assert sheet.why_not() == "How long to wait is a number of seconds."
    sheet.wait.setText("30")
    assert sheet.go.isEnabled()


async def test_one_partition_alone_is_changed(stage: Stage) -> None:
    sheet = await sheet_of(stage, "reports")
    stage.groups.detail.lags.choose(PLACE)
    sheet.lift()
    sheet = await sheet_of(stage, "reports")
    assert sheet.scope.itemText(1) == f"only {PLACE}"
    sheet.scope.setCurrentIndex(1)
    choose(sheet, OffsetAnchor.OFFSET, "0")
    sheet.go.click()
    _dialog, preview = await plan_of(stage)
    assert [row.topic_partition for row in preview.model.rows] == [PLACE]


async def test_the_offsets_of_a_file_are_read_by_the_engine(stage: Stage, tmp_path: Path) -> None:
    exported = tmp_path / "offsets.csv"
    exported.write_text(f"{PLACE.topic},{PLACE.partition},7\n")
    sheet = await sheet_of(stage, "reports")
    choose(sheet, OffsetAnchor.LIST, str(exported))
    sheet.go.click()
    _dialog, preview = await plan_of(stage)
    assert [(row.topic_partition, row.after and row.after.offset) for row in preview.model.rows] == [(PLACE, 7)]


async def test_a_file_that_cannot_be_read_is_named(stage: Stage, tmp_path: Path) -> None:
    sheet = await sheet_of(stage, "reports")
    choose(sheet, OffsetAnchor.LIST, str(tmp_path / "nowhere.csv"))
    sheet.go.click()
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(dialog.outcome.isVisible)
    assert "nowhere.csv" in dialog.outcome.text.text()


@pytest.mark.parametrize("profile", [ConnectionProfile(PROFILE.name, PROFILE.bootstrap, read_only=True)])
async def test_a_read_only_profile_changes_nothing(stage: Stage) -> None:
    await stage.until(lambda: stage.window.view is not None and stage.window.view.groups is not None)
    stage.window.go(Place("groups", "reports"))
    assert not stage.groups.detail.change.isEnabled()
    assert stage.groups.group_actions.why_not() == "This profile is read-only"


async def test_the_lines_of_groups_say_how_far_back_they_go(stage: Stage) -> None:
    await stage.until(lambda: stage.window.view is not None and stage.window.view.groups is not None)
    stage.window.go(Place("groups", "billing"))
    page = stage.groups
    await stage.until(lambda: page._sparks.span_ms > 0)
    (column,) = (column for column in page.model.columns if column.sparkline is not None)
    assert column.caption == last_span(page._sparks.span_ms).capitalize()
    assert column.title == "Lag over time", "by this its layout is kept"
    await stage.until(lambda: page.detail.tabs.segments._buttons["lag"].text().startswith("Lag, last "))


async def test_every_partition_that_nobody_reads_is_marked(stage: Stage) -> None:
    """Triage has one entry for all of them."""
    stage.window.go(Place("groups", "reports"))
    detail = stage.groups.detail
    await stage.until(lambda: detail._row and detail._row.name == "reports" and detail._row.stuck)
    await stage.until(lambda: detail.partitions.total > 1)
    assert len(detail._stuck_on) == 1
    assert {detail._stands(row) for row in detail.partitions.rows} == {True}
