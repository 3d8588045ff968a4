"""A window that is closed in the middle of a write asks first, and the next one knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kafkaview.journal.entry import Intent
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.ui.kit.preferences import Remembered
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.window.closing_sheet import ClosingSheet
from kafkaview.ui.window.running_writes import RunningWrites, describe_cut_off
from kafkaview.ui.window.window import Window
from tests.kit.engine import local_client
from tests.ui.conftest import Run, until


class Write(QObject):
    """A write as the window follows it."""

    stepped = Signal(object)
    ended = Signal(object)
    title = "Sending 1 record to orders-dlq"
    standing = "Nothing is written to the groups yet. It can still be cancelled."


@pytest.fixture
def window(qapp: QApplication, theme: Theme, profile: ConnectionProfile, tmp_path: Path) -> Iterator[Window]:
    made = Window(theme, profile, remembered=Remembered(tmp_path / "window.json"))
    made.show()
    qapp.processEvents()
    yield made
    made.finish()


def asks(window: Window) -> ClosingSheet:
    sheet = Veil.over(window)
    assert isinstance(sheet, ClosingSheet)
    return sheet


def test_a_window_that_writes_asks_and_stays_by_enter(window: Window) -> None:
    closed: list[bool] = []
    window.close_wanted.connect(lambda: closed.append(True))
    write = Write(window)
    window._writes.follow(write)  # type: ignore[arg-type]
    window.close()
    window.close()  # which asks no second time
    sheet = asks(window)
    assert len([veil for veil in window.children() if isinstance(veil, ClosingSheet)]) == 1
    QTest.keyClick(sheet.stay, Qt.Key.Key_Return)
    assert Veil.over(window) is None
    assert closed == []
    window.close()
    asks(window).close_now.click()
    assert closed == [True]


def test_it_closes_when_the_write_is_done_if_that_is_wanted(window: Window) -> None:
    closed: list[bool] = []
    window.close_wanted.connect(lambda: closed.append(True))
    write = Write(window)
    window._writes.follow(write)  # type: ignore[arg-type]
    window.close()
    asks(window).close_later.click()
    assert Veil.over(window) is None
    assert closed == []
    write.ended.emit(None)
    assert closed == [True]


def test_a_write_that_ends_takes_the_question_with_it(window: Window) -> None:
    closed: list[bool] = []
    window.close_wanted.connect(lambda: closed.append(True))
    write = Write(window)
    window._writes.follow(write)  # type: ignore[arg-type]
    window.close()
    write.ended.emit(None)
    assert Veil.over(window) is None
    assert closed == []
    window.close()
    assert closed == [True]


def test_the_question_brings_a_window_that_is_minimised_to_the_front(window: Window) -> None:
    window._writes.follow(Write(window))  # type: ignore[arg-type]
    window.showMinimized()
    window.close()
    assert asks(window)
    assert not window.isMinimized()


def test_what_is_cut_off_is_known_to_the_next_window_once(
    theme: Theme, window: Window, profile: ConnectionProfile, tmp_path: Path
) -> None:
    remembered = Remembered(tmp_path / "window.json")
    first, second = (RunningWrites(theme, window, profile, "orders-eu", remembered) for _ in range(2))
    assert second.take_cut_off() is None
    done, cut = Write(window), Write(window)
    for write in (done, cut):
        first.follow(write)  # type: ignore[arg-type]
    done.ended.emit(None)
    first.keep()
    taken = second.take_cut_off()
    assert taken is not None
    assert taken[1] == ("Sending 1 record to orders-dlq",)
    assert second.take_cut_off() is None


def test_the_next_window_says_what_became_of_it(
    run: Run, theme: Theme, profile: ConnectionProfile, session: Session, tmp_path: Path
) -> None:
    async def scenario() -> None:
        remembered = Remembered(tmp_path / "window.json")
        remembered.put({f"{profile.name}/cut-off": {"since_ms": 5, "titles": ["Sending 1 record to orders-dlq"]}})
        intent = Intent("reroute", "Send 1 record to orders-dlq", "kafkaview reroute", profile.name, None, {})
        entry = await session.journal.begin(intent, ())
        window = Window(theme, profile, remembered=remembered)
        window.show()
        client = local_client(session, interval=0.05, window=0.3)
        client.begin()
        window.watch(client.engine, session.profile)
        await until(window._notice.isVisible)
        assert window._notice.accessibleName() == (
            "This window was closed in the middle of a write. Send 1 record to orders-dlq: whether it was written is"
            f" not known, look at what stands now (journal entry {entry})."
        )
        await window.tasks.close()
        await client.close()
        await session.journal.close()
        window.finish()

    run(scenario())


def test_a_demo_does_not_tell_of_the_one_before_it(theme: Theme, profile: ConnectionProfile, tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "window.json")
    first, second = (Window(theme, profile, remembered=remembered, explains=False) for _ in range(2))
    first._writes.follow(Write(first))  # type: ignore[arg-type]
    first.finish()
    assert second._writes.take_cut_off() is None
    second.finish()


def test_a_write_that_had_not_begun_wrote_nothing() -> None:
    said = describe_cut_off(("Sending 1 record to orders-dlq",), ())
    assert said == "Sending 1 record to orders-dlq: it was cut off before it began, and nothing was written."
