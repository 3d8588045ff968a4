"""Dead letters are read in the names and encodings of the tools that write them."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.terms import Header, Record, TimestampType
from kafkaview.triage.dead_letters.causes import CauseKey, cause_key
from kafkaview.triage.dead_letters.counts import CauseCounts
from kafkaview.triage.dead_letters.dialects.registry import BY_NAME, DIALECTS
from kafkaview.triage.dead_letters.hop import innermost_cause
from kafkaview.triage.dead_letters.letter import DeadLetter, LetterOrigin
from kafkaview.triage.dead_letters.reading import read_letter
from kafkaview.triage.dead_letters.topic_names import is_named_as_queue
from kafkaview.triage.provenance_headers import Dialect, Provenance, provenance_headers
from tests.kit.documents import ROOT, sections

TRACE = (
    "org.apache.kafka.connect.errors.DataException: Converting byte[] to Kafka Connect data failed\n"
    "\tat org.apache.kafka.connect.json.JsonConverter.toConnectData(JsonConverter.java:333)\n"
    "Caused by: org.apache.kafka.common.errors.SerializationException: com.fasterxml.jackson.core.JsonParseException\n"
    "Caused by: com.fasterxml.jackson.core.JsonParseException: Unrecognized token 'x'\n"
    "\tat com.fasterxml.jackson.core.JsonParser._constructError(JsonParser.java:2477)\n"
)
JACKSON = "com.fasterxml.jackson.core.JsonParseException"
OWN = Header("trace-id", b"\x00\x01")


def letter(*headers: tuple[str, bytes | None]) -> DeadLetter:
    found = read_letter([OWN, *(Header(name, value) for name, value in headers)])
    assert found is not None
    return found


CONNECT = (
    ("__connect.errors.topic", b"orders"),
    ("__connect.errors.partition", b"3"),
    ("__connect.errors.offset", b"18442"),
    ("__connect.errors.connector.name", b"orders-sink"),
    ("__connect.errors.task.id", b"0"),
    ("__connect.errors.stage", b"VALUE_CONVERTER"),
    ("__connect.errors.class.name", b"org.apache.kafka.connect.json.JsonConverter"),
    ("__connect.errors.exception.class.name", b"org.apache.kafka.connect.errors.DataException"),
    ("__connect.errors.exception.message", None),
    ("__connect.errors.exception.stacktrace", TRACE.encode()),
)


def test_a_sink_of_connect_names_the_innermost_cause_before_its_wrapper() -> None:
    found = letter(*CONNECT)
    assert found.dialect == "connect"
    assert found.origin == LetterOrigin("orders", 3, 18442)
    assert (found.cause, found.wrapper) == (JACKSON, "org.apache.kafka.connect.errors.DataException")
    assert (found.message, found.stack_trace) == (None, TRACE)  # a null message is no empty one
    assert found.readers == ("orders-sink",)
    assert dict(found.fields)["stage"] == "VALUE_CONVERTER"
    assert found.problems == ()


SPRING = (
    ("kafka_dlt-original-topic", b"orders"),
    ("kafka_dlt-original-partition", struct.pack(">i", 3)),
    ("kafka_dlt-original-offset", struct.pack(">q", 18_442)),
    ("kafka_dlt-original-timestamp", struct.pack(">q", 1_790_000_000_123)),
    ("kafka_dlt-original-timestamp-type", b"CreateTime"),
    ("kafka_dlt-original-consumer-group", b"billing"),
    ("kafka_dlt-exception-fqcn", b"org.springframework.kafka.listener.ListenerExecutionFailedException"),
    ("kafka_dlt-exception-cause-fqcn", b"java.lang.IllegalStateException"),
    ("kafka_dlt-exception-message", b"Listener failed; no price"),
    ("kafka_dlt-exception-stacktrace", b"org.springframework...\n"),
    ("retry_topic-attempts", struct.pack(">i", 4)),
    ("retry_topic-original-timestamp", (1_790_000_000_123).to_bytes(6, "big")),
    ("springDeserializerExceptionValue", b"\xac\xed\x00\x05sr"),
)


def test_the_numbers_of_spring_are_big_endian_and_what_java_serialized_is_not_read() -> None:
    found = letter(*SPRING)
    assert found.dialect == "spring"
    assert found.origin == LetterOrigin("orders", 3, 18_442, 1_790_000_000_123)
    assert found.cause == "java.lang.IllegalStateException"
    assert found.wrapper == "org.springframework.kafka.listener.ListenerExecutionFailedException"
    assert found.readers == ("billing",)
    fields = dict(found.fields)
    assert (fields["retry attempts"], fields["retries since"]) == ("4", "1790000000123")
    assert fields["not read"] == "a Java-serialized exception"


def test_an_old_release_of_spring_counts_attempts_in_one_unsigned_byte() -> None:
    assert dict(letter(*SPRING[:3], ("retry_topic-attempts", b"\xc8")).fields)["retry attempts"] == "200"


def test_retry_topics_repeat_their_own_headers_and_keep_the_origin() -> None:
    def retried(attempts: bytes) -> tuple[tuple[str, bytes], ...]:
        return (
            ("retry_topic-attempts", attempts),
            ("retry_topic-original-timestamp", (1_790_000_000_123).to_bytes(6, "big")),
            ("retry_topic-backoff-timestamp", (1_790_000_009_123).to_bytes(6, "big")),
        )

    found = letter(*SPRING[:10], *retried(struct.pack(">i", 2)), *retried(struct.pack(">i", 3)))
    assert found.hops == (LetterOrigin("orders", 3, 18_442, 1_790_000_000_123),)
    assert found.origin == found.hops[0]
    assert found.readers == ("billing",)
    assert dict(found.fields)["retry attempts"] == "3"
    upgraded = letter(*SPRING[:3], *retried(b"\x02"), *retried(struct.pack(">i", 3)))
    assert dict(upgraded.fields)["retry attempts"] == "3"
    assert upgraded.problems == ()


def test_the_last_of_repeated_names_is_the_last_hop_and_the_first_the_origin() -> None:
    def hop(topic: bytes, offset: int) -> tuple[tuple[str, bytes], ...]:
        return (
            ("kafka_original-topic", topic),
            ("kafka_original-partition", struct.pack(">i", 3)),
            ("kafka_original-offset", struct.pack(">q", offset)),
        )

    thrown = ("kafka_exception-fqcn", b"java.io.IOException")  # replaced at each hop: once, among the first hop's
    found = letter(*hop(b"orders", 5), thrown, *hop(b"orders-retry-0", 2), *hop(b"orders-retry-1", 9))
    assert found.hops == (
        LetterOrigin("orders", 3, 5),
        LetterOrigin("orders-retry-0", 3, 2),
        LetterOrigin("orders-retry-1", 3, 9),
    )
    assert found.origin == found.hops[-1]
    assert found.cause == "java.io.IOException"


def test_a_later_hop_without_an_exception_does_not_take_the_one_before_for_its_own() -> None:
    found = letter(*CONNECT, *(("__connect.errors." + name, b"1") for name in ("topic", "partition", "offset")))
    assert (found.cause, found.message, found.stack_trace) == (None, None, None)
    assert len(found.hops) == 2


STREAMS = (
    ("__streams.errors.exception", b"java.lang.IllegalStateException"),
    ("__streams.errors.stacktrace", b"java.lang.IllegalStateException\n\tat app.Main.lambda$0(Main.java:9)\n"),
    ("__streams.errors.topic", b"orders"),
    ("__streams.errors.partition", b"0"),
    ("__streams.errors.offset", b"7"),
)


def test_streams_leaves_a_missing_message_out() -> None:
    found = letter(*STREAMS)
    assert (found.dialect, found.origin) == ("streams", LetterOrigin("orders", 0, 7))
    assert (found.cause, found.wrapper, found.message) == ("java.lang.IllegalStateException", None, None)


SHARE = (
    ("__dlq.errors.topic", b"orders"),
    ("__dlq.errors.partition", b"1"),
    ("__dlq.errors.offset", b"12"),
    ("__dlq.errors.group", b"shippers"),
    ("__dlq.errors.delivery.count", b"5"),
    ("__dlq.errors.message", b"Offset delivery count exceeded the threshold."),
)


def test_a_share_group_names_group_and_deliveries() -> None:
    found = letter(*SHARE)
    assert (found.dialect, found.origin, found.readers) == ("kafka", LetterOrigin("orders", 1, 12), ("shippers",))
    assert dict(found.fields) == {"deliveries": "5"}
    assert cause_key(found) == CauseKey("Offset delivery count exceeded the threshold.", "orders")
    assert found.routed_ms is None


def test_spring_cloud_smallrye_and_confluent_rules_are_read() -> None:
    cloud = letter(
        ("x-original-topic", b"orders"),
        ("x-original-partition", struct.pack(">i", 3)),
        ("x-original-offset", struct.pack(">q", 2**40)),
        ("x-original-timestamp", struct.pack(">q", 5)),
        ("x-exception-fqcn", b"a.B"),
    )
    assert (cloud.dialect, cloud.origin, cloud.cause) == ("spring-cloud", LetterOrigin("orders", 3, 2**40, 5), "a.B")
    smallrye = letter(
        ("dead-letter-reason", b"no price"),
        ("dead-letter-exception-class-name", b"a.Wrapper"),
        ("dead-letter-cause-class-name", b"a.Cause"),
        ("dead-letter-topic", b"orders"),
        ("dead-letter-partition", b"3"),
        ("dead-letter-offset", b"4"),
    )
    assert (smallrye.dialect, smallrye.origin) == ("smallrye", LetterOrigin("orders", 3, 4))
    assert (smallrye.cause, smallrye.wrapper, smallrye.message) == ("a.Cause", "a.Wrapper", "no price")
    rules = letter(("__rule.name", b"has-price"), ("__rule.topic", b"orders"), ("__rule.exception", b"null price"))
    assert (rules.dialect, rules.origin) == ("confluent-rules", LetterOrigin("orders"))
    assert (rules.cause, rules.message) == ("rule has-price", "null price")


@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_kafkaview_writes_it_reads_in_every_dialect(dialect: Dialect) -> None:
    record = Record("orders", 3, 18_442, 1_790_000_000_123, TimestampType.CREATE_TIME, b"k", b"v", (OWN,), 5)
    why = Provenance(("billing", "audit"), "byte 53 is not UTF-8", "2026-11-23T02:48:07.000Z", "abc", "0.1.0")
    found = read_letter([OWN, *provenance_headers(dialect, record, why)])
    assert found is not None
    assert found.dialect == dialect
    assert found.origin == LetterOrigin("orders", 3, 18_442, 1_790_000_000_123)
    assert found.message == "byte 53 is not UTF-8"
    assert found.routed_ms == 1_795_402_087_000
    assert cause_key(found) == CauseKey("byte … is not UTF-8", "orders")
    assert found.problems == ()
    if dialect is Dialect.KAFKA:
        assert found.readers == ("billing", "audit")


def test_the_last_writer_decides_where_several_dialects_stand() -> None:
    record = Record("orders", 3, 1, 9, TimestampType.CREATE_TIME, b"k", b"v", (), 5)
    why = Provenance(("billing",), "odd", "2026-11-23T02:48:07.000Z", "abc", "0.1.0")
    own = tuple((header.key, header.value) for header in provenance_headers(Dialect.KAFKA, record, why))
    found = letter(*own, *CONNECT)
    assert (found.dialect, found.routed_ms) == ("connect", None)
    assert [hop.offset for hop in found.hops] == [1, 18_442]
    assert letter(*CONNECT, *own).dialect == "kafka"


def test_smallrye_writes_its_headers_before_those_of_the_record() -> None:
    def hop(topic: str, offset: int, reason: str) -> tuple[tuple[str, bytes], ...]:
        return (
            ("dead-letter-reason", reason.encode()),
            ("dead-letter-topic", topic.encode()),
            ("dead-letter-partition", b"0"),
            ("dead-letter-offset", str(offset).encode()),
        )

    again = letter(*hop("orders-again", 7, "later"), *hop("orders", 4, "no price"))
    assert [place.topic for place in again.hops] == ["orders", "orders-again"]
    assert (again.message, again.origin) == ("later", LetterOrigin("orders-again", 0, 7))
    over = letter(*hop("orders-dlq", 7, "later"), *CONNECT)
    assert (over.dialect, over.message, over.stack_trace) == ("smallrye", "later", None)
    assert [place.topic for place in over.hops] == ["orders", "orders-dlq"]
    record = Record("orders", 3, 1, 9, TimestampType.CREATE_TIME, b"k", b"v", (), 5)
    why = Provenance(("billing",), "odd", "2026-11-23T02:48:07.000Z", "abc", "0.1.0")
    own = tuple((header.key, header.value) for header in provenance_headers(Dialect.KAFKA, record, why))
    after = letter(*hop("orders-dlq", 7, "later"), *own)
    assert (after.dialect, after.origin, after.routed_ms) == ("smallrye", LetterOrigin("orders-dlq", 0, 7), None)


def test_damaged_headers_end_in_reasons() -> None:
    found = letter(
        ("__connect.errors.topic", b"\xff\xfe"),
        ("__connect.errors.partition", b"three"),
        ("__connect.errors.offset", b"-4"),
        ("__connect.errors.exception.class.name", None),
    )
    assert found.origin == LetterOrigin("\udcff\udcfe", None, None)
    assert found.problems == (
        "__connect.errors.topic is not UTF-8 at byte 0",
        "__connect.errors.partition is 'three', not a number",
        "__connect.errors.offset is -4, which is negative",
    )
    spring = letter(("kafka_dlt-original-topic", b"t"), ("kafka_dlt-original-offset", b"\x00\x00\x00\x05"))
    assert spring.origin == LetterOrigin("t")
    assert spring.problems == ("kafka_dlt-original-offset has 4 bytes where an integer of 8 is written",)


def test_a_cause_that_is_no_text_keeps_its_bytes_so_that_a_line_can_name_it() -> None:
    found = letter(("__dlq.errors.topic", b"t"), ("__dlq.errors.message", b"no \xff"))
    assert cause_key(found) == CauseKey(os.fsdecode(b"no \xff"), "t")


def test_a_number_that_kafka_cannot_hold_is_no_place() -> None:
    most = letter(
        ("__dlq.errors.topic", b"t"),
        ("__dlq.errors.partition", b"2147483647"),
        ("__dlq.errors.offset", b"9223372036854775807"),
    )
    assert most.origin == LetterOrigin("t", 2**31 - 1, 2**63 - 1)
    beyond = letter(
        ("__dlq.errors.topic", b"t"),
        ("__dlq.errors.partition", b"2147483648"),
        ("__dlq.errors.offset", b"9223372036854775808"),
    )
    assert beyond.origin == LetterOrigin("t")
    assert beyond.problems == (
        "__dlq.errors.partition is 2147483648, more than an integer of 4 bytes holds",
        "__dlq.errors.offset is 9223372036854775808, more than an integer of 8 bytes holds",
    )


@pytest.mark.parametrize("headers", [None, [], [OWN], [Header("kafka_deliveryAttempt", b"\0\0\0\1")]])
def test_a_record_of_no_dialect_is_none(headers: Sequence[Header] | None) -> None:
    assert read_letter(headers) is None


def test_a_stack_trace_of_empty_lines_is_looked_through_once() -> None:
    assert innermost_cause("\n" * 1_000_000 + "end") is None  # by the square of the lines it would take an hour


NAMES = [*BY_NAME, "kafkaview.source", "kafkaview.timestamp", "kafkaview.routed.at", "other"]
ODD = st.one_of(
    st.none(),
    st.binary(max_size=12),
    st.sampled_from(
        [b"", b"9" * 40, b"-1", "١٢".encode(), b"a:1:2", b"9999-12-31T23:59:59+99:00", b"0001-01-01", TRACE.encode()]
    ),
)


@given(st.lists(st.builds(Header, st.sampled_from(NAMES), ODD), max_size=30))
def test_any_headers_make_a_letter_or_none_and_never_an_error(headers: list[Header]) -> None:
    found = read_letter(headers)
    marked = {header.key for header in headers} & {mark for dialect in DIALECTS for mark in dialect.marks}
    assert (found is not None) == bool(marked)
    counts = CauseCounts()
    counts.add(tuple(headers), None)
    assert CauseCounts.unpack(counts.pack()).pack() == counts.pack()


def test_every_dialect_is_in_the_table_of_the_command_line() -> None:
    section = next(one for one in sections(ROOT / "docs" / "cli.md") if one.title == "`deadletters`")
    assert [dialect.word for dialect in DIALECTS] == re.findall(r"^\| `([a-z-]+)` \|", section.text, re.MULTILINE)


@pytest.mark.parametrize(
    "name",
    ["orders-dlq", "orders.DLQ", "orders.DLT", "orders-dlt", "dlq-lcc-123", "dlq.mail-out", "orders-dead-letter",
     "dead-letter-topic-orders", "error.orders.billing", "orders-retry-0", "orders-retry-1000", "orders.errors",
     "connect-orders-errors", "orders_dlq_v2", "dead_letters"],
)  # fmt: skip
def test_names_of_queues_are_recognized(name: str) -> None:
    assert is_named_as_queue(name)


@pytest.mark.parametrize(
    "name", ["orders", "adlquery", "errors-of-billing.v1x", "error.orders", "retryable", "terrors"]
)
def test_other_names_are_not(name: str) -> None:
    assert not is_named_as_queue(name)


def test_a_name_by_the_connections_pattern_is_that_of_a_queue() -> None:
    assert is_named_as_queue("poison.orders", "poison.{topic}")
    assert not is_named_as_queue("poisonXorders", "poison.{topic}")
    assert not is_named_as_queue("orders", "poison.{topic}")
    assert is_named_as_queue("trash", "trash")
