"""The main job through the window, on the real demo: look, click, plan, click, and the groups move again."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from kafkaview.demo.running import Demo
from kafkaview.engine.client import EngineClient
from kafkaview.profiles.security import Secrets
from kafkaview.session import Session, open_session
from kafkaview.terms import RecordId, TopicPartition
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.pages.triage.page import TriagePage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.kit.patience import patience
from tests.kit.windowed import click, pumped

MOVED = ("billing", "shipping", "audit")


async def until(condition: Callable[[], object], seconds: float) -> None:
    async with asyncio.timeout(patience(seconds)):
        while not condition():  # noqa: ASYNC110 - a widget has no event for it
            await asyncio.sleep(0.02)


@pytest.fixture
async def session(demo: Demo, tmp_path: Path) -> AsyncIterator[Session]:
    async with open_session(demo.profile, journal=tmp_path / "journal.sqlite3") as session:
        yield session


@pytest.fixture
async def window(qapp: QApplication, demo: Demo, tmp_path: Path) -> AsyncIterator[Window]:
    """A window with its engine, in a process of its own as in the program."""
    window = Window(Theme(ThemeMode.LIGHT), demo.profile)
    window.show()
    client = EngineClient()
    client.begin()
    async with pumped(qapp):
        await client.open(demo.profile, Secrets(), tmp_path / "window.sqlite3")
        window.watch(client.engine, demo.profile)
        yield window
        await window.tasks.close()
        await client.close()
        window.finish()


async def test_two_clicks_move_three_groups_past_the_record(demo: Demo, session: Session, window: Window) -> None:
    record = next(RecordId(e.topic, e.partition, e.offset) for e in demo.expected if e.group == "billing")
    page = window.pages["triage"]
    assert isinstance(page, TriagePage)

    await until(lambda: {row.group for row in page._rows if row.record == record} >= set(MOVED), 60)
    index = page.list._model.index_of(next(row.key for row in page._rows if row.group == "billing"))
    click(page.list.viewport(), page.list.visualRect(index).center())
    await until(lambda: page.pane.incident and page.pane.incident.group == "billing", 5)
    assert page.pane.head.sentence.text() == "billing cannot read this record: byte 53 of the value is not UTF-8"
    await until(lambda: page.pane.record.value.hex.marked == range(53, 54), 10)

    click(page.pane.head.send_button)
    sheet = Veil.over(window)
    assert isinstance(sheet, PlanDialog)
    await until(sheet.ask.confirm.isEnabled, 20)
    assert sheet.plan is not None
    assert sheet.plan.title == "Send 1 record to orders-dlq, move 3 groups past it"

    click(sheet.ask.confirm)
    await until(sheet.outcome.isVisible, 60)
    assert sheet.outcome.title.text() == "billing moves again, audit and shipping too"
    click(sheet.ask.cancel)

    await until(lambda: window.outcome is not None and window.outcome.isVisible(), 5)
    await until(lambda: not any(row.record == record for row in page._rows), 30)
    place = record.topic_partition
    committed = await session.cluster.committed_offsets(MOVED)
    for group in MOVED:
        offsets = committed[group]
        assert not isinstance(offsets, Exception)
        assert offsets[place].offset > record.offset
    async with asyncio.timeout(patience(30)):
        while not await falls(window, place):  # noqa: ASYNC110 - the engine is asked
            await asyncio.sleep(0.2)
    copies = [r async for batch in session.cluster.read(_starts(6)) for r in batch.records]
    assert [copy.value for copy in copies] == [await _value(session, record)]


async def falls(window: Window, place: TopicPartition) -> bool:
    """Whether the lag that the page plots is lower than it was at its highest, by what the group has drained."""
    page = window.pages["triage"]
    points = await page.context.engine.history("billing", place)
    lags = [p.log_end_offset - p.committed_offset for p in points if p.log_end_offset and p.committed_offset]
    return bool(lags) and lags[-1] < max(lags) - 100


def _starts(partitions: int) -> dict[TopicPartition, int]:
    return {TopicPartition("orders-dlq", partition): 0 for partition in range(partitions)}


async def _value(session: Session, record: RecordId) -> bytes | None:
    place = record.topic_partition
    reads = session.cluster.read({place: record.offset}, {place: record.offset + 1})
    (value,) = [record.value async for batch in reads for record in batch.records]
    return value
