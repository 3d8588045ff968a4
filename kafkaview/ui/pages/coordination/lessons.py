"""What the mode means here, in a few words, for the node that is selected. No Qt.

KRaft: docs of Kafka 4.4, Operations, KRaft; ZooKeeper: ZkData.scala of 3.9.2; KIP-866 for the move between them.
"""

from __future__ import annotations

from dataclasses import dataclass

from kafkaview.cluster.ports.coordination import CoordinationMode, Quorum
from kafkaview.coordination.view import CoordinationView
from kafkaview.ui.pages.coordination.replicas import QuorumNode
from kafkaview.ui.pages.coordination.words import FROZEN


@dataclass(frozen=True, slots=True)
class Lesson:
    """A question and its answer."""

    question: str
    answer: str


_KRAFT = (
    Lesson(
        "What is stored where",
        "Topics, leaders, configs, ACLs, SCRAM users and quotas are records of one log, __cluster_metadata. Every "
        "controller and every broker keeps a copy. Your records and the groups' offsets are not in it: brokers keep "
        "those in logs of their own.",
    ),
    Lesson(
        "How brokers get it",
        "They fetch that log from the leading controller, as observers. A broker that is 12 s behind tells its "
        "clients what was true 12 s ago.",
    ),
)
_ZOOKEEPER = (
    Lesson(
        "What is stored where",
        "Topics are below /brokers/topics in ZooKeeper, ACLs below /kafka-acl, configs, SCRAM users and quotas below "
        "/config. Your records and the groups' offsets are in the brokers' logs.",
    ),
    Lesson(
        "How brokers get it",
        "One broker is the controller. It reads ZooKeeper and sends every change to the other brokers.",
    ),
    Lesson(
        "If the controller fails",
        "Its session ends after zookeeper.session.timeout.ms, 18 s by default. Then the first broker that writes "
        "/controller takes over and reads everything again.",
    ),
    Lesson(
        "If ZooKeeper loses its majority",
        "Brokers go on producing and consuming, and answer as if nothing were wrong. " + FROZEN,
    ),
)
_MIGRATING = (
    Lesson(
        "What is stored where",
        "In both. The KRaft controllers write to their own log and, until the move is finalized, to ZooKeeper too: "
        "that is the way back.",
    ),
    Lesson(
        "How brokers get it",
        "Brokers that have moved fetch the log of the controllers. The others are sent every change, as by a "
        "controller of ZooKeeper's.",
    ),
)


def lessons(view: CoordinationView, node: QuorumNode | None) -> tuple[Lesson, ...]:
    """Returns what the mode means, and what fails if this node fails."""
    if view.mode is CoordinationMode.ZOOKEEPER:
        return _ZOOKEEPER
    if view.mode is CoordinationMode.UNKNOWN:
        return ()
    of_mode = _KRAFT if view.mode is CoordinationMode.KRAFT else _MIGRATING
    if node is None or view.quorum is None:
        return of_mode
    return (Lesson(f"If {node.name} fails", _fails(node, view.quorum)), *of_mode)


def _fails(node: QuorumNode, quorum: Quorum) -> str:
    if not node.voter:
        return (
            "The quorum does not notice: observers do not vote. A broker that sends no heartbeat for "
            "broker.session.timeout.ms, 9 s by default, is fenced, and other in-sync replicas lead its partitions."
        )
    if node.down:
        return f"It is silent already: its vote is missing, and {quorum.majority} of {len(quorum.voters)} must agree."
    if quorum.can_lose is None:
        return "Not all voters are known, so nobody can say whether a majority is left."
    if quorum.can_lose == 0:
        return f"No majority is left. {FROZEN} Producing and consuming go on where leaders live."
    after = quorum.can_lose - 1
    more = f"{after} more may fail after that." if after else "After that, none may fail any more."
    if node.leader:
        return f"Its followers elect a new leader, as a rule within seconds; clients do not notice. {more}"
    return f"The leader goes on with the others. {more}"
