"""Requests that the controller answers, sent without knowing which broker the controller is.

KRaft brokers forward them to the controller; ZooKeeper brokers refuse them unless they are the controller
(NOT_CONTROLLER). The metadata does not help: its controller may be down, and in KRaft it is any live broker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from confluent_kafka import KafkaError

from kafkaview.cluster.damage import reading
from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.kafka.kafka_python_errors import response_error
from kafkaview.cluster.kafka.requests import BrokerRequests

CONTROLLER_SECONDS: Final = 6.0
_WHOLE_SECONDS: Final = 9.0  # of all brokers together: where the controller is silent, each of them is


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer of the controller; `again` is whether a broker that fell silent may have had the request before."""

    answer: Any
    again: bool


async def send_to_controller(
    wire: BrokerRequests, request: Any, doing: str, code: Callable[[Any], int], seconds: float = CONTROLLER_SECONDS
) -> Any:
    """Returns the answer of the first broker that does not refuse with NOT_CONTROLLER; `code` reads the error code of
    an answer.

    After a silent broker the next one is asked, so the request must be one that may arrive twice.
    """
    return (await ask_controller(wire, request, doing, code, seconds)).answer


async def ask_controller(
    wire: BrokerRequests, request: Any, doing: str, code: Callable[[Any], int], seconds: float = CONTROLLER_SECONDS
) -> Answered:
    """Sends a request like `send_to_controller`, for a request that the controller refuses when it was done already."""
    deadline = time.monotonic() + _WHOLE_SECONDS
    first = await wire.answering_broker(doing)
    failure: ClusterError = Unreachable(f"{doing}: no broker is known")
    again = False
    for broker in sorted(await wire.broker_ids(), key=lambda broker: broker != first):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            answer = await wire.send_aside(request, broker, doing, min(seconds, left))
            with reading(doing):
                refused = code(answer) == KafkaError.NOT_CONTROLLER
        except Unreachable as silent:
            failure, again = silent, True
            continue
        if not refused:
            return Answered(answer, again)
        failure = response_error(KafkaError.NOT_CONTROLLER, doing)
    raise failure


def top_level(answer: Any) -> int:
    """Returns the top-level error code of an answer."""
    return int(answer.error_code)
