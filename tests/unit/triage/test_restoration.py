"""A dead letter becomes the record again that it was: only what its writers added comes off."""

from __future__ import annotations

import struct

import pytest

from kafkaview.terms import Header, Record, RecordId, TimestampType
from kafkaview.triage.dead_letters.letter import LetterOrigin
from kafkaview.triage.dead_letters.sent_back import HOPS_HEADER, MOST_HOPS
from kafkaview.triage.provenance_headers import Dialect, Provenance, provenance_headers
from kafkaview.triage.redrive.restoration import Restored, restore

OWN = (Header("trace", b"7"), Header("trace", None), Header("\xe9", b"\xff\x00"), Header("trace", b"7"))
SOURCE = Record("orders", 3, 18_442, 1_790_000_000_123, TimestampType.CREATE_TIME, b"k", b"{", OWN, 4)
SENT_AWAY = Provenance(("billing", "audit"), "byte 1 is not JSON", "2027-01-15T08:00:00.000Z", "cluster-1", "0.1")


def letter_of(source: Record, dialect: Dialect, queue: str = "orders-dlq", offset: int = 5) -> Record:
    """The copy that kafkaview makes of a record."""
    headers = (*(source.headers or ()), *provenance_headers(dialect, source, SENT_AWAY))
    return Record(queue, 0, offset, source.timestamp_ms, TimestampType.CREATE_TIME, source.key, source.value, headers)


def restored(letter: Record, *, elsewhere: bool = False) -> Restored:
    found = restore(letter, elsewhere=elsewhere)
    assert isinstance(found, Restored), found
    return found


def spring(number: int, offset: int) -> tuple[Header, ...]:
    """What one hop over Spring's retry topics adds."""
    topic = b"orders" if not number else b"orders-retry-%d" % (number - 1)
    return (
        Header("kafka_dlt-original-topic", topic),
        Header("kafka_dlt-original-partition", struct.pack(">i", 3)),
        Header("kafka_dlt-original-offset", struct.pack(">q", offset)),
        Header("kafka_dlt-original-timestamp", struct.pack(">q", 1_790_000_000_123 + number)),
    )


@pytest.mark.parametrize("dialect", list(Dialect))
def test_what_kafkaview_sent_away_comes_back_byte_for_byte(dialect: Dialect) -> None:
    found = restored(letter_of(SOURCE, dialect))
    assert (found.key, found.value, found.headers, found.timestamp_ms) == (b"k", b"{", OWN, 1_790_000_000_123)
    assert found.origin == LetterOrigin("orders", 3, 18_442, 1_790_000_000_123)
    assert (found.cluster_id, found.incomplete, found.uncopied) == ("cluster-1", False, False)
    assert found.counted_headers() == (*OWN, Header(HOPS_HEADER, b"1"))


@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_letter_of_a_letter_goes_back_to_where_its_last_dialect_has_it_from(dialect: Dialect) -> None:
    first = letter_of(SOURCE, Dialect.CONNECT)
    found = restored(letter_of(first, dialect, "second-dlq"))
    if dialect is Dialect.CONNECT:  # both hops are of one dialect: its headers say no more which is whose
        assert (found.origin.topic, found.headers) == ("orders", OWN)
    else:
        assert found.origin.record == RecordId("orders-dlq", 0, 5)
        assert found.headers == first.headers


def test_over_retry_topics_the_first_origin_counts() -> None:
    headers = (*OWN[:2], *spring(0, 7), *spring(1, 70), *OWN[2:], *spring(2, 700))
    letter = Record("orders-dlt", 3, 1, 1_800_000_000_000, TimestampType.CREATE_TIME, None, b"", headers)
    found = restored(letter)
    assert found.origin == LetterOrigin("orders", 3, 7, 1_790_000_000_123)
    assert (found.key, found.value, found.headers, found.timestamp_ms) == (None, b"", OWN, 1_790_000_000_123)


def test_headers_of_kafkaview_that_another_tool_found_there_stay() -> None:
    first = letter_of(SOURCE, Dialect.KAFKA)
    names = {"topic": b"orders-dlq", "partition": b"0", "offset": b"5", "stage": b"TASK_PUT"}
    connect = tuple(Header(f"__connect.errors.{name}", value) for name, value in names.items())
    letter = Record(
        "c-dlq", 0, 0, SOURCE.timestamp_ms, TimestampType.CREATE_TIME, b"k", b"{", (*(first.headers or ()), *connect)
    )
    found = restored(letter)
    assert found.origin.record == RecordId("orders-dlq", 0, 5)
    assert (found.headers, found.cluster_id) == (first.headers, None)


