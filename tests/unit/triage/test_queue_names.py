"""Names of queues that Kafka refuses, and the one that is offered instead."""

from __future__ import annotations

import pytest

from kafkaview.profiles.field_checks import check_queue
from kafkaview.triage.reroute.queue_names import default_name, other_name, refusal_of_name

LONGEST = "o" * 249


@pytest.mark.parametrize(
    ("name", "topics", "reason", "other"),
    [
        ("a.b-dlq", ["a.b", "a_b-dlq"], "a_b-dlq is there", "a.b-dlq-2"),
        ("a_b-dlq", ["a.b-dlq", "a.b-dlq-2"], "a.b-dlq is there", "a_b-dlq-3"),
        (default_name(LONGEST), [LONGEST], "this has 253", f"{'o' * 245}-dlq"),
        ("my queue", [], "' ' is not among", "my-queue"),
        ("gr\u00fc\u00dfe\n", [], "'\u00fc' is not among", "gr--e-"),
        ("__consumer_offsets", ["__consumer_offsets"], "Kafka's own", "orders-dlq"),
        ("__transaction_state", ["orders-dlq"], "Kafka's own", "orders-dlq-2"),
        ("", [], "An empty name", "orders-dlq"),
        (".", [], "no name of a topic", "orders-dlq"),
        ("\udcff", [], "is not among", "orders-dlq"),
    ],
)
def test_a_refused_name_has_a_reason_and_a_valid_replacement(
    name: str, topics: list[str], reason: str, other: str
) -> None:
    assert reason in refusal_of_name(name, topics)
    assert other_name(name, "orders", topics) == other
    assert refusal_of_name(other, topics) == ""
    assert other not in topics


def test_a_topics_queue_is_named_by_the_pattern_of_the_connection() -> None:
    assert default_name("orders") == "orders-dlq"
    assert default_name("orders", "{topic}.DLT") == "orders.DLT"
    assert default_name("orders", "dead-letters") == "dead-letters"
    assert check_queue("eu.{topic}_dlq") == check_queue(" ") == ""
    assert check_queue("{Topic}-dlq").startswith("“{” cannot be in a topic's name. Write {topic} where")


@pytest.mark.parametrize("name", ["orders-dlq", "-orders.x_Y-9", "o" * 249, ".hidden", "..."])
def test_a_name_that_kafka_takes_is_refused_nothing(name: str) -> None:
    assert refusal_of_name(name, ["orders", "payments_dlq"]) == ""


def test_an_existing_queue_is_valid_beside_a_topic_of_like_name() -> None:
    """Old releases let both be made."""
    assert refusal_of_name("a.b", ["a.b", "a_b"]) == ""
