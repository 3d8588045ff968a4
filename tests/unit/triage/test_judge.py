from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.cluster.errors import Unreachable
from kafkaview.terms import GroupListing, GroupState, GroupType
from kafkaview.triage.watch.slow_committers import CONNECT, find_slow_committer
from kafkaview.triage.watch.verdict import Behaviour, Verdict
from tests.unit.triage.samples import group_view, known_group, verdicts

COMMITS = st.lists(st.integers(0, 100), min_size=11, max_size=14)


def test_a_member_that_stays_on_one_offset_is_undecided_and_retries() -> None:
    (stuck,) = verdicts([group_view(18_442, 20_000 + 49 * second) for second in range(12)])
    assert (stuck.verdict, stuck.behaviour) == (Verdict.UNDECIDED, Behaviour.RETRIES)
    assert [line.text for line in stuck.evidence] == [
        "Committed offset stays at 18,442 in 11 of 11 samples",
        "Its members stay, the same ones for 11 s: alive and retrying",
        "Log end grows by 49/s, its leader answers, no open transaction",
    ]


def test_members_that_come_and_go_are_a_crash_loop() -> None:
    (stuck,) = verdicts([group_view(7, 9, members=[f"m{second}"] if second % 3 == 0 else []) for second in range(12)])
    assert stuck.behaviour is Behaviour.CRASH_LOOP
    assert "4 members came and went in 11 s: crash loop" in [line.text for line in stuck.evidence]


def test_there_is_no_verdict_before_the_window_is_full() -> None:
    assert verdicts([group_view(7, 9)] * 10) == ()
    assert len(verdicts([group_view(7, 9)] * 11)) == 1


