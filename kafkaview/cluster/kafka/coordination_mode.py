"""KRaft or ZooKeeper, judged by the requests that the brokers accept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kafkaview.cluster.damage import rows_of
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.coordination import CoordinationMode

# API keys: only KRaft takes DescribeQuorum, only a ZooKeeper broker LeaderAndIsr, and no controller Metadata.
METADATA: Final = 3
DESCRIBE_QUORUM: Final = 55
LEADER_AND_ISR: Final = 4


@dataclass(frozen=True, slots=True)
class Sides:
    """The brokers that run in KRaft, and those on ZooKeeper; a silent broker is in neither."""

    kraft: tuple[int, ...]
    zookeeper: tuple[int, ...]


def sides_of(answers: Mapping[int, Any]) -> Sides:
    """Returns which brokers run in KRaft and which on ZooKeeper, from each broker's ApiVersions or error."""
    taken = {
        broker: {row.api_key for row in rows_of(answer.api_keys)}
        for broker, answer in sorted(answers.items())
        if not isinstance(answer, ClusterError)
    }
    return Sides(
        tuple(broker for broker, keys in taken.items() if DESCRIBE_QUORUM in keys),
        tuple(b for b, keys in taken.items() if LEADER_AND_ISR in keys and DESCRIBE_QUORUM not in keys),
    )


def is_controller(keys: Collection[int]) -> bool:
    """Returns whether these API keys are those of a KRaft controller, which serves no consumers or producers."""
    return DESCRIBE_QUORUM in keys and METADATA not in keys


def mode_of(answers: Mapping[int, Any]) -> tuple[CoordinationMode, tuple[str, ...]]:
    """Returns the mode and the evidence for it, from each broker's ApiVersions or error."""
    sides = sides_of(answers)
    evidence = []
    if sides.kraft:
        evidence.append(f"{_brokers(sides.kraft)} DescribeQuorum (55), as KRaft brokers do.")
    if sides.zookeeper:
        words = "LeaderAndIsr (4) and no DescribeQuorum (55), as ZooKeeper brokers do."
        evidence.append(f"{_brokers(sides.zookeeper)} {words}")
    evidence += [answer.message + "." for answer in answers.values() if isinstance(answer, ClusterError)]
    if sides.kraft and sides.zookeeper:
        return CoordinationMode.MIGRATING, tuple(evidence)
    return (
        CoordinationMode.KRAFT
        if sides.kraft
        else CoordinationMode.ZOOKEEPER
        if sides.zookeeper
        else CoordinationMode.UNKNOWN,
        tuple(evidence),
    )


def _brokers(ids: Sequence[int]) -> str:
    return f"Broker {ids[0]} takes" if len(ids) == 1 else f"Brokers {', '.join(map(str, ids))} take"
