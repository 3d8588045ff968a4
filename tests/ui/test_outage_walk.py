"""A random walk of outages over the fake cluster: no page claims health, a right or an emptiness that is not so."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random, SystemRandom

import pytest

from kafkaview.coordination.watch import CoordinationWatch
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.window.window import Window
from tests.kit.engine import local_client
from tests.kit.outage_walk import OutageWalk
from tests.kit.patience import patience
from tests.ui.conftest import Run
from tests.ui.outages import FakeOutages
from tests.ui.pages.world import World

_INTERVAL_S, _WINDOW_S, _LATE_S = 0.05, 0.3, 0.2  # of the watch here; the program's are 2, 10 and 8
_SLACK_S = 0.7
_STEP_S = 1.8  # longer than a claim may be old
_PLACES = (
    Place("triage"),
    Place("topics", "orders"),
    Place("topics", "refunds"),
    Place("groups", "analytics"),
    Place("groups", "billing"),
    Place("coordination", "quorum"),
    Place("coordination", "features"),
    Place("deadletters"),
)


@pytest.fixture
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafkaview.triage.watch.watch._LATE_S", _LATE_S)
    monkeypatch.setattr("kafkaview.triage.watch.pace._UNREACHABLE_S", 0.1)
    monkeypatch.setattr("kafkaview.triage.watch.pace._REFUSED_S", 0.1)
    monkeypatch.setattr("kafkaview.coordination.watch._LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr(CoordinationWatch.__init__, "__kwdefaults__", {"interval": _INTERVAL_S, "patience": _LATE_S})


async def walked(theme: Theme, profile: ConnectionProfile, folder: Path, seed: int, steps: int) -> OutageWalk:
    """Takes so many steps, and looks at the pages after each."""
    random, world = Random(seed), World()
    session = Session(profile, world.cluster, TopicDecoders(), Journal(folder / f"journal-{seed}.sqlite"))
    window = Window(theme, profile)
    window.resize(1280, 800)
    window.show()
    client = local_client(session, interval=_INTERVAL_S, window=_WINDOW_S)
    client.begin()
    window.watch(client.engine, profile)
    outages = FakeOutages(world, client, random)
    grace_s = patience(_INTERVAL_S + _LATE_S + _SLACK_S)
    walk = OutageWalk(window, outages.truth, _PLACES, grace_s=grace_s, page_s=0.1, work=world.grow)
    try:
        await walk.look(patience(_STEP_S))
        for _ in range(steps):
            name, act = random.choice(outages.steps())
            act()
            walk.history.append(name)
            await walk.look(patience(_STEP_S))
    finally:
        world.cluster.frozen.clear()
        await window.tasks.close()
        await client.close()
        await session.journal.close()
        window.finish()
    return walk


@pytest.mark.usefixtures("_fast")
@pytest.mark.parametrize("seed", [1, 2])
def test_no_outage_is_shown_as_health(
    run: Run, theme: Theme, profile: ConnectionProfile, tmp_path: Path, seed: int
) -> None:
    async def scenario() -> None:
        walk = await walked(theme, profile, tmp_path, seed, 8)
        assert walk.report() == ""
        assert walk.examiner.looked_at > 100

    run(scenario())


@pytest.mark.soak
@pytest.mark.usefixtures("_fast")
def test_no_outage_is_shown_as_health_for_a_long_time(
    run: Run, theme: Theme, profile: ConnectionProfile, tmp_path: Path
) -> None:
    async def scenario() -> None:
        seed, ends, looked_at = SystemRandom().randrange(10**6), time.monotonic() + 1200, 0
        while time.monotonic() < ends:
            walk = await walked(theme, profile, tmp_path, seed, 20)
            looked_at += walk.examiner.looked_at
            print(f"seed {seed}: {walk.examiner.looked_at:,} claims looked at, {looked_at:,} in all", flush=True)
            assert walk.report() == "", f"seed {seed}"
            seed += 1

    run(scenario())
