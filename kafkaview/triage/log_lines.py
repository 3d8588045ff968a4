"""The records that log lines of consumers blame: pasted text or a file, with stack traces, whatever wraps its lines.

What is recognized, and where that is written:

- Java client, `CompletedFetch.java`: `Error deserializing VALUE for partition orders-3 at offset 1443. If needed,
  please seek past the record ...` (before 3.8 `key/value`); `Record for partition orders-3 at offset 1443 is invalid`,
  `Record batch for partition orders-3 at offset 1443 is invalid`; without an offset `Received exception when fetching
  the next record from orders-3. If needed, please seek past ...`. The group stands in `[Consumer clientId=c,
  groupId=g]`, often in the line before (`Value Deserializers with error`).
- Spring for Apache Kafka, `KafkaUtils.format`: `Backoff FixedBackOff{...} exhausted for orders-3@1443`;
  `LoggingErrorHandler`: `Error while processing: ConsumerRecord(topic = orders, partition = 3, leaderEpoch = 0,
  offset = 1443, ...`; with a ListenerExecutionFailedException or DeserializationException, older ones with `nested
  exception is`.
- Kafka Connect, `ProcessingContext.java`: `Error encountered in task sink-0. Executing stage 'VALUE_CONVERTER' with
  class '...', where consumed record is {topic='orders', partition=3, offset=1443, ...}`; `WorkerSinkTask.java`:
  `WorkerSinkTask{id=sink-0} Error converting message value in topic 'orders' partition 3 at offset 1443 and timestamp`.
  A sink's group is `connect-` and its name, unless it is configured otherwise.
- Kafka Streams, `LogAndFailExceptionHandler`, `LogAndContinueExceptionHandler` and those of processing: `Exception
  caught during Deserialization, taskId: 0_3, topic: orders, partition: 3, offset: 1443`, `..., source topic: orders,
  source partition: 3, source offset: 1443`; `StreamTask.java`: `Exception caught in process. taskId=0_3, processor=...,
  topic=orders, partition=3, offset=1443`. Its threads are named after the application id, which is the group.
- librdkafka and what is built on it: `orders [3]: Snappy decompression for message at offset 1443 failed`, `orders [3]
  MessageSet at offset 1443 payload size ...`; confluent-kafka-python:
  `TopicPartition{topic=orders,partition=3,offset=1443,...}`.
- kafka-python: `ConsumerRecord(topic='orders', partition=3, leader_epoch=0, offset=1443, ...)`; KafkaJS:
  `"topic":"orders","partition":3,"offset":"1443"` in the object behind its message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from kafkaview.triage.log_wrapping import LogLine, unwrap

MOST_PLACES: Final = 10_000  # that are kept of a file
_MOST_LINES: Final = 400  # of one event
_TOPIC: Final = r"[A-Za-z0-9._-]{1,249}"
_PARTITION: Final = rf"(?P<topic>{_TOPIC})-(?P<partition>\d{{1,10}})"  # greedy: split at the last hyphen
_OFFSET: Final = r"(?P<offset>\d{1,19})"
_KEY: Final = r"(?:source )?[\"']?"
_IS: Final = r"[\"']?\s*[=:]\s*[\"']?"
_NUMBER: Final = r"(?P<partition>\d{1,10})"
_EPOCH: Final = r"(?:leader_?epoch\s*=\s*[\w()]+,\s*)?"
_NAMED: Final = rf"{_KEY}topic{_IS}(?P<topic>{_TOPIC})[\"']?,\s*{_KEY}partition{_IS}{_NUMBER}[\"']?,\s*"
_PLACES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\bpartition {_PARTITION} at offset {_OFFSET}\b",
        rf"(?<![\w.@-]){_PARTITION}@{_OFFSET}(?![\w.@])",
        rf"\b{_NAMED}{_EPOCH}{_KEY}offset{_IS}{_OFFSET}\b",
        rf"\btopic '?(?P<topic>{_TOPIC})'?,? partition {_NUMBER}[^{{}}\n]{{0,60}}? at offset {_OFFSET}\b",
        rf"(?<![\w.-])(?P<topic>{_TOPIC}) \[{_NUMBER}\]:?[^\n\[\]]{{0,80}}? at offset {_OFFSET}\b",
        rf"\bfetching the next record from {_PARTITION}(?=\. )",
    )
)
_CLASS: Final = r"(?:[a-zA-Z_$][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Failure)"
_THROWN: Final = re.compile(rf"(?:^|[\s:\[=])(?P<name>{_CLASS})(?=: |\s*$|; nested)")
_CAUSE: Final = re.compile(rf"^\s*Caused by: (?P<name>{_CLASS}|[\w.$]+)(?:: (?P<text>.*))?$")
_NESTED: Final = re.compile(rf"nested exception is (?P<name>{_CLASS})(?:: (?P<text>.*?))?(?=; nested exception|$)")
_FRAME: Final = re.compile(r"^\s*(?:at [\w$.<>/@ -]+\(|\.\.\. \d+ (?:more|common frames)|Suppressed: )")
_CONTINUES: Final = ("Caused by: ", "Traceback (most recent call last)")
_BARE_EXCEPTION: Final = re.compile(rf"^{_CLASS}(?:: |\s*$)")
_FAILURE: Final = re.compile(
    r"error|exception|fail|invalid|corrupt|exhausted|unable|cannot|could not|\bwarn", re.IGNORECASE
)
_GROUP: Final = re.compile(r"\bgroup\.?_?id\s*[=:]\s*[\"']?(?P<group>[^,\]\s\"'}]+)", re.IGNORECASE)
_CLIENT: Final = re.compile(r"\bclient\.?_?id\s*[=:]\s*[\"']?(?P<client>[^,\]\s\"'}]+)", re.IGNORECASE)
_SINK: Final = re.compile(
    r"WorkerSinkTask\{id=(?P<name>.+?)-\d+\}|Error encountered in task (?P<other>.+?)-\d+\. Executing"
)
_STREAM_THREAD: Final = re.compile(
    r"(?<![\w.-])(?P<client>(?P<group>[\w.-]{1,249}?)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-StreamThread-\d+"
)
_OF_NEXT: Final = "Deserializers with error"  # of a line that tells the group of the exception after it
_LONG_MESSAGE: Final = 2_000


@dataclass(frozen=True, slots=True)
class BlamedRecord:
    """A record that log lines blame. `offset` is None where they name the partition alone. `exception` is the class of
    the innermost cause and `message` its text; `group` and `client` are None where no line tells them. `line` is the
    number of the first line about it, `times` how often it is blamed.
    """

    topic: str
    partition: int
    offset: int | None
    exception: str | None
    message: str | None
    group: str | None
    client: str | None
    line: int
    times: int = 1


class _BlamedPlace(NamedTuple):
    topic: str
    partition: int
    offset: int | None


@dataclass(slots=True)
class _LogEvent:
    """What one event wrote: a line, and the stack trace after it."""

    lines: list[LogLine] = field(default_factory=list)

    @property
    def has_trace(self) -> bool:
        return any(_FRAME.match(line.text) for line in self.lines)

    def goes_on_with(self, text: str) -> bool:
        """Whether a line belongs to this event and begins none."""
        if not self.lines:
            return False
        if _FRAME.match(text) or text.startswith(_CONTINUES) or not text.strip() or text[:1] in " \t":
            return True
        return (
            bool(_BARE_EXCEPTION.match(text)) and not self.has_trace and not _BARE_EXCEPTION.match(self.lines[0].text)
        )


def read_log_lines(lines: Iterable[str]) -> tuple[BlamedRecord, ...]:
    """Returns the records that lines blame, each once, in the order of the lines; 10,000 at most. Places in lines that
    tell no error are returned only where no line tells one.
    """
    blamed: dict[_BlamedPlace, BlamedRecord] = {}
    named: dict[_BlamedPlace, BlamedRecord] = {}
    before: tuple[str | None, str | None] = (None, None)
    for event in _events(unwrap(lines)):
        text = "\n".join(line.text for line in event.lines)
        names_group = _OF_NEXT in text
        if not names_group and not _may_name_record(text):
            before = (None, None)
            continue
        group, client = _reader(text)
        if group is None and client is None:
            group, client = before
        for one in _records_of(event, group, client):
            _add(blamed if one.exception or _FAILURE.search(text) else named, one)
        before = (group, client) if names_group else (None, None)
    return tuple((_without_vague(blamed) or _without_vague(named)).values())


def _events(lines: Iterable[LogLine]) -> Iterator[_LogEvent]:
    event = _LogEvent()
    for line in lines:
        if not event.goes_on_with(line.text):
            if event.lines:
                yield event
            event = _LogEvent()
        if len(event.lines) < _MOST_LINES:
            event.lines.append(line)
    if event.lines:
        yield event


def _may_name_record(text: str) -> bool:
    """Whether a text may hold one of the places: most of a log holds none, and this is quickly seen."""
    return "artition" in text or "@" in text or "record from " in text or ("]" in text and " at offset " in text)


def _records_of(event: _LogEvent, group: str | None, client: str | None) -> Iterator[BlamedRecord]:
    places: dict[_BlamedPlace, int] = {}
    for line in filter(lambda line: _may_name_record(line.text), event.lines):
        for pattern in _PLACES:
            for found in pattern.finditer(line.text):
                parts = found.groupdict()
                offset = parts.get("offset")
                place = _BlamedPlace(
                    parts["topic"], int(parts["partition"]), int(offset) if offset is not None else None
                )
                places.setdefault(place, line.number)
    if not places:
        return
    name, text = _cause([line.text for line in event.lines])
    for place, number in places.items():
        yield BlamedRecord(*place, name, text, group, client, number)


def _cause(lines: Sequence[str]) -> tuple[str | None, str | None]:
    """Returns class and message of the innermost exception; of a line without one, its text."""
    causes = [(found["name"], found["text"]) for line in lines if (found := _CAUSE.match(line))]
    nested = [(found["name"], found["text"]) for line in lines for found in _NESTED.finditer(line)]
    thrown = [
        (found["name"], line[found.end() :].removeprefix(": "))
        for line in lines
        if not _FRAME.match(line)
        for found in _THROWN.finditer(line)
    ]
    innermost = causes or nested or thrown
    if not innermost:
        return None, lines[0].strip()[:_LONG_MESSAGE] or None
    name, text = innermost[-1]
    return name, (text or "").strip()[:_LONG_MESSAGE] or None


def _reader(text: str) -> tuple[str | None, str | None]:
    """Returns the group and the client id that an event names."""
    group, client = _GROUP.search(text), _CLIENT.search(text)
    if group is not None:
        return group["group"], client["client"] if client is not None else None
    if sink := _SINK.search(text):
        return f"connect-{sink['name'] or sink['other']}", client["client"] if client is not None else None
    if thread := _STREAM_THREAD.search(text):
        return thread["group"], thread["client"]
    return None, client["client"] if client is not None else None


def _add(records: dict[_BlamedPlace, BlamedRecord], one: BlamedRecord) -> None:
    place = _BlamedPlace(one.topic, one.partition, one.offset)
    known = records.get(place)
    if known is None:
        if len(records) < MOST_PLACES:
            records[place] = one
        return
    fuller = one if known.exception is None else known
    records[place] = replace(
        known,
        exception=fuller.exception,
        message=fuller.message,
        group=known.group or one.group,
        client=known.client or one.client,
        times=known.times + 1,
    )


def _without_vague(records: dict[_BlamedPlace, BlamedRecord]) -> dict[_BlamedPlace, BlamedRecord]:
    """Drops a partition without an offset where another line names its record."""
    exact = {(place.topic, place.partition) for place in records if place.offset is not None}
    return {
        place: one
        for place, one in records.items()
        if place.offset is not None or (place.topic, place.partition) not in exact
    }
