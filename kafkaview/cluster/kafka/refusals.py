"""The errors for a broker's refusals, with the missing right in Kafka's own words."""

from __future__ import annotations

from typing import Final

from confluent_kafka import KafkaError

from kafkaview.cluster.errors import ClusterError, NotAuthorized, RefusedByPolicy
from kafkaview.cluster.kafka.kafka_python_errors import response_error

DESCRIBE: Final = "DESCRIBE on Cluster kafka-cluster"
DESCRIBE_CONFIGS: Final = "DESCRIBE_CONFIGS on Cluster kafka-cluster"
ALTER: Final = "ALTER on Cluster kafka-cluster"
ALTER_CONFIGS: Final = "ALTER_CONFIGS on Cluster kafka-cluster"

# Of a request that is well-formed by the protocol, and still not to the broker's liking.
_UNWANTED: Final = frozenset(
    {
        KafkaError.INVALID_REQUEST,
        KafkaError.INVALID_CONFIG,
        KafkaError.UNACCEPTABLE_CREDENTIAL,
        KafkaError.RESOURCE_NOT_FOUND,
        KafkaError.INVALID_PRINCIPAL_TYPE,
        KafkaError.TOPIC_DELETION_DISABLED,
        KafkaError.REASSIGNMENT_IN_PROGRESS,
    }
)


def check(code: int, doing: str, right: str, message: str | None = None) -> None:
    """Raises the error for a response's code, if it has one. `right` is what the request needs ("DESCRIBE on ..."),
    `message` the broker's own text.
    """
    if code:
        raise refusal(code, doing, right, message)


def refusal(code: int, doing: str, right: str, message: str | None = None) -> ClusterError:
    """Returns the error for a response's code; where a right is missing, its hint names the right."""
    if code == KafkaError.SECURITY_DISABLED:
        return RefusedByPolicy(
            f"{doing}: this cluster has no authorizer (SECURITY_DISABLED), so everybody may do everything.",
            "Set authorizer.class.name on every node to have ACLs.",
        )
    error = response_error(code, doing)
    if isinstance(error, NotAuthorized):
        error.hint = f"Ask for the right {right}."
        return error
    kind = RefusedByPolicy if code in _UNWANTED else type(error)
    return kind(f"{error.message}: {message}" if message else error.message, error.hint)


def words_of(code: int, message: str | None) -> str:
    """Returns the broker's own text, or else the meaning of its error code."""
    return message or KafkaError(code).str()