def test_smallrye_writes_its_headers_before_those_of_the_record() -> None:
    names = {"reason": b"no", "topic": b"orders", "partition": b"3", "offset": b"7"}
    added = tuple(Header(f"dead-letter-{name}", value) for name, value in names.items())
    letter = Record(
        "dead-letter-topic-in",
        0,
        0,
        9,
        TimestampType.CREATE_TIME,
        b"k",
        b"v",
        (*added, *OWN, Header("kafkaview.source", b"x")),
    )
    found = restored(letter)
    assert found.headers == (*OWN, Header("kafkaview.source", b"x"))
    assert (found.origin, found.timestamp_ms) == (LetterOrigin("orders", 3, 7), None)


def test_a_letter_that_names_no_origin_needs_a_topic() -> None:
    plain = Record("dlq", 0, 0, 9, TimestampType.CREATE_TIME, b"k", b"v", OWN)
    assert restore(plain, elsewhere=False) == "no header of a known dialect names its origin"
    found = restored(plain, elsewhere=True)
    assert (found.headers, found.timestamp_ms, found.origin) == (OWN, 9, LetterOrigin())
    part = Record(
        "dlq", 0, 0, 9, TimestampType.CREATE_TIME, b"k", b"v", (Header("__connect.errors.stage", b"TASK_PUT"),)
    )
    assert restore(part, elsewhere=False) == "its headers do not name its origin"
    unreadable = Record("dlq", 0, 0, 9, TimestampType.CREATE_TIME, b"k", b"v", None)
    assert (
        restore(unreadable, elsewhere=True) == "its headers cannot be read: the name of one is not UTF-8, or holds NUL"
    )


def test_a_timestamp_that_the_queues_brokers_gave_is_not_the_records() -> None:
    names = {"topic": b"orders", "partition": b"3", "offset": b"7"}
    headers = tuple(Header(f"__connect.errors.{name}", value) for name, value in names.items())
    kept = Record("dlq", 0, 0, 9, TimestampType.CREATE_TIME, b"k", b"v", headers)
    stamped = Record("dlq", 0, 0, 9, TimestampType.LOG_APPEND_TIME, b"k", b"v", headers)
    assert [restored(one).timestamp_ms for one in (kept, stamped)] == [9, None]


def test_every_redrive_is_counted_and_the_count_is_no_header_of_the_producer() -> None:
    back = restored(letter_of(SOURCE, Dialect.KAFKA)).counted_headers()
    for number in range(2, MOST_HOPS + 1):
        again = Record("orders", 3, 20_000, 9, TimestampType.CREATE_TIME, b"k", b"{", (*back, Header("late", b"")))
        found = restored(letter_of(again, Dialect.STREAMS))
        back = tuple(header for header in found.counted_headers() if header.key != "late")
        assert back == (*OWN, Header(HOPS_HEADER, b"%d" % number))
    last = Record("orders", 3, 20_000, 9, TimestampType.CREATE_TIME, b"k", b"{", back)
    assert restore(letter_of(last, Dialect.KAFKA), elsewhere=True) == "it was sent back 5 times already, and came again"


@pytest.mark.parametrize("count", [None, b"", b"x", b"-1", b"9" * 20, b"\xff"])
def test_a_count_that_is_none_is_taken_for_too_many(count: bytes | None) -> None:
    odd = Record("orders", 3, 7, 9, TimestampType.CREATE_TIME, b"k", b"{", (Header(HOPS_HEADER, count),))
    said = restore(letter_of(odd, Dialect.KAFKA), elsewhere=False)
    assert said == f"its header {HOPS_HEADER} is no number: it may have been sent back too often"


SHARE = tuple(
    Header(f"__dlq.errors.{name}", value)
    for name, value in (("topic", b"orders"), ("partition", b"3"), ("offset", b"18442"), ("group", b"share"))
)


def test_what_a_share_group_did_not_copy_is_taken_from_its_source() -> None:
    bare = restored(Record("dlq.q", 0, 0, 99, TimestampType.CREATE_TIME, None, None, SHARE))
    assert (bare.uncopied, bare.incomplete) == (True, True)
    found = bare.completed(SOURCE)
    assert (found.key, found.value, found.headers, found.timestamp_ms) == (b"k", b"{", OWN, 1_790_000_000_123)
    assert (found.uncopied, found.incomplete) == (False, False)


def test_a_tombstone_with_a_key_was_copied() -> None:
    copied = restored(Record("dlq.q", 0, 0, 99, TimestampType.CREATE_TIME, b"k", None, SHARE))
    assert (copied.uncopied, copied.incomplete, copied.timestamp_ms) == (False, True, None)
    with pytest.raises(ValueError, match="another record"):
        copied.completed(SOURCE)
