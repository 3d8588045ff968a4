"""A record of the client as a record of ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, Message

from kafkaview.cluster.kafka.span_reader import Slice, ask_headers, time_of, unreadable_name
from kafkaview.terms import Header, Record, TimestampType

HeaderPairs = list[tuple[str, bytes | None]]
HeaderAnswer = tuple[HeaderPairs | None, bytes | None]

_TIMESTAMPS: Final = {
    TIMESTAMP_CREATE_TIME: TimestampType.CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME: TimestampType.LOG_APPEND_TIME,
}


class MessageFields:
    """The fields of the records of a slice as columns, and each as a record. A message's headers are asked for once:
    where a name is not UTF-8, the client does not survive a second time.
    """

    def __init__(self, records: Slice) -> None:
        self._slice = records
        self._headers: list[HeaderAnswer] | None = None
        self.topics = records.topics
        self.partitions = records.partitions
        self.offsets = records.offsets
        self.timestamps = records.timestamps
        self.keys = records.keys
        self.values = records.values

    def headers(self) -> list[HeaderPairs | None]:
        """Returns the headers of each record; None where a name is not UTF-8."""
        if self._headers is None:
            self._headers = list(map(_ask_headers, self._slice.messages))
        return [pairs for pairs, _ in self._headers]

    def record(self, place: int) -> Record:
        """Returns one record with all that it has. Only once."""
        message = self._slice.messages[place]
        return _record(message, _ask_headers(message) if self._headers is None else self._headers[place])


def record_of(message: Message) -> Record:
    """Returns a record with all that it has. Only once: headers cannot be read again."""
    return _record(message, _ask_headers(message))


def _record(message: Message, answer: HeaderAnswer) -> Record:
    kind, _ = message.timestamp()
    epoch = message.leader_epoch()
    pairs, unreadable = answer
    return Record(
        message.topic() or "",
        message.partition() or 0,
        message.offset() or 0,
        time_of(message),
        _TIMESTAMPS.get(kind, TimestampType.NOT_AVAILABLE),
        message.key(),
        message.value(),
        None if pairs is None else tuple(Header(name, data) for name, data in pairs),
        epoch if epoch is not None and epoch >= 0 else None,
        unreadable,
    )


def _ask_headers(message: Message) -> HeaderAnswer:
    """Returns the headers, or the name of the header that makes all of them unreadable."""
    try:
        headers = ask_headers(message) or ()
    except SystemError as failure:
        return None, unreadable_name(failure)
    pairs: Sequence[Any] = list(headers.items()) if isinstance(headers, dict) else headers
    return [(name, data.encode() if isinstance(data, str) else data) for name, data in pairs], None
