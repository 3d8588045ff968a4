"""A fake cluster with something of every kind that the command line lists, unknown values among them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.ports.brokers import BrokerDescription, LogDirectory, Reassignment, Setting, Synonym
from kafkaview.cluster.ports.coordination import (
    Coordination,
    CoordinationMode,
    Feature,
    Quorum,
    QuorumReplica,
    ReplicaHealth,
)
from kafkaview.cluster.ports.security import (
    Acl,
    DelegationToken,
    ListenerCertificate,
    Operation,
    PatternType,
    Permission,
    QuotaEntity,
    ResourceType,
    ScramCredential,
    ScramMechanism,
)
from kafkaview.cluster.ports.transactions import OpenTransaction, ProducerState
from kafkaview.cluster.ports.voters import VoterEndpoint
from kafkaview.cluster.ports.zookeeper import ZooKeeperBroker, ZooKeeperRole, ZooKeeperServer, ZooKeeperState
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import GroupType, TopicPartition
from tests.kit.fake_cluster import FakeCluster, FakeMember
from tests.kit.fake_security import DAY_MS, NOW_MS

ORDERS: Final = TopicPartition("orders", 3)


def filled_cluster() -> FakeCluster:
    """Some topics and groups, and something of each other kind."""
    cluster = FakeCluster()
    _add_topics_and_groups(cluster)
    _add_brokers(cluster)
    _add_security(cluster)
    _add_transactions(cluster)
    cluster.coordinated = _coordination(cluster)
    return cluster


@asynccontextmanager
async def fake_session(profile: ConnectionProfile, *_rest: object) -> AsyncIterator[Session]:
    """In place of `open_session`."""
    journal = Journal()
    try:
        yield Session(profile, filled_cluster(), TopicDecoders(), journal)
    finally:
        await journal.close()


def _add_topics_and_groups(cluster: FakeCluster) -> None:
    cluster.add_topic("__consumer_offsets", 2)
    cluster.add_topic("orders", 4, 3, {"retention.ms": "1000"})
    cluster.add_topic("payments", 1, 2)
    for number in range(9):
        cluster.add_record("orders", b"one", partition=number % 4)
    cluster.add_record("payments", b"one")
    cluster.log(TopicPartition("orders", 2)).leader = None
    cluster.join("billing", FakeMember("m1", (ORDERS, TopicPartition("orders", 0))))
    cluster.join("billing", FakeMember("m2", (), host="10.0.0.8", readable=False))
    cluster.commit("billing", ORDERS, 1, "checkpoint 7")
    cluster.commit("billing", TopicPartition("orders", 2), 1)
    cluster.commit("billing", TopicPartition("gone", 0), 7)
    cluster.commit("ledger", TopicPartition("payments", 0), 0)
    cluster.add_group("shared", GroupType.SHARE)
    cluster.add_group("silent", coordinator=3)


def _add_brokers(cluster: FakeCluster) -> None:
    brokers = cluster.brokers
    brokers.descriptions = (
        BrokerDescription(1, "broker-1", 9092, "a", False),
        BrokerDescription(2, "broker-2", 9092, None, None),
        BrokerDescription(3, "broker-3", 9092, "b", True),
    )
    brokers.directories = {
        1: (
            LogDirectory("/kafka/a", 1000, 300, {ORDERS: 500}),
            LogDirectory("/kafka/b", None, None, {}, "KAFKA_STORAGE_ERROR"),
        ),
        2: (LogDirectory("/kafka", 10_000, 9_000, {ORDERS: 500}),),
        3: NotAuthorized("not here", "Ask for DESCRIBE."),
    }
    brokers.settings = {
        1: (
            Setting("log.dirs", "/kafka/a", "STATIC_BROKER_CONFIG", False, False, True, "Where.", ()),
            Setting("ssl.key", None, "DYNAMIC_BROKER_CONFIG", False, True, False, None, ()),
            Setting("a", "1", "DEFAULT_CONFIG", True, False, False, None, (Synonym("b", "2", "DEFAULT_CONFIG"),)),
        )
    }
    brokers.moving = [Reassignment(ORDERS, (1, 2, 3), (3,), ())]


def _add_security(cluster: FakeCluster) -> None:
    security, alice = cluster.security, "User:alice"
    security.rules = (
        Acl(ResourceType.TOPIC, "orders", PatternType.PREFIXED, alice, "*", Operation.READ, Permission.ALLOW),
        Acl(ResourceType.GROUP, "*", PatternType.LITERAL, alice, "10.0.0.1", Operation.ALL, Permission.DENY),
    )
    user = ("alice", ScramMechanism.SCRAM_SHA_256)
    security.credentials = {user: ScramCredential(*user, 4096)}
    security.limits = {
        QuotaEntity((("user", "alice"), ("client-id", None))): {"producer_byte_rate": 1024.0, "new_rate": 0.5},
        QuotaEntity((("ip", None),)): {"connection_creation_rate": 10.0},
    }
    security.issued = (
        DelegationToken("t1", alice, "User:admin", ("User:bob",), NOW_MS, NOW_MS + DAY_MS, NOW_MS + 7 * DAY_MS),
        DelegationToken("t2", alice, alice, (), NOW_MS, NOW_MS - 1, NOW_MS),
    )
    security.shown = (
        ListenerCertificate(1, "SSL", "broker-1", 9093, False, "CN=a", "CN=ca", ("a", "b"), NOW_MS + DAY_MS, "TLSv1.3"),
        ListenerCertificate(-1, "PLAINTEXT", "broker-2", 9092, plain=True),
        ListenerCertificate(3, "SSL", "broker-3", 9093, error="no answer"),
    )


def _add_transactions(cluster: FakeCluster) -> None:
    producers = cluster.transactions
    producers.open = [
        OpenTransaction("tx-1", 7, 2, 1, "Ongoing", NOW_MS - 5_000, 60_000, (ORDERS,)),
        OpenTransaction("tx-2", 8, 0, 2, "PrepareCommit", None, None, ()),
    ]
    producers.errors = [ClusterError("one coordinator is away", "Wait.")]
    producers.states = {
        ORDERS: (ProducerState(ORDERS, 7, 2, NOW_MS - 1000, 3, 1), ProducerState(ORDERS, 9, 0, NOW_MS - DAY_MS, 3, 2)),
        TopicPartition("orders", 0): (ProducerState(TopicPartition("orders", 0), 10, 0, None, None, 0),),
    }


def _coordination(cluster: FakeCluster) -> Coordination:
    listener = VoterEndpoint("CONTROLLER", "controller-1", 9093)
    leader = QuorumReplica(1, "dir-1", ("controller-1:9093",), 100, 0, 0, 0, ReplicaHealth.LEADER, (listener,), True)
    voter = QuorumReplica(2, None, (), 90, 10, 400, 300, ReplicaHealth.HEALTHY)
    observer = QuorumReplica(3, None, (), None, None, None, None, ReplicaHealth.UNKNOWN)
    feature = Feature("metadata.version", 25, 7, 27, {1: (7, 27), 2: (7, 27)})
    servers = (
        ZooKeeperServer("zk1:2181", ZooKeeperRole.LEADER, "3.9", 100, 5, 7, 0, 0.5),
        ZooKeeperServer("zk2:2181", error="connection refused"),
    )
    zookeeper = ZooKeeperState(
        servers,
        brokers=(ZooKeeperBroker(1, ("PLAINTEXT://broker-1:9092",), None, NOW_MS - DAY_MS),),
    )
    return Coordination(
        CoordinationMode.MIGRATING,
        ("The brokers disagree.",),
        1,
        4,
        Quorum(1, 4, 99, (leader, voter), (observer,)),
        (feature,),
        cluster.nodes,
        zookeeper=zookeeper,
    )
