"""A member whose assignment is not the consumer protocol's costs neither its group nor another one anything else."""

from __future__ import annotations

import asyncio
import struct
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from kafka.protocol.consumer import JoinGroupRequest, LeaveGroupRequest, SyncGroupRequest  # type: ignore[import-untyped]

from kafkaview.cli.main import main
from kafkaview.cluster.kafka.cluster import KafkaCluster, open_cluster
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.terms import Group, GroupListing, GroupState, GroupType
from tests.broker.material import Broker

BROKER: Final = 1
WITHOUT_A_MEMBER_ID: Final = 3  # the last version of JoinGroup that lets a member in at once
SESSION_MS: Final = 45_000


@asynccontextmanager
async def foreign_member(cluster: KafkaCluster, group: str, topic: str, assignment: bytes) -> AsyncIterator[str]:
    """Joins a group as its only member, which assigns itself bytes that no consumer understands; yields its id."""
    subscription = struct.pack(">hih", 0, 1, len(topic)) + topic.encode() + struct.pack(">i", -1)
    join = JoinGroupRequest(
        group_id=group,
        session_timeout_ms=SESSION_MS,
        rebalance_timeout_ms=SESSION_MS,
        member_id="",
        protocol_type="consumer",
        protocols=[JoinGroupRequest.JoinGroupRequestProtocol(name="range", metadata=subscription)],
        max_version=WITHOUT_A_MEMBER_ID,
    )
    joined = await sent(cluster, join)
    own = SyncGroupRequest.SyncGroupRequestAssignment(member_id=joined.member_id, assignment=assignment)
    sync = SyncGroupRequest(
        group_id=group,
        generation_id=joined.generation_id,
        member_id=joined.member_id,
        assignments=[own],
        max_version=WITHOUT_A_MEMBER_ID - 1,
    )
    await sent(cluster, sync)
    try:
        yield joined.member_id
    finally:
        await sent(cluster, LeaveGroupRequest(group_id=group, member_id=joined.member_id, max_version=2))


async def sent(cluster: KafkaCluster, request: Any) -> Any:
    answer = await cluster._wire.send(request, BROKER, "joining", 10)
    assert answer.error_code == 0, answer
    return answer


@pytest.fixture
async def cluster(kafka: EmbeddedKafka) -> AsyncIterator[KafkaCluster]:
    cluster = open_cluster(ConnectionProfile("test", kafka.bootstrap))
    assert isinstance(cluster, KafkaCluster)
    yield cluster
    await cluster.close()


@pytest.mark.parametrize("json", [True, False])
@pytest.mark.parametrize("assignment", [b"garbage-bytes", b"\x00", b"\x00\x00\x00\x00\x00\x01\x00\x02\xff\xfe"])
async def test_groups_and_lag_name_the_member_and_show_every_other_group(
    kafka: EmbeddedKafka,
    cluster: KafkaCluster,
    tmp_home: Path,  # noqa: ARG001
    capfd: pytest.CaptureFixture[str],
    assignment: bytes,
    *,
    json: bool,
) -> None:
    broker, name = Broker(kafka.bootstrap), uuid.uuid4().hex[:8]
    topic, good, odd = broker.poisoned_topic(), f"good-{name}", f"odd-{name}"
    broker.commit(good, topic, 10)
    async with foreign_member(cluster, odd, topic, assignment) as member:
        described = await cluster.describe_groups([GroupListing(odd, GroupType.CLASSIC, GroupState.STABLE)])
        group = described[odd]
        assert isinstance(group, Group)
        assert [(one.member_id, one.assignment) for one in group.members] == [(member, None)]
        for verb in ("groups", "lag"):
            capfd.readouterr()
            words = ["--bootstrap", kafka.bootstrap, verb, *(["--json"] if json else [])]
            assert await asyncio.to_thread(main, words) == 0
            said = capfd.readouterr()
            if not json:
                assert good in said.out
                assert f"{odd}: member kafkaview: assignment not readable" in said.err
                continue
            rows = {row["group"]: row for row in orjson.loads(said.out)["groups"]}
            assert (rows[good]["total_lag"], rows[good]["unreadable_members"], rows[good]["error"]) == (20, [], None)
            assert [one["member_id"] for one in rows[odd]["unreadable_members"]] == [member]
            assert (rows[odd]["state"], rows[odd]["error"]) == ("Stable", None)
