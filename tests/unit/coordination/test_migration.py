"""A move to KRaft in words: the phase, the sides, who has moved, the next step."""

from __future__ import annotations

import pytest

from kafkaview.cli.zookeeper_documents import zookeeper_document
from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode
from kafkaview.cluster.ports.zookeeper import (
    MigrationPhase,
    MigrationRecord,
    ZooKeeperBroker,
    ZooKeeperRole,
    ZooKeeperServer,
    ZooKeeperState,
)
from kafkaview.coordination.migration import migration_sight

ENSEMBLE = (ZooKeeperServer("zk:2181", ZooKeeperRole.STANDALONE),)
TWO = ZooKeeperBroker(2, ("PLAINTEXT://b2:9092",), None, 0)
MOVING = ZooKeeperState(ENSEMBLE, 3000, 2, False, 1, (TWO,), MigrationRecord(3000, 1, 54, 1))


def make_coordination(
    phase: MigrationPhase | None, state: ZooKeeperState | None = MOVING, kraft: tuple[int, ...] = (1,)
) -> Coordination:
    left = (2,) if kraft == (1,) else () if kraft else (1, 2)
    return Coordination(
        CoordinationMode.MIGRATING,
        (),
        3000,
        1,
        None,
        zookeeper=state,
        migration=phase,
        kraft_brokers=kraft,
        zookeeper_brokers=left,
    )


def test_moved_and_remaining_brokers_are_listed() -> None:
    sight = migration_sight(make_coordination(MigrationPhase.BROKERS_MOVING))
    assert sight is not None
    assert (sight.moved, sight.left, sight.name) == ((1,), (2,), "Brokers moving")
    assert sight.sides == (
        ("broker 1", "runs in KRaft"),
        ("broker 2", "takes ZooKeeper's requests"),
        ("/controller", "held by KRaft controller 3000 in its epoch 1"),
        ("/migration", "controller 3000 has written the metadata log up to offset 54"),
        ("/brokers/ids", "2"),
    )
    assert "Restart broker 2 too in KRaft" in (sight.next_step or "")


@pytest.mark.parametrize(
    ("phase", "step"),
    [
        (MigrationPhase.NONE, "Start the KRaft controllers"),
        (MigrationPhase.CONTROLLER_READY, "Restart each broker"),
        (MigrationPhase.DUAL_WRITE, "process.roles=broker"),
        (MigrationPhase.BROKERS_MOVED, "no way back"),
        (MigrationPhase.FINALIZED, "take zookeeper.connect out"),
    ],
)
def test_each_phase_names_its_next_step(phase: MigrationPhase, step: str) -> None:
    sight = migration_sight(make_coordination(phase, kraft=()))
    assert sight is not None
    assert step in (sight.next_step or "")


def test_an_unknown_phase_has_no_next_step() -> None:
    sight = migration_sight(make_coordination(None, None, kraft=()))
    assert sight is not None
    assert (sight.name, sight.next_step) == ("ZooKeeper, or migrating", None)


def test_a_kraft_cluster_without_zookeeper_has_no_such_part() -> None:
    plain = Coordination(CoordinationMode.KRAFT, (), 1, 1, None, kraft_brokers=(1, 2))
    assert migration_sight(plain) is None
    assert zookeeper_document(plain) is None


def test_the_document_has_null_for_none_yet() -> None:
    waiting = ZooKeeperState(ENSEMBLE, 1, 2, True, None, (TWO,), MigrationRecord(-1, -1, -1, -1))
    document = zookeeper_document(make_coordination(MigrationPhase.CONTROLLER_READY, waiting, ()))
    assert document is not None
    assert document["migration"]["phase"] == "controller_ready"
    assert document["migration"]["kraft_controller_id"] is None
    assert document["migration"]["kraft_metadata_offset"] is None
    assert (document["controller_id"], document["health"], document["brokers"][0]["id"]) == (1, "healthy", 2)
    assert document["ensemble"][0] == {
        "server": "zk:2181",
        "role": "standalone",
        "version": None,
        "znodes": None,
        "watches": None,
        "connections": None,
        "outstanding": None,
        "avg_latency_ms": None,
        "error": None,
    }
