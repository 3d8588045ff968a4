"""One layer for several servers at once: one that gets through is enough."""

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
    """What came of each item, in order, and the Faults of the others. Raises the one that got furthest if all fail."""
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
    """What was seen of the good ones, and what is wrong with the others."""
    return "; ".join([*good, *(f"but {fault.detail.rstrip('.')}" for fault in lost)]) + "."
