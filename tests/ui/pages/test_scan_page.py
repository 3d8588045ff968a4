"""The Scan page: findings live on, go into one plan, become incidents and files, and say whom they stop."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import Unreachable
from kafkaview.records.positions import parse_position
from kafkaview.triage.incidents.incident import IncidentState
from kafkaview.triage.incidents.kept_rows import KeptSection
from kafkaview.triage.incidents.store import IncidentStore
from kafkaview.triage.scan.kept_rules import TopicRules
from kafkaview.triage.scan.rules import RULE_KINDS
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.scan.page import ScanPage
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.kit.windowed import click
from tests.ui.pages.conftest import Stage


async def scanned(stage: Stage) -> ScanPage:
    await stage.choose("billing")
    page = await stage.scan()
    page.form.rule.setFocus()
    QTest.keyClick(page.form.rule.kinds, Qt.Key.Key_Return)
    await stage.until(lambda: page.model.total == 2 and page.go.isEnabled())
    return page


def says_end(page: ScanPage, end: str) -> bool:
    return page._said.text().endswith(end)


def select_all(page: ScanPage) -> None:
    flags = QItemSelectionModel.SelectionFlag
    for row in range(2):
        page.table.selectionModel().select(page.model.index(row, 0), flags.Select | flags.Rows)


async def planned(stage: Stage) -> PlanDialog[Any]:
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and not stage.window.tasks.is_running("plan"))
    return dialog


async def test_the_topic_of_the_record_that_stops_a_group_is_offered_and_another_place_keeps_the_form(
    stage: Stage,
) -> None:
    await stage.choose("billing")
    stage.triage.scan_button.click()
    page = stage.window.pages["scan"]
    assert isinstance(page, ScanPage)
    await stage.until(lambda: page.form.topic.text == "orders")
    assert page._nothing.isVisible()
    stage.window.go(Place("scan", "payments"))
    assert (page.form.topic.text, page.place()) == ("payments", Place("scan", "payments"))
    stage.window.go(Place("triage"))
    stage.window.step_place(-1)
    assert page.isVisible()
    assert page.form.topic.text == "payments"
    page.form.topic.setEditText("")
    assert stage.window.view is not None
    page.show_view(stage.window.view)
    assert page.form.topic.text == "", "somebody begins to type"


async def test_a_finding_says_whom_it_stops_and_a_dash_where_not_all_groups_are_seen(stage: Stage) -> None:
    page = await scanned(stage)
    columns = page._columns
    poison = next(one for one in page.model.rows if one.record == stage.world.poison)
    assert set(columns.fates.stops[poison.record]) == {"audit", "billing", "shipping"}
    later = next(one for one in page.model.rows if one.record == stage.world.later)
    assert columns._stops(later) == ""
    view = stage.window.view
    assert view is not None
    page.show_view(replace(view, unseen=(UnseenGroups("audit", 1, "broker 1 does not answer"),)))
    assert columns._stops(later) is None, "audit may stand on it"
    page.show_view(replace(view, stale=True))
    assert columns._stops(poison) is None


async def test_a_plan_of_findings_leaves_them_where_they_are(stage: Stage) -> None:
    page = await scanned(stage)
    select_all(page)
    await stage.until(lambda: page.copy_button.text() == "Copy 2 to DLQ…")
    click(page.copy_button)
    dialog = await planned(stage)
    assert dialog.plan is not None
    assert {copy.record.id for copy in dialog.plan.copies} == {stage.world.poison, stage.world.later}
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await stage.until(lambda: Veil.over(stage.window) is None)
    assert page.isVisible()
    assert page.model.total == 2


async def copy_plan(stage: Stage) -> tuple[ScanPage, PlanDialog[Any]]:
    """The plan of a copy of the later of two findings."""
    page = await scanned(stage)
    page.table.choose((stage.world.later, "value"))
    await stage.until(page.copy_button.isEnabled)
    click(page.copy_button)
    return page, await planned(stage)


async def test_what_was_copied_is_said_beside_it(stage: Stage) -> None:
    page, dialog = await copy_plan(stage)
    assert dialog.plan is not None
    assert dialog.plan.moves == ()
    click(dialog.ask.confirm)
    await stage.until(lambda: not stage.window.tasks.is_running("reroute"))
    dialog.lift()
    await stage.until(lambda: page._columns.fates.states.get(stage.world.later) is IncidentState.REROUTED)
    assert page._columns.fates.states[stage.world.poison] is IncidentState.OPEN


async def test_findings_become_incidents_and_a_scan_goes_on_in_the_background(stage: Stage) -> None:
    page = await scanned(stage)
    click(page.keep_button)
    await stage.until(lambda: page._said.text() == "2 findings are kept as incidents")
    store = IncidentStore.of(stage.session.profile, stage.session.journal.path)
    assert {"scan"} <= {source for one in store.incidents() for source in one.sources}
    stage.window.go(Place("triage"))
    await stage.until(lambda: any(row.section is KeptSection.OPEN for row in stage.triage.kept.rows))
    stage.world.cluster.delays["offsets"] = 0.5
    stage.window.go(Place("scan"))
    page.go.click()
    stage.window.go(Place("triage"))
    assert stage.window.tasks.is_running("scan")
    item = stage.window._rail._items["scan"]
    await stage.until(lambda: item.accessibleName() == "Scan, 2 found")


async def test_findings_are_exported_as_csv_and_json_lines(stage: Stage, tmp_path: Path) -> None:
    page = await scanned(stage)
    for name in ("found.jsonl", "found.csv"):
        page.begin_export(tmp_path / name)
        await stage.until(partial(says_end, page, name))
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600, "reasons may quote records"
    lines = [json.loads(line) for line in (tmp_path / "found.jsonl").read_text().splitlines()]
    assert {(line["partition"], line["offset"]) for line in lines} == {(1, 60), (2, 60)}
    assert sorted(next(line for line in lines if line["partition"] == 1)["stops"]) == ["audit", "billing", "shipping"]
    with (tmp_path / "found.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["reason"] for row in rows] == [line["reason"] for line in lines]
    page.begin_export(tmp_path / "missing" / "found.csv")
    await stage.until(lambda: page._said.text().startswith("Not exported"))


async def test_what_is_exported_and_kept_is_what_is_shown(stage: Stage) -> None:
    page = await scanned(stage)
    assert (page.export_button.text(), page.keep_button.text()) == ("Export all…", "Keep all as incidents")
    page.master.filter.setText("orders:1")
    await stage.until(lambda: page.export_button.text() == "Export the 1 shown…")
    assert [one.record for one in page.wanted] == [stage.world.poison]
    page.master.filter.clear()
    page.table.choose((stage.world.later, "value"))
    await stage.until(lambda: page.keep_button.text() == "Keep 1 as an incident")
    assert [one.record for one in page.wanted] == [stage.world.later]


async def test_of_very_many_findings_the_first_are_listed_and_all_are_kept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.ui.pages.scan.page._MOST", 1)
    await stage.choose("billing")
    page = await stage.scan()
    page.go.click()
    await stage.until(lambda: page.bulk_button.isVisible() and page.bulk_button.text() == "Re-route all 2…")
    assert (page.model.total, len(page.wanted), page.export_button.text()) == (1, 2, "Export all…")
    assert page._said.text().endswith(". The first 1 are listed")


async def test_findings_are_shown_under_the_form_that_they_were_found_by_alone(stage: Stage) -> None:
    page = await scanned(stage)
    said = page._said.text()
    page.table.choose((stage.world.poison, "value"))
    await stage.until(lambda: page.finding.isVisible() and not stage.window.tasks.is_running("scan.record"))
    page.form.rule.show_value("utf8")
    assert (page.model.total, page._said.text(), page._bar.value()) == (0, "", 0)
    hidden = (page.finding, page.copy_button, page.keep_button, page.export_button, page.bulk_button)
    assert not any(part.isVisible() for part in hidden)
    assert page._other.accessibleName().startswith("The form has changed since the last scan")
    page.form.rule.show_value("")
    assert (page.model.total, page._said.text()) == (2, said)


async def test_keys_of_one_partition_since_a_time_are_scanned(stage: Stage) -> None:
    page = await scanned(stage)
    form = page.form
    form.partitions.setEditText("1")
    page.go.click()
    await stage.until(lambda: page.model.total == 1 and page.go.isEnabled())
    assert [one.record for one in page.model.rows] == [stage.world.poison]
    form.partitions.setEditText("1,x")
    assert (form.why_not, page.go.isEnabled()) == ("'1,x' are no partitions: write their numbers, 0,3,5.", False)
    form.partitions.setEditText("1")
    form.rule.show_value("header:nobody-writes-it")
    form.fields.choose("keys")
    assert form.rule.kinds.itemText(1).startswith("every key fits ")
    form.stop.show_value("3")
    page.go.click()
    await stage.until(lambda: page.model.total == 3 and page.go.isEnabled())
    form.start.kinds.setCurrentIndex(3)
    assert form.start.value == f"@{form.start.line.text()}"
    assert parse_position(form.start.value).number < now_ms() - 3_500_000


async def test_a_link_of_an_outcome_leads_to_its_place(stage: Stage) -> None:
    _page, dialog = await copy_plan(stage)
    click(dialog.ask.confirm)
    await stage.until(dialog.open_entry.isVisible)
    click(dialog.open_entry)
    await stage.until(lambda: Veil.over(stage.window) is None)
    front = stage.window._front_page()
    assert front is not None
    assert front.id == "journal"


async def test_a_topic_that_is_not_there_is_no_topic_without_findings(stage: Stage) -> None:
    page = await scanned(stage)
    page.form.topic.show_text("nowhere")
    page.go.click()
    await stage.until(lambda: page._wrong.isVisible() and page.go.isEnabled())
    assert "nowhere" in page._wrong.text()
    assert page._other.isVisible()
    assert page._other.accessibleName().startswith("The scan failed")
    assert stage.window._head.currentWidget()._finding.text() == "Scan of orders: 2 found"  # type: ignore[union-attr]
    page._show_last()
    assert page.form.topic.text == "orders"
    assert page.model.total == 2, "nothing was read for which they would be given up"


async def test_a_scan_that_cannot_begin_leaves_the_findings_of_the_same_form(stage: Stage) -> None:
    page = await scanned(stage)
    stage.world.cluster.failures["offsets"] = Unreachable("broker 1 does not answer")
    page.go.click()
    await stage.until(lambda: page._wrong.isVisible() and page.go.isEnabled())
    assert page._wrong.text().startswith("broker 1 does not answer")
    assert page.table.isVisible()
    assert page.model.total == 2


async def test_what_is_no_cel_is_said_in_words_and_is_no_fault_of_ours(stage: Stage) -> None:
    page = await scanned(stage)
    page.form.rule.show_value("cel:value.amount >")
    page.go.click()
    await stage.until(lambda: page._wrong.isVisible() and page.go.isEnabled())
    assert page._wrong.text().startswith("this is no CEL expression")
    assert "crash.log" not in page._wrong.text()


async def test_the_keyboard_comes_back_to_the_form_where_nothing_was_found(stage: Stage) -> None:
    page = await scanned(stage)
    page.form.rule.show_value("not-null")
    page.form.rule.kinds.setFocus()
    QTest.keyClick(page.form.rule.kinds, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.focusWidget() is page.table
    await stage.until(page._clean.isVisible)
    assert QApplication.focusWidget() is page.form.rule.kinds


async def test_a_plan_that_is_left_keeps_no_incident(stage: Stage) -> None:
    page = await scanned(stage)
    page.table.choose((stage.world.later, "value"))
    await stage.until(page.copy_button.isEnabled)
    click(page.copy_button)
    dialog = await planned(stage)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    await stage.until(lambda: Veil.over(stage.window) is None and not stage.window.tasks.is_running("scan.keep"))
    store = IncidentStore.of(stage.session.profile, stage.session.journal.path)
    assert not any("scan" in one.sources for one in store.incidents())


async def test_nothing_found_is_said_as_good(stage: Stage) -> None:
    page = await scanned(stage)
    page.form.rule.show_value("not-null")
    page.go.click()
    await stage.until(page._clean.isVisible)
    assert page._clean.accessibleName().startswith("All ")


async def test_a_scan_finds_both_records_and_leads_to_a_copy_without_groups(stage: Stage) -> None:
    await stage.choose("billing")
    page = await stage.scan()
    page.go.click()
    await stage.until(lambda: page.model.total == 2 and page.go.isEnabled())
    assert {finding.record for finding in page.model.rows} == {stage.world.poison, stage.world.later}
    page.table.choose((stage.world.poison, "value"))
    await stage.until(page.copy_button.isEnabled)
    await stage.until(lambda: page.finding.record.value.hex.marked == range(50, 51))
    page.copy_button.click()
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None)
    assert dialog.plan is not None
    assert dialog.plan.title == "Copy 1 record to orders-dlq"


async def test_all_that_a_scan_finds_is_sent_in_one_plan(stage: Stage) -> None:
    await stage.choose("billing")
    page = await stage.scan()
    assert not page.bulk_button.isVisible()
    page.go.click()
    await stage.until(lambda: page.model.total == 2 and page.go.isEnabled())
    assert (page.bulk_button.isVisible(), page.bulk_button.text()) == (True, "Re-route all 2…")
    page.bulk_button.click()
    await stage.until(lambda: isinstance(Veil.over(stage.window), PlanDialog))
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and dialog.ask.confirm.isEnabled())
    assert dialog.plan is not None
    assert dialog.plan.title.startswith("Send 2 records of orders to orders-dlq, move ")
    dialog.ask.confirm.click()
    await stage.until(lambda: "orders-dlq" in stage.world.cluster.logged)
    held = stage.world.cluster.logged["orders-dlq"].logs
    await stage.until(lambda: sum(len(log.entries) for log in held) >= 3)  # with the marks of their transaction
    await stage.until(dialog.outcome.isVisible, 60)
    strip = stage.outcome
    moved = [strip._moved, *strip._result.moved_too] if strip._moved is not None and strip._result is not None else []
    assert {one.group for one in moved if one is not None} == {"audit", "billing", "shipping"}, "it turns with each"
    assert all(name in strip.words.title.text() for name in ("audit", "billing", "shipping"))
    assert strip.words.text.text().startswith("2 of 2 records sent to orders-dlq in ")
    assert "audit" not in strip.words.text.text()


async def test_every_declared_format_can_be_chosen_as_the_rule(stage: Stage) -> None:
    await stage.choose("billing")
    page = await stage.scan()
    rule = page.form.rule
    texts = [rule.kinds.itemText(place) for place in range(rule.kinds.count())]
    assert texts == ["the rules that are kept for it, else its own format", *(kind.help for kind in RULE_KINDS)]
    for place, kind in enumerate(RULE_KINDS, 1):
        rule.kinds.setCurrentIndex(place)
        asks = bool(kind.argument) and not kind.argument.startswith("[")
        assert rule.line.isVisible() is asks is bool(rule.why_not) is not page.go.isEnabled(), kind.usage
        for line in (rule.line, rule.part):
            line.setText("7")
        wanted = kind.opening if not asks else f"{kind.opening}7:7" if ":" in kind.argument else f"{kind.opening}7"
        assert rule.value == wanted
        rule.show_value("")
        rule.show_value(wanted)
        assert (rule.value, rule.kinds.currentIndex()) == (wanted, place)


async def test_a_rule_is_tried_on_the_newest_records_and_then_kept_for_the_topic(stage: Stage) -> None:
    await stage.choose("billing")
    page = await stage.scan()
    page.form.topic.show_text("orders")
    row, rule = page.kept, page.form.rule
    page.form.topic.setEditText("ord")
    await stage.until(lambda: not stage.window.tasks.is_running("topic rules"))
    assert (row.said.text(), row.kept) == ("", None), "what is read for a name is not shown for another"
    page.form.topic.setEditText("orde")
    assert (row.said.text(), stage.window.tasks.is_running("topic rules")) == ("", False), "it is being typed"
    page.form.topic.setEditText("orders")
    await stage.until(lambda: row.kept is not None)
    await stage.until(lambda: "Its own format: " in row.said.text())
    assert row.said.text().startswith("No rules are kept for this topic. Its own format: ")
    assert row.said.text().endswith(" sampled records are JSON")
    assert not row.keep_button.isVisible()
    rule.show_value("avro:/nowhere/order.avsc")
    row.keep_button.click()
    await stage.until(lambda: "order.avsc" in row.trial.text())
    rule.show_value("json:jackson")
    assert not row.trial.isVisible()
    row.keep_button.click()
    await stage.until(lambda: row.keep_button.text() == "Keep for this topic")
    assert row.trial.text().startswith("2 of the ")
    assert "The first: Jackson refuses it: byte" in row.trial.text()
    assert row.kept == TopicRules()
    row.keep_button.click()
    await stage.until(lambda: row.kept == TopicRules(("json:jackson",)))
    assert (row.said.text(), row.keep_button.isVisible()) == ("Kept for this topic: json:jackson", False)
    rule.show_value("")
    page.go.click()
    await stage.until(lambda: page.model.total == 2 and page.go.isEnabled())
    assert {finding.rule for finding in page.model.rows} == {"json:jackson"}
    rule.show_value("not-null")
    page.form.fields.choose("keys")
    row.keep_button.click()
    await stage.until(lambda: row.keep_button.text() == "Keep for this topic")
    row.keep_button.click()
    await stage.until(lambda: row.kept == TopicRules(("json:jackson",), ("not-null",)))
    row.forget_button.click()
    await stage.until(lambda: row.kept == TopicRules())
    assert not row.forget_button.isVisible()


async def test_a_rule_that_cannot_be_used_is_refused_in_words_until_another_is_chosen(stage: Stage) -> None:
    await stage.choose("billing")
    page = await stage.scan()
    page.form.rule.show_value("max-bytes:many")
    page.go.click()
    await stage.until(lambda: "many" in page._wrong.text())
    assert page.go.isEnabled()
    page.form.rule.show_value("json")
    assert page._wrong.isHidden(), "it was said of another rule"


async def test_a_cancelled_scan_ends_and_says_how_far_it_came(stage: Stage) -> None:
    await stage.choose("billing")
    page = await stage.scan()
    stage.world.cluster.delays["offsets"] = 5.0
    page.go.click()
    await stage.until(lambda: stage.window.tasks.is_running("scan"))
    page.cancel_button.click()
    await stage.until(lambda: page._nothing.accessibleName().startswith("Cancelled after"), seconds=1)
    assert page.scanning.head == "Scan of orders: 0 found, not all was read"
    assert not stage.window.tasks.is_running("scan")


async def test_a_scan_that_is_cancelled_before_its_first_step_does_not_seem_to_run(stage: Stage) -> None:
    await stage.choose("billing")
    page = await stage.scan()
    page.go.click()
    stage.window.tasks.cancel("scan")  # as the status bar does, in the same turn of the loop
    await stage.until(lambda: page._nothing.accessibleName().startswith("Cancelled after"), seconds=1)
