"""Invented views of the coordination in every state, for pictures and tests of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.cluster.ports.coordination import (
    Coordination,
    CoordinationMode,
    Feature,
    Quorum,
    QuorumReplica,
    ReplicaHealth,
    replica_health,
)
from kafkaview.cluster.ports.zookeeper import MigrationPhase
from kafkaview.coordination.view import CoordinationAnswer, CoordinationView, Leadership
from kafkaview.terms import Broker

NOW_MS: Final = 1_795_442_520_000  # 2026-11-23 14:02:00 UTC
_MINUTE_MS: Final = 60_000
_HIGH_WATERMARK: Final = 1_204_551
_BROKERS: Final = tuple(Broker(n, f"broker-{n}.orders.example", 9092) for n in (11, 12, 13))
_EVIDENCE: Final = ("Brokers 11, 12, 13 take DescribeQuorum (55), as KRaft brokers do.",)
_FEATURES: Final = (Feature("kraft.version", 1, 0, 1), Feature("metadata.version", 33, 7, 33))
_LEADERS: Final = (
    Leadership(1, 35, None),
    Leadership(3, 36, NOW_MS - 40 * _MINUTE_MS),
    Leadership(2, 37, NOW_MS - 13 * _MINUTE_MS),
)


def make_replica(
    node: int, *, leader: bool = False, age_ms: int | None = 110, lag_ms: int | None = 110
) -> QuorumReplica:
    """Returns a replica that fetched `age_ms` ago and is `lag_ms` behind."""
    behind = 0 if lag_ms is None or lag_ms < 1000 else round(lag_ms * 0.0021)
    port = 9092 if node > 10 else 9093
    host = f"{'broker' if node > 10 else 'ctl'}-{node}.orders.example:{port}"
    health = replica_health(leader=leader, fetch_age_ms=age_ms, caught_up_lag_ms=lag_ms)
    end = None if health is ReplicaHealth.UNKNOWN else _HIGH_WATERMARK - behind
    lag = None if end is None else behind
    directory = f"Wq2lAbCdEfGhIjKlMno{node:02d}x3Q"
    return QuorumReplica(node, directory, (host,), end, lag, age_ms, lag_ms, health)


def make_quorum(voters: Sequence[QuorumReplica], observers: Sequence[QuorumReplica] = ()) -> Quorum:
    """Returns a quorum led by the voter whose health says so."""
    leader = next((one.id for one in voters if one.health is ReplicaHealth.LEADER), None)
    return Quorum(leader, 37, _HIGH_WATERMARK, tuple(voters), tuple(observers))


def make_coordination(
    of: Quorum | None, mode: CoordinationMode = CoordinationMode.KRAFT, controller: int | None = None
) -> Coordination:
    """Returns what the cluster would answer."""
    leader = of.leader_id if of is not None else controller
    brokers = tuple(broker.id for broker in _BROKERS)
    kraft, zookeeper = {CoordinationMode.KRAFT: (brokers, ()), CoordinationMode.ZOOKEEPER: ((), brokers)}.get(
        mode, ((), ())
    )
    features = _FEATURES if kraft else ()
    evidence = _EVIDENCE if kraft else ()
    return Coordination(
        mode, evidence, leader, 37, of, features, _BROKERS, kraft_brokers=kraft, zookeeper_brokers=zookeeper
    )


_LEADER: Final = make_replica(2, leader=True, age_ms=0, lag_ms=0)
_FOLLOWERS: Final = (make_replica(11, age_ms=200, lag_ms=210), make_replica(12, lag_ms=140))
_WELL: Final = make_quorum(
    (make_replica(1), _LEADER, make_replica(3, age_ms=90, lag_ms=90)), (*_FOLLOWERS, make_replica(13))
)
_ONE_DOWN: Final = make_quorum(
    (make_replica(1), _LEADER, make_replica(3, age_ms=784_000, lag_ms=784_000)),
    (*_FOLLOWERS, make_replica(13, age_ms=400, lag_ms=12_000)),
)


def make_healthy() -> CoordinationView:
    """Returns three voters and three brokers, all in step."""
    return make_view(_WELL, _LEADERS[-1:])


def make_one_down() -> CoordinationView:
    """Returns a quorum whose controller 3 has been silent for 13 minutes; broker 13 is 12 s behind."""
    return make_view(_ONE_DOWN, _LEADERS)


def make_lost() -> CoordinationView:
    """Returns a lost quorum: only controller 1 answers, and the quorum of 14:01:12 is kept."""
    return _make_leaderless((1,))


def make_electing() -> CoordinationView:
    """Returns a quorum in an election: controllers 1 and 3 answer, and neither leads yet."""
    return _make_leaderless((1, 3))


def make_silent() -> CoordinationView:
    """Returns a cluster of which no broker answers."""
    view = make_healthy()
    error = Unreachable("No broker answers at broker-11.orders.example:9092", "Look whether the cluster runs.")
    return CoordinationView(
        NOW_MS,
        CoordinationAnswer.SILENT,
        view.coordination,
        view.quorum,
        NOW_MS - 9_000,
        NOW_MS - 9_000,
        error,
        view.leaders,
        view.lags,
    )


def make_refused() -> CoordinationView:
    """Returns the refusal for a principal that lacks DESCRIBE on the cluster."""
    error = NotAuthorized("reading the quorum: Cluster authorization failed", "Ask for DESCRIBE on the cluster.")
    state = replace(make_coordination(None), refused=error)
    return CoordinationView(NOW_MS, CoordinationAnswer.REFUSED, state, None, NOW_MS, error=error)


def make_zookeeper() -> CoordinationView:
    """Returns a cluster of ZooKeeper's."""
    return CoordinationView(
        NOW_MS, CoordinationAnswer.YES, make_coordination(None, CoordinationMode.ZOOKEEPER, 11), None, NOW_MS
    )


