from __future__ import annotations

from kafkaview.triage.watch.members import ENOUGH_LOOKS, MemberLooks, MemberSnapshot, crowd_of
from kafkaview.triage.watch.verdict import Behaviour


def _looks(*members: str) -> list[MemberSnapshot]:
    return [MemberSnapshot(place * 1000, frozenset(names)) for place, names in enumerate(members)]


def test_one_short_visit_between_empty_looks_is_a_crash_loop() -> None:
    crowd = crowd_of(_looks("", "", "a", "", ""))
    assert (crowd.behaviour, crowd.turnover) == (Behaviour.CRASH_LOOP, 1)


def test_a_group_that_was_stopped_is_no_crash_loop() -> None:
    assert crowd_of(_looks("ab", "ab", "a", "")).behaviour is Behaviour.UNKNOWN


def test_a_group_that_is_starting_is_no_crash_loop() -> None:
    assert crowd_of(_looks("", "", "a", "ab")).behaviour is Behaviour.UNKNOWN


def test_one_crashing_member_beside_steady_ones_is_a_crash_loop() -> None:
    crowd = crowd_of(_looks("abc", "ab", "abd", "ab", "abe"))
    assert (crowd.behaviour, crowd.turnover) == (Behaviour.CRASH_LOOP, 3)


def test_an_empty_group_is_looked_at_often_for_half_a_minute_only() -> None:
    looks = MemberLooks()
    looks.add("reports", 0, frozenset())
    assert looks.doubtful("reports")
    looks.add("reports", 29_000, frozenset())
    assert not looks.doubtful("reports")


def test_steady_members_need_no_more_looks() -> None:
    looks = MemberLooks()
    looks.add("shipping", 0, frozenset("a"))
    assert not looks.doubtful("shipping")


def test_an_epoch_that_goes_up_between_empty_looks_is_a_visit_that_nobody_saw() -> None:
    looks = MemberLooks()
    for second, epoch in enumerate((5, 5, 7, 7, None)):
        looks.note_epoch("billing", second * 1000, epoch)
        looks.add("billing", second * 1000, frozenset())
    assert looks.crowd("billing").behaviour is Behaviour.CRASH_LOOP


def test_a_group_moves_alone_until_a_member_is_seen() -> None:
    looks = MemberLooks()
    looks.add("billing", 0, frozenset())
    looks.note_move("billing")
    assert looks.crowd("billing").moves_alone
    looks.add("billing", 1000, frozenset({"m"}))
    looks.note_move("billing")
    assert not looks.crowd("billing").moves_alone


def test_a_group_that_was_left_out_of_looks_is_absent_only_after_many() -> None:
    looks = MemberLooks()
    looks.leave_out(["idle"])
    for number in range(ENOUGH_LOOKS - 1):
        looks.add("idle", number * 1000, frozenset())
        assert (looks.crowd("idle").behaviour, looks.crowd("idle").sparse) == (Behaviour.UNKNOWN, True)
        assert looks.doubtful("idle")
    looks.add("idle", ENOUGH_LOOKS * 1000, frozenset())
    assert (looks.crowd("idle").behaviour, looks.crowd("idle").sparse) == (Behaviour.ABSENT, False)
    assert not looks.doubtful("idle")


def test_the_looks_count_anew_from_the_last_member_on() -> None:
    looks = MemberLooks()
    for second in range(ENOUGH_LOOKS):
        looks.add("billing", second * 1000, frozenset({"m"} if second == ENOUGH_LOOKS - 40 else set()))
    looks.leave_out(["billing"])
    assert looks.crowd("billing").sparse


def test_an_epoch_tells_of_members_between_looks_however_few() -> None:
    looks = MemberLooks()
    looks.leave_out(["billing"])
    for second in range(2):
        looks.note_epoch("billing", second * 1000, 5)
        looks.add("billing", second * 1000, frozenset())
    assert looks.crowd("billing").behaviour is Behaviour.ABSENT


def test_what_is_known_of_a_group_goes_with_it() -> None:
    looks = MemberLooks()
    looks.leave_out(["billing"])
    looks.note_epoch("billing", 0, 5)
    looks.add("billing", 0, frozenset())
    looks.note_move("billing")
    looks.keep(())
    kept = [getattr(looks, name) for name in vars(looks)]
    assert kept == [type(one)() for one in kept]
