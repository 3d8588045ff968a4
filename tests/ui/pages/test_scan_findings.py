"""Findings of a scan live on, go into one plan, become incidents and files, and say whom they stop."""

from __future__ import annotations

import asyncio
import csv
import json
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QItemSelectionModel, Qt
from PySide6.QtTest import QTest

from kafkaview.clock import now_ms
from kafkaview.records.positions import parse_position
from kafkaview.triage.incidents.incident import IncidentState
from kafkaview.triage.incidents.kept_rows import KeptSection
from kafkaview.triage.incidents.store import IncidentStore
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.triage.scan_sheet import ScanSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.kit.windowed import click
from tests.ui.pages.conftest import Stage


async def scanned(stage: Stage) -> ScanSheet:
    await stage.choose("billing")
    sheet = await stage.scan_sheet()
    sheet.form.rule.setFocus()
    QTest.keyClick(sheet.form.rule.kinds, Qt.Key.Key_Return)
    await stage.until(lambda: sheet.model.total == 2 and sheet.go.isEnabled())
    return sheet


def says_end(sheet: ScanSheet, end: str) -> bool:
    return sheet._said.text().endswith(end)


def select_all(sheet: ScanSheet) -> None:
    flags = QItemSelectionModel.SelectionFlag
    for row in range(2):
        sheet.table.selectionModel().select(sheet.model.index(row, 0), flags.Select | flags.Rows)


async def test_a_finding_says_whom_it_stops(stage: Stage) -> None:
    sheet = await scanned(stage)
    columns = sheet._columns
    poison = next(one for one in sheet.model.rows if one.record == stage.world.poison)
    assert set(columns.fates.stops[poison.record]) == {"audit", "billing", "shipping"}
    later = next(one for one in sheet.model.rows if one.record == stage.world.later)
    assert columns._stops(later) == ""


async def test_the_findings_stay_while_the_sheet_is_closed_and_their_plan_cancelled(stage: Stage) -> None:
    sheet = await scanned(stage)
    select_all(sheet)
    await stage.until(lambda: sheet.copy_button.isVisible() and sheet.copy_button.text() == "Copy 2 to DLQ…")
    click(sheet.copy_button)
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and not stage.window.tasks.is_running("plan"))
    assert dialog.plan is not None
    assert {copy.record.id for copy in dialog.plan.copies} == {stage.world.poison, stage.world.later}
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await stage.until(lambda: isinstance(Veil.over(stage.window), ScanSheet))
    again = Veil.over(stage.window)
    assert isinstance(again, ScanSheet)
    assert again.model.total == 2
    click(again.close_button)
    assert stage.triage.scan_button.text() == "Scan: 2 found…"


async def copy_plan(stage: Stage) -> PlanDialog[Any]:
    """The plan of a copy of the later of two findings."""
    sheet = await scanned(stage)
    sheet.table.choose((stage.world.later, "value"))
    await stage.until(sheet.copy_button.isVisible)
    click(sheet.copy_button)
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and not stage.window.tasks.is_running("plan"))
    return dialog


async def test_what_was_copied_is_said_beside_it(stage: Stage) -> None:
    dialog = await copy_plan(stage)
    assert dialog.plan is not None
    assert dialog.plan.moves == ()
    click(dialog.ask.confirm)
    await stage.until(lambda: not stage.window.tasks.is_running("reroute"))
    dialog.lift()
    await stage.until(lambda: isinstance(Veil.over(stage.window), ScanSheet))
    again = Veil.over(stage.window)
    assert isinstance(again, ScanSheet)
    await stage.until(lambda: again._columns.fates.states.get(stage.world.later) is IncidentState.REROUTED)
    assert again._columns.fates.states[stage.world.poison] is IncidentState.OPEN


