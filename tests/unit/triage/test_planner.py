"""What a plan decides: who moves how far, what is copied, what keeps it from being carried out."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    NotAuthorized,
    PlanNoLongerHolds,
    RecordTooLarge,
    RefusedByPolicy,
    RefusedHere,
    UnknownGroup,
    Unreachable,
)
from kafkaview.cluster.ports.cluster import Omission, TopicDraft
from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.session import Session
from kafkaview.terms import CommittedOffset, GroupType, Header, RecordId, TopicPartition
from kafkaview.triage.provenance_headers import ROUTED_HEADER, Dialect, Provenance
from kafkaview.triage.reroute.bulk.copy_maker import CopyMaker
from kafkaview.triage.reroute.bulk.planner import plan_bulk_reroute
from kafkaview.triage.reroute.bulk.request import BulkRequest
from kafkaview.triage.reroute.group_positions import REACH
from kafkaview.triage.reroute.plan import GroupPosition, ReroutePlan
from kafkaview.triage.reroute.planner import plan_request, plan_reroute
from kafkaview.triage.reroute.queue import look_at_queue
from kafkaview.triage.reroute.request import RerouteRequest
from kafkaview.triage.watch.unseen import say_unseen
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.plan import Caution
from tests.kit.fake_cluster import FakeCluster
from tests.unit.triage.rerouting import BAD, GOOD, P0, P1, POISON, SECOND, poisoned, session_on


@pytest.fixture
def cluster() -> FakeCluster:
    return poisoned(FakeCluster())


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    async with session_on(cluster, tmp_path / "journal.sqlite3") as session:
        yield session


def moves(plan: ReroutePlan) -> list[tuple[str, int, int | None]]:
    """Group, partition and new offset of each move."""
    return [(move.group, move.topic_partition.partition, move.after) for move in plan.moves]


def standings(plan: ReroutePlan) -> dict[str, GroupPosition]:
    """Why each of the others stays."""
    return {left.group: left.standing for left in plan.left_alone}


def problems(plan: ReroutePlan) -> list[type[ClusterError]]:
    """The kinds of what keeps it from being carried out."""
    return [type(problem) for problem in plan.problems]


async def test_groups_at_different_offsets_each_move_as_far_as_no_good_record_is_passed(
    session: Session, cluster: FakeCluster
) -> None:
    for group, offset in (("at-first", 10), ("at-good", 11), ("at-second", 12), ("past", 13), ("far-back", 3)):
        cluster.commit(group, P0, offset)
    plan = await plan_reroute(session, [POISON, SECOND], groups=None)
    assert moves(plan) == [("at-first", 0, 11), ("at-second", 0, 13)]
    assert standings(plan) == {
        "at-good": GroupPosition.BETWEEN,
        "past": GroupPosition.PAST,
        "far-back": GroupPosition.BETWEEN,
    }


async def test_good_records_that_are_passed_over_on_request_are_copied_once(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.commit("a", P0, 9)
    cluster.commit("b", P0, 8)
    plan = await plan_reroute(session, [POISON, SECOND], groups=["a", "b"], skip_between=True)
    assert moves(plan) == [("a", 0, 13), ("b", 0, 13)]
    assert [(copy.record.offset, copy.good) for copy in plan.copies] == [
        (8, True),
        (9, True),
        (10, False),
        (11, True),
        (12, False),
    ]


async def test_records_of_several_partitions_move_a_group_on_each(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("g", P0, 10)
    cluster.commit("g", P1, 10)
    plan = await plan_reroute(session, [RecordId("orders", 1, 10), POISON], groups=["g"])
    assert moves(plan) == [("g", 0, 11), ("g", 1, 11)]


async def test_a_group_or_record_named_twice_counts_once(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("g", P0, 10)
    plan = await plan_reroute(session, [POISON, POISON], groups=["g", "g"])
    assert (len(plan.copies), moves(plan), plan.problems) == (1, [("g", 0, 11)], ())


async def test_records_of_several_topics_are_refused(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("payments")
    other = cluster.add_record("payments", BAD)
    with pytest.raises(RefusedHere, match="several topics"):
        await plan_reroute(session, [POISON, other], groups=[])


@pytest.mark.parametrize("skip_between", [False, True])
async def test_a_group_further_before_than_a_plan_reads_is_moved_only_within_reach(
    session: Session, cluster: FakeCluster, *, skip_between: bool
) -> None:
    for _ in range(2 * REACH):
        cluster.add_record("orders", GOOD)
    far = cluster.add_record("orders", BAD)
    cluster.commit("g", P0, 10)
    alone = await plan_reroute(session, [far], groups=["g"], skip_between=skip_between)
    assert (standings(alone), problems(alone)) == ({"g": GroupPosition.FAR}, [RefusedHere])
    assert "--skip-between" not in alone.problems[0].hint
    with_near = await plan_reroute(session, [POISON, far], groups=["g"], skip_between=skip_between)
    assert moves(with_near) == [("g", 0, 11)]


async def test_without_groups_none_moves_and_none_is_looked_up(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("g", P0, 10)
    plan = await plan_reroute(session, [POISON], groups=[])
    assert (plan.moves, plan.left_alone, plan.problems, cluster.calls["committed_offsets"]) == ((), (), (), 0)


async def test_unlisted_groups_are_a_caution_unless_the_groups_were_named(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.commit("g", P0, 10)
    cluster.unlisted = {9: Unreachable("broker 9 does not answer")}
    cluster.omitted = {Omission.GROUPS}
    plan = await plan_reroute(session, [POISON], groups=None)
    assert [(one.coordinator, one.kind) for one in plan.unseen] == [(9, UnseenKind.SILENT), (None, UnseenKind.RIGHT)]
    assert plan.cautions[0] == Caution("Other groups may stand there too:", say_unseen(plan.unseen))
    silent = "the groups of broker 9 could not be seen: broker 9 does not answer; you may not see all "
    assert plan.cautions[0].why.startswith(silent)
    narrowed = await plan_request(session, RerouteRequest((POISON,), None, unticked=frozenset({"g"})))
    assert (moves(narrowed), narrowed.unseen, narrowed.cautions[0]) == ([], plan.unseen, plan.cautions[0])
    assert (await plan_reroute(session, [POISON], groups=["g"])).unseen == ()


async def test_a_named_group_that_cannot_move_is_a_problem_of_its_kind(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("past", P0, 20)
    cluster.commit("between", P0, 5)
    cluster.add_group("nowhere")
    cluster.add_group("shared", GroupType.SHARE)
    kinds = {"past": PlanNoLongerHolds, "between": RefusedHere, "nowhere": RefusedHere, "shared": RefusedHere}
    for group, kind in kinds.items():
        assert problems(await plan_reroute(session, [POISON], groups=[group])) == [kind], group
    with pytest.raises(UnknownGroup):
        await plan_reroute(session, [POISON], groups=["unheard-of"])


async def test_a_group_that_may_not_be_read_is_refused_as_the_broker_refuses_it(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.commit("g", P0, 10)
    for refusal in (NotAuthorized("not allowed", "Ask for READ."), Unreachable("no answer")):

        async def refused(*_: object, refusal: ClusterError = refusal, **__: object) -> dict[str, ClusterError]:
            return {"g": refusal}

        monkeypatch.setattr(cluster, "committed_offsets", refused)
        assert problems(await plan_reroute(session, [POISON], groups=["g"])) == [type(refusal)]


async def test_offsets_without_records_are_not_in_the_way(session: Session, cluster: FakeCluster) -> None:
    with cluster.open_transaction(P0):
        pass  # an aborted record and a marker
    poison = cluster.add_record("orders", BAD)
    cluster.commit("g", P0, 30)
    plan = await plan_reroute(session, [poison], groups=["g"])
    assert moves(plan) == [("g", 0, poison.offset + 1)]


async def copied(cluster: FakeCluster, plan: ReroutePlan, value: bytes | None = BAD) -> RecordId:
    """A dead letter with the plan's headers, as an earlier re-route left it."""
    [copy] = plan.copies
    cluster.add_topic("orders-dlq", settings={"retention.ms": "-1"})
    headers = (*(copy.record.headers or ()), *copy.added_headers)
    return cluster.add_record(
        "orders-dlq", value, key=copy.record.key, headers=headers, timestamp_ms=copy.record.timestamp_ms
    )


