"""The Journal page on the fake cluster: by clicks, by the keyboard alone, and in each of its states."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import time_machine
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget

from kafkaview.journal.entry import Author, EntryState, Intent, OffsetChange
from kafkaview.journal.sealing import SealingKeys
from kafkaview.journal.search import PAGE
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.terms import CommittedOffset, Header, Record, TimestampType, TopicPartition
from kafkaview.ui.kit.controls import Button
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.query_view import QueryState
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.journal.page import JournalPage
from kafkaview.ui.writes.change_kind import change_dialog
from kafkaview.ui.writes.member_fields import UndoSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.kit.windowed import click
from tests.ui.connections.rings import MemoryRing, keyring
from tests.ui.pages.conftest import Stage

AUTHOR = Author("anna", "User:oncall", "0.1.0")
RECORD = Record(
    "orders", 3, 7, 1_790_000_000_000, TimestampType.CREATE_TIME, b"o-7", b'{"total": 1}', (Header("trace", b"7"),)
)
PLACE = TopicPartition("orders", 0)


def intent(title: str, kind: str = "reroute", **more: Any) -> Intent:
    known = {"target": "orders", "author": AUTHOR, "rows": (("Copy of orders:3:7", None, "orders-dlq"),), **more}
    return Intent(
        kind, title, f"kafkaview {kind} --to orders-dlq --yes", "orders-eu", None, {"to": "orders-dlq"}, **known
    )


async def add(
    stage: Stage,
    made: Intent,
    *records: Record,
    state: EntryState = EntryState.COMMITTED,
    outcome: dict[str, Any] | None = None,
    rules: JournalRules | None = None,
) -> int:
    """An entry of the cluster that is open."""
    journal = stage.session.journal
    here = (await stage.session.cluster.describe()).cluster_id
    entry = await journal.begin(replace(made, cluster_id=here), records, rules)
    await journal.end(entry, state, outcome or {"message": "billing moves again"})
    return entry


def texts_of(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel)]


def page_of(stage: Stage) -> JournalPage:
    page = stage.window.pages["journal"]
    assert isinstance(page, JournalPage)
    return page


async def settled(stage: Stage) -> JournalPage:
    """Until nothing of the page is asked for."""
    names = ("page", "more", "entry", "payloads", "payload")
    page = page_of(stage)
    await stage.until(lambda: not page.search._rest.isActive() and not page.table._rest.isActive())
    await stage.until(lambda: not any(stage.window.tasks.is_running(f"journal.{name}") for name in names))
    return page


async def opened(stage: Stage, what: str = "") -> JournalPage:
    await stage.until(lambda: stage.window.view is not None and stage.window.view.info is not None)
    stage.window.go(Place("journal", what))
    return await shown(stage)


async def shown(stage: Stage) -> JournalPage:
    page = await settled(stage)
    await stage.until(lambda: page.room.state is not QueryState.LOADING)
    return await settled(stage)


async def test_an_empty_journal_says_what_will_stand_there(stage: Stage) -> None:
    page = await opened(stage)
    assert page.room.state is QueryState.GOOD
    assert not page.pane.isVisible()


async def test_entries_stand_by_day_the_newest_first_with_the_first_one_open(stage: Stage) -> None:
    with time_machine.travel("2026-11-28T10:00:00Z", tick=False) as clock:
        await add(stage, intent("Send 1 record to orders-dlq"), RECORD)
        await add(stage, intent("Send 2 records"), state=EntryState.ABORTED, outcome={"message": "no leader"})
        clock.shift(86_400)
        await add(stage, intent("Move billing", "offsets.apply", target="billing"), outcome={"doubt": "it went back"})
    page = await opened(stage)
    days, _time, deeds, targets, outcomes, who, profiles = page.model.columns
    rows = list(page.model.rows)
    assert [deeds.reads(row) for row in rows] == ["Move billing", "Send 2 records", "Send 1 record to orders-dlq"]
    assert [bool(days.reads(row)) for row in rows] == [True, True, False]
    assert [targets.reads(row) for row in rows] == ["billing", "orders", "orders"]
    assert [outcomes.reads(row) for row in rows] == ["done, doubtful", "not done", "done"]
    assert {who.reads(row) for row in rows} == {"anna"}
    assert {profiles.reads(row) for row in rows} == {"orders-eu"}
    page.model.sort_by(2)
    assert all(days.reads(row) for row in page.model.rows), "days stand everywhere in another order"
    assert page.pane.isVisible()
    assert page.pane.title.text() == "Move billing"
    assert page.pane.doubt.text() == "it went back."


async def test_a_queue_that_was_made_for_nothing_is_told(stage: Stage) -> None:
    left = {"message": "no right", "empty_queue": "orders-dlq"}
    await add(stage, intent("Send 2 records"), state=EntryState.ABORTED, outcome=left)
    page = await opened(stage)
    assert page.pane.outcome.text() == "No record was copied, but orders-dlq was made: no right"


async def test_an_entry_shows_its_plan_its_record_and_its_line(stage: Stage) -> None:
    await add(stage, intent("Send 1 record to orders-dlq"), RECORD)
    page = await opened(stage)
    pane = page.pane
    await stage.until(lambda: pane.payloads.shown is not None)
    assert pane.outcome.text() == "Written: billing moves again"
    assert "Copy of orders:3:7" in texts_of(pane.rows)
    assert pane.payloads.head.text() == "1 record"
    assert not pane.payloads.table.isVisible(), "one record needs no list"
    assert "total" in pane.payloads.views.value.code
    assert [name for name, one in pane.payloads.views.choice._buttons.items() if not one.isHidden()] == [
        "value", "tree", "text", "hex", "key", "decoders",
    ]  # fmt: skip
    pane.payloads.views.choice.choose("hex")
    assert pane.payloads.views.hex.hex.isVisible()
    assert not pane.plan.code.isVisible()
    click(pane.plan.head)
    assert '"to": "orders-dlq"' in pane.plan.code.code
    copy = pane.command._copy
    click(copy)
    assert QGuiApplication.clipboard().text() == "kafkaview reroute --to orders-dlq --yes"
    assert "anna, as User:oncall, with kafkaview 0.1.0" in texts_of(pane)


async def test_many_records_are_listed_and_each_is_read_when_it_is_chosen(stage: Stage) -> None:
    many = [replace(RECORD, offset=offset, value=b'{"v": %d}' % offset) for offset in range(260)]
    await add(stage, intent("Send 260 records"), *many)
    page = await opened(stage)
    block = page.pane.payloads
    await stage.until(lambda: block.shown is not None)
    assert (block.model.rowCount(), block.more.isVisible()) == (200, True)
    click(block.more)
    await stage.until(lambda: block.model.rowCount() == 260)
    assert not block.more.isVisible()
    block.table.choose(many[250].id)
    await stage.until(lambda: block.shown is not None and block.shown.record.offset == 250)
    assert '"v": 250' in block.views.value.code
    assert block.table.menu.links is not None
    (link,) = block.table.menu.links(block.model.rows[250])
    link.go()
    assert stage.window._front_page() is stage.window.pages["records"]


async def test_a_large_value_is_shown_in_part_and_saved_whole(stage: Stage, tmp_path: Path) -> None:
    large = replace(RECORD, value=b"x" * 300_000)
    await add(stage, intent("Send 1 record"), large)
    page = await opened(stage)
    block = page.pane.payloads
    await stage.until(lambda: block.shown is not None)
    assert block.views.more.text() == "293.0 KiB, shown in part"
    assert not block.views.more.isEnabled()
    block.save(large.id, tmp_path / "value.bin")
    await stage.until(lambda: "written to" in page.foot.text())
    assert (tmp_path / "value.bin").read_bytes() == large.value


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (PayloadForm.MASKED, "Only length and SHA-256 of the record are kept"),
        (PayloadForm.LEFT_OUT, "The bytes of the record are not kept"),
    ],
)
async def test_what_is_not_kept_is_said_and_the_rest_is_shown(stage: Stage, form: PayloadForm, words: str) -> None:
    await add(stage, intent("Send 1 record"), RECORD, rules=JournalRules(payloads=form))
    page = await opened(stage)
    block = page.pane.payloads
    await stage.until(lambda: block.shown is not None)
    assert words in block.problem.text()
    assert not block.views.isVisible()
    assert block.masked.isVisible() == (form is PayloadForm.MASKED)
    assert page.pane.title.text() == "Send 1 record"


async def test_a_record_whose_key_is_gone_says_so(stage: Stage) -> None:
    ring = MemoryRing()
    stage.session.journal._keys = SealingKeys(keyring(ring))
    await add(stage, intent("Send 1 record"), RECORD, rules=JournalRules(payloads=PayloadForm.ENCRYPTED))
    page = await opened(stage)
    block = page.pane.payloads
    await stage.until(lambda: block.shown is not None)
    assert "total" in block.views.value.code
    assert block.head.text() == "1 record, encrypted"
    ring.entries.clear()
    stage.session.journal._keys = SealingKeys(keyring(ring))
    await add(stage, intent("Another"))
    stage.window.go(Place("journal", "2"))
    await settled(stage)
    stage.window.go(Place("journal", "1"))
    await stage.until(lambda: "not in the keyring" in block.problem.text())
    assert not block.views.isVisible()
    assert page.pane.title.text() == "Send 1 record"


async def test_a_search_an_outcome_and_a_kind_cut_the_list(stage: Stage) -> None:
    await add(stage, intent("Send 1 record to orders-dlq"), RECORD)
    await add(stage, intent("Create refunds", "topics.create", target="refunds"), state=EntryState.ABORTED)
    page = await opened(stage)
    assert [page.search.kinds.itemText(place) for place in range(page.search.kinds.count())] == [
        "All kinds", "reroute", "topics.create",
    ]  # fmt: skip
    QTest.keyClicks(page.search.field, "orders:3:7")
    await stage.until(lambda: page.model.rowCount() == 1)
    await settled(stage)
    assert page.pane.title.text() == "Send 1 record to orders-dlq"
    page.search.field.clear()
    await stage.until(lambda: page.model.rowCount() == 2)
    page.search.outcomes._buttons["refused"].click()
    await stage.until(lambda: page.model.rowCount() == 1)
    await settled(stage)
    assert page.pane.title.text() == "Create refunds"
    page.search.kinds.setCurrentIndex(1)
    await stage.until(lambda: page.room.state is QueryState.EMPTY)
    page.search.clear()
    await stage.until(lambda: page.room.shows_content and page.model.rowCount() == 2)


async def test_older_entries_come_in_pages_when_the_end_is_reached(stage: Stage) -> None:
    journal = stage.session.journal
    await journal.begin(intent("The first"), ())
    database = sqlite3.connect(journal.path)
    with database:
        columns = "begun_at_ms, kind, title, command, profile, cluster_id, plan, state, words"
        for number in range(2 * PAGE + 200):
            database.execute(
                f"INSERT INTO entry ({columns}) VALUES (?, 'reroute', ?, 'c', 'p', NULL, '{{}}', 'aborted', ?)",  # noqa: S608
                (1_790_000_000_000 + number, f"Deed {number}", f"deed {number}"),
            )
    database.close()
    page = await opened(stage)
    assert page.model.rowCount() == PAGE
    assert page.foot.text() == f"the newest {PAGE} of 1,201 entries"
    chosen = page.model.rows[3].entry.id
    page.table.choose(chosen)
    await settled(stage)
    page.table.verticalScrollBar().setValue(page.table.verticalScrollBar().maximum())
    await stage.until(lambda: page.model.rowCount() == 2 * PAGE)
    assert page.table.selected is not None
    assert page.table.selected.entry.id == chosen, "the selection stays"
    click(page.more)
    await stage.until(lambda: page.model.rowCount() == 1_201)
    assert not page.more.isVisible()
    assert [row.entry.id for row in page.model.rows] == list(range(1_201, 0, -1))


async def test_an_undo_is_planned_from_the_page_and_then_stands_there(stage: Stage) -> None:
    cluster = stage.world.cluster
    stage.grows = False
    cluster.commit("idle", PLACE, 5)
    stands = (await cluster.committed_offsets(["idle"]))["idle"]
    assert not isinstance(stands, Exception)
    change = OffsetChange("idle", PLACE, None, CommittedOffset(2, None, ""), stands[PLACE])
    made = intent("Move idle", "offsets.apply", target="idle", offsets=(change,), undoable=True)
    entry = await add(stage, made)
    page = await opened(stage)
    assert page.pane.undo.isEnabled(), page.pane.why_not.text()
    click(page.pane.undo)
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, UndoSheet)
    click(sheet.go)
    await carry_out(stage)
    committed = (await cluster.committed_offsets(["idle"]))["idle"]
    assert not isinstance(committed, Exception)
    assert committed[PLACE].offset == 2
    await settled(stage)
    await stage.until(lambda: page.pane.related.isVisible() and page.model.rowCount() == 2)
    assert page.pane.related.text() == f"Undone by entry {entry + 1}"
    assert not page.pane.undo.isEnabled()
    assert page.pane.why_not.text() == f"Entry {entry + 1} has undone it."
    click(page.pane.related)
    await stage.until(lambda: page.pane.entry is not None and page.pane.entry.id == entry + 1)
    assert page.pane.related.text() == f"It undoes entry {entry}"


async def carry_out(stage: Stage) -> None:
    await stage.until(lambda: isinstance(Veil.over(stage.window), PlanDialog))
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: not stage.window.tasks.is_running("change.plan"))
    click(dialog.ask.confirm)
    await stage.until(dialog.outcome.isVisible, 40)
    click(dialog.ask.cancel)


@pytest.mark.parametrize(
    ("kind", "state", "cluster", "why"),
    [
        ("reroute", EntryState.COMMITTED, None, "Kafka takes no copy back"),
        ("records.produce", EntryState.COMMITTED, None, "Kafka takes no record back"),
        ("acls.create", EntryState.COMMITTED, None, "make the opposite change by hand"),
        ("topics.create", EntryState.ABORTED, None, "was not carried out"),
        ("topics.create", EntryState.COMMITTED, "another", "It is of another cluster (another)"),
    ],
)
async def test_where_nothing_can_be_undone_the_button_says_why(
    stage: Stage, kind: str, state: EntryState, cluster: str | None, why: str
) -> None:
    made = intent("A deed", kind, undoable=kind == "topics.create")
    if cluster is None:
        await add(stage, made, state=state)
    else:
        await stage.session.journal.end(
            await stage.session.journal.begin(replace(made, cluster_id=cluster), ()), state, {}
        )
    page = await opened(stage)
    assert page.pane.undo.isVisible()
    assert not page.pane.undo.isEnabled()
    assert why in page.pane.why_not.text()
    action = next(one for one in page.actions_of_page() if one.id == "journal.undo")
    assert why in action.why_not()


async def test_ctrl_z_opens_the_plan_of_the_last_write_or_says_why_not(stage: Stage) -> None:
    await stage.until(lambda: stage.window.view is not None and stage.window.view.info is not None)
    stage.window.activateWindow()
    QTest.keyClick(stage.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await stage.until(lambda: "nothing to undo" in stage.window._notice.accessibleName())
    await add(stage, intent("Send 1 record"))
    QTest.keyClick(stage.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await stage.until(lambda: "cannot be undone" in stage.window._notice.accessibleName())
    assert "Kafka takes no copy back" in stage.window._notice.accessibleName()
    made = intent("Create refunds", "topics.create", target="refunds", undoable=True)
    stage.world.cluster.add_topic("refunds")
    await add(stage, replace(made, plan={"topic": "refunds"}))
    QTest.keyClick(stage.window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await stage.until(lambda: isinstance(Veil.over(stage.window), PlanDialog))
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None)
    assert dialog.plan is not None
    assert dialog.plan.title == "Undo entry 2: Create refunds"
    dialog.lift()


async def test_ctrl_z_in_a_text_undoes_the_typing(stage: Stage) -> None:
    await add(stage, intent("Send 1 record"))
    page = await opened(stage)
    stage.window.activateWindow()
    page.search.field.setFocus()
    QTest.keyClicks(page.search.field, "abc")
    QTest.keyClick(page.search.field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await settled(stage)
    assert page.search.field.text() == ""
    assert not stage.window._notice.isVisible()


async def test_a_damaged_file_is_said_and_a_mended_one_read_again(stage: Stage) -> None:
    path = stage.session.journal.path
    path.write_bytes(b"this is not a database" * 100)
    page = await opened(stage)
    assert page.room.state is QueryState.FAILED
    path.unlink()
    (again,) = (one for one in page.room.front.findChildren(Button) if one.text() == "Ask again")
    click(again)
    await stage.until(lambda: page.room.state is QueryState.GOOD)


async def test_a_locked_file_keeps_what_was_read(stage: Stage) -> None:
    await add(stage, intent("Send 1 record"), RECORD)
    page = await opened(stage)
    journal = stage.session.journal
    await journal._looking.close()
    journal._looking = type(journal._looking)("journal-search", lambda: Path("/dev/null/none"))
    page.read()
    await stage.until(lambda: page.room._banner is not None and page.room._banner.isVisible())
    assert page.room.shows_content
    assert page.model.rowCount() == 1


async def test_what_was_found_is_exported_as_json_lines(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(stage, intent("Send 1 record to orders-dlq"), RECORD)
    await add(stage, intent("Create refunds", "topics.create", target="refunds"))
    page = await opened(stage)
    page.search.field.setText("refunds")
    await stage.until(lambda: page.model.rowCount() == 1)
    path = tmp_path / "found.jsonl"
    monkeypatch.setattr(QFileDialog, "open", lambda dialog: dialog.fileSelected.emit(str(path)))
    click(page.export_button)
    await stage.until(path.exists)
    await stage.until(lambda: "written to" in page.foot.text())
    (line,) = path.read_bytes().splitlines()
    assert orjson.loads(line)["title"] == "Create refunds"
    (dialog,) = stage.window.findChildren(QFileDialog)
    dialog.deleteLater()


async def test_the_strip_of_an_outcome_leads_to_its_entry(stage: Stage) -> None:
    await stage.until(lambda: stage.window.view is not None and stage.window.view.topics is not None)
    stage.window.go(Place("topics", "orders"))
    change_dialog(stage.topics.context, lambda engine: engine.plan_set_settings("orders", {"retention.ms": "9"})).open()
    await carry_out(stage)
    assert stage.outcome.entry.text() == "Journal entry 1"
    click(stage.outcome.entry)
    page = await shown(stage)
    assert stage.window._front_page() is page
    assert page.pane.entry is not None
    assert (page.pane.entry.id, page.pane.entry.target) == (1, "orders")
    assert page.pane.entry.author is not None
    assert page.pane.undo.isEnabled()


async def test_the_dialog_of_a_write_leads_to_its_entry_too(stage: Stage) -> None:
    await stage.until(lambda: stage.window.view is not None and stage.window.view.topics is not None)
    context = stage.topics.context
    change_dialog(context, lambda engine: engine.plan_set_settings("orders", {"retention.ms": "9"})).open()
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(dialog.ask.confirm.isEnabled)
    click(dialog.ask.confirm)
    await stage.until(dialog.open_entry.isVisible, 40)
    click(dialog.open_entry)
    page = await shown(stage)
    assert Veil.over(stage.window) is None
    assert page.pane.entry is not None
    assert page.pane.entry.id == 1


async def test_the_keyboard_alone_finds_an_entry_and_opens_its_undo(stage: Stage, qapp: QApplication) -> None:
    stage.world.cluster.add_topic("refunds")
    made = intent("Create refunds", "topics.create", target="refunds", undoable=True)
    await add(stage, replace(made, plan={"topic": "refunds"}))
    await add(stage, intent("Send 1 record"), RECORD)
    await stage.until(lambda: stage.window.view is not None and stage.window.view.info is not None)
    stage.window.activateWindow()

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(qapp.focusWidget() or stage.window, key, modifier)

    press(Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    page = await shown(stage)
    assert stage.window._front_page() is page
    press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.search.field.hasFocus()
    QTest.keyClicks(page.search.field, "refunds")
    await stage.until(lambda: page.model.rowCount() == 1)
    await settled(stage)
    press(Qt.Key.Key_Escape)
    await stage.until(lambda: page.model.rowCount() == 2)
    await settled(stage)
    for _ in range(20):
        if page.table.hasFocus():
            break
        press(Qt.Key.Key_Tab)
    assert page.table.hasFocus()
    press(Qt.Key.Key_Down)
    await stage.until(lambda: page.pane.entry is not None and page.pane.entry.title == "Create refunds")
    for _ in range(20):
        if page.pane.undo.hasFocus():
            break
        press(Qt.Key.Key_Tab)
    assert page.pane.undo.hasFocus()
    press(Qt.Key.Key_Space)
    await stage.until(lambda: isinstance(Veil.over(stage.window), PlanDialog))
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and not stage.window.tasks.is_running("change.plan"))
    press(Qt.Key.Key_Escape)
    await stage.until(lambda: Veil.over(stage.window) is None)


async def test_a_place_names_an_entry_also_one_that_is_not_listed(stage: Stage) -> None:
    for number in range(3):
        await add(stage, intent(f"Deed {number}"))
    page = await opened(stage, "2")
    await stage.until(lambda: page.pane.entry is not None and page.pane.entry.id == 2)
    assert page.table.selected is not None
    assert page.table.selected.entry.id == 2
    assert page.place() == Place("journal", "2", "")
    stage.window.go(Place("journal", "1", "deed -1"))
    await stage.until(lambda: page.pane.entry is not None and page.pane.entry.id == 1)
    stage.window.go(Place("journal", "2", "deed 0"))  # it does not fit the search
    await stage.until(lambda: page.pane.entry is not None and page.pane.entry.id == 2)
    stage.window.go(Place("journal", "99"))
    await stage.until(lambda: "no entry 99" in page.foot.text())


async def test_an_entry_of_very_many_groups_holds_the_window_up_for_no_time(stage: Stage) -> None:
    rows = tuple((f"group-{number} on orders:1", "100", "101") for number in range(103))
    names = ", ".join(f"group-{number}" for number in range(5_000))
    entry = await add(stage, intent("Move 103 groups", rows=rows), outcome={"message": names})
    stage.window.go(Place("journal", str(entry)))
    page = await settled(stage)
    view = page.pane.entry
    assert view is not None
    assert view.message.endswith(f"; `kafkaview journal show {entry}` has all")
    assert page.pane.rows.table.rows.rowCount() == 103
    assert page.pane.rows.table.height() < 400
    few = replace(view, id=view.id + 1, rows=view.rows[:3], row_count=3, message="")
    took: dict[int, list[float]] = {view.row_count: [], few.row_count: []}
    for one in (few, view) * 3:
        began = time.thread_time()
        page.pane.show_entry(one, "")
        QApplication.processEvents()
        took[one.row_count].append(time.thread_time() - began)
    assert min(took[103]) < 3 * min(took[3]), took