async def test_findings_become_incidents_and_a_scan_goes_on_in_the_background(stage: Stage) -> None:
    sheet = await scanned(stage)
    click(sheet.keep_button)
    await stage.until(lambda: sheet._said.text() == "2 findings are kept as incidents")
    store = IncidentStore.of(stage.session.profile, stage.session.journal.path)
    assert {"scan"} <= {source for one in store.incidents() for source in one.sources}
    click(sheet.close_button)
    await stage.until(lambda: any(row.section is KeptSection.OPEN for row in stage.triage.kept.rows))
    stage.world.cluster.delays["offsets"] = 0.5
    again = await stage.scan_sheet()
    again.go.click()
    click(again.close_button)
    assert stage.window.tasks.is_running("scan")
    await stage.until(lambda: stage.triage.scan_button.text() == "Scan: 2 found…")


async def test_findings_are_exported_as_csv_and_json_lines(stage: Stage, tmp_path: Path) -> None:
    sheet = await scanned(stage)
    for name in ("found.jsonl", "found.csv"):
        sheet.begin_export(tmp_path / name)
        await stage.until(partial(says_end, sheet, name))
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600, "reasons may quote records"
    lines = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text().splitlines()]
    assert {(line["partition"], line["offset"]) for line in lines} == {(1, 60), (2, 60)}
    assert sorted(next(line for line in lines if line["partition"] == 1)["stops"]) == ["audit", "billing", "shipping"]
    with (tmp_path / "found.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["reason"] for row in rows] == [line["reason"] for line in lines]
    sheet.begin_export(tmp_path / "missing" / "found.csv")
    await stage.until(lambda: sheet._said.text().startswith("Not exported"))


async def test_findings_are_shown_under_the_form_that_they_were_found_by_alone(stage: Stage) -> None:
    sheet = await scanned(stage)
    said = sheet._said.text()
    top = sheet.box.y()
    sheet.table.choose((stage.world.poison, "value"))
    await stage.until(lambda: sheet.finding.isVisible() and not stage.window.tasks.is_running("scan.record"))
    sheet.form.rule.show_value("utf8")
    assert (sheet.model.total, sheet._said.text(), sheet._bar.value()) == (0, "", 0)
    hidden = (sheet.finding, sheet.copy_button, sheet.keep_button, sheet.export_button, sheet.bulk_button)
    assert not any(part.isVisible() for part in hidden)
    sheet.form.rule.show_value("")
    assert (sheet.model.total, sheet._said.text()) == (2, said)
    await asyncio.sleep(0.1)
    assert sheet.box.y() == top, "the sheet grows and shrinks at its lower end"


async def test_keys_of_one_partition_since_a_time_are_scanned(stage: Stage) -> None:
    sheet = await scanned(stage)
    form = sheet.form
    form.partitions.setEditText("1")
    sheet.go.click()
    await stage.until(lambda: sheet.model.total == 1 and sheet.go.isEnabled())
    assert [one.record for one in sheet.model.rows] == [stage.world.poison]
    form.partitions.setEditText("1,x")
    assert (form.why_not, sheet.go.isEnabled()) == ("'1,x' are no partitions: write their numbers, 0,3,5.", False)
    form.partitions.setEditText("1")
    form.rule.show_value("header:nobody-writes-it")
    form.fields.choose("keys")
    assert form.rule.kinds.itemText(1).startswith("every key fits ")
    form.stop.show_value("3")
    sheet.go.click()
    await stage.until(lambda: sheet.model.total == 3 and sheet.go.isEnabled())
    form.start.kinds.setCurrentIndex(3)
    assert form.start.value == f"@{form.start.line.text()}"
    assert parse_position(form.start.value).number < now_ms() - 3_500_000


async def test_a_link_of_an_outcome_leads_to_its_place_and_no_sheet_comes_back_over_it(stage: Stage) -> None:
    dialog = await copy_plan(stage)
    click(dialog.ask.confirm)
    await stage.until(dialog.open_entry.isVisible)
    click(dialog.open_entry)
    await stage.until(lambda: Veil.over(stage.window) is None)
    QCoreApplication.processEvents()
    assert Veil.over(stage.window) is None
    front = stage.window._front_page()
    assert front is not None
    assert front.id == "journal"
