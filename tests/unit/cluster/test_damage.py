"""An answer that cannot be read costs only the part that holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from kafka.errors import KafkaProtocolError  # type: ignore[import-untyped]
from kafka.protocol.admin import (  # type: ignore[import-untyped]
    DescribeGroupsRequest,
    DescribeGroupsResponse,
    DescribeQuorumResponse,
    DescribeTransactionsResponse,
    DescribeUserScramCredentialsResponse,
    ListTransactionsResponse,
)
from kafka.protocol.consumer.metadata import ConsumerProtocolAssignment  # type: ignore[import-untyped]

from kafkaview.cluster.damage import unreadable
from kafkaview.cluster.errors import ClusterError, NotAuthorized, UnreadableAnswer
from kafkaview.cluster.kafka.connections import AnswerParser, UnreadableResponse
from kafkaview.cluster.kafka.coordinators import Coordinators, GroupQuestion
from kafkaview.cluster.kafka.groups import _read_classic
from kafkaview.cluster.kafka.kafka_python_errors import as_cluster_error
from kafkaview.cluster.kafka.metadata import read_metadata
from kafkaview.cluster.kafka.quorum_answer import partition_of
from kafkaview.cluster.kafka.raw_requests import RawAnswer, write_count, write_string
from kafkaview.cluster.kafka.scram import list_credentials
from kafkaview.cluster.kafka.transaction_listing import _list_of_broker
from kafkaview.cluster.ports.security import ScramMechanism
from kafkaview.terms import Group, TopicPartition

VERSION = 4
OF_GROUP = DescribeGroupsResponse.DescribedGroup
OF_MEMBER = OF_GROUP.DescribedGroupMember


def member(name: str, assignment: bytes) -> Any:
    return OF_MEMBER(
        member_id=name,
        group_instance_id=None,
        client_id=name,
        client_host="/127.0.0.1",
        member_metadata=b"",
        member_assignment=assignment,
    )


def group(name: str, *members: Any) -> Any:
    return OF_GROUP(
        error_code=0,
        group_id=name,
        group_state="Stable",
        protocol_type="consumer",
        protocol_data="range",
        members=list(members),
        authorized_operations=None,
    )


def owns(topic: str, *numbers: int) -> bytes:
    of_topic = ConsumerProtocolAssignment.TopicPartition
    one = of_topic(topic=topic, partitions=list(numbers))
    return bytes(ConsumerProtocolAssignment(assigned_partitions=[one], user_data=None).encode(version=1))


def test_a_member_with_a_foreign_assignment_costs_no_other_member_and_no_other_group() -> None:
    groups = [group("bad", member("m1", b"garbage-bytes"), member("m2", owns("t", 1))), group("good")]
    found = _read_classic(1, DescribeGroupsResponse(throttle_time_ms=0, groups=groups))
    bad, good = found["bad"], found["good"]
    assert isinstance(bad, Group)
    assert isinstance(good, Group)
    assert [one.assignment for one in bad.members] == [None, (TopicPartition("t", 1),)]


class Row:
    error_code, node_id = 0, 1

    def __init__(self, key: str) -> None:
        self.key = key


class Wire:
    """A broker that answers unreadably whenever one of the groups is among those it is asked about."""

    def __init__(self, damaged: str) -> None:
        self.damaged = damaged

    async def send_any(self, request: Any, _doing: str) -> Any:
        return type("Found", (), {"coordinators": [Row(name) for name in request.coordinator_keys]})()

    async def send(self, request: Sequence[str], _broker: int, doing: str, purpose: str = "") -> Sequence[str]:
        assert purpose
        if self.damaged in request:
            raise unreadable(doing, ValueError("no UTF-8"))
        return request


async def test_groups_of_an_unreadable_answer_are_requested_one_by_one() -> None:
    def read(_coordinator: int, answer: Any) -> dict[str, str | ClusterError]:
        return {name: f"read {name}" for name in answer}

    wire: Any = Wire("b")
    answers = await Coordinators(wire).ask(["a", "b", "c"], GroupQuestion("asking", lambda names: names, read))
    assert (answers["a"], answers["c"]) == ("read a", "read c")
    assert isinstance(answers["b"], UnreadableAnswer)


def test_an_answer_that_cannot_be_decoded_leaves_the_connection_to_the_next_one() -> None:
    parser = AnswerParser(client_id="test")
    for number in (1, 2):
        request = DescribeGroupsRequest(groups=["g"])
        request.API_VERSION = VERSION
        parser.send_request(request, correlation_id=number)
    good = bytes(DescribeGroupsResponse(throttle_time_ms=0, groups=[group("gut")]).encode(version=VERSION))
    frames = b"".join(
        (len(body) + 4).to_bytes(4, "big") + number.to_bytes(4, "big") + body
        for number, body in ((1, good.replace(b"gut", b"g\xff\xfe")), (2, good))
    )
    (_, first), (_, second) = parser.receive_bytes(frames)
    assert isinstance(first, UnreadableResponse)
    assert isinstance(as_cluster_error(first.failure, "describing"), UnreadableAnswer)
    assert second.groups[0].group_id == "gut"


def test_a_topic_with_impossible_partition_numbers_costs_no_other_topic() -> None:
    def topic(name: bytes, *numbers: int) -> bytes:
        # error, number, leader and its epoch, then replicas, in sync, offline: none
        rows = b"".join(bytes(2) + number.to_bytes(4, "big", signed=True) + bytes(8 + 12) for number in numbers)
        head = bytes(2) + write_string(name, flexible=False) + b"\0"
        return head + write_count(len(numbers), flexible=False) + rows

    before = bytes(4) + bytes(4) + b"\xff\xff" + bytes(4)  # throttled, brokers, cluster id, controller
    topics = [topic(b"a", 0, 1), topic(b"bad", -5, 2**31 - 1), topic(b"c", 0)]
    data = bytearray(before + write_count(len(topics), flexible=False) + b"".join(topics))
    read = read_metadata(RawAnswer("Metadata", 7, data, 0))
    table = read.table
    sizes = {name: int(table.first[at + 1] - table.first[at]) for at, name in enumerate(table.topics)}
    assert sizes == {"a": 2, "bad": 0, "c": 1}
    assert set(read.errors) == {"bad"}


class Answers:
    """One broker that answers by the name of the request."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers

    async def broker_ids(self) -> tuple[int, ...]:
        return (1,)

    async def send(self, request: Any, *_rest: object) -> Any:
        return self.answers[request.name.removesuffix("Request")]

    async def send_any(self, request: Any, _doing: str) -> Any:
        return self.answers[request.name.removesuffix("Request")]


