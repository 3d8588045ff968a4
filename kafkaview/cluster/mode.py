"""What a cluster is coordinated by, as told by what its brokers take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kafkaview.cluster.coordination import Mode
from kafkaview.cluster.errors import ClusterError

# API keys: only a KRaft broker takes DescribeQuorum, only a ZooKeeper broker LeaderAndIsr.
DESCRIBE_QUORUM: Final = 55
LEADER_AND_ISR: Final = 4


def mode_of(answers: Mapping[int, Any]) -> tuple[Mode, tuple[str, ...]]:
    """The mode and what it was seen by, from each broker's ApiVersions or error."""
    taken = {
        broker: {row.api_key for row in answer.api_keys}
        for broker, answer in answers.items()
        if not isinstance(answer, ClusterError)
    }
    kraft = sorted(broker for broker, keys in taken.items() if DESCRIBE_QUORUM in keys)
    zookeeper = sorted(b for b, keys in taken.items() if LEADER_AND_ISR in keys and DESCRIBE_QUORUM not in keys)
    evidence = []
    if kraft:
        evidence.append(f"{_brokers(kraft)} DescribeQuorum (55), as KRaft brokers do.")
    if zookeeper:
        evidence.append(f"{_brokers(zookeeper)} LeaderAndIsr (4) and no DescribeQuorum (55), as ZooKeeper brokers do.")
    evidence += [answer.message + "." for answer in answers.values() if isinstance(answer, ClusterError)]
    if kraft and zookeeper:
        return Mode.MIGRATING, tuple(evidence)
    return Mode.KRAFT if kraft else Mode.ZOOKEEPER if zookeeper else Mode.UNKNOWN, tuple(evidence)


def _brokers(ids: Sequence[int]) -> str:
    return f"Broker {ids[0]} takes" if len(ids) == 1 else f"Brokers {', '.join(map(str, ids))} take"
