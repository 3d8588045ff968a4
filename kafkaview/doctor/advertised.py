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
_DOWN: Final = frozenset({Cause.CONNECTION_REFUSED, Cause.SILENT, Cause.CLOSED_AT_ONCE})  # its host is reached


async def enter_all(
    brokers: Mapping[int, ServerAddress], bootstrap: ResolvedServer, chart: Chart, opened: AsyncExitStack
) -> tuple[int, Conversation] | None:
    """Connects and logs in to every broker at once. Returns the broker with the lowest id and the conversation with it;
    None if a broker is not reached, which the chart then shows.
    """
    reached: dict[int, Conversation] = {}
    lost: dict[int, FailedStep] = {}

    async def one(number: int, server: ServerAddress) -> None:
        try:
            conversation = reached[number] = await enter(server, bootstrap.setup)
        except FailedStep as fault:
            lost[number] = fault
            return
        opened.callback(conversation.close)
        words = "Reached and logged in." if bootstrap.setup.sasl else "Reached."
        chart.good(DiagnosisLayer.ADVERTISED, words, _target(number, server))

    try:
        await asyncio.gather(*(one(number, server) for number, server in brokers.items()))
    finally:  # also where the time limit of the whole comes first
        for number, fault in sorted(lost.items()):
            server = brokers[number]
            chart.fail_step(of_broker(fault, number, server, bootstrap.server, len(reached)), _target(number, server))
    first = min(brokers)
    return None if lost else (first, reached[first])


def _target(number: int, server: ServerAddress) -> str:
    return f"broker {number} at {server}"


def of_broker(fault: FailedStep, number: int, server: ServerAddress, used: ServerAddress, reached: int) -> FailedStep:
    """Returns the step's failure for this broker, where so many others are reached. An unreachable broker has one
    cause; TLS and login failures keep theirs.
    """
    others = _what_others_do(number, reached)
    sent = f"{used} sends clients of broker {number} to {server}. {fault.detail}{others}"
    if fault.cause not in _UNREACHABLE:
        return FailedStep(DiagnosisLayer.ADVERTISED, fault.cause, sent, fault.hint, fault.field)
    if not reached or fault.cause not in _DOWN:
        return FailedStep(DiagnosisLayer.ADVERTISED, Cause.ADVERTISED_UNREACHABLE, sent)
    words = f"Broker {number} does not answer: {fault.detail}{others}"
    hint = (
        f"Check whether broker {number} runs, and whether it is overloaded or frozen. Where it is well, its"
        " advertised.listeners do not name an address that this machine reaches."
    )
    return FailedStep(DiagnosisLayer.ADVERTISED, Cause.ADVERTISED_UNREACHABLE, words, hint)


def _what_others_do(number: int, reached: int) -> str:
    if not reached:
        return ""
    answer = "The other broker answers" if reached == 1 else f"{reached} other brokers answer"
    return (
        f" {answer}, so the cluster can be used; what broker {number} leads, coordinates or alone holds is missing:"
        " records and log ends, groups, sizes."
    )
