"""ZooKeeper's part of `kafkaview coordination`."""

from __future__ import annotations

from typing import Any

from kafkaview.cli.output import Output
from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.zookeeper import MigrationRecord, ZooKeeperState
from kafkaview.coordination.listed_columns import REGISTRATION_FIELDS, SERVER_FIELDS
from kafkaview.coordination.migration import MigrationSight, migration_sight
from kafkaview.fields import row_documents

_NOTHING = ZooKeeperState(())


def zookeeper_document(coordination: Coordination) -> dict[str, Any] | None:
    """Returns the JSON; null for a cluster without ZooKeeper. `health` and `error` are of the whole ensemble."""
    sight = migration_sight(coordination)
    if sight is None:
        return None
    state = coordination.zookeeper or _NOTHING
    return {
        "ensemble": row_documents(SERVER_FIELDS, state.ensemble),
        "health": state.health.value,
        "error": state.error,
        "cluster_id": state.cluster_id,
        "controller_id": state.controller_id,
        "controller_epoch": state.controller_epoch,
        "controller_is_ephemeral": state.controller_is_ephemeral,
        "kraft_controller_epoch": state.kraft_controller_epoch,
        "brokers": row_documents(REGISTRATION_FIELDS, state.brokers),
        "migration": _migration_document(sight, state.migration),
    }


def say_zookeeper(coordination: Coordination, output: Output) -> None:
    """Prints the same in words."""
    sight = migration_sight(coordination)
    if sight is None:
        return
    if coordination.zookeeper is not None:
        output.say(f"ZooKeeper {coordination.zookeeper.health.value}")
        output.listing("ensemble", SERVER_FIELDS, coordination.zookeeper.ensemble)
    output.say(f"{sight.name}. {sight.meaning}")
    for side, says in sight.sides:
        output.say(f"  {side}: {says}")
    if sight.next_step is not None:
        output.say(f"Next: {sight.next_step}")


def _migration_document(sight: MigrationSight, record: MigrationRecord | None) -> dict[str, Any]:
    """Returns the JSON of a migration. An unknown `phase` is null, and so is the record's -1, "none yet"."""
    numbers = (
        (None,) * 4
        if record is None
        else (
            record.kraft_controller_id,
            record.kraft_controller_epoch,
            record.kraft_metadata_offset,
            record.kraft_metadata_epoch,
        )
    )
    names = ("kraft_controller_id", "kraft_controller_epoch", "kraft_metadata_offset", "kraft_metadata_epoch")
    fields = {
        name: None if number is None or number < 0 else number for name, number in zip(names, numbers, strict=True)
    }
    return {
        "phase": None if sight.phase is None else sight.phase.value,
        **fields,
        "moved": list(sight.moved),
        "left": list(sight.left),
        "next_step": sight.next_step,
    }
