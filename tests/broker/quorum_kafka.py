"""A metadata quorum as clusters really have it: three nodes that are both, or controllers apart from the brokers; its
voters written into the settings (static) or kept by the quorum itself (dynamic, KIP-853).
"""

from __future__ import annotations

import base64
import signal
import time
import uuid
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from kafkaview.demo.guarded_processes import Guarded, is_running, send_signal
from kafkaview.demo.jars import CannotRunKafka, java_command, kafka_jars
from kafkaview.demo.kafka import EmbeddedNode
from kafkaview.demo.ports import free_ports
from tests.kit.patience import patience

_JVM = ("-Xmx192m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_SECONDS_TO_START = 60.0
FIRST_CONTROLLER = 101  # of those that are apart


@dataclass(frozen=True, slots=True)
class QuorumNode(EmbeddedNode):
    """One process: a controller, a broker, or both."""

    roles: str
    directory_id: str

    @property
    def votes(self) -> bool:
        """Whether it holds a controller."""
        return "controller" in self.roles

    @property
    def serves(self) -> bool:
        """Whether it holds a broker."""
        return "broker" in self.roles

    @property
    def endpoint(self) -> str:
        """Where its controller listens."""
        return f"127.0.0.1:{self.controller_port}"


class QuorumKafka:
    """`controllers` that vote, combined with a broker each, or apart from `brokers`; with `spare`, one more controller
    that is started by hand and follows only. A context manager; all of it ends with the test run.
    """

    def __init__(
        self,
        *,
        controllers: int = 3,
        brokers: int = 0,
        dynamic: bool = False,
        spare: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.nodes: tuple[QuorumNode, ...] = ()
        self._cluster_id = _uuid()
        self._controllers = controllers
        self._brokers = brokers
        self._dynamic = dynamic
        self._spare = spare
        self._settings = dict(settings or {})
        self._guard = Guarded()
        self._pids: dict[int, int] = {}

    @property
    def bootstrap(self) -> str:
        """`bootstrap.servers` of all brokers."""
        return ",".join(f"127.0.0.1:{node.port}" for node in self.nodes if node.serves)

    @property
    def voters(self) -> tuple[QuorumNode, ...]:
        """Those that vote from the beginning."""
        holding = tuple(node for node in self.nodes if node.votes)
        return holding[: self._controllers]

    @property
    def spare(self) -> QuorumNode:
        """The controller that has no vote yet."""
        return next(node for node in self.nodes if node.votes and node not in self.voters)

    def node(self, node_id: int) -> QuorumNode:
        """A node by its id."""
        return next(node for node in self.nodes if node.id == node_id)

    def start(self) -> None:
        """Start all but the spare one, and wait until every broker serves."""
        with free_ports(2 * (self._controllers + self._brokers + self._spare)) as ports:
            self.nodes = tuple(self._laid_out(ports))
            for node in self.nodes:
                node.folder.mkdir()
                settings = {**self._properties(node), **self._settings}
                node.properties.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
            self._format(self.nodes)
        for node in self.nodes:
            if not self._spare or node is not self.spare:
                self._launch(node)
        self._await_brokers({node.id for node in self.nodes if node.serves})

    def kill(self, *node_ids: int) -> None:
        """Kill nodes as a power cut would."""
        for node_id in node_ids:
            self._guard.end(f"kafka-{node_id}", at_once=True)

    def stop(self, node_id: int) -> None:
        """Ask a node to end, and wait until it has."""
        self._guard.end(f"kafka-{node_id}")

    def restart(self, *node_ids: int) -> None:
        """Start nodes that were ended, or the spare one. Does not wait."""
        for node_id in node_ids:
            self._launch(self.node(node_id))

    def pause(self, node_id: int) -> None:
        """Freeze a node: it keeps its connections and says nothing."""
        send_signal(self._pids[node_id], signal.SIGSTOP)

    def resume(self, node_id: int) -> None:
        """Let a frozen node go on."""
        send_signal(self._pids[node_id], signal.SIGCONT)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._guard.close()
            raise
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._guard.close()

    def _laid_out(self, ports: Sequence[int]) -> list[QuorumNode]:
        roles = ["controller" if self._brokers else "broker,controller"] * self._controllers
        ids = list(range(FIRST_CONTROLLER, FIRST_CONTROLLER + 9)) if self._brokers else list(range(1, 9))
        named = [(ids[number], role) for number, role in enumerate(roles)]
        named += [(ids[self._controllers], "controller")] if self._spare else []
        named += [(number, "broker") for number in range(1, self._brokers + 1)]
        return [
            QuorumNode(
                number, ports[2 * place], ports[2 * place + 1], self._guard.folder / f"kafka-{number}", role, _uuid()
            )
            for place, (number, role) in enumerate(named)
        ]

    def _properties(self, node: QuorumNode) -> dict[str, str]:
        listeners = [f"PLAINTEXT://127.0.0.1:{node.port}"] * node.serves
        listeners += [f"CONTROLLER://{node.endpoint}"] * node.votes
        voters = ",".join(f"{voter.id}@{voter.endpoint}" for voter in self.voters)
        bootstrap = ",".join(voter.endpoint for voter in self.voters)
        quorum = {"controller.quorum.bootstrap.servers": bootstrap} if self._dynamic else {}
        return {
            "process.roles": node.roles,
            "node.id": str(node.id),
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "listeners": ",".join(listeners),
            "log.dirs": str(node.data),
            "auto.create.topics.enable": "false",
            "offsets.topic.num.partitions": "1",
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "log.cleaner.dedupe.buffer.size": "4194304",  # 128 MB of a small heap otherwise
            "initial.broker.registration.timeout.ms": "600000",  # else a broker gives up after one busy minute
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "500",
            **(quorum or {"controller.quorum.voters": voters}),
        }

    def _format(self, nodes: Collection[QuorumNode]) -> None:
        tool = [*_command(), "kafka.tools.StorageTool", "format", f"--cluster-id={self._cluster_id}"]
        running = [
            self._guard.start(f"format-{node.id}", [*tool, "-c", str(node.properties), *self._asked(node)], node.log)
            for node in nodes
        ]
        while any(is_running(pid) for pid in running):
            time.sleep(0.05)
        for node in nodes:
            if not (node.data / "meta.properties").exists():
                raise CannotRunKafka(f"The data folder cannot be formatted:\n{node.log.read_text()[-3000:]}")

    def _asked(self, node: QuorumNode) -> list[str]:
        """What the formatting of a dynamic quorum's node has to be told."""
        if not self._dynamic or not node.votes:
            return []
        if node not in self.voters:
            return ["--no-initial-controllers"]
        initial = (f"{voter.id}@{voter.endpoint}:{voter.directory_id}" for voter in self.voters)
        return ["--initial-controllers", ",".join(initial)]

    def _launch(self, node: QuorumNode) -> None:
        command = [*_command(), "kafka.Kafka", str(node.properties)]
        self._pids[node.id] = self._guard.start(node.name, command, node.log)

    def _await_brokers(self, brokers: Collection[int]) -> None:
        deadline = time.monotonic() + patience(_SECONDS_TO_START)
        client = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, "reconnect.backoff.max.ms": 200})
        while not self._serves(client, brokers):
            if time.monotonic() > deadline or not all(map(is_running, self._pids.values())):
                said = "\n".join(f"{node.id}: {node.log.read_text()[-1500:]}" for node in self.nodes)
                raise CannotRunKafka(f"The cluster does not come up:\n{said}")

    def _serves(self, client: AdminClient, brokers: Collection[int]) -> bool:
        with suppress(KafkaException):
            return set(client.list_topics(timeout=1).brokers) == brokers
        return False


def _command() -> list[str]:
    return java_command(kafka_jars(), *_JVM)


def _uuid() -> str:
    """A Kafka uuid: 22 characters of base64 that do not begin with a dash, which its tools take for an option."""
    while (text := base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
