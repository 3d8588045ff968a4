"""What a topic takes and keeps by its settings, as far as these can be read: sizes, timestamps, keys."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kafkaview.cluster.errors import ClusterError
from kafkaview.cluster.ports.cluster import Cluster, TopicSetting
from kafkaview.terms import Header

_NO_LIMIT: Final = (1 << 63) - 1
_BEFORE: Final = "message.timestamp.before.max.ms"
_AFTER: Final = "message.timestamp.after.max.ms"
_EITHER_SIDE: Final = "message.timestamp.difference.max.ms"  # until Kafka 3.9
_BATCH_HEAD: Final = 61  # bytes of a batch before its first record (RecordBatch of message format 2)


@dataclass(frozen=True, slots=True)
class TimestampViolation:
    """A timestamp that a broker would refuse: it lies `away_ms` before or after now, `setting` allows `limit_ms`."""

    setting: str
    limit_ms: int
    away_ms: int
    side: str


@dataclass(frozen=True, slots=True)
class TopicLimits:
    """The settings of a topic, present or future. Nothing is refused for a setting that is unknown."""

    settings: Mapping[str, TopicSetting] = field(default_factory=dict)

    def value(self, setting: str) -> str | None:
        """Returns the value of a setting; None if it is unknown, or the release has no such setting."""
        found = self.settings.get(setting)
        return None if found is None else found.value

    def number(self, setting: str) -> int | None:
        """Returns the value of a numeric setting."""
        value = self.value(setting)
        return None if value is None else int(value)

    @property
    def largest(self) -> int | None:
        """The bytes that a batch of the topic may have, compressed."""
        return self.number("max.message.bytes")

    @property
    def compacts(self) -> bool:
        """Whether the topic is compacted: then it takes no record without a key."""
        return "compact" in (self.value("cleanup.policy") or "")

    @property
    def may_compact(self) -> bool:
        """Whether records of the topic may be compacted away, as far as known."""
        return self.compacts or self.value("cleanup.policy") is None

    @property
    def stamps(self) -> bool:
        """Whether brokers replace a record's timestamp by the time at which they append it."""
        return self.value("message.timestamp.type") == "LogAppendTime"

    def is_too_large(self, parts: Sequence[bytes], around: int = 0) -> bool:
        """Returns whether a record with these bytes, and `around` more that are not compressed, is too large even when
        compressed. Never refuses a record that the broker takes; a record that passes may still be refused, because
        zlib, which is tried here, packs closer than the lz4 it is sent with.
        """
        size = sum(map(len, parts)) + around
        if self.largest is None or size <= self.largest:
            return False
        return self.value("compression.type") == "uncompressed" or (
            len(zlib.compress(b"".join(parts))) + around > self.largest
        )

    def timestamp_violation(self, at_ms: int, now_ms: int) -> TimestampViolation | None:
        """Returns why the brokers would refuse a record of this time; None where they take it."""
        if self.stamps:
            return None
        for setting, away_ms, side in ((_BEFORE, now_ms - at_ms, "before"), (_AFTER, at_ms - now_ms, "after")):
            deciding, limit_ms = self._timestamp_limit(setting)
            if away_ms > limit_ms:
                return TimestampViolation(deciding, limit_ms, away_ms, side)
        return None

    def is_expired(self, at_ms: int, now_ms: int) -> bool:
        """Returns whether a record of this time would be removed at once: retention counts from its timestamp."""
        kept_ms = self.number("retention.ms")
        return kept_ms is not None and kept_ms >= 0 and not self.stamps and now_ms - at_ms >= kept_ms

    def _timestamp_limit(self, setting: str) -> tuple[str, int]:
        """Returns the setting that limits timestamps, and its value. Up to 3.9 the older setting counts where the newer
        one has its default.
        """
        own = self.number(setting)
        if own is not None and own != _NO_LIMIT:
            return setting, own
        older = self.number(_EITHER_SIDE)
        return (setting, _NO_LIMIT) if older is None else (_EITHER_SIDE, older)


async def read_limits(cluster: Cluster, topic: str) -> TopicLimits:
    """Returns the limits of a topic; without DESCRIBE_CONFIGS none, and the broker's own refusal has to do."""
    try:
        return TopicLimits({setting.name: setting for setting in await cluster.topic_settings(topic)})
    except ClusterError:
        return TopicLimits()


def record_parts(key: bytes | None, value: bytes | None, headers: Sequence[Header]) -> list[bytes]:
    """Returns the bytes of a record that a batch holds and compresses."""
    named = (part for header in headers for part in (header.key.encode(), header.value))
    return [part for part in (key, value, *named) if part is not None]


def batch_size(key: bytes | None, value: bytes | None, headers: Sequence[Header]) -> int:
    """Returns the bytes of a batch that holds this one record, without compression: what `max.message.bytes` limits.
    Source: the record and the batch of message format 2 (Kafka's RecordBatch, KIP-98).
    """
    lengths = [*map(_length, (key, value, *(header.value for header in headers)))]
    names = sum(_varint(len(name)) + len(name) for name in (header.key.encode() for header in headers))
    body = 1 + _varint(0) + _varint(0) + _varint(len(headers)) + sum(lengths) + names
    return _BATCH_HEAD + _varint(body) + body


def _length(data: bytes | None) -> int:
    """Returns the size of bytes behind their length; null is the length -1, which is one byte."""
    return 1 if data is None else _varint(len(data)) + len(data)


def _varint(number: int) -> int:
    """Returns the size of a number that is not negative, in the zigzag encoding of seven bits a byte."""
    return max(1, ((number << 1).bit_length() + 6) // 7)
