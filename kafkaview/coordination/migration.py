"""A move from ZooKeeper to KRaft in words (KIP-866): how far it has come, what each side says, and the next step.

The steps are those of Kafka's own procedure ("ZooKeeper to KRaft migration" in its 3.9 operations manual).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.zookeeper import MigrationPhase, ZooKeeperState

_CONTROLLERS: Final = (
    "Start the KRaft controllers, formatted with this cluster's id, with zookeeper.metadata.migration.enable=true and "
    "zookeeper.connect beside their own settings. Before it every broker runs Kafka 3.9 with "
    "inter.broker.protocol.version=3.9."
)
_BROKERS: Final = (
    "Restart each broker, one after the other, with zookeeper.metadata.migration.enable=true, "
    "controller.quorum.voters, controller.listener.names and that listener in listener.security.protocol.map; "
    "zookeeper.connect stays. When the last is back, the KRaft controller takes over."
)
_TO_KRAFT: Final = (
    "Restart {brokers} in KRaft: process.roles=broker, node.id in place of broker.id, controller.quorum.voters and "
    "controller.listener.names stay; every zookeeper.* setting and inter.broker.protocol.version go. "
    "An AclAuthorizer becomes org.apache.kafka.metadata.authorizer.StandardAuthorizer."
)
_FINALIZE: Final = (
    "When you are sure: restart each KRaft controller without zookeeper.metadata.migration.enable and "
    "zookeeper.connect. After that there is no way back to ZooKeeper."
)
_DONE: Final = (
    "See that every KRaft controller runs without zookeeper.metadata.migration.enable. Then take zookeeper.connect out "
    "of this connection, and end ZooKeeper where nothing else uses it."
)
_NAMES: Final = {
    MigrationPhase.NONE: "No move to KRaft",
    MigrationPhase.CONTROLLER_READY: "Controller ready",
    MigrationPhase.DUAL_WRITE: "Dual write",
    MigrationPhase.BROKERS_MOVING: "Brokers moving",
    MigrationPhase.BROKERS_MOVED: "Brokers moved",
    MigrationPhase.FINALIZED: "Finalized",
}
_MEANINGS: Final = {
    MigrationPhase.NONE: "ZooKeeper elects the controller and keeps all metadata.",
    MigrationPhase.CONTROLLER_READY: "The KRaft controllers run and wait for the brokers; ZooKeeper still rules alone.",
    MigrationPhase.DUAL_WRITE: "The KRaft controller rules, and writes every change to ZooKeeper too.",
    MigrationPhase.BROKERS_MOVING: "The KRaft controller rules; some brokers run in KRaft, the others on ZooKeeper.",
    MigrationPhase.BROKERS_MOVED: "All brokers run in KRaft; changes still go to ZooKeeper, so the way back is open.",
    MigrationPhase.FINALIZED: "The KRaft controllers alone hold the metadata; what stands in ZooKeeper is stale.",
}


@dataclass(frozen=True, slots=True)
class MigrationSight:
    """A migration as the page and the command line show it. `moved` and `left` are brokers by id; `sides` is who says
    what; `next_step` is None if there is none or the phase is unknown.
    """

    phase: MigrationPhase | None
    name: str
    meaning: str
    sides: tuple[tuple[str, str], ...]
    moved: tuple[int, ...]
    left: tuple[int, ...]
    next_step: str | None


def migration_sight(coordination: Coordination) -> MigrationSight | None:
    """Returns how far the migration has come; None for a cluster that never had ZooKeeper."""
    if coordination.zookeeper is None and not coordination.zookeeper_brokers:
        return None
    phase, left = coordination.migration, _brokers_left(coordination)
    return MigrationSight(
        phase,
        "ZooKeeper, or migrating" if phase is None else _NAMES[phase],
        "Only ZooKeeper's own nodes tell whether a KRaft controller rules." if phase is None else _MEANINGS[phase],
        tuple(_sides(coordination)),
        coordination.kraft_brokers,
        left,
        None if phase is None else _next_step(phase, left),
    )


def _brokers_left(coordination: Coordination) -> tuple[int, ...]:
    """Returns the brokers still on ZooKeeper: as they answer, or as they are registered there."""
    registered = () if coordination.zookeeper is None else tuple(broker.id for broker in coordination.zookeeper.brokers)
    return tuple(sorted({*coordination.zookeeper_brokers, *registered} - set(coordination.kraft_brokers)))


def _next_step(phase: MigrationPhase, left: Sequence[int]) -> str | None:
    match phase:
        case MigrationPhase.NONE:
            return _CONTROLLERS if left else None
        case MigrationPhase.CONTROLLER_READY:
            return _BROKERS
        case MigrationPhase.DUAL_WRITE:
            return _TO_KRAFT.format(brokers="the brokers, one after the other,")
        case MigrationPhase.BROKERS_MOVING:
            return _TO_KRAFT.format(brokers=f"{_brokers(left)} too" if left else "the brokers that are left")
        case MigrationPhase.BROKERS_MOVED:
            return _FINALIZE
        case MigrationPhase.FINALIZED:
            return _DONE


def _sides(coordination: Coordination) -> list[tuple[str, str]]:
    said = []
    if coordination.kraft_brokers:
        said.append(
            (
                _brokers(coordination.kraft_brokers),
                "run in KRaft" if len(coordination.kraft_brokers) > 1 else "runs in KRaft",
            )
        )
    if coordination.zookeeper_brokers:
        many = len(coordination.zookeeper_brokers) > 1
        said.append(
            (
                _brokers(coordination.zookeeper_brokers),
                "take ZooKeeper's requests" if many else "takes ZooKeeper's requests",
            )
        )
    if coordination.quorum is not None and coordination.quorum.leader_id is not None:
        said.append(("The quorum", f"is led by {coordination.quorum.leader_id}"))
    return said + ([] if coordination.zookeeper is None else _nodes(coordination.zookeeper))


def _nodes(state: ZooKeeperState) -> list[tuple[str, str]]:
    if state.error is not None:
        return [("ZooKeeper", state.error)]
    return [
        ("/controller", _controller(state)),
        ("/migration", _record(state)),
        ("/brokers/ids", _registrations(state)),
    ]


def _controller(state: ZooKeeperState) -> str:
    if state.controller_id is None:
        return "nobody holds it"
    if state.kraft_controller_epoch is None:
        return f"held by broker {state.controller_id}, for as long as its session lasts"
    return f"held by KRaft controller {state.controller_id} in its epoch {state.kraft_controller_epoch}"


def _record(state: ZooKeeperState) -> str:
    if state.migration is None:
        return "is not there: no KRaft controller has asked for a move"
    if state.migration.kraft_controller_id < 0:
        return "names no controller yet"
    return (
        f"controller {state.migration.kraft_controller_id} has written the metadata log "
        f"up to offset {state.migration.kraft_metadata_offset}"
    )


def _registrations(state: ZooKeeperState) -> str:
    return ", ".join(str(broker.id) for broker in state.brokers) or "is empty: no broker is registered in ZooKeeper"


def _brokers(ids: Sequence[int]) -> str:
    return f"broker {ids[0]}" if len(ids) == 1 else f"brokers {', '.join(map(str, ids))}"
