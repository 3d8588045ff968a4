"""What the page says of each state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kafkaview.coordination.view import CoordinationView
from kafkaview.gallery import quorum_scenes as scenes
from kafkaview.triage.watch.view import SilentBroker
from kafkaview.ui.kit.marks import Mark
from kafkaview.ui.pages.coordination.figures import figures
from kafkaview.ui.pages.coordination.lessons import lessons
from kafkaview.ui.pages.coordination.quorum_words import describe_quorum
from kafkaview.ui.pages.coordination.replicas import nodes_of
from kafkaview.ui.pages.coordination.words import consequence, finding, health_word, remarks


def test_with_a_fault_to_spare_one_more_may_fail() -> None:
    view = scenes.make_healthy()
    assert finding(view) == "KRaft, controller 2 leads, 1 controller more may fail"
    assert consequence(view).title == "One controller more may fail, and the metadata still changes"
    assert remarks(view) == ()


def test_a_quorum_was_healthy_when_last_seen_where_a_broker_that_votes_has_fallen_silent_since() -> None:
    view = scenes.make_healthy()
    assert view.quorum_at_ms is not None
    before, after = view.quorum_at_ms - 1, view.quorum_at_ms + 1
    now = "quorum healthy, 3 voters, led by 2"
    assert describe_quorum(view) == now
    assert describe_quorum(view, (SilentBroker(2, before, fenced=False), SilentBroker(11, after, fenced=False))) == now
    assert describe_quorum(view, (SilentBroker(2, after, fenced=False),)) == (
        "quorum healthy when last seen, 3 voters, led by 2"
    )


def test_with_no_fault_left_the_next_one_stops_the_metadata() -> None:
    view = scenes.make_one_down()
    assert consequence(view).title == "If controller 1 or 2 fails now, the metadata cannot change"
    assert [(one.mark, one.news) for one in remarks(view)] == [
        (Mark.BAD, "Controller 3 last fetched 13 min ago."),
        (Mark.WARN, "Broker 13 is 12 s behind:"),
    ]
    assert remarks(view)[0].advice == "Start it again, or replace it: nothing else restores the margin."


def test_a_lone_voter_bears_no_fault_and_is_healthy() -> None:
    of = scenes.make_quorum((scenes.make_replica(2, leader=True, age_ms=0, lag_ms=0),))
    view = scenes.make_view(of)
    assert health_word(view) == "Healthy"
    assert consequence(view).title == "If controller 2 fails now, the metadata cannot change"


def test_a_lost_quorum_says_who_answers_and_what_goes_on() -> None:
    view = scenes.make_lost()
    quorum = figures(view)[0]
    assert (quorum.value, quorum.text, quorum.mark) == ("Lost", "1 of 3 voters answer, majority is 2", Mark.BAD)
    assert "Producing and consuming go on where leaders live." in consequence(view).text
    assert [one.news for one in remarks(view)] == ["Controller 2 does not answer.", "Controller 3 does not answer."]


@pytest.mark.parametrize(
    "scene",
    [
        scenes.make_lost,
        scenes.make_silent,
        scenes.make_refused,
        scenes.make_zookeeper,
        scenes.make_unknown,
        scenes.make_electing,
        scenes.make_migrating,
    ],
)
def test_nothing_but_a_quorum_that_is_seen_now_is_called_healthy(scene: Callable[[], CoordinationView]) -> None:
    view = scene()
    assert figures(view)[0].mark is not Mark.OK
    assert "ealthy" not in health_word(view)
    assert all(node.mark is Mark.IDLE for node in nodes_of(view))


def test_a_leader_whom_the_brokers_do_not_ask_is_neither_lost_nor_elected() -> None:
    coordination = scenes.make_lost().coordination
    assert coordination is not None
    assert coordination.quorum is not None
    view = replace(
        scenes.make_lost(), coordination=replace(coordination, quorum=replace(coordination.quorum, goes_on=True))
    )
    assert (view.lost, view.electing, health_word(view)) == (False, False, "Unknown")
    assert finding(view).startswith("Somebody leads the quorum")
    assert "a majority follows somebody" in consequence(view).text


def test_the_metadata_version_goes_by_its_release() -> None:
    assert figures(scenes.make_healthy())[1].text == "said by 3 brokers, metadata 4.4-IV2"


def test_a_missing_right_hides_the_quorum_and_not_the_mode() -> None:
    quorum, mode, leader, *_ = figures(scenes.make_refused())
    assert (quorum.value, quorum.text) == ("Unknown", "not shown to you")
    assert mode.value == "KRaft"
    assert leader.text == "not shown to you"


def test_on_zookeeper_the_controller_is_named() -> None:
    view = scenes.make_zookeeper()
    assert finding(view) == "ZooKeeper, broker 11 is the controller"
    assert figures(view)[2].value == "Broker 11"
    assert figures(view)[1].text == "ZooKeeper, or migrating, said by 3 brokers"


def test_a_move_to_kraft_goes_by_its_phase() -> None:
    view = scenes.make_migrating()
    assert finding(view) == "Migrating to KRaft, controller 3000 rules"
    assert [(one.value, one.text) for one in figures(view)[1:3]] == [
        ("Migrating", "Dual write, said by 3 brokers"),
        ("Controller 3000", "the quorum is unknown"),
    ]


@pytest.mark.parametrize(
    ("node", "says"),
    [
        (2, "No majority is left."),
        (3, "It is silent already"),
        (13, "The quorum does not notice"),
    ],
)
def test_what_fails_with_a_node_depends_on_its_part(node: int, says: str) -> None:
    view = scenes.make_one_down()
    one = next(one for one in nodes_of(view) if one.id == node)
    first = lessons(view, one)[0]
    assert first.question == f"If {one.name} fails"
    assert first.answer.startswith(says)


def test_the_leader_comes_first_and_of_the_observers_the_worst() -> None:
    assert [node.id for node in nodes_of(scenes.make_one_down())] == [2, 1, 3, 13, 11, 12]
