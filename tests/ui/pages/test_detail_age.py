"""Figures of a detail that are older than the sample above them say so."""

from __future__ import annotations

import asyncio

import pytest

from kafkaview.cluster.errors import Unreachable
from kafkaview.engine.session_service import SessionService
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.groups.page import GroupsPage
from kafkaview.ui.pages.topics.page import TopicsPage
from tests.ui.pages.conftest import Stage


@pytest.mark.parametrize(
    ("page_id", "what", "other", "method"),
    [("groups", "billing", "reports", "group_detail"), ("topics", "orders", "payments", "topic_detail")],
)
async def test_figures_that_are_older_than_the_sample_say_of_when_they_are(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, page_id: str, what: str, other: str, method: str
) -> None:
    page = stage.window.pages[page_id]
    assert isinstance(page, GroupsPage | TopicsPage)
    await stage.until(lambda: stage.window.view is not None and stage.window.view.judged)
    stage.window.go(Place(page_id, what))
    await stage.until(lambda: page.detail._name.text() == what and page.detail.partitions.total > 0)
    age = page.detail.age
    assert age.isHidden()
    original = getattr(SessionService, method)

    async def nothing(*_arguments: object) -> None:
        """The answer of an engine that has not seen it yet."""

    monkeypatch.setattr(SessionService, method, nothing)
    await stage.until(age.isVisible)
    assert age.text().startswith("figures of ")
    stage.window.go(Place(page_id, other))
    await stage.until(age.isHidden)
    await asyncio.sleep(1.2)
    assert age.isHidden(), "of another row there are none"
    monkeypatch.setattr(SessionService, method, original)
    stage.window.go(Place(page_id, what))
    await stage.until(lambda: page.detail.partitions.total > 0)
    assert age.isHidden()


async def test_settings_that_a_silent_broker_left_open_are_read_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.ui.kit.again._PAUSE_MS", 1)
    page = stage.topics
    await stage.until(lambda: stage.window.view is not None and stage.window.view.judged)
    stage.window.go(Place("topics", "orders"))
    page.detail.tabs.choose("settings")
    await stage.until(lambda: page.detail.settings.shows_content)
    stage.world.cluster.brokers.failures["topic_settings"] = Unreachable("broker 1 does not answer")
    page.refresh()
    await stage.until(page.detail.settings.banner.isVisible)
    stage.world.cluster.brokers.failures.clear()
    await stage.until(lambda: not page.detail.settings.banner.isVisible())
