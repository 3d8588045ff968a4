"""What is written in a window stands on its Journal page and is undone there, on a real broker, with the engine in a
process of its own: an offset change and a re-route, once by clicks and once by keys.
"""

from __future__ import annotations

import os
import pwd
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import orjson
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview import __version__
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.journal_rules import JournalRules, PayloadForm
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Header, RecordId
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.groups.offsets_sheet import OffsetsSheet
from kafkaview.ui.pages.groups.page import GroupsPage
from kafkaview.ui.pages.journal.page import JournalPage
from kafkaview.ui.pages.triage.page import TriagePage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.change_kind import change_dialog
from kafkaview.ui.writes.member_fields import UndoSheet
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.writes.offsets.request import OffsetAnchor
from kafkaview.writes.records.request import ProductionRequest
from tests.broker.keyring_session import KeyringSession
from tests.broker.material import POISON_AT, POISON_VALUE, Broker
from tests.broker.window_stage import opened_window, until
from tests.kit.windowed import click

_WORK = ("page", "entry", "payloads", "payload")


@pytest.fixture
async def window(qapp: QApplication, kafka: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Window]:
    profile = ConnectionProfile("journalled", kafka.bootstrap)
    async with opened_window(qapp, profile, tmp_path / "window.sqlite3") as window:
        yield window


def dialog_of(window: Window) -> PlanDialog[Any]:
    dialog = Veil.over(window)
    assert isinstance(dialog, PlanDialog)
    return dialog


async def carry_out(window: Window) -> None:
    """Agree to the plan that is shown, and close it when it is done."""
    await until(lambda: isinstance(Veil.over(window), PlanDialog))
    dialog = dialog_of(window)
    await until(dialog.ask.confirm.isEnabled)
    click(dialog.ask.confirm)
    await until(dialog.outcome.isVisible, 60)
    click(dialog.ask.cancel)


async def move(window: Window, group: str, to: int) -> None:
    """Change the committed offset of a group from the Groups page."""
    await until(
        lambda: window.view is not None and window.view.groups is not None and group in window.view.groups.names
    )
    window.go(Place("groups", group))
    page = window.pages["groups"]
    assert isinstance(page, GroupsPage)
    await until(lambda: page.table.selected is not None and page.table.selected.name == group)
    await until(lambda: page.detail.partitions.total > 0)
    click(page.detail.change)
    sheet = Veil.over(window)
    assert isinstance(sheet, OffsetsSheet)
    sheet.target.setCurrentIndex(sheet.target.findData(OffsetAnchor.OFFSET))
    sheet.value.setText(str(to))
    click(sheet.go)
    await carry_out(window)


async def journal(window: Window) -> JournalPage:
    """The Journal page, with all of it read."""
    page = window.pages["journal"]
    assert isinstance(page, JournalPage)
    await until(lambda: page.room.shows_content and not page.table._rest.isActive())
    await until(lambda: not any(window.tasks.is_running(f"journal.{name}") for name in _WORK))
    return page


async def test_an_offset_change_and_a_reroute_stand_in_the_journal_and_the_first_is_undone(
    window: Window, kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    broker = Broker(kafka.bootstrap)
    topic, group = broker.poisoned_topic(), f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic, 5, "checkpoint 7")
    await move(window, group, 8)
    assert broker.committed_offsets(group, topic) == 8

    triage = window.pages["triage"]
    assert isinstance(triage, TriagePage)
    triage.plans.open(RerouteRequest((RecordId(topic, 0, POISON_AT),), (), dlq=f"{topic}-dlq"))
    await carry_out(window)
    assert [value for _key, value, _headers in broker.read_committed(f"{topic}-dlq")] == [POISON_VALUE]

    assert window.outcome is not None
    assert window.outcome.entry.text() == "Journal entry 2"
    click(window.outcome.entry)
    page = await journal(window)
    rows = [row.entry for row in page.model.rows]
    assert [(row.id, row.kind, row.target) for row in rows] == [(2, "reroute", topic), (1, "offsets.apply", group)]
    assert {row.os_user for row in rows} == {pwd.getpwuid(os.getuid()).pw_name}
    entry, block = page.pane.entry, page.pane.payloads
    assert entry is not None
    assert entry.author is not None
    assert (entry.author.principal, entry.author.version) == ("User:ANONYMOUS", __version__)
    assert not page.pane.undo.isEnabled()
    await until(lambda: block.shown is not None)
    assert block.shown is not None
    assert block.shown.detail is not None
    assert block.shown.detail.value is not None
    assert block.shown.detail.value.head == POISON_VALUE
    block.views.choice.choose("hex")
    assert block.views.hex.hex.marked == range(12, 13)

    QTest.keyClicks(page.search.field, group)
    await until(lambda: page.model.rowCount() == 1)
    await journal(window)
    assert page.pane.entry is not None
    assert page.pane.entry.id == 1
    assert [(row.what, row.before, row.after) for row in page.pane.entry.rows] == [(f"{topic}:0", "5", "8")]
    page.export.begin(page.search.request, tmp_path / "found.jsonl")
    await until(lambda: "written to" in page.foot.text())
    (line,) = (tmp_path / "found.jsonl").read_bytes().splitlines()
    assert orjson.loads(line)["state"] == "committed"

    click(page.pane.undo)
    sheet = Veil.over(window)
    assert isinstance(sheet, UndoSheet)
    click(sheet.go)
    await carry_out(window)
    assert broker.committed_offsets(group, topic) == 5
    await until(page.pane.related.isVisible)
    assert page.pane.related.text() == "Undone by entry 3"
    assert not page.pane.undo.isEnabled()


