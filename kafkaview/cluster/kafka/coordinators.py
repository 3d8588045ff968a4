"""Requests about groups, sent to all coordinators at once. A coordinator is cached until it refuses or its connection
is lost.

librdkafka is not used for these: it keeps waiting for a coordinator that is gone, and aborts the process when one comes
back after such a request timed out (its issue 4605).
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from kafka.protocol.metadata import FindCoordinatorRequest  # type: ignore[import-untyped]

from kafkaview.cluster.damage import left_out, reading
from kafkaview.cluster.errors import ClusterError, Unreachable, UnreadableAnswer, UnsupportedByBroker
from kafkaview.cluster.kafka.error_codes import MOVED
from kafkaview.cluster.kafka.kafka_python_errors import response_error
from kafkaview.cluster.kafka.requests import LARGE, BrokerRequests
from kafkaview.cluster.ports.names import name_problem

T = TypeVar("T")
V = TypeVar("V")

GROUP_KEY: Final = 0
RETRY_SECONDS: Final = 2.0
RETRY_PAUSE_SECONDS: Final = 0.1
AT_ONCE: Final = 250  # groups in a request: what they answer is to come within its time limit
ALONE_AT_ONCE: Final = 50  # requests under way, to brokers that take one group in each
_MOST_REMEMBERED: Final = 200_000
_MANY_KEYS: Final = 4  # the version of FindCoordinator that takes many (Kafka 3.0)


class Moved(Unreachable):
    """The coordinator is another broker now, or is not ready: the request is worth repeating at once."""


@dataclass(frozen=True, slots=True)
class GroupQuestion(Generic[T]):
    """A request about groups. `read` takes the coordinator and its answer. `alone` makes the request for one group, for
    a broker that does not take many groups in a request.
    """

    doing: str
    request: Callable[[Sequence[str]], Any]
    read: Callable[[int, Any], Mapping[str, T | ClusterError]]
    alone: Callable[[str], Any] | None = None
    read_alone: Callable[[str, Any], T | ClusterError] | None = None


class Coordinators:
    """The cached coordinators of groups."""

    def __init__(self, wire: BrokerRequests) -> None:
        self._wire = wire
        self._known: dict[str, int] = {}
        self._finding = asyncio.Lock()
        self._finds_single_groups = False
        self._old: set[tuple[int, str]] = set()  # brokers that take one group at a time, by what they were asked

    async def ask(self, groups: Collection[str], question: GroupQuestion[T]) -> dict[str, T | ClusterError]:
        """Sends one request per coordinator (and some hundred groups), for all its groups together."""
        deadline = time.monotonic() + RETRY_SECONDS
        answers: dict[str, T | ClusterError] = {
            group: problem for group in groups if (problem := name_problem("The group", group))
        }
        asked: dict[str, int] = {}
        left = [group for group in dict.fromkeys(groups) if group not in answers]
        remembered = self._known.keys() & groups
        while left:
            try:
                found, errors = await self._find(left, question.doing)
            except ClusterError:
                if not asked:
                    raise
                break  # some have answered, and for the others it is known why not
            answers.update(errors)
            # One that was silent is asked again only if it is another broker now.
            places = {
                group: node for group, node in found.items() if asked.get(group) != node or _has_moved(answers[group])
            }
            new_answers = await self._ask_each(places, question)
            answers |= new_answers
            self._forget_silent(places, answers)
            late = time.monotonic() > deadline
            left = [
                group
                for group in left
                if (_has_moved(answers[group]) and not late)
                or (group in remembered and group not in asked and isinstance(answers[group], Unreachable))
            ]
            asked |= places
            if any(_has_moved(answers[group]) for group in left):
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
        return answers

    async def find(self, groups: Collection[str]) -> Mapping[str, int]:
        """Returns the coordinator of each group that has one."""
        found, _errors = await self._find(list(dict.fromkeys(groups)), "finding coordinators")
        return found

    def forget(self) -> None:
        """Empties the cache, so that every coordinator is looked up again."""
        self._known.clear()
        self._old.clear()

    async def _ask_each(self, places: Mapping[str, int], question: GroupQuestion[T]) -> dict[str, T | ClusterError]:
        coordinated: dict[int, list[str]] = defaultdict(list)
        for group, node in places.items():
            coordinated[node].append(group)
        answers: dict[str, T | ClusterError] = {}
        for answer in await asyncio.gather(*(self._ask_one(*one, question) for one in coordinated.items())):
            answers.update(answer)
        missing = left_out(question.doing)
        return {group: answers.get(group, missing) for group in places}

    async def _ask_one(
        self, coordinator: int, groups: Sequence[str], question: GroupQuestion[T]
    ) -> dict[str, T | ClusterError]:
        answers: dict[str, T | ClusterError] = {}
        for some in _chunks(groups, AT_ONCE):
            try:
                old = (coordinator, question.doing) in self._old
                ask = self._ask_alone if old else self._ask_many
                answer = await ask(coordinator, some, question)
                answers.update((group, answer[group]) for group in some if group in answer)
            except UnreadableAnswer as damaged:
                answers.update(dict.fromkeys(some, damaged))
                if len(some) > 1:
                    apart = await self._ask_apart(coordinator, some, question)
                    answers.update(apart)
            except ClusterError as failure:
                return dict.fromkeys(groups, failure) | answers
        return answers

    async def _ask_many(
        self, coordinator: int, groups: Sequence[str], question: GroupQuestion[T]
    ) -> Mapping[str, T | ClusterError]:
        doing = question.doing
        try:
            answer = await self._wire.send(question.request(groups), coordinator, doing, purpose=LARGE)
        except UnsupportedByBroker:
            if question.alone is None:
                raise
            self._old.add((coordinator, doing))
            return await self._ask_alone(coordinator, groups, question)
        with reading(doing):
            return question.read(coordinator, answer)

    async def _ask_apart(
        self, coordinator: int, groups: Sequence[str], question: GroupQuestion[T]
    ) -> Mapping[str, T | ClusterError]:
        """Asks about each group by itself, so that one unreadable answer costs only its own group."""

        async def of_group(group: str) -> T | ClusterError:
            try:
                answers = await self._ask_many(coordinator, [group], question)
            except UnreadableAnswer as damaged:
                return damaged
            return answers.get(group, left_out(question.doing))

        return await _ask_for_each(groups, of_group)

    async def _ask_alone(
        self, coordinator: int, groups: Sequence[str], question: GroupQuestion[T]
    ) -> Mapping[str, T | ClusterError]:
        alone, read = question.alone, question.read_alone
        assert alone is not None
        assert read is not None

        async def of_group(group: str) -> T | ClusterError:
            try:
                answer = await self._wire.send(alone(group), coordinator, question.doing, purpose=LARGE)
                with reading(question.doing):
                    return read(group, answer)
            except UnreadableAnswer as damaged:
                return damaged

        return await _ask_for_each(groups, of_group)

    async def _find(self, groups: Sequence[str], doing: str) -> tuple[dict[str, int], dict[str, ClusterError]]:
        """Returns the coordinator of each group, or why there is none."""
        async with self._finding:  # whoever asks for the same groups meanwhile finds them remembered
            unknown = [group for group in groups if group not in self._known]
            if len(self._known) > _MOST_REMEMBERED:
                self._known.clear()
                unknown = list(groups)
            errors = await self._find_unknown(unknown, doing) if unknown else {}
            found = {group: self._known[group] for group in groups if group in self._known}
        silent = ClusterError(f"{doing}: no broker names its coordinator")
        return found, {group: errors.get(group, silent) for group in groups if group not in found}

    async def _find_unknown(self, groups: Sequence[str], doing: str) -> Mapping[str, ClusterError]:
        if not self._finds_single_groups:
            request = FindCoordinatorRequest(key_type=GROUP_KEY, coordinator_keys=list(groups), min_version=_MANY_KEYS)
            try:
                answer = await self._wire.send_any(request, doing)
            except UnsupportedByBroker:
                self._finds_single_groups = True
            else:
                with reading(doing):
                    return self._remember({row.key: row for row in answer.coordinators}, doing)

        async def of_group(group: str) -> Any:
            request = FindCoordinatorRequest(key=group, key_type=GROUP_KEY, max_version=_MANY_KEYS - 1)
            return await self._wire.send_any(request, doing)

        return self._remember(await _ask_for_each(groups, of_group), doing)

    def _remember(self, rows: Mapping[str, Any], doing: str) -> Mapping[str, ClusterError]:
        errors: dict[str, ClusterError] = {}
        for group, row in rows.items():
            if row.error_code:
                errors[group] = error_of(row.error_code, f"{doing} of {group}")
            else:
                self._known[group] = row.node_id
        return errors

    def _forget_silent(self, places: Mapping[str, int], answers: Mapping[str, object]) -> None:
        """Drops a coordinator that did not answer from the cache: its groups may have moved."""
        for group, node in places.items():
            if isinstance(answers[group], Unreachable) and self._known.get(group) == node:
                del self._known[group]


def _has_moved(answer: object) -> bool:
    return isinstance(answer, Moved)


async def _ask_for_each(groups: Sequence[str], of_group: Callable[[str], Any]) -> dict[str, Any]:
    """Sends one request for each group, several at once."""
    answers: dict[str, Any] = {}
    for some in _chunks(groups, ALONE_AT_ONCE):
        answers.update(zip(some, await asyncio.gather(*map(of_group, some)), strict=True))
    return answers


def _chunks(groups: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (groups[start : start + size] for start in range(0, len(groups), size))


def error_of(code: int, doing: str) -> ClusterError:
    """Returns the error for a coordinator's error code; `Moved` where the request is worth repeating."""
    error = response_error(code, doing)
    return Moved(error.message, "The group's coordinator is not available just now.") if code in MOVED else error
