"""Sending dead letters back from the page on the fake cluster: selected ones, all of a cut, mended, one by hand."""

from __future__ import annotations

import asyncio
import re
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from kafkaview.terms import Header
from kafkaview.triage.dead_letters.causes import CauseKey
from kafkaview.triage.dead_letters.sent_back import HOPS_HEADER
from kafkaview.triage.mending.result import MendOutcome
from kafkaview.triage.mending.rules import AcceptKind
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.dead_letters.edit_sheet import EditSheet
from kafkaview.ui.pages.dead_letters.mend_sheet import MendSheet
from kafkaview.ui.pages.dead_letters.page import DeadLettersPage
from kafkaview.ui.writes.form_sheet import DropSheet, FormSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS
from tests.ui.pages.conftest import Stage

HOUR = 3_600_000
S = TypeVar("S", bound=Veil)


def headers(number: int, message: str, hops: int = 0) -> tuple[Header, ...]:
    names = {"topic": "bills", "partition": "0", "offset": str(number), "exception.message": message}
    own = (Header(HOPS_HEADER, b"%d" % hops),) if hops else ()
    return (*own, *(Header(f"__connect.errors.{name}", text.encode()) for name, text in names.items()))


async def opened(stage: Stage) -> DeadLettersPage:
    """Twelve dead letters of a topic, two of which no rule mends; one came back."""
    cluster = stage.world.cluster
    stage.grows = False
    cluster.add_topic("bills")
    cluster.add_topic("bills-dlq")
    for number in range(12):
        value = b'{"n": "%d"}' % number if number % 6 else b"{"
        cause = "no price" if number % 2 else "no name"
        at_ms = FIRST_TIMESTAMP_MS + number * HOUR
        cluster.add_record(
            "bills-dlq", value, key=b"k", headers=headers(number, cause, number // 11), timestamp_ms=at_ms
        )
    page = stage.window.pages["deadletters"]
    assert isinstance(page, DeadLettersPage)
    stage.window.go(Place("deadletters"))
    await stage.until(lambda: page._breakdown is not None and page._breakdown.ended and page.letters.rowCount() == 12)
    await stage.until(lambda: not stage.window.tasks.is_running("deadletters.states"))
    return page


def sheet_of(stage: Stage, kind: type[S]) -> S:
    found = [one for one in stage.window.findChildren(kind) if one.isVisible()]
    return found[-1]


def is_open(stage: Stage, kind: type[Veil]) -> bool:
    return any(one.isVisible() for one in stage.window.findChildren(kind))


async def planned(stage: Stage) -> PlanDialog:  # type: ignore[type-arg]
    await stage.until(lambda: is_open(stage, PlanDialog))
    dialog = sheet_of(stage, PlanDialog)
    await stage.until(lambda: dialog.plan is not None and dialog.ask.confirm.isVisible())
    return dialog


async def written(stage: Stage) -> None:
    dialog = await planned(stage)
    await stage.until(dialog.ask.confirm.isEnabled)
    dialog.ask.confirm.click()
    await stage.until(dialog.outcome.isVisible)
    dialog.lift()


def sent(stage: Stage) -> list[bytes | None]:
    return [one.value for one in stage.world.cluster.logged["bills"].logs[0].entries if one is not None]


def states(page: DeadLettersPage) -> list[str]:
    (column,) = (one for one in page.letters.columns if one.title == "State")
    return [re.sub(r"(redriven) .+", r"\1", column.reads(row)) for row in page.letters.rows]  # without the time


async def test_selected_letters_are_sent_back_and_told_as_redriven(stage: Stage) -> None:
    page = await opened(stage)
    assert states(page) == ["came back, hop 1", *["waiting"] * 11]
    assert not page.sending.redrive_button.isEnabled()
    assert page.sending.redrive_button.toolTip() == "Select dead letters first"
    page.letter_table.choose((0, 10))
    QTest.keyClick(page.letter_table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert page.sending.selected.text() == "2 selected"
    assert page.sending.redrive_button.text() == "Redrive 2 to bills…"
    assert not page.sending.edit_button.isEnabled()
    page.sending.redrive_button.click()
    dialog = await planned(stage)
    assert dialog.plan is not None
    assert dialog.plan.title == "Send 2 dead letters of bills-dlq back to bills"
    await written(stage)
    assert sent(stage) == [b'{"n": "9"}', b'{"n": "10"}']
    await stage.until(lambda: states(page)[1:4] == ["redriven", "redriven", "waiting"])
    assert page.listed.text() == "12 records, 2 redriven"
    page.sending.redrive_button.click()
    again = await planned(stage)
    await stage.until(lambda: again.ask.confirm.toolTip() == "None of them is left to send")
    assert not again.ask.confirm.isEnabled()


async def test_all_letters_of_a_cut_are_sent_back_with_the_same_line(stage: Stage) -> None:
    page = await opened(stage)
    assert page.cause_table.choose(CauseKey("no price", "bills"))
    await stage.until(lambda: page.letters.rowCount() == 6)
    await stage.until(lambda: not stage.window.tasks.is_running("deadletters.letters"))
    page.sending.all_button.click()
    assert page.sending.selected.text() == "all selected"
    page.sending.redrive_button.click()
    dialog = await planned(stage)
    assert dialog.plan is not None
    words = ("redrive", "bills-dlq", "--cause", "no price", "--origin", "bills", "--yes")
    assert tuple(dialog.plan.line) == words
    await written(stage)
    assert sent(stage) == [b'{"n": "%d"}' % number for number in range(1, 12, 2)]


async def test_letters_are_mended_by_a_rule_that_is_tried_first(stage: Stage) -> None:
    page = await opened(stage)
    page.sending.all_button.click()
    page.sending.mend_button.click()
    await stage.until(lambda: is_open(stage, MendSheet))
    sheet = sheet_of(stage, MendSheet)
    assert not sheet.go.isEnabled()
    assert sheet.go.toolTip() == "Try the rule first."
    sheet.kinds.choose("cel")
    sheet.rule.setPlainText('merge(value, {"n": int(value.n)})')
    sheet.accept.kinds.setCurrentIndex(sheet.accept.kinds.findData(AcceptKind.JSON.value))
    sheet.try_button.click()
    await stage.until(sheet.go.isEnabled)
    assert [sheet.view.counts[outcome].text() for outcome in MendOutcome] == ["0 unchanged", "10 mended", "2 failed"]
    assert sheet.view.said.text() == "10 dead letters can be sent back, 2 would stay."
    texts = [sheet.view.letters.columns[-1].reads(row) for row in sheet.view.letters.rows]
    assert sum("the value ends inside an object at byte 0" in text for text in texts) == 2
    assert 'value.n: "1" → 1' in texts
    mended = next(row for row in sheet.view.letters.rows if row.outcome is MendOutcome.MENDED)
    sheet.view.table.choose(mended.record)
    await stage.until(sheet.view.differences.isVisible)
    sheet.rule.setPlainText('merge(value, {"n": int(value.n), "mended": true})')
    assert not sheet.go.isEnabled()  # what was tried was another rule
    sheet.try_button.click()
    await stage.until(sheet.go.isEnabled)
    sheet.go.click()
    await written(stage)
    await stage.until(lambda: not is_open(stage, MendSheet))
    numbers = [number for number in range(12) if number % 6]
    assert sent(stage) == [b'{"n": %d, "mended": true}' % number for number in numbers]


@pytest.mark.parametrize("started", [False, True])
async def test_a_trial_that_is_stopped_can_be_made_again(stage: Stage, *, started: bool) -> None:
    page = await opened(stage)
    page.sending.all_button.click()
    page.sending.mend_button.click()
    await stage.until(lambda: is_open(stage, MendSheet))
    sheet = sheet_of(stage, MendSheet)
    sheet.kinds.choose("cel")
    sheet.rule.setPlainText('merge(value, {"n": int(value.n)})')
    stage.world.cluster.delays["offsets"] = 5.0
    sheet.try_button.click()
    if started:
        await asyncio.sleep(0.05)
    stage.window.tasks.cancel_newest()
    await stage.until(lambda: sheet.view.said.text() == "The trial was stopped.")
    assert sheet.go.toolTip() == "Try the rule first."
    stage.world.cluster.delays.clear()
    sheet.try_button.click()
    await stage.until(sheet.go.isEnabled)


async def test_a_rule_that_cannot_be_used_is_told_in_the_sheet(stage: Stage) -> None:
    page = await opened(stage)
    page.letter_table.choose((0, 1))
    page.sending.mend_button.click()
    await stage.until(lambda: is_open(stage, MendSheet))
    sheet = sheet_of(stage, MendSheet)
    sheet.rule.setPlainText("{")
    sheet.try_button.click()
    await stage.until(lambda: "is not JSON that can be used" in sheet.view.said.text())
    assert not sheet.go.isEnabled()
    sheet.kinds.choose("python")
    assert sheet.go.toolTip() == "The Python file is missing."
    sheet.file.setText("/missing.py")
    sheet.try_button.click()
    await stage.until(lambda: "cannot be read" in sheet.view.said.text())
    sheet.kinds.choose("merge")
    assert sheet.rule.code == "{"
    sheet.accept.kinds.setCurrentIndex(sheet.accept.kinds.findData("version"))
    assert sheet.go.toolTip() == "The version is a number from 1 on."
    assert not sheet.try_button.isEnabled()


async def test_one_value_is_edited_by_hand_with_what_differs_at_each_key(stage: Stage) -> None:
    page = await opened(stage)
    page.letter_table.choose((0, 6))
    page.sending.edit_button.click()
    await stage.until(lambda: is_open(stage, EditSheet))
    sheet = sheet_of(stage, EditSheet)
    await stage.until(sheet.value.isEnabled)
    assert sheet.value.text.code == "{"
    sheet.accept.kinds.setCurrentIndex(sheet.accept.kinds.findData(AcceptKind.JSON.value))
    await stage.until(lambda: sheet.reading.text() == "the value ends inside an object at byte 0")
    assert not sheet.go.isEnabled()
    sheet.value.text.setPlainText('{"n": 0.10}')
    await stage.until(lambda: sheet.reading.text() == "It is taken as it is typed.")
    assert [(row.left, row.right) for row in sheet.differences.rows.rows] == [("{", '{"n": 0.10}')]
    sheet.go.click()
    await written(stage)
    await stage.until(lambda: not is_open(stage, EditSheet))
    assert sent(stage) == [b'{"n": 0.10}']


async def press(keys: str, *, shift: bool = False, control: bool = False) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    modifier = Qt.KeyboardModifier.ControlModifier if control else modifier
    QTest.keyClick(focus, getattr(Qt.Key, f"Key_{keys}"), modifier)


async def tab_to(wanted: QWidget, most: int = 60) -> None:
    """Presses Tab until a widget has the keyboard."""
    for _ in range(most):
        if QApplication.focusWidget() is wanted:
            return
        await press("Tab")
    raise AssertionError(f"Tab does not reach {wanted.accessibleName() or wanted}")


async def test_letters_are_mended_by_keyboard_alone(stage: Stage) -> None:
    page = await opened(stage)
    page.letter_table.setFocus(Qt.FocusReason.TabFocusReason)
    page.letter_table.choose((0, 11))
    for _ in range(4):
        await press("Down", shift=True)
    await tab_to(page.sending.mend_button)
    await press("Space")
    await stage.until(lambda: is_open(stage, MendSheet))
    sheet = sheet_of(stage, MendSheet)
    await tab_to(sheet.rule)
    await press("A", control=True)
    for letter in '{"n": 7}':
        QTest.keyClicks(sheet.rule, letter)
    await tab_to(sheet.try_button)
    await press("Space")
    await stage.until(sheet.go.isEnabled)
    assert sheet.view.counts[MendOutcome.MENDED].text() == "5 mended"
    await tab_to(sheet.go)
    await press("Space")
    dialog = await planned(stage)
    await stage.until(dialog.ask.confirm.isEnabled)
    await tab_to(dialog.ask.confirm)
    await press("Space")
    await stage.until(dialog.outcome.isVisible)
    await press("Escape")
    await stage.until(lambda: not is_open(stage, MendSheet))
    assert sent(stage) == [b'{"n": 7}'] * 5


async def test_one_letter_is_edited_by_keyboard_alone(stage: Stage) -> None:
    page = await opened(stage)
    page.letter_table.setFocus(Qt.FocusReason.TabFocusReason)
    page.letter_table.choose((0, 0))
    await tab_to(page.sending.edit_button)
    await press("Space")
    await stage.until(lambda: is_open(stage, EditSheet))
    sheet = sheet_of(stage, EditSheet)
    await stage.until(lambda: QApplication.focusWidget() is sheet.value.text)
    await press("End", control=True)
    QTest.keyClicks(sheet.value.text, "}")
    await stage.until(sheet.go.isEnabled)
    await tab_to(sheet.go)
    await press("Return")
    dialog = await planned(stage)
    await stage.until(dialog.ask.confirm.isEnabled)
    await tab_to(dialog.ask.confirm)
    await press("Return")
    await stage.until(dialog.outcome.isVisible)
    assert sent(stage) == [b"{}"]


async def edited(stage: Stage, place: tuple[int, int] = (0, 6)) -> EditSheet:
    """The editor of a dead letter, once its value is there."""
    page = await opened(stage)
    page.letter_table.choose(place)
    page.sending.edit_button.click()
    await stage.until(lambda: is_open(stage, EditSheet))
    sheet = sheet_of(stage, EditSheet)
    await stage.until(lambda: sheet.value.isEnabled() and not stage.window.tasks.is_running("deadletters.draft"))
    return sheet


async def test_escape_asks_before_it_drops_what_was_typed(stage: Stage) -> None:
    sheet = await edited(stage)
    QTest.keyClicks(sheet.value.text, "x")
    await press("Escape")
    question = sheet_of(stage, DropSheet)
    assert sheet.isVisible()
    await press("Escape")
    assert not question.isVisible()
    assert sheet.value.text.code == "x{"
    assert QApplication.focusWidget() is sheet.value.text
    await press("Escape")
    sheet_of(stage, DropSheet).drop.click()
    await stage.until(lambda: not is_open(stage, EditSheet))
    assert sent(stage) == []


async def test_escape_closes_an_editor_in_which_nothing_is_changed(stage: Stage) -> None:
    sheet = await edited(stage)
    QTest.keyClicks(sheet.value.text, "x")
    QTest.keyClick(sheet.value.text, Qt.Key.Key_Backspace)
    await press("Escape")
    assert not is_open(stage, EditSheet)


async def test_what_is_held_to_nothing_is_not_called_taken(stage: Stage) -> None:
    sheet = await edited(stage)
    assert not sheet.accept.checks, "bills has no record that shows a format"
    await stage.until(lambda: "Not checked: it is sent as it is, byte for byte" in sheet.reading.text())
    assert sheet._mark.mark is Mark.IDLE
    assert sheet.accept.why.text() == "Whether their readers take them is not checked."


@pytest.mark.parametrize(("sheet_kind", "chosen"), [(EditSheet, "one"), (MendSheet, "one"), (MendSheet, "all")])
async def test_a_value_is_held_to_the_format_of_its_topic_unasked(
    stage: Stage, sheet_kind: type[FormSheet], chosen: str
) -> None:
    page = await opened(stage)
    for number in range(6):
        stage.world.cluster.add_record("bills", b'{"n": %d}' % number)
    if chosen == "all":
        await stage.until(lambda: page._breakdown is not None and page._breakdown.complete)
        page.sending.all_button.click()
    else:
        page.letter_table.choose((0, 6))
    button = page.sending.edit_button if sheet_kind is EditSheet else page.sending.mend_button
    button.click()
    await stage.until(lambda: is_open(stage, sheet_kind))
    sheet = sheet_of(stage, sheet_kind)
    assert isinstance(sheet, EditSheet | MendSheet)
    await stage.until(lambda: sheet.accept.checks)
    assert sheet.accept.acceptance.kind is AcceptKind.TOPIC
    assert sheet.accept.why.text() == "bills: 6 of 6 sampled records are JSON"
    assert not sheet.edited
    sheet.accept.kinds.setCurrentIndex(0)
    sheet.accept.offer_own("bills: 6 of 6 sampled records are JSON")
    assert not sheet.accept.checks, "the user has chosen"
