"""Connections to the brokers at their advertised addresses, which may differ from the bootstrap address."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final

from kafkaview.doctor.address import ServerAddress
from kafkaview.doctor.chart import Chart
from kafkaview.doctor.conversation import Conversation
from kafkaview.doctor.diagnosis import Cause, DiagnosisLayer
from kafkaview.doctor.fault import FailedStep
from kafkaview.doctor.server_login import ResolvedServer, enter

_UNREACHABLE: Final = frozenset(
    {
        Cause.UNKNOWN_HOST,
        Cause.CONNECTION_REFUSED,
        Cause.NO_ROUTE,
        Cause.FILTERED,
        Cause.SILENT,
        Cause.CLOSED_AT_ONCE,
        Cause.NOT_KAFKA,
    }
)


async def enter_all(
    brokers: Mapping[int, ServerAddress], bootstrap: ResolvedServer, chart: Chart, opened: AsyncExitStack
) -> tuple[int, Conversation] | None:
    """Connects and logs in to every broker at once. Returns the broker with the lowest id and the conversation with it;
    None if a broker is not reached, which the chart then shows.
    """

    async def one(number: int, server: ServerAddress) -> Conversation | None:
        target = f"broker {number} at {server}"
        try:
            conversation = await enter(server, bootstrap.setup)
        except FailedStep as fault:
            chart.fail_step(_of_broker(fault, number, server, bootstrap.server), target)
            return None
        opened.callback(conversation.close)
        chart.good(DiagnosisLayer.ADVERTISED, "Reached and logged in." if bootstrap.setup.sasl else "Reached.", target)
        return conversation

    inside = await asyncio.gather(*(one(number, server) for number, server in brokers.items()))
    reached = [conversation for conversation in inside if conversation is not None]
    return (next(iter(brokers)), reached[0]) if len(reached) == len(brokers) else None


def _of_broker(fault: FailedStep, number: int, server: ServerAddress, used: ServerAddress) -> FailedStep:
    """Returns the step's failure for this broker. An unreachable broker has one cause; TLS and login failures keep
    theirs.
    """
    words = f"{used} sends clients of broker {number} to {server}. {fault.detail}"
    if fault.cause in _UNREACHABLE:
        return FailedStep(DiagnosisLayer.ADVERTISED, Cause.ADVERTISED_UNREACHABLE, words)
    return FailedStep(DiagnosisLayer.ADVERTISED, fault.cause, words, fault.hint, fault.field)
