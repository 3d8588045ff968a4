"""Whether brokers still read new metadata: if so the quorum has a leader, even while none can be found.

A KRaft broker's ApiVersions gives as features epoch how far it has read the metadata log (KRaftMetadataCache.java). The
leader adds a record every 500 ms (metadata.max.idle.interval.ms), and brokers read it once a majority holds it. This
needs neither a right nor a connection to the controllers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from kafka.protocol.metadata import ApiVersionsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.requests import BrokerRequests

_SECONDS: Final = 0.6  # a broker answers it by itself


class MetadataProgress:
    """The last known position of each broker in the metadata log."""

    def __init__(self, wire: BrokerRequests) -> None:
        self._wire = wire
        self._read: dict[int, int] = {}

    async def goes_on(self, brokers: Sequence[int]) -> bool:
        """Returns whether a broker has read on since the last call; the first call returns False."""
        epochs = await asyncio.gather(*(self._ask_broker(broker) for broker in brokers))
        now = {broker: epoch for broker, epoch in zip(brokers, epochs, strict=True) if epoch is not None}
        before, self._read = self._read, now
        return any(broker in before and epoch > before[broker] for broker, epoch in now.items())

    async def _ask_broker(self, broker: int) -> int | None:
        request = ApiVersionsRequest(client_software_name="kafkaview", client_software_version="0", min_version=3)
        try:
            answer: Any = await self._wire.send(request, broker, "asking how far it has read", _SECONDS)
        except ClusterError:
            return None
        epoch = answer.finalized_features_epoch
        return None if epoch is None or epoch < 0 else int(epoch)
