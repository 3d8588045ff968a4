"""How a group commits, in a tab of Groups on the fake cluster, whose coordinator has stored what a test put there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kafkaview.clock import now_ms
from kafkaview.cluster.errors import NotAuthorized
from kafkaview.terms import TopicPartition
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.query_view import QueryState
from kafkaview.ui.pages.groups.commits_tab import CommitsTab
from kafkaview.ui.pages.groups.page import GroupsPage
from tests.kit.stored_commits import LOG, store_commit
from tests.ui.pages.conftest import Stage


async def opened(stage: Stage, group: str) -> CommitsTab:
    stage.window.go(Place("groups", group))
    page = stage.window.pages["groups"]
    assert isinstance(page, GroupsPage)
    await stage.until(lambda: page.table.selected is not None and page.table.selected.name == group)
    page.detail.tabs.choose("commits")
    tab = page.detail.tabs.front
    assert isinstance(tab, CommitsTab)
    return tab


async def test_a_group_that_commits_by_a_timer_is_explained(stage: Stage) -> None:
    stage.world.cluster.add_topic(LOG)
    now = now_ms()
    for number in range(20):
        store_commit(stage.world.cluster, "billing", TopicPartition("orders", 1), 60, now - 100_000 + 5_000 * number)
        store_commit(stage.world.cluster, "other", TopicPartition("orders", 1), number, now - 100_000 + 700 * number)
    tab = await opened(stage, "billing")
    await stage.until(lambda: tab.shows_content)
    cells = [tab.model.data(tab.model.index(0, place)) for place in range(tab.model.columnCount())]
    assert cells == ["orders:1", "by a timer", "5 s", "20", "0"]
    assert tab.commits.about.text() == "From what the coordinator stored in 10 min."
    tab.commits.table.choose(TopicPartition("orders", 1))
    await stage.until(lambda: tab.commits.about.text().startswith("A timer commits what was read"))


async def test_what_a_group_has_committed_since_comes_with_another_look(stage: Stage) -> None:
    stage.world.cluster.add_topic(LOG)
    tab = await opened(stage, "billing")
    await stage.until(lambda: tab.shows_content)
    assert [row.style.value for row in tab.model.rows] == ["unknown"]
    now = now_ms()
    for number in range(9):
        store_commit(
            stage.world.cluster, "billing", TopicPartition("orders", 1), 60 + number, now - 9_000 + number * number * 90
        )
    tab.again.setFocus()
    QTest.keyClick(tab.again, Qt.Key.Key_Space)
    await stage.until(lambda: [row.style.value for row in tab.model.rows] == ["manual_per_record"])


async def test_without_the_right_to_the_log_it_is_polled_until_that_is_cancelled(stage: Stage) -> None:
    stage.world.cluster.add_topic(LOG)
    store_commit(stage.world.cluster, "billing", TopicPartition("orders", 1), 60, now_ms())
    stage.world.cluster.refused.add(LOG)
    tab = await opened(stage, "billing")
    assert tab.state is QueryState.LOADING
    await stage.until(lambda: stage.world.cluster.calls["committed_offsets"] > 2)
    stage.window.tasks.cancel("groups.commits")
    await stage.until(lambda: tab.state is QueryState.EMPTY)


async def test_a_look_that_is_cancelled_before_its_first_step_says_that_it_was_stopped(stage: Stage) -> None:
    tab = await opened(stage, "billing")
    tab.read()
    stage.window.tasks.cancel("groups.commits")  # in the same turn of the loop
    await stage.until(lambda: tab.state is QueryState.EMPTY)


async def test_a_missing_right_to_the_group_is_named(stage: Stage) -> None:
    stage.world.cluster.failures["describe_groups"] = NotAuthorized("Not authorized to describe the group")
    tab = await opened(stage, "billing")
    await stage.until(lambda: tab.state is QueryState.LOCKED)
    assert tab.command.endswith("--operation Describe --group billing")
