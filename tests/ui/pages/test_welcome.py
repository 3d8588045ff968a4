"""Welcome: the ways in, and the saved connections once there are some."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.delete_sheet import DeleteSheet
from kafkaview.ui.window.front import Front
from tests.kit.book import LocalBook
from tests.ui.conftest import Run, until
from tests.ui.connections.rings import MemoryRing, keyring

Scenario = Callable[[Front, LocalBook], Awaitable[None]]
On = Callable[..., None]
NAMES = ("orders-eu", "orders-us", "laptop")


@pytest.fixture
def book(tmp_path: Path) -> LocalBook:
    return LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))


@pytest.fixture
def on_front(run: Run, theme: Theme, book: LocalBook) -> On:
    """Runs a scenario on the front window, with so many connections saved."""

    async def played(scenario: Scenario, saved: int) -> None:
        for name in NAMES[:saved]:
            await book.save(ConnectionProfile(name, f"{name}:9092", Environment.PRODUCTION), {})
        front = Front(theme, book)
        front.show()
        front.welcome.focus_first()
        try:
            await scenario(front, book)
        finally:
            await front.tasks.close()
            await book.close()
            front.hide()
            front.deleteLater()

    return lambda scenario, saved=0: run(played(scenario, saved))


def names(front: Front) -> list[str]:
    return [profile.name for profile in front.welcome.saved.list.rows.profiles]


def test_typed_brokers_become_a_profile(on_front: On) -> None:
    async def scenario(front: Front, _book: LocalBook) -> None:
        wanted: list[ConnectionProfile] = []
        front.connect_to.connect(wanted.append)
        front.welcome.servers.setText(" a:9092,b:9092 ")
        front.welcome.open.click()
        assert [profile.bootstrap for profile in wanted] == ["a:9092,b:9092"]

    on_front(scenario)


def test_an_empty_broker_field_asks_for_a_broker(on_front: On) -> None:
    async def scenario(front: Front, _book: LocalBook) -> None:
        wanted: list[ConnectionProfile] = []
        front.connect_to.connect(wanted.append)
        front.welcome.open.click()
        assert not wanted
        assert front.welcome._wrong.text() == "Name at least one broker: host:9092"

    on_front(scenario)


def test_the_last_used_is_on_top_and_enter_connects_to_it(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        wanted: list[ConnectionProfile] = []
        front.connect_to.connect(wanted.append)
        await book.note_use(book.profiles[1])
        assert names(front) == ["orders-us", "orders-eu", "laptop"]
        front.welcome.saved.list.choose(book.profiles[1].id)
        QTest.keyClick(front.welcome.saved.connect_now, Qt.Key.Key_Return)
        assert [profile.name for profile in wanted] == ["orders-us"]

    on_front(scenario, 3)


def test_a_double_click_connects(on_front: On) -> None:
    async def scenario(front: Front, _book: LocalBook) -> None:
        wanted: list[ConnectionProfile] = []
        front.connect_to.connect(wanted.append)
        profiles = front.welcome.saved.list
        place = profiles.visualRect(profiles.model().index(2, 0)).center()
        QTest.mouseClick(profiles.viewport(), Qt.MouseButton.LeftButton, pos=place)
        QTest.mouseDClick(profiles.viewport(), Qt.MouseButton.LeftButton, pos=place)
        assert [profile.name for profile in wanted] == ["laptop"]

    on_front(scenario, 3)


def test_search_shows_what_fits_and_says_when_nothing_does(on_front: On) -> None:
    async def scenario(front: Front, _book: LocalBook) -> None:
        front.welcome.saved.filter.setText("prod us")
        assert names(front) == ["orders-us"]
        front.welcome.saved.filter.setText("nothing")
        assert front.welcome.saved.none.text() == "No connection matches “nothing”"
        assert not front.welcome.saved.connect_now.isEnabled()

    on_front(scenario, 3)


def test_alt_and_an_arrow_move_a_connection(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        front.welcome.saved.list.choose(book.profiles[2].id)
        QTest.keyClick(front.welcome.saved.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        await until(lambda: names(front) == ["orders-eu", "laptop", "orders-us"])
        assert ProfileStore(book.store.path).list() == book.profiles

    on_front(scenario, 3)


def test_deleting_is_confirmed_first(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        front.welcome.saved.list.choose(book.profiles[0].id)
        front.welcome.saved.delete.click()
        sheet = Veil.over(front)
        assert isinstance(sheet, DeleteSheet)
        assert len(book.profiles) == 3
        sheet.delete.click()
        await until(lambda: len(book.profiles) == 2)
        assert names(front) == ["orders-us", "laptop"]

    on_front(scenario, 3)


def test_without_connections_the_ways_in_stand_and_with_them_the_list(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        assert front.welcome.start.isVisible()
        await book.save(ConnectionProfile("first", "a:9092"), {})
        assert not front.welcome.start.isVisible()
        assert front.welcome.saved.isVisible()
        assert front.welcome.aside.demo.isVisible()

    on_front(scenario)


def test_a_damaged_file_is_reported(run: Run, theme: Theme, book: LocalBook) -> None:
    async def scenario() -> None:
        book.store.path.parent.mkdir(mode=0o700)
        book.store.path.write_text("this is no TOML")
        await book.load()
        front = Front(theme, book)
        front.show()
        assert "damaged" in front.welcome.notice.accessibleName()
        await front.tasks.close()
        await book.close()
        front.hide()
        front.deleteLater()

    run(scenario())
