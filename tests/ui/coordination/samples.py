"""Brokers, transactions and an ensemble to be shown."""

from __future__ import annotations

from dataclasses import replace

from kafkaview.cluster.errors import Unreachable
from kafkaview.cluster.ports.brokers import BrokerDescription, LogDirectory, Reassignment, Setting, Synonym
from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode, Feature
from kafkaview.cluster.ports.transactions import OpenTransaction, ProducerState
from kafkaview.cluster.ports.zookeeper import (
    MigrationPhase,
    MigrationRecord,
    ZooKeeperBroker,
    ZooKeeperNode,
    ZooKeeperRole,
    ZooKeeperServer,
    ZooKeeperState,
)
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView
from kafkaview.gallery import quorum_scenes as scenes
from kafkaview.terms import TopicPartition
from tests.kit.fake_cluster import FakeCluster

GIB = 1024**3
HELD = TopicPartition("orders", 2)
HANGING_PRODUCER = 4711


def features(*, behind: bool = False) -> CoordinationView:
    """A cluster of three brokers, broker 13 of an older release if `behind`."""
    last = 29 if behind else 33
    supported = {11: (7, 33), 12: (7, 33), 13: (7, last)}
    rows = (
        Feature("group.version", 1, 0, 1, dict.fromkeys((11, 12, 13), (0, 1))),
        Feature("kraft.version", None, 0, 1, dict.fromkeys((11, 12, 13), (0, 1))),
        Feature("metadata.version", 27, 7, last, supported),
        Feature("share.version", 1, 0, 2, dict.fromkeys((11, 12) if behind else (11, 12, 13), (0, 2))),
        Feature("transaction.version", 2, 0, 2, dict.fromkeys((11, 12, 13), (0, 2))),
    )
    view = scenes.make_healthy()
    assert view.coordination is not None
    return replace(view, coordination=replace(view.coordination, features=rows))


def fill_brokers(cluster: FakeCluster) -> None:
    """Three brokers: 1 is well, 2 has little room, 3 does not tell its directories."""
    brokers = cluster.brokers
    brokers.descriptions = tuple(
        BrokerDescription(n, f"broker-{n}.orders.example", 9092, f"zone-{n}", fenced=False) for n in (1, 2, 3)
    )
    held = {TopicPartition("orders", n): 3 * GIB // (n + 1) for n in range(3)}
    brokers.directories = {
        1: (LogDirectory("/var/lib/kafka/1", 100 * GIB, 60 * GIB, held),),
        2: (
            LogDirectory("/var/lib/kafka/1", 100 * GIB, 4 * GIB, held),
            LogDirectory("/var/lib/kafka/2", 100 * GIB, 50 * GIB, {TopicPartition("payments", 0): GIB}),
        ),
        3: Unreachable("Broker 3 does not answer", "Look whether it runs."),
    }
    settings = (
        Setting("log.retention.hours", "168", "DEFAULT_CONFIG", True, False, True, "The hours to keep a log file."),
        Setting(
            "num.io.threads",
            "16",
            "DYNAMIC_BROKER_CONFIG",
            False,
            False,
            False,
            "The number of threads that the server uses for processing requests.",
            (Synonym("num.io.threads", "8", "DEFAULT_CONFIG"),),
        ),
        Setting("ssl.key.password", None, "STATIC_BROKER_CONFIG", False, True, False, "The password of the key."),
    )
    brokers.settings = {1: settings, 2: settings}
    brokers.moving = [Reassignment(HELD, (1, 2, 3), (3,), (1,))]


def fill_transactions(cluster: FakeCluster, now_ms: int) -> None:
    """One that hangs on orders:2, one that its coordinator ends in 40 s."""
    shipped = TopicPartition("orders", 0)
    cluster.transactions.states = {
        HELD: (ProducerState(HELD, HANGING_PRODUCER, 3, now_ms - 7_200_000, 5, 150),),
        shipped: (ProducerState(shipped, 12, 0, now_ms - 15_000, 5, 190),),
    }
    cluster.transactions.open = [
        OpenTransaction("checkout-1", 12, 0, 1, "Ongoing", now_ms - 20_000, 60_000, (shipped,)),
    ]


def ensemble(serving: int = 3) -> ZooKeeperState:
    """Three servers, the last of which are down where fewer serve."""
    roles = (ZooKeeperRole.LEADER, ZooKeeperRole.FOLLOWER, ZooKeeperRole.FOLLOWER)
    servers = tuple(
        ZooKeeperServer(f"zk-{n}.orders.example:2181", role, "3.8.4", 187, 41, 4, 0, 0.6)
        if n <= serving
        else ZooKeeperServer(f"zk-{n}.orders.example:2181", error="Connection refused")
        for n, role in enumerate(roles, 1)
    )
    brokers = tuple(
        ZooKeeperBroker(n, (f"PLAINTEXT://broker-{n}.orders.example:9092",), None, scenes.NOW_MS - n * 3_600_000)
        for n in (11, 12, 13)
    )
    record = MigrationRecord(-1, -1, -1, -1)
    return ZooKeeperState(servers, 11, 4, True, None, brokers, record, None, "5L6g3nShT-eMCtK--X86sw")


def zookeeper(
    state: ZooKeeperState | None = None, phase: MigrationPhase | None = MigrationPhase.NONE
) -> CoordinationView:
    """A cluster of ZooKeeper's; None where no address of it is known."""
    coordination: Coordination = scenes.make_coordination(None, CoordinationMode.ZOOKEEPER, 11)
    coordination = replace(coordination, zookeeper=state, migration=phase if state is not None else None)
    return CoordinationView(scenes.NOW_MS, CoordinationAnswer.YES, coordination, None, scenes.NOW_MS)


def node(path: str, text: str, *children: str) -> ZooKeeperNode:
    """A node of the tree."""
    return ZooKeeperNode(path, text, children, 0, scenes.NOW_MS, scenes.NOW_MS, False)
