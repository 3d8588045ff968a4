"""The frame: every page gets every sample, the words about the connection are true, and closing leaves nothing."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kafkaview.cluster.errors import AuthenticationFailed, GroupsUnlisted, NotAuthorized, Unreachable, UnusableProfile
from kafkaview.doctor.chart import Report
from kafkaview.doctor.diagnosis import Cause, Diagnosis, DiagnosisLayer, DiagnosisStep
from kafkaview.profiles.profile import ConnectionProfile, Environment
from kafkaview.profiles.properties import profile_from
from kafkaview.profiles.security import Secrets
from kafkaview.profiles.store import ProfileStore
from kafkaview.session import Session
from kafkaview.triage.watch.view import SilentBroker, View
from kafkaview.ui.kit.banner import Banner, BannerKind
from kafkaview.ui.kit.connection_state import connection
from kafkaview.ui.kit.icon_label import IconLabel
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.pages.topics.page import TopicsPage
from kafkaview.ui.window.frame.header import EnvironmentWord
from kafkaview.ui.window.frame.page_head import _Head
from kafkaview.ui.window.menu import WatchPace, connections_menu
from kafkaview.ui.window.palette import Palette
from kafkaview.ui.window.window import Window
from kafkaview.words import clock
from tests.kit.book import LocalBook
from tests.kit.engine import local_client
from tests.ui.conftest import Run, until
from tests.ui.connections.rings import MemoryRing, keyring
from tests.ui.pages.samples import NOW, topic, view
from tests.ui.pages.world import World

Scenario = Callable[[Window], Awaitable[None]]
On = Callable[[Scenario], None]
_CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def on_window(run: Run, theme: Theme, profile: ConnectionProfile, session: Session) -> On:
    """Runs a scenario on an open window and closes it as the program does."""

    async def played(scenario: Scenario) -> None:
        window = Window(theme, profile)
        window.show()
        client = local_client(session, interval=0.05, window=0.3)
        client.begin()
        window.watch(client.engine, session.profile)
        try:
            await until(lambda: window.view is not None and window.view.groups is not None)
            await scenario(window)
        finally:
            await window.tasks.close()
            await client.close()
            assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []
            await session.journal.close()
            window.finish()

    return lambda scenario: run(played(scenario))


def press(window: Window, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    window.activateWindow()
    QTest.keyClick(window, key, modifier)
    QTest.keyRelease(window, Qt.Key.Key_Control)  # else Qt takes it for held in the tests to come


def shown(window: Window) -> str:
    page = window._front_page()
    return page.id if page is not None else ""


def test_keys_go_to_pages_and_back(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        assert shown(window) == "triage"
        press(window, Qt.Key.Key_4, _CTRL)
        assert shown(window) == "groups"
        press(window, Qt.Key.Key_2, _CTRL)
        press(window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert shown(window) == "groups"
        press(window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        assert shown(window) == "topics"

    on_window(scenario)


def test_every_page_shows_every_sample(on_window: On, world: World) -> None:
    async def scenario(window: Window) -> None:
        world.cluster.add_topic("refunds", 1)
        window.refresh()
        await until(lambda: window.view and window.view.topics and "refunds" in window.view.topics.names)
        window.go(Place("topics"))
        page = window.pages["topics"]
        assert isinstance(page, TopicsPage)
        assert "refunds" in [row.name for row in page.model.rows]

    on_window(scenario)


def test_a_cluster_that_is_gone_is_dated_and_comes_back(on_window: On, world: World) -> None:
    async def scenario(window: Window) -> None:
        world.cluster.failures["groups"] = Unreachable("no broker of broker-1:9092 answers")
        await until(window._banner.isVisible)
        assert "Not connected since" in window._banner.accessibleName()
        assert window._status._word.text() == "Not connected"
        world.cluster.failures["groups"] = GroupsUnlisted("listing the groups of broker 2: no answer")
        await until(lambda: window._status._word.text() == "Partly connected")
        assert "No group is listed since" in window._banner.accessibleName()
        del world.cluster.failures["groups"]
        window._banner.action.click()
        await until(window._banner.isHidden)
        assert window._status._word.text() == "Connected"

    on_window(scenario)


def test_what_is_shown_is_dated_where_the_window_has_stopped_watching(
    on_window: On, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(window: Window) -> None:
        await until(lambda: window.view and window.view.samples and window.view.judged)
        show = window.show_view

        def broken(view: View) -> None:
            if not view.stale:
                raise AttributeError("no attribute 'of_several'")
            show(view)

        monkeypatch.setattr(window, "show_view", broken)
        await until(window._banner.isVisible)
        assert "kafkaview has stopped watching" in window._banner.accessibleName()
        assert window._status._word.text() == "Not connected"
        assert "no attribute 'of_several'" in window._notice.accessibleName()

    on_window(scenario)


def test_a_silent_broker_is_named_while_the_rest_is_shown(on_window: On, world: World) -> None:
    async def scenario(window: Window) -> None:
        world.cluster.failures["partition_table"] = Unreachable("broker 13 does not answer")
        window.refresh()
        await until(window._banner.isVisible)
        assert "broker 13 does not answer" in window._banner.accessibleName()
        assert window._status._word.text() == "Partly connected"

    on_window(scenario)


def test_no_key_reaches_the_page_below_a_sheet(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        press(window, Qt.Key.Key_F1)
        sheet = Veil.over(window)
        assert sheet is not None
        press(window, Qt.Key.Key_4, _CTRL)
        assert shown(window) == "triage"
        sheet.lift()
        press(window, Qt.Key.Key_4, _CTRL)
        assert shown(window) == "groups"

    on_window(scenario)


def test_the_palette_knows_groups_topics_and_actions(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        press(window, Qt.Key.Key_K, _CTRL)
        palette = Veil.over(window)
        assert isinstance(palette, Palette)
        palette.field.setText("@billing")
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
        assert shown(window) == "groups"
        assert window.pages["groups"].place() == Place("groups", "billing")

    on_window(scenario)


def test_closing_the_window_asks_first(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        asked: list[bool] = []
        window.close_wanted.connect(lambda: asked.append(True))
        window.close()
        assert asked == [True]
        assert window.isVisible()

    on_window(scenario)


def test_closing_ends_every_task_and_thread(on_window: On) -> None:
    before = set(threading.enumerate())

    async def scenario(window: Window) -> None:
        await until(lambda: window.view and window.view.samples > 3)

    on_window(scenario)  # which holds that no task is left
    assert {thread for thread in threading.enumerate() if thread not in before} == set()


def test_a_failed_task_is_a_notice_and_the_window_goes_on(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        async def fail() -> None:
            raise NotAuthorized("User:oncall lacks READ on Topic orders", "Ask an admin.")

        window.tasks.start("x", fail(), title="Scanning orders")
        await until(window._notice.isVisible)
        assert window._notice.accessibleName() == (
            "Scanning orders failed. User:oncall lacks READ on Topic orders. Ask an admin."
        )
        window._notice.action.click()
        assert window._notice.isHidden()

    on_window(scenario)


def test_the_rail_folds_where_there_is_little_room(on_window: On, theme: Theme) -> None:
    async def scenario(window: Window) -> None:
        window.resize(1024, 700)
        assert window._rail.width() == theme.px(52)
        window.resize(1280, 800)
        assert window._rail.width() == theme.px(184)
        press(window, Qt.Key.Key_B, _CTRL)
        assert window._rail.width() == theme.px(52)

    on_window(scenario)


def test_the_frame_follows_the_text_size(on_window: On, theme: Theme) -> None:
    async def scenario(window: Window) -> None:
        theme.set_scale(2.0)
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # before it is painted
        head = window._head.currentWidget()
        assert isinstance(head, _Head)
        below = head.arrange(window._head.width())  # the page's buttons, where there is no room beside its title
        assert below > 0
        assert (window._header.height(), window._head.height(), window._status.height()) == (96, 96 + below, 56)
        assert window._rail.width() == theme.px(52)

    on_window(scenario)


def test_running_work_is_shown_with_its_cancel(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        window.tasks.start("scan", asyncio.sleep(60), title="Scanning orders", cancellable=True)
        window.tasks.progress("scan", "1.2 M/s, 4 s left", 0.6)
        work = window._status._work
        assert (work._title.text(), work._text.text(), work._bar.value()) == (
            "Scanning orders",
            "1.2 M/s, 4 s left",
            600,
        )
        press(window, Qt.Key.Key_Period, _CTRL)
        assert work.isHidden()

    on_window(scenario)


def test_missing_rights_alone_are_not_a_broken_connection() -> None:
    said = connection(view(errors=(NotAuthorized("User:oncall lacks DESCRIBE on Group audit"),)))
    assert said.mark is Mark.OK
    assert said.news is not None
    assert said.news.kind is BannerKind.PARTIAL


def test_the_next_try_is_counted_down_to() -> None:
    gone = replace(view(), stale=True, errors=(Unreachable("No broker answers"),), next_try_at_ms=5_000)
    assert connection(gone, 1_500).facts == "next try in 4 s"
    assert connection(gone, 6_000).facts == "trying now"
    news = connection(gone, 1_500).news
    assert news is not None
    assert news.meaning == "Next try in 4 s. This is what was last known. No broker answers."


def test_a_login_that_failed_says_why_with_the_doctor(
    run: Run, theme: Theme, profile: ConnectionProfile, session: Session, world: World, tmp_path: Path
) -> None:
    async def scenario() -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        asked: list[ConnectionProfile] = []
        window = Window(theme, profile, book)

        async def diagnose(tested: ConnectionProfile, _secrets: Secrets, _report: object) -> Diagnosis:
            asked.append(tested)
            return Diagnosis((), None)

        window.connections.doctor._diagnose = diagnose
        world.cluster.failures["groups"] = AuthenticationFailed("Authentication failed")
        world.cluster.failures["partition_table"] = AuthenticationFailed("Authentication failed")
        window.show()
        client = local_client(session, interval=0.05, window=0.3)
        client.begin()
        window.watch(client.engine, session.profile)
        await until(window._banner.isVisible)
        assert "The login was refused." in window._banner.accessibleName()
        assert not window.connected
        assert window._banner.action.text() == "Why?"
        window._banner.action.click()
        await until(lambda: asked)
        assert [tested.bootstrap for tested in asked] == ["broker-1:9092"]
        assert window._stack.currentWidget() is window.connections
        press(window, Qt.Key.Key_1, _CTRL)
        assert shown(window) == "triage"
        await window.tasks.close()
        await client.close()
        await session.journal.close()
        window.finish()
        await book.close()

    run(scenario())


def test_the_doctors_cause_is_said_once_before_the_first_answer(
    run: Run, theme: Theme, profile: ConnectionProfile, session: Session, world: World
) -> None:
    world.cluster.delays.update(groups=2.0, partition_table=2.0, describe=2.0)
    said = "broker-1:9092 refuses the connection: nothing listens there."

    async def diagnose(_profile: ConnectionProfile, _typed: Secrets, report: Report) -> Diagnosis:
        report(DiagnosisStep(DiagnosisLayer.DNS, "broker-1", ok=True))
        step = DiagnosisStep(DiagnosisLayer.TCP, "broker-1:9092", ok=False, cause=Cause.CONNECTION_REFUSED, detail=said)
        report(step)
        return Diagnosis((step,), step.cause)

    async def scenario() -> None:
        window = Window(theme, profile)
        window.show()
        client = local_client(session, interval=0.05, window=0.3)
        client.begin()
        window.watch(client.engine, session.profile)
        await window.find_cause(diagnose, Secrets())
        await asyncio.sleep(0.1)
        words = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
        assert sum(said in text for text in words) == 1, words
        assert "No broker answers." in window._banner.accessibleName()
        assert said not in window._banner.accessibleName()
        assert not window.connected
        await window.tasks.close()
        await client.close()
        await session.journal.close()
        window.finish()

    run(scenario())


def test_the_icons_of_the_header_follow_the_look(theme: Theme, profile: ConnectionProfile) -> None:
    window = Window(theme, replace(profile, read_only=True))
    window.show()
    icons = window._header.findChildren(IconLabel)
    assert len(icons) == 2
    before = [icon.pixmap().toImage() for icon in icons]
    theme.set_mode(ThemeMode.LIGHT if theme.dark else ThemeMode.DARK)
    theme.set_scale(2.0)
    assert [icon.pixmap().width() for icon in icons] == [2 * image.width() for image in before]
    theme.set_scale(1.0)
    assert [icon.pixmap().toImage() == image for icon, image in zip(icons, before, strict=True)] == [False, False]
    window.finish()


def test_a_read_only_profile_wears_a_lock_and_its_own_colour(theme: Theme, profile: ConnectionProfile) -> None:
    window = Window(theme, replace(profile, read_only=True, colour="#59626F"))
    locks = [label for label in window.findChildren(QLabel) if label.toolTip() == "This profile is read-only"]
    assert len(locks) == 1
    stripe = window.grab().toImage().pixelColor(640, 1)
    assert stripe.name().upper() == "#59626F"
    window.finish()


def test_ctrl_n_asks_for_another_connection(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        asked: list[bool] = []
        window.another.connect(lambda: asked.append(True))
        press(window, Qt.Key.Key_N, _CTRL)
        assert asked == [True]

    on_window(scenario)


def test_the_status_bar_counts_the_seconds_to_the_next_try(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        window.tasks.cancel("watch")
        soon = time.time_ns() // 1_000_000 + 1_500
        window.show_view(replace(view(), stale=True, errors=(Unreachable("No broker answers"),), next_try_at_ms=soon))
        assert window._status._facts.text().startswith("next try in 2 s")
        await until(lambda: window._status._facts.text().startswith("trying now"))
        assert "Trying now." in window._banner.accessibleName()

    on_window(scenario)


def test_a_profile_without_its_password_is_not_called_a_silent_broker() -> None:
    error = UnusableProfile("The password of alice is not known here.", "Give the password.")
    news = connection(replace(view(), samples=0, stale=True, errors=(error,))).news
    assert news is not None
    assert news.news == "This profile cannot be used as it is."
    assert news.meaning == "", "the page says it, and once is enough"


def test_a_pause_stops_the_samples_and_says_of_when_they_are(on_window: On) -> None:
    async def scenario(window: Window) -> None:
        await until(lambda: window.view and window.view.samples > 1)
        window._header._live.click()
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        entries = {entry.text(): entry for entry in menu.actions()}
        assert [text for text, entry in entries.items() if entry.isChecked()] == [WatchPace.LIVE.value]
        entries[WatchPace.PAUSED.value].trigger()
        menu.close()
        assert window._banner.accessibleName().startswith("Paused. What is shown is of ")
        assert (window._status._word.text(), window._banner.action.text()) == ("Paused", "Go on")
        assert window._header._live.text().startswith("Paused at ")
        await until(lambda: not window.tasks.is_running("pause"))
        await asyncio.sleep(0.2)  # a sample that was on its way
        assert window.view is not None
        seen = window.view.samples
        await asyncio.sleep(0.3)
        assert window.view.samples == seen
        window.refresh()
        await until(lambda: window.view and window.view.samples == seen + 1)
        window._banner.action.click()
        await until(lambda: window.view and window.view.samples > seen + 2)
        assert window._banner.isHidden()
        assert window._header._live.text() == "Live"

    on_window(scenario)


def test_a_bare_address_has_no_environment_that_the_window_would_claim(theme: Theme) -> None:
    bare, _ = profile_from("kafka:9092", None, {}, {})
    window = Window(theme, bare)
    words = [word.accessibleName() for word in window.findChildren(EnvironmentWord)]
    assert (bare.environment, words) == (None, [])
    assert window.windowTitle() == f"{bare.name} - kafkaview"
    assert window._header._profile.accessibleName() == f"{bare.name}: other connections"
    window.finish()
    named = Window(theme, replace(bare, environment=Environment.STAGING))
    assert [word.accessibleName() for word in named.findChildren(EnvironmentWord)] == ["environment: staging"]
    assert named.windowTitle() == f"{bare.name} (staging) - kafkaview"
    named.finish()


def test_the_name_of_the_connection_opens_the_others(
    theme: Theme, profile: ConnectionProfile, qapp: QApplication
) -> None:
    window = Window(theme, profile)
    window.show()
    window._header._profile.click()
    menu = qapp.activePopupWidget()
    assert isinstance(menu, QMenu)
    listed = {entry.text(): entry.isEnabled() for entry in menu.actions() if not entry.isSeparator()}
    assert listed == {"Another connection, in a new window": True, "Connections": False}  # it has no list of them
    menu.close()
    other = replace(profile, name="orders-us", id="2")
    chosen: list[ConnectionProfile] = []
    menu = connections_menu(window, [profile, other], profile, chosen.append, ())
    entries = [entry for entry in menu.actions() if not entry.isSeparator()]
    assert [(entry.text(), entry.isChecked()) for entry in entries] == [
        ("orders-eu (production)", True),
        ("orders-us (production)", False),
    ]
    entries[1].trigger()
    assert chosen == [other]
    menu.deleteLater()
    window.finish()


def test_the_demo_does_not_offer_a_form_that_would_save_it(
    theme: Theme, run: Run, profile: ConnectionProfile, tmp_path: Path
) -> None:
    async def scenario() -> None:
        book = LocalBook(ProfileStore(tmp_path / "kafkaview" / "profiles.toml"), keyring(MemoryRing()))
        window = Window(theme, profile, book, explains=False)
        window.show()
        window.show_view(replace(view(), samples=0, stale=True, errors=(Unreachable("No broker answers"),)))
        assert window._banner.action.text() == "Try now"
        await window.tasks.close()
        window.finish()
        await book.close()

    run(scenario())


SILENCE = Unreachable("listing the groups of broker 2: broker 2 does not answer", "Check whether it runs.")


def test_the_banner_names_silent_brokers_and_since_when() -> None:
    one = SilentBroker(2, NOW - 60_000, fenced=False)
    said = connection(view(errors=(SILENCE, NotAuthorized("no right"))), NOW)
    assert said.news is not None
    assert said.news.news == "listing the groups of broker 2: broker 2 does not answer."
    for silent, news in (
        ((one,), f"Broker 2 does not answer since {clock(NOW - 60_000)}."),
        ((replace(one, fenced=True),), f"Broker 2 is fenced or down since {clock(NOW - 60_000)}."),
        ((one, replace(one, id=3)), f"Brokers 2 and 3 do not answer since {clock(NOW - 60_000)}."),
    ):
        said = connection(replace(view(errors=(SILENCE,)), silent=silent), NOW)
        assert said.news is not None
        assert said.news.news == news
        assert said.news.meaning.endswith("unknown here, not 0, and asked for again with each sample.")


def test_a_fenced_broker_is_named_as_long_as_partitions_have_no_leader() -> None:
    silent = (SilentBroker(2, NOW, fenced=True),)
    assert connection(replace(view(topics=(topic("orders", 2),)), silent=silent), NOW).live == "Live"
    said = connection(replace(view(topics=(topic("orders", 2, leader=None),)), silent=silent), NOW)
    assert (said.word, said.live) == ("Partly connected", "Live, in part")
    assert said.news is not None
    assert said.news.news.startswith("Broker 2 is fenced or down since")


def test_until_all_brokers_were_asked_the_connection_is_not_called_live() -> None:
    said = connection(replace(view(), samples=0))
    assert (said.mark, said.word, said.live) == (Mark.WORKING, "Connecting", "Connecting")
    assert said.facts.startswith("not all have answered yet  ·  1 broker")
    assert connection(replace(view(), samples=1)).word == "Connected"


@pytest.mark.parametrize("width", [320, 900, 1280])
def test_a_banner_is_as_high_as_its_words(qtbot: QtBot, theme: Theme, width: int) -> None:
    around = QWidget()
    theme.dress(around)
    banner = Banner(theme)
    page = QTextEdit()
    lines = QVBoxLayout(around)
    lines.addWidget(banner)
    lines.addWidget(page, 1)
    qtbot.addWidget(around)
    around.resize(width, 800)
    around.show()
    meaning = "Next try in 4 s. " + "Nobody answers at all. " * 8
    banner.say(BannerKind.STALE, "Not connected since 14:01:12.", meaning, "Try now")

    def whole() -> bool:
        text = banner._text
        return banner.rect().contains(text.geometry()) and text.height() >= text.heightForWidth(text.width())

    qtbot.waitUntil(whole, timeout=2_000)
