"""A re-route of scattered poison records beside kafka-producer-perf-test with transactions of the same size."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer
from confluent_kafka import TopicPartition as ClientPartition

from kafkaview.demo.jars import java, kafka_jars
from kafkaview.resources import ROOT
from tests.benchmarks.figures import Figure
from tests.benchmarks.filling import create_topics, lz4_producer, record
from tests.benchmarks.lab import Lab, Run
from tests.benchmarks.shapes import SMALL

_RECORDS: Final = 1_000_000
_POISON: Final = 10_000
_FEW: Final = 100  # times less in a smoke run
_PARTITIONS: Final = 6
_GROUP: Final = "bulk"
_RATE: Final = 5_000  # records a second, at least
_PER_TRANSACTION: Final = 5_000  # batch_room.BATCH_RECORDS
_TOOLS: Final = ROOT / "kafka" / "tools-4.3" / "pom.xml"
_RATE_OF_THEIRS: Final = re.compile(r"(\d+) records sent, ([\d.]+) records/sec")


def measure(lab: Lab) -> Iterator[Figure]:
    """Ours, and theirs right after, each time on a topic of its own."""
    rig, part = lab.rig(SMALL), _FEW if lab.smoke else 1
    records, poison = _RECORDS // part, _POISON // part
    ours, theirs, whole = [], [], []
    _perf_test(lab, rig.bootstrap, "warm-up", poison)  # a broker's first transaction waits for an internal topic
    for run in range(lab.repeats):
        topic = f"scattered-{run}-{records}"
        good = _fill(rig.bootstrap, topic, records, poison)
        first = _commit(lab, rig.bootstrap, topic, good)
        findings = lab.folder / f"{topic}.jsonl"
        findings.write_bytes(_run_scan(lab, rig.bootstrap, topic).out)
        done = lab.kafkaview(
            *("--bootstrap", rig.bootstrap, "reroute", "--from-scan", str(findings), "--create-dlq"),
            *("--group", _GROUP, "--yes", "--json"),
        )
        document = _check(done, poison)
        _check_copies(rig.bootstrap, topic, poison, first)
        ours.append(poison / float(document["records_per_s"]))
        whole.append(done.seconds)
        theirs.append(poison / _perf_test(lab, rig.bootstrap, f"perf-{run}-{records}", poison))
    rate = poison * len(ours) / sum(ours)
    yield Figure(
        "reroute",
        f"re-route of {poison:,} scattered among {records:,} with a group: sending, {rate:,.0f}/s",
        "s",
        ours,
        theirs,
        beside="kafka-producer-perf-test, as many records and transactions",
        must=0.5,
        by_ratio=True,
    )
    yield Figure(
        "reroute-rate",
        f"the same, at {_RATE:,}/s at least",
        "s",
        ours,
        must=poison / _RATE,
        worst=True,
        details={"whole_process_seconds": [round(one, 2) for one in whole]},
    )


def _fill(bootstrap: str, topic: str, records: int, poison: int) -> dict[int, int]:
    """Write the records, every so many a poison one; returns the first poison offset of each partition."""
    create_topics(bootstrap, {topic: _PARTITIONS})
    producer, every = lz4_producer(bootstrap), records // poison
    first: dict[int, int] = {}
    counts: Counter[int] = Counter()
    for number in range(records):
        partition = (number // every) % _PARTITIONS
        bad = number % every == every // 2
        if bad:
            first.setdefault(partition, counts[partition])
        counts[partition] += 1
        producer.produce(topic, record(number)[:-1] if bad else record(number), b"k%d" % (number % 997), partition)
        if number % 1_000 == 0:
            producer.poll(0)
    assert producer.flush(120) == 0
    return first


def _commit(lab: Lab, bootstrap: str, topic: str, first: dict[int, int]) -> dict[int, int]:
    """Let the group stand at the first poison record of each partition, where a good one follows."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": _GROUP, "enable.auto.commit": False})
    places = [ClientPartition(topic, partition, offset) for partition, offset in sorted(first.items())]
    consumer.commit(offsets=places, asynchronous=False)
    consumer.close()
    lab.say(f"{topic} is filled")
    return first


def _run_scan(lab: Lab, bootstrap: str, topic: str) -> Run:
    found = lab.kafkaview("--bootstrap", bootstrap, "scan", topic, "--rule", "json", "--json")
    if found.code:
        raise RuntimeError(found.error.decode()[-2000:])
    return found


def _check(done: Run, poison: int) -> Any:
    if done.code:
        raise RuntimeError((done.out + done.error).decode()[-2000:])
    document = json.loads(done.out)
    assert document["counts"] == {"selected": poison, "sent": poison, "already_sent": 0, "failed": 0}, document[
        "counts"
    ]
    assert document["read_back"] == poison
    return document


def _check_copies(bootstrap: str, topic: str, poison: int, first: dict[int, int]) -> None:
    """One committed copy of each record, and the group behind its first one, before the good record that follows."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": _GROUP,
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    consumer.assign([ClientPartition(f"{topic}-dlq", one, 0) for one in range(_PARTITIONS)])
    sources: Counter[bytes] = Counter()
    ended = 0
    while ended < _PARTITIONS:
        for message in consumer.consume(10_000, 1.0):
            if message.error():
                ended += 1
            else:
                headers: Any = message.headers()
                sources[dict(headers)["kafkaview.source"]] += 1
    assert (len(sources), max(sources.values())) == (poison, 1)
    stands = consumer.committed([ClientPartition(topic, one) for one in sorted(first)], timeout=10)
    assert {one.partition: one.offset for one in stands} == {one: at + 1 for one, at in first.items()}
    consumer.close()


def _perf_test(lab: Lab, bootstrap: str, topic: str, records: int) -> float:
    """Records a second of Kafka's own tool. It ends a transaction by time: the time of as many records as ours have is
    found by a first run.
    """
    create_topics(bootstrap, {topic: _PARTITIONS})
    rate = _run_perf(lab, bootstrap, topic, records, 10_000)
    return _run_perf(lab, bootstrap, topic, records, max(1, round(1_000 * min(records, _PER_TRANSACTION) / rate)))


def _run_perf(lab: Lab, bootstrap: str, topic: str, records: int, transaction_ms: int) -> float:
    jars = Path(kafka_jars("tools-4.3.0", _TOOLS)) / "*"
    done = lab.run(
        *(java(), "-Xmx256m", "-cp", str(jars), "org.apache.kafka.tools.ProducerPerformance", "--topic", topic),
        *("--num-records", str(records), "--record-size", str(len(record(0))), "--throughput", "-1"),
        *("--transactional-id", f"perf-{topic}", "--transaction-duration-ms", str(transaction_ms)),
        *("--producer-props", f"bootstrap.servers={bootstrap}", "acks=all", "compression.type=lz4"),
    )
    found = _RATE_OF_THEIRS.findall(done.out.decode())
    if done.code or not found:
        raise RuntimeError((done.out + done.error).decode()[-2000:])
    sent, rate = found[-1]
    assert int(sent) == records
    return float(rate)
