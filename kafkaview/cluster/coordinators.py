"""Requests about groups go to each group's coordinator, all at once. It is remembered until it, or a lost connection,
says that it moved.

librdkafka is not used for these: it keeps waiting for a coordinator that is gone, and aborts the whole process when
one comes back after such a request timed out (its issue 4605).
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

from kafka.protocol.metadata import FindCoordinatorRequest  # type: ignore[import-untyped]

from kafkaview.cluster.codes import MOVED
from kafkaview.cluster.errors import ClusterError, Unreachable
from kafkaview.cluster.wire import LARGE, Wire
from kafkaview.cluster.wire_errors import response_error

T = TypeVar("T")

GROUP_KEY: Final = 0
RETRY_SECONDS: Final = 2.0
RETRY_PAUSE_SECONDS: Final = 0.1
BATCH: Final = 250  # groups in a request: what they answer is to come within its time limit


class Moved(Unreachable):
    """The coordinator is another broker now, or not ready: worth asking again at once."""


async def ask(
    wire: Wire,
    groups: Collection[str],
    request: Callable[[Sequence[str]], Any],
    read: Callable[[int, Any], Mapping[str, T | ClusterError]],
    doing: str,
) -> dict[str, T | ClusterError]:
    """One request per coordinator, for all its groups together; `read` takes the coordinator and its response."""
    deadline = time.monotonic() + RETRY_SECONDS
    answers: dict[str, T | ClusterError] = {}
    left = list(dict.fromkeys(groups))
    while left:
        answers.update(await _ask_once(wire, left, request, read, doing))
        left = [group for group in left if isinstance(answers[group], Moved)]
        if time.monotonic() > deadline:
            break
        if left:
            await asyncio.sleep(RETRY_PAUSE_SECONDS)
    return answers


async def _ask_once(
    wire: Wire,
    groups: Sequence[str],
    request: Callable[[Sequence[str]], Any],
    read: Callable[[int, Any], Mapping[str, T | ClusterError]],
    doing: str,
) -> dict[str, T | ClusterError]:
    async def of_one(coordinator: int, its_groups: Sequence[str]) -> Mapping[str, T | ClusterError]:
        told: dict[str, T | ClusterError] = {}
        for batch in (its_groups[at : at + BATCH] for at in range(0, len(its_groups), BATCH)):
            try:
                told.update(read(coordinator, await wire.send(request(batch), coordinator, doing, purpose=LARGE)))
            except ClusterError as failure:
                told.update(dict.fromkeys(its_groups[len(told) :], failure))
                break
        return told

    remembered = {group for group in groups if group in wire.coordinators}
    errors = await _find(wire, [group for group in groups if group not in remembered], doing)
    coordinated: dict[int, list[str]] = defaultdict(list)
    for group in groups:
        if group not in errors:
            coordinated[wire.coordinators[group]].append(group)
    answers: dict[str, T | ClusterError] = dict(errors)
    for node, answer in zip(
        coordinated, await asyncio.gather(*(of_one(*one) for one in coordinated.items())), strict=True
    ):
        answers.update(answer)
        _forget_moved(wire, node, answer)
    silent = ClusterError(f"{doing}: the coordinator left it out of its answer")
    return {group: answers.get(group, silent) for group in groups}


def _forget_moved(wire: Wire, coordinator: int, answers: Mapping[str, object]) -> None:
    """Find those anew that a coordinator does not answer for: it may not be theirs any more."""
    for group, answer in answers.items():
        if isinstance(answer, Unreachable) and wire.coordinators.get(group) == coordinator:
            del wire.coordinators[group]


async def _find(wire: Wire, groups: Sequence[str], doing: str) -> Mapping[str, ClusterError]:
    """Remember the coordinator of each group; returns why there is none."""
    if not groups:
        return {}
    request = FindCoordinatorRequest(key_type=GROUP_KEY, coordinator_keys=list(groups), min_version=4)
    answer = await wire.send_any(request, doing)
    errors: dict[str, ClusterError] = {}
    for row in answer.coordinators:
        if row.error_code:
            errors[row.key] = error_of(row.error_code, f"{doing} of {row.key}")
        else:
            wire.coordinators[row.key] = row.node_id
    silent = ClusterError(f"{doing}: no broker names its coordinator")
    return errors | {group: silent for group in groups if group not in errors and group not in wire.coordinators}


def error_of(code: int, doing: str) -> ClusterError:
    """A coordinator's error code in our words; `Moved` if it is to be asked again."""
    error = response_error(code, doing)
    return Moved(error.message, "The group's coordinator is not available just now.") if code in MOVED else error