async def test_a_copy_that_is_there_counts_instead_of_a_second_one(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("g", P0, 10)
    there = await copied(cluster, await plan_reroute(session, [POISON], groups=[]))
    again = await plan_reroute(session, [POISON], groups=["g"])
    assert [copy.already for copy in again.copies] == [there]
    assert (again.title, again.deed) == ("Move 1 group past 1 record, which is in orders-dlq already", "Skip")
    assert problems(await plan_reroute(session, [POISON], groups=[])) == [PlanNoLongerHolds]


async def test_a_dead_letter_with_other_bytes_is_no_copy(session: Session, cluster: FakeCluster) -> None:
    """The topic was deleted and made again: the same name, another record."""
    await copied(cluster, await plan_reroute(session, [POISON], groups=[]), value=b"another")
    assert [copy.already for copy in (await plan_reroute(session, [POISON], groups=[])).copies] == [None]


async def test_the_copies_go_to_the_partitions_that_the_queue_has(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("orders-dlq", partitions=1, settings={"retention.ms": "-1"})
    plan = await plan_reroute(session, [RecordId("orders", 1, 10)], groups=[])
    assert (plan.dlq_partitions, plan.create_dlq, plan.dlq_ends) == (1, False, ((TopicPartition("orders-dlq", 0), 0),))


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"cleanup.policy": "compact"}, RefusedByPolicy),
        ({"cleanup.policy": "compact,delete"}, RefusedByPolicy),
        ({"max.message.bytes": "20"}, RecordTooLarge),
        ({"retention.ms": "0"}, RefusedByPolicy),
    ],
)
async def test_a_queue_that_would_not_keep_the_copy_is_refused(
    session: Session, cluster: FakeCluster, settings: dict[str, str], kind: type[ClusterError]
) -> None:
    cluster.add_topic("orders-dlq", settings=settings)
    old = cluster.add_record("orders", BAD, key=b"k", timestamp_ms=1_600_000_000_000)
    assert problems(await plan_reroute(session, [old], groups=[])) == [kind]


