"""The plan dialog on a fake cluster: shown, changed, confirmed, carried out, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.journal.entry import EntryState
from kafkaview.journal.search import JournalRequest
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Isolation, TopicPartition
from kafkaview.triage.reroute.plan import ReroutePlan
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.ui.kit.preferences import Remembered
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.window.closing_sheet import ClosingSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.reroute_kind import reroute_dialog
from kafkaview.ui.writes.reroute_preview import ReroutePreview
from kafkaview.writes.plan import command_line
from tests.ui.pages.conftest import Stage
from tests.ui.pages.world import PLACE


async def copies(stage: Stage) -> int:
    """Committed records in the dead letter queue."""
    if "orders-dlq" not in stage.world.cluster.logged:
        return 0
    starts = {TopicPartition("orders-dlq", p): 0 for p in range(len(stage.world.cluster.logged["orders-dlq"].logs))}
    batches = stage.world.cluster.read(starts, isolation=Isolation.READ_COMMITTED)
    return sum([len(batch.records) async for batch in batches])


def committed(stage: Stage, group: str) -> int:
    return stage.world.cluster.grouped[group].committed[PLACE].offset


def preview_of(sheet: PlanDialog[ReroutePlan]) -> ReroutePreview:
    assert isinstance(sheet.preview, ReroutePreview)
    return sheet.preview


def ticks(sheet: PlanDialog[ReroutePlan]) -> dict[str, bool | None]:
    """Whether each group is ticked; None where it cannot be."""
    tick = preview_of(sheet).groups.rows.columns[0].checked
    assert tick is not None
    return {group.group: tick(group) for group in preview_of(sheet).groups.rows.rows}


def left_alone(sheet: PlanDialog[ReroutePlan]) -> set[str]:
    assert sheet.plan is not None
    return {group.group for group in sheet.plan.left_alone}


def click_box(sheet: PlanDialog[ReroutePlan], group: str) -> None:
    table = preview_of(sheet).groups
    row = next(row for row, one in enumerate(table.rows.rows) if one.group == group)
    at = table.visualRect(table.rows.index(row, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)


async def replanned(stage: Stage) -> None:
    await stage.until(lambda: not stage.window.tasks.is_running("plan"))


async def test_the_plan_shows_every_group_and_writes_nothing(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    assert sheet.plan is not None
    assert sheet.plan.title == "Send 1 record to orders-dlq, move 3 groups past it"
    assert ticks(sheet) == {"audit": True, "billing": True, "shipping": True} | dict.fromkeys(left_alone(sheet))
    assert "analytics" in left_alone(sheet)
    click_box(sheet, "analytics")
    assert not stage.window.tasks.is_running("plan")
    sheet.ask.cancel.click()
    assert "orders-dlq" not in stage.world.cluster.logged
    assert committed(stage, "billing") == stage.world.poison.offset


async def test_an_unticked_group_leaves_the_plan_and_its_command_line(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    click_box(sheet, "audit")
    await stage.until(lambda: sheet.plan is not None and len(sheet.plan.moves) == 2)
    await replanned(stage)
    assert sheet.plan is not None
    assert "audit" not in command_line(stage.session.profile, sheet.plan)
    assert b"audit" not in [header.value for header in sheet.plan.copies[0].added_headers]
    click_box(sheet, "audit")
    await stage.until(lambda: sheet.plan is not None and len(sheet.plan.moves) == 3)


async def test_good_records_between_are_passed_over_only_when_asked(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    assert preview_of(sheet).between_box.isVisible()
    assert not preview_of(sheet).between_box.isChecked()
    preview_of(sheet).between_box.click()
    await stage.until(lambda: sheet.plan is not None and len(sheet.plan.copies) > 1)
    await replanned(stage)
    assert sheet.plan is not None
    assert "reports" in {move.group for move in sheet.plan.moves}


async def test_one_click_moves_the_groups_and_the_page_shows_it(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    sheet.ask.confirm.click()
    await stage.until(sheet.outcome.isVisible)
    assert sheet.outcome.title.text() == "billing moves again, audit and shipping too"
    assert await copies(stage) == 1
    assert committed(stage, "billing") > stage.world.poison.offset
    sheet.ask.cancel.click()
    assert stage.outcome.isVisible()
    await stage.until(lambda: {row.group for row in stage.triage._rows} == {"reports"})
    stage.outcome.dismiss.click()
    assert not stage.outcome.isVisible()


async def test_closing_while_it_watches_lets_it_go_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafkaview.writes.follow_up.HOLD_SECONDS", 1.0)
    await stage.choose("billing")
    sheet = await stage.plan()
    sheet.ask.confirm.click()
    await stage.until(lambda: sheet.ask.cancel.text() == "Close")
    sheet.ask.cancel.click()
    assert stage.window.tasks.is_running("reroute")
    await stage.until(stage.outcome.isVisible)
    assert stage.outcome.words.title.text() == "billing moves again, audit and shipping too"


async def test_closing_the_window_while_it_watches_asks_and_is_told_to_the_next_one(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("kafkaview.writes.follow_up.HOLD_SECONDS", 30.0)
    remembered, closed = Remembered(tmp_path / "window.json"), list[bool]()
    monkeypatch.setattr(stage.window._writes, "_remembered", remembered)
    stage.window.close_wanted.connect(lambda: closed.append(True))
    await stage.choose("billing")
    sheet = await stage.plan()
    sheet.ask.confirm.click()
    await stage.until(lambda: sheet.ask.cancel.text() == "Close")
    stage.window.close()
    question = Veil.over(stage.window)
    assert isinstance(question, ClosingSheet)
    assert closed == []
    question.close_now.click()
    assert closed == [True]
    await stage.window.tasks.close()  # as the program ends a window
    stage.window._writes.keep()
    cut_off = stage.window._writes.take_cut_off()
    assert cut_off is not None
    await stage.window._tell_cut_off(stage.triage.context.engine, *cut_off)
    said = stage.window._notice.accessibleName()
    assert said.startswith("This window was closed in the middle of a write. Send 1 record to orders-dlq")
    assert "it is written (journal entry" in said or "look at what stands now (journal entry" in said, said


async def test_a_group_that_moved_meanwhile_is_not_overwritten(stage: Stage) -> None:
    stage.grows = False
    for _ in range(40):
        stage.world.grow()
    stage.grows = True
    await stage.choose("billing")
    sheet = await stage.plan()
    stage.world.cluster.poisons.clear()
    await stage.until(lambda: committed(stage, "billing") > stage.world.poison.offset)
    sheet.ask.confirm.click()
    await stage.until(sheet.outcome.isVisible)
    assert sheet.outcome.title.text() == "The plan no longer holds, nothing was written"
    assert await copies(stage) == 0
    assert sheet.ask.retry.isVisible()


async def test_a_refused_queue_name_has_a_replacement_one_click_away(stage: Stage) -> None:
    stage.world.cluster.add_topic("orders.v1", 1)
    poison = stage.world.cluster.add_record("orders.v1", b"\xff", poison=True)
    stage.world.cluster.add_topic("orders_v1-dlq", 1)
    sheet = reroute_dialog(stage.triage.context, RerouteRequest((poison,), groups=()))
    sheet.open()
    await stage.until(lambda: sheet.plan is not None and not stage.window.tasks.is_running("plan"))
    box = preview_of(sheet).other_queue_box
    assert (box.isVisible(), box.isChecked(), sheet.ask.confirm.isEnabled()) == (True, False, False)
    assert box.words == "Send to orders.v1-dlq-2 instead of orders.v1-dlq, which cannot be made"
    box.click()
    await replanned(stage)
    assert sheet.plan is not None
    assert (sheet.plan.dlq, sheet.plan.problems, box.isVisible(), box.isChecked()) == (
        "orders.v1-dlq-2",
        (),
        True,
        True,
    )
    box.click()
    await replanned(stage)
    assert (sheet.plan.dlq, box.isChecked(), sheet.ask.confirm.isEnabled()) == ("orders.v1-dlq", False, False)
    box.click()
    await replanned(stage)
    sheet.ask.confirm.click()
    await stage.until(sheet.outcome.isVisible)
    assert "orders.v1-dlq-2" in stage.world.cluster.logged
    sheet.ask.cancel.click()


async def test_another_queue_that_was_typed_does_not_make_the_usual_one_impossible(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    preview = preview_of(sheet)
    preview.queue.picker.show_text("billing-own-dlq")
    preview.queue._tell()
    await replanned(stage)
    assert sheet.plan is not None
    assert (sheet.plan.dlq, sheet.plan.problems) == ("billing-own-dlq", ())
    assert not preview.other_queue_box.isVisible(), "orders-dlq can be made"


async def test_a_queue_that_nobody_says_was_made_is_not_called_unwritten(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    stage.world.cluster.failures["create_topic"] = Unreachable(
        "creating the topic orders-dlq: broker 1 does not answer"
    )
    sheet.ask.confirm.click()
    await stage.until(sheet.outcome.isVisible)
    assert sheet.outcome.title.text() == "No record was copied, whether the queue was made is not known"
    assert "Look whether orders-dlq is there: brokers may make it yet" in sheet.outcome.text.text()
    assert "orders-dlq may have been made. creating the topic" in sheet.outcome.text.text()
    (entry,) = (await stage.session.journal.page(JournalRequest())).rows
    assert entry.state is EntryState.UNKNOWN


async def test_a_queue_that_was_made_for_nothing_is_removed_from_the_strip(stage: Stage) -> None:
    cluster = stage.world.cluster
    await stage.choose("billing")
    sheet = await stage.plan()
    cluster.failures["transact"] = NotAuthorized("writing to orders-dlq: not allowed")
    sheet.ask.confirm.click()
    await stage.until(sheet.outcome.isVisible)
    assert sheet.outcome.title.text() == "No record was copied, but the queue was made"
    assert "orders-dlq was made and stands empty" in sheet.outcome.text.text()
    sheet.ask.cancel.click()
    assert (stage.outcome.remove.isVisible(), stage.outcome.remove.text()) == (True, "Remove orders-dlq…")
    stage.outcome.remove.click()
    removal = Veil.over(stage.window)
    assert isinstance(removal, PlanDialog)
    await stage.until(lambda: removal.plan is not None and removal.ask.confirm.isEnabled())
    removal.ask.confirm.click()
    await stage.until(removal.outcome.isVisible)
    assert "orders-dlq" not in cluster.logged
    removal.ask.cancel.click()
    assert not stage.outcome.remove.isVisible()


class TestProduction:
    """A production profile."""

    @pytest.fixture
    def profile(self, production: ConnectionProfile) -> ConnectionProfile:
        return production

    async def test_the_topics_name_has_to_be_typed_and_enter_confirms_nothing(self, stage: Stage) -> None:
        await stage.choose("billing")
        sheet = await stage.plan()
        field = sheet.ask.field
        assert field.isVisible()
        assert not sheet.ask.confirm.isEnabled()
        QTest.keyClicks(field, "orde")
        assert not sheet.ask.confirm.isEnabled()
        QTest.keyClicks(field, "rs")
        assert sheet.ask.confirm.isEnabled()
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert not stage.window.tasks.is_running("reroute")
        sheet.ask.confirm.click()
        await stage.until(sheet.outcome.isVisible)
        assert await copies(stage) == 1


async def test_the_command_line_of_a_saved_profile_names_it(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    assert sheet.plan is not None
    saved = replace(stage.session.profile, saved=True)
    assert command_line(saved, sheet.plan).startswith("kafkaview --profile orders-eu reroute")


async def test_the_queue_is_chosen_by_name_and_found_again_the_next_time(stage: Stage) -> None:
    stage.world.cluster.add_topic("payments-dlq", 1)
    request = RerouteRequest((stage.world.poison,), groups=())
    sheet = reroute_dialog(stage.triage.context, request)
    sheet.open()
    await stage.until(lambda: sheet.plan is not None and not stage.window.tasks.is_running("plan"))
    field = preview_of(sheet).queue
    assert field.picker.text == "orders-dlq"
    await stage.until(lambda: field.picker.first == "payments-dlq")  # names of queues come first of all, to choose from
    line = field.picker.lineEdit()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, "orders-poison")
    line.editingFinished.emit()
    await replanned(stage)
    assert sheet.plan is not None
    assert sheet.plan.title == "Copy 1 record to orders-poison"
    sheet.ask.confirm.click()
    await stage.until(sheet.outcome.isVisible)
    sheet.ask.cancel.click()
    again = reroute_dialog(stage.triage.context, request)
    again.open()
    await stage.until(lambda: again.plan is not None and not stage.window.tasks.is_running("plan"))
    assert preview_of(again).queue.picker.text == "orders-poison"
    again.ask.cancel.click()


async def test_a_group_that_reads_in_batches_is_asked_about_its_good_records_first(stage: Stage) -> None:
    request = RerouteRequest((stage.world.poison,), ("reports",), asked_for="reports")
    sheet = reroute_dialog(stage.triage.context, request)
    sheet.open()
    await stage.until(lambda: sheet.plan is not None and not stage.window.tasks.is_running("plan"))
    question = preview_of(sheet).question
    assert question.isVisible()
    assert not question.copy_only.isChecked()
    assert not question.along.isChecked()
    assert not sheet.ask.confirm.isEnabled()
    assert not preview_of(sheet).between_box.isVisible()
    assert sheet._title.text() == "Send 1 record to orders-dlq and skip it: first a question"
    question.along.click()
    await stage.until(lambda: sheet.plan is not None and [one.group for one in sheet.plan.moves] == ["reports"])
    await replanned(stage)
    assert (sheet.ask.confirm.isEnabled(), sheet.ask.confirm.text()) == (True, "Send and skip")
    assert question.isVisible()
    question.copy_only.click()
    await stage.until(lambda: sheet.plan is not None and not sheet.plan.moves)
    await replanned(stage)
    assert (sheet.ask.confirm.isEnabled(), sheet.ask.confirm.text()) == (True, "Send the copy")
    sheet.ask.cancel.click()


async def test_an_outcome_says_what_was_done_with_its_steps_and_leads_to_the_copy(stage: Stage) -> None:
    await stage.choose("billing")
    sheet = await stage.plan()
    assert sheet.plan is not None
    planned = sheet.plan.title
    sheet.ask.confirm.click()
    await stage.until(sheet.outcome.isVisible)
    assert sheet._title.text() == "billing moves again, audit and shipping too"
    assert sheet._subtitle.text() == f"Planned: {planned}"
    assert sheet.steps.isHidden()
    assert sheet.fold.text() == f"Show the {sheet.steps.count} steps"
    sheet.fold.click()
    assert sheet.steps.isVisible()
    sheet.open_record.click()
    assert Veil.over(stage.window) is None
    assert stage.window._front_page() is stage.window.pages["records"]
    assert stage.window.pages["records"].place().what.startswith("orders-dlq")
