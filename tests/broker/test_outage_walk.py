"""A random walk of outages over three real brokers: no page claims health, a right or an emptiness that is not so."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random, SystemRandom

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from kafkaview.engine.client import EngineClient
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.profiles.security import Secrets
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.theme import Theme, ThemeMode
from kafkaview.ui.window.window import Window
from tests.broker.material import Broker, retrier
from tests.broker.outage_traffic import MOVING, Traffic
from tests.broker.outages import SETTINGS, STANDING, BrokerOutages, prepared
from tests.broker.quorum_kafka import QuorumKafka
from tests.kit.outage_walk import OutageWalk
from tests.kit.patience import patience
from tests.kit.windowed import pumped

_GRACE_S = 2.0 + 8.0 + 3.0  # from one sample to the next, until that is late, and what a busy machine adds
_PAGE_S = 0.4
_PLACES = (
    Place("triage"),
    Place("topics", "payments"),
    Place("groups", MOVING),
    Place("coordination", "quorum"),
    Place("topics", "orders"),
    Place("groups", STANDING),
    Place("coordination", "features"),
    Place("coordination", "brokers"),
    Place("coordination", "transactions"),
    Place("deadletters"),
)


@pytest.fixture(scope="module")
def kafka() -> Iterator[QuorumKafka]:
    with QuorumKafka(settings=SETTINGS) as kafka:
        yield kafka


@pytest.fixture(scope="module")
def stage(kafka: QuorumKafka) -> Iterator[tuple[Broker, Traffic]]:
    """A group that moves, and one that stands on its record."""
    with (
        prepared(kafka) as (broker, orders),
        Traffic(kafka.bootstrap, "payments") as traffic,
        retrier(kafka.bootstrap, orders, STANDING),
    ):
        yield broker, traffic


async def walked(
    app: QApplication,
    kafka: QuorumKafka,
    stage: tuple[Broker, Traffic],
    folder: Path,
    random: Random,
    *,
    seconds: float,
    at_least: int,
) -> OutageWalk:
    """Takes steps for so long, and looks at the pages after each."""
    app.setQuitOnLastWindowClosed(False)
    broker, traffic = stage
    profile = ConnectionProfile("three", kafka.bootstrap)
    window, client = Window(Theme(ThemeMode.LIGHT), profile), EngineClient()
    window.resize(1280, 800)
    window.show()
    client.begin()
    outages = BrokerOutages(kafka, broker, traffic, client, random)
    for topic, partitions in (("orders", 1), ("payments", 3), ("__consumer_offsets", 3)):
        outages.has_topic(topic, partitions)
    outages.stuck_on = frozenset({"orders"})
    walk = OutageWalk(window, outages.truth, _PLACES, grace_s=patience(_GRACE_S), page_s=_PAGE_S)
    async with pumped(app):
        await client.open(profile, Secrets(), folder / "journal.sqlite3")
        window.watch(client.engine, profile)
        try:
            async with asyncio.timeout(patience(60)):
                while window.view is None or not window.view.judged:
                    await walk.look(0.5)
            ends_s = time.monotonic() + seconds
            while time.monotonic() < ends_s or len(walk.history) < at_least:
                name, act, looked_s = random.choice(outages.steps())
                walk.history.append(name)
                await act()
                await walk.look(looked_s)
        finally:
            await outages.end()
            await window.tasks.close()
            await client.close()
            window.finish()
    return walk


async def test_no_outage_is_shown_as_health(
    qapp: QApplication, kafka: QuorumKafka, stage: tuple[Broker, Traffic], tmp_path: Path
) -> None:
    walk = await walked(qapp, kafka, stage, tmp_path, Random(3), seconds=30, at_least=5)
    assert walk.report() == ""
    assert walk.examiner.looked_at > 100


@pytest.mark.soak
async def test_no_outage_is_shown_as_health_for_a_long_time(
    qapp: QApplication, kafka: QuorumKafka, stage: tuple[Broker, Traffic], tmp_path: Path
) -> None:
    seed = int(os.environ.get("KAFKAVIEW_WALK_SEED") or SystemRandom().randrange(10**6))
    seconds = float(os.environ.get("KAFKAVIEW_WALK_S") or 1200)
    walk = await walked(qapp, kafka, stage, tmp_path, Random(seed), seconds=seconds, at_least=8)
    print(f"seed {seed}: {len(walk.history)} steps, {walk.examiner.looked_at:,} claims looked at", flush=True)
    assert walk.report() == "", f"seed {seed}"
