"""Connections through the window, on a real broker with a real keyring: a wrong password is named, mended and used;
several windows live and end apart.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview.doctor.diagnosis import Cause
from kafkaview.profiles.form_choices import Trust
from kafkaview.profiles.keyring import Keyring
from kafkaview.profiles.profile import Environment
from kafkaview.profiles.security import Protocol, SecretField
from kafkaview.ui.pages.connections.saved_connections import Book
from tests.broker.keyring_session import KeyringSession
from tests.broker.secure_kafka import PASSWORDS, SecureKafka
from tests.broker.window_stage import Stage, opened_stage, until
from tests.kit.windowed import click

WRONG = "not-this-one"


@pytest.fixture
async def stage(qapp: QApplication, keyring_session: KeyringSession, tmp_home: Path) -> AsyncIterator[Stage]:
    assert tmp_home  # where the engines find profiles and journal
    async with opened_stage(qapp, keyring_session) as stage:
        yield stage


@pytest.fixture
def book(stage: Stage) -> Book:
    return stage.book


async def test_a_wrong_password_is_named_mended_in_the_form_and_then_lists_topics(
    secure_kafka: SecureKafka, stage: Stage, book: Book, keyring_session: KeyringSession, tmp_home: Path
) -> None:
    front = await stage.front()
    front.show_connections()
    page = front.connections
    for field, value in (
        ("name", "secure"),
        ("bootstrap", secure_kafka.bootstrap("SASL_SSL")),
        ("protocol", Protocol.SASL_SSL.value),
        ("trust", Trust.CA_FILE.value),
        ("ca_file", str(secure_kafka.certificates.ca_file)),
        ("mechanism", "SCRAM-SHA-512"),
        ("username", "alice"),
    ):
        page.editor.controls[field].set_value(value)
    await until(lambda: not front.tasks.is_running("connections.kept"))
    line = page.editor.secrets[SecretField.SASL_PASSWORD].line
    QTest.keyClicks(line, WRONG)
    click(page.doctor.go)
    await until(lambda: page.doctor.diagnosis)
    assert page.doctor.diagnosis is not None
    assert page.doctor.diagnosis.cause is Cause.WRONG_PASSWORD
    assert page.doctor.cause.title.text() == "Wrong password"

    click(page.doctor.cause.fix)
    assert page.editor.focusWidget() is line
    line.clear()
    QTest.keyClicks(line, PASSWORDS["alice"])
    click(page.doctor.go)
    await until(lambda: page.doctor.diagnosis and page.doctor.diagnosis.cause is not Cause.WRONG_PASSWORD)
    assert page.doctor.diagnosis.ok, page.doctor.diagnosis

    click(page.connect_now)
    await until(stage.windows)
    window = stage.windows()[0]
    await stage.listed(window)
    await until(lambda: not stage.fronts())
    await until(lambda: book.last == book.profiles[0].id)
    (file,) = tmp_home.rglob("profiles.toml")
    assert PASSWORDS["alice"] not in file.read_text()
    kept = await Keyring(keyring_session.backend).read_all(book.profiles[0])
    assert kept.get(SecretField.SASL_PASSWORD) == PASSWORDS["alice"]


async def test_windows_end_apart_and_the_last_one_ends_the_program(
    secure_kafka: SecureKafka, stage: Stage, book: Book
) -> None:
    profile, _no_secrets = secure_kafka.way("PLAINTEXT")
    one = await book.save(replace(profile, name="one", environment=Environment.STAGING), {})
    stage.program.connect(one)
    living = asyncio.ensure_future(stage.program.live())
    await until(stage.windows)
    first = stage.windows()[0]
    await stage.listed(first)
    first.another.emit()
    await until(stage.fronts)
    click(stage.fronts()[0].welcome.saved.connect_now)
    await until(lambda: len(stage.windows()) == 2)
    second = next(window for window in stage.windows() if window is not first)
    await stage.listed(second)

    first.close()
    await until(lambda: stage.windows() == [second])
    assert second.view is not None
    samples = second.view.samples
    await until(lambda: second.view is not None and second.view.samples > samples)
    assert not second.view.stale
    assert not living.done()
    second.close()
    assert await asyncio.wait_for(living, 20) == 0


async def test_a_refused_login_leads_from_the_window_to_the_doctor(
    secure_kafka: SecureKafka, stage: Stage, book: Book
) -> None:
    profile, secrets = secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN", password=WRONG)
    book.hold(profile, secrets)
    stage.program.connect(profile)
    await until(stage.windows)
    window = stage.windows()[0]
    await until(window._banner.isVisible)
    assert "The login was refused." in window._banner.accessibleName()
    click(window._banner.action)
    page = window.connections
    await until(lambda: page.doctor.diagnosis)
    assert page.doctor.diagnosis is not None
    assert page.doctor.diagnosis.cause is Cause.BAD_CREDENTIALS