NOW_MS = time.time_ns() // 1_000_000
HOUR_MS = 3_600_000


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize(
    ("settings", "away_ms", "refused"),
    [
        ({"message.timestamp.before.max.ms": "3600000"}, -2 * HOUR_MS, "message.timestamp.before.max.ms"),
        ({"message.timestamp.before.max.ms": "3600000"}, HOUR_MS, ""),
        ({"message.timestamp.after.max.ms": "3600000"}, 2 * HOUR_MS, "message.timestamp.after.max.ms"),
        ({"message.timestamp.difference.max.ms": "3600000"}, 2 * HOUR_MS, "message.timestamp.difference.max.ms"),
        ({"message.timestamp.difference.max.ms": "3600000"}, -2 * HOUR_MS, "message.timestamp.difference.max.ms"),
        (
            {"message.timestamp.difference.max.ms": "1", "message.timestamp.before.max.ms": str(3 * HOUR_MS)},
            -2 * HOUR_MS,
            "",
        ),
        ({"message.timestamp.after.max.ms": "1", "message.timestamp.type": "LogAppendTime"}, HOUR_MS, ""),
    ],
)
async def test_a_timestamp_that_the_queue_would_not_take_is_a_problem(
    session: Session, cluster: FakeCluster, settings: dict[str, str], away_ms: int, refused: str, *, exists: bool
) -> None:
    """Of a queue that is to be made, the cluster says which settings it would have."""
    cluster.default_settings = settings
    if exists:
        cluster.add_topic("orders-dlq", settings={"retention.ms": "-1"})
    record = cluster.add_record("orders", BAD, timestamp_ms=NOW_MS + away_ms)
    plan = await plan_reroute(session, [record], groups=[])
    assert problems(plan) == ([RefusedByPolicy] if refused else [])
    if refused:
        assert f"{refused}=3600000" in plan.problems[0].message
        assert refused in plan.problems[0].hint
        assert ("beforehand" in plan.problems[0].hint) is not exists
    assert any("LogAppendTime" in one.why for one in plan.cautions) is ("message.timestamp.type" in settings)


