"""Requests about groups go to each group's coordinator: found anew for every call, asked all at once.

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
from kafkaview.cluster.wire import Wire, response_error

T = TypeVar("T")

GROUP_KEY: Final = 0
RETRY_SECONDS: Final = 2.0
RETRY_PAUSE_SECONDS: Final = 0.1


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
        try:
            return read(coordinator, await wire.send(request(its_groups), coordinator, doing))
        except ClusterError as failure:
            return dict.fromkeys(its_groups, failure)

    coordinated, answers = await _find(wire, groups, doing)
    told: dict[str, T | ClusterError] = dict(answers)
    for answer in await asyncio.gather(*(of_one(node, its_groups) for node, its_groups in coordinated.items())):
        told.update(answer)
    silent = ClusterError(f"{doing}: the coordinator left it out of its answer")
    return {group: told.get(group, silent) for group in groups}


async def _find(
    wire: Wire, groups: Sequence[str], doing: str
) -> tuple[Mapping[int, list[str]], Mapping[str, ClusterError]]:
    request = FindCoordinatorRequest(key_type=GROUP_KEY, coordinator_keys=list(groups), min_version=4)
    answer = await wire.send_any(request, doing)
    coordinated: dict[int, list[str]] = defaultdict(list)
    errors: dict[str, ClusterError] = {}
    for row in answer.coordinators:
        if row.error_code:
            errors[row.key] = error_of(row.error_code, f"{doing} of {row.key}")
        else:
            coordinated[row.node_id].append(row.key)
    return coordinated, errors


def error_of(code: int, doing: str) -> ClusterError:
    """A coordinator's error code in our words; `Moved` if it is to be asked again."""
    error = response_error(code, doing)
    return Moved(error.message, "The group's coordinator is not available just now.") if code in MOVED else error
