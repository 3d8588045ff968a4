"""What the first lines of Topics and Groups say of a cluster that is away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kafkaview.words import clock
from tests.ui.pages.conftest import Stage
from tests.ui.pages.samples import NOW, group_view, topic, view

SEEN = view((group_view("billing", {"orders:0": 1}),), topics=(topic("orders", 3),))


@pytest.mark.parametrize(
    ("page", "found"),
    [("topics", "1 topic, every partition has its leader and replicas"), ("groups", "1 group, 0 stuck")],
)
async def test_a_cluster_that_is_away_is_described_as_of_when_it_was_seen(stage: Stage, page: str, found: str) -> None:
    stage.window.tasks.cancel("watch")
    said: list[str] = []
    shown = {"topics": stage.topics, "groups": stage.groups}[page]
    shown.finding_changed.connect(said.append)
    shown.show_view(SEEN)
    shown.show_view(replace(SEEN, stale=True))
    assert said == [found, f"As of {clock(NOW)}: {found}"]
