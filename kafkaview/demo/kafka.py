"""An embedded Kafka: real brokers (KRaft, combined with the controller) on this computer, ended with their owner."""

from __future__ import annotations

import asyncio
import base64
import signal
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from kafkaview.demo.guarded_processes import Guarded, is_running, send_signal
from kafkaview.demo.jars import CannotRunKafka, class_archive, java_command, kafka_jars
from kafkaview.demo.ports import free_ports

_JVM = (
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",  # up in half the time; a demo never runs long enough for the second compiler
    "-XX:+UseSerialGC",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.showThreadName=false",
)
_SECONDS_TO_START = 60.0
_SECONDS_TO_END = 60.0
_SECONDS_BETWEEN_LOOKS = 0.05
_TRIES = 3
_LAST_LINES = 25


@dataclass(frozen=True, slots=True)
class EmbeddedNode:
    """A process that is broker and controller, or, with a port of 0, a controller alone."""

    id: int
    port: int
    controller_port: int
    folder: Path

    @property
    def name(self) -> str:
        """Returns its name with the guard."""
        return f"kafka-{self.id}"

    @property
    def log(self) -> Path:
        """Returns the file with the broker's output."""
        return self.folder / "kafka.log"

    @property
    def data(self) -> Path:
        """Returns its log directory."""
        return self.folder / "data"

    @property
    def properties(self) -> Path:
        """Returns its server.properties."""
        return self.folder / "server.properties"


