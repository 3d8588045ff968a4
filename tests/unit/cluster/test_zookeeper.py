"""ZooKeeper's four-letter words, Kafka's nodes in it, and what its servers together amount to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from kafkaview.cluster.errors import RefusedHere, UnusableProfile
from kafkaview.cluster.ports.zookeeper import (
    EnsembleHealth,
    MigrationRecord,
    ZooKeeperBroker,
    ZooKeeperRole,
    ZooKeeperServer,
    ZooKeeperState,
)
from kafkaview.cluster.zookeeper import znodes
from kafkaview.cluster.zookeeper.ensemble import ZooKeeperClient
from kafkaview.cluster.zookeeper.four_letter_words import ZooKeeperAddress, ask_server, zookeeper_address

SRVR = """Zookeeper version: 3.8.4-9316c2a7a97e1666d8f4593f34dd6fc36ecc436c, built on 2024-02-12 22:16 UTC
Latency min/avg/max: 0/1.7664/41
Received: 214
Sent: 230
Connections: 3
Outstanding: 2
Zxid: 0x100000036
Mode: follower
Node count: 29
"""
MNTR = "zk_version\t3.8.4\nzk_watch_count\t15\nzk_znode_count\t29\n"
NOT_ALLOWED = "{} is not executed because it is not in the whitelist.\n"


@contextmanager
def server(answers: Mapping[bytes, str]) -> Iterator[int]:
    """One that answers four-letter words, each on a connection of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    one, _ = listening.accept()
                except OSError:
                    return
                with one:
                    one.sendall(answers.get(one.recv(4), "").encode())

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def test_the_state_of_a_zookeeper_server_is_read() -> None:
    with server({b"srvr": SRVR, b"mntr": MNTR}) as port:
        answer = ask_server("127.0.0.1", port, None)
    assert answer == ZooKeeperServer(f"127.0.0.1:{port}", ZooKeeperRole.FOLLOWER, "3.8.4", 29, 15, 3, 2, 1.7664)


def test_watches_are_unknown_where_mntr_is_not_allowed() -> None:
    with server({b"srvr": SRVR, b"mntr": NOT_ALLOWED.format("mntr")}) as port:
        answer = ask_server("127.0.0.1", port, None)
    assert (answer.role, answer.watches) == (ZooKeeperRole.FOLLOWER, None)


def test_a_server_without_a_majority_is_reported_in_its_own_words() -> None:
    with server({b"srvr": "This ZooKeeper instance is not currently serving requests\n"}) as port:
        answer = ask_server("127.0.0.1", port, None)
    assert (answer.role, answer.waits) == (None, True)
    assert answer.error == "This ZooKeeper instance is not currently serving requests"


def test_a_server_that_keeps_its_state_back_may_serve() -> None:
    with server({b"srvr": NOT_ALLOWED.format("srvr")}) as port:
        answer = ask_server("127.0.0.1", port, None)
    assert (answer.role, answer.undecided) == (None, True)
    assert "4lw.commands.whitelist" in (answer.error or "")


def test_something_else_is_no_zookeeper() -> None:
    with server({b"srvr": "HTTP/1.1 400 Bad Request\r\n"}) as port:
        answer = ask_server("127.0.0.1", port, None)
    assert "does not speak ZooKeeper's protocol" in (answer.error or "")


def test_a_closed_port_serves_not() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        server = ask_server("127.0.0.1", bound.getsockname()[1], None)
    assert (server.role, server.error, server.undecided) == (None, "connection refused", False)


def test_a_server_that_says_nothing_is_left_after_two_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        server = ask_server("127.0.0.1", mute.getsockname()[1], None)
    assert (server.error, server.undecided) == ("says nothing for 2 s", True)


@pytest.mark.parametrize(
    ("text", "servers", "chroot"),
    [
        ("zk1:2182", (("zk1", 2182),), "/"),
        ("zk1:2181,zk2:2181/kafka", (("zk1", 2181), ("zk2", 2181)), "/kafka"),
        (" zk1 , zk2:2182 / ".replace(" / ", "/a/b/"), (("zk1", 2181), ("zk2", 2182)), "/a/b"),
        ("[::1]:2181,10.0.0.1", (("::1", 2181), ("10.0.0.1", 2181)), "/"),
    ],
)
def test_an_address_is_read(text: str, servers: tuple[tuple[str, int], ...], chroot: str) -> None:
    assert zookeeper_address(text) == ZooKeeperAddress(servers, chroot)


