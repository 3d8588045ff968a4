"""Adding and removing voters from the Coordination page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.cluster.ports.coordination import Feature
from kafkaview.coordination.view import CoordinationView
from kafkaview.gallery import quorum_scenes as scenes
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.sheets import Veil
from kafkaview.ui.pages.coordination.quorum_tab import QuorumTab
from kafkaview.ui.pages.coordination.voting import why_not
from kafkaview.ui.writes.plan_dialog import PlanDialog
from tests.ui.coordination.test_page import page_of, profile, profile_of_stage, quorum_of, stage
from tests.ui.pages.conftest import Stage

__all__ = ["profile", "profile_of_stage", "stage"]


def static(view: CoordinationView) -> CoordinationView:
    assert view.coordination is not None
    return replace(view, coordination=replace(view.coordination, features=(Feature("kraft.version", 0, 0, 1),)))


@pytest.fixture
def still(stage: Stage) -> QuorumTab:
    stage.window.go(Place("coordination"))
    stage.window.tasks.cancel("coordination")
    stage.world.cluster.coordinated = scenes.make_healthy().coordination
    return quorum_of(stage)


async def choose(stage: Stage, tab: QuorumTab, view: CoordinationView, node: int) -> None:
    page_of(stage).show_coordination(view)
    tab.select(str(node))
    await stage.until(lambda: tab.voting._node is not None and tab.voting._node.id == node)


async def test_a_voter_can_be_removed_by_way_of_a_plan(stage: Stage, still: QuorumTab) -> None:
    await choose(stage, still, scenes.make_healthy(), 3)
    assert still.voting.button.text() == "Remove controller 3 as a voter…"
    still.voting.button.click()
    sheet = Veil.over(stage.window)
    assert isinstance(sheet, PlanDialog)
    await stage.until(lambda: sheet.plan is not None)
    assert sheet.plan is not None
    assert sheet.plan.command[:2] == ("coordination", "remove-voter")
    sheet.lift()


async def test_a_broker_is_offered_no_vote(stage: Stage, still: QuorumTab) -> None:
    await choose(stage, still, scenes.make_healthy(), 13)
    assert still.voting.isHidden()


async def test_a_static_quorum_says_why_it_cannot_be_changed(stage: Stage, still: QuorumTab) -> None:
    await choose(stage, still, static(scenes.make_healthy()), 3)
    assert not still.voting.button.isEnabled()
    assert "static" in still.voting.button.toolTip()


def test_a_quorum_of_the_past_is_not_changed() -> None:
    assert why_not(scenes.make_lost()) == "No broker says how the quorum stands now"
