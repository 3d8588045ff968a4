"""The port over brokers, implemented with kafka-python's requests."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, Final

from kafka.protocol.admin import DescribeClusterRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import listing, text_of
from kafkaview.cluster.errors import ClusterError, UnsupportedByBroker
from kafkaview.cluster.kafka import configurations, leadership
from kafkaview.cluster.kafka.log_directories import log_directories
from kafkaview.cluster.kafka.refusals import DESCRIBE, check
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.brokers import BrokerDescription, LogDirectory, Reassignment, Setting
from kafkaview.terms import TopicPartition

_CONNECT_S: Final = 2.0
_TELLS_FENCED: Final = 2  # version of DescribeCluster (KIP-1073, Kafka 4.0)


class KafkaBrokers:
    """The brokers of one open connection, asked over the connections of its owner."""

    def __init__(self, wire: BrokerRequests) -> None:
        self._wire = wire

    async def describe(self) -> tuple[BrokerDescription, ...]:
        """Sends DescribeCluster to any broker, or Metadata before Kafka 2.8; neither needs a right."""
        doing = "describing the brokers"
        request = DescribeClusterRequest(include_fenced_brokers=True, min_version=0)
        try:
            answer = await self._wire.send_any(request, doing)
        except UnsupportedByBroker:
            known = (await self._wire.info(fresh=True)).brokers
            return tuple(BrokerDescription(one.id, one.host, one.port, one.rack, None) for one in known)
        check(answer.error_code, doing, DESCRIBE, answer.error_message)
        tells = answer.API_VERSION >= _TELLS_FENCED
        rows = sorted(listing(answer.brokers, doing), key=lambda row: int(row.broker_id))
        return tuple(_broker(row, tells=tells) for row in rows)

    async def is_down(self, broker: BrokerDescription) -> bool:
        """Connects to its port at every address, and sends nothing."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_S):
                addresses = await loop.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)
                for *_kind, address in addresses:
                    with suppress(ConnectionRefusedError):
                        _reader, writer = await asyncio.open_connection(str(address[0]), int(address[1]))
                        writer.close()
                        return False
        except (OSError, TimeoutError):  # there may be a way to it that is not open now
            return False
        return True

    async def log_directories(self) -> Mapping[int, tuple[LogDirectory, ...] | ClusterError]:
        """Asks each broker for its own log directories."""
        return await log_directories(self._wire)

    async def broker_settings(self, broker: int) -> tuple[Setting, ...]:
        """Returns the configuration of one broker."""
        return await configurations.of_broker(self._wire, broker)

    async def topic_settings(self, topic: str) -> tuple[Setting, ...]:
        """Returns the configuration of one topic."""
        return await configurations.of_topic(self._wire, topic)

    async def setting_of_topics(self, name: str, topics: Collection[str]) -> Mapping[str, str]:
        """Returns one setting of many topics."""
        return await configurations.of_topics(self._wire, name, topics)

    async def reassignments(self) -> tuple[Reassignment, ...]:
        """Returns the reassignments that the controller carries out."""
        return await leadership.reassignments(self._wire)

    async def elect_preferred(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, str | None]:
        """Requests a preferred leader election from the controller."""
        return await leadership.elect_preferred(self._wire, partitions)

    async def cancel_reassignments(self, partitions: Collection[TopicPartition]) -> None:
        """Returns the partitions to their earlier replicas."""
        await leadership.cancel_reassignments(self._wire, partitions)


def _broker(row: Any, *, tells: bool) -> BrokerDescription:
    return BrokerDescription(
        row.broker_id, text_of(row.host), row.port, row.rack or None, row.is_fenced if tells else None
    )
