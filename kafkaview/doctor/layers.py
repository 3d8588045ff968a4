"""One layer on several servers at once. One that passes is enough."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from kafkaview.doctor.diagnosis import DiagnosisLayer
from kafkaview.doctor.fault import FailedStep

One = TypeVar("One")
Made = TypeVar("Made")


async def try_each(
    items: Sequence[One], work: Callable[[One], Awaitable[Made]]
) -> tuple[list[tuple[One, Made]], list[FailedStep]]:
    """Runs a check on each item. Returns the results, in order, and the errors of the others. If all fail, raises the
    error of the one that got furthest.
    """
    through: list[tuple[One, Made]] = []
    lost: list[FailedStep] = []
    answers = await asyncio.gather(*map(work, items), return_exceptions=True)
    for item, answer in zip(items, answers, strict=True):
        if isinstance(answer, FailedStep):
            lost.append(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            through.append((item, answer))
    if through:
        return through, lost
    order = list(DiagnosisLayer)
    raise max(lost, key=lambda fault: order.index(fault.step))


def join_outcomes(good: Iterable[str], lost: Iterable[FailedStep]) -> str:
    """Returns one text: what was seen of the servers that passed, and what is wrong with the others."""
    return "; ".join([*good, *(f"but {fault.detail.rstrip('.')}" for fault in lost)]) + "."
