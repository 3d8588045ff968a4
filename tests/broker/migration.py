"""A real move from ZooKeeper to KRaft (KIP-866) on Kafka 3.9.2, step by step as Kafka documents it."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Self

from kazoo.client import KazooClient  # type: ignore[import-untyped]

from kafkaview.demo.ports import free_ports
from tests.broker.old_servers import OldServers, names, plain_broker, until, word

CONTROLLER = 3000


class Migration:
    """One ZooKeeper server, brokers 1 and 2, later the KRaft controller 3000. Each step returns when it is done."""

    def __init__(self) -> None:
        self._servers = OldServers()
        self._ports: tuple[int, ...] = ()
        self._zookeeper_port = self._controller_port = 0

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{port}" for port in self._ports)

    @property
    def zookeeper(self) -> str:
        return f"127.0.0.1:{self._zookeeper_port}"

    def __enter__(self) -> Self:
        try:
            with free_ports(4) as ports:
                self._ports, (self._zookeeper_port, self._controller_port) = ports[:2], ports[2:]
            self._servers.zookeeper("zookeeper", self._zookeeper_port, {})
            for broker in (1, 2):
                self._start(broker, self._on_zookeeper(broker), *range(1, broker + 1))
        except BaseException:
            self._servers.guard.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._servers.guard.close()

    def start_controller(self) -> None:
        """The KRaft controller in migration mode; it makes /migration and waits for the brokers."""
        settings = {**self._controller(), **self._migrating()}
        self._servers.format("controller", settings, str(self._node("/cluster/id")["id"]))
        self._servers.kafka("controller", settings, lambda: bool(self._node("/migration")))

    def prepare_brokers(self) -> None:
        """Both brokers restarted in migration mode: then the KRaft controller takes over."""
        for broker in (1, 2):
            self._servers.end(f"kafka-{broker}")
            settings = {**self._on_zookeeper(broker), **self._migrating(), **self._quorum()}
            self._start(broker, settings, 1, 2)
        until(lambda: self._node("/migration").get("kraft_controller_id") == CONTROLLER)

    def move_broker(self, broker: int) -> None:
        """A broker restarted in KRaft."""
        self._servers.end(f"kafka-{broker}")
        settings = plain_broker(broker, self._ports[broker - 1], self._servers.guard.folder)
        in_kraft = {"process.roles": "broker", "node.id": broker, **self._quorum()}
        self._start(broker, {**settings, **in_kraft}, 1, 2)

    def finalize(self) -> None:
        """The controller restarted without ZooKeeper."""
        self._servers.end("controller")
        self._servers.kafka("controller", self._controller(), lambda: names(self.bootstrap, 1, 2))

    def end_zookeeper(self) -> None:
        """ZooKeeper taken away."""
        self._servers.end("zookeeper")
        until(lambda: not word(self._zookeeper_port))

    def _start(self, broker: int, settings: dict[str, object], *known: int) -> None:
        address = f"127.0.0.1:{self._ports[broker - 1]}"
        self._servers.kafka(f"kafka-{broker}", settings, lambda: names(address, *known))

    def _on_zookeeper(self, broker: int) -> dict[str, object]:
        settings = plain_broker(broker, self._ports[broker - 1], self._servers.guard.folder)
        session = {"zookeeper.connect": self.zookeeper, "zookeeper.session.timeout.ms": 3000}
        return {**settings, **session, "broker.id": broker, "inter.broker.protocol.version": "3.9"}

    def _migrating(self) -> dict[str, object]:
        return {"zookeeper.metadata.migration.enable": "true", "zookeeper.connect": self.zookeeper}

    def _quorum(self) -> dict[str, object]:
        voters = f"{CONTROLLER}@127.0.0.1:{self._controller_port}"
        return {"controller.quorum.voters": voters, "controller.listener.names": "CONTROLLER"}

    def _controller(self) -> dict[str, object]:
        return {
            "process.roles": "controller",
            "node.id": CONTROLLER,
            "listeners": f"CONTROLLER://127.0.0.1:{self._controller_port}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": self._servers.guard.folder / "controller",
            **self._quorum(),
        }

    def _node(self, path: str) -> dict[str, object]:
        client = KazooClient(self.zookeeper)
        client.start(10)
        try:
            return dict(json.loads(client.get(path)[0])) if client.exists(path) else {}
        finally:
            client.stop()
            client.close()
