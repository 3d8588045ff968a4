"""Sending a record from the Records page: the editor, what it keeps byte for byte, and its plan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from kafkaview.cluster.errors import RefusedByPolicy
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.records.detail import FieldBytes
from kafkaview.terms import Header, Record, TopicPartition
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.records.headers_editor import HeaderFields, HeadersEditor
from kafkaview.ui.pages.records.import_sheet import ImportSheet
from kafkaview.ui.pages.records.page import RecordsPage
from kafkaview.ui.pages.records.record_editor import RecordEditor
from kafkaview.ui.record.bytes_editor import BytesEditor
from kafkaview.ui.record.field_bytes import Notation, read_bytes, write_bytes
from kafkaview.ui.writes.form_sheet import FormSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.records import batch_room
from kafkaview.writes.records.request import SourcePart
from tests.ui.pages.conftest import PROFILE, Stage
from tests.ui.pages.test_records_page import opened, read, records

KEPT = SourcePart.KEPT
LARGE = b"\xff" + b"x" * 300_000


async def editor(stage: Stage) -> RecordEditor:
    await stage.until(lambda: isinstance(Veil.over(stage.window), RecordEditor))
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, RecordEditor)
    return sheet


async def plan_of(stage: Stage, sheet: FormSheet) -> tuple[PlanDialog[ChangePlan], ChangePlan]:
    """The dialog above the editor, once its plan is shown."""
    assert sheet.go.isEnabled(), sheet.why_not()
    sheet.go.click()
    await stage.until(lambda: isinstance(Veil.over(stage.window), PlanDialog))
    dialog = Veil.over(stage.window)
    assert isinstance(dialog, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and not stage.window.tasks.is_running("change.plan"))
    assert isinstance(dialog.plan, ChangePlan)
    return dialog, dialog.plan


async def carry_out(stage: Stage, dialog: PlanDialog[ChangePlan]) -> None:
    dialog.ask.confirm.click()
    await stage.until(dialog.outcome.isVisible)


def newest(stage: Stage, topic: str, partition: int) -> Record:
    record = stage.world.cluster.log(TopicPartition(topic, partition)).entries[-1]
    assert record is not None
    return record


async def test_a_record_is_sent_again_byte_for_byte_unless_it_is_edited(stage: Stage) -> None:
    page = await read(stage, str(stage.world.poison))
    await opened(stage, page)
    page.sending.again_button.click()
    sheet = await editor(stage)
    source = newest_of(stage)
    assert (sheet.request.key, sheet.request.value, sheet.request.headers) == (KEPT, KEPT, KEPT)
    assert sheet.request.partition == 1
    assert sheet.value.modes.current == "hex", "it is no text"
    await stage.until(lambda: "cannot be read: byte 50 of the value is not UTF-8" in sheet.reading.text())
    dialog, plan = await plan_of(stage, sheet)
    assert plan.cautions[0].consequence == "A reader of orders may stop on it."
    await carry_out(stage, dialog)
    sent = newest(stage, "orders", 1)
    assert (sent.key, sent.value, sent.headers) == (source.key, source.value, source.headers)
    assert "It is orders:1 at offset" in dialog.outcome.text.text()
    await stage.until(lambda: not sheet_is_open(sheet))
    dialog.lift()


def newest_of(stage: Stage) -> Record:
    """The poison record."""
    found = stage.world.cluster.log(stage.world.poison.topic_partition).entries[stage.world.poison.offset]
    assert found is not None
    return found


def sheet_is_open(sheet: RecordEditor) -> bool:
    try:
        return sheet.isVisible()
    except RuntimeError:  # Qt has deleted it
        return False


async def test_an_editor_does_not_begin_with_a_reproach(stage: Stage) -> None:
    page = await read(stage, "orders")
    page.sending.send_button.click()
    sheet = await editor(stage)
    await stage.until(lambda: not stage.window.tasks.is_running("records.draft"))
    assert sheet.reading.text() == ""
    sheet.value.text.setPlainText("{")
    await stage.until(lambda: "cannot be read" in sheet.reading.text())
    sheet.lift()


async def test_an_edited_value_is_checked_while_it_is_typed_and_the_rest_is_kept(stage: Stage) -> None:
    page = await read(stage, str(stage.world.poison))
    await opened(stage, page)
    page.sending.send_opened()
    sheet = await editor(stage)
    sheet.value.text.setPlainText("7b 7")
    assert not sheet.go.isEnabled()
    assert "The value: This is no hex." in sheet._why.text()
    sheet.value.text.setPlainText("7b 7d")
    sheet.value.modes.choose("text")
    assert sheet.value.text.toPlainText() == "{}"
    await stage.until(lambda: sheet.reading.text() == "JSON reads the value")
    rows = sheet.headers.rows
    rows[2].kind.setCurrentIndex(rows[2].kind.findData("text"))
    rows[2].kind.activated.emit(0)
    rows[2].raised.emit()
    sheet.partition.show_value("")
    dialog, plan = await plan_of(stage, sheet)
    assert [one.consequence for one in plan.cautions] == ["It cannot be undone."]
    assert plan.document["chosen_by"] == "key"
    await carry_out(stage, dialog)
    sent = newest(stage, "orders", plan.document["partition"])
    names = [header.key for header in newest_of(stage).headers or ()]
    assert (sent.key, sent.value) == (b"c-0731", b"{}")
    assert sent.headers == (Header(names[0], b"7f3c9e0a"), Header("source", b""), Header("source", b"checkout"))
    dialog.lift()


async def test_a_plan_that_is_refused_leaves_the_editor_with_all_that_was_typed(stage: Stage) -> None:
    stage.world.cluster.add_topic("state", settings={"cleanup.policy": "compact"})
    page = await read(stage, "payments")
    page.sending.send_button.click()
    sheet = await editor(stage)
    assert sheet.request.key is None
    sheet.topic.setEditText("state")
    sheet.value.text.setPlainText("typed")
    dialog, plan = await plan_of(stage, sheet)
    assert isinstance(plan.problems[0], RefusedByPolicy)
    assert not dialog.ask.confirm.isEnabled()
    dialog.lift()
    assert Veil.over(stage.window) is sheet
    assert sheet.value.text.toPlainText() == "typed"
    sheet.key.modes.choose("text")
    sheet.key.text.setPlainText("k")
    dialog, _ = await plan_of(stage, sheet)
    await carry_out(stage, dialog)
    assert (newest(stage, "state", 0).key, newest(stage, "state", 0).value) == (b"k", b"typed")
    dialog.lift()


async def test_a_value_too_large_to_edit_is_sent_as_it_is_or_replaced(stage: Stage) -> None:
    stage.grows = False
    place = stage.world.cluster.add_record("payments", LARGE, key=b"large")
    page = await read(stage, str(place))
    page.sending.send_again(place, uncommitted=False)
    sheet = await editor(stage)
    assert sheet.value.modes.current == "kept"
    assert "293.0 KiB: sent as they are" in sheet.value.said.text()
    assert sheet.request.value is KEPT
    dialog, _ = await plan_of(stage, sheet)
    await carry_out(stage, dialog)
    assert newest(stage, "payments", 0).value == LARGE
    dialog.lift()
    page.sending.send_again(place, uncommitted=False)
    sheet = await editor(stage)
    sheet.value.modes.choose("text")
    sheet.value.text.setPlainText("small")
    assert sheet.request.value == b"small"
    sheet.lift()


async def test_what_cannot_be_read_again_is_said_in_the_foot(stage: Stage) -> None:
    page = await read(stage, "payments")
    stage.world.cluster.log(TopicPartition("payments", 0)).truncate_before(5)
    page.sending.send_again(replace(stage.world.poison, topic="payments", partition=0, offset=1), uncommitted=False)
    await stage.until(lambda: page.foot.words.text().startswith("Not sent: There is no"))


@pytest.mark.parametrize("profile", [replace(PROFILE, read_only=True)])
async def test_a_read_only_profile_sends_nothing(stage: Stage, profile: ConnectionProfile) -> None:
    page = records(stage)
    assert isinstance(page, RecordsPage)
    assert profile.read_only
    assert not page.sending.send_button.isEnabled()
    assert not page.sending.again_button.isEnabled()
    assert {action.why_not() for action in page.sending.actions} == {"This profile is read-only"}


@pytest.mark.parametrize("data", [b"", b"a\nb", "é\U0001f600\t".encode(), b"\xff", b"a\r\nb", b"\0", b"\xe2\x80\xa8"])
def test_bytes_come_back_from_every_notation(theme: Theme, data: bytes) -> None:
    for notation in Notation:
        shown = write_bytes(data, notation)
        assert shown is None or read_bytes(shown, notation) == data
    field = BytesEditor(theme, height=40)
    field.show_source(FieldBytes(data, len(data)))
    assert field.content is KEPT
    for notation in Notation:
        field.modes.choose(str(notation))
        field.text.setPlainText(field.text.toPlainText() + " ")
        field.text.setPlainText(field.text.toPlainText().removesuffix(" "))
        assert field.content is KEPT, "the same bytes again"


ODD_CHARACTERS = "\r\n\t\0\x0b\x0c\x1c\x85\u00a0\u2028\u2029\ud800\udfff\ufdd0\ufdd1\ufeff\ufffc\ufffe\uffff\U0001f600"
TEXTS = st.text(st.one_of(st.sampled_from(ODD_CHARACTERS), st.characters()), max_size=12)


def type_and_take_back(editor: BytesEditor) -> None:
    """Edit a part, and undo it by hand: all of the field is read."""
    cursor = QTextCursor(editor.text.document())
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.insertText("00")
    assert editor.content is not KEPT
    cursor.deletePreviousChar()
    cursor.deletePreviousChar()


@given(TEXTS)
@example("a\u00a0b")
@example("\ufeffa")
@example("\ufffea")
@example("a\ud800")
@example("a\r\nb\rc\u0085d\u2028e\u2029f\ufdd0g\0")
def test_every_text_comes_back_byte_for_byte_once_a_part_of_it_is_edited(theme: Theme, text: str) -> None:
    data = text.encode(errors="surrogatepass")
    field = BytesEditor(theme, height=40)
    field.show_source(FieldBytes(data, len(data)))
    type_and_take_back(field)
    assert field.content is KEPT, "the same bytes again"
    field.deleteLater()


def test_what_is_copied_in_the_editor_is_pasted_as_it_was(theme: Theme) -> None:
    field = BytesEditor(theme, height=40)
    field.modes.choose("text")
    field.text.setPlainText("a\u00a0b\nc")
    field.text.selectAll()
    field.text.cut()
    assert field.content == b""
    field.text.paste()
    assert field.content == "a\u00a0b\nc".encode()
    assert QApplication.clipboard().text() == "a\u00a0b\nc"
    field.text.setPlainText("a\u2028b")  # what Shift+Enter types
    assert field.content == b"a\nb"
    field.deleteLater()


LONG_LINE = b"x" * 262_144


@pytest.mark.parametrize("data", [LONG_LINE, b"\n" * 262_144])
def test_a_text_that_would_hold_up_the_window_is_edited_in_hex(theme: Theme, data: bytes) -> None:
    field = BytesEditor(theme, height=40, null="Null")
    field.show_source(FieldBytes(data, len(data)))
    assert (field.modes.current, field.content) == ("hex", KEPT)
    field.modes.choose("base64")
    assert max(map(len, field.text.toPlainText().splitlines())) <= 76
    field.modes.choose("text")
    assert field.modes.current == "hex"
    assert "too long to be edited as text" in field.said.text()
    type_and_take_back(field)
    assert field.content is KEPT
    field.deleteLater()


def test_a_long_paste_is_refused_whole(theme: Theme) -> None:
    field = BytesEditor(theme, height=40)
    field.modes.choose("text")
    field.text.setPlainText("before")
    QApplication.clipboard().setText("y" * 262_145)
    field.text.paste()
    assert field.content == b"before"
    assert field.said.text().startswith("Not pasted: ")
    QApplication.clipboard().setText("y")
    field.text.selectAll()
    field.text.paste()
    assert (field.content, field.said.text()) == (b"y", "1 byte")
    field.deleteLater()


def test_null_is_not_empty(theme: Theme) -> None:
    field = BytesEditor(theme, height=40)
    field.show_source(None)
    assert (field.modes.current, field.content, field.said.text()) == ("null", KEPT, "null, not empty")
    field.modes.choose("text")
    assert (field.content, field.said.text()) == (b"", "empty, 0 bytes")


def test_headers_that_nobody_edits_stay_as_they_are(theme: Theme) -> None:
    odd = (Header("a", None), Header("a", b""), Header("b\nc", b"\xff\n"), Header("", b"two\nlines"))
    field = HeadersEditor(theme)
    field.show_headers(odd)
    assert field.headers == odd
    field.rows[1].dropped.emit()
    field.add.click()
    assert field.headers == (*odd[:1], *odd[2:], Header("", b""))
    last = field.rows[-1]
    last.name.setText("n")
    last.name.setModified(True)
    last.kind.setCurrentIndex(last.kind.findData("hex"))
    last.value.setText("f")
    last.value.textEdited.emit("f")
    assert field.problem == "Header n: This is no hex"
    last.value.setText("ff 00")
    assert field.headers[-1] == Header("n", b"\xff\x00")
    field.deleteLater()


@given(TEXTS)
@example("\ufeffa")
@example("\ufffea")
@example("a\u00a0b")
@example("a\r\nb\rc\u0085d\u2028e\u2029f\ufdd0g\0")
def test_every_header_comes_back_byte_for_byte_once_a_part_of_it_is_edited(theme: Theme, text: str) -> None:
    data = text.encode(errors="surrogatepass")
    headers = HeadersEditor(theme)
    headers.show_headers([Header(text.encode(errors="replace").decode(), data)])
    before = headers.headers
    row = headers.rows[0]
    for line in (row.name, row.value):
        if line.isEnabled() and not line.isReadOnly():
            line.end(False)
            line.insert("0")
            line.backspace()
    assert headers.headers == before
    headers.deleteLater()


def test_a_header_that_is_renamed_keeps_a_long_value(theme: Theme) -> None:
    long = (Header("a", b"v" * 12_000), Header("b", b"\xff" * 12_000), Header("c", b"\xfe" * 40_000))
    field = HeadersEditor(theme)
    field.show_headers(long)
    for row in field.rows:
        row.name.setText(f"{row.name.text()}2")
    assert field.headers == tuple(Header(f"{one.key}2", one.value) for one in long)
    kept = field.rows[2]
    assert (kept.kind.currentText(), kept.value.placeholderText()) == ("As it is", "39.1 KiB, sent as they are")
    assert not kept.value.isEnabled()
    choose(kept, "text")
    kept.value.setText("n" * 40_000)
    assert field.headers[2] == Header("c2", b"n" * 40_000)
    choose(kept, "kept")
    assert field.headers[2] == Header("c2", long[2].value)
    field.deleteLater()


def choose(row: HeaderFields, kind: str) -> None:
    row.kind.setCurrentIndex(row.kind.findData(kind))


def test_another_kind_of_a_header_shows_the_same_bytes(theme: Theme) -> None:
    field = HeadersEditor(theme)
    field.show_headers([Header("h", b"12"), Header("i", b"\xff")])
    first, second = field.rows
    choose(first, "hex")
    assert (first.value.text(), field.headers[0]) == ("31 32", Header("h", b"12"))
    first.value.setText("33 34")
    choose(first, "text")
    assert (first.value.text(), field.headers[0]) == ("34", Header("h", b"34"))
    choose(second, "text")
    assert (second.kind.currentData(), second.value.text(), field.headers[1]) == ("hex", "ff", Header("i", b"\xff"))
    assert field.said.text() == "Header i: These bytes are no text that could be edited without changing them"
    choose(second, "null")
    assert (field.said.text(), field.headers[1]) == ("", Header("i", None))
    choose(second, "hex")
    assert field.headers[1] == Header("i", b"\xff")
    second.value.setText("0a 0")
    assert field.problem == "Header i: This is no hex"
    second.value.setText("0a")
    choose(second, "text")
    assert field.said.text() == "Header i: A value of several lines is edited in hex"
    field.deleteLater()


def export_of(path: Path, records: int) -> None:
    """A file of JSON lines."""
    lines: list[dict[str, Any]] = [
        {"partition": number % 3, "timestamp_ms": 1, "key_b64": None, "value_b64": "e30=", "headers": []}
        for number in range(records)
    ]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


async def import_sheet(stage: Stage) -> ImportSheet:
    records(stage).sending.import_button.click()
    await stage.until(lambda: isinstance(Veil.over(stage.window), ImportSheet))
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, ImportSheet)
    return sheet


async def test_an_import_is_planned_from_its_fields_and_can_be_stopped_between_two_transactions(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.grows = False
    monkeypatch.setattr(batch_room, "BATCH_RECORDS", 5)
    export_of(tmp_path / "orders.jsonl", 60)
    await read(stage, "payments")
    sheet = await import_sheet(stage)
    assert sheet.why_not() == "A file is missing."
    assert sheet.file.hasFocus()
    sheet.file.setText(str(tmp_path / "orders.jsonl"))
    dialog, plan = await plan_of(stage, sheet)
    assert "its partition is 1, payments has 0 to 0" in plan.problems[0].message
    dialog.lift()
    sheet.topic.setEditText("orders")
    dialog, plan = await plan_of(stage, sheet)
    assert plan.title == "Import 60 records into orders"
    before = stage.world.cluster.calls["transact"]
    stage.world.cluster.delays["commit"] = 0.1
    dialog.ask.confirm.click()
    await stage.until(lambda: stage.world.cluster.calls["transact"] > before + 2)
    assert dialog.ask.cancel.text() == "Stop"
    dialog.ask.cancel.click()
    await stage.until(dialog.outcome.isVisible)
    assert dialog.outcome.title.text() == "Written in part"
    assert "of 60 records stand in orders" in dialog.outcome.text.text()
    assert stage.world.cluster.calls["transact"] < before + 12
    dialog.lift()
    await stage.until(lambda: Veil.over(stage.window) is None)
    stage.world.cluster.delays.clear()
    sheet = await import_sheet(stage)
    sheet.file.setText(str(tmp_path / "orders.jsonl"))
    sheet.topic.setEditText("orders")
    sheet.from_start.setChecked(True)
    dialog, plan = await plan_of(stage, sheet)
    assert (plan.title, plan.command[-1]) == ("Import 60 records into orders", "--from-start")
    dialog.lift()
    sheet.from_start.setChecked(False)
    dialog, plan = await plan_of(stage, sheet)
    assert plan.title.startswith("Import the other ")
    await carry_out(stage, dialog)
    assert "60 of 60 records stand in orders" in dialog.outcome.text.text()
    dialog.lift()
