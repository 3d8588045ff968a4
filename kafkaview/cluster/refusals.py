"""What a broker refuses, with the right that is missing."""

from __future__ import annotations

from confluent_kafka import KafkaError

from kafkaview.cluster.errors import ClusterError, NotAuthorized
from kafkaview.cluster.wire import response_error


def check(code: int, doing: str, right: str) -> None:
    """Raise the error of a response's code, if it has one; `right` is what the request needs ("DESCRIBE on ...")."""
    if code:
        raise refusal(code, doing, right)


def refusal(code: int, doing: str, right: str) -> ClusterError:
    """The error of a response's code; where a right is missing its hint names it."""
    error = response_error(code, doing)
    if isinstance(error, NotAuthorized):
        error.hint = f"Ask for the right {right}."
    return error


def words_of(code: int, told: str | None) -> str:
    """The broker's own words where it had some, else what its code stands for."""
    return told or KafkaError(code).str()
