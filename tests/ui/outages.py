"""Outages and recoveries of the fake cluster, and the truth about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from kafkaview.cluster.errors import NotAuthorized
from kafkaview.engine.client import EngineClient
from kafkaview.terms import CommittedOffset, RecordId, TopicPartition
from tests.kit.claims import Truth
from tests.kit.engine import LocalEngine
from tests.kit.fake_cluster import FakeGroup, FakeMember, OnPoison
from tests.ui.pages.world import World

SPARE = TopicPartition("refunds", 0)
_SAMPLED = ("groups", "omissions", "partition_table", "log_bounds", "commits", "describe_groups")  # by every sample
_QUORUM = "coordination"
_IN_FLIGHT_S = 0.5
Step = tuple[str, Callable[[], None]]


class FakeOutages:
    """Every step that is possible now, and what is so."""

    def __init__(self, world: World, client: EngineClient, random: Random) -> None:
        self.cluster = world.cluster
        self._client = client
        self._random = random
        self._thawed_at = 0.0
        self._refused = NotAuthorized("User:oncall lacks DESCRIBE on Cluster", "Ask an admin.")
        coordinators = {"billing": 1, "shipping": 2, "audit": 3, "analytics": 2, "reports": 3}
        for group, broker in coordinators.items():
            self.cluster.grouped[group].coordinator = broker
        self._add_spare()

    def steps(self) -> list[Step]:
        """Returns what may happen next; the recoveries weigh as much as the outages."""
        cluster, random = self.cluster, self._random
        up = [node.id for node in cluster.nodes if node.id not in cluster.down]
        steps: list[Step] = []
        if up:
            victim = random.choice(up)
            steps.append((f"broker {victim} is killed", lambda: cluster.down.add(victim)))
        if cluster.down:
            back = random.choice(sorted(cluster.down))
            steps += [(f"broker {back} is restarted", lambda: cluster.down.discard(back))] * 2
        if cluster.frozen:
            steps += [("what was frozen goes on", self._thaw)] * 3
        else:
            one = random.choice((*_SAMPLED, _QUORUM))
            steps.append((f"{one} freezes", lambda: cluster.frozen.add(one)))
            steps.append(("all freezes", lambda: cluster.frozen.update((*_SAMPLED, _QUORUM, "describe"))))
        name, group = random.choice(sorted(cluster.grouped.items()))
        if up:
            other = random.choice(up)
            steps.append((f"{name}'s coordinator moves to {other}", lambda: setattr(group, "coordinator", other)))
        if SPARE.topic in cluster.logged:
            steps.append((f"{SPARE.topic} is deleted", self._delete_spare))
        else:
            steps.append((f"{SPARE.topic} is made", self._add_spare))
        if cluster.failures:
            steps += [("the right is given", cluster.failures.clear)] * 3
        else:
            what = random.choice(("groups", _QUORUM))
            steps.append((f"the right for {what} is taken", lambda: cluster.failures.update({what: self._refused})))
        standing = sorted(self._standing())
        if standing:
            mended = random.choice(standing)
            steps.append((f"{mended} is moved past its record", lambda: self._mend(mended)))
        steps.append(("the engine is killed", self._kill_engine))
        return steps

    def truth(self) -> Truth:
        """What is so now."""
        cluster = self.cluster
        brokers = frozenset(node.id for node in cluster.nodes)
        answering = brokers - cluster.down
        asks = {*cluster.frozen, *cluster.failures}
        if time.monotonic() - self._thawed_at < _IN_FLIGHT_S:
            asks = set(cluster.frozen)  # what was asked before the right was taken is answered now
        sampled = bool(answering) and asks.isdisjoint(_SAMPLED)
        groups, standing = cluster.grouped, self._standing()
        empty = frozenset(name for name, group in groups.items() if not group.members)
        seen = frozenset(name for name, group in groups.items() if self._is_seen(group))
        return Truth(
            at=time.monotonic(),
            brokers=brokers,
            answering=frozenset() if len(cluster.frozen) > 1 else answering,
            sampled=sampled,
            complete=sampled and answering == brokers,
            quorum=answering == brokers and _QUORUM not in asks,
            moving=frozenset(groups) - standing - empty,
            standing=standing,
            stuck_on=frozenset({"orders"} if standing else ()),
            empty=empty,
            seen=seen,
            surely_seen=seen,
            partitions={
                f"{name}:{number}": log.leader in answering
                for name, topic in cluster.logged.items()
                for number, log in enumerate(topic.logs)
            },
            denied=bool(cluster.failures),
        )

    def _thaw(self) -> None:
        self.cluster.frozen.clear()
        self._thawed_at = time.monotonic()

    def _is_seen(self, group: FakeGroup) -> bool:
        cluster = self.cluster
        if group.coordinator in cluster.down:
            return False
        read = {*group.committed, *(place for member in group.members for place in member.partitions)}
        return all(place.topic in cluster.logged and cluster.log(place).leader not in cluster.down for place in read)

    def _standing(self) -> frozenset[str]:
        return frozenset(
            name
            for name, group in self.cluster.grouped.items()
            for member in group.members
            if member.on_poison is not OnPoison.SKIP
            for place, committed in group.committed.items()
            if RecordId(place.topic, place.partition, committed.offset) in self.cluster.poisons
        )

    def _mend(self, name: str) -> None:
        group = self.cluster.grouped[name]
        for place, committed in list(group.committed.items()):
            if RecordId(place.topic, place.partition, committed.offset) in self.cluster.poisons:
                group.committed[place] = CommittedOffset(committed.offset + 1, 0)
        for member in group.members:
            member.restart()

    def _add_spare(self) -> None:
        self.cluster.add_topic(SPARE.topic, 1)
        for _ in range(40):
            self.cluster.add_record(SPARE.topic, b'{"n":1}')
        self.cluster.join("refunder", FakeMember("refunder-1", (SPARE,), rate=40))
        self.cluster.commit("refunder", SPARE, 30)

    def _delete_spare(self) -> None:
        del self.cluster.logged[SPARE.topic]
        del self.cluster.grouped["refunder"]

    def _kill_engine(self) -> None:
        running = self._client._running
        assert isinstance(running, LocalEngine)
        running.kill()
