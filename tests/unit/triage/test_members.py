from __future__ import annotations

import pytest

from kafkaview.cluster.ports.membership import MembershipChanges
from kafkaview.triage.watch.members import ENOUGH_LOOKS, MemberLooks, MemberSnapshot, judge_looks
from kafkaview.triage.watch.verdict import Behaviour
from tests.unit.triage.samples import note_that_none_joined


def _looks(*members: str) -> list[MemberSnapshot]:
    return [MemberSnapshot(place * 1000, frozenset(names)) for place, names in enumerate(members)]


def test_one_short_visit_between_empty_looks_is_a_crash_loop() -> None:
    turnover = judge_looks(_looks("", "", "a", "", ""))
    assert (turnover.behaviour, turnover.transient) == (Behaviour.CRASH_LOOP, 1)


def test_a_group_that_was_stopped_is_no_crash_loop() -> None:
    assert judge_looks(_looks("ab", "ab", "a", "")).behaviour is Behaviour.UNKNOWN


def test_a_group_that_is_starting_is_no_crash_loop() -> None:
    assert judge_looks(_looks("", "", "a", "ab")).behaviour is Behaviour.UNKNOWN


def test_one_crashing_member_beside_steady_ones_is_a_crash_loop() -> None:
    turnover = judge_looks(_looks("abc", "ab", "abd", "ab", "abe"))
    assert (turnover.behaviour, turnover.transient) == (Behaviour.CRASH_LOOP, 3)


@pytest.mark.parametrize("looks", [("a", "", "b"), ("ab", "", "c", "cd"), ("a", "b", "b")])
def test_members_that_are_sent_away_once_and_rejoin_are_no_crash_loop(looks: tuple[str, ...]) -> None:
    assert judge_looks(_looks(*looks)).behaviour is Behaviour.UNKNOWN


def test_an_empty_group_is_looked_at_often_for_half_a_minute_only() -> None:
    looks = MemberLooks()
    for second in (0, 5, 29):
        assert looks.doubtful("reports")
        looks.add("reports", second * 1000, frozenset())
        note_that_none_joined(looks, second * 1000, "reports")
    assert not looks.doubtful("reports")


def test_steady_members_need_no_more_looks() -> None:
    looks = MemberLooks()
    looks.add("shipping", 0, frozenset("a"))
    assert not looks.doubtful("shipping")


def test_an_epoch_that_goes_up_between_empty_looks_is_a_visit_that_nobody_saw() -> None:
    looks = MemberLooks()
    for second, epoch in enumerate((5, 5, 7, 7, None)):
        looks.note_epoch("billing", second * 1000, epoch, empty=True)
        looks.add("billing", second * 1000, frozenset())
    assert looks.turnover("billing").behaviour is Behaviour.CRASH_LOOP


def test_a_group_moves_alone_until_a_member_is_seen() -> None:
    looks = MemberLooks()
    looks.add("billing", 0, frozenset())
    looks.note_move("billing")
    assert looks.turnover("billing").moves_alone
    looks.add("billing", 1000, frozenset({"m"}))
    looks.note_move("billing")
    assert not looks.turnover("billing").moves_alone


def test_a_group_of_which_looks_alone_tell_is_absent_only_after_many() -> None:
    looks = MemberLooks()
    for number in range(ENOUGH_LOOKS - 1):
        looks.add("idle", number * 1000, frozenset())
        assert (looks.turnover("idle").behaviour, looks.turnover("idle").sparse) == (Behaviour.UNKNOWN, True)
        assert looks.doubtful("idle")
    looks.add("idle", ENOUGH_LOOKS * 1000, frozenset())
    assert (looks.turnover("idle").behaviour, looks.turnover("idle").sparse) == (Behaviour.ABSENT, False)
    assert not looks.doubtful("idle")


def test_the_looks_count_anew_from_the_last_member_on() -> None:
    looks = MemberLooks()
    for second in range(ENOUGH_LOOKS):
        looks.add("billing", second * 1000, frozenset({"m"} if second == ENOUGH_LOOKS - 40 else set()))
    assert looks.turnover("billing").sparse


