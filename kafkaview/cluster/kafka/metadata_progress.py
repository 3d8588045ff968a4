"""Whether brokers still learn of new metadata: then somebody leads the quorum, though they do not ask him yet.

The epoch of the features that ApiVersions tells is how far a KRaft broker has read the metadata log
(KRaftMetadataCache.java). The leader adds a record to it every 500 ms (metadata.max.idle.interval.ms), and brokers read
it once a majority holds it. Nobody needs a right to see so, nor a way to the controllers.
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
    """Compares how far brokers have read with how far they had when asked before."""

    def __init__(self, wire: BrokerRequests) -> None:
        self._wire = wire
        self._read: dict[int, int] = {}

    async def goes_on(self, brokers: Sequence[int]) -> bool:
        """Whether one of them has read on since the last time; of the first time it is not known, and False."""
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
