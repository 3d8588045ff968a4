"""Names of queues that Kafka refuses, and the one that is offered instead."""

from __future__ import annotations

import pytest

from kafkaview.triage.reroute.queue_names import default_name, free_name, name_problem

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
        ("", [], "An empty name", "-2"),
        (".", [], "no name of a topic", ".-2"),
    ],
)
def test_a_name_that_kafka_refuses_is_a_problem_with_another_name(
    name: str, topics: list[str], reason: str, other: str
) -> None:
    problem = name_problem(name, "orders", topics)
    assert problem is not None
    assert reason in problem.message
    assert problem.hint in (f"Choose another queue: --to {other}.", f"Choose another queue: --to={other}.")
    assert name_problem(other, "orders", topics) is None


@pytest.mark.parametrize("name", ["orders-dlq", "-orders.x_Y-9", "o" * 249, ".hidden", "..."])
def test_a_name_that_kafka_takes_is_none(name: str) -> None:
    assert name_problem(name, "orders", ["orders", "payments_dlq"]) is None


def test_a_queue_that_is_there_is_not_held_against_its_twin() -> None:
    """Releases before 2.x, or ZooKeeper's own tools, may have left both."""
    assert name_problem("a.b", "orders", ["a.b", "a_b"]) is None


def test_the_name_that_is_offered_is_itself_free() -> None:
    taken = [free_name("a.b-dlq", ["a_b-dlq"])]
    assert free_name("a.b-dlq", ["a_b-dlq", *taken]) == "a.b-dlq-3"
