"""Sending a record again, and an import, by clicks on a real broker, with the engine in a process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from confluent_kafka import Producer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.records.import_sheet import ImportSheet
from kafkaview.ui.pages.records.page import RecordsPage
from kafkaview.ui.pages.records.record_editor import RecordEditor
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.broker.material import ODD_HEADERS, POISON_AT, POISON_VALUE, Broker
from tests.broker.window_stage import opened_window, until
from tests.kit.windowed import click

LARGE = b"\xff\x00" * 2_000_000


@pytest.fixture
async def window(qapp: QApplication, kafka: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Window]:
    profile = ConnectionProfile("records", kafka.bootstrap)
    async with opened_window(qapp, profile, tmp_path / "window.sqlite3") as window:
        yield window


async def open_record(window: Window, what: str) -> RecordsPage:
    """The page with a record in its pane."""
    page = window.pages["records"]
    assert isinstance(page, RecordsPage)
    await until(lambda: window.view is not None and window.view.topics is not None)
    window.go(Place("records", what))
    await until(lambda: page.pane.record is not None and str(page.pane.record.id) == what)
    return page


async def carry_out(window: Window) -> str:
    """Agree to the plan that is shown; what came of it."""
    await until(lambda: isinstance(Veil.over(window), PlanDialog))
    dialog = Veil.over(window)
    assert isinstance(dialog, PlanDialog)
    await until(lambda: not window.tasks.is_running("change.plan"))
    click(dialog.ask.confirm)
    await until(dialog.outcome.isVisible)
    assert dialog.outcome.title.text() == "Done: the cluster reads back as planned"
    said = dialog.outcome.text.text()
    click(dialog.ask.cancel)
    return said


async def test_a_poison_record_is_sent_again_as_it_is_and_mended(window: Window, kafka: EmbeddedKafka) -> None:
    broker = Broker(kafka.bootstrap)
    topic = broker.poisoned_topic()
    page = await open_record(window, f"{topic}:0:{POISON_AT}")
    click(page.sending.again_button)
    await until(lambda: isinstance(Veil.over(window), RecordEditor))
    editor = Veil.over(window)
    assert isinstance(editor, RecordEditor)
    click(editor.go)
    assert await carry_out(window) == f"It is {topic}:0 at offset 30"
    await until(lambda: Veil.over(window) is None)

    click(page.sending.again_button)
    await until(lambda: isinstance(Veil.over(window), RecordEditor))
    editor = Veil.over(window)
    assert isinstance(editor, RecordEditor)
    editor.value.modes.choose("hex")
    editor.value.text.setPlainText(POISON_VALUE.replace(b"\xe9", "é".encode()).hex())
    await until(lambda: "byte 2 of the key is not UTF-8" in editor.reading.text())  # the value is read by now
    click(editor.go)
    assert await carry_out(window) == f"It is {topic}:0 at offset 31"
    assert window.outcome is not None
    click(window.outcome.open_record)
    await until(lambda: page.pane.record is not None and page.pane.record.id.offset == 31)
    key = b"k\x00\xff"
    again, mended = broker.read_committed(topic)[30:]
    assert again == (key, POISON_VALUE, ODD_HEADERS)
    assert mended == (key, '{"name":"René Faure"}'.encode(), ODD_HEADERS)


async def test_a_value_of_4_mb_is_sent_again_without_coming_through_the_window(
    window: Window, kafka: EmbeddedKafka
) -> None:
    broker = Broker(kafka.bootstrap)
    topic = broker.topic(settings={"max.message.bytes": "5000000"})
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "message.max.bytes": 5_000_000})
    producer.produce(topic, LARGE, b"large")
    assert producer.flush(20) == 0
    page = await open_record(window, f"{topic}:0:0")
    click(page.sending.again_button)
    await until(lambda: isinstance(Veil.over(window), RecordEditor))
    editor = Veil.over(window)
    assert isinstance(editor, RecordEditor)
    assert "sent as they are" in editor.value.said.text()
    click(editor.go)
    await carry_out(window)
    assert broker.read_committed(topic) == [(b"large", LARGE, [])] * 2


async def test_a_file_is_imported(window: Window, kafka: EmbeddedKafka, tmp_path: Path) -> None:
    broker = Broker(kafka.bootstrap)
    topic = broker.topic(settings={"retention.ms": "-1"})
    file = tmp_path / "orders.jsonl"
    line: dict[str, Any] = {
        "partition": 0,
        "timestamp_ms": 1_790_000_000_000,
        "key_b64": None,
        "value_b64": "/w==",
        "headers": [],
    }
    file.write_text(f"{json.dumps(line)}\n" * 12)
    page = window.pages["records"]
    assert isinstance(page, RecordsPage)
    window.go(Place("records"))
    await until(lambda: window.view is not None and window.view.topics is not None)
    click(page.sending.import_button)
    sheet = Veil.over(window)
    assert isinstance(sheet, ImportSheet)
    QTest.keyClicks(sheet.file, str(file))
    sheet.topic.setEditText(topic)
    click(sheet.go)
    assert await carry_out(window) == f"12 of 12 records stand in {topic}, all read back byte for byte"
    assert broker.read_committed(topic) == [(None, b"\xff", [])] * 12
