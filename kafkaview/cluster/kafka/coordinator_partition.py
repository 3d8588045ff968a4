"""The partitions in which coordinators keep what they store."""

from __future__ import annotations


def coordinator_partition(key: str, partitions: int) -> int:
    """Returns the partition of `__consumer_offsets` that keeps a group, or of `__transaction_state` that keeps a
    transactional id: Java's hash of the text (`Utils.abs(key.hashCode) % partitions` in Kafka's
    GroupCoordinatorService.partitionFor and TransactionStateManager.partitionFor).
    """
    units = key.encode("utf-16-be", "surrogatepass")
    value = 0
    for place in range(0, len(units), 2):
        value = (31 * value + int.from_bytes(units[place : place + 2])) & 0xFFFFFFFF
    signed = value - (1 << 32) if value >> 31 else value
    return 0 if signed == -(1 << 31) else abs(signed) % partitions