async def test_a_queue_that_cannot_be_made_is_a_problem_with_another_name(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.add_topic("orders.dlq")
    plan = await plan_reroute(session, [POISON], groups=[], dlq="orders_dlq")
    assert (problems(plan), plan.problems[0].hint) == (
        [RefusedByPolicy],
        "Choose another queue: --to orders_dlq-2.",
    )
    assert problems(await plan_reroute(session, [POISON], groups=[], dlq="orders_dlq", create_dlq=False)) == [
        RefusedByPolicy
    ]
    assert cluster.calls["create_topic"] == 0


async def test_a_queue_that_the_cluster_refuses_is_a_problem_in_its_own_words(
    session: Session, cluster: FakeCluster
) -> None:
    refusal = RefusedByPolicy("creating the topic orders-dlq: names begin with a team")
    cluster.failures["draft_topic"] = refusal
    assert (await plan_reroute(session, [POISON], groups=[])).problems == (refusal,)
    cluster.add_topic("orders-dlq", settings={"retention.ms": "-1"})
    assert problems(await plan_reroute(session, [POISON], groups=[])) == []


async def test_the_copies_are_checked_by_the_settings_of_the_new_queue(session: Session, cluster: FakeCluster) -> None:
    cluster.default_settings = {"cleanup.policy": "compact", "max.message.bytes": "20"}
    assert problems(await plan_reroute(session, [POISON], groups=[])) == [RefusedByPolicy, RecordTooLarge]


async def test_a_transaction_that_brokers_would_refuse_is_a_problem(session: Session, cluster: FakeCluster) -> None:
    cluster.transactions.refused = [NotAuthorized("The right WRITE on Topic orders-dlq is missing")]
    assert problems(await plan_reroute(session, [POISON], groups=[])) == [NotAuthorized]


async def test_a_queue_with_too_few_replicas_in_sync_is_a_problem_where_the_copies_go(
    session: Session, cluster: FakeCluster
) -> None:
    settings = {"retention.ms": "-1", "min.insync.replicas": "2"}
    cluster.add_topic("orders-dlq", partitions=2, replicas=2, settings=settings)
    cluster.down = {2}  # it leads partition 1, and follows on partition 0
    plan = await plan_reroute(session, [POISON], groups=[])
    assert problems(plan) == [RefusedByPolicy]
    assert "orders-dlq:0 takes no record now: 1 replica is in sync, and it needs 2" in plan.problems[0].message
    cluster.logged["orders-dlq"].settings["min.insync.replicas"] = "1"
    assert problems(await plan_reroute(session, [POISON], groups=[])) == []


@pytest.mark.parametrize(("replicas", "caution"), [(1, True), (2, True), (3, False)])
async def test_the_replicas_of_a_new_queue_are_named_and_fewer_than_the_source_has_are_warned_of(
    session: Session, cluster: FakeCluster, replicas: int, *, caution: bool
) -> None:
    cluster.logged["orders"].replicas = 3
    cluster.default_replicas = replicas
    plan = await plan_reroute(session, [POISON], groups=[])
    assert plan.dlq_replication_factor == replicas
    assert (
        plan.new_queue == f"orders-dlq: 2 partitions, {replicas} replica{'' if replicas == 1 else 's'}, kept for ever"
    )
    assert (plan.cautions[:1] != () and "orders has 3" in plan.cautions[0].consequence) is caution


@pytest.mark.parametrize(
    ("topic", "pattern", "warned"),
    [("orders-dlq", None, True), ("poison.orders", "poison.{topic}", True), ("poison.orders", None, False)],
)
async def test_a_queue_of_a_queue_is_warned_of(
    session: Session, cluster: FakeCluster, topic: str, pattern: str | None, *, warned: bool
) -> None:
    profile = replace(session.profile, dead_letter_queue=pattern)
    session = Session(profile, cluster, session.decoders, session.journal)
    cluster.add_topic(topic, partitions=1)
    record = cluster.add_record(topic, BAD, poison=True)
    one = await plan_reroute(session, [record], groups=[])
    many = await plan_bulk_reroute(session, BulkRequest(topic, {0: {record.offset: ""}}, groups=()))
    for cautions in (one.cautions, many.cautions):
        said = [caution.consequence for caution in cautions]
        assert (f"{topic} looks like a dead letter queue itself:" in said) is warned, said


async def test_replicas_that_may_not_be_read_are_unknown_and_not_well(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unseen(*_: object, **__: object) -> TopicDraft:
        return TopicDraft(None)

    cluster.logged["orders"].replicas = 3
    monkeypatch.setattr(cluster, "draft_topic", unseen)
    plan = await plan_reroute(session, [POISON], groups=[])
    assert plan.dlq_replication_factor is None
    assert "unknown" in plan.cautions[0].consequence


async def test_a_record_that_fits_only_compressed_is_left_to_the_broker(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("orders-dlq", settings={"max.message.bytes": "100000", "retention.ms": "-1"})
    compressible = cluster.add_record("orders", b"x" * 3_000_000)
    dense = cluster.add_record("orders", os.urandom(3_000_000))
    assert problems(await plan_reroute(session, [compressible], groups=[])) == []
    assert problems(await plan_reroute(session, [dense], groups=[])) == [RecordTooLarge]


async def test_a_new_queue_takes_as_large_records_as_their_topic(session: Session, cluster: FakeCluster) -> None:
    assert (await plan_reroute(session, [POISON], groups=[])).dlq_settings == (("retention.ms", "-1"),)
    cluster.logged["orders"].settings["max.message.bytes"] = "9000000"
    settings = (await plan_reroute(session, [POISON], groups=[])).dlq_settings
    assert settings == (("retention.ms", "-1"), ("max.message.bytes", "9000000"))


async def test_a_missing_queue_that_may_not_be_made_and_the_own_topic_are_problems(session: Session) -> None:
    missing = await plan_reroute(session, [POISON], groups=[], create_dlq=False)
    assert [problem.hint for problem in missing.problems] == ["Create it with --create-dlq."]
    assert problems(await plan_reroute(session, [POISON], groups=[], dlq="orders")) == [RefusedHere]


async def test_metadata_beside_the_offset_is_warned_of(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("g", P0, 10, metadata="state")
    plan = await plan_reroute(session, [POISON], groups=["g"])
    assert plan.moves[0].before == CommittedOffset(10, 0, "state")
    assert plan.cautions[0].consequence == "State kept beside the offset is dropped."


async def test_a_header_whose_name_was_cut_in_reading_is_a_problem(session: Session, cluster: FakeCluster) -> None:
    poison = cluster.add_record("orders", BAD, headers=(Header("a", b"1"),))
    cluster.whole_names[poison] = ("a\0b",)
    plan = await plan_reroute(session, [poison], groups=[])
    assert [problem.message for problem in plan.problems] == [
        f"{poison} cannot be copied byte for byte: byte 1 of the name of a header is NUL (61 00 62)"
    ]


async def test_a_reason_too_long_for_the_queue_is_cut_and_says_so(session: Session, cluster: FakeCluster) -> None:
    cluster.add_topic("orders-dlq", settings={"max.message.bytes": "1500", "retention.ms": "-1"})
    trace = "".join(map(chr, os.urandom(8_000)))
    plan = await plan_reroute(session, [POISON], groups=[], reasons={POISON: trace})
    (copy,) = plan.copies
    said = next(header.value for header in copy.added_headers if header.key == "__dlq.errors.message")
    assert said is not None
    assert said.decode().endswith(f"… (cut, it had {len(trace.encode()):,} bytes)")
    assert trace.startswith(said.decode().partition("…")[0])
    assert plan.problems == ()


async def test_a_copy_says_when_it_was_written_not_when_it_was_planned(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await plan_reroute(session, [POISON], groups=[])
    for module in ("plan", "bulk.copy_maker"):
        monkeypatch.setattr(f"kafkaview.triage.reroute.{module}.now_ms", lambda: 1_900_000_000_123)
    await carry_out(session, plan)
    (copy,) = (one for one in cluster.log(TopicPartition(plan.dlq, POISON.partition)).entries if one is not None)
    assert Header(ROUTED_HEADER, b"2030-03-17T17:46:40.123Z") in (copy.headers or ())
    (planned,) = plan.copies
    assert [one.key for one in copy.headers or ()][-len(planned.added_headers) :] == [
        one.key for one in planned.added_headers
    ]
    queue = await look_at_queue(cluster, plan.dlq, await cluster.topic(POISON.topic), create=True)
    maker = CopyMaker(queue, Dialect.KAFKA, Provenance((), "", "earlier", None, ""), {}, {})
    assert maker.of_now().provenance.routed_at == "2030-03-17T17:46:40.123Z"
