"""Outages and recoveries of three real brokers, the groups that work on them meanwhile, and the truth about both."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any, Final

from confluent_kafka import KafkaException, Producer

from kafkaview.cluster.kafka.coordinator_partition import coordinator_partition
from kafkaview.engine.client import EngineClient
from kafkaview.engine.process import EngineProcess
from tests.broker.material import POISON_AT, Broker
from tests.broker.outage_traffic import MOVING, Traffic
from tests.broker.quorum_kafka import QuorumKafka
from tests.kit.claims import Truth

STANDING: Final = "standing"  # the other group
SETTINGS: Final = {
    "offsets.topic.num.partitions": "3",
    "offsets.topic.replication.factor": "3",
    "transaction.state.log.replication.factor": "3",
    "group.initial.rebalance.delay.ms": "0",
    "unclean.leader.election.enable": "false",
}
_STILL_MOVING_S: Final = 12.0  # a group that has not committed for so long stands, as far as the watch can tell
_MAJORITY: Final = 2  # of three: what the others did they take over
_SURELY_SEEN_S: Final = 20.0  # after an outage: the window of ten seconds, and a coordinator that was looked for
_MEMBERS_UNSURE_S: Final = 60.0  # after an outage: a member may have been thrown out
Step = tuple[str, Callable[[], Coroutine[Any, Any, None]], float]  # its name, and how long it is looked at


class BrokerOutages:
    """Every step that is possible now, and what is so."""

    def __init__(
        self, kafka: QuorumKafka, broker: Broker, traffic: Traffic, client: EngineClient, random: Random
    ) -> None:
        self._kafka = kafka
        self._broker = broker
        self._traffic = traffic
        self._client = client
        self._random = random
        self._nodes = frozenset(node.id for node in kafka.nodes)
        self._frozen: set[int] = set()
        self._dead: set[int] = set()
        self._stopped: set[int] = set()  # of those, who could hand over what they led first
        self._outage_at = time.monotonic()
        self._topics: dict[str, int] = {}  # with the number of partitions
        self._spares = 0
        self.stuck_on: frozenset[str] = frozenset()  # the topic that the other group stands on

    def has_topic(self, topic: str, partitions: int) -> None:
        """Notes that there is a topic."""
        self._topics[topic] = partitions

    @property
    def _answering(self) -> frozenset[int]:
        return self._nodes - self._frozen - self._dead  # one that starts may answer already

    def steps(self) -> list[Step]:
        """Returns what may happen next. Two brokers are seldom out at once, all three hardly ever."""
        random, up = self._random, sorted(self._answering)
        steps: list[Step] = []
        if len(up) == 3 or (up and random.random() < 0.25):
            victim = random.choice(up)
            steps += [
                (f"broker {victim} is frozen", lambda: self._freeze(victim), 16.0),
                (f"broker {victim} is killed", lambda: self._kill(victim), 16.0),
                ("the broker of the moving group's coordinator is stopped", self._move_coordinator, 16.0),
            ]
        if self._frozen:
            waking = random.choice(sorted(self._frozen))
            steps += [(f"broker {waking} goes on", lambda: self._resume(waking), 4.0)] * 3
        if self._dead:
            back = random.choice(sorted(self._dead))
            steps += [(f"broker {back} is restarted", lambda: self._restart(back), 10.0)] * 3
        if len(up) == 3:
            steps.append(("a topic is made", self._make_spare, 4.0))
            if spares := sorted(topic for topic in self._topics if topic.startswith("spare")):
                gone = random.choice(spares)
                steps.append((f"{gone} is deleted", lambda: self._delete(gone), 16.0))
        steps.append(("the engine is killed", self._kill_engine, 6.0))
        return steps

    def truth(self) -> Truth:
        """What is so now."""
        now, up = time.monotonic(), self._answering
        whole = up == self._nodes
        both = frozenset({MOVING, STANDING})
        moves = now - self._traffic.moved_at < _STILL_MOVING_S
        unsure = now - self._outage_at < _MEMBERS_UNSURE_S
        return Truth(
            at=now,
            brokers=self._nodes,
            answering=up,
            sampled=bool(up),
            complete=bool(up) and len(up) + len(self._stopped & self._dead) >= _MAJORITY,
            quorum=whole,
            moving=frozenset({MOVING}) if moves else frozenset(),
            standing=frozenset({STANDING}),
            stuck_on=frozenset() if unsure else self.stuck_on,
            empty=both if unsure else frozenset(),
            seen=both if up else frozenset(),
            surely_seen=both if whole and now - self._outage_at > _SURELY_SEEN_S else frozenset(),
            partitions={f"{topic}:{n}": whole for topic, count in self._topics.items() for n in range(count)},
        )

    async def end(self) -> None:
        """Lets what is frozen go on, so that all can end."""
        for node in tuple(self._frozen):
            self._kafka.resume(node)

    async def _freeze(self, node: int) -> None:
        self._kafka.pause(node)
        self._frozen.add(node)
        self._note_outage()

    async def _resume(self, node: int) -> None:
        self._note_outage()
        self._kafka.resume(node)
        self._frozen.discard(node)

    async def _kill(self, node: int) -> None:
        self._note_outage()
        self._dead.add(node)
        await asyncio.to_thread(self._kafka.kill, node)

    async def _restart(self, node: int) -> None:
        self._note_outage()
        self._dead.discard(node)
        self._stopped.discard(node)
        await asyncio.to_thread(self._kafka.restart, node)

    async def _move_coordinator(self) -> None:
        node = await asyncio.to_thread(self._coordinator)
        if node in self._answering:
            self._note_outage()
            self._dead.add(node)
            self._stopped.add(node)
            await asyncio.to_thread(self._kafka.stop, node)

    def _coordinator(self) -> int:
        """Who leads the group's partition of the offsets topic. Kafka's admin client is not asked for it: where brokers
        come and go it aborts its process (librdkafka: `eonce->refcnt > 0`).
        """
        with suppress(KafkaException):
            topic = self._broker.admin.list_topics("__consumer_offsets", timeout=5).topics["__consumer_offsets"]
            return topic.partitions[coordinator_partition(MOVING, len(topic.partitions))].leader
        return -1

    async def _make_spare(self) -> None:
        self._spares += 1
        name = f"spare-{self._spares}"
        with suppress(KafkaException, TimeoutError):
            await asyncio.to_thread(self._broker.topic, name, 1, replicas=3)
            self._topics[name] = 1

    async def _delete(self, topic: str) -> None:
        with suppress(KafkaException, TimeoutError):
            deleting = self._broker.admin.delete_topics([topic], operation_timeout=5)[topic]
            await asyncio.to_thread(deleting.result, 10)
            del self._topics[topic]

    async def _kill_engine(self) -> None:
        running = self._client._running
        assert isinstance(running, EngineProcess)
        with suppress(ProcessLookupError):
            os.kill(running.id, signal.SIGKILL)

    def _note_outage(self) -> None:
        self._outage_at = time.monotonic()


@contextmanager
def prepared(kafka: QuorumKafka) -> Iterator[tuple[Broker, str]]:
    """The topics of the groups; the name of the one with a poison record."""
    broker = Broker(kafka.bootstrap)
    orders = broker.topic("orders", 1, replicas=3)
    producer = Producer({"bootstrap.servers": kafka.bootstrap})
    for number in range(40):
        producer.produce(orders, b'{"n": ' if number == POISON_AT else b'{"n": %d}' % number, b"k", 0)
    assert producer.flush(20) == 0
    broker.topic("payments", 3, replicas=3)
    broker.commit(STANDING, orders, POISON_AT)
    yield broker, orders
