"""Coordination and Security on a real broker: told to who may, and the missing right named to who may not."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QWidget

from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.ui.kit.banner import Banner
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.query_view import QueryState, QueryView
from kafkaview.ui.kit.states import Failed, MissingRight
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.pages.coordination.brokers_tab import BrokersTab
from kafkaview.ui.pages.coordination.features_tab import FeaturesTab
from kafkaview.ui.pages.coordination.page import CoordinationPage
from kafkaview.ui.pages.coordination.quorum_tab import QuorumTab
from kafkaview.ui.pages.coordination.transactions_tab import TransactionsTab
from kafkaview.ui.pages.coordination.zookeeper_tab import ZooKeeperTab
from kafkaview.ui.pages.security.page import SecurityPage
from kafkaview.ui.pages.security.parts import Part
from kafkaview.ui.window.window import Window
from tests.broker.engines import opened_engine
from tests.broker.secure_kafka import SecureKafka
from tests.broker.zookeeper_kafka import EmbeddedZooKeeperKafka
from tests.kit.patience import patience
from tests.kit.windowed import pumped

Way = tuple[ConnectionProfile, Secrets]
PATIENCE_S = 40.0


class Shown:
    """A window, and the tabs of its Coordination page."""

    def __init__(self, window: Window) -> None:
        self.window = window
        page = window.pages["coordination"]
        assert isinstance(page, CoordinationPage)
        quorum, features, brokers, transactions, zookeeper = page.tabs.values()
        assert isinstance(quorum, QuorumTab)
        assert isinstance(features, FeaturesTab)
        assert isinstance(brokers, BrokersTab)
        assert isinstance(transactions, TransactionsTab)
        assert isinstance(zookeeper, ZooKeeperTab)
        self.quorum, self.features, self.brokers = quorum, features, brokers
        self.transactions, self.zookeeper = transactions, zookeeper
        self.failures: list[object] = []
        window.tasks.failed.connect(lambda _name, error: self.failures.append(error))

    def go(self, what: str, page: str = "coordination") -> None:
        self.window.go(Place(page, what))

    def seen(self, kind: type[QWidget]) -> list[QWidget]:
        """What of a kind can be seen now."""
        return [one for one in self.window.findChildren(kind) if one.isVisible()]


def is_locked(part: QueryView) -> bool:
    return part.state is QueryState.LOCKED and part.front.isVisible()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(patience(PATIENCE_S)):
        while not condition():  # noqa: ASYNC110 - a widget has no event for it
            await asyncio.sleep(0.02)


@asynccontextmanager
async def showing(qapp: QApplication, way: Way, journal: Path) -> AsyncIterator[Shown]:
    profile, secrets = way
    async with opened_engine(profile, secrets, journal) as client:
        window = Window(Theme(ThemeMode.LIGHT), profile)
        window.show()
        async with pumped(qapp):
            window.watch(client.engine, profile)
            try:
                yield Shown(window)
            finally:
                await window.tasks.close()
                window.finish()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


async def test_every_tab_tells_a_real_cluster(qapp: QApplication, secure_kafka: SecureKafka, journal: Path) -> None:
    async with showing(qapp, secure_kafka.way("PLAINTEXT"), journal) as shown:
        shown.go("quorum")
        await until(lambda: shown.quorum.figures.shown[0].value == "Healthy")
        shown.go("features")
        await until(lambda: shown.features.model.total >= 5)
        metadata = next(row for row in shown.features.model.rows if row.name == "metadata.version")
        assert "-IV" in metadata.finalized
        shown.go("brokers")
        brokers = shown.brokers
        await until(lambda: brokers.place_text() and brokers.detail.directories.total == 1)
        await until(lambda: brokers.model.rows[0].broker.load is not None and brokers.model.rows[0].broker.free)
        brokers.detail.tabs.choose("settings")
        await until(lambda: brokers.detail.settings.model.total > 100)
        secret = next(row for row in brokers.detail.settings.model.rows if row.name == "delegation.token.secret.key")
        assert brokers.detail.settings.model.columns[1].reads(secret) == "hidden"
        assert brokers.detail.of_moves.state is QueryState.GOOD
        shown.go("transactions")
        answer = shown.transactions  # none is open, or those that other tests left
        await until(lambda: answer.model.total or answer.room.state is QueryState.GOOD)
        shown.go("zookeeper")
        assert shown.zookeeper.room.front.accessibleName().startswith("KRaft: there is no ZooKeeper.")
        assert not shown.failures


async def test_who_has_no_right_sees_each_page_with_the_right_that_is_missing(
    qapp: QApplication, secure_kafka: SecureKafka, journal: Path
) -> None:
    way = secure_kafka.way("SASL_PLAINTEXT", mechanism="PLAIN", user="nobody")
    async with showing(qapp, way, journal) as shown:
        for page, right in (("triage", "Group"), ("topics", "Topic"), ("groups", "Group")):
            shown.go("", page)
            await until(lambda: shown.seen(MissingRight))
            assert f"User:nobody lacks DESCRIBE on {right}" in shown.seen(MissingRight)[0].accessibleName()
        shown.go("quorum")
        await until(shown.quorum.room.isVisible)
        await until(lambda: shown.quorum.figures.shown[0].text == "not shown to you")
        shown.go("features")  # any principal is told them
        await until(lambda: shown.features.model.total >= 5)
        shown.go("brokers")
        brokers = shown.brokers
        await until(lambda: brokers.room.banner.isVisible() and brokers.model.total == 1)
        assert brokers.room.banner.accessibleName().startswith("User:nobody lacks DESCRIBE on Cluster.")
        assert (brokers.model.rows[0].broker.load, brokers.model.rows[0].broker.used) == (None, None)
        for leaf, part in (
            ("directories", brokers.detail.of_directories),
            ("settings", brokers.detail.of_settings),
            ("moving", brokers.detail.of_moves),
        ):
            brokers.detail.tabs.choose(leaf)
            await until(partial(is_locked, part))
            assert "User:nobody lacks DESCRIBE" in part.front.accessibleName()
        shown.go("transactions")
        await until(lambda: shown.transactions.room.state is QueryState.LOCKED)
        assert "User:nobody lacks DESCRIBE on TransactionalId *." in shown.transactions.room.front.accessibleName()
        shown.go("zookeeper")
        await until(lambda: shown.zookeeper.room.state is QueryState.EMPTY)
        security = shown.window.pages["security"]
        assert isinstance(security, SecurityPage)
        for page_part in Part:
            shown.go(page_part.value, "security")
            await until(lambda: not any(shown.window.tasks.is_running(f"security.{one.value}") for one in Part))
            assert not shown.seen(Failed), page_part
        assert not shown.failures
        assert len(shown.seen(Banner)) <= 1


async def test_a_cluster_of_zookeeper_shows_its_ensemble_and_what_is_kept_there(
    qapp: QApplication, zookeeper_kafka: EmbeddedZooKeeperKafka, journal: Path
) -> None:
    profile = ConnectionProfile("old", zookeeper_kafka.bootstrap, zookeeper=zookeeper_kafka.zookeeper)
    async with showing(qapp, (profile, Secrets()), journal) as shown:
        shown.go("zookeeper")
        tab = shown.zookeeper
        await until(lambda: tab.model.total == 1 and tab.registrations.total == 1)
        assert tab.line.text() == "Healthy: 1 of 1 server serves, alone"
        assert "the node is ephemeral" in tab.controller.text()
        assert tab.migration.chip.accessibleName() == "No move to KRaft"
        tab.select("/controller")
        await until(lambda: '"brokerid"' in tab.nodes.text.toPlainText())
        tab.select("/config")
        config = tab.nodes.tree.currentItem()
        assert config is not None
        await until(lambda: config.childCount() >= 3)
        shown.go("features")
        await until(lambda: shown.features.room.state is QueryState.EMPTY)
        assert not shown.failures
