"""The hint for a KRaft controller at an address where a broker is expected: where its brokers are (KIP-919)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from kafka.protocol.admin import DescribeClusterRequest, DescribeConfigsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.kafka.quorum_answer import quorum_request
from kafkaview.words import join_names

_CONTROLLERS: Final = 2  # EndpointType of DescribeCluster
_BROKER: Final = 4  # ConfigResource.Type
_ADVERTISED, _LISTENERS, _OF_CONTROLLERS = "advertised.listeners", "listeners", "controller.listener.names"

Send = Callable[[Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class BrokersBehind:
    """The brokers that a controller names: their ids, and the addresses of a broker in its own process."""

    ids: tuple[int, ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """Returns the brokers as a sentence; empty where there are none."""
        if not self.ids:
            return ""
        names = join_names([str(broker) for broker in self.ids])
        return f" Broker {names} follows it." if len(self.ids) == 1 else f" Brokers {names} follow it."

    @property
    def hint(self) -> str:
        """Returns what the user can do."""
        return f"Give the address of a broker{': ' if self.addresses else ''}{', '.join(self.addresses)}."


async def ask_for_brokers(send: Send) -> BrokersBehind:
    """Returns the brokers that a controller names. A controller refuses to list brokers (MISMATCHED_ENDPOINT_TYPE), but
    its quorum has them as observers, and its own settings have the listeners where it is a broker too.
    """
    cluster = await send(DescribeClusterRequest(endpoint_type=_CONTROLLERS, min_version=1))
    controllers = [row.broker_id for row in cluster.brokers]
    quorum = await send(quorum_request())
    observers = [row.replica_id for topic in quorum.topics for part in topic.partitions for row in part.observers or ()]
    ids = tuple(sorted(set(observers) - set(controllers)))
    return BrokersBehind(ids, tuple(_addresses_in(await send(_settings_request(controllers)))))


def _settings_request(controllers: Collection[int]) -> Any:
    """Returns the request for the controllers' settings. Each controller answers only for itself."""
    names = [_ADVERTISED, _LISTENERS, _OF_CONTROLLERS]
    resources = [DescribeConfigsRequest.DescribeConfigsResource(_BROKER, str(one), names) for one in controllers]
    return DescribeConfigsRequest(resources=resources, include_synonyms=False, include_documentation=False)


def _addresses_in(answer: Any) -> Iterator[str]:
    from kafkaview.cluster.kafka.certificates import endpoints_of  # heavy, and only for this

    for result in answer.results:
        values = {row.name: row.value for row in result.configs or ()}
        own = {name.strip() for name in (values.get(_OF_CONTROLLERS) or "").split(",")}
        for one in endpoints_of(values.get(_ADVERTISED) or values.get(_LISTENERS) or ""):
            if one.listener not in own:
                yield f"{one.host}:{one.port} ({one.listener})"
