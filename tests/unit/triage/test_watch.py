from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.cluster.ports.cluster import Groups, Omission
from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import OFFSETS_TOPIC, GroupState, GroupType, TopicPartition
from kafkaview.triage.watch import members
from kafkaview.triage.watch.observations import ENDS_UNKNOWN, LAST_SEEN, NEW_IN_SIGHT, SPARSE_LOOKS
from kafkaview.triage.watch.suspect import BEING_READ
from kafkaview.triage.watch.unseen import UnseenGroups, say_health, say_unseen
from kafkaview.triage.watch.verdict import Behaviour, Verdict
from kafkaview.triage.watch.view import View
from kafkaview.triage.watch.watch import Watch
from tests.kit.fake_cluster import FakeCluster, FakeMember, OnPoison
from tests.kit.patience import patience

ORDERS_0 = TopicPartition("orders", 0)
POISON_AT = 30


@pytest.fixture
def cluster() -> FakeCluster:
    """orders with a poison at 30, and a group that stands on it by crashing."""
    cluster = FakeCluster()
    cluster.add_topic("orders")
    for number in range(80):
        poison = number == POISON_AT
        cluster.add_record("orders", b'{"n": ' if poison else b'{"n": 1}', poison=poison)
    cluster.join("billing", FakeMember("billing", (ORDERS_0,), OnPoison.CRASH))
    cluster.commit("billing", ORDERS_0, POISON_AT)
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


def watch(session: Session) -> Watch:
    return Watch(session, interval=0.02, window=0.2)


async def first_judged(watch: Watch, cluster: FakeCluster) -> View:
    """The first view with a verdict for which the records were read."""
    async with aclosing(watch.views()) as views:
        async for view in views:
            cluster.tick()
            if view.judged and not any(BEING_READ in line.text for one in view.stuck for line in one.evidence):
                return view
    raise AssertionError


def named(view: View) -> list[str]:
    return [] if view.groups is None else list(view.groups.names)


async def next_sample(views: AsyncGenerator[View, None]) -> View:
    """The next view that is of a whole sample, or tells why there is none."""
    return await anext(view async for view in views if view.samples or view.stale)


async def test_a_crash_loop_on_a_poison_is_named_with_its_record(cluster: FakeCluster, session: Session) -> None:
    view = await first_judged(watch(session), cluster)
    (stuck,) = view.stuck
    assert (stuck.verdict, stuck.behaviour) == (Verdict.POISON, Behaviour.CRASH_LOOP)
    assert stuck.suspect is not None
    assert stuck.suspect.record.offset == POISON_AT
    assert "The record does not decode. Its 40 neighbours do" in [line.text for line in stuck.evidence]
    assert view.seconds_to_verdict == 0


async def test_a_record_is_not_read_again_with_every_sample(cluster: FakeCluster, session: Session) -> None:
    async with aclosing(watch(session).views()) as views:
        judged = 0
        async for view in views:
            cluster.tick()
            judged += view.judged
            if judged == 10:
                break
    assert cluster.calls["read"] == 2  # the sample of the topic's format, and the search


async def test_a_group_that_had_caught_up_stands_since_a_record_waits(cluster: FakeCluster, session: Session) -> None:
    cluster.add_topic("payments")
    cluster.add_record("payments", b"{}")
    cluster.commit("ledger", TopicPartition("payments", 0), 1)
    written_ms = 0
    async with aclosing(watch(session).views()) as views:
        async for view in views:
            if view.judged and not written_ms:
                cluster.add_record("payments", b"{}")
                written_ms = view.at_ms
            ledger = [one for one in view.stuck if one.group == "ledger"]
            if ledger:
                assert written_ms <= ledger[0].since_ms < view.at_ms
                assert view.at_ms - ledger[0].since_ms >= 100, "it has stood for most of the window since then"
                return


async def test_a_group_that_is_moved_past_is_named_no_more(cluster: FakeCluster, session: Session) -> None:
    async with aclosing(watch(session).views()) as views:
        seen = False
        async for view in views:
            cluster.tick()
            if view.stuck and not seen:
                seen = True
                cluster.commit("billing", ORDERS_0, POISON_AT + 1)
            elif seen and not view.stuck:
                break
    assert seen


