"""The search for the quorum's leader, the only one that describes the quorum.

Brokers forward the request to the leader that they know. A frozen leader keeps them silent for 30 s
(controller.socket.timeout.ms), long after a new one is elected, so the controllers are asked as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.kafka.controllers import controllers_by_settings
from kafkaview.cluster.kafka.metadata_progress import MetadataProgress
from kafkaview.cluster.kafka.quorum_answer import DOING, awaits_a_fetch, partition_of, quorum_of, quorum_request
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.coordination import DOWN_AFTER_MS, Quorum, QuorumReplica, ReplicaHealth

# An election takes the fetch timeout (2 s) and a little more: who finds no leader for longer calls the quorum lost.
ELECTION_SECONDS: Final = 4.0
_BROKER_SECONDS: Final = 1.0
_ROUND_SECONDS: Final = 1.2
_PAUSE_SECONDS: Final = 0.3
_LED: Final = "The brokers go on reading new metadata: somebody leads a majority, whom they do not ask yet."
_BROKERS_ASKED: Final = 5  # at once, of those that may be hundreds

Asked = int | str  # a broker by its id, a controller by its address
Answers = Mapping[Asked, Any]  # what each answered, or its error


@dataclass(frozen=True, slots=True)
class QuorumSight:
    """The quorum, and a sentence about how it was found where that was not simple."""

    quorum: Quorum
    evidence: tuple[str, ...] = ()


class QuorumReading:
    """Reads the quorum repeatedly, and remembers the voters for when there is no leader."""

    def __init__(self, wire: BrokerRequests) -> None:
        self._wire = wire
        self._voters: tuple[QuorumReplica, ...] = ()
        self._epoch: int | None = None
        self._leader_since = 0.0
        self._leaderless = False
        self._broker: int | None = None
        self._progress = MetadataProgress(wire)

    async def read(self, brokers: Sequence[int]) -> QuorumSight:
        """Returns the quorum, asking those brokers first. Raises NotAuthorized where the right is missing."""
        first: Asked = next((one for one in brokers if one == self._broker), brokers[0])
        while True:
            answers, leader = await self._find_describer(first, brokers)
            self._leaderless = leader is None
            if leader is None:
                return self._without_leader(answers, goes_on=await self._progress.goes_on(brokers[:_BROKERS_ASKED]))
            first = leader
            quorum = quorum_of(answers[leader], settled=self._is_settled(answers[leader]))
            self._voters = tuple(_without_figures(voter) for voter in quorum.voters)
            if not awaits_a_fetch(quorum):
                self._broker = leader if isinstance(leader, int) else None
                return QuorumSight(quorum, _by_controller(quorum, leader))
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _find_describer(self, first: Asked, brokers: Sequence[int]) -> tuple[Answers, Asked | None]:
        """Returns the answers of the last round, and which of them describes the quorum."""
        deadline = time.monotonic() + (0.0 if self._leaderless else ELECTION_SECONDS)
        answers = await self._round([first], _BROKER_SECONDS)
        if _leader(answers) is None and not self._leaderless:
            await self._progress.goes_on(brokers[:_BROKERS_ASKED])
        while (leader := _leader(answers)) is None:
            await asyncio.sleep(_PAUSE_SECONDS)
            if not any(voter.endpoints for voter in self._voters):
                self._voters = await controllers_by_settings(self._wire, brokers) or self._voters
            addresses = [address for voter in self._voters for address in voter.endpoints]
            answers = await self._round([*brokers[:_BROKERS_ASKED], *addresses], _ROUND_SECONDS)
            if _leader(answers) is None and time.monotonic() >= deadline:
                return answers, None
        return answers, leader

    async def _round(self, asked: Sequence[Asked], seconds: float) -> Answers:
        """Returns the answers up to the first leader's; the silent ones are not waited for then."""
        asking = {asyncio.ensure_future(self._ask(one, seconds)): one for one in asked}
        answers: dict[Asked, Any] = {}
        try:
            for answer in asyncio.as_completed(asking):
                await answer
                answers = {one: task.result() for task, one in asking.items() if task.done()}
                if _leader(answers) is not None:
                    break
        finally:
            for task in asking:
                task.cancel()
        return answers

    async def _ask(self, one: Asked, seconds: float) -> Any:
        """Returns the answer of one broker or controller, or its error."""
        try:
            return await self._wire.send_aside(quorum_request(), one, DOING, seconds)
        except ClusterError as error:
            return error

    def _is_settled(self, answer: Any) -> bool:
        """Returns whether the leader is known for long enough to call a silent voter down."""
        epoch = partition_of(answer).leader_epoch
        if epoch != self._epoch:
            self._epoch, self._leader_since = epoch, time.monotonic()
        return time.monotonic() - self._leader_since > DOWN_AFTER_MS / 1000

    def _without_leader(self, answers: Answers, *, goes_on: bool) -> QuorumSight:
        answering = {one for one, answer in answers.items() if not isinstance(answer, ClusterError)}
        voters = tuple(_with_own_answer(voter, answering) for voter in self._voters)
        led = [_LED] if goes_on else []
        quorum = Quorum(None, None, None, voters, (), goes_on=goes_on)
        return QuorumSight(quorum, (*_no_leader(answers), *led, *_who_answers(voters)))


