"""The Dead letters page on the fake cluster: topics, causes, arrivals, and each dead letter back to its origin."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextOption
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from kafkaview.cluster.errors import NotAuthorized, Unreachable
from kafkaview.terms import Header
from kafkaview.triage.dead_letters import recognition
from kafkaview.triage.dead_letters.causes import CauseKey
from kafkaview.triage.dead_letters.request import CauseCount
from kafkaview.ui.kit.bytes_text import CodeText
from kafkaview.ui.kit.controls import Text
from kafkaview.ui.kit.page import Place
from kafkaview.ui.kit.query_view import QueryState
from kafkaview.ui.pages.dead_letters.arrivals import arrival_bars
from kafkaview.ui.pages.dead_letters.page import DeadLettersPage
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS
from tests.ui.pages.conftest import Stage

HOUR = 3_600_000
FIRST = FIRST_TIMESTAMP_MS // HOUR * HOUR
TRACE = (
    "org.spring.ListenerExecutionFailedException: failed\n\tat a.B.c(B.java:1)\n"
    "Caused by: java.lang.NullPointerException\n"
)


def share_letter(offset: int, message: str) -> tuple[Header, ...]:
    fields = {"topic": "orders", "partition": "1", "offset": str(offset), "group": "billing", "message": message}
    return tuple(Header(f"__dlq.errors.{name}", value.encode()) for name, value in fields.items())


def spring_letter(topic: str, offset: int) -> tuple[Header, ...]:
    return (
        Header("kafka_dlt-original-topic", topic.encode()),
        Header("kafka_dlt-original-partition", struct.pack(">i", 1)),
        Header("kafka_dlt-original-offset", struct.pack(">q", offset)),
        Header("kafka_dlt-exception-fqcn", b"org.spring.ListenerExecutionFailedException"),
        Header("kafka_dlt-exception-message", b"no price"),
        Header("kafka_dlt-exception-stacktrace", TRACE.encode()),
    )


def fill(stage: Stage) -> None:
    """Two queues: 45 dead letters of kafkaview's dialect over six hours, and three of Spring's."""
    cluster = stage.world.cluster
    stage.grows = False
    cluster.add_topic("orders-dlq", 2)
    cluster.add_topic("payments.DLT")
    for number in range(45):
        message = "no price" if number % 3 else f"byte {number} of the value is not UTF-8"
        cluster.add_record(
            "orders-dlq", b"{", partition=number % 2, headers=share_letter(number, message),
            timestamp_ms=FIRST + number * HOUR // 8,
        )  # fmt: skip
    for number in range(3):
        hops = (*spring_letter("payments", number), *spring_letter("payments-retry-0", number + 5))
        cluster.add_record("payments.DLT", b"x", headers=hops, timestamp_ms=FIRST + number)


async def opened(stage: Stage, what: str = "") -> DeadLettersPage:
    page = stage.window.pages["deadletters"]
    assert isinstance(page, DeadLettersPage)
    stage.window.go(Place("deadletters", what))
    return page


async def counted(stage: Stage, what: str = "") -> DeadLettersPage:
    fill(stage)
    page = await opened(stage, what)
    await settled(stage, page)
    return page


async def settled(stage: Stage, page: DeadLettersPage) -> None:
    await stage.until(lambda: page._breakdown is not None and page._breakdown.ended and page.letter_room.shows_content)
    await stage.until(lambda: not stage.window.tasks.is_running("deadletters.letters"))


async def test_the_topic_with_most_is_shown_first_with_causes_and_newest_letters(stage: Stage) -> None:
    page = await counted(stage)
    assert [(row.topic, row.records) for row in page.topics.rows] == [("orders-dlq", 45), ("payments.DLT", 3)]
    assert page.name.text() == "orders-dlq"
    assert page.about.text().startswith("from orders  ·  written by Kafka (KIP-1191)")
    assert [(page.causes.columns[0].reads(row), row.count) for row in page.causes.rows] == [
        ("no price", 30),
        ("byte … of the value is not UTF-8", 15),
    ]
    offsets = [row.letter.origin.offset for row in page.letters.rows if row.letter is not None]
    assert offsets == list(range(44, -1, -1))
    assert page.counted.text() == "45 records"
    assert page.topics.columns[1].tooltip(page.topics.rows[0]) == "counted"
    assert page.topics.columns[1].tooltip(page.topics.rows[1]).endswith("transactions leave gaps")
    assert not page.clear_cut.isVisible()
    assert stage.window.pages["deadletters"] is page


async def test_a_topic_that_is_asked_for_is_looked_into_whatever_its_name(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "MOST_UNNAMED", 0)
    page = await counted(stage)
    cluster = stage.world.cluster
    cluster.add_topic("leftovers")
    cluster.add_record("leftovers", b"x", headers=spring_letter("payments", 1))
    stage.window.go(Place("deadletters", "leftovers"))
    await stage.until(lambda: page.name.text() == "leftovers" and page.letters.rowCount() == 1)
    page.refresh()
    await stage.until(lambda: not stage.window.tasks.is_running("deadletters.topics"))
    assert page.name.text() == "leftovers"
    cluster.add_topic("plain")
    cluster.add_record("plain", b"x")
    stage.window.go(Place("deadletters", "plain"))
    await stage.until(lambda: QToolTip.text().startswith("plain: its newest records are no dead letters"))


async def test_a_cause_and_a_bar_cut_the_list_until_it_is_cleared(stage: Stage) -> None:
    page = await counted(stage)
    assert page.cause_table.choose(CauseKey("byte … of the value is not UTF-8", "orders"))
    await stage.until(lambda: page.letters.rowCount() == 15)
    assert page.cut_text.text() == "cause is byte … of the value is not UTF-8"
    await stage.until(lambda: page.cut_text.width() >= page.cut_text.sizeHint().width())
    assert not page.cut_text.geometry().intersects(page.clear_cut.geometry())
    bars = page.plot.bars
    assert bars is not None
    assert [sum(one) for one in bars.counts][-6:] == [8, 8, 8, 8, 8, 5]
    page.plot.picked.emit(len(bars.counts) - 1)
    await stage.until(lambda: page.letters.rowCount() == 1)
    assert "arrived from" in page.cut_text.text()
    page.clear_cut.click()
    await stage.until(lambda: page.letters.rowCount() == 45)


async def test_a_letter_tells_its_last_hop_its_cause_and_leads_to_its_origin(stage: Stage) -> None:
    page = await counted(stage, "payments.DLT")
    await stage.until(lambda: page.name.text() == "payments.DLT")
    await settled(stage, page)
    page.letter_table.choose((0, 2))
    await stage.until(lambda: page.pane.letter is not None)
    assert page.pane.origin.text() == "payments-retry-0:1 @ 7"
    texts = [label.text() for label in page.pane.findChildren(Text)]
    assert "java.lang.NullPointerException" in texts
    assert "org.spring.ListenerExecutionFailedException" in texts
    assert "payments:1 @ 2 → payments-retry-0:1 @ 7" in texts
    assert page.pane.trace.isHidden()
    page.pane.fold.click()
    assert not page.pane.trace.isHidden()
    assert page.pane.trace.toPlainText() == TRACE
    gone: list[Place] = []
    page.pane.origin_wanted.connect(gone.append)
    page.pane.origin.click()
    assert [str(record) for record in gone] == ["payments-retry-0:1:7"]


async def test_the_origin_is_opened_in_records_by_keyboard(stage: Stage) -> None:
    page = await counted(stage)
    page.letter_table.setFocus()
    page.letter_table.choose((0, 22))  # the newest, of orders:1 at 44
    QTest.keyClick(page.letter_table, Qt.Key.Key_Return)
    await stage.until(stage.window.pages["records"].isVisible)
    await stage.until(lambda: stage.window.pages["records"].place().what == "orders:1:44")


async def test_without_any_the_page_says_how_they_are_recognized(stage: Stage) -> None:
    page = await opened(stage)
    await stage.until(lambda: page.room.state is QueryState.EMPTY)
    front = page.room.front.accessibleName()
    assert front.startswith("No dead letter topics found. A topic is recognized by the headers")


async def test_a_write_of_this_window_is_seen_at_once(stage: Stage) -> None:
    page = await opened(stage)
    await stage.until(lambda: page.room.state is QueryState.EMPTY)
    stage.window.go(Place("triage"))
    fill(stage)
    page.note_write()
    stage.window.go(Place("deadletters"))
    await stage.until(lambda: page.room.shows_content and page.topics.rowCount() == 2)


async def test_none_is_not_said_of_topics_that_were_not_looked_into(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kafkaview.triage.dead_letters.recognition.MOST_UNNAMED", 1)
    page = await opened(stage)
    await stage.until(lambda: page.room.state is QueryState.EMPTY)
    front = page.room.front.accessibleName()
    assert front.startswith("None found, and not all topics were looked into. The newest records of 2 topics were not")


async def test_records_without_headers_are_told_as_such(stage: Stage) -> None:
    stage.grows = False
    stage.world.cluster.add_topic("connect-errors")
    stage.world.cluster.add_record("connect-errors", b"{")
    page = await opened(stage)
    await settled(stage, page)
    assert "recognized by its name alone" in page.about.text()
    page.letter_table.choose((0, 0))
    await stage.until(page.pane.record.isVisible)
    assert page.pane.note.text().startswith("This record has no headers of a known dialect")
    assert not page.pane.origin.isVisible()
    assert not page.pane.fold.isVisible()


async def test_a_name_alone_says_nothing_of_records_that_were_not_looked_at(stage: Stage) -> None:
    fill(stage)
    stage.world.cluster.refused = {"payments.DLT"}
    page = await opened(stage)
    await settled(stage, page)
    assert page.name.text() == "orders-dlq"
    assert page.room.banner.isVisible()
    page.table.choose("payments.DLT")
    await stage.until(lambda: page.letter_room.state is QueryState.LOCKED)
    assert page.about.text().startswith("recognized by its name alone; its newest records were not looked at")


async def test_a_topic_that_may_not_be_read_is_told_with_the_right(stage: Stage) -> None:
    fill(stage)
    page = await opened(stage)
    await settled(stage, page)
    stage.world.cluster.failures["read"] = NotAuthorized("not authorized to read payments.DLT")
    page.table.choose("payments.DLT")
    await stage.until(lambda: page.letter_room.state is QueryState.LOCKED)
    assert page.room.shows_content


async def test_what_a_silent_broker_held_back_is_read_again_when_it_answers(stage: Stage) -> None:
    page = await counted(stage, "payments.DLT")
    failures = stage.world.cluster.failures
    failures["read"] = Unreachable("payments.DLT:0 has no leader: its only replica is on broker 1")
    page._again()
    await stage.until(lambda: page.letter_room.state is QueryState.FAILED or page.letter_room.banner.isVisible())
    del failures["read"]
    await stage.until(lambda: page.letter_room.shows_content and not page.letter_room.banner.isVisible())
    assert page.letters.rowCount() == 3
    await stage.until(lambda: page._topic_again._pause_ms == 1_000)


async def test_a_setting_that_may_not_be_read_makes_it_partial(stage: Stage) -> None:
    fill(stage)
    stage.world.cluster.brokers.failures["setting_of_topics"] = NotAuthorized("no right")
    page = await opened(stage)
    await settled(stage, page)
    assert page.room.banner.isVisible()


async def test_a_cluster_that_is_away_is_told_and_what_was_known_stays(stage: Stage) -> None:
    page = await counted(stage)
    stage.world.cluster.failures["partition_table"] = Unreachable("no broker answers")
    page.refresh()
    await stage.until(page.room.banner.isVisible)
    assert page.topics.rowCount() == 2
    del stage.world.cluster.failures["partition_table"]


def causes(counts: Sequence[int]) -> list[CauseCount]:
    return [
        CauseCount(CauseKey(str(place), "t"), str(place), many, FIRST, FIRST, ((FIRST, many),))
        for place, many in enumerate(counts)
    ]


def test_more_causes_than_patterns_are_one_series() -> None:
    bars = arrival_bars(causes([9, 8, 7, 6, 5, 4]), list("abcdef"), "24 h", FIRST + HOUR)
    assert bars is not None
    assert bars.counts[-1] == (9, 8, 7, 15)
    assert bars.titles == ("a", "b", "c", "other causes")
    four = arrival_bars(causes([9, 8, 7, 6]), list("abcd"), "24 h", FIRST + HOUR)
    assert four is not None
    assert (four.counts[-1], four.titles) == ((9, 8, 7, 6), ("a", "b", "c", "d"))


def test_bars_end_with_the_newest_arrival_and_without_times_there_are_none() -> None:
    bars = arrival_bars(causes([1]), ["a"], "30 d", FIRST + HOUR)
    assert bars is not None
    assert bars.span(len(bars.counts) - 1)[1] == FIRST + HOUR
    assert arrival_bars([CauseCount(CauseKey(None, None), None, 3, None, None)], ["a"], "24 h", FIRST + HOUR) is None


def test_a_time_in_the_future_does_not_empty_the_bars() -> None:
    key = CauseKey("odd", "t")
    year = 365 * 24 * HOUR
    hours = ((FIRST - 30 * HOUR, 2), (FIRST, 5), (FIRST + year, 1))
    cause = CauseCount(key, "odd", 8, FIRST - 30 * HOUR, FIRST + year, hours)
    bars = arrival_bars([cause], ["odd"], "24 h", FIRST + 1)
    assert bars is not None
    assert (bars.counts[-1], sum(map(sum, bars.counts)), bars.earlier, bars.later) == ((5,), 5, 2, 1)
    ahead = arrival_bars([replace(cause, hours=hours[2:])], ["odd"], "24 h", FIRST + 1)
    assert ahead is not None
    assert (ahead.counts[-1], ahead.later) == ((1,), 0)  # every clock is wrong: that is all there is to show


async def test_records_outside_the_bars_are_told(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kafkaview.ui.pages.dead_letters.page.now_ms", lambda: FIRST + 8 * HOUR)
    fill(stage)
    late = FIRST + 365 * 24 * HOUR
    stage.world.cluster.add_record("orders-dlq", b"{", headers=share_letter(1, "no price"), timestamp_ms=late)
    page = await opened(stage)
    await settled(stage, page)
    assert page.plot_note.isVisible()
    assert page.plot_note.text() == "Not shown: 1 record behind the last bar."
    bars = page.plot.bars
    assert bars is not None
    assert sum(bars.counts[-1]) == 5


async def test_a_share_group_without_copies_leads_to_its_origin_for_key_and_value(stage: Stage) -> None:
    stage.grows = False
    stage.world.cluster.add_topic("dlq.shippers")
    stage.world.cluster.add_record("dlq.shippers", None, headers=share_letter(7, "Offset rejected by client."))
    page = await opened(stage)
    await settled(stage, page)
    page.letter_table.choose((0, 0))
    await stage.until(lambda: page.pane.letter is not None)
    assert "they are at the origin" in page.pane.note.text()
    assert page.pane.origin.text() == "orders:1 @ 7"


async def test_a_long_message_is_a_field_to_scroll_in(stage: Stage) -> None:
    stage.grows = False
    stage.world.cluster.add_topic("long-dlq")
    message = "no price\n" + "\u202eunbroken" * 20_000
    stage.world.cluster.add_record("long-dlq", b"{", headers=share_letter(7, message))
    page = await opened(stage)
    await settled(stage, page)
    page.letter_table.choose((0, 0))
    await stage.until(lambda: page.pane.letter is not None)
    assert max(len(label.text()) for label in page.pane.findChildren(Text)) < 3_000
    (field,) = [one for one in page.pane.findChildren(CodeText) if one.accessibleName() == "Message"]
    assert field.toPlainText() == "no price\n" + "\\u202eunbroken" * 20_000
    assert field.wordWrapMode() is QTextOption.WrapMode.WrapAnywhere


async def test_names_from_headers_are_never_taken_for_markup(stage: Stage) -> None:
    stage.grows = False
    stage.world.cluster.add_topic("odd-dlq")
    odd = "<b>a&b</b>\u202e"
    headers = (
        Header("__dlq.errors.topic", odd.encode()), Header("__dlq.errors.partition", b"x"),
        Header("__dlq.errors.message", odd.encode()),
    )  # fmt: skip
    stage.world.cluster.add_record("odd-dlq", b"{", headers=headers)
    page = await opened(stage)
    await settled(stage, page)
    page.letter_table.choose((0, 0))
    await stage.until(lambda: page.pane.letter is not None)
    assert "a&&b" in page.pane.origin.text()
    assert "\u202e" not in page.pane.origin.text()
    assert not page.pane.origin.isEnabled()
    texts = [label.text() for label in page.pane.findChildren(Text)]
    assert "__dlq.errors.partition is 'x', not a number" in texts
    assert page.plot.bars is not None


async def test_a_bar_is_picked_by_keyboard(stage: Stage) -> None:
    page = await counted(stage)
    bars = page.plot.bars
    assert bars is not None
    picked: list[int] = []
    page.plot.picked.connect(picked.append)
    page.plot.setFocus()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Right):
        QTest.keyClick(page.plot, key)
    QTest.keyClick(page.plot, Qt.Key.Key_Return)
    assert picked == [len(bars.counts) - 1]
    assert "no price: 4" in page.plot.accessibleDescription()
    await stage.until(lambda: page.letters.rowCount() == 5)
    QTest.keyClick(page.plot, Qt.Key.Key_Left)
    QTest.keyClick(page.plot, Qt.Key.Key_Return)
    await stage.until(lambda: page.letters.rowCount() == 8)


async def test_in_a_small_window_each_button_and_the_detail_are_inside(stage: Stage) -> None:
    page = await counted(stage)
    stage.window.resize(800, 560)
    page.letter_table.choose(page.letters.key_at(0))
    await stage.until(lambda: page.pane.isVisible() and page.pane.letter is not None)
    for button in (page.sending.mend_button, page.sending.edit_button, page.sending.redrive_button):
        await stage.until(lambda: button.visibleRegion().boundingRect().size() == button.size())  # noqa: B023
    await stage.until(lambda: page.pane.width() > 300 and page.pane.y() > page.letter_table.y())