async def test_a_cluster_that_goes_away_leaves_its_last_values_dated(cluster: FakeCluster, session: Session) -> None:
    watched = watch(session)
    async with aclosing(watched.views()) as views:
        good = await next_sample(views)
        cluster.failures["groups"] = Unreachable("no broker answers")
        gone = await anext(view async for view in views if view.stale)
        assert (gone.at_ms, named(gone), gone.stale) == (good.at_ms, named(good), True)
        assert [error.message for error in gone.errors] == ["no broker answers"]
        del cluster.failures["groups"]
        watched.refresh_now()
        back = await anext(view async for view in views if not view.stale)
    assert (back.stale, back.errors, back.samples) == (False, (), 2)


@pytest.mark.parametrize("call", ["commits", "log_bounds"])
async def test_a_cluster_that_goes_away_in_the_middle_of_a_sample_does_not_make_groups_move(
    cluster: FakeCluster, session: Session, call: str
) -> None:
    watch = Watch(session, interval=0.01, window=0.3)
    judged = await first_judged(watch, cluster)
    assert judged.stuck
    cluster.failures[call] = Unreachable("the broker went away after it had listed the groups")
    async with aclosing(watch.views()) as views:
        view = await anext(views)
    assert (view.stale, view.stuck) == (True, judged.stuck)


async def test_a_cluster_that_never_answered_yields_an_empty_view_with_the_error(
    cluster: FakeCluster, session: Session
) -> None:
    cluster.down = {1, 2, 3}
    async with aclosing(watch(session).views()) as views:
        view = await anext(views)
    assert (view.groups, view.topics, view.info, view.samples, view.stale) == (None, None, None, 0, True)
    assert view.errors[0].kind == "unreachable"


async def test_one_silent_broker_hides_only_what_it_alone_knows(cluster: FakeCluster, session: Session) -> None:
    cluster.add_topic("payments", partitions=3)
    cluster.add_group("ledger", coordinator=2)
    cluster.down = {2}
    watched = watch(session)
    async with aclosing(watched.views()) as views:
        view = await next_sample(views)
    assert named(view) == ["billing"]
    assert watched.bounds(TopicPartition("payments", 1)).log_end_offset is None
    assert watched.bounds(TopicPartition("payments", 0)).log_end_offset == 0
    assert any("broker 2" in error.message for error in view.errors)


async def test_a_right_that_is_missing_keeps_the_rest_in_view(cluster: FakeCluster, session: Session) -> None:
    cluster.failures["commits"] = NotAuthorized("User:oncall lacks DESCRIBE on Group billing")
    async with aclosing(watch(session).views()) as views:
        view = await next_sample(views)
    assert view.groups is not None
    assert view.topics is not None
    assert (view.groups.lag.tolist(), view.groups.lag_complete.tolist()) == ([-1], [False])
    assert [error.kind for error in view.errors] == ["authorization"]
    assert view.groups.errors == view.errors
    assert view.topics.names == ("orders",)


async def test_sizes_that_may_not_be_read_are_unknown_and_no_fault(cluster: FakeCluster, session: Session) -> None:
    cluster.failures["topic_sizes"] = NotAuthorized("no DESCRIBE on Cluster")
    async with aclosing(watch(session).views()) as views:
        view = await next_sample(views)
    assert view.topics is not None
    assert (view.topics.size.tolist(), view.errors) == ([-1], ())


@pytest.mark.parametrize("committed", [POISON_AT, 1_000])
async def test_short_visits_between_samples_are_seen(cluster: FakeCluster, session: Session, committed: int) -> None:
    """Also of a member that finds its committed offset beyond the log's end."""
    cluster.commit("billing", ORDERS_0, committed)
    (member,) = cluster.grouped["billing"].members
    member.joined = False
    looked = Watch(session, interval=1.0, window=1.0)
    async with aclosing(looked.views()) as views:
        await next_sample(views)
        member.joined = True
        coming = asyncio.ensure_future(anext(views))
        asked = cluster.calls["describe_groups"]
        while cluster.calls["describe_groups"] < asked + 3:  # noqa: ASYNC110 - the fake counts, it signals nothing
            await asyncio.sleep(0.01)
        member.joined = False
        await coming
        judged = await anext(view async for view in views if view.judged)
    assert [one.behaviour for one in judged.stuck] == [Behaviour.CRASH_LOOP]


