"""ZooKeeper in words: the ensemble, the controller, and why there is nothing to show. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode
from kafkaview.cluster.ports.zookeeper import EnsembleHealth, ZooKeeperServer, ZooKeeperState
from kafkaview.ui.kit.marks import Mark
from kafkaview.words import clock, duration, join_names, number, plural

HEALTH_MARKS: Final = {
    EnsembleHealth.HEALTHY: Mark.OK,
    EnsembleHealth.NO_FAULT_LEFT: Mark.WARN,
    EnsembleHealth.LOST: Mark.BAD,
    EnsembleHealth.UNKNOWN: Mark.UNKNOWN,
}
_HEALTH: Final = {
    EnsembleHealth.HEALTHY: "Healthy",
    EnsembleHealth.NO_FAULT_LEFT: "No fault left",
    EnsembleHealth.LOST: "Lost",
    EnsembleHealth.UNKNOWN: "Not fully known",
}
_LOST: Final = (
    "The ensemble has no majority. Producing and consuming go on where leaders live, and brokers answer as if nothing "
    "were wrong: no new topics, no new leaders, no config or ACL changes."
)


@dataclass(frozen=True, slots=True)
class Absence:
    """Why the tab has nothing to show."""

    title: str
    text: str


def absence(coordination: Coordination) -> Absence | None:
    """Returns why there is nothing to show; None if ZooKeeper can be shown."""
    if coordination.zookeeper is not None:
        return None
    if coordination.mode is CoordinationMode.KRAFT:
        return Absence(
            "KRaft: there is no ZooKeeper",
            "The controllers keep the metadata in a log of their own; see Quorum. A cluster that still writes to "
            "ZooKeeper on its way to KRaft shows it once this connection names its zookeeper.connect.",
        )
    known = "The brokers' own settings do not tell it either, or may not be read."
    return Absence(
        "This profile names no zookeeper.connect",
        f"{known} Name the servers in the connection, as HOST:PORT,HOST:PORT/CHROOT, and the ensemble, the controller "
        "and what Kafka keeps there are shown.",
    )


def health_word(state: ZooKeeperState) -> str:
    """Returns the ensemble's health in a word or three."""
    return _HEALTH[state.health]


def health_sentence(state: ZooKeeperState) -> str:
    """Returns how many servers serve, and how many more may fail."""
    serving = sum(one.role is not None for one in state.ensemble)
    of = f"{serving} of {plural(len(state.ensemble), 'server')} {'serves' if serving == 1 else 'serve'}"
    majority = len(state.ensemble) // 2 + 1
    match state.health:
        case EnsembleHealth.LOST:
            return f"{of}, {majority} are needed"
        case EnsembleHealth.UNKNOWN:
            return f"{of}; of the others it cannot be seen from here"
        case EnsembleHealth.NO_FAULT_LEFT:
            return f"{of}: if one more fails, the metadata cannot change"
        case EnsembleHealth.HEALTHY:
            left = serving - majority
            return f"{of}, alone" if len(state.ensemble) == 1 else f"{of}, {number(left)} more may fail"


def controller_sentence(state: ZooKeeperState, now_ms: int) -> str:
    """Returns who is the controller, since which epoch, for how long."""
    if state.error is not None:
        return f"Kafka's part could not be read: {state.error.rstrip('.')}."
    if state.health is EnsembleHealth.LOST:
        return _LOST
    if state.controller_id is None:
        return "Nobody holds /controller: the brokers elect one, or there is none left."
    epoch = "" if state.controller_epoch is None else f", epoch {number(state.controller_epoch)}"
    if state.kraft_controller_epoch is not None:
        by = f"KRaft controller {state.controller_id} rules, and has taken /controller for good"
        return f"{by} (epoch {state.kraft_controller_epoch} of the quorum{epoch}). {_describe_brokers(state, now_ms)}"
    held = {
        True: "for as long as its session lasts (the node is ephemeral)",
        False: "and the node would outlive its session",
        None: "",
    }[state.controller_is_ephemeral]
    return (
        f"Broker {state.controller_id} is the controller{epoch}, {held}".rstrip(", ")
        + f". {_describe_brokers(state, now_ms)}"
    )


def finding(state: ZooKeeperState) -> str:
    """Returns the tab's first line."""
    return f"{health_word(state)}: {health_sentence(state)}"


def server_mark(server: ZooKeeperServer) -> Mark:
    """Returns a server's state as a mark."""
    if server.role is not None:
        return Mark.OK
    return Mark.WARN if server.waits else Mark.UNKNOWN if server.undecided else Mark.BAD


def server_state(server: ZooKeeperServer) -> str:
    """Returns a server's state in words."""
    if server.role is not None:
        return f"serves as {server.role.value}"
    return server.error or "does not serve"


def _describe_brokers(state: ZooKeeperState, now_ms: int) -> str:
    if not state.brokers:
        return "No broker is registered."
    ids: Sequence[str] = [str(one.id) for one in state.brokers]
    times = [one.registered_at_ms for one in state.brokers if one.registered_at_ms is not None]
    youngest = f", the youngest session since {clock(max(times), now_ms)}" if times else ""
    return f"Registered: {'broker' if len(ids) == 1 else 'brokers'} {join_names(ids, 6)}{youngest}."


def session_age(registered_at_ms: int | None, now_ms: int) -> str:
    """Returns how long a broker's session has lasted: ZooKeeper's clock against ours, so never below 0."""
    return duration(None if registered_at_ms is None else max(0, now_ms - registered_at_ms))
