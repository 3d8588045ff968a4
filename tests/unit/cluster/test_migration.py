"""How far a move to KRaft has come, by the brokers' and ZooKeeper's words together (observed.md's table)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode, Quorum
from kafkaview.cluster.ports.zookeeper import (
    MigrationPhase,
    MigrationRecord,
    ZooKeeperBroker,
    ZooKeeperRole,
    ZooKeeperServer,
    ZooKeeperState,
)
from kafkaview.cluster.zookeeper.migration import MigrationSnapshot, may_have_ended, with_zookeeper

ONE, TWO = (ZooKeeperBroker(number, (), None, None) for number in (1, 2))
UNCLAIMED = MigrationRecord(-1, -1, -1, -1)
CLAIMED = MigrationRecord(3000, 1, 54, 1)
QUORUM = Quorum(3000, 2, 60, (), ())


def brokers(kraft: tuple[int, ...] = (), zookeeper: tuple[int, ...] = ()) -> Coordination:
    mode = (
        CoordinationMode.MIGRATING
        if kraft and zookeeper
        else CoordinationMode.KRAFT
        if kraft
        else CoordinationMode.ZOOKEEPER
    )
    quorum = QUORUM if kraft else None
    leader = 3000 if kraft else 1
    return Coordination(mode, ("seen",), leader, 2, quorum, kraft_brokers=kraft, zookeeper_brokers=zookeeper)


def state(
    record: MigrationRecord | None, *registered: ZooKeeperBroker, kraft: bool = False, cluster: str = "c"
) -> ZooKeeperState:
    ensemble = (ZooKeeperServer("zk:2181", ZooKeeperRole.STANDALONE),)
    holder, epoch = (3000, 1) if kraft else (1, None)
    return ZooKeeperState(ensemble, holder, 7, not kraft, epoch, registered, record, cluster_id=cluster)


RULED = state(CLAIMED, ONE, TWO, kraft=True)
LEFT = state(CLAIMED, kraft=True)
ON_ZOOKEEPER = brokers((), (1, 2))
IN_KRAFT = brokers((1, 2))
PHASES = {
    "start": (ON_ZOOKEEPER, state(None, ONE, TWO), None, CoordinationMode.ZOOKEEPER, MigrationPhase.NONE, 1),
    "waits": (
        ON_ZOOKEEPER,
        state(UNCLAIMED, ONE),
        None,
        CoordinationMode.ZOOKEEPER,
        MigrationPhase.CONTROLLER_READY,
        1,
    ),
    "copies": (
        ON_ZOOKEEPER,
        state(UNCLAIMED, ONE, kraft=True),
        None,
        CoordinationMode.MIGRATING,
        MigrationPhase.DUAL_WRITE,
        3000,
    ),
    "dual": (ON_ZOOKEEPER, RULED, None, CoordinationMode.MIGRATING, MigrationPhase.DUAL_WRITE, 3000),
    "mixed": (brokers((1,), (2,)), RULED, None, CoordinationMode.MIGRATING, MigrationPhase.BROKERS_MOVING, 3000),
    "silent": (brokers((1,)), RULED, True, CoordinationMode.MIGRATING, MigrationPhase.BROKERS_MOVING, 3000),
    "moved": (IN_KRAFT, LEFT, False, CoordinationMode.MIGRATING, MigrationPhase.BROKERS_MOVED, 3000),
    "unsure": (IN_KRAFT, LEFT, None, CoordinationMode.MIGRATING, MigrationPhase.BROKERS_MOVED, 3000),
    "final": (IN_KRAFT, LEFT, True, CoordinationMode.KRAFT, MigrationPhase.FINALIZED, 3000),
    "taken back": (ON_ZOOKEEPER, state(CLAIMED, ONE, TWO), None, CoordinationMode.ZOOKEEPER, MigrationPhase.NONE, 1),
    "never": (IN_KRAFT, state(None), None, CoordinationMode.KRAFT, MigrationPhase.NONE, 3000),
}


@pytest.mark.parametrize(
    ("coordination", "zookeeper", "still", "mode", "phase", "controller"), PHASES.values(), ids=PHASES
)
def test_each_phase_of_a_migration_is_recognized(
    coordination: Coordination,
    zookeeper: ZooKeeperState,
    *,
    still: bool | None,
    mode: CoordinationMode,
    phase: MigrationPhase,
    controller: int,
) -> None:
    judged = with_zookeeper(coordination, zookeeper, "c", stands_still=still)
    assert (judged.mode, judged.migration, judged.controller_id) == (mode, phase, controller)
    assert judged.zookeeper is zookeeper
    assert judged.evidence[0] == "seen"


def test_without_an_address_dual_write_is_unknown() -> None:
    judged = with_zookeeper(brokers((), (1, 2)), None, "c")
    assert (judged.mode, judged.migration) == (CoordinationMode.ZOOKEEPER, None)
    assert (
        judged.evidence[-1]
        == "ZooKeeper, or migrating: whether this is dual write is unknown without zookeeper.connect."
    )


def test_without_an_address_a_kraft_cluster_is_left_as_it_is() -> None:
    coordination = brokers((1, 2))
    assert with_zookeeper(coordination, None, "c") == coordination


def test_another_clusters_zookeeper_proves_nothing() -> None:
    judged = with_zookeeper(brokers((), (1, 2)), state(CLAIMED, kraft=True, cluster="other"), "c")
    assert (judged.mode, judged.migration) == (CoordinationMode.ZOOKEEPER, None)
    assert "another cluster's" in judged.evidence[-1]


def test_an_ensemble_that_does_not_serve_leaves_it_open() -> None:
    lost = replace(state(None), error="No server of the ensemble serves.")
    judged = with_zookeeper(brokers((), (1, 2)), lost, "c")
    assert (judged.mode, judged.migration) == (CoordinationMode.ZOOKEEPER, None)
    assert judged.evidence[-1].startswith("No server of the ensemble serves. ZooKeeper, or migrating")


def test_silent_brokers_stay_unknown() -> None:
    silent = Coordination(CoordinationMode.UNKNOWN, (), None, None, None)
    assert with_zookeeper(silent, state(CLAIMED, kraft=True), "c").mode is CoordinationMode.UNKNOWN


def test_a_second_look_is_needed_only_when_every_broker_has_moved_and_another_leader_rules() -> None:
    assert may_have_ended(with_zookeeper(IN_KRAFT, LEFT, "c"))
    assert not may_have_ended(with_zookeeper(brokers((1,), (2,)), LEFT, "c"))
    assert not may_have_ended(with_zookeeper(ON_ZOOKEEPER, LEFT, "c"))
    assert not may_have_ended(with_zookeeper(IN_KRAFT, state(None), "c"))
    assert not may_have_ended(with_zookeeper(claiming(), LEFT, "c"))


def test_a_controller_that_claimed_zookeeper_and_copies_for_long_has_not_finalized() -> None:
    judged = with_zookeeper(claiming(), LEFT, "c", stands_still=True)
    assert (judged.mode, judged.migration) == (CoordinationMode.MIGRATING, MigrationPhase.BROKERS_MOVED)


def claiming() -> Coordination:
    """All brokers in KRaft, under the leader whose epoch stands in /controller."""
    return replace(IN_KRAFT, quorum=replace(QUORUM, leader_epoch=1))


def test_two_looks_tell_whether_zookeeper_is_written_to() -> None:
    first = MigrationSnapshot(0.0, 100, 99)
    assert first.stands_still(MigrationSnapshot(2.0, 104, 103)) is False
    assert first.stands_still(MigrationSnapshot(2.0, 104, 99)) is True
    assert first.stands_still(MigrationSnapshot(2.0, 100, 99)) is None, "an idle log proves nothing"
