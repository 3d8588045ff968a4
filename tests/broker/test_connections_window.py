"""Connections through the window, on a real broker with a real keyring: a wrong password is named, mended and used;
every way in lists topics; several windows live and end apart.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from kafkaview.app import _Program
from kafkaview.doctor.diagnosis import Cause
from kafkaview.profiles.profile import Environment
from kafkaview.profiles.security import Mechanism, Protocol, SecretField
from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.connections.book import Book
from kafkaview.ui.connections.form import Trust
from kafkaview.ui.theme import Mode, Theme
from kafkaview.ui.welcome.front import Front
from kafkaview.ui.window import Window
from tests.broker.keyring_session import KeyringSession
from tests.broker.secure_kafka import PASSWORDS, TOPIC, SecureKafka

WRONG = "not-this-one"
WAYS: tuple[tuple[str, Mechanism | None], ...] = (
    ("PLAINTEXT", None),
    ("SSL", None),
    ("SASL_PLAINTEXT", Mechanism.PLAIN),
    ("SASL_SSL", Mechanism.SCRAM_SHA_256),
    ("SASL_SSL", Mechanism.SCRAM_SHA_512),
    ("SASL_SSL", Mechanism.OAUTHBEARER),
)


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - a widget has no event for it
            await asyncio.sleep(0.02)


@pytest.fixture
def book(keyring_session: KeyringSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # the journal of a saved profile
    with keyring_session.entered() as keyring:
        book = Book(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring)
        yield book
        book.close()


class Stage:
    """The program, and its windows that are to be seen."""

    def __init__(self, app: QApplication, program: _Program) -> None:
        self._app = app
        self.program = program

    def windows(self) -> list[Window]:
        return [w for w in self._app.topLevelWidgets() if isinstance(w, Window) and w.isVisible()]

    def fronts(self) -> list[Front]:
        return [w for w in self._app.topLevelWidgets() if isinstance(w, Front) and w.isVisible()]

    async def listed(self, window: Window) -> None:
        """Until the window shows the broker's topics."""
        await until(lambda: window.view and TOPIC in {topic.name for topic in window.view.topics})


@pytest.fixture
async def stage(qapp: QApplication, book: Book) -> AsyncIterator[Stage]:
    qapp.setQuitOnLastWindowClosed(False)
    ended = asyncio.Event()
    program = _Program(Theme(Mode.LIGHT), ended, book)
    pump = asyncio.create_task(_pump(qapp))
    yield Stage(qapp, program)
    ended.set()
    await program.live()
    pump.cancel()
    with suppress(asyncio.CancelledError):
        await pump
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


async def _pump(app: QApplication) -> None:
    while True:
        app.processEvents()
        await asyncio.sleep(0.005)


def click(widget: QWidget) -> None:
    assert widget.isVisible()
    assert widget.isEnabled()
    widget.click()  # type: ignore[attr-defined]


async def test_a_wrong_password_is_named_mended_in_the_form_and_then_lists_topics(
    secure_kafka: SecureKafka, stage: Stage, book: Book
) -> None:
    stage.program.ask()
    await until(stage.fronts)
    front = stage.fronts()[0]
    front.show_connections()
    page = front.connections
    for field, value in (
        ("name", "secure"),
        ("bootstrap", secure_kafka.bootstrap("SASL_SSL")),
        ("protocol", Protocol.SASL_SSL.value),
        ("trust", Trust.CA_FILE.value),
        ("ca_file", str(secure_kafka.certificates.ca_file)),
        ("mechanism", Mechanism.SCRAM_SHA_512.value),
        ("username", "alice"),
    ):
        page.editor.controls[field].set_value(value)
    await until(lambda: not front.tasks.running("connections.kept"))
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
    assert PASSWORDS["alice"] not in book._store.path.read_text()
    assert (await book.secrets(book.profiles[0])).get(SecretField.SASL_PASSWORD) == PASSWORDS["alice"]


@pytest.mark.parametrize(("listener", "mechanism"), WAYS, ids=str)
async def test_every_way_in_lists_topics_in_a_window(
    secure_kafka: SecureKafka, stage: Stage, book: Book, listener: str, mechanism: Mechanism | None
) -> None:
    profile, secrets = secure_kafka.way(listener, mechanism=mechanism)
    book.hold(profile, secrets)
    stage.program.connect(profile)
    await until(stage.windows)
    await stage.listed(stage.windows()[0])


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
    assert not second.view.dated
    assert not living.done()
    second.close()
    assert await asyncio.wait_for(living, 20) == 0


async def test_a_refused_login_leads_from_the_window_to_the_doctor(
    secure_kafka: SecureKafka, stage: Stage, book: Book
) -> None:
    profile, secrets = secure_kafka.way("SASL_PLAINTEXT", mechanism=Mechanism.PLAIN, password=WRONG)
    book.hold(profile, secrets)
    stage.program.connect(profile)
    await until(stage.windows)
    window = stage.windows()[0]
    await until(window._banner.isVisible)
    assert "The login was refused." in window._banner.accessibleName()
    click(window._banner.action)
    page = window._connections
    assert page is not None
    await until(lambda: page.doctor.diagnosis)
    assert page.doctor.diagnosis is not None
    assert page.doctor.diagnosis.cause is Cause.BAD_CREDENTIALS
