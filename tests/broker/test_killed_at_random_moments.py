"""SIGKILL at random moments, of whoever sends records in whichever way: at any time no record has two committed copies
and no offset lies past one that is not handled, and at the end each has arrived once, byte for byte.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

import pytest

from tests.broker.engine_victim import EngineVictim
from tests.broker.killed_works import REDRIVE, REROUTE, WATCH, MakeWork, bulk_reroute, redrive, watch
from tests.broker.killing import Hit, LeaderVictim, Moment, ProgramVictim, Victim, WindowVictim
from tests.broker.material import Broker
from tests.broker.quorum_kafka import QuorumKafka
from tests.broker.sent_once import Violations
from tests.broker.small_transactions import small_transactions

SEED: Final = 20261130
# Kills of the long run. A watch has no window and no engine.
KILLS: Final = {
    (ProgramVictim.title, REROUTE): 30,
    (ProgramVictim.title, REDRIVE): 30,
    (ProgramVictim.title, WATCH): 24,
    (EngineVictim.title, REROUTE): 24,
    (EngineVictim.title, REDRIVE): 24,
    (WindowVictim.title, REROUTE): 15,
    (WindowVictim.title, REDRIVE): 15,
    (LeaderVictim.title, REROUTE): 14,
    (LeaderVictim.title, REDRIVE): 14,
    (LeaderVictim.title, WATCH): 14,
}
_WATCHES: Final = (1, 1, 2)  # copies of the watches that are killed side by side: a group waits 10 s for who was killed
_RECORDS: Final = 10  # of one transaction
_KEPT: Final = {
    "default.replication.factor": "3",
    "min.insync.replicas": "2",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "transaction.state.log.min.isr": "2",
}
_MAKERS: Final[dict[str, MakeWork]] = {REROUTE: bulk_reroute, REDRIVE: redrive, WATCH: watch}


@dataclass(slots=True)
class Killing:
    """Kills victims again and again, and counts."""

    home: Path
    variables: dict[str, str]  # added to the environment of every program
    violations: Violations = field(default_factory=Violations)
    hits: Counter[tuple[str, str, Hit]] = field(default_factory=Counter)
    sent: int = 0
    _numbers: count[int] = field(default_factory=count)

    def kills(self, victim: str = "", write: str = "") -> int:
        """The kills that did not come too late."""
        return sum(
            many
            for (who, what, hit), many in self.hits.items()
            if hit is not Hit.LATE and victim in ("", who) and write in ("", what)
        )

    async def run(
        self, victim: Victim, write: str, broker: Broker, kills: int, chance: Random, *, replicas: int = 1
    ) -> None:
        """Kills a victim so often while it carries out one write after the other, each of which comes to its end."""
        done = 0
        try:
            while done < kills:
                home = self.home / str(next(self._numbers))
                home.mkdir()
                work = await asyncio.to_thread(_MAKERS[write], broker, home, chance, self.violations, replicas)
                for _ in range(kills if work.more is not None else victim.each):
                    hit = await victim.killed(work, Moment.draw(chance, victim.most_s))
                    self.hits[victim.title, write, hit] += 1
                    done += hit is not Hit.LATE
                    print(
                        f"{victim.title}, {write}: {hit}, {work.sent.stands:,} of {len(work.sent.wanted):,} stand",
                        flush=True,
                    )
                    if done == kills or (work.sent.is_whole and work.more is None):
                        break
                await victim.finish(work)
                self.sent += len(work.sent.wanted)
        finally:
            await victim.close()

    def __str__(self) -> str:
        hits = {hit: sum(many for (*_, one), many in self.hits.items() if one is hit) for hit in Hit}
        victims = {victim: None for victim, *_ in self.hits}
        by_victim = (
            f"{victim} {', '.join(f'{many} {what}' for what in _MAKERS if (many := self.kills(victim, what)))}"
            for victim in victims
        )
        return (
            f"killed {self.kills()} times ({'; '.join(by_victim)}), {hits[Hit.WRITING]} of them {Hit.WRITING}; "
            f"{hits[Hit.LATE]} more came too late and do not count: "
            f"of {self.sent:,} records {self.violations}"
        )


@pytest.fixture
def killing(tmp_path: Path) -> Killing:
    return Killing(tmp_path, small_transactions(tmp_path / "small", _RECORDS))


@pytest.fixture(scope="module")
def three_brokers() -> Iterator[QuorumKafka]:
    with QuorumKafka(settings=_KEPT) as kafka:
        broker = Broker(kafka.bootstrap)
        broker.commit("warm-up", broker.topic(replicas=3), 0)
        yield kafka


def chance_of(victim: str, write: str, number: int = 0) -> Random:
    """The random numbers of one combination: the others may run beside it."""
    return Random(f"{SEED} {victim} {write} {number}")


@pytest.mark.parametrize("write", [REROUTE, REDRIVE, WATCH])
async def test_the_command_line_is_killed(killing: Killing, broker: Broker, write: str) -> None:
    chance = chance_of(ProgramVictim.title, write)
    copies = 2 if write == WATCH else 1
    await killing.run(ProgramVictim(killing.variables, chance, copies), write, broker, 3, chance)
    check(killing)


@pytest.mark.parametrize("write", [REROUTE, REDRIVE])
async def test_the_engine_of_a_window_is_killed(killing: Killing, broker: Broker, write: str) -> None:
    chance = chance_of(EngineVictim.title, write)
    await killing.run(EngineVictim(killing.variables), write, broker, 3, chance)
    check(killing)


@pytest.mark.soak  # its page of dead letters looks at 500 topics: those of the whole suite are more
@pytest.mark.parametrize("write", [REROUTE, REDRIVE])
async def test_a_window_is_killed(killing: Killing, broker: Broker, write: str) -> None:
    chance = chance_of(WindowVictim.title, write)
    await killing.run(WindowVictim(killing.variables, chance), write, broker, 2, chance)
    check(killing)


@pytest.mark.soak  # three brokers, of which one is killed again and again: with little processor time a client crashes
@pytest.mark.parametrize("write", [REROUTE, REDRIVE, WATCH])
async def test_the_leader_of_a_partition_is_killed(killing: Killing, three_brokers: QuorumKafka, write: str) -> None:
    chance, broker = chance_of(LeaderVictim.title, write), Broker(three_brokers.bootstrap)
    await killing.run(LeaderVictim(killing.variables, chance, three_brokers), write, broker, 1, chance, replicas=3)
    check(killing)


def check(killing: Killing) -> None:
    """Some came in the middle, and nothing was lost."""
    print(killing)
    assert sum(many for (*_, hit), many in killing.hits.items() if hit is Hit.WRITING)
    assert not killing.violations, killing.violations


@pytest.mark.soak
async def test_two_hundred_kills_lose_nothing_send_nothing_twice_and_skip_nothing(
    killing: Killing, broker: Broker, three_brokers: QuorumKafka
) -> None:
    began = time.monotonic()
    print(f"seed {SEED}")
    try:
        await asyncio.gather(kill_programs(killing, broker), kill_watches_and_leaders(killing, broker, three_brokers))
    finally:
        print(f"{killing}. It took {(time.monotonic() - began) / 60:.1f} min.", flush=True)
    assert {key: killing.kills(*key) for key in KILLS} == KILLS
    assert killing.kills() >= 200
    assert not killing.violations, killing.violations


async def kill_programs(killing: Killing, broker: Broker) -> None:
    """Programs, engines and windows on one broker."""
    for write in (REROUTE, REDRIVE):
        for victim in (
            ProgramVictim(killing.variables, chance_of(ProgramVictim.title, write)),
            EngineVictim(killing.variables),
            WindowVictim(killing.variables, chance_of(WindowVictim.title, write)),
        ):
            await killing.run(victim, write, broker, KILLS[victim.title, write], chance_of(victim.title, write))


async def kill_watches_and_leaders(killing: Killing, broker: Broker, three_brokers: QuorumKafka) -> None:
    """Watches beside each other on one broker, then leaders of three."""
    kills = KILLS[ProgramVictim.title, WATCH] // len(_WATCHES)
    lanes = []
    for number, copies in enumerate(_WATCHES):
        chance = chance_of(ProgramVictim.title, WATCH, number)
        lanes.append(killing.run(ProgramVictim(killing.variables, chance, copies), WATCH, broker, kills, chance))
    await asyncio.gather(*lanes)
    several = Broker(three_brokers.bootstrap)
    for write in _MAKERS:
        chance = chance_of(LeaderVictim.title, write)
        victim = LeaderVictim(killing.variables, chance, three_brokers)
        await killing.run(victim, write, several, KILLS[victim.title, write], chance, replicas=3)