async def test_many_groups_without_members_are_looked_at_in_turns_and_judged_after_enough_looks(
    cluster: FakeCluster, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of them has a member for a moment, between two full samples and after all the others."""
    monkeypatch.setattr(members, "ENOUGH_LOOKS", 60)
    cluster.failures["membership_changes"] = NotAuthorized("no READ on Topic __consumer_offsets")
    (member,) = cluster.grouped["billing"].members
    member.joined = False
    idle = [f"idle-{number:02}" for number in range(70)]
    for name in idle:
        cluster.add_group(name)
        cluster.commit(name, ORDERS_0, POISON_AT)
    cluster.grouped["zz"] = cluster.grouped.pop("billing")
    looked = Watch(session, interval=1.0, window=1.0)
    async with aclosing(looked.views()) as views:
        await next_sample(views)
        member.joined = True
        coming = asyncio.ensure_future(anext(views))
        asked = cluster.calls["describe_groups"]
        while cluster.calls["describe_groups"] < asked + 4:  # noqa: ASYNC110 - the fake counts, it signals nothing
            await asyncio.sleep(0.01)
        member.joined = False
        await coming
        judged = await anext(view async for view in views if view.judged)
        assert [(one.group, one.behaviour) for one in judged.stuck] == [("zz", Behaviour.CRASH_LOOP)]
        assert [(one.group, one.reason, one.kind) for one in judged.unseen] == [
            (name, SPARSE_LOOKS, UnseenKind.WAITING) for name in idle
        ]
        assert say_health(71, judged.unseen).startswith(
            "No group of the 1 seen is stuck; 70 not yet judged: no member "
        )
        after = await anext(view async for view in views if not view.unseen)
        assert {one.group for one in after.stuck if one.verdict is Verdict.NO_MEMBERS} == set(idle)
        counts = [looked._looks[name] for name in idle]
        assert max(counts) - min(counts) <= 1
        del cluster.grouped["idle-00"]
        looked.refresh_now()
        await anext(view async for view in views if "idle-00" not in named(view))
        assert "idle-00" not in looked._looks


async def test_history_holds_what_was_sampled(cluster: FakeCluster, session: Session) -> None:
    watched = watch(session)
    await first_judged(watched, cluster)
    points = watched.history("billing", ORDERS_0)
    assert {(point.committed_offset, point.log_end_offset) for point in points} == {(POISON_AT, 80)}
    detail = watched.group_detail("billing")
    assert detail is not None
    assert detail.at_ms.tolist() == [point.at_ms for point in points]
    assert detail.end_total.tolist() == [80] * len(points)


async def test_lists_appear_as_soon_as_their_own_answer_is_there(cluster: FakeCluster, session: Session) -> None:
    cluster.delays = {"log_bounds": 0.1, "groups": 0.3, "commits": 0.3}
    seen = []
    async with aclosing(Watch(session, interval=5.0).views()) as views:
        async for view in views:
            records = None if view.topics is None else view.topics.records.tolist()
            lag = None if view.groups is None else view.groups.lag.tolist()
            seen.append((records, lag))
            if view.samples:
                break
    assert seen[:4] == [([-1], None), ([80], None), ([80], [-1]), ([80], [50])]


async def test_finding_the_suspect_holds_up_no_sample(cluster: FakeCluster, session: Session) -> None:
    cluster.delays["read"] = 1.0
    samples: set[int] = set()
    async with aclosing(watch(session).views()) as views:
        async for view in views:
            cluster.tick()
            if view.stuck and view.stuck[0].verdict is Verdict.UNDECIDED:
                assert view.stuck[0].evidence[-1].text == BEING_READ
                samples.add(view.samples)
            elif view.stuck:
                break
    assert view.stuck[0].verdict is Verdict.POISON
    assert len(samples) > 10


async def test_a_sample_that_is_overdue_is_called_late(
    cluster: FakeCluster, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.triage.watch.watch._LATE_S", 0.1)
    async with aclosing(watch(session).views()) as views:
        good = await next_sample(views)
        cluster.delays["commits"] = 0.4
        late = await anext(view async for view in views if view.late_since_ms is not None)
        assert (named(late), late.samples, late.stale) == (named(good), good.samples, False)
        assert late.late_since_ms is not None
        assert late.late_since_ms >= good.at_ms
        cluster.delays.clear()
        assert (await anext(view async for view in views if view.samples > late.samples)).late_since_ms is None


async def test_a_sample_that_cuts_a_long_pause_short_is_called_late_as_soon_as_any(
    cluster: FakeCluster, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.triage.watch.watch._LATE_S", 0.1)
    watched = Watch(session, interval=60.0, window=0.2)
    async with aclosing(watched.views()) as views:
        async for view in views:
            if view.judged:
                break
            watched.refresh_now()
        await asyncio.sleep(0.3)  # it pauses
        cluster.delays["commits"] = 2.0
        watched.refresh_now()
        async with asyncio.timeout(patience(10)):
            assert (await anext(view async for view in views if view.late_since_ms is not None)).samples


async def test_a_look_between_samples_that_hangs_makes_the_next_sample_late(
    cluster: FakeCluster, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.triage.watch.watch._LATE_S", 0.1)
    monkeypatch.setattr("kafkaview.triage.watch.pace.FOCUS_S", 0.02)
    watched = Watch(session, interval=0.2, window=0.2)
    async with aclosing(watched.views()) as views:
        await anext(view async for view in views if view.judged)
        asked = cluster.calls["groups"]
        cluster.frozen.add("commits")
        late = await anext(view async for view in views if view.late_since_ms is not None)
        assert cluster.calls["groups"] == asked, "no full sample has begun"
        assert not late.tells_health
        cluster.frozen.clear()
        assert (await anext(view async for view in views if view.samples > late.samples)).tells_health


async def test_after_a_gap_the_last_incidents_stay_until_they_are_judged_anew(
    cluster: FakeCluster, session: Session
) -> None:
    watched = watch(session)
    async with aclosing(watched.views()) as views:
        judged = await anext(view async for view in views if view.judged)
        assert judged.stuck
        cluster.failures["groups"] = Unreachable("frozen")
        gone = await anext(view async for view in views if view.stale)
        assert (gone.judged, gone.tells_health, len(gone.stuck)) == (True, False, 1)
        del cluster.failures["groups"]
        cluster.commit("billing", ORDERS_0, POISON_AT + 5)
        cluster.grouped["billing"].members.clear()
        cluster.commit("billing", ORDERS_0, 80)
        watched.refresh_now()
        back = await anext(view async for view in views if not view.stale)
        assert (back.judged, len(back.stuck)) == (False, 1)
        assert back.seconds_to_verdict > 0
        anew = await anext(view async for view in views if view.judged)
    assert anew.stuck == ()


async def test_groups_that_only_a_silent_broker_knows_are_not_gone(cluster: FakeCluster, session: Session) -> None:
    cluster.add_group("ledger", coordinator=2)
    cluster.commit("ledger", ORDERS_0, 75)
    async with aclosing(watch(session).views()) as views:
        await next_sample(views)
        cluster.down = {2}
        view = await anext(view async for view in views if view.errors)
    assert view.groups is not None
    assert named(view) == ["billing", "ledger"]
    assert view.groups.lag.tolist() == [50, 5]
    assert view.groups.error.tolist()[0] == -1
    assert view.groups.errors[view.groups.error[1]].kind == "unreachable"


async def test_groups_that_nobody_lists_while_their_coordinator_hands_over_are_not_gone(
    cluster: FakeCluster, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.triage.watch.sampler._TAKEOVER_S", 0.01)
    cluster.add_topic(OFFSETS_TOPIC)
    listed, answer = iter((0, 1, 0, *[1] * 1_000)), cluster.groups  # of the first two questions, and a later one

    async def groups() -> Groups:
        return await answer() if next(listed) else Groups(())

    monkeypatch.setattr(cluster, "groups", groups)
    async with aclosing(watch(session).views()) as views:
        async for view in views:
            assert named(view) in ([], ["billing"])
            assert view.groups is None or named(view), "no group is claimed to be there"
            if view.samples == 4:
                break


async def test_unseen_groups_are_counted_and_named(cluster: FakeCluster, session: Session) -> None:
    cluster.add_topic("payments", partitions=2)
    cluster.add_record("payments", b"{}")
    for name in ("ledger", "audit"):
        cluster.commit(name, TopicPartition("payments", 0), 1)
    cluster.commit("audit", TopicPartition("payments", 1), 0)
    cluster.commit("ghost", TopicPartition("gone", 0), 3)
    for partition in range(2):
        cluster.commit("ghosts", TopicPartition("gone", partition), 3)
    cluster.add_group("shared", GroupType.SHARE)
    cluster.add_group("hidden", coordinator=2)
    cluster.down = {2}
    cluster.unlisted = {None: Unreachable("no coordinator")}
    view = await first_judged(watch(session), cluster)
    assert {(one.group, one.coordinator): one.reason for one in view.unseen} == {
        (None, 2): "listing the groups of broker 2: no answer",
        (None, None): "no coordinator",
        ("audit", 1): "1 of its 2 partitions has no leader that answers",
        ("ghost", 1): "gone:0 is in no metadata: the topic is deleted, or may not be seen",
        ("ghosts", 1): "gone:0 and 1 more are in no metadata: the topic is deleted, or may not be seen",
        ("shared", None): "a share group commits no offsets that could be watched",
    }


async def test_a_group_that_comes_into_sight_while_the_watch_runs_is_not_called_healthy(
    cluster: FakeCluster, session: Session
) -> None:
    async with aclosing(Watch(session, interval=0.02, window=0.6).views()) as views:
        await anext(view async for view in views if view.samples and view.seconds_to_verdict < 0.3)
        cluster.add_group("late")
        cluster.commit("late", ORDERS_0, 70)
        first = await anext(view async for view in views if view.judged)
        assert [(one.group, one.reason) for one in first.unseen] == [
            ("late", "it came into sight only while the watch ran")
        ]
        assert first.topics is not None
        assert int(first.topics.unjudged[first.topics.names.index("orders")]) == 1
        later = await anext(view async for view in views if not view.unseen)
        assert later.topics is not None
        assert not later.topics.unjudged.any()


async def test_a_group_that_was_out_of_sight_for_a_moment_is_not_called_healthy(
    cluster: FakeCluster, session: Session
) -> None:
    (member,) = cluster.grouped["billing"].members
    member.on_poison, member.readable = OnPoison.RETRY, False  # what it owns is not told: its commits alone are
    async with aclosing(watch(session).views()) as views:
        await anext(view async for view in views if view.stuck)
        kept = dict(cluster.grouped["billing"].committed)
        cluster.grouped["billing"].committed.clear()
        await anext(view async for view in views if not view.stuck)
        cluster.grouped["billing"].committed.update(kept)
        seen = 0
        async for view in views:
            if view.stuck:
                break
            lag = int(view.groups.lag[0]) if view.groups is not None else 0
            if lag > 0:
                seen += 1
                assert NEW_IN_SIGHT in say_health(1, view.unseen)
    assert seen


async def test_a_verdict_stays_as_last_seen_while_the_leader_is_silent(cluster: FakeCluster, session: Session) -> None:
    cluster.grouped["billing"].coordinator = 2
    (member,) = cluster.grouped["billing"].members
    member.on_poison = OnPoison.RETRY
    async with aclosing(watch(session).views()) as views:
        before = await anext(view async for view in views if view.stuck)
        cluster.down.add(1)  # the leader
        gone = await anext(view async for view in views if any(one.last_seen_ms for one in view.stuck))
        (stuck,) = gone.stuck
        assert stuck.evidence[0] == LAST_SEEN
        assert before.at_ms <= (stuck.last_seen_ms or 0) <= gone.at_ms
        assert [one.reason for one in gone.unseen if one.group] == ["its only partition has no leader that answers"]
        later = await anext(view async for view in views if view.at_ms - gone.at_ms > 400)  # two windows
        assert [one.last_seen_ms for one in later.stuck] == [stuck.last_seen_ms]
        cluster.down.clear()
        back = await anext(view async for view in views if not view.errors)
        while back.stuck[0].last_seen_ms is not None:
            assert ENDS_UNKNOWN in say_health(1, back.unseen)
            back = await anext(views)
        assert not back.unseen


async def test_a_topic_whose_leader_is_back_has_no_judgement_before_it_was_watched(
    cluster: FakeCluster, session: Session
) -> None:
    cluster.add_topic("payments")
    for _ in range(5):
        cluster.add_record("payments", b"{}")
    payments_0 = TopicPartition("payments", 0)
    cluster.logged["payments"].logs[0].leader = 2
    cluster.grouped["billing"].members = [FakeMember("billing", (ORDERS_0, payments_0), OnPoison.RETRY)]
    cluster.commit("billing", payments_0, 2)
    cluster.down.add(2)
    seen = 0
    async with asyncio.timeout(patience(10)), aclosing(watch(session).views()) as views:
        await anext(view async for view in views if view.stuck and view.judged)  # it stands on orders
        cluster.down.clear()
        async for view in views:
            topics = view.topics
            if topics is None or not topics.records_complete[topics.names.index("payments")]:
                continue
            at = topics.names.index("payments")
            if topics.stuck[at]:
                break
            seen += 1
            assert topics.unjudged[at] == 1
    assert seen


async def test_a_cluster_of_which_only_the_coordinator_of_all_groups_is_silent_answers(
    cluster: FakeCluster, session: Session
) -> None:
    cluster.grouped["billing"].coordinator = 2
    (member,) = cluster.grouped["billing"].members
    member.on_poison = OnPoison.RETRY
    async with asyncio.timeout(patience(10)), aclosing(watch(session).views()) as views:
        await anext(view async for view in views if view.stuck)
        cluster.down.add(2)
        gone = await anext(view async for view in views if any(one.last_seen_ms for one in view.stuck))
        assert not gone.stale
        assert gone.errors
        assert [one.group for one in gone.unseen if one.group] == ["billing"]


async def test_a_group_without_members_is_last_seen_once_its_coordinator_is_silent(
    cluster: FakeCluster, session: Session
) -> None:
    cluster.add_group("idle", coordinator=2)
    cluster.commit("idle", ORDERS_0, 5)
    async with asyncio.timeout(patience(8)), aclosing(watch(session).views()) as views:
        await anext(view async for view in views if any(one.group == "idle" for one in view.stuck))
        await anext(views)
        cluster.down.add(2)
        await anext(view async for view in views if any(one.last_seen_ms and one.group == "idle" for one in view.stuck))


async def test_a_verdict_of_a_group_that_has_moved_behind_a_silence_does_not_come_back(
    cluster: FakeCluster, session: Session
) -> None:
    (member,) = cluster.grouped["billing"].members
    member.on_poison, member.readable = OnPoison.RETRY, False
    cluster.grouped["billing"].coordinator = 2
    cluster.commit("other", ORDERS_0, 80)
    async with aclosing(watch(session).views()) as views:
        await anext(view async for view in views if view.stuck)
        cluster.down.add(2)  # the coordinator
        gone = await anext(view async for view in views if any(one.last_seen_ms for one in view.stuck))
        assert [one.group for one in gone.unseen if one.group] == ["billing"]
        cluster.commit("billing", ORDERS_0, 80)
        cluster.down.clear()
        await anext(view async for view in views if not view.errors and not view.stuck)


async def test_a_sink_of_connect_that_stands_for_a_moment_is_neither_stuck_nor_healthy(
    cluster: FakeCluster, session: Session
) -> None:
    cluster.grouped = {"connect-sink": cluster.grouped["billing"]}
    view = await first_judged(watch(session), cluster)
    assert view.stuck == ()
    ((group, reason),) = [(one.group, one.reason) for one in view.unseen]
    assert group == "connect-sink"
    assert reason.startswith("Connect commits every 60 s; it stands for ")
    assert reason.endswith("and would have to stand for 75 s to be called stuck")
    assert say_health(1, view.unseen).startswith("Whether a group is stuck is unknown: 1 not yet judged: Connect ")


async def test_a_group_that_is_never_judged_is_named(cluster: FakeCluster, session: Session) -> None:
    cluster.grouped.clear()
    cluster.add_group("shared", GroupType.SHARE)
    view = await first_judged(watch(session), cluster)
    assert say_health(1, view.unseen) == (
        "Whether a group is stuck is unknown: 1 not judged: a share group commits no offsets that could be watched"
    )


async def test_a_streams_group_with_members_is_not_shown_as_empty(cluster: FakeCluster, session: Session) -> None:
    cluster.grouped["billing"].type = GroupType.STREAMS
    cluster.grouped["billing"].members[:] = [FakeMember("billing", (ORDERS_0,), OnPoison.RETRY)]
    cluster.add_group("shared", GroupType.SHARE)
    cluster.grouped["shared"].state = GroupState.STABLE
    view = await first_judged(watch(session), cluster)
    assert view.groups is not None
    assert view.groups.members.tolist() == [1, -1]
    assert [(one.group, one.kind) for one in view.unseen] == [
        ("billing", UnseenKind.WAITING),
        ("shared", UnseenKind.UNSUPPORTED),
    ]
    assert view.stuck == ()


async def test_a_right_that_is_missing_is_said_where_brokers_leave_groups_or_topics_out(
    cluster: FakeCluster, session: Session
) -> None:
    cluster.commit("billing", ORDERS_0, 80)
    cluster.grouped["billing"].members.clear()
    cluster.add_group("elsewhere")  # what it committed is on topics that may not be seen
    cluster.omitted = {Omission.GROUPS, Omission.TOPICS}
    view = await first_judged(watch(session), cluster)
    assert [(one.group, one.kind) for one in view.unseen] == [
        (None, UnseenKind.RIGHT),
        (None, UnseenKind.RIGHT),
        ("elsewhere", UnseenKind.RIGHT),
    ]
    assert say_health(2, view.unseen) == (
        "No group of the 1 seen is stuck; 1 could not be seen: it reads no topic that you may see; you may not see "
        "all groups: brokers leave out those without DESCRIBE on Group *; you may not see all topics, nor what is "
        "committed on the others: brokers leave out those without DESCRIBE on Topic *"
    )
    named = await first_judged(Watch(session, interval=0.02, window=0.2, groups=["billing"]), cluster)
    assert [one.reason.partition(",")[0] for one in named.unseen] == ["you may not see all topics"]


async def test_nothing_is_claimed_of_a_group_without_a_committed_offset(cluster: FakeCluster, session: Session) -> None:
    cluster.grouped["billing"].members.clear()
    cluster.commit("billing", ORDERS_0, 80)
    cluster.add_group("gone")  # its commits went with the topic
    cluster.join("young", FakeMember("young", (ORDERS_0,), rate=0))
    view = await first_judged(watch(session), cluster)
    assert [(one.group, one.kind) for one in view.unseen] == [
        ("gone", UnseenKind.UNSUPPORTED),
        ("young", UnseenKind.UNSUPPORTED),
    ]
    assert say_health(3, view.unseen) == "No group of the 1 seen is stuck; 2 not judged: it has no committed offset"


async def test_a_group_that_may_not_be_described_is_not_called_healthy(cluster: FakeCluster, session: Session) -> None:
    cluster.grouped["billing"].members.clear()
    cluster.commit("billing", ORDERS_0, 80)
    cluster.failures["describe_groups"] = NotAuthorized("User:oncall lacks DESCRIBE on Group billing")
    view = await first_judged(watch(session), cluster)
    assert say_health(1, view.unseen) == (
        "Whether a group is stuck is unknown: 1 could not be seen: User:oncall lacks DESCRIBE on Group billing"
    )


async def test_what_is_on_the_screen_is_asked_for_between_full_samples(cluster: FakeCluster, session: Session) -> None:
    cluster.grouped["billing"].members.clear()
    cluster.add_group("audit")
    cluster.commit("audit", ORDERS_0, 80)
    watched = Watch(session, interval=30.0)
    async with aclosing(watched.views()) as views:
        await next_sample(views)
        cluster.commit("audit", ORDERS_0, 79)
        watched.look_at(["audit"], ["orders"])
        looked = await anext(views)
        assert looked.groups is not None
        assert (looked.groups.lag.tolist(), looked.samples) == ([1, 50], 1)
        cluster.add_record("orders", b"{}")
        watched.look_at([], ["orders", "unknown"])
        await anext(view async for view in views if view.topics is not None and view.topics.records.tolist() == [81])


async def test_a_hidden_watch_waits_longer_and_catches_up_when_it_is_shown(
    cluster: FakeCluster, session: Session
) -> None:
    watched = Watch(session, interval=0.2, window=0.4)
    async with aclosing(watched.views()) as views:
        await anext(view async for view in views if view.judged)
        watched.hidden = True
        await next_sample(views)
        before = cluster.calls["groups"]
        await asyncio.sleep(0.6)
        assert cluster.calls["groups"] == before
        watched.hidden = False
        async with asyncio.timeout(patience(0.3)):
            await next_sample(views)
    assert not watched.hidden


async def test_partitions_that_nobody_reads_are_one_row_and_each_for_scripts(
    cluster: FakeCluster, session: Session
) -> None:
    cluster.add_topic("payments", partitions=3)
    for partition in range(3):
        cluster.add_record("payments", b"{}", partition=partition)
        cluster.commit("reports", TopicPartition("payments", partition), 0)
    watched = Watch(session, interval=0.02, window=0.2, groups=["reports"])
    view = await first_judged(watched, cluster)
    assert [(one.verdict, one.partitions, one.total_lag) for one in view.stuck] == [(Verdict.NO_MEMBERS, 3, 3)]
    assert [(one.topic_partition.partition, one.total_lag) for one in watched.all_stuck()] == [(0, 1), (1, 1), (2, 1)]


async def test_details_are_returned_from_memory(cluster: FakeCluster, session: Session) -> None:
    watched = watch(session)
    assert (watched.group_detail("billing"), watched.topic_detail("orders")) == (None, None)
    assert watched.history("billing", ORDERS_0) == ()
    assert watched.committed("billing", ORDERS_0) is None
    assert watched.sparklines(["billing"]).lags == {}
    await first_judged(watched, cluster)
    asked = cluster.calls.total()
    group, topic = watched.group_detail("billing"), watched.topic_detail("orders")
    assert group is not None
    assert topic is not None
    assert (group.partitions.committed.tolist(), group.partitions.log_end.tolist()) == ([POISON_AT], [80])
    assert [(one.group, one.verdict, one.lag) for one in topic.readers] == [("billing", Verdict.POISON, 50)]
    assert watched.sparklines(["billing", "unknown"]).lags["billing"].tolist()[-1] == 50
    assert watched.committed("billing", ORDERS_0) == POISON_AT
    assert watched.committed("unknown", ORDERS_0) is None
    assert watched.bounds(ORDERS_0).log_end_offset == 80
    assert watched.bounds(TopicPartition("unknown", 0)).log_end_offset is None
    assert (watched.group_detail("unknown"), watched.topic_detail("unknown")) == (None, None)
    assert cluster.calls.total() == asked


async def test_an_empty_cluster_has_no_topics_and_no_groups_and_that_is_an_answer(tmp_path: Path) -> None:
    session = Session(ConnectionProfile("test", "b:9092"), FakeCluster(), TopicDecoders(), Journal(tmp_path / "j"))
    async with aclosing(watch(session).views()) as views:
        view = await next_sample(views)
    assert view.topics is not None
    assert view.topics.names == ()
    assert view.groups is not None
    assert not view.errors
    await session.journal.close()


def test_a_group_that_was_seen_in_part_is_not_said_to_be_unseen() -> None:
    some = (UnseenGroups("a", 1, "1 of its 2 partitions has no leader that answers", partly=True),)
    assert say_unseen(some) == "1 could not be seen in full: 1 of its 2 partitions has no leader that answers"
    assert say_unseen((*some, UnseenGroups("b", 2, "no answer"))).startswith("1 could not be seen: no answer; 1 could ")


def test_partitions_of_one_group_are_not_counted_for_several() -> None:
    shared = "leaders of their partitions do not answer"
    counts = ("1 of its 2 partitions has", "2 of its 7 partitions have")
    some = [UnseenGroups(of, 1, f"{of} no leader that answers", partly=True, of_several=shared) for of in counts]
    assert say_unseen(some) == f"2 could not be seen in full: {shared}"
    assert say_unseen(some[1:]) == "1 could not be seen in full: 2 of its 7 partitions have no leader that answers"