class EmbeddedKafka:
    """A Kafka of 1 to 3 nodes, as a plain or an asynchronous context manager. `controllers` are further nodes, which
    are controllers alone.

    `settings` are broker properties that add to or replace ours. `listeners` are further listeners with their
    advertised address (`NAME://HOST:PORT`, for a cluster of one). `jvm` has further options of Java. With a `guard` the
    processes are that guard's; without one they get their own, and end with this object or with the process that made
    it.
    """

    def __init__(
        self,
        *,
        nodes: int = 1,
        controllers: int = 0,
        settings: Mapping[str, str] | None = None,
        listeners: Mapping[str, str] | None = None,
        jvm: Sequence[str] = (),
        guard: Guarded | None = None,
    ) -> None:
        self.cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        self.nodes: tuple[EmbeddedNode, ...] = ()
        self._count = nodes
        self._controllers = controllers
        self._settings = dict(settings or {})
        self._listeners = dict(listeners or {})
        self._jvm = tuple(jvm)
        self._own_guard = guard is None
        self._guard = guard or Guarded()
        self._pids: dict[int, int] = {}

    @property
    def bootstrap(self) -> str:
        """Returns `bootstrap.servers` of all brokers."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self._brokers)

    @property
    def _brokers(self) -> list[EmbeddedNode]:
        return [node for node in self.nodes if node.port]

    def start(self) -> None:
        """Starts all nodes and waits until every one serves; takes other ports where one was in use."""
        for tries_left in reversed(range(_TRIES)):
            self._lay_out()
            try:
                self._await_all()
            except CannotRunKafka:
                taken = any("Address already in use" in _read(node.log) for node in self.nodes)
                if not taken or not tries_left:
                    raise
                for node in self.nodes:
                    self._guard.end(node.name, at_once=True)
            else:
                return

    def stop(self) -> None:
        """Ends all nodes."""
        if self._own_guard:
            self._guard.close()
            return
        for node in self.nodes:
            self._guard.end(node.name)

    def kill(self, node_id: int) -> None:
        """Kills a node with SIGKILL, as a power failure would."""
        self._guard.end(self._node(node_id).name, at_once=True)

    def end(self, node_id: int) -> None:
        """Ends a node with SIGTERM and waits for it, a minute at most."""
        pid, deadline = self._pids[node_id], time.monotonic() + _SECONDS_TO_END
        send_signal(pid, signal.SIGTERM)
        while is_running(pid) and time.monotonic() < deadline:
            time.sleep(_SECONDS_BETWEEN_LOOKS)

    def restart(self, node_id: int) -> None:
        """Starts a killed node again with its own port and data, and waits until it serves."""
        node = self._node(node_id)
        self._launch(node)
        self._await_all()

    def pause(self, node_id: int) -> None:
        """Freezes a node: it keeps its connections and sends nothing."""
        send_signal(self._pids[node_id], signal.SIGSTOP)

    def resume(self, node_id: int) -> None:
        """Continues a frozen node."""
        send_signal(self._pids[node_id], signal.SIGCONT)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        with ThreadPoolExecutor(1) as thread:
            return await asyncio.get_running_loop().run_in_executor(thread, self.__enter__)

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        with ThreadPoolExecutor(1) as thread:
            await asyncio.get_running_loop().run_in_executor(thread, self.stop)

    def _node(self, node_id: int) -> EmbeddedNode:
        return next(node for node in self.nodes if node.id == node_id)

    def _lay_out(self) -> None:
        """Chooses ports, writes properties, formats the data folders and starts the nodes."""
        with free_ports(2 * self._count + self._controllers) as ports:
            brokers, controllers = ports[: self._count], ports[self._count :]
            self.nodes = tuple(
                EmbeddedNode(number, broker, controller, self._guard.folder / f"kafka-{number}-{ports[0]}")
                for number, (broker, controller) in enumerate(zip_longest(brokers, controllers, fillvalue=0), 1)
            )
            for node in self.nodes:
                node.folder.mkdir()
                node.properties.write_text("".join(f"{k}={v}\n" for k, v in self._properties(node).items()))
            self._format_all()
        for node in self.nodes:
            self._launch(node)

    def _properties(self, node: EmbeddedNode) -> dict[str, str]:
        voters = ",".join(f"{other.id}@127.0.0.1:{other.controller_port}" for other in self.nodes)
        replicas = str(self._count)
        controller = f"CONTROLLER://127.0.0.1:{node.controller_port}"
        of_role = {"process.roles": "controller", "listeners": controller}
        if node.port:
            plain = f"PLAINTEXT://127.0.0.1:{node.port}"
            of_role = {
                "process.roles": "broker,controller",
                "listeners": ",".join((plain, controller, *self._listeners)),
                "advertised.listeners": ",".join((plain, *self._listeners.values())),
            }
        return {
            **of_role,
            "node.id": str(node.id),
            "controller.quorum.voters": voters,
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(node.data),
            "auto.create.topics.enable": "false",
            "default.replication.factor": replicas,
            "offsets.topic.num.partitions": "5",
            "offsets.topic.replication.factor": replicas,
            "transaction.state.log.num.partitions": "5",
            "transaction.state.log.replication.factor": replicas,
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.num.partitions": "5",
            "share.coordinator.state.topic.replication.factor": replicas,
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # A killed node may register again only when its old session has run out.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            **self._settings,
        }

    def _format_all(self) -> None:
        tool = [
            *java_command(kafka_jars(), *_JVM),
            "kafka.tools.StorageTool",
            "format",
            f"--cluster-id={self.cluster_id}",
            "-c",
        ]
        running = [
            self._guard.start(f"format-{node.id}", [*tool, str(node.properties)], node.log) for node in self.nodes
        ]
        while any(is_running(pid) for pid in running):
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        for node in self.nodes:
            if not (node.data / "meta.properties").exists():
                raise CannotRunKafka(f"Kafka's data folder cannot be formatted:\n{_tail(node.log)}")

    def _launch(self, node: EmbeddedNode) -> None:
        command = [*java_command(kafka_jars(), *_JVM, *self._jvm), "kafka.Kafka", str(node.properties)]
        self._pids[node.id] = self._guard.start(node.name, command, node.log)

    def _await_all(self) -> None:
        """Waits until the metadata of a broker lists every broker, and every broker answers."""
        deadline = time.monotonic() + _SECONDS_TO_START
        for node in self._brokers:
            client = AdminClient(
                {"bootstrap.servers": f"127.0.0.1:{node.port}", "log_level": 0, "reconnect.backoff.max.ms": 200}
            )
            while not self._serves(client):
                if not is_running(self._pids[node.id]):
                    raise CannotRunKafka(f"Kafka ended while it started. Its last lines:\n{_tail(node.log)}")
                if time.monotonic() > deadline:
                    raise CannotRunKafka(
                        f"Kafka does not answer after {_SECONDS_TO_START:.0f} s. Its last lines:\n{_tail(node.log)}"
                    )

    def _serves(self, client: AdminClient) -> bool:
        with suppress(KafkaException):
            known = client.list_topics(timeout=1).brokers
            return set(known) == {node.id for node in self._brokers}
        return False


def archive_classes() -> None:
    """Runs a broker once so that it writes its class archive when it ends, unless there is one. Blocks for about ten
    seconds. Raises CannotRunKafka.
    """
    archive = class_archive(kafka_jars())
    if archive.exists():
        return
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=archive.name) as folder:
        made = Path(folder, archive.name)
        with EmbeddedKafka(jvm=[f"-XX:ArchiveClassesAtExit={made}"]) as kafka:
            kafka.end(1)
        if made.exists():  # not every Java makes one
            made.rename(archive)


def _read(log: Path) -> str:
    return log.read_text(errors="replace") if log.exists() else ""


def _tail(log: Path) -> str:
    return "\n".join(_read(log).splitlines()[-_LAST_LINES:])
