"""A record of the client as a record of ours."""

from __future__ import annotations

from typing import Final, cast

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, Message

from kafkaview.cluster.kafka.span_reader import Slice, ask_headers, time_of, unreadable_name
from kafkaview.cluster.ports.record_source import HeaderPairs
from kafkaview.terms import Header, Record, TimestampType

_TIMESTAMPS: Final = {
    TIMESTAMP_CREATE_TIME: TimestampType.CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME: TimestampType.LOG_APPEND_TIME,
}


def record_in(records: Slice, place: int) -> Record:
    """Returns one record of a slice with all that it has."""
    return _record(records.messages[place], records.headers()[place], records.unreadable_headers().get(place))


def record_of(message: Message) -> Record:
    """Returns a record with all that it has. Only once: headers cannot be read again."""
    try:
        return _record(message, cast("HeaderPairs", ask_headers(message) or ()), None)
    except SystemError as failure:
        return _record(message, None, unreadable_name(failure))


def _record(message: Message, headers: HeaderPairs | None, unreadable_header: bytes | None) -> Record:
    kind, _ = message.timestamp()
    epoch = message.leader_epoch()
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        time_of(message),
        _TIMESTAMPS.get(kind, TimestampType.NOT_AVAILABLE),
        message.key(),
        message.value(),
        None if headers is None else tuple(Header(name, data) for name, data in headers),
        epoch if epoch is not None and epoch >= 0 else None,
        unreadable_header,
    )