def _leader(answers: Answers) -> Asked | None:
    """Returns which answer describes the quorum; of two leaders, the one with the later epoch."""
    epochs: dict[Asked, int] = {}
    for one, answer in answers.items():
        try:
            partition = partition_of(_raise_failure(answer))
        except NotAuthorized:
            if isinstance(one, int):
                raise
        except ClusterError:
            continue
        else:
            if partition.leader_id >= 0:
                epochs[one] = partition.leader_epoch
    return max(epochs, key=lambda one: epochs[one], default=None)


def _raise_failure(answer: Any) -> Any:
    if isinstance(answer, ClusterError):
        raise answer
    return answer


def _without_figures(voter: QuorumReplica) -> QuorumReplica:
    return replace(
        voter, log_end_offset=None, lag=None, fetch_age_ms=None, caught_up_lag_ms=None, health=ReplicaHealth.UNKNOWN
    )


def _with_own_answer(voter: QuorumReplica, answering: set[Asked]) -> QuorumReplica:
    """Returns the voter with whether it answers by itself. Its silence counts as down only where another controller
    answers.
    """
    answers = any(address in answering for address in voter.endpoints)
    controllers_answer = any(isinstance(one, str) for one in answering)
    health = ReplicaHealth.DOWN if controllers_answer and voter.endpoints and not answers else ReplicaHealth.UNKNOWN
    return replace(voter, answers=answers, health=health)


def _by_controller(quorum: Quorum, leader: Asked) -> tuple[str, ...]:
    if isinstance(leader, int):
        return ()
    return (
        f"The brokers get no answer from whom they take for the leader; controller {quorum.leader_id} itself does.",
    )


def _no_leader(answers: Answers) -> list[str]:
    """Returns the brokers' own words for a missing leader, each once."""
    words = dict.fromkeys(_error(answer).message for one, answer in answers.items() if isinstance(one, int))
    return [
        f"No leader of the quorum answers the brokers within {ELECTION_SECONDS:.0f} s.",
        *(f"{sentence.rstrip('.')}." for sentence in words),
    ]


def _error(answer: Any) -> ClusterError:
    """Returns why an answer does not describe a quorum."""
    try:
        partition_of(_raise_failure(answer))
    except ClusterError as error:
        return error
    return ClusterError("the quorum has no leader")


def _who_answers(voters: Sequence[QuorumReplica]) -> list[str]:
    answering = [str(voter.id) for voter in voters if voter.answers]
    silent = [str(voter.id) for voter in voters if not voter.answers]
    said = []
    if not voters:
        said.append("Who votes is not known: the brokers' settings do not tell it, or no controller answers.")
    if answering:
        said.append(f"{_controllers(answering)} when asked directly, and none leads.")
    if silent:
        said.append(f"{_controllers(silent, negated=True)} from here.")
    return said


def _controllers(ids: Sequence[str], *, negated: bool = False) -> str:
    if len(ids) == 1:
        return f"Controller {ids[0]} {'does not answer' if negated else 'answers'}"
    return f"Controllers {', '.join(ids)} {'do not answer' if negated else 'answer'}"
