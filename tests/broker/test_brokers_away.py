"""Brokers of three that are frozen or gone: what the command line says of them, and how soon."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from tests.broker.material import Broker
from tests.kit.patience import patience


@pytest.fixture(scope="module")
def three() -> Iterator[EmbeddedKafka]:
    """alone: a partition on each broker; groups on coordinators of each."""
    with EmbeddedKafka(nodes=3) as kafka:
        broker = Broker(kafka.bootstrap)
        broker.topic("alone", 3)
        producer = Producer({"bootstrap.servers": kafka.bootstrap})
        for number in range(30):
            producer.produce("alone", b"{}", b"k", number % 3)
        assert producer.flush(10) == 0
        for number in range(6):
            broker.commit(f"g{number}", "alone", 0)
        yield kafka


@contextmanager
def paused(kafka: EmbeddedKafka, *nodes: int) -> Iterator[None]:
    for node in nodes:
        kafka.pause(node)
    try:
        yield
    finally:
        for node in nodes:
            kafka.resume(node)


def partition_of(broker: Broker, node: int) -> int:
    """The partition of `alone` that a node leads."""
    deadline = time.monotonic() + patience(30)
    while time.monotonic() < deadline:
        partitions = broker.admin.list_topics("alone", timeout=10).topics["alone"].partitions
        leads = [number for number, one in partitions.items() if one.leader == node]
        if leads:
            return leads[0]
        time.sleep(0.2)
    raise AssertionError(f"broker {node} leads nothing")


def leave(broker: Broker, partition: int) -> None:
    """Waits until the metadata says that the partition has no leader."""
    deadline = time.monotonic() + patience(30)
    while broker.admin.list_topics("alone", timeout=10).topics["alone"].partitions[partition].leader >= 0:
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.usefixtures("tmp_home")
def test_a_partition_without_a_leader_is_named_with_its_broker_at_once(
    three: EmbeddedKafka, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broker = Broker(three.bootstrap)
    partition = partition_of(broker, 2)
    value = tmp_path / "value"
    value.write_bytes(b"{}")
    record = f"alone:{partition}:1"
    three.kill(2)
    try:
        leave(broker, partition)
        for words in (
            f"reroute {record} --dry-run --create-dlq",
            f"records alone --partition {partition}",
            f"scan alone:{partition} --rule json",
            f"redrive alone {record} --to alone-2 --dry-run",
            f"offsets plan g1 --partition alone:{partition} --to latest",
            f"offsets plan g1 --partition alone:{partition} --to @2026-01-01T00:00Z",
            f"records produce alone --partition {partition} --value-file {value} --dry-run",
        ):
            began = time.monotonic()
            code = main(["--bootstrap", three.bootstrap, *words.split()])
            took, said = time.monotonic() - began, "".join(capsys.readouterr())
            if "alone-2" in words:
                assert code == 1, said  # there is no such topic, which is the first thing to say
                continue
            assert code == 3, (words, said)
            assert f"alone:{partition} has no leader: its only replica is on broker 2" in said, words
            assert "Start broker 2" in said
            assert took < patience(6), words
    finally:
        three.restart(2)


@pytest.mark.usefixtures("tmp_home")
def test_stuck_says_in_time_what_it_saw_while_two_brokers_are_frozen(
    three: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    partition_of(Broker(three.bootstrap), 2)
    with paused(three, 2, 3):
        for words in ("--seconds 2 --timeout 4", "--seconds 3"):
            began = time.monotonic()
            main(["--bootstrap", three.bootstrap, "stuck", *words.split(), "--json"])
            took = time.monotonic() - began
            document = json.loads(capsys.readouterr().out)
            assert took < patience(20)
            silent: Any = document["error"]["message"] if "error" in document else document["unseen"]
            assert "broker 2" in str(silent)
            assert "broker 3" in str(silent)


@pytest.mark.usefixtures("tmp_home")
def test_tables_say_on_stderr_which_brokers_were_not_seen(
    three: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    partition_of(Broker(three.bootstrap), 3)
    with paused(three, 3):
        for words in ("groups", "lag", "topics", "records alone"):
            code = main(["--bootstrap", three.bootstrap, *words.split()])
            said = capsys.readouterr()
            assert code == 0, (words, said)
            assert "broker 3" in said.err or "no leader" in said.err, (words, said)


def unboxed(screen: str) -> str:
    """The words on a screen in one line, without the frame of a box."""
    return " ".join(screen.translate(str.maketrans("│╭╮╰╯─", "      ")).split())


@pytest.mark.usefixtures("tmp_home")
def test_the_doctor_names_the_silent_broker_and_says_that_the_others_answer(
    three: EmbeddedKafka, capsys: pytest.CaptureFixture[str]
) -> None:
    for node in (1, 2, 3):
        partition_of(Broker(three.bootstrap), node)
    with paused(three, 2):
        main(["--bootstrap", three.bootstrap.split(",")[0], "doctor"])
        soon = unboxed(capsys.readouterr().out)
        main(["--bootstrap", three.bootstrap, "doctor"])
        later = unboxed(capsys.readouterr().out)
    # The metadata leaves the broker out once the cluster has noticed.
    assert "Broker 2 does not answer" in soon or "2 brokers." in soon, soon
    assert "so the cluster can be used" in later or "The cluster can be used without it" in later, later
