"""A real ensemble of three under two brokers: whole, one server killed, two killed, revived."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable

import pytest
from kazoo.client import KazooClient  # type: ignore[import-untyped]

from kafkaview.cli.main import main
from kafkaview.cluster.errors import ClusterError, RefusedHere
from kafkaview.cluster.kafka.cluster import open_cluster
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.coordination import CoordinationMode
from kafkaview.cluster.ports.zookeeper import EnsembleHealth, MigrationPhase, ZooKeeperRole, ZooKeeperState
from kafkaview.profiles.profile import ConnectionProfile
from tests.broker.zookeeper_ensemble import ZooKeeperEnsemble
from tests.kit.patience import patience

SCRAM = "salt=c2FsdA==,stored_key=c3RvcmVk,server_key=c2VydmVy,iterations=8192"


@pytest.mark.timeout(240)
async def test_an_ensemble_is_seen_whole_short_of_one_lost_and_revived() -> None:
    ensemble = await asyncio.to_thread(ZooKeeperEnsemble().__enter__)
    cluster = open_cluster(ConnectionProfile("three", ensemble.bootstrap, zookeeper=ensemble.zookeeper))
    without_address = open_cluster(ConnectionProfile("three", ensemble.bootstrap))
    try:
        await _whole(cluster)
        await _nodes(cluster, ensemble.zookeeper)
        assert await seen(without_address, lambda state: state.health is EnsembleHealth.HEALTHY), "by a broker's config"
        await asyncio.to_thread(ensemble.kill, 3)
        state = await seen(cluster, lambda state: state.health is EnsembleHealth.NO_FAULT_LEFT)
        assert (state.ensemble[2].role, state.ensemble[2].error) == (None, "connection refused")
        await asyncio.to_thread(ensemble.kill, 2)
        await _lost(cluster, ensemble)
        await asyncio.to_thread(ensemble.revive, 2)
        await asyncio.to_thread(ensemble.revive, 3)
        assert (await seen(cluster, lambda state: state.health is EnsembleHealth.HEALTHY)).error is None
    finally:
        await cluster.close()
        await without_address.close()
        await asyncio.to_thread(ensemble.__exit__, None, None, None)
    assert not [thread for thread in threading.enumerate() if "kazoo" in thread.name or "kafkaview-zoo" in thread.name]


async def _whole(cluster: Cluster) -> None:
    coordination = await cluster.coordination()
    state = coordination.zookeeper
    assert state is not None
    assert (coordination.mode, coordination.migration, state.health) == (
        CoordinationMode.ZOOKEEPER,
        MigrationPhase.NONE,
        EnsembleHealth.HEALTHY,
    )
    assert sorted(one.role or "" for one in state.ensemble) == [
        ZooKeeperRole.FOLLOWER,
        ZooKeeperRole.FOLLOWER,
        ZooKeeperRole.LEADER,
    ]
    assert {one.version for one in state.ensemble} == {"3.8.4"}
    numbers = [
        (one.znodes, one.watches, one.connections, one.outstanding, one.avg_latency_ms) for one in state.ensemble
    ]
    assert None not in [number for row in numbers for number in row]
    assert [(broker.id, broker.rack) for broker in state.brokers] == [(1, "rack-1"), (2, "rack-2")]
    assert [broker.endpoints[0].startswith("PLAINTEXT://127.0.0.1:") for broker in state.brokers] == [True, True]
    assert all(0 <= time.time() * 1000 - (broker.registered_at_ms or 0) < 240_000 for broker in state.brokers)
    assert (coordination.controller_id, coordination.controller_epoch) == (state.controller_id, state.controller_epoch)
    assert (state.controller_epoch, state.controller_is_ephemeral, state.kraft_controller_epoch) == (1, True, None)


async def _nodes(cluster: Cluster, zookeeper: str) -> None:
    await asyncio.to_thread(_give_a_user, zookeeper)
    assert "users" in (await cluster.zookeeper_node("/config")).children
    alice = await cluster.zookeeper_node("/config/users/alice")
    assert "iterations=8192" in alice.text
    assert not [part for part in ("c2FsdA", "c3RvcmVk", "c2VydmVy") if part in alice.text]
    assert (alice.version, alice.ephemeral) == (0, False)
    assert (await cluster.zookeeper_node("/brokers/ids/1")).ephemeral
    with pytest.raises(RefusedHere):
        await cluster.zookeeper_node("/zookeeper")
    with pytest.raises(ClusterError, match="ZooKeeper has no /config/users/bob"):
        await cluster.zookeeper_node("/config/users/bob")


def _give_a_user(zookeeper: str) -> None:
    client = KazooClient(zookeeper)
    client.start(10)
    try:
        client.create("/config/users/alice", json.dumps({"version": 1, "config": {"SCRAM-SHA-512": SCRAM}}).encode())
    finally:
        client.stop()
        client.close()


async def _lost(cluster: Cluster, ensemble: ZooKeeperEnsemble) -> None:
    """Its brokers answer as if nothing were wrong; ZooKeeper's own word says what is."""
    began = time.monotonic()
    state = await seen(cluster, lambda state: state.health is EnsembleHealth.LOST)
    assert time.monotonic() - began < patience(10)
    assert "not currently serving requests" in (state.ensemble[0].error or "")
    coordination = await cluster.coordination()
    assert (coordination.mode, coordination.migration) == (CoordinationMode.ZOOKEEPER, None)
    assert "whether this is dual write is unknown" in coordination.evidence[-1]
    line = ["--bootstrap", ensemble.bootstrap, "-X", f"zookeeper.connect={ensemble.zookeeper}", "coordination"]
    assert await asyncio.to_thread(main, line) == 0


async def seen(cluster: Cluster, holds: Callable[[ZooKeeperState], bool]) -> ZooKeeperState:
    """ZooKeeper's state once it is so."""
    async with asyncio.timeout(patience(30)):
        while True:
            state = (await cluster.coordination()).zookeeper
            if state is not None and holds(state):
                return state
            await asyncio.sleep(0.2)
