"""librdkafka's errors as ClusterErrors, with the broker's own words kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from kafkaview.cluster.errors import (
    AuthenticationFailed,
    ClusterError,
    CorruptBatch,
    NotAuthorized,
    OffsetOutOfRange,
    RecordTooLarge,
    RefusedByPolicy,
    TopicExists,
    UnknownGroup,
    UnknownTopicOrPartition,
    Unreachable,
    UnsupportedByBroker,
)
from kafkaview.cluster.kafka import error_codes as codes

_KINDS: Final[Mapping[type[ClusterError], frozenset[int]]] = {
    AuthenticationFailed: codes.LOGIN_REFUSED,
    Unreachable: codes.UNREACHABLE,
    NotAuthorized: codes.NOT_AUTHORIZED,
    RecordTooLarge: codes.TOO_LARGE,
    RefusedByPolicy: codes.REFUSED_BY_POLICY,
    UnknownTopicOrPartition: codes.UNKNOWN_TOPIC,
    TopicExists: codes.TOPIC_EXISTS,
    UnknownGroup: codes.UNKNOWN_GROUP,
    OffsetOutOfRange: codes.OUT_OF_RANGE,
    CorruptBatch: codes.CORRUPT,
    UnsupportedByBroker: codes.UNSUPPORTED,
}
_KIND_OF: Final = {code: kind for kind, its_codes in _KINDS.items() for code in its_codes}

_HINTS: Final[Mapping[type[ClusterError], str]] = {
    AuthenticationFailed: "Check the user name, the password and the SASL mechanism.",
    Unreachable: "Test the connection (kafkaview doctor): it tells which layer fails, and what to change.",
    NotAuthorized: "Ask for the missing right on the cluster.",
    RecordTooLarge: "Raise max.message.bytes of the topic.",
    UnknownTopicOrPartition: "Check the name; without the right to describe a topic it looks missing.",
    UnsupportedByBroker: "The broker's release lacks this request.",
}


def kafka_error(failure: BaseException) -> KafkaError | None:
    """Returns the client's error code and text from an exception, if it has one."""
    first = failure.args[0] if isinstance(failure, KafkaException) and failure.args else None
    return first if isinstance(first, KafkaError) else None


def as_cluster_error(failure: BaseException, doing: str, reason: KafkaError | None = None) -> ClusterError:
    """Returns the ClusterError for a failure while `doing`. `reason` is what librdkafka's error callback said, and
    explains a time-out.
    """
    if isinstance(failure, ClusterError):
        return failure
    error = kafka_error(failure)
    if error is not None and reason is not None and error.code() in codes.TIMED_OUT:
        error = reason
    made = ClusterError(f"{doing}: {failure}") if error is None else from_code(error, doing)
    made.__cause__ = failure
    return made


def from_code(error: KafkaError, doing: str) -> ClusterError:
    """Returns the ClusterError for a code of librdkafka or a broker."""
    kind = _KIND_OF.get(error.code(), ClusterError)
    return kind(f"{doing}: {error.str()} ({error.name()})", _HINTS.get(kind, ""))
