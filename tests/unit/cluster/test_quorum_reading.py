"""Finding who leads: what is made of brokers and controllers that tell, refuse, or are silent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest
from kafka.protocol.admin import DescribeQuorumResponse  # type: ignore[import-untyped]
from kafka.protocol.metadata import ApiVersionsRequest, ApiVersionsResponse  # type: ignore[import-untyped]

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.cluster.kafka import quorum_leader as quorum_reading
from kafkaview.cluster.kafka.quorum_leader import Asked, QuorumReading
from kafkaview.cluster.kafka.requests import BrokerRequests
from kafkaview.cluster.ports.coordination import QuorumHealth, ReplicaHealth

NOT_LEADER, NOT_AUTHORIZED = 6, 31


def answer(leader: int, epoch: int, fetched: dict[int, int], error: int = 0) -> Any:
    """A DescribeQuorum of three voters whose controllers listen at c1:1 ...; `fetched` are their last fetches."""
    topic, node = DescribeQuorumResponse.TopicData, DescribeQuorumResponse.Node
    state = topic.PartitionData.ReplicaState
    voters = [
        state(replica_id=one, log_end_offset=at, last_fetch_timestamp=at, last_caught_up_timestamp=at)
        for one, at in fetched.items()
    ]
    partition = topic.PartitionData(
        partition_index=0, error_code=error, leader_id=leader, leader_epoch=epoch, current_voters=voters, observers=[]
    )
    nodes = [node(node_id=n, listeners=[node.Listener(name="C", host=f"c{n}", port=n)]) for n in fetched]
    data = topic(topic_name="__cluster_metadata", partitions=[partition])
    return DescribeQuorumResponse(error_code=0, topics=[data], nodes=nodes)


def follower() -> Any:
    return answer(0, 0, {}, NOT_LEADER)


class ScriptedWire:
    """Answers by whom is asked; who is not in it is silent."""

    def __init__(self, answers: dict[Asked, Callable[[], Any]]) -> None:
        self.answers = answers
        self.asked: list[Asked] = []

    async def send_aside(self, _request: Any, node: Asked, doing: str, seconds: float) -> Any:
        self.asked.append(node)
        if node in self.answers:
            return self.answers[node]()
        await asyncio.sleep(seconds)
        raise Unreachable(f"{doing}: {node} does not answer")

    async def send(self, _request: Any, broker: int, doing: str, _seconds: float = 1.0) -> Any:
        raise NotAuthorized(f"{doing}: broker {broker} tells no settings")


def reading(wire: ScriptedWire) -> QuorumReading:
    return QuorumReading(cast("BrokerRequests", wire))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("ELECTION", 0.2), ("_BROKER", 0.02), ("_ROUND", 0.02), ("_PAUSE", 0.01)):
        monkeypatch.setattr(quorum_reading, f"{name}_SECONDS", seconds)
    monkeypatch.setattr(quorum_reading, "DOWN_AFTER_MS", 100)


ALL = {1: 9_000, 2: 9_000, 3: 8_900}


async def test_no_controller_is_asked_while_the_brokers_answer() -> None:
    wire = ScriptedWire({7: lambda: answer(1, 4, ALL)})
    sight = await reading(wire).read([7, 8])
    assert (sight.quorum.leader_id, sight.quorum.health, sight.evidence) == (1, QuorumHealth.HEALTHY, ())
    assert [str(one) for one in sight.quorum.voters[0].listeners] == ["C://c1:1"]
    assert wire.asked == [7]


async def test_the_last_known_controllers_are_asked_when_the_brokers_fall_silent() -> None:
    wire = ScriptedWire({7: lambda: answer(1, 4, ALL)})
    quorum = reading(wire)
    await quorum.read([7])
    wire.answers = {"c2:2": follower, "c3:3": lambda: answer(3, 5, ALL)}
    sight = await quorum.read([7])
    assert (sight.quorum.leader_id, sight.quorum.leader_epoch) == (3, 5)
    assert "controller 3 itself" in sight.evidence[0]


async def test_a_lost_quorum_keeps_its_voters_without_a_figure() -> None:
    wire = ScriptedWire({7: lambda: answer(1, 4, ALL)})
    quorum = reading(wire)
    await quorum.read([7])
    wire.answers = {7: follower, "c2:2": follower}
    result = await quorum.read([7])
    assert (result.quorum.health, result.quorum.leader_id, result.quorum.leader_epoch) == (
        QuorumHealth.LOST,
        None,
        None,
    )
    assert [(one.id, one.answers, one.health, one.lag) for one in result.quorum.voters] == [
        (1, False, ReplicaHealth.DOWN, None),
        (2, True, ReplicaHealth.UNKNOWN, None),
        (3, False, ReplicaHealth.DOWN, None),
    ]
    assert result.evidence[-2:] == (
        "Controller 2 answers when asked directly, and none leads.",
        "Controllers 1, 3 do not answer from here.",
    )


async def test_where_no_controller_can_be_reached_none_is_called_down() -> None:
    wire = ScriptedWire({7: lambda: answer(1, 4, ALL)})
    quorum = reading(wire)
    await quorum.read([7])
    wire.answers = {}
    result = await quorum.read([7])
    assert result.quorum.health is QuorumHealth.LOST
    assert {one.health for one in result.quorum.voters} == {ReplicaHealth.UNKNOWN}


async def test_a_majority_that_answers_may_be_electing() -> None:
    wire = ScriptedWire({7: lambda: answer(1, 4, ALL)})
    quorum = reading(wire)
    await quorum.read([7])
    wire.answers = {"c2:2": follower, "c3:3": follower}
    assert (await quorum.read([7])).quorum.health is QuorumHealth.UNKNOWN


async def test_a_first_look_without_the_right_to_read_settings_knows_no_voter_and_says_so() -> None:
    quorum = await reading(ScriptedWire({})).read([7])
    assert (quorum.quorum.voters, quorum.quorum.health) == ((), QuorumHealth.LOST)
    assert any("Who votes is not known" in sentence for sentence in quorum.evidence)
    assert any("7 does not answer" in sentence for sentence in quorum.evidence)


async def test_the_missing_right_is_raised_when_a_broker_names_it() -> None:
    with pytest.raises(NotAuthorized) as refused:
        await reading(ScriptedWire({7: lambda: answer(0, 0, {}, NOT_AUTHORIZED)})).read([7])
    assert "DESCRIBE" in refused.value.hint


async def test_a_voter_that_never_fetched_from_the_leader_is_down_only_when_it_has_led_for_a_while() -> None:
    wire = ScriptedWire({7: lambda: answer(1, 4, {1: 9_000, 2: 9_000, 3: -1})})
    quorum = reading(wire)
    result = await quorum.read([7])
    assert [one.health for one in result.quorum.voters][2] is ReplicaHealth.DOWN
    assert result.quorum.health is QuorumHealth.NO_FAULT_LEFT
    assert len(wire.asked) > 3, "it was looked at for as long as a new voter may need"
    asked = len(wire.asked)
    await quorum.read([7])
    assert len(wire.asked) == asked + 1, "the epoch is known by now"


async def test_the_health_is_unknown_on_a_release_without_fetch_times() -> None:
    wire = ScriptedWire({7: lambda: answer(1, 4, {1: -1, 2: -1, 3: -1})})
    quorum = await reading(wire).read([7])
    assert [one.health for one in quorum.quorum.voters] == [
        ReplicaHealth.LEADER,
        ReplicaHealth.UNKNOWN,
        ReplicaHealth.UNKNOWN,
    ]
    assert (quorum.quorum.health, wire.asked) == (QuorumHealth.UNKNOWN, [7])


class ReadingOn(ScriptedWire):
    """Its one broker tells how far it has read: one record more at each time, or always as far."""

    def __init__(self, step: int) -> None:
        super().__init__({})
        self.epoch, self.step = 40, step

    async def send(self, request: Any, broker: int, doing: str, _seconds: float = 1.0) -> Any:
        if not isinstance(request, ApiVersionsRequest):
            return await super().send(request, broker, doing)
        self.epoch += self.step
        return ApiVersionsResponse(finalized_features_epoch=self.epoch)


@pytest.mark.parametrize(("step", "health"), [(1, QuorumHealth.UNKNOWN), (0, QuorumHealth.LOST)])
async def test_brokers_that_read_new_metadata_have_a_leader_somewhere(step: int, health: QuorumHealth) -> None:
    """As while the old leader is frozen and no controller can be asked from here."""
    quorum = reading(ReadingOn(step))
    for _look in range(2):
        sight = await quorum.read([7])
        assert (sight.quorum.leader_id, sight.quorum.health) == (None, health)
        assert any("go on reading" in sentence for sentence in sight.evidence) is bool(step)
    assert sight.quorum.can_lose == (None if step else 0)
