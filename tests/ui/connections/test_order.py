"""The order of the saved connections: carried with the mouse or moved with keys, within a section, and kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.store import ProfileStore
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.connections.environment_head import EnvironmentHead
from kafkaview.ui.pages.connections.listing import ProfileList
from kafkaview.ui.pages.connections.profile_rows import by_environment, fits
from kafkaview.ui.window.front import Front
from tests.kit.book import LocalBook
from tests.ui.conftest import Run, until
from tests.ui.connections.rings import MemoryRing, keyring

SAVED = (
    ConnectionProfile("eu", "a:1", Environment.PRODUCTION),
    ConnectionProfile("laptop", "b:1", Environment.DEVELOPMENT),
    ConnectionProfile("us", "c:1", Environment.PRODUCTION),
    ConnectionProfile("asia", "d:1", Environment.PRODUCTION),
)
Scenario = Callable[[Front, LocalBook], Awaitable[None]]
On = Callable[[Scenario], None]


@pytest.fixture
def on_front(run: Run, theme: Theme, tmp_path: Path) -> On:
    """Runs a scenario with four saved connections."""

    async def played(scenario: Scenario) -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        for profile in SAVED:
            await book.save(profile, {})
        front = Front(theme, book)
        front.show()
        try:
            await scenario(front, book)
        finally:
            await front.tasks.close()
            await book.close()
            front.hide()
            front.deleteLater()

    return lambda scenario: run(played(scenario))


def carry(listing: ProfileList, name: str, to: QPoint, *, let_go: bool = True) -> None:
    """Press a connection, carry it there, let it go."""
    at = middle(listing, name)
    view = listing.viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
    for step in range(1, 6):
        QTest.mouseMove(view, at + (to - at) * step / 5)
    if let_go:
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=to)


def middle(listing: ProfileList, name: str) -> QPoint:
    profile = next(one for one in listing.rows.profiles if one.name == name)
    return listing.visualRect(listing.rows.index_of(profile.id)).center()


def above(listing: ProfileList, name: str) -> QPoint:
    return middle(listing, name) - QPoint(0, 15)


def below(listing: ProfileList, name: str) -> QPoint:
    return middle(listing, name) + QPoint(0, 15)


def shown(listing: ProfileList) -> list[str]:
    return [one.name for one in listing.rows.profiles]


async def settled(front: Front, listing: ProfileList, order: list[str]) -> None:
    """The list shows this order and the move that led to it has ended (the list may show it first)."""
    await until(lambda: shown(listing) == order and not front.tasks.is_running("connections.move"))


def restarted(book: LocalBook) -> list[str]:
    """What the next start finds."""
    return [profile.name for profile in ProfileStore(book.store.path).list()]


def test_a_connection_is_carried_up_and_down_with_the_mouse_and_stays_there(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        listing = front.welcome.saved.list
        carry(listing, "asia", above(listing, "laptop"))
        await settled(front, listing, ["eu", "asia", "laptop", "us"])
        carry(listing, "eu", below(listing, "laptop"))
        await settled(front, listing, ["asia", "laptop", "eu", "us"])
        assert restarted(book) == ["asia", "laptop", "eu", "us"]

    on_front(scenario)


def test_on_the_page_it_stays_within_its_environment(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        front.show_connections()
        listing = front.connections.list
        assert shown(listing) == ["eu", "us", "asia", "laptop"]
        carry(listing, "eu", below(listing, "laptop"))
        await settled(front, listing, ["us", "asia", "eu", "laptop"])
        assert restarted(book) == ["laptop", "us", "asia", "eu"]

    on_front(scenario)


def test_alt_and_an_arrow_pass_the_neighbour_that_is_seen(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        front.show_connections(book.profiles[2])
        listing = front.connections.list
        QTest.keyClick(listing, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        await settled(front, listing, ["us", "eu", "asia", "laptop"])
        QTest.keyClick(listing, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
        assert not front.tasks.is_running("connections.move")

    on_front(scenario)


def test_the_last_used_stays_on_top_of_welcome(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        listing = front.welcome.saved.list
        await book.note_use(book.profiles[3])
        assert shown(listing) == ["asia", "eu", "laptop", "us"]
        carry(listing, "us", above(listing, "asia"))
        await settled(front, listing, ["asia", "us", "eu", "laptop"])
        carry(listing, "asia", below(listing, "laptop"))
        assert not front.tasks.is_running("connections.move")

    on_front(scenario)


def test_a_click_and_an_escape_move_nothing(on_front: On) -> None:
    async def scenario(front: Front, book: LocalBook) -> None:
        listing = front.welcome.saved.list
        carry(listing, "us", middle(listing, "us") + QPoint(2, 2))
        carry(listing, "us", above(listing, "eu"), let_go=False)
        assert listing._carried is not None
        assert listing._carried.takes_place_of == 0
        QTest.keyClick(listing, Qt.Key.Key_Escape)
        QTest.mouseRelease(listing.viewport(), Qt.MouseButton.LeftButton, pos=above(listing, "eu"))
        assert not front.tasks.is_running("connections.move")
        assert restarted(book) == [profile.name for profile in SAVED]

    on_front(scenario)


def test_those_without_an_environment_stand_last_below_a_head_that_says_so() -> None:
    unnamed = ConnectionProfile("bare", "e:1")
    rows = by_environment([unnamed, *SAVED])
    heads = [row.title for row in rows if isinstance(row, EnvironmentHead)]
    assert heads == ["PRODUCTION", "DEVELOPMENT", "NO ENVIRONMENT NAMED"]
    assert rows[-1] is unnamed
    assert not fits(unnamed, "none")
