"""What others chose, through the window on a real broker: groups whose names are markup and control characters, times
that are no times, numbers that no parser keeps. Triage, its record and its plan show them as they are.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from confluent_kafka import Producer
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, TopicPartition
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.triage.page import TriagePage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog
from kafkaview.ui.writes.reroute_preview import ReroutePreview
from kafkaview.words import visible
from tests.broker.material import POISON_AT, Broker, retrier
from tests.broker.window_stage import opened_window, until
from tests.kit.windowed import click

MARKUP: Final = '<img src="file:///etc/passwd">&<h1>x</h1>'
CONTROLS: Final = "a\n\x1b[2J\u2028\u202eb"
NOT_PARSED: Final = b'{"id":12345678901234567890123,"a":1,"a":2,"amount":0.10}'
CUT: Final = b'{"n":'
NANOSECONDS: Final = 1_700_000_000_000_000_001
ROOM: Final = {"message.timestamp.after.max.ms": str(2**63 - 1)}


@pytest.fixture
async def window(qapp: QApplication, kafka: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Window]:
    profile = ConnectionProfile(f"{MARKUP}{CONTROLS}", kafka.bootstrap)
    async with opened_window(qapp, profile, tmp_path / "window.sqlite3") as window:
        yield window


def poisoned_topic(broker: Broker) -> str:
    """A record of a time that is no time, whose numbers no parser keeps, before one that is cut off."""
    topic = broker.topic(settings=ROOM)
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(30):
        value = {POISON_AT - 1: NOT_PARSED, POISON_AT: CUT}.get(number, b'{"n":%d}' % number)
        producer.produce(topic, value, b"k", 0, timestamp=NANOSECONDS if value == NOT_PARSED else 0)
    assert producer.flush(10) == 0
    return topic


def cells(model: QAbstractItemModel) -> Iterator[str]:
    """What a reader sees in the tooltips of a table: its cells in full, with no markup taken for such."""
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            tip = model.data(model.index(row, column), Qt.ItemDataRole.ToolTipRole)
            yield QTextDocumentFragment.fromHtml(tip).toPlainText() if "<" in tip else tip


def labels(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.textFormat() is Qt.TextFormat.PlainText]


async def find_incidents(page: TriagePage, place: TopicPartition, poison: str, nobody: str) -> None:
    """Until Triage lists both groups, each on one line under its name."""

    def listed() -> set[tuple[str, Verdict]]:
        return {(row.group, row.first.verdict) for row in page._rows if row.first.topic_partition == place}

    await until(lambda: listed() == {(poison, Verdict.POISON), (nobody, Verdict.NO_MEMBERS)}, 60)
    keys = {row.group: row.key for row in page._rows}
    for group in (poison, nobody):
        shown = page.list._model.index_of(keys[group]).data()
        assert shown.startswith(f"{visible(group)}: ")
        assert shown.isprintable()
    click(page.list.viewport(), page.list.visualRect(page.list._model.index_of(keys[poison])).center())
    sentence = page.pane.head.sentence
    await until(lambda: sentence.text().startswith(f"{poison} cannot read this record: "))
    assert sentence.textFormat() is Qt.TextFormat.PlainText


async def look_at_records(page: TriagePage) -> None:
    """The poison, the record before it, and the poison again: each with its own time and text."""
    record, strip = page.pane.record, page.pane.strip
    await until(lambda: record.facts.text().startswith("5 bytes"))
    click(record.segments._buttons["text"])
    strip.setFocus()
    QTest.keyClick(strip, Qt.Key.Key_Left)
    await until(lambda: page.pane.offset == POISON_AT - 1)
    await until(lambda: f"created {NANOSECONDS} (nanoseconds? 2023-11-14 22:13:20)" in record.facts.text())
    assert "".join(record._text.toPlainText().split()) == NOT_PARSED.decode()
    QTest.keyClick(strip, Qt.Key.Key_Right)
    await until(lambda: record._text.toPlainText() == CUT.decode())


async def test_triage_and_its_plan_show_odd_names_and_records_as_they_are(
    kafka: EmbeddedKafka, session: Session, window: Window
) -> None:
    of_run, page = uuid.uuid4().hex[:8], window.pages["triage"]
    place = TopicPartition(poisoned_topic(Broker(kafka.bootstrap)), 0)
    named, unnameable = f"{MARKUP}{of_run}", f"{CONTROLS}{of_run}"
    assert isinstance(page, TriagePage)
    await session.cluster.group_offsets.commit(unnameable, {place: CommittedOffset(POISON_AT)})
    with retrier(kafka.bootstrap, place.topic, named):
        await find_incidents(page, place, named, unnameable)
        await look_at_records(page)
        click(page.pane.head.send_button)
        sheet = Veil.over(window)
        assert isinstance(sheet, PlanDialog)
        await until(sheet.ask.confirm.isEnabled)
        assert sheet.plan is not None
        assert [one.group for one in sheet.plan.moves] == [named]
        assert [one.group for one in sheet.plan.left_alone] == [unnameable]
        assert isinstance(sheet.preview, ReroutePreview)
        seen = list(cells(sheet.preview.groups.model()))
        assert all(one.isprintable() for one in seen)
        assert {named, visible(unnameable)} <= set(seen)
        assert all(line.isprintable() for text in labels(window) for line in text.split("\n"))
        click(sheet.ask.confirm)
        await until(sheet.outcome.isVisible, 60)
        assert sheet.outcome.title.text() == f"{named} moves again"
        click(sheet.ask.cancel)
    assert window.windowTitle().endswith(f"{visible(MARKUP + CONTROLS)} - kafkaview")
    committed = await session.cluster.committed_offsets([named, unnameable])
    offsets = {group: of[place].offset for group, of in committed.items() if not isinstance(of, Exception)}
    assert offsets[named] > POISON_AT
    assert offsets[unnameable] == POISON_AT
    await session.cluster.group_offsets.delete_group(unnameable)
