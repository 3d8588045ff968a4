"""Topics of dead letters are found by headers, configuration, name, and broken down by cause and origin."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from kafkaview.cluster.errors import NotAuthorized, ReadRefused, UnknownTopicOrPartition
from kafkaview.cluster.ports.brokers import Setting
from kafkaview.cluster.ports.cluster import Omission
from kafkaview.decode.topics import TopicDecoders
from kafkaview.journal.store import Journal
from kafkaview.profiles.profile import ConnectionProfile
from kafkaview.session import Session
from kafkaview.terms import Header, TopicPartition
from kafkaview.triage.dead_letters import recognition
from kafkaview.triage.dead_letters.breakdown import break_down
from kafkaview.triage.dead_letters.causes import CauseKey
from kafkaview.triage.dead_letters.counts import CauseCounts
from kafkaview.triage.dead_letters.letters import read_letters
from kafkaview.triage.dead_letters.recognition import SETTING, Recognition, find_dead_letter_topics
from kafkaview.triage.dead_letters.request import (
    BreakdownRequest,
    LetterBreakdown,
    LetterCut,
    LetterRow,
    LettersBatch,
    LettersRequest,
)
from tests.kit.fake_cluster import FIRST_TIMESTAMP_MS, FakeCluster

HOUR = 3_600_000


def share_letter(offset: int, message: str, topic: str = "orders") -> tuple[Header, ...]:
    fields = {"topic": topic, "partition": "0", "offset": str(offset), "group": "shippers", "message": message}
    return tuple(Header(f"__dlq.errors.{name}", value.encode()) for name, value in fields.items())


def setting(topic: str) -> tuple[Setting, ...]:
    value = "true" if topic == "mail-out" else "false"
    return (Setting(SETTING, value, "DYNAMIC_TOPIC_CONFIG", False, False, False, None),)


@pytest.fixture
def cluster() -> FakeCluster:
    cluster = FakeCluster()
    cluster.add_topic("orders", 2)
    cluster.add_topic("orders-dlq", 2)
    cluster.add_topic("connect-errors")
    cluster.add_topic("mail-out")
    cluster.add_topic("leftovers")
    cluster.brokers.settings_of_topic = setting
    for number in range(30):
        cluster.add_record("orders", b"{}", headers=(Header("trace", b"7"),))
        message = "no price" if number % 3 else f"byte {number} of the value is not JSON"
        cluster.add_record(
            "orders-dlq",
            b"{",
            partition=number % 2,
            headers=share_letter(number, message),
            timestamp_ms=FIRST_TIMESTAMP_MS // HOUR * HOUR + number * HOUR // 10,
        )
        cluster.add_record("connect-errors", b"{")
    return cluster


@pytest.fixture
async def session(cluster: FakeCluster, tmp_path: Path) -> AsyncGenerator[Session, None]:
    journal = Journal(tmp_path / "journal.sqlite3")
    yield Session(ConnectionProfile("fake", "fake:9092"), cluster, TopicDecoders(), journal)
    await journal.close()


async def broken_down(session: Session, request: BreakdownRequest) -> LetterBreakdown:
    async with aclosing(break_down(session, request)) as steps:
        found = [step async for step in steps]
    assert [step.ended for step in found] == [False] * (len(found) - 1) + [True]
    return found[-1]


async def test_headers_come_before_configuration_before_the_name(cluster: FakeCluster) -> None:
    found = await find_dead_letter_topics(cluster)
    assert {one.topic: one.recognized_by for one in found.topics} == {
        "orders-dlq": Recognition.HEADERS,
        "connect-errors": Recognition.NAME,
        "mail-out": Recognition.CONFIG,
    }
    queue = next(one for one in found.topics if one.topic == "orders-dlq")
    assert (queue.dialect, queue.origins, queue.records, queue.by_kafkaview) == ("kafka", ("orders",), 30, False)


async def test_a_topic_of_any_name_is_one_if_its_newest_records_all_are(cluster: FakeCluster) -> None:
    cluster.add_record("leftovers", b"x", headers=share_letter(1, "odd"))
    cluster.add_record("orders", b"x", headers=share_letter(1, "sent back with its headers"))
    found = await find_dead_letter_topics(cluster)
    by = {one.topic: one.recognized_by for one in found.topics}
    assert by["leftovers"] is Recognition.HEADERS
    assert "orders" not in by


async def test_of_too_many_topics_only_candidates_are_looked_at(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.add_record("leftovers", b"x", headers=share_letter(1, "odd"))
    monkeypatch.setattr(recognition, "MOST_UNNAMED", 0)
    found = await find_dead_letter_topics(cluster)
    assert "leftovers" not in {one.topic for one in found.topics}
    assert found.unsampled == 2
    found = await find_dead_letter_topics(cluster, wanted="leftovers")
    assert {one.topic: one.recognized_by for one in found.topics}["leftovers"] is Recognition.HEADERS
    assert found.unsampled == 1


async def test_topics_that_may_not_be_seen_are_said(cluster: FakeCluster) -> None:
    cluster.omitted = {Omission.TOPICS, Omission.GROUPS}
    assert [str(error) for error in (await find_dead_letter_topics(cluster)).errors] == [
        str(Omission.TOPICS.as_error())
    ]


async def test_a_setting_that_may_not_be_read_hides_nothing_else(cluster: FakeCluster) -> None:
    cluster.brokers.failures["setting_of_topics"] = NotAuthorized("no right")
    found = await find_dead_letter_topics(cluster)
    assert {one.topic for one in found.topics} == {"orders-dlq", "connect-errors"}
    assert [error.message for error in found.errors] == ["no right"]


async def test_topics_that_may_not_be_read_hide_no_others(cluster: FakeCluster) -> None:
    cluster.add_record("leftovers", b"x", headers=share_letter(1, "odd"))
    cluster.refused = {"connect-errors", "orders"}
    found = await find_dead_letter_topics(cluster)
    assert {one.topic: (one.recognized_by, one.sampled) for one in found.topics} == {
        "orders-dlq": (Recognition.HEADERS, True),
        "connect-errors": (Recognition.NAME, False),
        "mail-out": (Recognition.CONFIG, True),
        "leftovers": (Recognition.HEADERS, True),
    }
    assert found.unsampled == 2
    assert [type(error) for error in found.errors] == [ReadRefused, ReadRefused]


async def test_a_topic_whose_leader_does_not_answer_is_not_looked_at(cluster: FakeCluster) -> None:
    cluster.log(TopicPartition("orders-dlq", 1)).leader = None
    cluster.log(TopicPartition("connect-errors", 0)).leader = None
    found = await find_dead_letter_topics(cluster)
    assert {one.topic: (one.recognized_by, one.sampled, one.records) for one in found.topics} == {
        "orders-dlq": (Recognition.HEADERS, False, None),
        "connect-errors": (Recognition.NAME, False, None),
        "mail-out": (Recognition.CONFIG, True, 0),
    }
    assert found.unsampled == 2


async def test_a_topic_that_holds_markers_alone_was_looked_at(cluster: FakeCluster) -> None:
    cluster.log(TopicPartition("leftovers", 0)).mark()
    found = await find_dead_letter_topics(cluster)
    assert found.unsampled == 0


async def test_beyond_the_most_partitions_topics_are_not_looked_at(
    cluster: FakeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "MOST_SAMPLED", 2)
    found = await find_dead_letter_topics(cluster)
    assert found.unsampled == 2  # orders, and orders-dlq in part
    assert [one.topic for one in found.topics if not one.sampled] == ["orders-dlq"]


async def test_causes_are_counted_by_origin_and_hour(session: Session) -> None:
    found = await broken_down(session, BreakdownRequest("orders-dlq"))
    first = FIRST_TIMESTAMP_MS // HOUR * HOUR
    assert [(one.key, one.text, one.count) for one in found.causes] == [
        (CauseKey("no price", "orders"), "no price", 20),
        (
            CauseKey("byte … of the value is not JSON", "orders"),
            "byte … of the value is not JSON",
            10,
        ),
    ]
    assert (found.causes[1].first_ms, found.causes[1].last_ms) == (first, first + 27 * HOUR // 10)
    assert found.causes[1].hours == ((first, 4), (first + HOUR, 3), (first + 2 * HOUR, 3))
    assert (found.records, found.dialect, found.complete, found.without_headers) == (30, "kafka", True, 0)


async def test_a_part_of_a_topic_is_not_called_complete(session: Session) -> None:
    found = await broken_down(session, BreakdownRequest("orders-dlq", "-5"))
    assert (found.records, found.progress.complete, found.complete) == (10, True, False)


async def test_what_an_open_transaction_holds_back_makes_it_incomplete(session: Session, cluster: FakeCluster) -> None:
    cluster.log(TopicPartition("orders-dlq", 0)).open_from = 3
    found = await broken_down(session, BreakdownRequest("orders-dlq"))
    assert (found.complete, found.progress.held_back[0].offsets) == (False, 12)


async def test_records_without_headers_have_no_cause(session: Session) -> None:
    found = await broken_down(session, BreakdownRequest("connect-errors"))
    assert [(one.key, one.text, one.count) for one in found.causes] == [(CauseKey(None, None), None, 30)]
    assert (found.without_headers, found.dialect) == (30, None)


async def test_headers_that_cannot_be_read_are_not_called_missing(session: Session, cluster: FakeCluster) -> None:
    for _ in range(2):
        cluster.add_record("mail-out", b"x")
    entries = cluster.log(TopicPartition("mail-out", 0)).entries
    assert entries[0] is not None
    entries[0] = replace(entries[0], headers=None)
    found = await broken_down(session, BreakdownRequest("mail-out"))
    assert (found.records, found.without_headers, found.unreadable_headers) == (2, 1, 1)
    counts = CauseCounts()
    counts.add(None, None)
    counts.merge(CauseCounts.unpack(counts.pack()))
    assert (counts.records, counts.without_headers, counts.unreadable_headers, counts.other_hours) == (2, 0, 2, 2)


async def test_one_message_that_all_share_is_shown_with_its_numbers(session: Session, cluster: FakeCluster) -> None:
    for _ in range(2):
        cluster.add_record("mail-out", b"x", headers=share_letter(1, "port 25 is closed"))
    found = await broken_down(session, BreakdownRequest("mail-out"))
    assert [one.text for one in found.causes] == ["port 25 is closed"]


async def test_a_topic_that_is_not_there_is_an_error(session: Session) -> None:
    with pytest.raises(UnknownTopicOrPartition):
        await broken_down(session, BreakdownRequest("nowhere"))


async def listed(session: Session, request: LettersRequest) -> tuple[list[LetterRow], LettersBatch]:
    async with aclosing(read_letters(session, request)) as batches:
        found = [batch async for batch in batches]
    assert [batch.ended for batch in found] == [False] * (len(found) - 1) + [True]
    return [row for batch in found for row in batch.rows], found[-1]


async def test_the_newest_letters_come_first(session: Session) -> None:
    rows, last = await listed(session, LettersRequest("orders-dlq", limit=5))
    assert [row.letter.origin.offset for row in rows if row.letter is not None] == [29, 28, 27, 26, 25]
    assert last.more
    rows, last = await listed(session, LettersRequest("orders-dlq"))
    assert (len(rows), last.more) == (30, False)


async def test_a_cut_keeps_one_cause_and_one_hour(session: Session) -> None:
    cause = CauseKey("byte … of the value is not JSON", "orders")
    rows, last = await listed(session, LettersRequest("orders-dlq", LetterCut(cause), limit=4))
    assert [row.text for row in rows] == [f"byte {number} of the value is not JSON" for number in (27, 24, 21, 18)]
    assert last.more
    hour = FIRST_TIMESTAMP_MS // HOUR * HOUR + HOUR
    rows, last = await listed(session, LettersRequest("orders-dlq", LetterCut(cause, hour, hour + HOUR)))
    assert [row.letter.origin.offset for row in rows if row.letter is not None] == [18, 15, 12]
    assert not last.more
