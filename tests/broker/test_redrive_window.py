"""Dead letters mended and sent back in the window, by clicks and by keyboard alone, on a real broker and registry."""

from __future__ import annotations

import os
import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.triage.mending.result import MendOutcome
from kafkaview.triage.mending.rules import AcceptKind
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.dead_letters.edit_sheet import EditSheet
from kafkaview.ui.pages.dead_letters.mend_sheet import MendSheet
from kafkaview.ui.pages.dead_letters.page import DeadLettersPage
from kafkaview.ui.window.window import Window
from tests.broker.connect_letters import send_away
from tests.broker.material import Broker
from tests.broker.mended_numbers import NUMBERS, TO_NUMBERS, check_numbers, number_values
from tests.broker.registry_records import LATER_ORDER, RegistryWriter
from tests.broker.schema_registry import EmbeddedRegistry
from tests.broker.window_clicks import carried_out, dialog_of, on_top, opened_letters
from tests.broker.window_stage import opened_window, until
from tests.kit.windowed import click


@pytest.fixture
async def window(
    qapp: QApplication, kafka: EmbeddedKafka, registry: EmbeddedRegistry, tmp_path: Path
) -> AsyncIterator[Window]:
    profile = ConnectionProfile("letters", kafka.bootstrap, schema_registry=SchemaRegistry(registry.url))
    async with opened_window(qapp, profile, tmp_path / "window.sqlite3") as window:
        yield window


def states(page: DeadLettersPage) -> set[str]:
    (column,) = (one for one in page.letters.columns if one.title == "State")
    return {re.sub(r"(redriven) .+", r"\1", column.reads(row)) for row in page.letters.rows}  # without the time


async def test_letters_are_mended_by_a_rule_and_sent_back_by_clicks(window: Window, broker: Broker) -> None:
    topic = broker.topic()
    values = [b'{"id": %d, "price": "%d.50", "big": 1E400}' % (n, n) if n % 10 else b"{" for n in range(60)]
    page = await opened_letters(window, send_away(broker, topic, values, origins=1, message="no price"))
    assert page.letters.rowCount() == 60
    assert states(page) == {"waiting"}
    click(page.sending.all_button)
    click(page.sending.mend_button)
    await until(lambda: isinstance(Veil.over(window), MendSheet))
    sheet: MendSheet = on_top(window, MendSheet)
    sheet.kinds.choose("cel")
    sheet.rule.setPlainText('merge(value, {"price": double(value.price)})')
    click(sheet.try_button)
    await until(sheet.go.isEnabled)
    counts = {outcome: sheet.view.counts[outcome].text() for outcome in MendOutcome}
    assert counts == {
        MendOutcome.UNCHANGED: "0 unchanged", MendOutcome.MENDED: "54 mended", MendOutcome.FAILED: "6 failed"
    }  # fmt: skip
    click(sheet.go)
    dialog = await dialog_of(window)
    click(dialog.ask.confirm)
    await until(dialog.outcome.isVisible)
    assert dialog.outcome.title.text() == "Done: the cluster reads back as planned"
    click(dialog.ask.cancel)
    await until(lambda: Veil.over(window) is None)
    await until(lambda: states(page) == {"waiting", "redriven"})
    assert page.listed.text() == "60 records, 54 redriven"
    arrived = broker.read_committed(topic)
    assert [value for _, value, _ in arrived] == [
        b'{"id": %d, "price": %d.5, "big": 1E400}' % (n, n) for n in range(60) if n % 10
    ]
    assert [dict(headers)["trace"] for _, _, headers in arrived] == [b"%d" % n for n in range(60) if n % 10]


@pytest.mark.soak
async def test_23_000_of_which_2_000_are_beyond_help_are_mended_and_sent_back_by_clicks(
    window: Window, broker: Broker, tmp_path: Path
) -> None:
    topic, schema = broker.topic(partitions=3), tmp_path / "numbers.json"
    schema.write_text(NUMBERS)
    lost = set(Random(7).sample(range(23_000), 2_000))
    page = await opened_letters(window, send_away(broker, topic, number_values(23_000, lost), partitions=2))
    began = time.monotonic()
    click(page.sending.all_button)
    click(page.sending.mend_button)
    await until(lambda: isinstance(Veil.over(window), MendSheet))
    sheet: MendSheet = on_top(window, MendSheet)
    sheet.kinds.choose("cel")
    sheet.rule.setPlainText(TO_NUMBERS.removeprefix("cel:"))
    sheet.accept.kinds.setCurrentIndex(sheet.accept.kinds.findData(AcceptKind.JSON_SCHEMA.value))
    sheet.accept.more.setText(str(schema))
    click(sheet.try_button)
    await until(sheet.go.isEnabled, 300)
    tried_s = time.monotonic() - began
    counts = {outcome: sheet.view.counts[outcome].text() for outcome in MendOutcome}
    assert counts == {
        MendOutcome.UNCHANGED: "0 unchanged", MendOutcome.MENDED: "21,000 mended", MendOutcome.FAILED: "2,000 failed"
    }  # fmt: skip
    assert broker.read_committed(topic) == []
    click(sheet.go)
    title = await carried_out(window)
    whole_s = time.monotonic() - began
    assert title == "Done: the cluster reads back as planned"
    check_numbers(broker, topic, set(range(23_000)) - lost)
    print(f"23,000 tried by a rule in {tried_s:.1f} s, planned, sent and read back by clicks in {whole_s:.1f} s in all")


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


def tab_to(wanted: QWidget) -> None:
    """Presses Tab until a widget has the keyboard."""
    for _ in range(60):
        if QApplication.focusWidget() is wanted:
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not reach {wanted.accessibleName()}")


async def test_an_avro_letter_is_edited_for_the_latest_schema_by_keyboard_alone(
    window: Window, broker: Broker, writer: RegistryWriter
) -> None:
    topic = broker.topic()
    old = writer.order(topic, {"id": "o-1", "total": {"units": 7}})
    newest = writer.order(topic, {"id": "o-1", "total": {"units": 7}, "note": "by hand"}, LATER_ORDER)
    page = await opened_letters(window, send_away(broker, topic, [old], origins=1))
    page.letter_table.setFocus(Qt.FocusReason.TabFocusReason)
    press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await until(page.sending.edit_button.isEnabled)
    tab_to(page.sending.edit_button)
    press(Qt.Key.Key_Space)
    await until(lambda: isinstance(Veil.over(window), EditSheet))
    sheet: EditSheet = on_top(window, EditSheet)
    await until(lambda: QApplication.focusWidget() is sheet.value.text)
    assert '"units": 7' in sheet.value.text.code
    press(Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    press(Qt.Key.Key_Backspace)
    QTest.keyClicks(sheet.value.text, ', "note": "by hand"}')
    tab_to(sheet.accept.kinds)
    while sheet.accept.kinds.currentData() != AcceptKind.REGISTRY.value:
        press(Qt.Key.Key_Down)
    await until(sheet.go.isEnabled)
    assert [(row.path, row.left, row.right) for row in sheet.differences.rows.rows] == [
        ("value.note", None, '"by hand"')
    ]
    tab_to(sheet.go)
    press(Qt.Key.Key_Return)
    dialog = await dialog_of(window)
    tab_to(dialog.ask.confirm)
    press(Qt.Key.Key_Return)
    await until(dialog.outcome.isVisible)
    ((_, value, _),) = broker.read_committed(topic)
    assert value == newest
    found = AvroDeserializer(writer.client)(value or b"", SerializationContext(topic, MessageField.VALUE))
    assert found == {"id": "o-1", "total": {"units": 7}, "note": "by hand"}
