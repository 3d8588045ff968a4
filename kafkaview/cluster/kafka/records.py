"""A record of the client as a record of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, Message

from kafkaview.cluster.kafka.span_reader import ask_headers, time_of, unreadable_name
from kafkaview.terms import Header, Record, TimestampType

_TIMESTAMPS: Final = {
    TIMESTAMP_CREATE_TIME: TimestampType.CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME: TimestampType.LOG_APPEND_TIME,
}


def record_of(message: Message) -> Record:
    """Returns a record with all that it has. Only once: headers cannot be read again."""
    kind, _ = message.timestamp()
    epoch = message.leader_epoch()
    headers, unreadable = _headers_of(message)
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        time_of(message),
        _TIMESTAMPS.get(kind, TimestampType.NOT_AVAILABLE),
        message.key(),
        message.value(),
        headers,
        epoch if epoch is not None and epoch >= 0 else None,
        unreadable,
    )


def _headers_of(message: Message) -> tuple[tuple[Header, ...] | None, bytes | None]:
    """Returns the headers, or the name of the header that makes all of them unreadable."""
    try:
        headers = ask_headers(message) or ()
    except SystemError as failure:
        return None, unreadable_name(failure)
    pairs: Sequence[Any] = list(headers.items()) if isinstance(headers, dict) else headers
    return tuple(Header(key, value.encode() if isinstance(value, str) else value) for key, value in pairs), None