async def test_a_transaction_that_is_refused_hides_no_other() -> None:
    listed, described = ListTransactionsResponse.TransactionState, DescribeTransactionsResponse.TransactionState
    ids = ("a", "b")
    rows = [
        described(
            error_code=53 if name == "a" else 0,
            transactional_id=name,
            transaction_state="Ongoing",
            transaction_timeout_ms=1,
            transaction_start_time_ms=1,
            producer_id=1,
            producer_epoch=1,
            topics=[],
        )
        for name in ids
    ]
    wire: Any = Answers(
        ListTransactions=ListTransactionsResponse(
            error_code=0, transaction_states=[listed(transactional_id=name) for name in ids]
        ),
        DescribeTransactions=DescribeTransactionsResponse(transaction_states=rows),
    )
    answer = await _list_of_broker(wire, 1)
    assert not isinstance(answer, ClusterError)
    refused, found = answer
    assert isinstance(refused, NotAuthorized)
    assert "the transaction a" in refused.message
    assert not isinstance(found, ClusterError)
    assert found.transactional_id == "b"


async def test_a_user_with_an_error_hides_no_other_user() -> None:
    of_user = DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult
    good = of_user.CredentialInfo(mechanism=2, iterations=4096)
    wire: Any = Answers(
        DescribeUserScramCredentials=DescribeUserScramCredentialsResponse(
            error_code=0,
            error_message=None,
            results=[
                of_user(user="bad", error_code=12_345, error_message="lost", credential_infos=[]),
                of_user(user="good", error_code=0, error_message=None, credential_infos=[good]),
            ],
        )
    )
    bad, credential = await list_credentials(wire)
    assert (bad.user, bad.mechanism, bad.iterations, bad.error) == ("bad", ScramMechanism.UNKNOWN, None, "lost")
    assert (credential.user, credential.iterations, credential.error) == ("good", 4096, None)


def test_a_quorum_that_is_empty_is_a_failure_of_ours() -> None:
    with pytest.raises(UnreadableAnswer):
        partition_of(DescribeQuorumResponse(error_code=0, topics=[]))


def test_a_login_whose_answer_cannot_be_decoded_fails_with_what_stopped_it() -> None:
    answer = UnreadableResponse(KafkaProtocolError("no array"))
    assert answer.throttle_time_ms == 0
    with pytest.raises(KafkaProtocolError, match="no array"):
        _ = answer.error_code