def test_an_auto_commit_every_five_seconds_is_movement() -> None:
    assert verdicts([group_view(second // 5 * 10, 1_000) for second in range(14)]) == ()


@given(COMMITS, st.integers(101, 200))
def test_whatever_only_moves_forward_within_the_window_is_never_stuck(commits: list[int], end: int) -> None:
    forward = sorted(commits)
    last = [offset for place, offset in enumerate(forward) if place >= len(forward) - 11]
    stuck = verdicts([group_view(offset, end) for offset in forward])
    assert bool(stuck) == (last[0] == last[-1])


@given(COMMITS)
def test_a_caught_up_partition_is_never_stuck(commits: list[int]) -> None:
    assert verdicts([group_view(offset, offset) for offset in commits]) == ()


@given(COMMITS, st.integers(0, 100))
def test_every_verdict_is_about_records_that_wait(commits: list[int], end: int) -> None:
    for stuck in verdicts([group_view(offset, end) for offset in commits]):
        assert stuck.lag


def test_records_that_have_just_arrived_are_no_reason_for_a_verdict() -> None:
    assert verdicts([group_view(9, 9)] * 9 + [group_view(9, 12)] * 3) == ()


def test_no_member_in_any_look_is_no_members() -> None:
    (stuck,) = verdicts([group_view(7, 41_214, members=[], state=GroupState.EMPTY)] * 12)
    reason = "no member is in the group; a reader that assigns itself would not be seen. 41,207 records wait"
    assert (stuck.verdict, stuck.reason) == (Verdict.NO_MEMBERS, reason)


def test_a_group_that_is_seen_to_move_without_members_reads() -> None:
    moving = [group_view(offset, 100, members=[], state=GroupState.EMPTY) for offset in (3, 5, 7)]
    (stuck,) = verdicts([*moving, *[group_view(7, 100, members=[], state=GroupState.EMPTY)] * 12])
    assert (stuck.verdict, stuck.behaviour) == (Verdict.UNDECIDED, Behaviour.ABSENT)
    assert "its committed offset moved all the same" in stuck.reason


@pytest.mark.parametrize("members", [["m1"], []])
def test_an_offset_beyond_the_end_of_the_log_is_named(members: list[str]) -> None:
    (stuck,) = verdicts([group_view(1_000, 10, members=members)] * 12)
    assert (stuck.verdict, stuck.reason, stuck.lag) == (
        Verdict.UNDECIDED,
        "the committed offset 1,000 lies beyond the log's end 10",
        0,
    )
    assert not stuck.wants_record


def test_standing_at_the_last_stable_offset_is_an_open_transaction() -> None:
    (stuck,) = verdicts([group_view(7, 20, stable=7)] * 12)
    assert stuck.verdict is Verdict.OPEN_TRANSACTION


def test_a_transaction_open_further_on_is_not_the_cause() -> None:
    (stuck,) = verdicts([group_view(7, 20, stable=15)] * 12)
    assert stuck.verdict is Verdict.UNDECIDED
    assert "a transaction is open from 15 on: further than it stands" in stuck.evidence[-1].text


def test_a_rebalance_that_does_not_end_is_rebalancing() -> None:
    (stuck,) = verdicts([group_view(7, 20, state=GroupState.PREPARING_REBALANCE)] * 12)
    assert stuck.verdict is Verdict.REBALANCING


def test_a_rebalance_of_crashing_members_is_a_crash_loop() -> None:
    (stuck,) = verdicts([group_view(7, 20, state=GroupState.PREPARING_REBALANCE, members=[f"m{n}"]) for n in range(12)])
    assert (stuck.verdict, stuck.behaviour) == (Verdict.UNDECIDED, Behaviour.CRASH_LOOP)


@pytest.mark.parametrize(
    ("commits", "named"),
    [
        ([13] * 6 + [10] * 6, True),  # back, and there it stands
        ([10, 12, 13] * 4, True),  # back again and again
        ([50] * 4 + [*range(8)], False),  # a reset that was meant
    ],
)
def test_going_back_is_rewinding_unless_it_reads_on_from_there(commits: list[int], named: bool) -> None:  # noqa: FBT001
    stuck = verdicts([group_view(offset, 1_000) for offset in commits])
    assert [one.verdict for one in stuck] == ([Verdict.REWINDING] if named else [])


def test_a_group_without_members_that_a_tool_has_set_back_once_is_not_rewinding() -> None:
    set_back = [group_view(offset, 1_000, members=[]) for offset in [13] * 6 + [10] * 6]
    assert verdicts(set_back) == ()
    (stuck,) = verdicts([group_view(offset, 1_000, members=[]) for offset in [10, 12, 13] * 4])
    assert stuck.verdict is Verdict.REWINDING


def test_a_group_that_commits_every_twenty_seconds_is_not_stuck_between() -> None:
    slow = [group_view(second // 20, 1_000) for second in range(75)]
    assert verdicts(slow) == ()
    assert len(verdicts([*slow, *[group_view(3, 1_000)] * 40])) == 1


def test_a_streams_group_is_given_its_half_minute() -> None:
    standing = group_view(7, 20, protocol="stream")
    assert verdicts([standing] * 20) == ()
    assert len(verdicts([standing] * 45)) == 1


def test_a_sink_of_connect_is_given_its_minute() -> None:
    standing = replace(group_view(7, 20), listing=GroupListing("connect-sink", GroupType.CLASSIC, GroupState.STABLE))
    assert find_slow_committer(known_group(standing)) is CONNECT
    assert CONNECT.patience_ms > CONNECT.interval_ms
    assert find_slow_committer(known_group(group_view(7, 20))) is None


def test_a_coordinator_that_misses_a_sample_changes_no_verdict() -> None:
    silent = replace(group_view(7, 20), group=None, partitions=(), error=Unreachable("silent"))
    (stuck,) = verdicts([*[group_view(7, 20)] * 11, silent])
    assert stuck.evidence[0].text == "Committed offset stays at 7 in 10 of 11 samples"


def test_a_partition_whose_leader_is_silent_is_not_judged() -> None:
    assert verdicts([group_view(7, None)] * 12) == ()


def test_crashing_without_ever_committing_is_undecided_in_words() -> None:
    looks = [group_view(None, 21, members=[f"m{n}"]) for n in range(12)]
    (stuck,) = verdicts(looks)
    assert (stuck.verdict, stuck.committed_offset, stuck.lag) == (Verdict.UNDECIDED, None, None)


def test_a_quiet_partition_without_a_commit_is_healthy() -> None:
    assert verdicts([group_view(None, 21)] * 12) == ()


def test_a_first_commit_is_movement() -> None:
    assert verdicts([*[group_view(None, 21, members=[f"m{n}"]) for n in range(8)], *[group_view(3, 21)] * 4]) == ()
