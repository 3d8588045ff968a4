"""Error codes grouped by their meaning. Names with an underscore are librdkafka's own codes, the others a broker's."""
# ruff: noqa: SLF001 - the underscore is part of librdkafka's names

from __future__ import annotations

from typing import Final

from confluent_kafka import KafkaError

PARTITION_EOF: Final = KafkaError._PARTITION_EOF
BAD_MESSAGE: Final = KafkaError._BAD_MSG
ALL_BROKERS_DOWN: Final = KafkaError._ALL_BROKERS_DOWN
NOT_DELIVERED: Final = KafkaError._MSG_TIMED_OUT
NO_ANSWER: Final = KafkaError._TIMED_OUT
DROPPED: Final = frozenset({KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT})
FATAL: Final = KafkaError._FATAL

LOGIN_REFUSED: Final = frozenset(
    {
        KafkaError._AUTHENTICATION,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
        KafkaError.ILLEGAL_SASL_STATE,
    }
)
TIMED_OUT: Final = frozenset(
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
MOVED: Final = frozenset(
    {
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.NOT_COORDINATOR,
    }
)
UNREACHABLE: Final = (
    TIMED_OUT
    | MOVED
    | {
        KafkaError._RESOLVE,
        KafkaError._SSL,
        KafkaError._DESTROY,
        KafkaError._BAD_MSG,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.BROKER_NOT_AVAILABLE,
    }
)
NOT_AUTHORIZED: Final = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        KafkaError.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
    }
)
TOO_LARGE: Final = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.RECORD_LIST_TOO_LARGE})
REFUSED_BY_POLICY: Final = frozenset(
    {
        KafkaError.POLICY_VIOLATION,
        KafkaError.INVALID_REPLICATION_FACTOR,
        KafkaError.INVALID_PARTITIONS,
        KafkaError.INVALID_CONFIG,
        KafkaError.INVALID_RECORD,
        KafkaError.INVALID_TIMESTAMP,
        KafkaError.TOPIC_EXCEPTION,
        KafkaError.THROTTLING_QUOTA_EXCEEDED,
    }
)
UNKNOWN_TOPIC: Final = frozenset(
    {
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.UNKNOWN_TOPIC_ID,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_PARTITION,
    }
)
TOPIC_EXISTS: Final = frozenset({KafkaError.TOPIC_ALREADY_EXISTS})
UNKNOWN_GROUP: Final = frozenset({KafkaError.GROUP_ID_NOT_FOUND, KafkaError._UNKNOWN_GROUP})
OUT_OF_RANGE: Final = frozenset({KafkaError.OFFSET_OUT_OF_RANGE, KafkaError._AUTO_OFFSET_RESET})
CORRUPT: Final = frozenset({KafkaError.INVALID_MSG})
# A batch that fails its checksum, cannot be unpacked, or is of no known format; the last as the broker says it.
DAMAGED: Final = CORRUPT | {BAD_MESSAGE, KafkaError._BAD_COMPRESSION, KafkaError._NOT_IMPLEMENTED}
UNSUPPORTED: Final = frozenset({KafkaError.UNSUPPORTED_VERSION, KafkaError._UNSUPPORTED_FEATURE})
FENCED: Final = frozenset({KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH})

# Sent to a reader while a broker is away, or about the group that it never joins: it goes on by itself.
PASSING: Final = TIMED_OUT | MOVED | {KafkaError._RESOLVE, KafkaError.GROUP_AUTHORIZATION_FAILED}
