"""A topic's life by clicks, on a real broker, with the engine in a process of its own."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.topics.page import TopicsPage
from kafkaview.ui.pages.topics.topic_sheets import CreateTopicSheet, SettingSheet
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.broker.material import Broker
from tests.broker.window_stage import opened_window, until
from tests.kit.windowed import click


@pytest.fixture
async def window(qapp: QApplication, kafka: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Window]:
    profile = ConnectionProfile("topics", kafka.bootstrap)
    async with opened_window(qapp, profile, tmp_path / "window.sqlite3") as window:
        yield window


async def carry_out(window: Window, typed: str = "") -> None:
    """Agree to the plan that is shown."""
    await until(lambda: isinstance(Veil.over(window), PlanDialog))
    dialog = Veil.over(window)
    assert isinstance(dialog, PlanDialog)
    await until(lambda: not window.tasks.is_running("change.plan"))
    if typed:
        assert not dialog.ask.confirm.isEnabled()
        QTest.keyClicks(dialog.ask.field, typed)
    click(dialog.ask.confirm)
    await until(dialog.outcome.isVisible)
    assert dialog.outcome.title.text() == "Done: the cluster reads back as planned"
    click(dialog.ask.cancel)


async def test_a_topic_is_created_set_given_back_and_deleted(window: Window, kafka: EmbeddedKafka) -> None:
    topic = f"t-{uuid.uuid4().hex[:8]}"
    broker = Broker(kafka.bootstrap)
    window.go(Place("topics"))
    page = window.pages["topics"]
    assert isinstance(page, TopicsPage)
    await until(lambda: window.view is not None and window.view.topics is not None)

    click(page.create_button)
    sheet = Veil.over(window)
    assert isinstance(sheet, CreateTopicSheet)
    QTest.keyClicks(sheet.name, topic)
    click(sheet.go)
    await carry_out(window)
    assert broker.exists(topic)
    page.go_to(Place("topics", topic))
    await until(lambda: page.table.selected is not None and page.table.selected.name == topic)

    click(page.detail.tabs.segments._buttons["settings"])
    tab = page.detail.settings
    await until(lambda: tab.shows_content and tab.model.total > 20)
    tab.settings.table.choose("retention.ms")
    await until(tab.buttons["Change setting…"].isEnabled)
    assert "retain" in tab.settings.about.text()
    click(tab.buttons["Change setting…"])
    setting = Veil.over(window)
    assert isinstance(setting, SettingSheet)
    setting.value.selectAll()
    QTest.keyClicks(setting.value, "86400000")
    click(setting.go)
    await carry_out(window)
    await until(lambda: tab.selected is not None and tab.selected.value == "86400000")
    assert window.outcome is not None
    click(window.outcome.undo)
    await carry_out(window)
    await until(lambda: tab.selected is not None and tab.selected.value == "604800000")
    assert "Undo entry" in window.outcome.deed.text()

    broker.commit("reader-of-topics", topic, 0)
    click(page.detail.writes)
    (menu,) = page.detail.writes.findChildren(QMenu)
    menu.actions()[-1].trigger()
    menu.close()
    await carry_out(window)
    await until(lambda: not broker.exists(topic))
