"""A client library's error into one that the user can act on, with the broker's own words kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from kafkaview.cluster.complaints import LOGIN_REFUSED
from kafkaview.cluster.errors import (
    AuthenticationFailed,
    ClusterError,
    CorruptBatch,
    NotAuthorized,
    OffsetOutOfRange,
    RecordTooLarge,
    RefusedByPolicy,
    UnknownGroup,
    UnknownTopicOrPartition,
    Unreachable,
    UnsupportedByBroker,
)

TIME_OUTS: Final = frozenset(
    {
        KafkaError._TIMED_OUT,
        KafkaError._TIMED_OUT_QUEUE,
        KafkaError._MSG_TIMED_OUT,
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TRANSPORT,
        KafkaError._WAIT_COORD,
        KafkaError.REQUEST_TIMED_OUT,
    }
)

_KINDS: Final[Mapping[type[ClusterError], tuple[int, ...]]] = {
    AuthenticationFailed: tuple(LOGIN_REFUSED),
    Unreachable: (
        *TIME_OUTS,
        KafkaError._RESOLVE,
        KafkaError._SSL,
        KafkaError._DESTROY,
        KafkaError._BAD_MSG,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.BROKER_NOT_AVAILABLE,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.NOT_COORDINATOR,
    ),
    NotAuthorized: (
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        KafkaError.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
    ),
    RecordTooLarge: (
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.RECORD_LIST_TOO_LARGE,
    ),
    RefusedByPolicy: (
        KafkaError.POLICY_VIOLATION,
        KafkaError.INVALID_REPLICATION_FACTOR,
        KafkaError.INVALID_PARTITIONS,
        KafkaError.INVALID_CONFIG,
        KafkaError.INVALID_RECORD,
        KafkaError.INVALID_TIMESTAMP,
        KafkaError.TOPIC_EXCEPTION,
        KafkaError.THROTTLING_QUOTA_EXCEEDED,
    ),
    UnknownTopicOrPartition: (
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.UNKNOWN_TOPIC_ID,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_PARTITION,
    ),
    UnknownGroup: (KafkaError.GROUP_ID_NOT_FOUND, KafkaError._UNKNOWN_GROUP),
    OffsetOutOfRange: (KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET),
    CorruptBatch: (KafkaError.INVALID_MSG,),
    UnsupportedByBroker: (
        KafkaError.UNSUPPORTED_VERSION,
        KafkaError._UNSUPPORTED_FEATURE,
    ),
}
_KIND_OF: Final = MappingProxyType({code: kind for kind, codes in _KINDS.items() for code in codes})

_HINTS: Final[Mapping[type[ClusterError], str]] = {
    AuthenticationFailed: "Check the user name, the password and the SASL mechanism.",
    Unreachable: "Check the address and whether the broker runs.",
    NotAuthorized: "Ask for the missing right on the cluster.",
    RecordTooLarge: "Raise max.message.bytes of the topic.",
    UnknownTopicOrPartition: "Check the name; without the right to describe a topic it looks missing.",
    UnsupportedByBroker: "The broker's release lacks this request.",
}


def kafka_error(failure: BaseException) -> KafkaError | None:
    """The client's error code and words inside an exception, if it holds one."""
    first = failure.args[0] if isinstance(failure, KafkaException) and failure.args else None
    return first if isinstance(first, KafkaError) else None


def as_cluster_error(failure: BaseException, doing: str, reason: KafkaError | None = None) -> ClusterError:
    """What went wrong while `doing`; `reason` is what the client said at the side, told where the call only timed out."""
    if isinstance(failure, ClusterError):
        return failure
    error = kafka_error(failure)
    if error is not None and reason is not None and error.code() in TIME_OUTS:
        error = reason
    made = ClusterError(f"{doing}: {failure}") if error is None else from_code(error, doing)
    made.__cause__ = failure
    return made


def from_code(error: KafkaError, doing: str) -> ClusterError:
    """The error for a code of librdkafka's or a broker's."""
    kind = _KIND_OF.get(error.code(), ClusterError)
    return kind(f"{doing}: {error.str()} ({error.name()})", _HINTS.get(kind, ""))
