"""Some settings of a broker by their names, for what they say about rights and listeners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from kafka.protocol.admin import DescribeConfigsRequest  # type: ignore[import-untyped]

from kafkaview.cluster.refusals import DESCRIBE_CONFIGS, check
from kafkaview.cluster.wire import Wire

_BROKER: Final = 4  # ConfigResource.Type of Kafka 4.4.0


async def broker_values(wire: Wire, broker: int, names: Sequence[str]) -> Mapping[str, str | None]:
    """The values of these settings as the broker itself tells them. None is one that it keeps back (sensitive), or has
    no value; a setting that it does not have is left out. Raises NotAuthorized without DESCRIBE_CONFIGS.
    """
    doing = f"reading the settings of broker {broker}"
    resource = DescribeConfigsRequest.DescribeConfigsResource(
        resource_type=_BROKER, resource_name=str(broker), configuration_keys=list(names)
    )
    answer = await wire.send(DescribeConfigsRequest(resources=[resource], min_version=1), broker, doing)
    result = answer.results[0]
    check(result.error_code, doing, DESCRIBE_CONFIGS, result.error_message)
    return {row.name: row.value for row in result.configs}