def test_epochs_tell_of_members_between_looks_however_few() -> None:
    """One that was seen once says nothing of the time before."""
    looks = MemberLooks()
    for second in (0, 4, 5):
        looks.note_epoch("billing", second * 1000, 5, empty=True)
        looks.add("billing", second * 1000, frozenset())
        assert looks.turnover("billing").sparse == (second < 5)
    assert looks.turnover("billing").behaviour is Behaviour.ABSENT


def test_a_member_that_joins_and_stays_is_no_crash_loop_for_its_epoch() -> None:
    looks = MemberLooks()
    for second in range(20):
        members = frozenset({"m"} if second > 10 else ())
        looks.note_epoch("billing", second * 1000, 4 if members else 3, empty=not members)
        looks.add("billing", second * 1000, members)
    assert looks.turnover("billing").behaviour is Behaviour.UNKNOWN


def empty_looks(seconds: int) -> MemberLooks:
    """One empty look each second, and what the coordinator stored read each time: nothing."""
    looks = MemberLooks()
    for second in range(seconds):
        looks.add("billing", second * 1000, frozenset())
        note_that_none_joined(looks, second * 1000, "billing")
    return looks


def test_five_seconds_without_a_stored_join_tell_however_few_the_looks() -> None:
    assert empty_looks(5).turnover("billing").sparse
    assert empty_looks(6).turnover("billing").behaviour is Behaviour.ABSENT


@pytest.mark.parametrize(
    "changes", [None, MembershipChanges(frozenset(), frozenset(), {})], ids=["not read", "not read to its end"]
)
def test_what_was_stored_counts_anew_after_a_gap(changes: MembershipChanges | None) -> None:
    looks = empty_looks(6)
    looks.note_stored(6_000, ["billing"], changes)
    assert looks.turnover("billing").sparse
    for second in range(7, 11):
        note_that_none_joined(looks, second * 1000, "billing")
        assert looks.turnover("billing").sparse
    note_that_none_joined(looks, 13_000, "billing")
    assert looks.turnover("billing").behaviour is Behaviour.ABSENT


def test_a_stored_change_between_empty_looks_is_a_visit_that_nobody_saw() -> None:
    looks = empty_looks(6)
    looks.note_stored(6_000, ["billing"], MembershipChanges(frozenset({"billing"}), frozenset({"billing"}), {}))
    looks.add("billing", 6_500, frozenset())
    assert looks.turnover("billing").behaviour is Behaviour.CRASH_LOOP


def test_a_member_that_joins_and_stays_is_no_crash_loop_for_its_stored_change() -> None:
    looks = empty_looks(6)
    looks.note_stored(6_000, ["billing"], MembershipChanges(frozenset({"billing"}), frozenset({"billing"}), {}))
    for second in range(7, 20):
        looks.add("billing", second * 1000, frozenset({"m"}))
    assert looks.turnover("billing").behaviour is Behaviour.UNKNOWN


def test_what_was_stored_an_hour_ago_or_before_members_were_there_tells_nothing_now() -> None:
    looks = empty_looks(10)
    for second in range(3_600, 3_606):
        looks.add("billing", second * 1000, frozenset())
    assert looks.turnover("billing").sparse
    looks = empty_looks(10)
    looks.add("billing", 10_000, frozenset({"m"}))
    for second in range(41, 45):
        looks.add("billing", second * 1000, frozenset())
    assert looks.turnover("billing").sparse


def test_a_stored_change_says_nothing_more_of_members_that_were_seen() -> None:
    looks = MemberLooks()
    for second in range(3):
        looks.add("billing", second * 1000, frozenset({"m"}))
    looks.note_stored(3_000, ["billing"], MembershipChanges(frozenset({"billing"}), frozenset({"billing"}), {}))
    assert looks.turnover("billing").behaviour is Behaviour.RETRIES


def test_what_is_known_of_a_group_goes_with_it() -> None:
    looks = empty_looks(2)
    looks.note_epoch("billing", 0, 5, empty=True)
    looks.note_move("billing")
    looks.note_stored(2_000, ["billing"], MembershipChanges(frozenset({"billing"}), frozenset({"billing"}), {}))
    looks.keep(())
    kept = [kept for kept in vars(looks).values() if isinstance(kept, dict | set)]
    assert len(kept) == 8
    assert not any(kept)
