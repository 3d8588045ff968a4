"""Whether a partition takes a write that all its replicas in sync have to have (acks=all)."""

from __future__ import annotations

from typing import Final

from kafkaview.cluster.errors import ClusterError, RefusedByPolicy
from kafkaview.cluster.leaders import leaderless
from kafkaview.terms import Partition
from kafkaview.words import plural

MIN_IN_SYNC: Final = "min.insync.replicas"


def write_refusal(partition: Partition, least: int | None) -> ClusterError | None:
    """Returns why the partition's leader would refuse a write, None where it takes one. `least` is the topic's
    `min.insync.replicas`, if known; a partition with fewer replicas needs only those it has, as on the broker.
    """
    where = partition.topic_partition
    if partition.leader is None:
        return leaderless(partition)
    if least is None or len(partition.isr) >= min(least, len(partition.replicas)):
        return None
    in_sync = plural(len(partition.isr), "replica is", "replicas are")
    return RefusedByPolicy(
        f"{where} takes no record now: {in_sync} in sync, and it needs {least} ({MIN_IN_SYNC})",
        "Wait until the brokers that hold it run again and have caught up.",
    )
