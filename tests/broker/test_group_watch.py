"""`kafkaview watch` on a real broker: copies share the partitions, and each poison record is copied once."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from pathlib import Path
from random import Random

import httpx
import orjson
import pytest
from confluent_kafka import Producer

from kafkaview.cli.main import main
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.journal.entry import EntryState, JournalEntry
from kafkaview.journal.store import Journal
from tests.broker.material import Broker, wait_until
from tests.broker.watching import POISON, WatchProgram, copied_keys, fill, watch_programs

PARTITIONS = 4


def scanned(broker: Broker, capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[str, int, int, str, str]]:
    """The findings of a scan."""
    assert main(["--bootstrap", broker.bootstrap, "scan", *words, "--json"]) == 0
    lines = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [(one["topic"], one["partition"], one["offset"], one["field"], one["rule"]) for one in lines[:-1]]


async def journalled(path: Path) -> tuple[JournalEntry, ...]:
    """The entries of a journal."""
    journal = Journal(path)
    entries = await journal.entries()
    await journal.close()
    return entries


def asked(url: str) -> dict[str, float]:
    """The samples of the metrics, by their names with labels."""
    lines = httpx.get(url, timeout=10, trust_env=False).text.splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def owned(copy: WatchProgram) -> int:
    """How many partitions a copy owns."""
    return sum("watch_held{" in name for name in asked(copy.metrics()))


@pytest.mark.usefixtures("tmp_home")
def test_two_copies_share_the_partitions_and_copy_each_poison_record_once(
    broker: Broker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topic = broker.topic(partitions=PARTITIONS)
    queue, rules = f"{topic}-dlq", ("--rule", "json", "--rule", "header:trace", "--key-rule", "utf8")
    poisoned = fill(broker.bootstrap, topic, range(2_000), PARTITIONS)
    words = (topic, *rules, "--to", queue, "--create-dlq", "--yes", "--metrics", "127.0.0.1:0")
    with watch_programs(broker.bootstrap, tmp_path) as programs:
        copies = [programs.start(*words), programs.start(*words)]
        wait_until(lambda: len(copied_keys(broker, queue)) >= len(poisoned), 60)
        wait_until(lambda: [owned(one) for one in copies] == [2, 2], 60)
        more = fill(broker.bootstrap, topic, range(2_000, 4_000), PARTITIONS)
        wait_until(lambda: len(copied_keys(broker, queue)) >= len(poisoned | more))
        samples = Counter[str]()
        for one in copies:
            samples.update(asked(one.metrics()))
        group = f"kafkaview-watch-{topic}"
        assert samples[f'kafkaview_watch_records_total{{group="{group}",topic="{topic}"}}'] == 4_000
        assert samples[f'kafkaview_watch_findings_total{{group="{group}",rule="json",topic="{topic}"}}'] == 400
        wait_until(lambda: sum(asked(one.metrics())[f'kafkaview_watch_up{{group="{group}"}}'] for one in copies) == 2)
        lags = [value for one in copies for name, value in asked(one.metrics()).items() if "watch_lag{" in name]
        assert lags == [0.0] * PARTITIONS
        assert (copies[0].end(), copies[1].end(signal.SIGINT)) == (0, 130)
        assert Counter(copied_keys(broker, queue)) == Counter(poisoned | more)
        found = sorted(finding for one in copies for finding in one.findings())
        assert found == sorted(scanned(broker, capsys, topic, *rules))
        ends = [next(line for line in one.lines() if "copied" in line) for one in copies]
        assert sum(end["copied"] for end in ends) == len(poisoned | more)
        assert sum(end["records"] for end in ends) == 4_000

        late = programs.start(*words)  # whoever comes later goes on where they stood
        last = fill(broker.bootstrap, topic, range(4_000, 4_020), PARTITIONS)
        wait_until(lambda: len(copied_keys(broker, queue)) >= len(poisoned | more | last))
        assert late.end() == 0
        assert [len(late.findings()), late.lines()[-1]["records"]] == [len(last), 20]
        assert Counter(copied_keys(broker, queue)) == Counter(poisoned | more | last)
        entries = asyncio.run(journalled(tmp_path / "data_home" / "kafkaview" / "journal.sqlite3"))
        assert {entry.id for entry in entries} == {end["journal_id"] for end in (*ends, late.lines()[-1])}
        assert {entry.state for entry in entries} == {EntryState.COMMITTED}
        told = [entry.outcome["watched"]["copied"] for entry in entries if entry.outcome is not None]
        assert sum(told) == len(poisoned | more | last)


def test_a_copy_is_the_record_byte_for_byte_with_its_origin_behind_it(broker: Broker, tmp_path: Path) -> None:
    topic = broker.poisoned_topic()
    (original,) = [one for one in broker.read_committed(topic) if one[1] == b'{"name":"Ren\xe9 Faure"}']
    with watch_programs(broker.bootstrap, tmp_path) as programs:
        copy = programs.start(topic, "--rule", "json", "--to", f"{topic}-dlq", "--create-dlq", "--yes")
        wait_until(lambda: len(broker.read_committed(f"{topic}-dlq")) == 1)
        assert copy.end() == 0
    ((key, value, headers),) = broker.read_committed(f"{topic}-dlq")
    assert (key, value, headers[: len(original[2])]) == original
    added = dict(headers[len(original[2]) :])
    assert (added["__dlq.errors.topic"], added["__dlq.errors.offset"]) == (topic.encode(), b"10")
    assert added["kafkaview.source"] == f"{topic}:0:10".encode()
    assert broker.committed_offsets(f"kafkaview-watch-{topic}", topic) == 30


def test_a_copy_that_is_frozen_is_fenced_and_goes_on_when_it_is_let_go(broker: Broker, tmp_path: Path) -> None:
    topic = broker.topic(partitions=PARTITIONS)
    queue = broker.topic(f"{topic}-dlq", partitions=PARTITIONS)
    with watch_programs(broker.bootstrap, tmp_path) as programs:
        words = (topic, "--rule", "json", "--to", queue, "--yes", "--metrics", "0")
        copies = [programs.start(*words), programs.start(*words)]
        wait_until(lambda: [owned(one) for one in copies] == [2, 2], 60)
        poisoned = fill(broker.bootstrap, topic, range(400), PARTITIONS, every=2)
        copies[0].process.send_signal(signal.SIGSTOP)  # in the middle, perhaps of a transaction
        poisoned |= fill(broker.bootstrap, topic, range(400, 800), PARTITIONS, every=2)
        wait_until(lambda: set(copied_keys(broker, queue)) == poisoned, 90)  # the other one got its partitions
        copies[0].process.send_signal(signal.SIGCONT)
        wait_until(lambda: [owned(one) for one in copies] == [2, 2], 60)
        poisoned |= fill(broker.bootstrap, topic, range(800, 1_000), PARTITIONS, every=2)
        wait_until(lambda: set(copied_keys(broker, queue)) == poisoned, 60)
        assert [one.end() for one in copies] == [0, 0]
    assert Counter(copied_keys(broker, queue)) == Counter(poisoned)


def test_a_watch_goes_on_by_itself_when_its_broker_is_back(tmp_path: Path) -> None:
    with EmbeddedKafka() as kafka, watch_programs(kafka.bootstrap, tmp_path) as programs:
        broker = Broker(kafka.bootstrap)
        topic = broker.topic(partitions=PARTITIONS)
        queue = broker.topic(f"{topic}-dlq", partitions=PARTITIONS)
        copy = programs.start(topic, "--rule", "json", "--to", queue, "--yes", "--metrics", "0")
        poisoned = fill(kafka.bootstrap, topic, range(400), PARTITIONS, every=2)
        wait_until(lambda: len(copied_keys(broker, queue)) > 20, 60)
        kafka.kill(1)
        time.sleep(3)
        assert copy.process.poll() is None
        kafka.restart(1)
        poisoned |= fill(kafka.bootstrap, topic, range(400, 800), PARTITIONS, every=2)
        wait_until(lambda: set(copied_keys(broker, queue)) >= poisoned, 90)
        assert copy.end() == 0
        assert Counter(copied_keys(broker, queue)) == Counter(poisoned)


@pytest.mark.usefixtures("tmp_home")
def test_a_partition_stands_at_what_the_queue_does_not_take_until_it_takes_it(broker: Broker, tmp_path: Path) -> None:
    topic = broker.topic(partitions=2)
    queue = broker.topic(f"{topic}-dlq", partitions=2, settings={"max.message.bytes": "2000"})
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    large = POISON + Random(1).randbytes(4_000)
    for number, value in enumerate((b"{}", POISON, large, POISON, b"{}")):
        producer.produce(topic, value, b"held-%d" % number, 0)
        producer.produce(topic, POISON, b"free-%d" % number, 1)
    assert producer.flush(10) == 0
    with watch_programs(broker.bootstrap, tmp_path) as programs:
        words = (topic, "--rule", "json", "--to", queue, "--yes", "--metrics", "127.0.0.1:0")
        copy = programs.start(*words)
        free = {b"free-%d" % number for number in range(5)}
        wait_until(lambda: set(copied_keys(broker, queue)) == free | {b"held-1"})
        place = f'group="kafkaview-watch-{topic}",partition="0",topic="{topic}"'
        wait_until(lambda: asked(copy.metrics())[f"kafkaview_watch_held{{{place}}}"] == 1)
        assert (
            asked(copy.metrics())[
                f'kafkaview_watch_findings_total{{group="kafkaview-watch-{topic}",rule="json",topic="{topic}"}}'
            ]
            == 8
        )
        wait_until(lambda: broker.committed_offsets(f"kafkaview-watch-{topic}", topic) == 2)  # it is not passed
        assert f"{topic}:0:2 is not passed" in copy.err.read_text()
        change = ["topics", "set", queue, "max.message.bytes=100000", "--yes"]
        assert main(["--bootstrap", broker.bootstrap, *change]) == 0
        wait_until(lambda: len(copied_keys(broker, queue)) == 8, 60)  # it is tried again each 30 s
        assert copy.end() == 0
        assert copy.lines()[-1]["held"] == []
    assert Counter(copied_keys(broker, queue)) == Counter(free | {b"held-1", b"held-2", b"held-3"})


@pytest.mark.usefixtures("tmp_home")
def test_nothing_is_written_without_a_yes_or_on_a_read_only_profile(
    broker: Broker, capsys: pytest.CaptureFixture[str]
) -> None:
    topic = broker.poisoned_topic()
    words = ["--bootstrap", broker.bootstrap, "watch", topic, "--rule", "json", "--to", f"{topic}-dlq"]
    assert main([*words, "--yes", "--json"]) == 1  # there is no queue, and it was not asked for
    assert orjson.loads(capsys.readouterr().out)["error"]["kind"] == "unknown_topic_or_partition"
    assert main([*words, "--create-dlq", "--json"]) == 2
    assert orjson.loads(capsys.readouterr().out)["error"]["kind"] == "usage"
    assert main([*words, "--create-dlq", "--dry-run", "--json"]) == 0
    plan = orjson.loads(capsys.readouterr().out)["plan"]
    assert (plan["to"], plan["create_dlq"], plan["topics"][0]["rules"]) == (f"{topic}-dlq", True, ["json"])
    assert main(["-X", "read.only=true", *words, "--create-dlq", "--yes", "--json"]) == 4
    assert main(["-X", "read.only=true", *words[:-2], "--json"]) == 4
    assert not broker.exists(f"{topic}-dlq")
    assert broker.committed_offsets(f"kafkaview-watch-{topic}", topic) is None


def test_a_watch_that_begins_at_the_end_reads_what_comes_from_then_on(broker: Broker, tmp_path: Path) -> None:
    topic = broker.topic(partitions=2)
    fill(broker.bootstrap, topic, range(100), 2)
    with watch_programs(broker.bootstrap, tmp_path) as programs:
        copy = programs.start(topic, "--rule", "json", "--from", "end", "--metrics", "0")
        wait_until(lambda: owned(copy) == 2)
        fill(broker.bootstrap, topic, range(100, 200), 2)
        wait_until(lambda: len(copy.findings()) == 10)
        assert copy.end() == 0
        assert copy.lines()[-1] | {"seconds": 0} == {
            "group": f"kafkaview-watch-{topic}", "records": 100, "found": 10, "copied": 0, "held": [], "seconds": 0,
            "journal_id": None,
        }  # fmt: skip


@pytest.mark.parametrize("refilled", [50, 150])  # less or more than was read of the first
def test_a_topic_that_is_made_anew_is_read_from_its_beginning(broker: Broker, tmp_path: Path, refilled: int) -> None:
    topic = broker.topic()
    fill(broker.bootstrap, topic, range(100), 1)
    with watch_programs(broker.bootstrap, tmp_path) as programs:
        copy = programs.start(topic, "--rule", "json")
        wait_until(lambda: broker.committed_offsets(f"kafkaview-watch-{topic}", topic) == 100)
        first = len(copy.findings())
        broker.admin.delete_topics([topic])[topic].result(10)
        wait_until(lambda: not broker.exists(topic))
        broker.topic(topic)
        fill(broker.bootstrap, topic, range(refilled), 1)
        wait_until(lambda: broker.committed_offsets(f"kafkaview-watch-{topic}", topic) == refilled)
        assert first == 10
        assert [finding[2] for finding in copy.findings()[first:]] == list(range(0, refilled, 10))
        assert "was deleted and made anew: it is read from its beginning" in copy.err.read_text()
        assert copy.end() == 0
