"""A header whose name is not UTF-8 is named as what of its record cannot be read, if nothing else is."""

from __future__ import annotations

import pytest

from kafkaview.decode.header_names import header_problem
from kafkaview.decode.registry import parse_rule
from kafkaview.decode.topics import find_problem
from kafkaview.terms import Record, TimestampType, Topic
from kafkaview.triage.reroute.plan import CopyPlan
from kafkaview.triage.reroute.queue import Queue
from kafkaview.triage.reroute.queue_refusals import refusals_of_copy

JSON = parse_rule("json")


def record(key: bytes = b"{}", value: bytes | None = b"{}") -> Record:
    return Record(
        "orders", 0, 7, 1, TimestampType.CREATE_TIME, key, value, headers=None, unreadable_header=b"trace\xff\xfe"
    )


def test_the_invalid_byte_of_the_name_is_located() -> None:
    problem = find_problem(record(), JSON, JSON)
    assert problem is not None
    assert (problem.field, problem.decoder, problem.position, problem.length) == ("headers", "utf8", 5, 1)
    assert problem.reason == "byte 5 of the name of a header is not UTF-8 (74 72 61 63 65 ff fe)"


@pytest.mark.parametrize(("odd", "field"), [(record(value=b"{"), "value"), (record(key=b"{"), "key")])
def test_value_and_key_come_first(odd: Record, field: str) -> None:
    problem = find_problem(odd, JSON, JSON)
    assert problem is not None
    assert problem.field == field


def test_a_plan_to_copy_it_says_that_it_cannot() -> None:
    queue = Queue("orders-dlq", Topic("orders", internal=False, partitions=()))
    (problem,) = refusals_of_copy(queue, CopyPlan(record(), ()), now_ms=2)
    assert problem.message.startswith("orders:0:7 cannot be copied byte for byte: byte 5 of the name of a header")


def test_a_name_that_would_be_cut_is_reported() -> None:
    problem = header_problem(b"a\0b")
    assert (problem.position, problem.reason) == (1, "byte 1 of the name of a header is NUL (61 00 62)")