@pytest.mark.parametrize("text", ["", "/kafka", "zk1:none", "zk1:0", ":2181"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UnusableProfile, match=r"zookeeper\.connect"):
        zookeeper_address(text)


def test_kafkas_nodes_are_read() -> None:
    assert znodes.controller_of(
        b'{"version":2,"brokerid":1,"timestamp":"1700000000000","kraftControllerEpoch":-1}'
    ) == znodes.ControllerNode(1, None)
    assert znodes.controller_of(b'{"version":2,"brokerid":3000,"kraftControllerEpoch":1}') == znodes.ControllerNode(
        3000, 1
    )
    assert znodes.epoch_of(b"7") == 7
    assert znodes.cluster_id_of(b'{"version":"1","id":"abc"}') == "abc"
    registered = b'{"version":5,"host":null,"port":-1,"endpoints":["SSL://a:9093"],"rack":"r1"}'
    assert znodes.broker_of("4", registered, 17) == ZooKeeperBroker(4, ("SSL://a:9093",), "r1", 17)
    migration = (
        b'{"version":0,"kraft_controller_id":3000,"kraft_controller_epoch":1,'
        b'"kraft_metadata_offset":54,"kraft_metadata_epoch":1}'
    )
    assert znodes.migration_of(migration) == MigrationRecord(3000, 1, 54, 1)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"brokerid":"one"}', b"\xff"])
def test_a_node_of_another_form_is_unknown(data: bytes) -> None:
    assert znodes.controller_of(data) is None
    assert znodes.migration_of(data) is None
    assert znodes.cluster_id_of(data) is None
    assert znodes.epoch_of(data) is None


def test_secrets_are_masked_and_the_rest_is_not() -> None:
    scram = "salt=c2FsdA==,stored_key=c3RvcmVk,server_key=c2VydmVy,iterations=8192"
    held = {
        "version": 1,
        "config": {
            "SCRAM-SHA-512": scram,
            "listener.name.ssl.ssl.keystore.password": "3n6Z1",
            "listener.name.x.plain.sasl.jaas.config": "Login required password=3n6Z1;",
            "producer_byte_rate": "1024",
        },
    }
    text = znodes.mask_secrets("/config/users/alice", json.dumps(held).encode())
    assert not [part for part in ("c2FsdA", "c3RvcmVk", "c2VydmVy", "3n6Z1") if part in text]
    assert "iterations=8192" in text
    assert '"producer_byte_rate": "1024"' in text


def test_settings_that_cannot_be_read_are_hidden_whole() -> None:
    assert znodes.mask_secrets("/config/users/alice", b"{password=3n6Z1") == znodes.MASK


@pytest.mark.parametrize(
    "path", ["/", "/zookeeper", "/delegation_token/tokens/x", "/config2", "/hbase", "/config/../hbase"]
)
async def test_foreign_and_secret_nodes_are_not_read(path: str) -> None:
    client = ZooKeeperClient(zookeeper_address("127.0.0.1:1"))
    try:
        with pytest.raises(RefusedHere):
            await client.node(path)
    finally:
        await client.close()


UP = ZooKeeperServer("up", ZooKeeperRole.FOLLOWER)
DOWN = ZooKeeperServer("down", error="connection refused")
WAITS = ZooKeeperServer("waits", error="not serving", waits=True)
FAR = ZooKeeperServer("far", error="says nothing for 2 s", undecided=True)


@pytest.mark.parametrize(
    ("ensemble", "health"),
    [
        ((UP,), EnsembleHealth.HEALTHY),
        ((UP, UP, UP), EnsembleHealth.HEALTHY),
        ((UP, UP, DOWN), EnsembleHealth.NO_FAULT_LEFT),
        ((UP, UP, WAITS), EnsembleHealth.NO_FAULT_LEFT),
        ((UP, DOWN, DOWN), EnsembleHealth.LOST),
        ((WAITS, DOWN, DOWN), EnsembleHealth.LOST),
        ((WAITS, FAR, FAR), EnsembleHealth.LOST),
        ((DOWN, DOWN, DOWN), EnsembleHealth.LOST),
        ((WAITS, WAITS, DOWN), EnsembleHealth.UNKNOWN),
        ((UP, FAR, FAR), EnsembleHealth.UNKNOWN),
        ((FAR, FAR, FAR), EnsembleHealth.UNKNOWN),
        ((), EnsembleHealth.UNKNOWN),
    ],
    ids=lambda value: "-".join(one.server for one in value) if isinstance(value, tuple) else None,
)
def test_the_ensemble_is_no_better_than_its_majority(
    ensemble: tuple[ZooKeeperServer, ...], health: EnsembleHealth
) -> None:
    assert ZooKeeperState(ensemble).health is health


async def test_an_unreachable_ensemble_is_reported_and_leaves_no_thread() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        client = ZooKeeperClient(zookeeper_address(f"127.0.0.1:{bound.getsockname()[1]}"))
        state = await client.state()
    await client.close()
    assert (state.health, state.brokers, state.controller_id) == (EnsembleHealth.LOST, (), None)
    assert "No server of the ensemble serves" in (state.error or "")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kafkaview")]
