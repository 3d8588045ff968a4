"""Requests that the controller answers, sent without knowing which broker that is.

Brokers of KRaft pass them on, each of them; those of ZooKeeper refuse them unless they are it (NOT_CONTROLLER). The
metadata is no help: what it calls the controller may be dead, and in KRaft is any broker that lives.
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
    """An answer of the controller, and whether it is to a request that it may have had before, by a broker that fell
    silent then.
    """

    answer: Any
    again: bool


async def send_to_controller(
    wire: BrokerRequests, request: Any, doing: str, code: Callable[[Any], int], seconds: float = CONTROLLER_SECONDS
) -> Any:
    """The answer of the first broker that does not refuse it as NOT_CONTROLLER; `code` reads where it would say so.

    Where one is silent the next is asked: so the request has to be one that may come twice.
    """
    return (await ask_controller(wire, request, doing, code, seconds)).answer


async def ask_controller(
    wire: BrokerRequests, request: Any, doing: str, code: Callable[[Any], int], seconds: float = CONTROLLER_SECONDS
) -> Answered:
    """Likewise, for a request that is refused where it has been done already."""
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
    """The error code of an answer as a whole."""
    return int(answer.error_code)
