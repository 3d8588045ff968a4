"""A topic is created, deleted and undone as its plan says, and no other topic is touched."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kafkaview.cluster.errors import (
    ClusterError,
    NotAuthorized,
    OffsetOutOfRange,
    OutcomeUnknown,
    PlanNoLongerHolds,
    RefusedByPolicy,
    RefusedHere,
    UnknownTopicOrPartition,
    Unreachable,
)
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.cluster.ports.group_offsets import Refused
from kafkaview.cluster.ports.security import Operation
from kafkaview.engine.undo_planners import plan_undo
from kafkaview.journal.entry import EntryState
from kafkaview.session import Session
from kafkaview.terms import GroupState, GroupType, TopicPartition
from kafkaview.writes import execution
from kafkaview.writes.carrying_out import carry_out
from kafkaview.writes.offsets.undo import plan_undo_of_offsets
from kafkaview.writes.plan import ChangePlan
from kafkaview.writes.topics.creation import NewTopic, plan_create_topic
from kafkaview.writes.topics.deletion import plan_delete_topic
from kafkaview.writes.topics.emptying import EmptyingRequest, parse_before, plan_empty_topic
from kafkaview.writes.topics.partitions import plan_add_partitions
from kafkaview.writes.topics.settings import plan_reset_settings, plan_set_settings, same_value
from kafkaview.writes.topics.undo import plan_undo_of_topic
from tests.kit.fake_cluster import FakeCluster, FakeMember
from tests.unit.triage.rerouting import session_on

PLACE = TopicPartition("empty", 1)


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("empty", partitions=2)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    async with session_on(cluster, tmp_path / "journal.sqlite3") as session:
        yield session


def words(plan: ChangePlan) -> str:
    return " ".join(f"{one.consequence} {one.why}" for one in plan.cautions)


# Deletion


async def test_an_empty_topic_is_deleted_with_what_was_aborted_in_it(session: Session, cluster: FakeCluster) -> None:
    with cluster.open_transaction(PLACE):
        pass
    plan = await plan_delete_topic(session, "empty")
    assert (plan.problems, plan.command, plan.destroys) == ((), ("topics", "delete", "empty"), False)
    assert [row.before for row in plan.rows] == ["2 partitions without a record"]
    assert (await carry_out(session, plan)).doubt == ""
    assert cluster.logged == {}
    with pytest.raises(UnknownTopicOrPartition):
        await plan_delete_topic(session, "empty")


async def test_a_topic_with_records_is_deleted_and_the_plan_says_what_is_lost(
    session: Session, cluster: FakeCluster
) -> None:
    for _ in range(5):
        cluster.add_record("empty", b"v", partition=1)
    cluster.commit("billing", PLACE, 2)
    cluster.join("audit", FakeMember("m1", (TopicPartition("empty", 0),)))
    cluster.commit("elsewhere", TopicPartition("other", 0), 1)
    plan = await plan_delete_topic(session, "empty")
    assert plan.destroys
    assert plan.title == "Delete the topic empty with about 5 records"
    assert [(row.what, row.before) for row in plan.rows] == [
        ("empty", "2 partitions with about 5 records"),
        ("Group audit", "lag 0, 1 member"),
        ("Group billing", "lag 3, 0 members"),
    ]
    assert "It takes about 5 records with it." in words(plan)
    assert "audit and billing read it." in words(plan)
    assert plan.document["records_upper_bound"] == 5
    assert plan.document["groups"][1] == {"group": "billing", "lag": 3, "members": 0}
    assert (await carry_out(session, plan)).doubt == ""
    assert "empty" not in cluster.logged


async def test_what_may_hold_records_is_not_taken_for_empty_and_unknown_is_no_zero(
    session: Session, cluster: FakeCluster
) -> None:
    with cluster.open_transaction(PLACE):
        assert (await plan_delete_topic(session, "empty")).destroys
    cluster.down = {2}
    plan = await plan_delete_topic(session, "empty")
    assert plan.destroys
    assert plan.document["records_upper_bound"] is None
    assert "≥ 0 records" in plan.title
    cluster.add_topic("silent")
    cluster.log(TopicPartition("silent", 0)).leader = None
    assert "an unknown number of records" in (await plan_delete_topic(session, "silent")).title


async def test_groups_that_may_not_be_seen_are_said_to_be_possible(session: Session, cluster: FakeCluster) -> None:
    cluster.omitted = {Omission.GROUPS}
    assert "More groups may read it. You may not see all groups" in words(await plan_delete_topic(session, "empty"))
    cluster.failures["groups"] = Unreachable("no coordinator answers")
    assert "could not be read: no coordinator answers" in words(await plan_delete_topic(session, "empty"))


async def test_a_group_of_which_nobody_says_what_it_reads_is_said_to_be_possible(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.add_group("shared", GroupType.SHARE, GroupState.STABLE)
    assert "More groups may read it. What shared reads is not known" in words(await plan_delete_topic(session, "empty"))
    cluster.join("far", FakeMember("m1", ()))
    cluster.grouped["far"].coordinator = 3
    cluster.down = {3}
    assert "listing the groups of broker 3" in words(await plan_delete_topic(session, "empty"))


async def test_kafkas_own_topics_and_those_that_may_not_be_deleted_are_left(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.add_topic("__consumer_offsets")
    assert await problems(session, "__consumer_offsets") == [RefusedHere]
    cluster.topic_changes.denied = {Operation.DELETE}
    assert await problems(session, "empty") == [NotAuthorized]


async def problems(session: Session, topic: str) -> list[type[ClusterError]]:
    return [type(one) for one in (await plan_delete_topic(session, topic)).problems]


async def test_a_topic_that_was_filled_or_made_anew_since_the_plan_is_left(
    session: Session, cluster: FakeCluster
) -> None:
    plan = await plan_delete_topic(session, "empty")
    cluster.add_record("empty", b"v")
    with pytest.raises(PlanNoLongerHolds, match="holds records"):
        await carry_out(session, plan)
    full = await plan_delete_topic(session, "empty")
    cluster.add_record("empty", b"w")
    cluster.add_topic("empty", partitions=2)
    for one in (plan, full):
        with pytest.raises(PlanNoLongerHolds, match="made anew"):
            await carry_out(session, one)
    assert "empty" in cluster.logged
    del cluster.logged["empty"]
    with pytest.raises(PlanNoLongerHolds, match="was deleted meanwhile"):
        await carry_out(session, full)


# Creation


async def test_a_topic_is_created_as_wished_and_with_the_clusters_defaults(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.default_partitions, cluster.default_replicas = 4, 2
    plan = await plan_create_topic(session, NewTopic("plain"))
    assert [(row.before, row.after) for row in plan.rows] == [(None, "4 partitions, 2 replicas each")]
    assert plan.command == ("topics", "create", "plain")
    outcome = await carry_out(session, plan)
    assert (outcome.doubt, len(cluster.logged["plain"].logs)) == ("", 4)
    whole = NewTopic("-odd", 3, 1, {"retention.ms": "-1", "cleanup.policy": ""})
    plan = await plan_create_topic(session, whole)
    assert plan.line == (
        "topics", "create", "--partitions", "3", "--replication-factor", "1", "--config", "retention.ms=-1",
        "--config", "cleanup.policy=", "--yes", "--", "-odd",
    )  # fmt: skip
    assert (await carry_out(session, plan)).doubt == ""
    assert cluster.logged["-odd"].settings == {"retention.ms": "-1", "cleanup.policy": ""}


async def test_what_the_controller_would_refuse_is_a_problem_of_the_plan(
    session: Session, cluster: FakeCluster
) -> None:
    for new in (NewTopic("a b"), NewTopic("new", replication_factor=9), NewTopic("empty")):
        plan = await plan_create_topic(session, new)
        assert plan.problems
        with pytest.raises(type(plan.problems[0])):
            await carry_out(session, plan)
    cluster.failures["draft_topic"] = Unreachable("the controller does not answer")
    assert (await plan_create_topic(session, NewTopic("new"))).problems[0].exit_code == 3
    assert set(cluster.logged) == {"empty"}
    assert not await session.journal.entries()


async def test_a_topic_that_somebody_made_meanwhile_is_not_taken_for_ours(
    session: Session, cluster: FakeCluster
) -> None:
    plan = await plan_create_topic(session, NewTopic("new", 2))
    cluster.add_topic("new", 5)
    with pytest.raises(PlanNoLongerHolds, match="There is a topic new meanwhile"):
        await carry_out(session, plan)
    del cluster.logged["new"]
    cluster.failures["draft_topic"] = RefusedByPolicy("not today")
    with pytest.raises(RefusedByPolicy):
        await carry_out(session, plan)


async def test_a_topic_that_somebody_makes_after_the_check_is_not_taken_for_ours(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cluster.create_topic

    async def late(name: str, partitions: int | None, *rest: Any) -> UUID | None:
        cluster.add_topic(name, 5)
        return await made(name, partitions, *rest)

    monkeypatch.setattr(cluster, "create_topic", late)
    with pytest.raises(PlanNoLongerHolds, match="There is a topic new meanwhile"):
        await carry_out(session, await plan_create_topic(session, NewTopic("new", 2)))
    (entry,) = await session.journal.entries()
    assert entry.state is EntryState.ABORTED
    with pytest.raises(RefusedHere):
        await plan_undo(session, entry.id)
    assert "new" in cluster.logged


async def test_a_topic_that_may_be_somebody_elses_is_not_deleted_by_an_undo(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(name: str, *_: Any) -> UUID | None:
        cluster.add_topic(name, 2)  # the broker that was asked first fell silent: who made it is not known
        return None

    monkeypatch.setattr(cluster, "create_topic", lost)
    done = await carry_out(session, await plan_create_topic(session, NewTopic("new", 2)))
    (problem,) = (await plan_undo(session, done.journal_id)).problems
    assert "its id was not seen" in problem.message


async def test_a_topic_that_is_made_otherwise_than_the_plan_shows_is_told(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_LOOK_FOR_S", 0.1)
    plan = await plan_create_topic(session, NewTopic("new"))
    cluster.default_partitions = 7
    with pytest.raises(PlanNoLongerHolds, match="would give it 7 partitions meanwhile"):
        await carry_out(session, plan)
    made = cluster.create_topic

    async def other(name: str, _partitions: int | None, *rest: Any) -> UUID | None:
        return await made(name, 3, *rest)

    monkeypatch.setattr(cluster, "create_topic", other)
    assert (await carry_out(session, await plan_create_topic(session, NewTopic("new")))).doubt == "It has 3 partitions."


async def test_what_a_topic_cannot_do_is_said_before(session: Session, cluster: FakeCluster) -> None:
    plan = await plan_create_topic(session, NewTopic("new", 1, 1, {"min.insync.replicas": "2"}))
    assert "lost with one broker" in words(plan)
    assert "acks=all cannot write" in words(plan)
    assert (await plan_create_topic(session, NewTopic("new", 1, 2))).cautions == ()
    assert "new" not in cluster.logged


# Undo


async def test_a_creation_is_undone_while_the_topic_is_empty_and_the_same(
    session: Session, cluster: FakeCluster
) -> None:
    entry = (await carry_out(session, await plan_create_topic(session, NewTopic("new", 2)))).journal_id
    cluster.add_record("new", b"v")
    with pytest.raises(PlanNoLongerHolds, match="holds records by now"):
        await carry_out(session, await plan_undo_of_topic(session, entry))
    cluster.add_topic("new", 2)
    with pytest.raises(PlanNoLongerHolds, match="made anew since"):
        await carry_out(session, await plan_undo_of_topic(session, entry))
    entry = (await carry_out(session, await plan_create_topic(session, NewTopic("newer")))).journal_id
    plan = await plan_undo(session, entry)
    assert (plan.line, plan.destroys) == (("topics", "undo", str(entry), "--yes"), False)
    assert (await carry_out(session, plan)).doubt == ""
    assert set(cluster.logged) == {"empty", "new"}
    with pytest.raises(PlanNoLongerHolds, match="has undone entry"):
        await plan_undo(session, entry)


async def test_a_creation_whose_leader_is_silent_is_not_said_to_hold_records(
    session: Session, cluster: FakeCluster
) -> None:
    entry = (await carry_out(session, await plan_create_topic(session, NewTopic("new", 2)))).journal_id
    ready = await plan_undo(session, entry)
    cluster.down = {2}
    plan = await plan_undo(session, entry)
    assert [(type(one), one.message) for one in plan.problems] == [
        (Unreachable, "Whether new holds records by now is unknown")
    ]
    assert plan.destroys, "so that it is not called empty"
    with pytest.raises(Unreachable, match="still holds no record is unknown"):
        await carry_out(session, ready)
    cluster.add_record("new", b"v", partition=0)
    assert "holds records by now" in (await plan_undo(session, entry)).problems[0].message
    assert "new" in cluster.logged


async def test_what_has_no_undo_is_refused_by_each_verb(session: Session) -> None:
    entry = (await carry_out(session, await plan_delete_topic(session, "empty"))).journal_id
    for undo in (plan_undo, plan_undo_of_topic, plan_undo_of_offsets):
        with pytest.raises(RefusedHere):
            await undo(session, entry)
        with pytest.raises(RefusedHere, match="no entry 99"):
            await undo(session, 99)


# More partitions


async def test_partitions_are_added_and_the_plan_says_what_that_does(session: Session, cluster: FakeCluster) -> None:
    cluster.commit("billing", PLACE, 0)
    plan = await plan_add_partitions(session, "empty", 5)
    assert (plan.title, plan.line) == (
        "Add 3 partitions to empty",
        ("topics", "add-partitions", "empty", "--to", "5", "--yes"),
    )
    assert [(row.what, row.before, row.after) for row in plan.rows] == [
        ("empty", "2 partitions", "5 partitions"),
        ("Group billing", "lag 0, 0 members", "reads the new ones too"),
    ]
    for said in ("go to another partition", "billing reads it", "auto.offset.reset=latest", "cannot be undone"):
        assert said in words(plan)
    assert (await carry_out(session, plan)).doubt == ""
    assert len(cluster.logged["empty"].logs) == 5


async def test_partitions_that_are_there_or_refused_are_not_added(session: Session, cluster: FakeCluster) -> None:
    for to, said in ((2, "empty has 2 partitions already"), (1, "and Kafka removes none")):
        (problem,) = (await plan_add_partitions(session, "empty", to)).problems
        assert said in problem.message
        assert problem.exit_code == 4
    cluster.topic_changes.denied = {Operation.ALTER}
    (problem,) = (await plan_add_partitions(session, "empty", 3)).problems
    assert isinstance(problem, NotAuthorized)
    cluster.add_topic("__transaction_state")
    assert isinstance((await plan_add_partitions(session, "__transaction_state", 3)).problems[0], RefusedHere)


async def test_partitions_that_somebody_added_meanwhile_stop_the_plan(session: Session, cluster: FakeCluster) -> None:
    plan = await plan_add_partitions(session, "empty", 5)
    cluster.add_logs("empty", 3)
    with pytest.raises(PlanNoLongerHolds, match="3 partitions meanwhile, not 2"):
        await carry_out(session, plan)
    assert len(cluster.logged["empty"].logs) == 3


# Records deleted


def fill(cluster: FakeCluster, count: int = 10) -> None:
    for partition in range(2):
        for _ in range(count):
            cluster.add_record("empty", b"v", partition=partition)


def starts(cluster: FakeCluster) -> list[int]:
    return [log.start for log in cluster.logged["empty"].logs]


async def test_a_topic_is_emptied_and_the_plan_says_who_has_not_read_it(session: Session, cluster: FakeCluster) -> None:
    fill(cluster)
    cluster.commit("billing", PLACE, 4)
    cluster.commit("audit", PLACE, 10)
    plan = await plan_empty_topic(session, EmptyingRequest("empty"))
    assert (plan.title, plan.destroys) == ("Delete about 20 records of empty", True)
    assert plan.line == ("topics", "empty", "empty", "--before", "end", "--yes")
    assert [(row.what, row.before, row.after) for row in plan.rows] == [
        ("empty:0", "starts at 0", "starts at 10"),
        ("empty:1", "starts at 0", "starts at 10"),
        ("Group billing", "about 6 records unread", "lost to it"),
    ]
    assert "billing has not read all of them" in words(plan)
    cluster.add_record("empty", b"later")
    assert (await carry_out(session, plan)).doubt == ""
    assert starts(cluster) == [10, 10]
    assert cluster.log(TopicPartition("empty", 0)).end == 11, "what came after the plan stays"


async def test_records_before_an_offset_or_a_time_are_deleted_on_the_partitions_that_are_named(
    session: Session, cluster: FakeCluster
) -> None:
    fill(cluster)
    plan = await plan_empty_topic(session, EmptyingRequest("empty", parse_before("7"), (1,)))
    assert plan.line == ("topics", "empty", "empty", "--partition", "1", "--before", "7", "--yes")
    await carry_out(session, plan)
    assert starts(cluster) == [0, 7]
    first = cluster.log(TopicPartition("empty", 0)).entries[3]
    assert first is not None
    at = parse_before(f"@{first.timestamp_ms}")
    plan = await plan_empty_topic(session, EmptyingRequest("empty", at))
    assert [(row.before, row.after) for row in plan.rows] == [("starts at 0", "starts at 3"), ("starts at 7",) * 2]
    await carry_out(session, plan)
    assert starts(cluster) == [3, 7]
    with pytest.raises(OffsetOutOfRange):
        await plan_empty_topic(session, EmptyingRequest("empty", parse_before("99")))
    with pytest.raises(UnknownTopicOrPartition):
        await plan_empty_topic(session, EmptyingRequest("empty", partitions=(5,)))


async def test_a_leader_that_does_not_tell_the_place_of_a_time_loses_nothing(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(cluster)
    asked = cluster.offsets_at

    async def silent(partitions: Collection[TopicPartition], at: int) -> Mapping[TopicPartition, int | None]:
        return {one: offset for one, offset in (await asked(partitions, at)).items() if one != PLACE}

    monkeypatch.setattr(cluster, "offsets_at", silent)
    plan = await plan_empty_topic(session, EmptyingRequest("empty", parse_before("@1700000000000")))
    assert [(row.what, row.after) for row in plan.rows if row.what == str(PLACE)] == [("empty:1", "unknown")]
    assert plan.problems[0].message == "The leader of empty:1, broker 2, does not answer"
    with pytest.raises(Unreachable):
        await carry_out(session, plan)
    assert starts(cluster) == [0, 0]


@pytest.mark.parametrize("text", ["beginning", "-5", "group:g", "soon"])
def test_what_is_no_place_to_delete_up_to_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse_before(text)


async def test_what_cannot_be_deleted_is_a_problem_of_the_plan(session: Session, cluster: FakeCluster) -> None:
    async def problem() -> ClusterError:
        return (await plan_empty_topic(session, EmptyingRequest("empty"))).problems[0]

    assert "there is nothing to delete" in (await problem()).message
    fill(cluster)
    cluster.down = {2}
    silent = await problem()
    assert (silent.message, silent.exit_code) == ("empty:1 has no leader: its only replica is on broker 2", 3)
    assert silent.hint.endswith("Or name the other partitions with --partition.")
    cluster.down = set()
    cluster.logged["empty"].settings["cleanup.policy"] = "compact"
    compacted = await problem()
    assert ("POLICY_VIOLATION" in compacted.message, compacted.exit_code) == (True, 5)
    cluster.logged["empty"].settings["cleanup.policy"] = "compact,delete"
    cluster.topic_changes.denied = {Operation.DELETE}
    assert isinstance(await problem(), NotAuthorized)
    cluster.topic_changes.denied = set()
    cluster.failures["topic_settings"] = NotAuthorized("no right")
    assert (await plan_empty_topic(session, EmptyingRequest("empty"))).problems == ()


async def test_what_an_open_transaction_holds_back_stays(session: Session, cluster: FakeCluster) -> None:
    fill(cluster, 3)
    with cluster.open_transaction(PLACE):
        plan = await plan_empty_topic(session, EmptyingRequest("empty"))
        assert "What an open transaction holds back on empty:1 stays" in words(plan)
        assert (await carry_out(session, plan)).doubt == ""
        assert starts(cluster) == [3, 3]


async def test_a_log_that_is_another_by_then_is_left_and_one_that_refuses_is_named(
    session: Session, cluster: FakeCluster
) -> None:
    fill(cluster)
    plan = await plan_empty_topic(session, EmptyingRequest("empty"))
    cluster.down = {1}
    with pytest.raises(Unreachable, match="empty:0 has no leader: its only replica is on broker 1"):
        await carry_out(session, plan)
    cluster.down = set()
    del cluster.log(PLACE).entries[5:]
    with pytest.raises(PlanNoLongerHolds, match="ends at 5 meanwhile, before 10"):
        await carry_out(session, plan)
    assert starts(cluster) == [0, 0]
    fill(cluster, 5)
    cluster.topic_changes.refused = {PLACE: RefusedByPolicy("not this one")}
    outcome = await carry_out(session, await plan_empty_topic(session, EmptyingRequest("empty")))
    assert outcome.doubt == "empty:1: not this one"
    assert starts(cluster) == [15, 0]
    with pytest.raises(RefusedByPolicy):
        await carry_out(session, await plan_empty_topic(session, EmptyingRequest("empty")))
    cluster.topic_changes.refused = {PLACE: Unreachable("silence")}
    with pytest.raises(OutcomeUnknown):
        await carry_out(session, await plan_empty_topic(session, EmptyingRequest("empty")))


async def test_a_leader_that_falls_silent_meanwhile_is_not_said_to_keep_its_records(
    session: Session, cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_LOOK_FOR_S", 0.1)
    fill(cluster)
    deleted = cluster.topic_changes.delete_records

    async def falling_silent(before: Mapping[TopicPartition, int]) -> Refused:
        refused = await deleted(before)
        cluster.down = {2}
        return refused

    monkeypatch.setattr(cluster.topic_changes, "delete_records", falling_silent)
    outcome = await carry_out(session, await plan_empty_topic(session, EmptyingRequest("empty")))
    assert outcome.doubt == "it could not be read back: empty:1 has no leader: its only replica is on broker 2"
    assert outcome.effective is None


# Settings


async def test_settings_are_changed_reset_and_given_back_exactly(session: Session, cluster: FakeCluster) -> None:
    own = cluster.logged["empty"].settings
    own |= {"cleanup.policy": "compact"}
    plan = await plan_set_settings(session, "empty", {"retention.ms": "60000", "cleanup.policy": "delete"})
    assert (plan.title, plan.deed) == ("Change retention.ms and cleanup.policy of empty", "Change 2 settings")
    assert plan.line == ("topics", "set", "empty", "retention.ms=60000", "cleanup.policy=delete", "--yes")
    assert [(row.what, row.before, row.after) for row in plan.rows] == [
        ("retention.ms", "604800000 (the cluster's)", "60000"),
        ("cleanup.policy", "compact", "delete"),
    ]
    assert "Older records are deleted soon" in words(plan)
    first = await carry_out(session, plan)
    assert (first.doubt, own) == ("", {"retention.ms": "60000", "cleanup.policy": "delete"})

    plan = await plan_reset_settings(session, "empty", ["cleanup.policy"])
    assert plan.line == ("topics", "reset", "empty", "cleanup.policy", "--yes")
    assert [(row.before, row.after) for row in plan.rows] == [("delete", "delete (the cluster's)")]
    second = await carry_out(session, plan)
    assert own == {"retention.ms": "60000"}

    undo = await plan_undo(session, first.journal_id)
    assert ("60000", "the cluster's") in [(row.before, row.after) for row in undo.rows], "no broker tells it"
    assert "Older records may be deleted soon" in words(undo)
    (problem,) = undo.problems
    assert "cleanup.policy of empty was changed since: it is the cluster's" in problem.message
    for entry in (second, first):
        undo = await plan_undo(session, entry.journal_id)
        assert undo.line == ("topics", "undo", str(entry.journal_id), "--yes")
        assert (await carry_out(session, undo)).doubt == ""
    assert own == {"cleanup.policy": "compact"}


async def test_what_does_not_fit_or_changes_nothing_is_a_problem_of_the_plan(
    session: Session, cluster: FakeCluster
) -> None:
    for values in ({"no.such": "1"}, {"retention.ms": "soon"}):
        assert isinstance((await plan_set_settings(session, "empty", values)).problems[0], RefusedByPolicy)
    cluster.logged["empty"].settings["retention.ms"] = "5"
    (problem,) = (await plan_set_settings(session, "empty", {"retention.ms": "5"})).problems
    assert problem.message == "empty has this value already for retention.ms"
    (problem,) = (await plan_reset_settings(session, "empty", ["cleanup.policy"])).problems
    assert problem.message == "empty has no value of its own for cleanup.policy"
    cluster.topic_changes.denied = {Operation.ALTER_CONFIGS}
    assert isinstance((await plan_set_settings(session, "empty", {"retention.ms": "6"})).problems[0], NotAuthorized)


async def test_a_sensitive_setting_is_neither_shown_nor_journalled(session: Session, cluster: FakeCluster) -> None:
    cluster.topic_changes.sensitive = {"retention.ms"}
    with pytest.raises(RefusedHere, match="is sensitive"):
        await plan_set_settings(session, "empty", {"retention.ms": "1234567"})
    assert not await session.journal.entries()


async def test_settings_that_were_changed_meanwhile_stop_the_plan(session: Session, cluster: FakeCluster) -> None:
    plan = await plan_set_settings(session, "empty", {"retention.ms": "5"})
    cluster.logged["empty"].settings["retention.ms"] = "7"
    with pytest.raises(PlanNoLongerHolds, match=r"retention\.ms of empty was changed meanwhile: it is 7"):
        await carry_out(session, plan)
    done = await carry_out(session, await plan_set_settings(session, "empty", {"retention.ms": "8"}))
    cluster.add_topic("empty", settings={"retention.ms": "8"})
    (problem,) = (await plan_undo(session, done.journal_id)).problems
    assert "made anew since" in problem.message


async def test_values_that_the_broker_tells_otherwise_than_they_were_typed_are_as_planned(
    session: Session, cluster: FakeCluster
) -> None:
    own = cluster.logged["empty"].settings
    typed = {"retention.ms": "007", "cleanup.policy": "compact, delete"}
    done = await carry_out(session, await plan_set_settings(session, "empty", typed))
    assert (done.doubt, own) == ("", {"retention.ms": "7", "cleanup.policy": "compact,delete"})
    again = (await plan_set_settings(session, "empty", typed)).problems
    assert [one.message for one in again] == ["empty has this value already for retention.ms and cleanup.policy"]
    undo = await plan_undo(session, done.journal_id)
    assert undo.problems == ()
    assert (await carry_out(session, undo)).doubt == ""
    assert own == {}
    made = await carry_out(session, await plan_create_topic(session, NewTopic("new", settings=typed)))
    assert made.doubt == ""


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (" TRUE", "true"),
        ("compact, delete", "compact,delete"),
        ("+07", "7"),
        ("-01", "-1"),
        (".50", "0.5"),
        ("1", "1.0"),
    ],
)
def test_a_value_is_the_same_as_a_broker_reads_it(typed: str, told: str) -> None:
    assert same_value(typed, told)
    assert not same_value(typed, f"{told}1")
    assert not same_value(typed, None)


def test_values_that_only_look_alike_are_others() -> None:
    assert not same_value("9223372036854775806", "9223372036854775807")
    assert not same_value("gzip", "GZIP")
    assert not same_value("", None)
    assert same_value(None, None)


ODD = "caf\udce9"  # a byte of the command line that is not UTF-8


async def test_what_kafkas_protocol_cannot_carry_is_refused_before_there_is_a_plan(session: Session) -> None:
    for settings in ({ODD: "1"}, {"cleanup.policy": ODD}):
        with pytest.raises(RefusedHere, match="not UTF-8"):
            await plan_create_topic(session, NewTopic("new", settings=settings))
        with pytest.raises(RefusedHere, match="not UTF-8"):
            await plan_set_settings(session, "empty", settings)
    with pytest.raises(RefusedHere, match="not UTF-8"):
        await plan_reset_settings(session, "empty", [ODD])
    with pytest.raises(RefusedHere, match="not UTF-8"):
        await plan_create_topic(session, NewTopic(ODD))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("retention.bytes", "5", "Older records are deleted soon"),
        ("retention.ms", "-1", ""),
        ("cleanup.policy", "compact", "Records without a key are refused"),
        ("min.insync.replicas", "2", "acks=all can no longer write"),
        ("max.message.bytes", "10", "Producers of larger records are refused"),
        ("max.message.bytes", "10000000", ""),
    ],
)
async def test_what_a_setting_leads_to_is_said(session: Session, name: str, value: str, said: str) -> None:
    plan = await plan_set_settings(session, "empty", {name: value})
    assert said in words(plan)
    assert bool(plan.cautions) == bool(said)


async def test_kafkas_own_topics_may_have_other_settings_but_that_is_said(
    session: Session, cluster: FakeCluster
) -> None:
    cluster.add_topic("__consumer_offsets")
    plan = await plan_set_settings(session, "__consumer_offsets", {"segment.bytes": "1048576"})
    assert plan.problems == ()
    assert "Kafka's own" in words(plan)
