"""What log lines blame, in the wording of each client, and in what collectors make of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from kafkaview.triage.log_lines import BlamedRecord, read_log_lines

MATERIAL: Final = Path(__file__).with_name("log_material")
JAVA: Final = (MATERIAL / "java.txt").read_text()
OLD_JAVA: Final = (MATERIAL / "old_java.txt").read_text()
CORRUPT: Final = (MATERIAL / "corrupt.txt").read_text()


def places(text: str) -> list[tuple[str, int, int | None]]:
    return [(one.topic, one.partition, one.offset) for one in read_log_lines(text.splitlines())]


def only(text: str) -> BlamedRecord:
    (found,) = read_log_lines(text.splitlines())
    return found


@pytest.mark.parametrize(
    ("name", "place", "exception", "group"),
    [
        ("java", ("shop-orders", 3, 1443), "com.fasterxml.jackson.core.JsonParseException", "billing"),
        ("old_java", ("orders", 0, 22), "org.apache.kafka.common.errors.SerializationException", None),
        ("corrupt", ("orders", 1, 18), "org.apache.kafka.common.KafkaException", None),
        ("next", ("orders", 3, None), "org.apache.kafka.common.KafkaException", None),
        ("spring", ("orders", 0, 1443), "org.springframework.kafka.support.serializer.DeserializationException", None),
        ("old_spring", ("orders", 2, 7), "java.lang.IllegalStateException", None),
        ("connect", ("orders", 3, 1443), "org.apache.kafka.common.errors.SerializationException", "connect-shop-sink"),
        ("connect_task", ("orders", 0, 5), None, "connect-shop-sink"),
        ("streams", ("orders-in", 1, 0), "org.apache.kafka.common.errors.SerializationException", "totals"),
        ("streams_processing", ("orders", 2, 91), "java.lang.IllegalStateException", None),
        ("streams_task", ("orders", 4, 10), "java.lang.IllegalStateException", "totals"),
        ("librdkafka", ("orders", 3, 1443), None, None),
        ("confluent", ("orders", 3, 1443), None, None),
        ("kafka_python", ("orders", 3, 1443), "json.decoder.JSONDecodeError", None),
        ("kafka_js", ("hero.events", 0, 889), None, None),
    ],
)
def test_the_record_the_innermost_exception_and_the_group_are_found(
    name: str, place: tuple[str, int, int | None], exception: str | None, group: str | None
) -> None:
    found = only((MATERIAL / f"{name}.txt").read_text())
    assert (found.topic, found.partition, found.offset) == place
    assert (found.exception, found.group) == (exception, group)
    assert found.message


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("ERROR Error deserializing KEY for partition orders-2-13 at offset 5. If needed", ("orders-2", 13, 5)),
        ("ERROR Backoff none exhausted for a.b_c-1-0@7", ("a.b_c-1", 0, 7)),
        ("KafkaException: Received exception when fetching the next record from eu-1-2. If needed", ("eu-1", 2, None)),
    ],
)
def test_topic_and_partition_are_split_at_the_last_hyphen(line: str, place: tuple[str, int, int | None]) -> None:
    assert places(line) == [place]


def test_the_line_is_the_first_that_blames_the_record() -> None:
    assert only(f"INFO all is well\n\n{JAVA}").line == 4
    assert only(JAVA).message == "Unexpected end-of-input: was expecting closing quote"
    assert only(JAVA).client == "billing-1"


def test_a_trace_within_json_is_read_as_one_of_many_lines() -> None:
    line = json.dumps(
        {"@timestamp": "2026-11-29T10:00:01Z", "level": "ERROR", "message": "stopped", "stack_trace": JAVA}
    )
    found = only(line)
    assert (found.topic, found.offset, found.group, found.line) == ("shop-orders", 1443, "billing", 1)
    assert found.exception == "com.fasterxml.jackson.core.JsonParseException"


def test_dockers_log_is_read() -> None:
    lines = [json.dumps({"log": f"{line}\n", "stream": "stderr", "time": "t"}) for line in JAVA.splitlines()]
    assert only("\n".join(lines)).exception == "com.fasterxml.jackson.core.JsonParseException"


@pytest.mark.parametrize(
    "prefix",
    [
        "Nov 29 10:00:01 host-1 billing[4711]: ",
        "<14>Nov 29 10:00:01 host-1 billing[4711]: ",
        "<14>1 2026-11-29T10:00:01.003Z host-1 billing 4711 ID47 - ",
        "2026-11-29T10:00:01.003000000Z stderr F ",
        "billing-1  | ",
    ],
)
def test_a_collectors_prefix_does_not_hide_the_trace(prefix: str) -> None:
    found = only("\n".join(prefix + line for line in JAVA.splitlines()))
    assert (found.topic, found.partition, found.offset, found.group) == ("shop-orders", 3, 1443, "billing")
    assert found.exception == "com.fasterxml.jackson.core.JsonParseException"


def test_escaped_ends_of_lines_are_read() -> None:
    escaped = JAVA.replace("\n", "\\n").replace("\t", "\\t")
    assert only(escaped).exception == "com.fasterxml.jackson.core.JsonParseException"


def test_a_record_that_is_blamed_often_is_returned_once() -> None:
    found = only(JAVA * 7)
    assert found.times == 7
    assert found.line == 2


def test_two_traces_after_each_other_are_two() -> None:
    first, second = read_log_lines((OLD_JAVA + "\tat a.B.c(B.java:1)\n" + CORRUPT).splitlines())
    assert (first.offset, second.offset) == (22, 18)
    assert first.exception == "org.apache.kafka.common.errors.SerializationException"
    assert second.exception == "org.apache.kafka.common.KafkaException"


def test_lines_without_an_error_blame_nothing_beside_one_that_tells_it() -> None:
    fine = "INFO took topic=orders, partition=0, offset=5\n"
    assert places(fine + JAVA) == [("shop-orders", 3, 1443)]
    assert places(fine) == [("orders", 0, 5)]  # somebody pasted it alone


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ERROR the broker kafka-1:9092 is away",
        "INFO Setting offset for partition orders-0 to the committed offset FetchPosition{offset=5}",
        "mail to user-1@12.example.org failed",
        "ERROR at 10:00:00 of orders",
        "{" * 5_000,
        "x" * 1_000_000,
    ],
)
def test_other_lines_blame_nothing(text: str) -> None:
    assert places(text) == []
