"""What is known of groups that stand outlives an engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kafkaview.cluster.ports.unseen import UnseenKind
from kafkaview.engine.continuity import LAST_SEEN, Continuity
from kafkaview.triage.watch.unseen import UnseenGroups
from kafkaview.triage.watch.verdict import Verdict
from kafkaview.triage.watch.view import SilentBroker, View
from tests.ui.pages.samples import NOW, stuck, topic, view

LONG_MS = NOW - 900_000
SETTLED_MS = NOW + 15_000


def waiting(group: str) -> UnseenGroups:
    return UnseenGroups(group, 1, "it came into sight only while the watch ran", UnseenKind.WAITING)


def lost(*groups: str) -> Continuity:
    known = Continuity()
    known.lose(view(stuck=tuple(stuck(group, since_ms=LONG_MS) for group in groups)))
    return known


def told(seen: View) -> list[tuple[str, int, bool]]:
    return [(one.group, one.since_ms, one.last_seen_ms is None) for one in seen.stuck]


def test_a_group_that_stands_where_it_stood_has_stood_there_since_the_same_time() -> None:
    known = lost("billing", "shipping")
    seen = view(stuck=(stuck("billing", since_ms=NOW), stuck("shipping", since_ms=NOW, committed=18_443)))
    assert told(known.complete(seen)) == [("billing", LONG_MS, True), ("shipping", NOW, True)]
    assert known.complete(seen).stuck is known.complete(seen).stuck, "the same verdicts are the same"
    moved = view(stuck=(stuck("shipping", since_ms=NOW, committed=18_443),))
    assert told(known.complete(moved)) == [("shipping", NOW, True)]
    assert told(known.complete(seen))[0] == ("billing", NOW, True), "it was away"


def test_members_that_come_and_go_do_not_change_since_when_a_group_stands() -> None:
    nobody = replace(stuck("billing", Verdict.NO_MEMBERS, since_ms=LONG_MS), partitions=3)
    known = Continuity()
    known.lose(view(stuck=(nobody,)))
    assert told(known.complete(view(stuck=(stuck("billing", since_ms=NOW),)))) == [("billing", LONG_MS, True)]
    known = lost("billing")
    assert told(known.complete(view(stuck=(replace(nobody, since_ms=NOW),)))) == [("billing", LONG_MS, True)]


def test_a_group_that_is_not_judged_yet_stays_as_last_seen() -> None:
    known = lost("billing", "gone")
    unjudged = replace(view(judged=False), stuck=())
    assert known.complete(unjudged) is unjudged
    seen = replace(view(stuck=(stuck("other", since_ms=NOW),)), unseen=(waiting("billing"),))
    both = [("billing", LONG_MS, False), ("gone", LONG_MS, False)]
    assert told(known.complete(seen)) == [*both, ("other", NOW, True)], "what came into sight just now is judged later"
    later = replace(seen, at_ms=SETTLED_MS)
    assert told(known.complete(later)) == [both[0], ("other", NOW, True)]
    judged = replace(later, unseen=(), at_ms=SETTLED_MS + 15_000)
    assert told(known.complete(judged)) == [("other", NOW, True)]
    assert told(known.complete(later)) == [("other", NOW, True)], "what has moved does not come back"


SILENT = "3 of its 7 partitions have no leader that answers"


def test_a_group_that_stands_elsewhere_too_keeps_what_a_silent_leader_hides() -> None:
    known = lost("billing")
    elsewhere = stuck("billing", place="payments:0", since_ms=NOW)
    hidden = UnseenGroups("billing", 1, SILENT, partly=True)
    seen = view(stuck=(elsewhere,), topics=(topic("orders", 1), topic("payments", 1)))
    assert seen.topics is not None
    half = replace(seen.topics, records_complete=np.array([False, True]))
    assert told(known.complete(replace(seen, topics=half, unseen=(hidden,)))) == [
        ("billing", LONG_MS, False),
        ("billing", NOW, True),
    ]
    whole = replace(seen.topics, records_complete=np.array([True, True]))
    settled = replace(seen, topics=whole, unseen=(hidden,), at_ms=SETTLED_MS)
    assert told(known.complete(settled)) == [("billing", NOW, True)]


def test_a_group_that_its_silent_coordinator_has_not_listed_stays() -> None:
    known = lost("billing")
    unlisted = UnseenGroups(None, 2, "broker 2 does not answer")
    seen = view()
    assert told(known.complete(replace(seen, unseen=(unlisted,)))) == [("billing", LONG_MS, False)]
    assert told(known.complete(seen)) == [("billing", LONG_MS, False)], "another coordinator may take its groups over"
    judged = view(stuck=(stuck("billing", since_ms=NOW),))
    assert told(known.complete(judged)) == [("billing", LONG_MS, True)]


def test_a_group_that_has_left_its_place_behind_a_silence_is_let_go() -> None:
    known = lost("billing")
    known.complete(replace(view(), unseen=(UnseenGroups(None, 2, "broker 2 does not answer"),)))
    assert told(known.complete(replace(view(), at_ms=SETTLED_MS))) == []


def test_a_group_that_has_moved_is_let_go_before_it_is_judged() -> None:
    known, last = Continuity(), view(stuck=(stuck("audit"), stuck("billing"), stuck("shipping")))
    unjudged = replace(view(judged=False), stuck=known.lose(last).stuck)
    assert known.places_waiting == tuple((one.group, one.topic_partition) for one in last.stuck)
    seen = known.drop_moved(unjudged, (18_442, 18_450, None))
    assert [one.group for one in seen.stuck] == ["audit", "shipping"], "what is not known stays"
    first = known.complete(view(stuck=(stuck("audit"),)))
    assert [one.group for one in first.stuck] == ["audit", "shipping"]
    assert known.drop_moved(first, (18_442,)) is first


def test_a_row_that_speaks_for_several_partitions_waits_until_it_is_judged() -> None:
    known = Continuity()
    known.lose(view(stuck=(replace(stuck("reports", Verdict.NO_MEMBERS), partitions=3),)))
    assert known.places_waiting == ()


def test_what_came_into_sight_just_before_the_first_verdicts_is_judged_later() -> None:
    known = lost("billing")
    first = view(stuck=(stuck("other", since_ms=NOW),))
    assert told(known.complete(first))[0] == ("billing", LONG_MS, False)
    judged = replace(view(stuck=(stuck("billing", since_ms=NOW),)), at_ms=NOW + 10_000)
    assert told(known.complete(judged)) == [("billing", LONG_MS, True)]


def test_until_another_engine_judges_the_last_verdicts_are_as_last_seen() -> None:
    last = view(stuck=(stuck("billing", since_ms=LONG_MS),))
    (one,) = Continuity().lose(last).stuck
    assert (one.last_seen_ms, one.evidence[0]) == (last.at_ms, LAST_SEEN)


def test_a_broker_that_is_still_silent_has_been_so_since_the_same_time() -> None:
    known = Continuity()
    known.lose(replace(view(), silent=(SilentBroker(2, LONG_MS, fenced=False),)))
    later = replace(view(), silent=(SilentBroker(2, NOW, fenced=True), SilentBroker(3, NOW, fenced=False)))
    first = replace(later, samples=0, silent=())
    assert known.date_silence(first) is first
    assert [one.since_ms for one in known.date_silence(later).silent] == [LONG_MS, NOW]
    assert known.date_silence(view()).silent == ()
    assert [one.since_ms for one in known.date_silence(later).silent] == [NOW, NOW], "it was back"


def test_an_engine_that_ends_before_it_has_judged_takes_no_time_along() -> None:
    known = lost("billing")
    known.lose(view(stuck=(stuck("billing", since_ms=NOW - 5_000),), judged=False))
    assert told(known.complete(view(stuck=(stuck("billing", since_ms=NOW),)))) == [("billing", LONG_MS, True)]
