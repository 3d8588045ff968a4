"""Every field of the quorum that Kafka's own tool prints too, compared."""

from __future__ import annotations

import asyncio
from typing import Any

from kafkaview.cli.coordination import coordination_document
from kafkaview.cluster.ports.cluster import Cluster
from kafkaview.cluster.ports.coordination import LATE_AFTER_MS
from tests.broker.quorum_tool import ToolReplica, replication, status


async def agrees(bootstrap: str, cluster: Cluster) -> None:
    """Every field that both tell; what moves lies between two readings of ours."""
    before = await reading(cluster)
    judge, rows = await asyncio.gather(asyncio.to_thread(status, bootstrap), asyncio.to_thread(replication, bootstrap))
    after = await reading(cluster)
    assert (before["leader_id"], before["leader_epoch"]) == (judge.leader_id, judge.leader_epoch)
    assert before["high_watermark"] <= judge.high_watermark <= after["high_watermark"]
    assert {one["id"]: (one["directory_id"], tuple(one["listeners"])) for one in before["voters"]} == judge.voters
    assert {one["id"]: one["directory_id"] for one in before["observers"]} == judge.observers
    earlier, later = by_id(before), by_id(after)
    assert set(rows) == set(earlier) == set(later)
    leader = rows[judge.leader_id]
    for number, row in rows.items():
        agrees_on_one(row, leader, earlier[number], later[number])
    end = later[judge.leader_id]["log_end_offset"]
    unseen = end + 1  # the tool takes a follower that has not fetched from this leader for one at offset -1
    assert judge.max_follower_lag <= max(5, *(unseen if one["lag"] is None else one["lag"] for one in later.values()))


def agrees_on_one(row: ToolReplica, leader: ToolReplica, earlier: dict[str, Any], later: dict[str, Any]) -> None:
    roles = {"Leader": "leader", "Follower": "voter", "Observer": "observer"}
    assert (row.id, row.directory_id, roles[row.status]) == (earlier["id"], earlier["directory_id"], earlier["role"])
    if earlier["fetch_age_ms"] is None:  # it has not fetched from this leader: the tool prints -1
        assert (row.last_fetch_ms, row.last_caught_up_ms, row.log_end_offset) == (-1, -1, -1)
        return
    assert between(earlier["log_end_offset"], row.log_end_offset, later["log_end_offset"])
    age, behind = leader.last_fetch_ms - row.last_fetch_ms, leader.last_caught_up_ms - row.last_caught_up_ms
    if earlier["health"] == "down":
        assert between(earlier["lag"], row.lag, later["lag"])
        assert between(earlier["fetch_age_ms"], age, later["fetch_age_ms"])
        assert between(earlier["caught_up_lag_ms"], behind, later["caught_up_lag_ms"])
    else:
        assert 0 <= age < LATE_AFTER_MS
        assert 0 <= behind < LATE_AFTER_MS
        assert 0 <= row.lag <= 5, "some records at most, for they come in bursts"


def between(first: object, number: int, last: object) -> bool:
    return isinstance(first, int) and isinstance(last, int) and first <= number <= last


async def reading(cluster: Cluster) -> dict[str, Any]:
    """The quorum's part of `coordination --json`."""
    quorum = coordination_document(await cluster.coordination())["quorum"]
    assert isinstance(quorum, dict)
    return quorum


def by_id(quorum: dict[str, Any]) -> dict[int, dict[str, Any]]:
    rows: dict[int, dict[str, Any]] = {}
    for kind, role in (("voters", "voter"), ("observers", "observer")):
        for one in quorum[kind]:
            rows[one["id"]] = {**one, "role": "leader" if one["id"] == quorum["leader_id"] else role}
    return rows
