"""The Statistics tab of a topic on the fake cluster."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import cast

import pytest

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.engine.port import Engine
from kafkaview.records.progress import ReadProgress
from kafkaview.records.ranges import SkippedPartition
from kafkaview.records.size_counts import SizeCounts
from kafkaview.records.statistics import SchemaUse, StatisticsRequest, TopicStatistics
from kafkaview.terms import TopicPartition
from kafkaview.ui.kit.page import Place
from kafkaview.ui.pages.topics.statistics import StatisticsTab
from kafkaview.ui.pages.topics.statistics_words import describe_statistics, figure_rows, hour_bars, named_counts
from tests.ui.pages.conftest import Stage

HOUR = 3_600_000
NONE = SizeCounts().summary()
EMPTY = TopicStatistics(
    "orders", ReadProgress(), (), 0, 0, 0, 0, NONE, NONE, None, None, None, (), 0, 0, (), 0, 0, None, ended=True
)


class Counting:
    """An engine that counts in steps of the test's own."""

    def __init__(self, steps: Callable[[StatisticsRequest], AsyncGenerator[TopicStatistics, None]]) -> None:
        self.topic_statistics = steps


async def show(stage: Stage, topic: str) -> StatisticsTab:
    stage.window.go(Place("topics", topic))
    pane = stage.topics.detail
    await stage.until(lambda: pane._topic == topic)
    pane.tabs.choose("statistics")
    tab = pane.tabs.front
    assert isinstance(tab, StatisticsTab)
    return tab


async def test_a_topic_is_counted_when_it_is_asked_for(stage: Stage) -> None:
    stage.grows = False
    tab = await show(stage, "orders")
    assert tab.room.state.value == "empty"
    tab.button.click()
    await stage.until(lambda: tab.room.shows_content and "records read in" in tab.words.text())
    assert "602 records read" in tab.words.text()
    assert "of the partitions and offsets 0: 0 to 200, 1: 0 to 201, 2: 0 to 201" in tab.words.text()
    figures = {row.name: (row.keys, row.values) for row in tab.figures.rows}
    assert figures["Not null"] == ("602", "602")
    assert figures["Null"] == ("0", "0")
    assert figures["Tombstones"][1] == "0"
    assert figures["Different"][0].startswith("about")
    assert figures["Smallest"][1] == "0 bytes"
    assert [(row.name, row.records) for row in tab.named.rows] == [("source", 1), ("trace", 1)]
    assert sum(bar.count for bar in tab.hours.bars) == 602
    assert sum(bar.count for bar in tab.sizes.bars) == 602
    assert "Sizes of values" in tab.sizes.accessibleName()
    assert tab._line() == "kafkaview --bootstrap fake:9092 topics statistics orders --from beginning --to end"


async def test_what_was_counted_of_a_topic_stays_while_another_is_shown(stage: Stage) -> None:
    stage.grows = False
    tab = await show(stage, "payments")
    tab.start.show_value("-5")
    tab.button.click()
    await stage.until(lambda: "5 records read" in tab.words.text())
    await show(stage, "orders")
    assert tab.room.state.value == "empty"
    await show(stage, "payments")
    assert tab.room.shows_content
    assert "5 records read" in tab.words.text()


async def test_a_count_that_is_cancelled_says_so_and_keeps_what_it_has(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.grows = False
    tab = await show(stage, "payments")
    hold = asyncio.Event()

    async def steps(_request: StatisticsRequest) -> AsyncGenerator[TopicStatistics, None]:
        yield replace(EMPTY, topic="payments", records=7, progress=ReadProgress(7, 7, 20), ended=False)
        await hold.wait()

    monkeypatch.setattr(tab, "_context", replace(tab._context, engine=cast("Engine", Counting(steps))))
    tab.button.click()
    await stage.until(lambda: tab.words.text() == "7 of about 20 records read")
    stage.window.tasks.cancel_newest()
    await stage.until(lambda: tab.words.text() == "Stopped: 7 of about 20 records read")
    assert tab.room.shows_content


async def test_a_count_that_is_cancelled_before_its_first_step_does_not_seem_to_run(stage: Stage) -> None:
    tab = await show(stage, "payments")
    tab.button.click()
    stage.window.tasks.cancel_newest()  # in the same turn of the loop
    await stage.until(lambda: tab.room.state.value == "empty")
    assert not tab._counting


async def test_what_cannot_be_read_is_said(stage: Stage) -> None:
    tab = await show(stage, "payments")
    tab.start.show_value("@noon")
    tab.button.click()
    await stage.until(
        lambda: tab.room.state.value == "empty" and not stage.window.tasks.is_running("topics.statistics")
    )
    tab.start.show_value("beginning")
    stage.world.cluster.failures["read"] = NotAuthorized("You may not read payments")
    tab.button.click()
    await stage.until(lambda: tab.room.state.value == "locked")


@pytest.mark.parametrize(("hours", "bars"), [(1, 1), (96, 96), (97, 49), (8_760, 96)])
def test_hours_without_a_record_have_a_place_and_many_are_put_together(hours: int, bars: int) -> None:
    found = replace(EMPTY, hours=tuple({0: 3, (hours - 1) * HOUR: 4}.items()))
    shown = hour_bars(found)
    assert len(shown) == bars
    assert sum(bar.count for bar in shown) == (4 if hours == 1 else 7)
    assert shown[-1].count == 4


def test_nothing_at_all_is_dashes_and_no_bars() -> None:
    rows = {row.name: (row.keys, row.values) for row in figure_rows(EMPTY)}
    assert rows["Median"] == ("–", "–")
    assert rows["Different"][0] == "–"
    assert hour_bars(EMPTY) == ()
    assert named_counts(EMPTY) == []


def test_what_was_left_out_and_what_is_not_known_is_said() -> None:
    places = [TopicPartition("orders", number) for number in (1, 2)]
    away = Unreachable("orders:1 has no leader", "Start broker 2.")
    progress = replace(ReadProgress(), skipped=tuple(SkippedPartition(one, away) for one in places))
    schemas = (
        SchemaUse("value", 7, None, 3, "Avro, orders-value version 3 (id 7)"),
        SchemaUse("key", 8, None, 2, unknown=True),
        SchemaUse("key", 9, None, 2),
        SchemaUse("key", None, "89791762-2336-4186-9674-299b90a802e2", 1),
    )
    found = replace(EMPTY, progress=progress, without_time=2, schemas=schemas, unreadable_headers=1)
    assert "Left out: orders:1 has no leader. Start broker 2. Likewise orders:2" in describe_statistics(found)
    assert "2 records have no timestamp" in describe_statistics(found)
    assert [row.name for row in named_counts(found)] == [
        "Avro, orders-value version 3 (id 7)",
        "id 8, unknown to the registry",
        "id 9",
        "GUID 89791762-2336-4186-9674-299b90a802e2",
        "a name that is not UTF-8",
    ]
