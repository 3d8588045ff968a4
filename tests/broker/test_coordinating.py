"""What real controllers tell the Coordination page over time: a fault, the majority gone, the election after it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from kafkaview.coordination.view import CoordinationAnswer, CoordinationView
from kafkaview.coordination.watch import CoordinationWatch
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import open_session
from kafkaview.ui.pages.coordination.words import health_word
from tests.broker.quorum_kafka import QuorumKafka
from tests.broker.quorum_states import BACK, SOON
from tests.kit.patience import patience


@pytest.fixture(scope="module")
def kafka() -> Iterator[QuorumKafka]:
    with QuorumKafka(brokers=1) as kafka:
        yield kafka


async def until(
    views: AsyncGenerator[CoordinationView, None], holds: Callable[[CoordinationView], bool], seconds: float = SOON
) -> CoordinationView:
    """The first view that is so. Meanwhile nothing but a quorum that is seen now is called healthy."""
    started = time.monotonic()
    async with asyncio.timeout(patience(seconds + 10)):
        while True:
            view = await anext(views)
            assert health_word(view) != "Healthy" or view.answer is CoordinationAnswer.YES
            if holds(view):
                took = time.monotonic() - started
                print(f"{health_word(view)} after {took:.1f} s")
                assert took < seconds, f"{took:.1f} s"
                return view


async def test_a_majority_that_goes_is_lost_within_ten_seconds_and_comes_back_by_an_election(
    kafka: QuorumKafka, tmp_path: Path
) -> None:
    profile = ConnectionProfile("quorum", kafka.bootstrap)
    async with (
        open_session(profile, journal=tmp_path / "journal.sqlite") as session,
        aclosing(CoordinationWatch(session).views()) as views,
    ):
        well = await until(views, lambda view: health_word(view) == "Healthy", BACK)
        assert well.quorum is not None
        leader = well.quorum.leader_id
        first, second = (one.id for one in well.quorum.voters if one.id != leader)
        kafka.kill(first)
        await until(views, lambda view: health_word(view) == "No fault left")
        kafka.kill(second)
        gone = await until(views, lambda view: view.lost)
        assert gone.quorum is not None
        stale = await until(views, lambda view: view.lost and view.stale)
        assert stale.quorum is not None
        assert [one.id for one in stale.quorum.voters] == [one.id for one in well.quorum.voters]
        kafka.restart(first, second)
        back = await until(views, lambda view: health_word(view) == "Healthy", BACK)
        assert back.elections >= 1
        assert back.lags[first][-1][1] is not None
        assert any(lag is None for _at, lag in back.lags[first])
