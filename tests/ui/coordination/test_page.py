"""The Coordination page on a fake cluster and in invented states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap
from PySide6.QtTest import QTest

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.coordination.view import CoordinationView
from kafkaview.engine.session_service import SessionService
from kafkaview.gallery import quorum_scenes as scenes
from kafkaview.triage.watch.view import SilentBroker
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.query_view import QueryState
from kafkaview.ui.kit.theme import Theme
from kafkaview.ui.pages.coordination.orbits import radius
from kafkaview.ui.pages.coordination.page import CoordinationPage
from kafkaview.ui.pages.coordination.picture import QuorumPicture, sentence
from kafkaview.ui.pages.coordination.quorum_tab import QuorumTab
from kafkaview.ui.pages.coordination.replicas import nodes_of
from tests.kit.clock import set_clock
from tests.kit.engine import service_of
from tests.ui.pages.conftest import Stage, stage
from tests.ui.pages.conftest import profile as profile_of_stage

__all__ = ["profile_of_stage", "stage"]
_DAY_MS = 86_400_000


@pytest.fixture
def profile(profile_of_stage: object) -> object:
    return profile_of_stage


def page_of(stage: Stage) -> CoordinationPage:
    page = stage.window.pages["coordination"]
    assert isinstance(page, CoordinationPage)
    return page


def quorum_of(stage: Stage) -> QuorumTab:
    tab = page_of(stage).tabs["quorum"]
    assert isinstance(tab, QuorumTab)
    return tab


@pytest.fixture(autouse=True)
def _at_the_time_of_the_scenes(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, scenes.NOW_MS)


@pytest.fixture
def still(stage: Stage) -> QuorumTab:
    """The tab in front, with what the test shows it."""
    stage.window.go(Place("coordination"))
    stage.window.tasks.cancel("coordination")
    return quorum_of(stage)


async def test_the_page_looks_from_the_first_moment(stage: Stage) -> None:
    tab = quorum_of(stage)
    await stage.until(lambda: page_of(stage).view is not None)
    stage.window.go(Place("coordination"))
    assert tab.figures.shown[0].value == "Healthy"
    assert [node.id for node in tab.model.rows] == [1, 2, 3]
    assert tab.figures.shown[2].value == "Controller 1"


@pytest.mark.parametrize(("minutes", "said"), [(16, "last 16 min"), (90, "last hour")])
async def test_a_title_tells_the_time_that_was_watched(still: QuorumTab, minutes: int, said: str) -> None:
    view = scenes.make_healthy()
    since = view.at_ms - minutes * 60_000
    still.show_coordination(replace(view, watched_since_ms=since))
    titles = [text.text() for text in still.aside.now.titles]
    assert titles == [f"Leaders, {said}", f"Records behind the leader, {said}"]
    assert still.figures._cells[-1].accessibleName().startswith(f"Elections, {said}: ")
    assert still.aside.now.leaders.accessibleName().startswith(f"Leaders, {said}: ")


async def test_a_lone_voter_has_words_in_place_of_an_empty_plot(still: QuorumTab) -> None:
    of = scenes.make_quorum((scenes.make_replica(2, leader=True, age_ms=0, lag_ms=0),))
    plot = still.aside.now.plot
    for view, alone in ((scenes.make_view(of), True), (scenes.make_healthy(), False)):
        still.show_coordination(view)
        assert (plot._none.isHidden(), plot._canvas.isHidden()) == (not alone, alone)
        assert plot._none.text() == ("No follower: nothing to be behind." if alone else "")


async def test_a_page_that_nobody_sees_says_its_finding_and_paints_its_tab_when_it_is_shown(stage: Stage) -> None:
    page, tab = page_of(stage), quorum_of(stage)
    findings: list[str] = []
    page.finding_changed.connect(findings.append)
    stage.window.tasks.cancel("coordination")
    page.show_coordination(scenes.make_one_down())
    assert findings
    assert tab.model.total == 0
    stage.window.go(Place("coordination"))
    assert tuple(tab.model.rows) == nodes_of(scenes.make_one_down())
    stage.window.go(Place("coordination", "features"))
    page.show_coordination(scenes.make_healthy())
    assert tuple(tab.model.rows) == nodes_of(scenes.make_one_down())
    stage.window.go(Place("coordination", "quorum"))
    assert tuple(tab.model.rows) == nodes_of(scenes.make_healthy())


async def test_the_standing_of_the_quorum_is_doubted_as_soon_as_a_sample_has_a_voter_silent(stage: Stage) -> None:
    await stage.until(lambda: stage.window.view is not None)
    page, healthy, view = page_of(stage), scenes.make_healthy(), stage.window.view
    said: list[str] = []
    page.standing_changed.connect(said.append)
    stage.window.tasks.cancel("coordination")
    page.show_coordination(healthy)
    assert view is not None
    assert healthy.quorum_at_ms is not None
    silent = SilentBroker(2, healthy.quorum_at_ms + 1, fenced=False)
    page.note_view(replace(view, silent=(silent,)))
    assert [" when last seen" in one for one in said] == [False, True]


async def test_refreshing_the_window_looks_again(stage: Stage) -> None:
    await stage.until(lambda: page_of(stage).view is not None)
    service_of(stage.window._engine, SessionService)._coordinating._interval = 60
    await stage.until(lambda: stage.world.cluster.calls["coordination"] >= 2)
    seen = stage.world.cluster.calls["coordination"]
    stage.window.refresh()
    await stage.until(lambda: stage.world.cluster.calls["coordination"] > seen)


async def test_a_cluster_that_goes_away_is_dated_and_tried_again(stage: Stage) -> None:
    tab = quorum_of(stage)
    stage.window.go(Place("coordination"))
    await stage.until(lambda: tab.figures.shown[0].value == "Healthy")
    stage.world.cluster.failures["coordination"] = Unreachable("No broker answers")
    page_of(stage).refresh()
    await stage.until(tab.room.banner.isVisible)
    assert tab.figures.shown[0].value == "Unknown"
    assert "Next look in" in tab.room.banner.accessibleName()
    del stage.world.cluster.failures["coordination"]
    tab.room.banner.action.click()
    await stage.until(lambda: tab.figures.shown[0].value == "Healthy" and not tab.room.banner.isVisible())


async def test_a_missing_right_locks_the_tab_and_gives_the_command(stage: Stage) -> None:
    tab = quorum_of(stage)
    stage.world.cluster.failures["coordination"] = NotAuthorized("Cluster authorization failed")
    page_of(stage).refresh()
    stage.window.go(Place("coordination"))
    await stage.until(lambda: tab.room.isVisible() and tab.figures.shown[0].text == "not shown to you")
    await stage.until(lambda: tab.figures.shown[1].value == "KRaft")
    tab.room.copy_command()
    assert (
        QGuiApplication.clipboard()
        .text()
        .endswith("--add --allow-principal User:ANONYMOUS --operation Describe --cluster")
    )


async def test_a_click_on_a_replica_selects_its_row(stage: Stage, still: QuorumTab) -> None:
    page_of(stage).show_coordination(scenes.make_one_down())
    await stage.until(still.picture.isVisible)
    spot = next(spot for spot in still.picture._spots() if spot.node.id == 13)
    QTest.mouseClick(still.picture, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, spot.at.toTuple())))
    await stage.until(lambda: still.place_text() == "13")
    await stage.until(lambda: still.aside.lessons.shown[0].question == "If broker 13 fails")


async def test_a_place_names_a_node(stage: Stage, still: QuorumTab) -> None:
    page_of(stage).show_coordination(scenes.make_one_down())
    stage.window.go(Place("coordination", "quorum:3"))
    await stage.until(lambda: still.place_text() == "3")
    assert page_of(stage).place() == Place("coordination", "quorum:3")


async def test_a_lost_quorum_turns_the_head(stage: Stage, still: QuorumTab) -> None:
    page_of(stage).show_coordination(scenes.make_lost())
    await stage.until(still.room.banner.isVisible)
    assert still.figures.property("ground") == "bad_fill"
    assert still.room.banner.accessibleName().startswith("Nobody leads the quorum, last seen 14:01:12.")
    page_of(stage).show_coordination(scenes.make_healthy())
    assert still.figures.property("ground") == "surface"
    assert not still.room.banner.isVisible()


async def test_a_quorum_lost_on_another_day_is_dated_in_full(
    stage: Stage, still: QuorumTab, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, scenes.NOW_MS + _DAY_MS)
    page_of(stage).show_coordination(scenes.make_lost())
    await stage.until(still.room.banner.isVisible)
    assert still.room.banner.accessibleName().startswith("Nobody leads the quorum, last seen 2026-11-23 14:01:12.")


async def test_a_zookeeper_cluster_says_why_there_is_no_quorum(stage: Stage, still: QuorumTab) -> None:
    page_of(stage).show_coordination(scenes.make_zookeeper())
    await stage.until(still.none.isVisible)
    assert still.none.text.text().startswith("Broker 11 is the controller. ZooKeeper, or migrating.")


async def test_a_move_to_kraft_says_the_next_step(stage: Stage, still: QuorumTab) -> None:
    page_of(stage).show_coordination(scenes.make_migrating())
    await stage.until(still.none.isVisible)
    assert "Next: Restart the brokers, one after the other, in KRaft" in still.none.text.text()


async def test_an_unknown_quorum_is_no_failure(stage: Stage, still: QuorumTab) -> None:
    page_of(stage).show_coordination(scenes.make_unknown())
    await stage.until(lambda: still.room.state is QueryState.UNKNOWN)


@pytest.mark.parametrize("days", [0, 1])  # with a date in front, times are longer
async def test_the_page_fits_a_small_window_with_large_text(
    stage: Stage, still: QuorumTab, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, scenes.NOW_MS + days * _DAY_MS)
    page_of(stage).show_coordination(scenes.make_many())
    stage.window.theme.set_scale(1.5)
    try:
        stage.window.resize(1024, 700)
        await stage.until(still.picture.isVisible)
        assert stage.window.minimumSizeHint().width() <= 1024
        assert still.picture.height() >= stage.window.theme.px(200)
    finally:
        stage.window.theme.set_scale(1.0)


def test_the_further_out_the_further_behind() -> None:
    nodes = {node.id: node for node in nodes_of(scenes.make_one_down())}
    assert radius(nodes[1]) < radius(nodes[13]) == radius(nodes[3]) == 1.0
    silent = scenes.make_quorum(
        (scenes.make_replica(2, leader=True, age_ms=0, lag_ms=0), scenes.make_replica(3, age_ms=4_000))
    )
    assert radius(nodes_of(scenes.make_view(silent))[1]) == 1.0


@pytest.mark.parametrize("scene", [scenes.make_healthy, scenes.make_one_down, scenes.make_lost, scenes.make_silent])
@pytest.mark.parametrize("room", [(598, 350), (420, 320), (800, 330)], ids=str)
def test_no_mark_and_no_word_of_the_picture_lies_on_another(
    theme: Theme, scene: Callable[[], CoordinationView], room: tuple[int, int]
) -> None:
    picture = QuorumPicture(theme)
    picture.resize(*room)
    picture.show_nodes(nodes_of(scene()))
    paper = QPixmap(*room)
    painter = QPainter(paper)
    shown = picture._spots()
    boxes = [*(spot.area() for spot in shown), *(box for _spot, box in picture._words(painter, shown))]
    painter.end()
    assert not [(one, other) for one, other in combinations(boxes, 2) if one.intersects(other)]


def test_the_picture_reads_as_a_sentence() -> None:
    text = sentence(nodes_of(scenes.make_one_down()))
    assert text.startswith(
        "Controller 2 leads. Controller 1, voter, healthy, 110 ms. Controller 3, voter, down, silent"
    )
