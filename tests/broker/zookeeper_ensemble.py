"""An ensemble of three ZooKeeper servers with two brokers of Kafka 3.9.2 on it."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from kafkaview.demo.ports import free_ports
from tests.broker.old_servers import OldServers, names, plain_broker, serves, until, word


class ZooKeeperEnsemble:
    """As a context manager; servers are 1, 2, 3. Kafka lives below the chroot /kafka."""

    def __init__(self) -> None:
        self._servers = OldServers()
        self.ports: tuple[int, ...] = ()
        self._peers: tuple[int, ...] = ()
        self._brokers: tuple[int, ...] = ()

    @property
    def bootstrap(self) -> str:
        return ",".join(f"127.0.0.1:{port}" for port in self._brokers)

    @property
    def zookeeper(self) -> str:
        return ",".join(f"127.0.0.1:{port}" for port in self.ports) + "/kafka"

    def __enter__(self) -> Self:
        try:
            with free_ports(11) as ports:
                self.ports, self._peers, self._brokers = ports[:3], ports[3:9], ports[9:]
            for number in (1, 2, 3):
                (self._servers.guard.folder / f"zookeeper-{number}").mkdir()
                (self._servers.guard.folder / f"zookeeper-{number}" / "myid").write_text(str(number))
                self.revive(number)
            until(lambda: all(map(serves, self.ports)))
            for number in (1, 2):
                self._start_broker(number)
            until(lambda: names(self.bootstrap, 1, 2))
        except BaseException:
            self._servers.guard.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._servers.guard.close()

    def kill(self, number: int) -> None:
        """Kill a server; returns when those that are left know whether they are enough."""
        self._servers.end(f"zookeeper-{number}", at_once=True)
        until(lambda: not word(self.ports[number - 1]))

    def revive(self, number: int) -> None:
        """Start a server, again or for the first time."""
        peers = {
            f"server.{one}": f"127.0.0.1:{self._peers[one * 2 - 2]}:{self._peers[one * 2 - 1]}" for one in (1, 2, 3)
        }
        self._servers.zookeeper(f"zookeeper-{number}", self.ports[number - 1], peers, wait=False)

    def _start_broker(self, number: int) -> None:
        port = self._brokers[number - 1]
        settings = plain_broker(number, port, self._servers.guard.folder)
        on_zookeeper = {"broker.id": number, "broker.rack": f"rack-{number}", "zookeeper.connect": self.zookeeper}
        self._servers.kafka(
            f"kafka-{number}", {**settings, **on_zookeeper}, lambda: names(f"127.0.0.1:{port}", *range(1, number + 1))
        )
