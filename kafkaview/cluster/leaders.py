"""Why the leader of a partition does not answer: there is none, or its broker is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kafkaview.cluster.errors import ClusterError, Unreachable, attempt
from kafkaview.terms import Partition, TopicPartition
from kafkaview.words import join_names

if TYPE_CHECKING:
    from kafkaview.cluster.ports.cluster import Cluster


def leaderless(partition: Partition) -> Unreachable:
    """Returns the error of a partition without a leader: which brokers hold it, and which of them has to come back."""
    held, in_sync = partition.replicas, partition.isr
    holders = f"its only replica is on {_brokers(held)}" if len(held) == 1 else f"its replicas are on {_brokers(held)}"
    if 0 < len(in_sync) < len(held):
        holders += f", and only {_brokers(in_sync)} {'has' if len(in_sync) == 1 else 'have'} all its records"
    able = in_sync or held
    start = f"Start {_brokers(able)}" if len(able) == 1 else f"Start those of {_brokers(able)} that are down"
    return Unreachable(
        f"{partition.topic_partition} has no leader: {holders}",
        f"{start}: until then nobody can read or write it.",
    )


async def find_silence(cluster: Cluster, partition: TopicPartition) -> ClusterError:
    """Returns why the leader of a partition did not answer, as the metadata has it."""
    table = await attempt(cluster.partition_table)
    if isinstance(table, ClusterError):
        return table
    known = table.one(partition)
    if known is None:
        return Unreachable(f"The leader of {partition} does not answer")
    if known.leader is None:
        return leaderless(known)
    where = f"broker {known.leader}"
    return Unreachable(f"The leader of {partition}, {where}, does not answer", f"Check whether {where} runs.")


def _brokers(ids: tuple[int, ...]) -> str:
    return f"{'broker' if len(ids) == 1 else 'brokers'} {join_names([str(one) for one in ids], len(ids))}"
