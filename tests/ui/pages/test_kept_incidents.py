"""Incidents in the window: ignored, noted, kept over restarts, with what became of each; log lines; skips."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.triage.incidents.incident import IncidentState, KnownIncident
from kafkaview.triage.incidents.kept_rows import KeptNote, KeptRow, KeptSection
from kafkaview.triage.incidents.store import IncidentStore
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.triage.incident_model import SectionHead
from kafkaview.ui.pages.triage.log_sheet import LogSheet
from kafkaview.ui.pages.triage.note_field import NoteField
from kafkaview.ui.window.palette import Palette
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.offsets_preview import OffsetsPreview
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.plan import ChangePlan
from tests.kit.engine import local_client
from tests.kit.payloads import payloads_of
from tests.kit.windowed import click
from tests.ui.pages.conftest import Stage
from tests.ui.pages.world import PLACE

TRACE = """ERROR [Consumer clientId=billing-1, groupId=billing] Value Deserializers with error: Deserializers{}
org.apache.kafka.common.errors.RecordDeserializationException: Error deserializing VALUE for partition orders-1 at \
offset 60. If needed, please seek past the record to continue consumption.
Caused by: java.nio.charset.MalformedInputException: Input length = 1
"""


def kept_rows(stage: Stage) -> list[KeptRow]:
    model = stage.triage.list._model
    return [row for row in model._rows if isinstance(row, KeptRow)]


def head_of(stage: Stage, section: KeptSection) -> SectionHead | None:
    rows = stage.triage.list._model._rows
    return next((row for row in rows if isinstance(row, SectionHead) and row.section is section), None)


def known(stage: Stage) -> tuple[KnownIncident, ...]:
    return IncidentStore.of(stage.session.profile, stage.session.journal.path).incidents()


def incident_of(stage: Stage, group: str) -> KnownIncident:
    return next(one for one in known(stage) if group in one.groups)


def sheet_of(stage: Stage) -> Veil | None:
    return Veil.over(stage.window)


def press(widget: QWidget, key: Qt.Key) -> None:
    widget.setFocus()
    QTest.keyClick(widget, key)


async def ignore(stage: Stage, group: str) -> None:
    await stage.choose(group)
    await stage.until(lambda: any(group in one.groups for one in known(stage)))
    click(stage.triage.pane.head.ignore_button)
    await stage.until(lambda: group not in {row.group for row in stage.triage._rows})


async def test_an_ignored_group_lies_in_a_folded_section_and_is_listed_again(stage: Stage) -> None:
    await ignore(stage, "reports")
    assert "also after a restart" in stage.triage.pane.head.ignore_button.toolTip()
    await stage.until(lambda: head_of(stage, KeptSection.IGNORED))
    assert head_of(stage, KeptSection.IGNORED) == SectionHead(KeptSection.IGNORED, "1", folded=True)
    assert kept_rows(stage) == []
    shown = stage.triage.list
    shown.setCurrentIndex(shown._model.head_of(KeptSection.IGNORED))  # as End and Up do
    press(shown, Qt.Key.Key_Space)
    assert [row.section for row in kept_rows(stage)] == [KeptSection.IGNORED]
    assert stage.window.view is not None
    stage.triage.show_view(stage.window.view)
    assert isinstance(shown._model.row(shown.currentIndex()), SectionHead), "another sample leaves the keyboard there"
    press(shown, Qt.Key.Key_Down)
    shown.end_rest()
    pane = stage.triage.kept_pane
    assert stage.triage.panes.currentWidget() is pane
    assert pane.chip.accessibleName() == "Ignored"
    pane.reopen_button.setFocus()
    press(pane.reopen_button, Qt.Key.Key_Space)
    await stage.until(lambda: "reports" in {row.group for row in stage.triage._rows})


async def test_what_is_ignored_and_noted_is_kept_for_the_next_window(stage: Stage) -> None:
    await ignore(stage, "reports")
    await stage.choose("billing")
    note = stage.triage.pane.note.line
    await stage.until(note.isEnabled)
    note.setFocus()
    QTest.keyClicks(note, "asked the team")
    QTest.keyClick(note, Qt.Key.Key_Return)
    await stage.until(lambda: incident_of(stage, "billing").note == "asked the team")
    again = Window(stage.window.theme, stage.session.profile)
    client = local_client(stage.session, interval=0.05, window=0.5)
    again.show()
    client.begin()
    again.watch(client.engine, stage.session.profile)
    stage.window, first = again, stage.window
    try:
        await stage.choose("billing")
        await stage.until(lambda: stage.triage.pane.note.line.text() == "asked the team")
        assert "reports" not in {row.group for row in stage.triage._rows}
        assert head_of(stage, KeptSection.IGNORED) is not None
    finally:
        await again.tasks.close()
        await client.close()
        again.finish()
        stage.window = first


async def skip_plan(stage: Stage) -> PlanDialog[ChangePlan]:
    sheet = sheet_of(stage)
    assert isinstance(sheet, PlanDialog)
    await stage.until(lambda: sheet.plan is not None and not stage.window.tasks.is_running("change.plan"))
    return sheet


async def test_a_skip_without_a_copy_is_planned_carried_out_and_kept(stage: Stage) -> None:
    await stage.choose("billing")
    await stage.until(lambda: any("billing" in one.groups for one in known(stage)))
    poison = stage.world.poison
    click(stage.triage.pane.head.skip_button)
    dialog = await skip_plan(stage)
    plan = dialog.plan
    assert plan is not None
    assert plan.title == f"Skip orders:1 @ {poison.offset} for billing, without a copy"
    assert plan.offsets is not None
    (row,) = plan.offsets.rows
    assert (row.before and row.before.offset, row.after and row.after.offset) == (poison.offset, poison.offset + 1)
    assert plan.cautions[0].consequence == "The record is copied nowhere."
    assert isinstance(dialog.preview, OffsetsPreview)
    click(dialog.ask.confirm)
    await stage.until(lambda: not stage.window.tasks.is_running("change"))
    states = {place.group: place.state for one in known(stage) for place in one.places if place.group == "billing"}
    await stage.until(lambda: IncidentState.SKIPPED in {place.state for place in incident_of(stage, "billing").places})
    assert states
    await stage.until(lambda: head_of(stage, KeptSection.SKIPPED) == SectionHead(KeptSection.SKIPPED, "1", folded=True))
    skipped = next(row for row in stage.triage.kept.rows if row.section is KeptSection.SKIPPED)
    assert (skipped.incident.groups, skipped.incident.count) == (("billing",), 1)  # the others stand still
    committed = stage.world.cluster.grouped["billing"].committed[PLACE].offset
    assert committed > poison.offset
    (entry,) = await stage.session.journal.entries()
    (payload,) = await payloads_of(stage.session.journal, entry.id)
    assert payload.id == poison


async def test_a_group_that_moves_by_itself_has_solved_it(stage: Stage) -> None:
    await ignore(stage, "reports")
    await stage.choose("billing")
    await stage.until(lambda: any("billing" in one.groups for one in known(stage)))
    stage.world.cluster.poisons.clear()  # its application can read the record now
    await stage.until(lambda: incident_of(stage, "billing").states == (IncidentState.SOLVED,))
    await stage.until(lambda: way(stage, "Show what was found before") is not None)
    assert not stage.triage.list.isVisible()
    click(way(stage, "Show what was found before") or stage.triage)
    await stage.until(lambda: stage.triage.list.isVisible() and head_of(stage, KeptSection.SOLVED))


def way(stage: Stage, text: str) -> QPushButton | None:
    """A way that the page offers while no group stands."""
    buttons = stage.triage.room.findChildren(QPushButton)
    return next((one for one in buttons if one.text() == text and one.isVisible()), None)


async def test_a_record_that_is_sent_to_a_queue_is_rerouted_for_every_group(stage: Stage) -> None:
    await stage.choose("billing")
    await stage.until(lambda: any({"audit", "billing", "shipping"} <= set(one.groups) for one in known(stage)))
    dialog = await stage.plan()
    click(dialog.ask.confirm)
    await stage.until(lambda: not stage.window.tasks.is_running("reroute"))
    dialog.lift()
    await stage.until(lambda: incident_of(stage, "billing").states == (IncidentState.REROUTED,))
    assert {place.journal_id for place in incident_of(stage, "billing").places} == {1}


async def test_a_skip_is_begun_by_keys_alone(stage: Stage) -> None:
    await stage.choose("shipping")
    stage.window.activateWindow()
    QTest.keyClick(stage.window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    await stage.until(lambda: isinstance(sheet_of(stage), Palette))
    palette = sheet_of(stage)
    assert isinstance(palette, Palette)
    QTest.keyClicks(palette.field, "skip the record without")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    await stage.until(lambda: isinstance(sheet_of(stage), PlanDialog))
    dialog = await skip_plan(stage)
    assert dialog.plan is not None
    assert dialog.plan.subject == "shipping"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await stage.until(lambda: sheet_of(stage) is None)


async def test_a_skip_waits_until_the_group_is_empty_and_can_be_cancelled(stage: Stage) -> None:
    await stage.choose("shipping")
    offset = stage.world.poison.offset
    for cancelled in (True, False):
        click(stage.triage.pane.head.skip_empty_button)
        dialog = await skip_plan(stage)
        click(dialog.ask.confirm)
        await stage.until(partial(waits, dialog))
        if cancelled:
            press(dialog.ask.cancel, Qt.Key.Key_Space)
            await stage.until(lambda: not stage.window.tasks.is_running("change"))
            assert stage.world.cluster.grouped["shipping"].committed[PLACE].offset == offset
    stage.world.cluster.grouped["shipping"].members.clear()
    await stage.until(lambda: stage.world.cluster.grouped["shipping"].committed[PLACE].offset == offset + 1)


def waits(dialog: PlanDialog[ChangePlan]) -> bool:
    return any("Waiting until shipping is empty" in one.text() for one in dialog.steps.findChildren(Text))


async def test_a_pasted_trace_leads_to_the_record_and_its_plan(stage: Stage) -> None:
    await stage.choose("billing")
    assert stage.world.poison.offset == 60
    click(stage.triage.log_button)
    await stage.until(lambda: sheet_of(stage) is not None)
    sheet = sheet_of(stage)
    assert isinstance(sheet, LogSheet)
    assert sheet.text.hasFocus()
    sheet.text.insertPlainText(TRACE)
    await stage.until(lambda: sheet.model.total == 1)
    (row,) = sheet.model.rows
    assert (row.group, row.exception) == ("billing", "java.nio.charset.MalformedInputException")
    await stage.until(lambda: sheet.record.isVisible() and sheet.record.record.value.hex.marked == range(50, 51))
    press(sheet.send_button, Qt.Key.Key_Space)
    dialog = sheet_of(stage)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and not stage.window.tasks.is_running("plan"))
    assert dialog.plan is not None
    assert dialog.plan.title == "Send 1 record to orders-dlq, move 3 groups past it"
    causes = {one.cause for one in known(stage)}
    assert "java.nio.charset.MalformedInputException" in causes


async def test_what_was_found_is_kept_when_the_sheet_is_closed(stage: Stage) -> None:
    await stage.choose("billing")
    stage.triage.open_log()
    await stage.until(lambda: isinstance(sheet_of(stage), LogSheet))
    sheet = sheet_of(stage)
    assert isinstance(sheet, LogSheet)
    sheet.text.insertPlainText(TRACE)
    await stage.until(lambda: sheet.model.total == 1)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    await stage.until(lambda: sheet_of(stage) is None)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    await stage.until(lambda: any("log" in row.incident.sources for row in kept_rows(stage)))
    assert not stage.window._notice.isVisible()


async def test_lines_that_name_no_record_say_so(stage: Stage) -> None:
    await stage.choose("billing")
    stage.triage.open_log()
    await stage.until(lambda: isinstance(sheet_of(stage), LogSheet))
    sheet = sheet_of(stage)
    assert isinstance(sheet, LogSheet)
    sheet.text.insertPlainText("all is well")
    await stage.until(lambda: sheet._said.text().startswith("No line names a record"))
    assert not sheet.send_button.isVisible()


async def test_a_log_file_is_read(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "app.log"
    file.write_text(TRACE * 3)
    await stage.choose("billing")
    stage.triage.open_log()
    await stage.until(lambda: isinstance(sheet_of(stage), LogSheet))
    sheet = sheet_of(stage)
    assert isinstance(sheet, LogSheet)
    sheet.read_file(file)
    await stage.until(lambda: sheet.model.total == 1)
    assert sheet.model.rows[0].times == 3
    sheet.read_file(tmp_path / "missing.log")
    await stage.until(lambda: sheet._said.text().startswith("The file cannot be read"))


async def test_a_damaged_file_of_incidents_is_said(stage: Stage) -> None:
    await stage.choose("billing")
    file = stage.session.journal.path.with_name("incidents.sqlite3")
    file.write_bytes(b"not a database at all, but long enough to be looked at" * 50)
    stage.triage.kept.ask()
    await stage.until(lambda: "was damaged" in stage.triage._wrong.text())
    assert list(file.parent.glob("incidents.sqlite3.damaged-*"))


class TestReadOnly:
    """A read-only profile."""

    @pytest.fixture
    def profile(self) -> ConnectionProfile:
        return replace(ConnectionProfile("orders-eu", "fake:9092"), read_only=True)

    async def test_no_skip_can_be_begun(self, stage: Stage) -> None:
        await stage.choose("billing")
        head = stage.triage.pane.head
        for button in (head.skip_button, head.skip_empty_button):
            assert button.isVisible()
            assert not button.isEnabled()
            assert button.toolTip() == "This profile is read-only"


async def test_a_note_that_is_being_typed_is_kept_though_the_group_moves_on(stage: Stage) -> None:
    await stage.choose("billing")
    await stage.until(lambda: any("billing" in one.groups for one in known(stage)))
    note = stage.triage.pane.note.line
    await stage.until(note.isEnabled)
    note.setFocus()
    QTest.keyClicks(note, "their release of noon")
    stage.world.cluster.poisons.clear()  # its application can read the record now
    await stage.until(lambda: "billing" not in {row.group for row in stage.triage._rows})
    stage.triage.list.setFocus()
    await stage.until(lambda: incident_of(stage, "billing").note == "their release of noon")


def test_a_note_stays_with_the_incident_that_it_was_typed_for(qtbot: QtBot) -> None:
    field, told = NoteField(), list[tuple[object, str]]()
    qtbot.addWidget(field)
    field.noted.connect(lambda known, text: told.append((known, text)))
    first, second = KeptNote(1, ""), KeptNote(2, "old")
    field.show_note("billing", first)
    QTest.keyClicks(field.line, "asked")
    field.show_note("audit", second)
    assert (told, field.line.text()) == ([(first, "asked")], "old")
    field.show_note("audit", None)
    assert not field.line.isEnabled()
    assert len(told) == 1


async def test_a_tip_comes_back_once_writes_are_possible(stage: Stage) -> None:
    await stage.choose("billing")
    head = stage.triage.pane.head
    own = head.skip_button.toolTip()
    assert own.startswith("Moves this group alone")
    head.allow_writes(allowed=False, why_not="Not connected")
    assert head.skip_button.toolTip() == "Not connected"
    head.allow_writes(allowed=True, why_not="")
    assert (head.skip_button.toolTip(), head.send_button.toolTip()) == (own, "")
