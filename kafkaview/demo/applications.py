"""The demo's applications: plain Kafka consumers with common faults.

They stand for the user's own programs, so they know nothing of kafkaview. Each prints to the log of its group.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

Place = tuple[str, int]

_BATCH = 100
_SECONDS_TO_GATHER = 0.4
_SECONDS_PER_RECORD = 0.004
_SECONDS_TO_RETRY = 1.0
_CLASSIC = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 1000}
_KIP_848 = {"group.protocol": "consumer"}  # the broker sets the time-outs


class DeserializationError(Exception):
    """The value cannot be deserialized."""


class Application(ABC):
    """One member of a group. Each round takes the waiting records and handles the shortest backlog first.

    A partition gives at most one batch a round, so that a long backlog on one does not delay the others.
    """

    topics: tuple[str, ...] = ("orders",)
    settings: Mapping[str, Any] = _CLASSIC

    def __init__(self, bootstrap: str, group: str) -> None:
        self.group = group
        self.consumer = Consumer(
            {
                "bootstrap.servers": bootstrap,
                "group.id": group,
                "client.id": f"{group}-service",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "max.partition.fetch.bytes": 65_536,
                **self.settings,
            }
        )
        self.paused: dict[Place, float] = {}  # until when
        self._batches: dict[Place, list[Message]] = {}

    @abstractmethod
    def handle(self, place: Place, batch: list[Message]) -> None:
        """Handles the records of one partition and commits them in this application's own way."""

    def run(self) -> NoReturn:
        """Reads and handles records for ever. An exception ends the application, after it has left the group."""
        self.consumer.subscribe(list(self.topics), on_assign=self._say_assigned, on_revoke=self._forget)
        try:
            while True:
                self.handle_all(self._gather())
        finally:
            self.consumer.close()

    def handle_all(self, batches: Mapping[Place, list[Message]]) -> None:
        """Runs one round."""
        for place in sorted(batches, key=lambda place: len(batches[place])):
            try:
                self.handle(place, batches[place])
            except KafkaException as error:  # no longer a member: the next poll joins again and reads what is committed
                self.say("WARN", f"Offset commit failed on partition {place[0]}-{place[1]}: {error.args[0].str()}")

    def commit(self, place: Place, offset: int) -> None:
        """Commits the next offset to read."""
        self.consumer.commit(offsets=[TopicPartition(*place, offset)], asynchronous=False)

    def pause(self, place: Place, seconds: float) -> None:
        """Pauses a partition for a while."""
        self.consumer.pause([TopicPartition(*place)])
        self.paused[place] = time.monotonic() + seconds

    def say(self, level: str, text: str) -> None:
        """Prints one line of the log."""
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S,%f")[:-3]
        print(f"{now} {level} [{self.group}] {text}", flush=True)  # noqa: T201 - its log

    def _gather(self) -> Mapping[Place, list[Message]]:
        self._resume_due()
        self._batches = defaultdict(list)
        deadline = time.monotonic() + _SECONDS_TO_GATHER
        while (left := deadline - time.monotonic()) > 0:
            message = self.consumer.poll(left)
            if message is None:
                break
            if error := message.error():
                self.say("WARN", error.str())
                continue
            place = _place(message)
            self._batches[place].append(message)
            if len(self._batches[place]) == _BATCH:
                self.pause(place, 0)
        return self._batches

    def _resume_due(self) -> None:
        now = time.monotonic()
        due = [place for place, until in self.paused.items() if until <= now]
        if due:
            self.consumer.resume([TopicPartition(*place) for place in due])
        self.paused = {place: until for place, until in self.paused.items() if place not in due}

    def _say_assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._forget(consumer, partitions)
        self.say(
            "INFO", f"Adding newly assigned partitions: {', '.join(f'{p.topic}-{p.partition}' for p in partitions)}"
        )

    def _forget(self, consumer: Consumer, _partitions: list[TopicPartition]) -> None:
        """Clears what was read and paused, because a new assignment starts at the committed offsets."""
        self._batches.clear()
        # librdkafka would keep a partition paused that comes back.
        consumer.resume([TopicPartition(*place) for place in self.paused])
        self.paused.clear()


class CrashesPerRecord(Application):
    """`billing`: commits each record; a record that it cannot read ends the program."""

    def handle(self, place: Place, batch: list[Message]) -> None:
        """Handles and commits one record after the other."""
        for message in batch:
            read(message)
            time.sleep(_SECONDS_PER_RECORD)
            self.commit(place, _offset(message) + 1)


class CrashesPerBatch(Application):
    """`invoices`: commits a partition's batch once all of it is done; a record that it cannot read ends the program."""

    def handle(self, place: Place, batch: list[Message]) -> None:
        """Handles the batch, then commits it."""
        for message in batch:
            read(message)
            time.sleep(_SECONDS_PER_RECORD)
        self.commit(place, _offset(batch[-1]) + 1)


class Retries(Application):
    """`shipping`: catches the error and reads the same record again, for ever; its other partitions go on."""

    def handle(self, place: Place, batch: list[Message]) -> None:
        """Handles and commits one record after the other, and seeks back to a record that failed."""
        for message in batch:
            try:
                read(message)
            except DeserializationError as error:
                self.say("ERROR", f"{error} Caused by: {error.__cause__!r}. Retrying in {_SECONDS_TO_RETRY:.0f} s")
                self.consumer.seek(TopicPartition(*place, _offset(message)))
                self.pause(place, _SECONDS_TO_RETRY)
                return
            time.sleep(_SECONDS_PER_RECORD)
            self.commit(place, _offset(message) + 1)


class RetriesKip848(Retries):
    """`audit`: as `shipping`, with the consumer protocol of KIP-848."""

    settings = _KIP_848


class AutoCommits(Application):
    """`analytics`: healthy. Skips what it cannot read; the client commits by itself every 5 s."""

    topics = ("orders", "payments")
    settings: Mapping[str, Any] = {**_CLASSIC, "enable.auto.commit": True, "auto.commit.interval.ms": 5000}

    def handle(self, place: Place, batch: list[Message]) -> None:
        """Counts the records that can be read."""
        for message in batch:
            try:
                read(message)
            except DeserializationError as error:
                self.say("WARN", f"Skipping {place[0]}-{place[1]}@{message.offset()}: {error.__cause__!r}")


def read(message: Message) -> Any:
    """Returns the value as JSON; None for a tombstone."""
    value = message.value()
    if value is None:
        return None
    try:
        return json.loads(value)
    except ValueError as error:
        where = f"{message.topic()}-{message.partition()} at offset {message.offset()}"
        raise DeserializationError(
            f"Error deserializing VALUE for partition {where}. "
            "If needed, please seek past the record to continue consumption."
        ) from error


def _place(message: Message) -> Place:
    topic, partition = message.topic(), message.partition()
    assert topic is not None
    assert partition is not None
    return topic, partition


def _offset(message: Message) -> int:
    offset = message.offset()
    assert offset is not None
    return offset
