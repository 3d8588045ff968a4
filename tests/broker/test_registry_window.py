"""A group on a record that its schema cannot read, through the window: named with the byte, sent away by two clicks."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.triage.page import TriagePage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.broker.material import Broker
from tests.broker.registry_records import RegistryWriter, fill_with_poison, registry_reader
from tests.broker.schema_registry import EmbeddedRegistry
from tests.broker.window_stage import opened_window, until
from tests.kit.windowed import click

pytestmark = pytest.mark.usefixtures("tmp_home")


@pytest.fixture
async def window(
    qapp: QApplication, kafka: EmbeddedKafka, registry: EmbeddedRegistry, tmp_path: Path
) -> AsyncIterator[Window]:
    profile = ConnectionProfile("test", kafka.bootstrap, schema_registry=SchemaRegistry(registry.url))
    async with opened_window(qapp, profile, tmp_path / "window.sqlite3") as window:
        yield window


@pytest.mark.parametrize("kind", ["avro", "protobuf"])
async def test_two_clicks_move_a_group_past_a_record_that_its_schema_cannot_read(
    kafka: EmbeddedKafka, registry: EmbeddedRegistry, writer: RegistryWriter, window: Window, kind: str
) -> None:
    broker, group = Broker(kafka.bootstrap), f"g-{uuid.uuid4().hex[:8]}"
    topic = broker.topic()
    poison, reason = fill_with_poison(broker, topic, writer, kind)
    page = window.pages["triage"]
    assert isinstance(page, TriagePage)
    with registry_reader(kafka.bootstrap, registry.url, topic, group, kind):
        await until(lambda: any(row.group == group and row.record for row in page._rows), 60)
        index = page.list._model.index_of(next(row.key for row in page._rows if row.group == group))
        click(page.list.viewport(), page.list.visualRect(index).center())
        await until(lambda: page.pane.incident and page.pane.incident.group == group)
        assert page.pane.head.sentence.text() == f"{group} cannot read this record: {reason}"
        click(page.pane.head.send_button)
        sheet = Veil.over(window)
        assert isinstance(sheet, PlanDialog)
        await until(sheet.ask.confirm.isEnabled)
        click(sheet.ask.confirm)
        await until(sheet.outcome.isVisible, 60)
        assert sheet.outcome.title.text() == f"{group} moves again"
        click(sheet.ask.cancel)
        await until(lambda: broker.committed_offsets(group, topic) == 21)
    ((key, value, headers),) = broker.read_committed(f"{topic}-dlq")
    assert (key, value) == (b"\xff", poison)
    assert any(reason.encode() in (text or b"") for _, text in headers)
