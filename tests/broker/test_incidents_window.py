"""A group that a Java consumer keeps standing on a real broker: its log leads to the record, which is skipped without
a copy, and the incident is still known to the next window.
"""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview.demo.jars import java, java_command, kafka_jars
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import TopicPartition
from kafkaview.triage.incidents.incident import IncidentState, KnownIncident
from kafkaview.triage.incidents.kept_rows import KeptSection
from kafkaview.triage.incidents.store import IncidentStore
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.triage.log_sheet import LogSheet
from kafkaview.ui.pages.triage.page import TriagePage
from kafkaview.ui.window.window import Window
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.broker.material import POISON_VALUE, Broker
from tests.broker.window_stage import opened_window, until
from tests.kit.payloads import payloads_of
from tests.kit.windowed import click

_READER = Path(__file__).with_name("java") / "StuckReader.java"
_POISON_AT = 10


def compiles() -> bool:
    """Whether this Java runs a program from its source: one without a compiler does not."""
    modules = subprocess.run([java(), "--list-modules"], capture_output=True, text=True, check=False).stdout
    return "jdk.compiler" in modules


pytestmark = pytest.mark.skipif(not compiles(), reason="a consumer of the test's own is compiled: it takes a JDK")


@pytest.fixture
def topic(kafka: EmbeddedKafka) -> str:
    return Broker(kafka.bootstrap).poisoned_topic()


@pytest.fixture
def log(kafka: EmbeddedKafka, topic: str, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """The group of a reader that stands, and what it logs."""
    group, file = f"billing-{uuid.uuid4().hex[:6]}", tmp_path / "billing.log"
    command = [*java_command(kafka_jars(), "-Xmx64m"), str(_READER), kafka.bootstrap, topic, group]
    with file.open("wb") as written:
        reader = subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT)
    yield group, file
    reader.kill()
    reader.wait()


def page_of(window: Window) -> TriagePage:
    page = window.pages["triage"]
    assert isinstance(page, TriagePage)
    return page


def incidents_of(profile: ConnectionProfile, journal: Path, group: str) -> list[KnownIncident]:
    return [one for one in IncidentStore(profile.kept_under, journal).incidents() if group in one.groups]


async def test_its_own_log_leads_to_the_record_and_the_skip_is_still_known_to_the_next_window(
    qapp: QApplication, kafka: EmbeddedKafka, topic: str, log: tuple[str, Path], tmp_path: Path
) -> None:
    group, file = log
    place = TopicPartition(topic, 0)
    profile, journal = ConnectionProfile("test", kafka.bootstrap), tmp_path / "journal.sqlite3"
    await until(lambda: "RecordDeserializationException" in file.read_text(errors="replace"), 60)
    async with opened_window(qapp, profile, journal) as window:
        page = page_of(window)
        await until(lambda: any(row.group == group and row.offset == _POISON_AT for row in page._rows), 60)
        await paste(window, page, file.read_text(errors="replace"), topic, group)
        row = next(row for row in page._rows if row.group == group)
        page.list.choose(row.key)
        await until(lambda: page.pane.incident and page.pane.incident.group == group)
        await until(lambda: any("group" in one.sources for one in incidents_of(profile, journal, group)))
        await skip(window, page)
        await until(lambda: f"read {_POISON_AT + 1}" in file.read_text(errors="replace").splitlines(), 60)
        await until(lambda: {one.state for one in incidents_of(profile, journal, group)} == {IncidentState.SKIPPED}, 30)
    store = Journal(journal)
    (entry,) = await store.entries()
    (payload,) = await payloads_of(store, entry.id)
    await store.close()
    assert (payload.topic_partition, payload.offset, payload.value) == (place, _POISON_AT, POISON_VALUE)
    async with opened_window(qapp, profile, journal) as window:
        page = page_of(window)
        await until(lambda: any(row.section is KeptSection.SKIPPED for row in page.kept.rows), 30)
        found = [row.incident for row in page.kept.rows if row.section is KeptSection.SKIPPED]
        assert all(group in one.groups for one in found)
        assert {place.journal_id for one in found for place in one.places} == {entry.id}


async def paste(window: Window, page: TriagePage, text: str, topic: str, group: str) -> None:
    """Pastes the log, by keys alone, and closes the sheet."""
    page.log_button.setFocus()
    QTest.keyClick(page.log_button, Qt.Key.Key_Space)
    await until(lambda: isinstance(Veil.over(window), LogSheet))
    sheet = Veil.over(window)
    assert isinstance(sheet, LogSheet)
    QApplication.clipboard().setText(text)
    QTest.keyClick(sheet.text, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: sheet.model.total > 0)
    (blamed,) = sheet.model.rows
    assert (blamed.topic, blamed.partition, blamed.offset, blamed.group) == (topic, 0, _POISON_AT, group)
    assert blamed.exception == "java.nio.charset.MalformedInputException"
    await until(lambda: sheet.record.isVisible() and sheet.record.record.value._data == POISON_VALUE)
    QTest.keyClick(sheet, Qt.Key.Key_Escape)


async def skip(window: Window, page: TriagePage) -> None:
    """Skips the record without a copy, by clicks."""
    click(page.pane.head.skip_button)
    dialog = Veil.over(window)
    assert isinstance(dialog, PlanDialog)
    await until(dialog.ask.confirm.isEnabled, 30)
    assert dialog.plan is not None
    click(dialog.ask.confirm)
    await until(dialog.outcome.isVisible, 60)
    click(dialog.ask.cancel)
