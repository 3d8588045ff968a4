"""The phase of a migration from ZooKeeper to KRaft (KIP-866), judged by the brokers' answers and ZooKeeper's together.

By Kafka's protocol alone dual write looks like plain ZooKeeper; only `/controller` and `/migration` show it. A
finalized migration leaves both nodes unchanged; only the end of writes to `/migration` shows that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kafkaview.cluster.ports.coordination import Coordination, CoordinationMode
from kafkaview.cluster.ports.zookeeper import MigrationPhase, MigrationRecord, ZooKeeperState


@dataclass(frozen=True, slots=True)
class MigrationSnapshot:
    """The end of the metadata log, and how far ZooKeeper has it, at a moment (monotonic seconds)."""

    at: float
    high_watermark: int
    written: int

    def stands_still(self, later: MigrationSnapshot) -> bool | None:
        """Returns whether ZooKeeper is no longer written to; None where the log itself did not grow."""
        if later.written != self.written:
            return False
        return True if later.high_watermark > self.high_watermark else None


def with_zookeeper(
    coordination: Coordination,
    state: ZooKeeperState | None,
    cluster_id: str | None,
    *,
    stands_still: bool | None = None,
) -> Coordination:
    """Returns the coordination, judged again with ZooKeeper's state; `stands_still` is the result of two readings."""
    joined = replace(coordination, zookeeper=state)
    if coordination.mode is CoordinationMode.UNKNOWN:
        return joined
    unread = _unread(state, cluster_id)
    if unread is not None or state is None:
        return _by_brokers(joined, unread or "")
    if state.migration is None:
        return _without_migration(joined, state)
    if state.migration.kraft_controller_id < 0 and state.kraft_controller_epoch is None:
        return _controller_waits(joined, state)
    if state.kraft_controller_epoch is None and state.controller_is_ephemeral:
        words = (
            "/migration names a KRaft controller, yet a ZooKeeper broker holds /controller: the move was taken back."
        )
        return _without_migration(_with_evidence(joined, words), state)
    return _after_takeover(joined, state, stands_still=stands_still)


def may_have_ended(coordination: Coordination) -> bool:
    """Returns whether every broker runs in KRaft under a controller that has not claimed ZooKeeper. A migrating
    controller claims it first (KRaftMigrationDriver, 3.9), but may then copy for minutes before it writes the next
    offset, so two readings decide.
    """
    state = coordination.zookeeper
    if state is None or state.migration is None or state.migration.kraft_controller_id < 0:
        return False
    ruling = None if coordination.quorum is None else coordination.quorum.leader_epoch
    claimed = state.kraft_controller_epoch
    return not _any_on_zookeeper(coordination, state) and (ruling is None or claimed is None or ruling > claimed)


def _unread(state: ZooKeeperState | None, cluster_id: str | None) -> str | None:
    """Returns why ZooKeeper says nothing about this cluster: an empty text where no address is known, None where it
    does say.
    """
    if state is None:
        return ""
    if state.error is not None:
        return state.error
    if state.cluster_id is None and state.controller_id is None:
        return "That ZooKeeper holds no Kafka: its chroot may be another."
    if None not in (state.cluster_id, cluster_id) and state.cluster_id != cluster_id:
        return f"That ZooKeeper is another cluster's: its /cluster/id is {state.cluster_id}, the brokers' {cluster_id}."
    return None


def _by_brokers(coordination: Coordination, unread: str) -> Coordination:
    if coordination.mode is CoordinationMode.MIGRATING:
        return replace(coordination, migration=MigrationPhase.BROKERS_MOVING)
    if coordination.mode is CoordinationMode.ZOOKEEPER:
        lacks = "Kafka's nodes there" if unread else "zookeeper.connect"
        words = f"{unread} ZooKeeper, or migrating: whether this is dual write is unknown without {lacks}."
        return _with_evidence(coordination, words.strip())
    return _with_evidence(coordination, f"{unread} Whether a move is finalized is unknown.") if unread else coordination


def _without_migration(coordination: Coordination, state: ZooKeeperState) -> Coordination:
    if coordination.mode is CoordinationMode.MIGRATING:
        return replace(coordination, migration=MigrationPhase.BROKERS_MOVING)
    if coordination.mode is CoordinationMode.KRAFT:
        return replace(coordination, migration=MigrationPhase.NONE)
    words = f"/controller is held by broker {state.controller_id}, and there is no move to KRaft."
    known = coordination if state.controller_id is None else _with_evidence(coordination, words)
    return _on_zookeeper(known, state, MigrationPhase.NONE)


def _controller_waits(coordination: Coordination, state: ZooKeeperState) -> Coordination:
    if coordination.mode is not CoordinationMode.ZOOKEEPER:
        return _without_migration(coordination, state)
    words = "/migration is there and names no controller: a KRaft controller waits for the brokers."
    return _on_zookeeper(_with_evidence(coordination, words), state, MigrationPhase.CONTROLLER_READY)


def _on_zookeeper(coordination: Coordination, state: ZooKeeperState, phase: MigrationPhase) -> Coordination:
    return replace(
        coordination,
        controller_id=coordination.controller_id if state.controller_id is None else state.controller_id,
        controller_epoch=state.controller_epoch,
        migration=phase,
    )


def _after_takeover(coordination: Coordination, state: ZooKeeperState, *, stands_still: bool | None) -> Coordination:
    """Returns the phase after a KRaft controller has taken over: dual write, or a migration that has ended."""
    record = state.migration
    assert record is not None
    if stands_still and may_have_ended(coordination):
        words = (
            "The quorum's leader has not claimed /controller, and /migration stays at offset "
            f"{record.kraft_metadata_offset} while the quorum's log grows: finalized."
        )
        return replace(
            _with_evidence(coordination, words), mode=CoordinationMode.KRAFT, migration=MigrationPhase.FINALIZED
        )
    words = f"/controller is held by KRaft controller {state.controller_id}, which {_progress_words(record)}."
    if stands_still is None and may_have_ended(coordination):
        words += " Whether it still does is unknown."
    known = coordination.quorum is not None
    return replace(
        _with_evidence(coordination, words),
        mode=CoordinationMode.MIGRATING,
        controller_id=coordination.controller_id if known else state.controller_id,
        controller_epoch=coordination.controller_epoch if known else state.kraft_controller_epoch,
        migration=_phase(coordination, state),
    )


def _progress_words(record: MigrationRecord) -> str:
    if record.kraft_controller_id < 0:
        return "copies ZooKeeper's metadata for the first time"
    return f"has written the log up to offset {record.kraft_metadata_offset} to ZooKeeper"


def _phase(coordination: Coordination, state: ZooKeeperState) -> MigrationPhase:
    if not coordination.kraft_brokers:
        return MigrationPhase.DUAL_WRITE
    return MigrationPhase.BROKERS_MOVING if _any_on_zookeeper(coordination, state) else MigrationPhase.BROKERS_MOVED


def _any_on_zookeeper(coordination: Coordination, state: ZooKeeperState) -> bool:
    """Returns whether a broker still runs on ZooKeeper, or is registered there; its session ends seconds after it."""
    registered = {broker.id for broker in state.brokers} - set(coordination.kraft_brokers)
    return bool(coordination.zookeeper_brokers or registered) or not coordination.kraft_brokers


def _with_evidence(coordination: Coordination, sentence: str) -> Coordination:
    return replace(coordination, evidence=(*coordination.evidence, sentence))
