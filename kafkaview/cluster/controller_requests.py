"""Requests that the controller answers, sent without knowing which broker that is.

Brokers of KRaft pass them on, each of them; those of ZooKeeper refuse them unless they are it (NOT_CONTROLLER). The
metadata is no help: what it calls the controller may be dead, and in KRaft is any broker that lives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from confluent_kafka import KafkaError

from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.wire import Wire, response_error

CONTROLLER_SECONDS: Final = 6.0


async def send_to_controller(wire: Wire, request: Any, doing: str, code: Callable[[Any], int]) -> Any:
    """The answer of the first broker that does not refuse it as NOT_CONTROLLER; `code` reads where it would say so.

    Where one is silent the next is asked: so the request has to be one that may come twice.
    """
    failure: ClusterError = Unreachable(f"{doing}: no broker is known")
    for broker in await wire.broker_ids():
        try:
            answer = await wire.send(request, broker, doing, CONTROLLER_SECONDS)
        except Unreachable as silent:
            failure = silent
            continue
        if code(answer) != KafkaError.NOT_CONTROLLER:
            return answer
        failure = response_error(KafkaError.NOT_CONTROLLER, doing)
    raise failure


def top_level(answer: Any) -> int:
    """The error code of an answer as a whole."""
    return int(answer.error_code)
