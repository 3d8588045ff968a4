"""Reading spans of partitions with one blocking consumer: on a thread of this process, or in a process that does
nothing else. No group is joined, nothing is committed.

Imports little, because a process that scans starts with it: places are plain tuples of a topic and a partition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import methodcaller
from typing import Any, Final, NamedTuple

import kafkaview.cluster.kafka.client_packages  # noqa: F401 - before anything of them is loaded

# isort: split

from confluent_kafka import (
    TIMESTAMP_CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
)
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.cluster.errors import ClusterError, CorruptBatch, ReadRefused, Unreachable
from kafkaview.cluster.kafka.error_codes import (
    DAMAGED,
    LOGIN_REFUSED,
    OUT_OF_RANGE,
    PARTITION_EOF,
    PASSING,
    UNKNOWN_TOPIC,
)
from kafkaview.cluster.kafka.librdkafka_errors import as_cluster_error, from_code, kafka_error
from kafkaview.cluster.kafka.librdkafka_log import LOG, Complaints
from kafkaview.cluster.ports.record_source import Context, HeaderPairs, Origin

Place = tuple[str, int]
Token = tuple[str, float, str, dict[str, str]]  # value, end of life in Unix seconds, principal, SASL extensions

SLICE_SECONDS: Final = 0.2
SHORT_SLICE_SECONDS: Final = 0.05  # what is nearly read may have fewer records than offsets, and the rest never comes
ENDLESS: Final = 2**63 - 1  # an end that no offset reaches: what is written later is read as well
GONE_SECONDS: Final = 30.0
LOGIN_SECONDS: Final = 3.0
_BOUNDS_SECONDS: Final = 1.0  # for one question about both ends of a log; asked again with the next slice
_SILENCE_TO_LOOK: Final = 3.0  # seconds without a record, before it is asked whether the topics are still there
_TIMED: Final = (TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME)

# Where a header's name is not UTF-8 the client sets an exception and returns a list with a hole in it. Python's own
# loop, once it is warm, takes the list and crashes; a call from C sees the exception and raises SystemError.
ask_headers: Final = methodcaller("headers")
_HEADERS: Final[Any] = Message.headers  # the client's own annotation has a dict in it


class Slice:
    """Some records in the order they were read, with their fields as columns."""

    def __init__(self, messages: Sequence[Message] = ()) -> None:
        self.messages = messages

    def topics(self) -> list[str]:
        """Returns the topic of each record."""
        return [message.topic() or "" for message in self.messages]

    def partitions(self) -> list[int]:
        """Returns the partition of each record."""
        return [message.partition() or 0 for message in self.messages]

    def offsets(self) -> list[int]:
        """Returns the offset of each record."""
        return [message.offset() or 0 for message in self.messages]

    def timestamps(self) -> list[int | None]:
        """Returns the timestamp of each record in milliseconds; None where it has none."""
        return list(map(time_of, self.messages))

    def keys(self) -> list[bytes | None]:
        """Returns the key of each record."""
        return list(map(Message.key, self.messages))

    def values(self) -> list[bytes | None]:
        """Returns the value of each record."""
        return list(map(Message.value, self.messages))

    def headers(self) -> list[HeaderPairs | None]:
        """Returns the headers of each record; None where the name of one is not UTF-8."""
        return self._headers[0]

    def unreadable_headers(self) -> dict[int, bytes]:
        """Returns the header name that is not UTF-8, by the record that has it."""
        return self._headers[1]

    def has_header(self, name: str) -> bool:
        """Returns whether a record has a header of this name, or one whose headers cannot be read may have it."""
        headers, unreadable = self._headers
        return bool(unreadable) or any(pair[0] == name for pairs in headers if pairs for pair in pairs)

    @cached_property
    def _headers(self) -> tuple[list[HeaderPairs | None], dict[int, bytes]]:
        """The headers of each record, and the names that are not UTF-8. A message can be asked once only."""
        found: list[HeaderPairs | None] = []
        unreadable: dict[int, bytes] = {}
        rest = iter(self.messages)
        while True:
            try:
                # A call from C, too, and five times as fast; what came before an exception stays in `found`.
                found.extend(map(_HEADERS, rest))
            except SystemError as failure:
                unreadable[len(found)] = unreadable_name(failure)
                found.append(None)
            else:
                break
        return [pairs or (None if place in unreadable else ()) for place, pairs in enumerate(found)], unreadable

    def origin(self, index: int) -> Origin:
        """Returns topic, partition, offset and timestamp of one record."""
        message = self.messages[index]
        return message.topic() or "", message.partition() or 0, message.offset() or 0, time_of(message)

    def context(self, index: int) -> Context:
        """Returns topic, key and headers of one record; no headers where the client cannot return them."""
        message = self.messages[index]
        return message.topic() or "", message.key(), self._headers[0][index]


class Gap(NamedTuple):
    """Offsets of a partition that were removed before they were read; `cause` is a value of RemovalCause."""

    place: Place
    first: int
    last: int  # not included
    cause: str


class SpanReader:
    """Reads each partition from its start to its end, slice by slice, with a client made by the first slice.

    With `in_order` it reads one partition after the other. Where records are gone it fails, or, with `pass_removed`,
    keeps a gap and goes on where the log begins now. It ends a partition before a batch that cannot be read then,
    because librdkafka does not find the one behind it. An end of ENDLESS waits for what is written later; where such a
    log was cut off, it goes on at its end.
    """

    def __init__(
        self,
        client: Callable[[Complaints], Consumer],
        spans: Mapping[Place, tuple[int, int]],
        batch: int,
        *,
        pass_removed: bool = False,
        in_order: bool = False,
    ) -> None:
        self.next: dict[Place, int] = {place: first for place, (first, _) in spans.items()}
        self._end = {place: last for place, (_, last) in spans.items()}
        self._made = client
        self._batch = batch
        self._pass_removed = pass_removed
        # Those that met an end of the log before their own, and whether the client has stopped there.
        self._before_log_end: dict[Place, bool] = {}
        self._damaged: dict[Place, int] = {}  # where a batch cannot be read
        self._gaps: list[Gap] = []
        spread = [ClientPartition(*place) for place, (first, last) in sorted(spans.items()) if first < last]
        self._open = spread[:1] if in_order else spread
        self._later = spread[1:] if in_order else []
        self._complaints = Complaints()
        self._consumer: Consumer | None = None
        self._silent_seconds = 0.0
        self._look_at = _SILENCE_TO_LOOK
        self._failure: ClusterError | None = None

    @property
    def ended(self) -> bool:
        """Returns whether every partition is read to its end."""
        return not self._open and not self._later

    def slice(self) -> Slice:
        """Returns the records since the last slice, perhaps none; waits at most SLICE_SECONDS. Raises ClusterError."""
        self._check()
        if self._consumer is None:
            self._consumer = self._assign()
        for place in sorted(self._before_log_end):
            self._find_log(self._consumer, place)
        rest = self._rest()
        seconds = SLICE_SECONDS if rest > self._batch else SHORT_SLICE_SECONDS
        messages = self._consumer.consume(max(1, min(self._batch, rest)), seconds)
        if not messages:
            self._bear_silence(self._consumer, seconds)
            return Slice()
        self._silent_seconds, self._look_at = 0.0, _SILENCE_TO_LOOK
        following = None if any(map(Message.error, messages)) else self._positions(self._consumer)
        if following is None:
            messages, following = self._records_of_spans(messages)
        self._advance(self._consumer, following)
        self._end_before_damage(self._consumer)
        if not messages:
            self._check()  # else what was read before it comes first
        return Slice(messages)

    def take_gaps(self) -> list[Gap]:
        """Returns the gaps found since the last call."""
        gaps, self._gaps = self._gaps, []
        return gaps

    def close(self) -> None:
        """Closes the client."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _assign(self) -> Consumer:
        try:
            consumer = self._made(self._complaints)
        except KafkaException as failure:
            raise as_cluster_error(failure, "opening a reader") from failure
        consumer.assign([ClientPartition(p.topic, p.partition, self.next[_place(p)]) for p in self._open])
        return consumer

    def _rest(self) -> int:
        """Returns how many offsets can still come, so that a short span does not wait for its slice to end."""
        return sum(self._end[_place(p)] - self.next[_place(p)] for p in self._open)

    def _positions(self, consumer: Consumer) -> dict[Place, int] | None:
        """Returns the next offset of each partition without a look at any message; None where one lies past the span's
        end.
        """
        following = {_place(p): p.offset for p in consumer.position(self._open) if p.offset >= 0}
        within = all(offset <= self._end[place] for place, offset in following.items())
        return following if within else None

    def _records_of_spans(self, messages: Sequence[Message]) -> tuple[list[Message], dict[Place, int]]:
        """Returns the records of the spans among messages that may be errors too, and the next offset of each
        partition.
        """
        records: list[Message] = []
        following: dict[Place, int] = {}
        for message in messages:
            place = (message.topic() or "", message.partition() or 0)
            offset, error = message.offset() or 0, message.error()
            if place in self._damaged:
                continue  # librdkafka takes the middle of the damaged batch for the next one
            if error is None:
                following[place] = offset + 1
                if offset < self._end.get(place, 0):
                    records.append(message)
            elif error.code() == PARTITION_EOF:
                following[place] = max(offset, following.get(place, 0))
                if self._pass_removed and following[place] < self._end.get(place, 0) < ENDLESS:
                    self._before_log_end.setdefault(place, False)
            elif self._passes(place, offset, error):
                if error.code() in OUT_OF_RANGE:
                    following[place] = max(offset, following.get(place, 0))
            elif error.code() not in PASSING and not self._refuses_topic(place, error):
                self._failure = self._error_at(place, error)
                break
        return records, following

    def _refuses_topic(self, place: Place, error: KafkaError) -> bool:
        """Keeps which topics may not be read: one answer of a broker refuses several at once."""
        if error.code() != KafkaError.TOPIC_AUTHORIZATION_FAILED:
            return False
        known = self._failure if isinstance(self._failure, ReadRefused) else None
        first = known or self._error_at(place, error)
        topics = known.topics if known is not None else frozenset()
        self._failure = ReadRefused(first.message, first.hint, topics | {place[0]})
        return True

    def _passes(self, place: Place, offset: int, error: KafkaError) -> bool:
        """Returns whether the read goes on, or ends at damage, where records are removed or cannot be read."""
        if not self._pass_removed:
            return False
        if error.code() in OUT_OF_RANGE or (error.code() in UNKNOWN_TOPIC and place in self.next):
            self._before_log_end[place] = True
            return True
        if error.code() in DAMAGED and place in self.next:
            self._damaged[place] = offset
            return True
        return False

    def _advance(self, consumer: Consumer, following: Mapping[Place, int]) -> None:
        done = []
        for partition in self._open:
            place = _place(partition)
            offset, end = following.get(place, -1), self._end[place]
            self.next[place] = min(max(offset, self.next[place]), end)
            if offset >= end:
                done.append(partition)
        if done:
            self._open = [partition for partition in self._open if partition not in done]
            consumer.pause(done)
        if self._later and not self._open:
            self._open.append(following_one := self._later.pop(0))
            consumer.incremental_assign(
                [ClientPartition(following_one.topic, following_one.partition, self.next[_place(following_one)])]
            )

    def _find_log(self, consumer: Consumer, place: Place) -> None:
        """Asks for the bounds of a log and reads on there; repeated with each slice until its leader answers."""
        try:
            bounds: Any = consumer.get_watermark_offsets(ClientPartition(*place), timeout=_BOUNDS_SECONDS)
        except KafkaException as failure:
            error = kafka_error(failure)
            if error is not None and error.code() in UNKNOWN_TOPIC:
                self._end_at(consumer, place, self.next[place], "deletion")
            return
        if bounds is None:  # it took too long
            return
        first, end, stopped = self.next[place], self._end[place], self._before_log_end.pop(place)
        start, (low, high) = min(max(first, bounds[0]), end), bounds
        if end == ENDLESS and high < start:
            self._gaps.append(Gap(place, high, start, "truncation"))
            self.next[place] = start = high
        if start > first:
            self._gaps.append(Gap(place, first, start, "retention"))
            self._advance(consumer, {place: start})
        if high < end < ENDLESS:
            self._end_at(consumer, place, max(start, high), "truncation")
        elif stopped and low <= first:  # it was shorter for a while: other records stand here now
            self._gaps.append(Gap(place, first, first, "truncation"))
        if stopped and start < self._end[place]:
            consumer.incremental_unassign([ClientPartition(*place)])  # a partition that has stopped cannot be sought
            consumer.incremental_assign([ClientPartition(*place, start)])

    def _end_at(self, consumer: Consumer, place: Place, offset: int, cause: str) -> None:
        """Lowers the end of a partition's read to an offset."""
        self._before_log_end.pop(place, None)
        self._gaps.append(Gap(place, offset, self._end[place], cause))
        self._end[place] = offset
        self._advance(consumer, {place: self.next[place]})

    def _end_before_damage(self, consumer: Consumer) -> None:
        for partition in self._open:
            place = _place(partition)
            offset = self._damaged.get(place)
            if offset is not None:
                first, end = min(max(self.next[place], offset), self._end[place]), self._end[place]
                self._advance(consumer, {place: first})
                if first < end:
                    self._end_at(consumer, place, first, "damage")

    def _find_topics(self, consumer: Consumer) -> None:
        """Checks that the topics still exist, because the client waits for a deleted one for ever."""
        for topic in {partition.topic for partition in self._open}:
            try:
                known = consumer.list_topics(topic, timeout=_BOUNDS_SECONDS).topics[topic]
            except KafkaException:
                return
            if known.error is not None and known.error.code() in UNKNOWN_TOPIC:
                for place in [_place(one) for one in self._open if one.topic == topic]:
                    self._end_at(consumer, place, self.next[place], "deletion")

    def _bear_silence(self, consumer: Consumer, seconds: float) -> None:
        self._silent_seconds += seconds
        if self._pass_removed and self._silent_seconds > self._look_at:
            self._look_at += _SILENCE_TO_LOOK
            self._find_topics(consumer)
        reason = self._complaints.since(0)
        if reason is not None and reason.code() in LOGIN_REFUSED and self._silent_seconds > LOGIN_SECONDS:
            raise from_code(reason, "reading")
        if any(self._end[_place(one)] == ENDLESS for one in self._open):
            return  # nobody may write for a long time
        if self._silent_seconds > GONE_SECONDS and self._open:
            waiting = ", ".join(f"{p.topic}:{p.partition}" for p in self._open[:3])
            raise Unreachable(
                f"No record of {waiting} came for {GONE_SECONDS:.0f} s{f': {reason.str()}' if reason else ''}.",
                "Read again when the broker is back.",
            )

    def _error_at(self, place: Place, error: KafkaError) -> ClusterError:
        named = f"{place[0]}:{place[1]}"
        if error.code() in DAMAGED:
            return CorruptBatch(f"{named}: {error.str()}", "The batch on the broker's disk fails its checksum.")
        return from_code(error, f"reading {named} from offset {self.next.get(place)}")


def remote_client(
    settings: Mapping[str, Any],
    login: tuple[str, str] | None,
    token: Callable[[], Token] | None,
    complaints: Complaints,
) -> Consumer:
    """Makes a consumer of settings from another process; `token` gets the OAUTHBEARER tokens from there."""
    made = {**settings, "error_cb": complaints.hear, "logger": LOG}
    if token is not None:
        made["oauth_cb"] = lambda _config: token()
    consumer = Consumer(made)
    if login is not None:
        consumer.set_sasl_credentials(*login)  # a setting would lose the blanks before its value
    return consumer


def unreadable_name(failure: SystemError) -> bytes:
    """Returns the name of a header that is not UTF-8, from the exception of the client. That record's headers must not
    be read again: the client keeps a list with a missing element, which aborts the process.
    """
    cause = failure.__cause__
    if not isinstance(cause, UnicodeDecodeError):
        raise failure
    return cause.object


def time_of(message: Message) -> int | None:
    """Returns the timestamp of a record; None where it has none."""
    kind, timestamp = message.timestamp()
    return timestamp if kind in _TIMED and timestamp >= 0 else None


def _place(partition: ClientPartition) -> Place:
    return partition.topic, partition.partition
