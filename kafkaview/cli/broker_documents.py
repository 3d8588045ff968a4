"""Brokers as JSON, for `coordination` and `brokers`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.brokers import LogDirectory, Machine
from kafkaview.cluster.ports.cluster import Cluster

Directories = Mapping[int, tuple[LogDirectory, ...] | ClusterError]


async def broker_rows(cluster: Cluster) -> dict[str, Any]:
    """`brokers` with what the machines tell of themselves; nothing at all where they cannot be asked."""
    try:
        return {"brokers": await broker_documents(cluster)}
    except ClusterError:
        return {}


async def broker_documents(cluster: Cluster) -> list[dict[str, Any]]:
    """Every broker with its log directories, or with what kept them from being told."""
    machines, directories = await asyncio.gather(cluster.machines.machines(), cluster.machines.log_directories())
    return [broker_document(machine, directories.get(machine.id)) for machine in machines]


def broker_document(machine: Machine, told: tuple[LogDirectory, ...] | ClusterError | None) -> dict[str, Any]:
    """One broker; `log_dirs` is null where it did not tell them, and `log_dirs_error` says why."""
    error = told if isinstance(told, ClusterError) else None
    return {
        "id": machine.id,
        "host": machine.host,
        "port": machine.port,
        "rack": machine.rack,
        "fenced": machine.fenced,
        "log_dirs": None if told is None or isinstance(told, ClusterError) else [_directory(one) for one in told],
        "log_dirs_error": None if error is None else error_document(error),
    }


def error_document(error: ClusterError) -> dict[str, str]:
    """An error in the contract's shape."""
    return {"kind": error.kind, "message": error.message, "hint": error.hint}


def _directory(one: LogDirectory) -> dict[str, Any]:
    return {
        "path": one.path,
        "total_bytes": one.total_bytes,
        "free_bytes": one.free_bytes,
        "replicas": len(one.replicas),
        "replicas_bytes": one.replicas_bytes,
        "error": one.error,
    }