def make_migrating() -> CoordinationView:
    """Returns a migration: a KRaft controller writes to ZooKeeper too, and the brokers have yet to move."""
    state = make_coordination(None, CoordinationMode.ZOOKEEPER)
    state = replace(state, mode=CoordinationMode.MIGRATING, controller_id=3000, migration=MigrationPhase.DUAL_WRITE)
    return CoordinationView(NOW_MS, CoordinationAnswer.YES, state, None, NOW_MS)


def make_unknown() -> CoordinationView:
    """Returns a cluster whose brokers do not say what they take."""
    return CoordinationView(
        NOW_MS, CoordinationAnswer.YES, make_coordination(None, CoordinationMode.UNKNOWN), None, NOW_MS
    )


def make_many() -> CoordinationView:
    """Returns five voters and thirty brokers."""
    voters = (*(make_replica(n) for n in (1, 3, 4)), _LEADER, make_replica(5, age_ms=None, lag_ms=None))
    observers = [make_replica(n, lag_ms=100 + 37 * (n % 5)) for n in range(11, 40)]
    return make_view(make_quorum(voters, [*observers, make_replica(40, age_ms=2500, lag_ms=2500)]), _LEADERS)


def make_view(of: Quorum, leaders: tuple[Leadership, ...] = _LEADERS[-1:]) -> CoordinationView:
    """Returns a view with this quorum, after an hour of watching."""
    return CoordinationView(
        NOW_MS,
        CoordinationAnswer.YES,
        make_coordination(of),
        of,
        NOW_MS,
        NOW_MS,
        leaders=leaders,
        lags=_lags(of),
        watermark_rate=2.1,
        watched_since_ms=NOW_MS - 60 * _MINUTE_MS,
    )


def _lags(of: Quorum) -> Mapping[int, Sequence[tuple[int, int | None]]]:
    """Returns an hour of lags, one in every ten seconds; a replica that is behind fell behind when its time says."""
    looks = range(NOW_MS - 60 * _MINUTE_MS, NOW_MS + 1, 10_000)
    replicas = (*of.voters, *of.observers)
    return {one.id: tuple((at, _lag_at(one, at)) for at in looks) for one in replicas if one.lag is not None}


def _lag_at(one: QuorumReplica, at_ms: int) -> int:
    bursts = at_ms // 10_000 % 3 if one.id % 2 else 0
    behind_ms = one.caught_up_lag_ms or 0
    since = NOW_MS - behind_ms
    if behind_ms < 1_000 or at_ms < since:
        return bursts
    return round((one.lag or 0) * (at_ms - since) / behind_ms)


def _make_leaderless(there: Sequence[int]) -> CoordinationView:
    health = {True: ReplicaHealth.UNKNOWN, False: ReplicaHealth.DOWN}
    voters = tuple(
        replace(make_replica(n, age_ms=None, lag_ms=None), health=health[n in there], answers=n in there)
        for n in (1, 2, 3)
    )
    state = make_coordination(Quorum(None, None, None, voters, ()))
    before = make_view(_ONE_DOWN, _LEADERS)
    return replace(
        before,
        answer=CoordinationAnswer.LEADERLESS,
        coordination=state,
        quorum_at_ms=NOW_MS - 48_000,
        watermark_rate=None,
    )
