"""ZooKeeper's part in a cluster's coordination, read where its address is known, and twice where one reading cannot
decide.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from kafkaview.cluster.errors import ClusterError, UnsupportedByBroker
from kafkaview.cluster.ports.brokers import Setting
from kafkaview.cluster.ports.coordination import Coordination
from kafkaview.cluster.ports.zookeeper import ZooKeeperNode, ZooKeeperState
from kafkaview.cluster.zookeeper.ensemble import ZooKeeperClient
from kafkaview.cluster.zookeeper.four_letter_words import zookeeper_address
from kafkaview.cluster.zookeeper.login import ZooKeeperLogin
from kafkaview.cluster.zookeeper.migration import MigrationSnapshot, may_have_ended, with_zookeeper

LOOK_SECONDS: Final = 2.0  # the controller's idle log grows twice a second (metadata.max.idle.interval.ms)
_CONNECT: Final = "zookeeper.connect"


class ZooKeeperSide:
    """The ensemble of one open profile, by the profile's own address, else by a broker's `zookeeper.connect`."""

    def __init__(
        self,
        connect: str | None,
        login: Callable[[], ZooKeeperLogin],
        settings_of: Callable[[int], Awaitable[Sequence[Setting]]],
    ) -> None:
        self._connect = connect
        self._login = login
        self._settings_of = settings_of
        self._client: ZooKeeperClient | None = None
        self._look: MigrationSnapshot | None = None

    async def join(
        self, by_brokers: Coordination, cluster_id: str | None, again: Callable[[], Awaitable[Coordination]]
    ) -> Coordination:
        """Returns the brokers' answers combined with ZooKeeper's. `again` asks the brokers a second time."""
        joined = with_zookeeper(by_brokers, await self._state(by_brokers), cluster_id)
        first = self._look or _look(joined)
        if first is None or not may_have_ended(joined):
            self._look = None
            return joined
        left = first.at + LOOK_SECONDS - time.monotonic()
        if left > 0:
            await asyncio.sleep(left)
            by_brokers = await again()
            joined = with_zookeeper(by_brokers, await self._state(by_brokers), cluster_id)
        self._look = _look(joined)
        stands_still = None if self._look is None else first.stands_still(self._look)
        return with_zookeeper(by_brokers, joined.zookeeper, cluster_id, stands_still=stands_still)

    async def node(self, path: str) -> ZooKeeperNode:
        """Returns one of Kafka's nodes. Raises as ZooKeeperClient.node, and UnsupportedByBroker where no address is
        known.
        """
        if self._client is None and self._connect is not None:
            self._client = self._open_client(self._connect)
        if self._client is None:
            raise UnsupportedByBroker(
                "No ZooKeeper address is known.", "Name it in the connection (zookeeper.connect)."
            )
        return await self._client.node(path)

    async def close(self) -> None:
        """Ends its threads."""
        if self._client is not None:
            await self._client.close()

    async def _state(self, by_brokers: Coordination) -> ZooKeeperState | None:
        if self._client is None:
            connect = self._connect or await self._connect_string_of_a_broker(by_brokers.zookeeper_brokers)
            if connect is None:
                return None
            try:
                self._client = self._open_client(connect)
            except ClusterError as failure:
                return ZooKeeperState((), error=failure.message)
        return await self._client.state()

    async def _connect_string_of_a_broker(self, brokers: Sequence[int]) -> str | None:
        for broker in brokers:
            try:
                settings = await self._settings_of(broker)
            except ClusterError:
                continue
            return next((one.value for one in settings if one.name == _CONNECT and one.value), None)
        return None

    def _open_client(self, connect: str) -> ZooKeeperClient:
        return ZooKeeperClient(zookeeper_address(connect), self._login)


def _look(coordination: Coordination) -> MigrationSnapshot | None:
    record = None if coordination.zookeeper is None else coordination.zookeeper.migration
    if record is None or coordination.quorum is None or coordination.quorum.high_watermark is None:
        return None
    return MigrationSnapshot(time.monotonic(), coordination.quorum.high_watermark, record.kraft_metadata_offset)