async def test_by_keys_alone_the_last_write_is_found_and_undone(
    window: Window, kafka: EmbeddedKafka, qapp: QApplication
) -> None:
    broker = Broker(kafka.bootstrap)
    topic, group = broker.poisoned_topic(), f"g-{uuid.uuid4().hex[:8]}"
    broker.commit(group, topic, 5)
    await move(window, group, 9)
    window.activateWindow()

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(qapp.focusWidget() or window, key, modifier)

    press(Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    page = await journal(window)
    assert page.pane.entry is not None
    assert page.pane.entry.target == group
    press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: isinstance(Veil.over(window), UndoSheet))
    for _ in range(12):
        sheet = Veil.over(window)
        assert isinstance(sheet, UndoSheet)
        if sheet.go.hasFocus():
            break
        press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Space)
    await until(lambda: isinstance(Veil.over(window), PlanDialog))
    dialog = dialog_of(window)
    await until(dialog.ask.confirm.isEnabled)
    for _ in range(12):
        if dialog.ask.confirm.hasFocus():
            break
        press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Space)
    await until(dialog.outcome.isVisible, 60)
    press(Qt.Key.Key_Escape)
    await until(lambda: Veil.over(window) is None)
    assert broker.committed_offsets(group, topic) == 5
    await until(lambda: page.model.rowCount() == 2)
    assert [row.entry.undone_by for row in page.model.rows] == [None, 2]


async def test_encrypted_records_are_shown_while_the_keyring_is_open_and_the_rest_always(
    qapp: QApplication, kafka: EmbeddedKafka, keyring_session: KeyringSession, tmp_path: Path
) -> None:
    profile = ConnectionProfile("sealed", kafka.bootstrap, journal=JournalRules(PayloadForm.ENCRYPTED))
    path, topic = tmp_path / "sealed.sqlite3", Broker(kafka.bootstrap).topic()
    with keyring_session.entered():
        async with opened_window(qapp, profile, path) as window:
            await until(lambda: window.view is not None and window.view.topics is not None)
            request = ProductionRequest(topic, b"key-of-rene", b'{"card": "4111"}', (Header("iban", b"DE02 1203"),))
            topics = window.pages["topics"]
            change_dialog(topics.context, lambda engine: engine.plan_produce_record(request)).open()
            await carry_out(window)
            window.go(Place("journal"))
            page = await journal(window)
            block = page.pane.payloads
            await until(lambda: block.shown is not None)
            assert block.head.text() == "1 record, encrypted"
            assert '"4111"' in block.views.value.code
        content = b"".join(one.read_bytes() for one in tmp_path.iterdir())
        assert [one for one in (b"4111", b"key-of-rene", b"1203") if one in content] == []
        keyring_session.end_keyring()
        async with opened_window(qapp, profile, path) as window:
            await until(lambda: window.view is not None and window.view.topics is not None)
            window.go(Place("journal"))
            page = await journal(window)
            block = page.pane.payloads
            await until(block.problem.isVisible, 90)
            assert block.problem.text().startswith("The record is encrypted")
            assert not block.views.isVisible()
            assert page.pane.title.text() == f"Produce 1 record to {topic}:0"
            assert page.pane.rows.isVisible()
