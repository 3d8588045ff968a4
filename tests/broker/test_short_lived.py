"""A consumer that crashes within milliseconds of its start, and comes again a second later: at a poison, or because its
committed offset is in no log and its auto.offset.reset is none.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Consumer, KafkaError

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.terms import CommittedOffset, TopicPartition
from tests.broker.material import POISON_AT, Broker, session_on, wait_until

WINDOWS = 3
AWAY_S = 1.0
RECORDS = 30
BEYOND = 1_000
RESET_NONE = {"auto.offset.reset": "error"}  # librdkafka's word for Java's "none"
PROTOCOLS = pytest.mark.parametrize("protocol", ["classic", "consumer"])


@contextmanager
def crashing(
    bootstrap: str, topic: str, group: str, protocol: str, settings: Mapping[str, str] | None = None
) -> Iterator[list[int | None]]:
    """Begins at the committed offset again and again, reads one record or meets an error, and is gone: the offsets at
    which it ended, None for an error that its auto.offset.reset makes. The broker lets a classic group begin without a
    delay (group.initial.rebalance.delay.ms=0).
    """
    ends: list[int | None] = []
    stop = threading.Event()

    def run() -> None:
        while not stop.is_set():
            consumer = Consumer(
                {
                    "bootstrap.servers": bootstrap,
                    "group.id": group,
                    "group.protocol": protocol,
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                    "fetch.wait.max.ms": 10,
                    "log_level": 0,
                    **(settings or {}),
                }
            )
            consumer.subscribe([topic])
            while not stop.is_set():
                message = consumer.poll(0.05)
                error = None if message is None else message.error()
                if error is not None and error.code() == KafkaError._AUTO_OFFSET_RESET:
                    ends.append(None)
                    break
                if message is not None and error is None:
                    ends.append(message.offset() or 0)
                    break
            consumer.close()
            stop.wait(AWAY_S)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield ends
    finally:
        stop.set()
        thread.join()


def ask(kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["--bootstrap", kafka.bootstrap, *words, "--json"]) == 0
    return orjson.loads(capsys.readouterr().out)


def ask_about(kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str], group: str) -> Any:
    """Returns what is said of one partition after ten seconds."""
    (stuck,) = ask(kafka, capsys, "stuck", group, "--seconds", "10")["stuck"]
    return stuck


@PROTOCOLS
@pytest.mark.usefixtures("tmp_home")
def test_it_is_seen_in_every_window_and_its_record_is_named(
    kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str], protocol: str
) -> None:
    broker, group = Broker(kafka.bootstrap), f"short-{uuid.uuid4().hex[:8]}"
    topic = broker.poisoned_topic(RECORDS)
    broker.commit(group, topic, POISON_AT)
    found = []
    with crashing(kafka.bootstrap, topic, group, protocol) as ends:
        wait_until(lambda: bool(ends))
        for _ in range(WINDOWS):
            stuck = ask_about(kafka, capsys, group)
            found.append((stuck["verdict"], (stuck["record"] or {}).get("offset"), stuck["behaviour"]))
    assert set(ends) == {POISON_AT}
    assert found == [("poison", POISON_AT, "crash_loop")] * WINDOWS


@PROTOCOLS
@pytest.mark.usefixtures("tmp_home")
def test_one_without_a_reset_is_named_with_its_offset_beyond_the_end(
    kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str], protocol: str
) -> None:
    broker, group = Broker(kafka.bootstrap), f"beyond-{uuid.uuid4().hex[:8]}"
    topic = broker.poisoned_topic(RECORDS)
    broker.commit(group, topic, BEYOND)
    reason = f"the committed offset {BEYOND:,} lies beyond the log's end {RECORDS}"
    with crashing(kafka.bootstrap, topic, group, protocol, RESET_NONE) as ends:
        wait_until(lambda: len(ends) > 1)
        stuck = ask_about(kafka, capsys, group)
        assert main(["--bootstrap", kafka.bootstrap, "stuck", group, "--seconds", "10"]) == 0
        words = capsys.readouterr().out
    assert set(ends) == {None}
    assert (stuck["verdict"], stuck["reason"], stuck["lag"], stuck["record"]) == ("undecided", reason, 0, None)
    assert stuck["behaviour"] == "crash_loop"
    assert "Every group moves" not in words
    assert reason in words
    assert "auto.offset.reset=none" in words


@PROTOCOLS
@pytest.mark.usefixtures("tmp_home")
def test_one_without_a_reset_is_named_with_the_records_that_retention_removed(
    kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str], protocol: str
) -> None:
    broker, group = Broker(kafka.bootstrap), f"below-{uuid.uuid4().hex[:8]}"
    topic = broker.poisoned_topic(RECORDS)
    broker.commit(group, topic, 5)
    broker.purge(topic, 20)
    with crashing(kafka.bootstrap, topic, group, protocol, RESET_NONE) as ends:
        wait_until(lambda: len(ends) > 1)
        stuck = ask_about(kafka, capsys, group)
    assert set(ends) == {None}
    reason = "retention has removed the record at the committed offset: the log starts at 20"
    assert (stuck["reason"], stuck["lag"], stuck["record"]) == (reason, 10, None)


@pytest.mark.usefixtures("tmp_home")
def test_among_sixty_groups_that_nobody_reads_it_is_seen_and_they_are_judged(
    kafka: EmbeddedKafka, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broker, run = Broker(kafka.bootstrap), uuid.uuid4().hex[:8]
    topic, group, idle = broker.poisoned_topic(RECORDS), f"z-{run}", [f"idle-{run}-{number}" for number in range(60)]

    async def commit() -> None:
        async with session_on(kafka.bootstrap, tmp_path / "journal.sqlite3") as session:
            place = {TopicPartition(topic, 0): CommittedOffset(POISON_AT)}
            await asyncio.gather(*(session.cluster.group_offsets.commit(name, place) for name in (group, *idle)))

    asyncio.run(commit())
    with crashing(kafka.bootstrap, topic, group, "classic") as ends:
        wait_until(lambda: bool(ends))
        document = ask(kafka, capsys, "stuck", group, *idle, "--seconds", "10")
    found = {one["group"]: (one["verdict"], one["behaviour"]) for one in document["stuck"]}
    assert document["unseen"] == []
    assert found == {group: ("poison", "crash_loop")} | dict.fromkeys(idle, ("no_members", "absent"))
