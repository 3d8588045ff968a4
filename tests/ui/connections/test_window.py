"""The window and its connections: the doctor is asked from the banner, and the status bar tells of the quorum."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtTest import QTest
from shiboken6 import isValid

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.doctor.diagnosis import Diagnosis
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.profiles.store import ProfileStore
from kafkaview.session import Session
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.profile_actions import ProfileActions
from kafkaview.ui.window.front import Front
from kafkaview.ui.window.own_pages import CONNECTIONS
from kafkaview.ui.window.window import Window
from tests.kit.book import LocalBook
from tests.kit.engine import local_client
from tests.ui.conftest import Run, until
from tests.ui.connections.rings import MemoryRing, keyring
from tests.ui.pages.world import World

Scenario = Callable[[Window, list[ConnectionProfile]], Awaitable[None]]
On = Callable[[Scenario], None]


@pytest.fixture
def on_window(run: Run, theme: Theme, session: Session, tmp_path: Path) -> On:
    """Runs a scenario on a connected window; the list is of the profiles that the doctor was asked about."""

    async def played(scenario: Scenario) -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        asked: list[ConnectionProfile] = []
        window = Window(theme, ConnectionProfile("starting", "not yet known"), book)

        async def diagnose(tested: ConnectionProfile, _secrets: Secrets, _report: object) -> Diagnosis:
            asked.append(tested)
            return Diagnosis((), None)

        window.connections.doctor._diagnose = diagnose
        window.show()
        client = local_client(session, interval=0.05, window=0.3)
        client.begin()
        window.watch(client.engine, session.profile)
        try:
            await until(lambda: window.connected)
            await scenario(window, asked)
        finally:
            await window.tasks.close()
            await client.close()
            await session.journal.close()
            await book.close()
            window.finish()

    return lambda scenario: run(played(scenario))


def test_a_file_is_imported_from_any_page(on_window: On, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(window: Window, _asked: list[ConnectionProfile]) -> None:
        chosen: list[str] = []
        monkeypatch.setattr(ProfileActions, "choose_file", lambda _self: chosen.append("asked"))
        next(action for action in window.deeds.of_frame() if action.id == "import").run()
        assert chosen == ["asked"]
        assert window._own.in_front

    on_window(scenario)


def test_a_connection_that_is_saved_with_other_settings_is_offered_again(on_window: On) -> None:
    async def scenario(window: Window, _asked: list[ConnectionProfile]) -> None:
        assert window.book is not None
        window.profile = opened = await window.book.save(ConnectionProfile("orders", "broker-1:9092"), {})
        assert not window._changed.isVisible()
        renamed = await window.book.save(replace(opened, name="orders-eu"), {})
        assert window._changed.accessibleName().endswith(
            "This window goes on with the old ones until you connect again."
        )
        protected = await window.book.save(replace(renamed, read_only=True), {})
        assert window._changed.isVisible()
        assert window._changed.accessibleName() == (
            "orders was saved with other settings since this window was opened. "
            "This window can still write: connect again to have it refuse every write."
        )
        again: list[ConnectionProfile] = []
        closed: list[bool] = []
        window.connect_to.connect(again.append)
        window.close_wanted.connect(lambda: closed.append(True))
        window._changed.action.click()
        assert (again, closed) == ([protected], [True])
        await window.book.save(opened, {})
        assert not window._changed.isVisible()

    on_window(scenario)


def test_a_connection_that_was_deleted_and_made_anew_is_known_by_its_name(on_window: On) -> None:
    async def scenario(window: Window, _asked: list[ConnectionProfile]) -> None:
        assert window.book is not None
        window.profile = opened = await window.book.save(ConnectionProfile("orders", "broker-1:9092"), {})
        await window.book.remove(opened)
        same = await window.book.save(ConnectionProfile("orders", "broker-1:9092"), {})
        assert not window._changed.isVisible()
        await window.book.save(replace(same, read_only=True), {})
        assert window._changed.isVisible()

    on_window(scenario)


def test_a_connection_that_another_program_saves_is_listed_when_the_page_comes_to_the_front(on_window: On) -> None:
    async def scenario(window: Window, _asked: list[ConnectionProfile]) -> None:
        book = window.book
        assert isinstance(book, LocalBook)
        window.show_own(CONNECTIONS)
        await until(lambda: not window.tasks.is_running("connections.list"))
        book.store.add(ConnectionProfile("imported", "broker-1:9092"))
        window.refresh()
        await until(lambda: [one.name for one in book.profiles] == ["imported"])

    on_window(scenario)


def test_one_silent_broker_of_several_leads_to_the_doctor_too(on_window: On, world: World) -> None:
    async def scenario(window: Window, asked: list[ConnectionProfile]) -> None:
        world.cluster.failures["partition_table"] = Unreachable("broker 13 does not answer")
        window.refresh()
        await until(window._banner.isVisible)
        assert window._status._word.text() == "Partly connected"
        assert window._banner.action.text() == "Why?"
        window._banner.action.click()
        await until(lambda: asked)
        assert [tested.bootstrap for tested in asked] == ["broker-1:9092"]  # the session's, not what started it
        assert window._stack.currentWidget() is window.connections

    on_window(scenario)


def test_a_cluster_that_went_away_is_tried_again_from_the_banner(on_window: On, world: World) -> None:
    async def scenario(window: Window, _asked: list[ConnectionProfile]) -> None:
        world.cluster.failures["partition_table"] = world.cluster.failures["groups"] = Unreachable("nobody answers")
        await until(lambda: window.view and window.view.stale)
        assert window._banner.action.text() == "Try now"

    on_window(scenario)


def test_the_status_bar_says_how_the_quorum_is(on_window: On) -> None:
    async def scenario(window: Window, _asked: list[ConnectionProfile]) -> None:
        await until(lambda: "KRaft  ·  quorum healthy" in window._status._facts.text())

    on_window(scenario)


def test_a_quorum_that_may_not_be_read_is_named(on_window: On, world: World) -> None:
    world.cluster.failures["coordination"] = NotAuthorized("User:nobody lacks DESCRIBE on Cluster")

    async def scenario(window: Window, _asked: list[ConnectionProfile]) -> None:
        await until(lambda: "quorum not readable" in window._status._facts.text())
        assert window._status._word.text() == "Connected"

    on_window(scenario)


def test_brokers_typed_on_welcome_are_taken_to_the_form(run: Run, theme: Theme, tmp_path: Path) -> None:
    async def scenario() -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        front = Front(theme, book)
        front.show()
        QTest.keyClicks(front.welcome.servers, "a:9092, b:9092")
        front.welcome.form.click()
        assert front.connections.isVisible()
        assert front.connections.editor.values["bootstrap"] == "a:9092, b:9092"
        assert front.connections.save.isEnabled()
        await front.tasks.close()
        front.hide()
        front.deleteLater()
        await book.close()

    run(scenario())


def test_connections_and_settings_are_made_ahead_in_pieces(run: Run, theme: Theme, tmp_path: Path) -> None:
    async def scenario() -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        window = Window(theme, ConnectionProfile("starting", "not yet known"), book)
        window.show()
        times = [time.thread_time()]
        times += [time.thread_time() for _piece in window._own.make_ahead()]
        times.append(time.thread_time())
        took = [later - earlier for earlier, later in pairwise(times)]
        assert [*window._own._pages.made] == ["connections", "settings"]
        assert max(took) < 0.6 * sum(took), took
        editor = window.connections.editor
        assert window.connections.isAncestorOf(editor), "the one that was made ahead"
        began = time.thread_time()
        window.show_own("connections")
        assert time.thread_time() - began < 0.05
        await until(editor.isVisible)
        await window.tasks.close()
        await book.close()
        window.finish()

    run(scenario())


def test_a_page_that_is_made_ahead_goes_with_a_window_that_closes_before_it_is_placed(
    run: Run, theme: Theme, tmp_path: Path
) -> None:
    async def scenario() -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        window = Window(theme, ConnectionProfile("starting", "not yet known"), book)
        pieces = window._own.make_ahead()
        while "settings" not in window._own._pages.made:
            next(pieces)
        page = window._own._pages.made["settings"]
        assert page.parent() is None
        await window.tasks.close()
        await book.close()
        window.finish()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # what that has deleted later
        assert not isValid(page)

    run(scenario())
