"""The addresses of the controllers, for when no quorum leader reports them.

Since Kafka 3.7 controllers answer clients (KIP-919), if the network allows it and the listener takes the same login.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from kafka.protocol.admin import DescribeClusterRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import rows_of, text_of
from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.kafka.configurations import of_broker
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.coordination import QuorumReplica, ReplicaHealth

STATIC: Final = "controller.quorum.voters"
BOOTSTRAP: Final = "controller.quorum.bootstrap.servers"
_CONTROLLERS: Final = 2  # EndpointType of DescribeCluster
_SECONDS: Final = 1.2
_DOING: Final = "asking for the controllers"


async def controllers_by_settings(wire: BrokerRequests, brokers: Sequence[int]) -> tuple[QuorumReplica, ...]:
    """Returns the voters by the brokers' settings, without lag or epoch; for a dynamic quorum every registered
    controller. Empty where the settings may not be read, or no controller of a dynamic quorum answers.
    """
    for broker in brokers:
        try:
            values = {one.name: one.value for one in await of_broker(wire, broker)}
        except ClusterError:
            continue
        if static := values.get(STATIC):
            return tuple(_static(static))
        return await list_controllers(wire, (values.get(BOOTSTRAP) or "").split(","))
    return ()


async def list_controllers(wire: BrokerRequests, addresses: Iterable[str]) -> tuple[QuorumReplica, ...]:
    """Returns every registered controller, from the first address that answers."""
    request = DescribeClusterRequest(endpoint_type=_CONTROLLERS, min_version=1)
    asked = [wire.send_aside(request, address.strip(), _DOING, _SECONDS) for address in addresses if address.strip()]
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(answer, BaseException):
            if not isinstance(answer, ClusterError):
                raise answer
        elif not answer.error_code:
            return tuple(map(_replica_of, sorted(rows_of(answer.brokers), key=lambda row: int(row.broker_id))))
    return ()


def _static(setting: str) -> Iterable[QuorumReplica]:
    """Parses `ID@HOST:PORT,...`; a part that is not a voter, as after a trailing comma, is skipped."""
    for voter in setting.split(","):
        number, _, address = voter.strip().partition("@")
        with suppress(ValueError):
            yield _replica_without_health(int(number), address)


def _replica_of(row: Any) -> QuorumReplica:
    host = text_of(row.host)
    host = f"[{host}]" if ":" in host else host
    return _replica_without_health(row.broker_id, f"{host}:{row.port}")


def _replica_without_health(number: int, address: str) -> QuorumReplica:
    return QuorumReplica(number, None, (address,), None, None, None, None, ReplicaHealth.UNKNOWN)
