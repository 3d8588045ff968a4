"""Dead letters of real writers go back to where they came from, byte for byte and each once."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin._acl import AclOperation
from confluent_kafka.admin._resource import ResourcePatternType, ResourceType
from kafka import KafkaAdminClient  # type: ignore[import-untyped]
from kafka.admin import ConfigResource, ConfigResourceType  # type: ignore[import-untyped]

from kafkaview.cli.main import main
from kafkaview.profiles.security import SecretField
from kafkaview.records.one_record import read_record
from kafkaview.session import Session
from kafkaview.terms import Record, RecordId, TopicPartition
from kafkaview.triage.dead_letters.recognition import SETTING
from kafkaview.triage.dead_letters.sent_back import HOPS_HEADER
from kafkaview.triage.provenance_headers import Dialect
from kafkaview.triage.record_reads import read_range
from kafkaview.triage.reroute.planner import plan_reroute
from kafkaview.writes.carrying_out import carry_out
from tests.broker.connect_letters import letters
from tests.broker.connect_worker import failing_sink
from tests.broker.material import ODD_HEADERS, POISON_TIME_MS, Broker, wait_until
from tests.broker.secure_kafka import SecureKafka
from tests.broker.small_transactions import small_transactions
from tests.broker.test_dead_letters import mixed_orders, share_of
from tests.kit.patience import patience

Say = Callable[..., tuple[int, Any]]
Content = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...], int | None]

FOR_EVER: Final = {"retention.ms": "-1"}  # the records are older than what a broker keeps by default
_PROGRAM: Final = (sys.executable, "-m", "kafkaview")


def content(record: Record) -> Content:
    """What of a record has to come back; the count of redrives is left out."""
    headers = tuple((one.key, one.value) for one in record.headers or () if one.key != HOPS_HEADER)
    return record.key, record.value, headers, record.timestamp_ms


async def contents(session: Session, topic: str, partition: int = 0) -> list[Content]:
    """The committed records of a partition."""
    place = TopicPartition(topic, partition)
    bounds = (await session.cluster.offsets([place]))[place]
    found = await read_range(session.cluster, place, bounds.log_start_offset or 0, bounds.last_stable_offset or 0)
    return [content(record) for record in found]


def hops(record: Record) -> list[bytes | None]:
    return [one.value for one in record.headers or () if one.key == HOPS_HEADER]


def odd_topic(broker: Broker) -> str:
    """Records whose keys, values and headers are all that may be odd."""
    topic = broker.topic(partitions=3, settings=FOR_EVER)
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    some: list[tuple[bytes | None, bytes | None]] = [
        (b"k\x00\xff", b"\xff\n\x00"), (None, b"v"), (b"", b""), (b"k", None), (b"k", b"{}"),
    ]  # fmt: skip
    for number, (key, value) in enumerate(some):
        headers: list[tuple[str, str | bytes | None]] = [*ODD_HEADERS] if number % 2 == 0 else []
        producer.produce(topic, value, key, number % 3, timestamp=POISON_TIME_MS + number, headers=headers)
    assert producer.flush(10) == 0
    return topic


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_what_was_sent_away_in_any_dialect_comes_back_byte_for_byte(
    broker: Broker, session: Session, dialect: Dialect, say: Say
) -> None:
    topic, queue = odd_topic(broker), f"q-{uuid.uuid4().hex[:8]}"
    places = [RecordId(topic, 0, 0), RecordId(topic, 1, 0), RecordId(topic, 2, 0), RecordId(topic, 0, 1)]
    sources = [content(await read_record(session.cluster, place)) for place in places]
    plan = await plan_reroute(session, places, groups=[], dlq=queue, dialect=dialect)
    await carry_out(session, plan, lambda _step: None)
    ends = {n: len(await contents(session, topic, n)) for n in range(3)}
    code, document = await asyncio.to_thread(say, "redrive", queue, "--yes")
    assert code == 0, document
    assert document["counts"] == {
        "selected": 4, "unchanged": 4, "mended": 0, "failed": 0, "sent": 4, "already_sent": 0,
        "overtaken": document["counts"]["overtaken"],
    }  # fmt: skip
    assert (document["transaction"], document["read_back"], document["doubt"]) == ("committed", 4, None)
    back = {n: (await contents(session, topic, n))[ends[n] :] for n in range(3)}
    assert sorted(back[0], key=repr) == sorted([sources[0], sources[3]], key=repr)
    assert (back[1], back[2]) == ([sources[1]], [sources[2]])
    code, again = await asyncio.to_thread(say, "redrive", queue, "--yes")
    assert (code, again["counts"]["sent"], again["counts"]["already_sent"]) == (0, 0, 4)
    assert {n: len(await contents(session, topic, n)) for n in range(3)} == {0: 4, 1: 3, 2: 2}


@pytest.mark.parametrize("context", [True, False])
async def test_what_a_sink_of_connect_sent_away_comes_back(
    broker: Broker, session: Session, tmp_path: Path, say: Say, *, context: bool
) -> None:
    topic, sink = mixed_orders(broker), f"sink-{uuid.uuid4().hex[:8]}"
    queue = f"{sink}-dlq"
    with failing_sink(broker.bootstrap, tmp_path, sink, topic, queue, context=context):
        wait_until(lambda: broker.exists(queue) and len(broker.read_committed(queue)) == 5, 60)
    before = await contents(session, topic)
    sent_away = before[1::2]
    if not context:
        code, refused = await asyncio.to_thread(say, "redrive", queue, "--yes")
        assert (code, refused["error"]["kind"]) == (4, "refused")
        assert "no header of a known dialect names its origin" in refused["error"]["message"]
        assert "--to" in refused["error"]["hint"]
        code, shown = await asyncio.to_thread(say, "redrive", queue, "--dry-run")
        assert [one["record"] for one in shown["failed"]] == [f"{queue}:0:{offset}" for offset in range(5)]
    code, document = await asyncio.to_thread(say, "redrive", queue, *([] if context else ["--to", topic]), "--yes")
    assert code == 0, document
    assert document["counts"]["sent"] == 5
    after = await contents(session, topic)
    assert after[:10] == before
    assert sorted(after[10:]) == sorted(sent_away)


@pytest.mark.parametrize("copied", [True, False])
async def test_what_a_share_group_rejected_comes_back(
    broker: Broker, session: Session, say: Say, *, copied: bool
) -> None:
    unique = uuid.uuid4().hex[:8]
    topic, queue, group = broker.topic(settings=FOR_EVER), f"dlq.{unique}", f"share-{unique}"
    await session.cluster.create_topic(queue, 1, 1, {SETTING: "true"})
    admin = KafkaAdminClient(bootstrap_servers=broker.bootstrap)
    try:
        settings = {
            "errors.deadletterqueue.topic.name": queue,
            "errors.deadletterqueue.copy.record.enable": str(copied).lower(),
            "share.auto.offset.reset": "earliest",
        }
        admin.alter_configs([ConfigResource(ConfigResourceType.GROUP, group, configs=settings)])
    finally:
        admin.close()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(6):
        producer.produce(
            topic, b"v%d" % number, b"k", partition=0, timestamp=POISON_TIME_MS + number, headers=list(ODD_HEADERS)
        )
    assert producer.flush(10) == 0
    share_of(broker, topic, group, 6)
    wait_until(lambda: len(broker.read_committed(queue)) == 3)
    assert all((value is None) is not copied for _key, value, _headers in broker.read_committed(queue))
    before = await contents(session, topic)
    code, document = await asyncio.to_thread(say, "redrive", queue, "--yes")
    assert code == 0, document
    assert (document["counts"]["sent"], document["counts"]["overtaken"]) == (3, 2)  # at 2 and 4
    told = [one for one in document["plan"]["cautions"] if "not copied into the queue" in one]
    assert len(told) == (0 if copied else 1)
    after = await contents(session, topic)
    assert sorted(after[6:]) == sorted(before[1::2])


async def test_a_value_that_was_not_copied_and_is_gone_stays(broker: Broker, session: Session, say: Say) -> None:
    topic, queue = broker.topic(settings=FOR_EVER), broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(2):
        producer.produce(topic, b"v%d" % number, b"k", 0)
        names: list[tuple[str, str | bytes | None]] = [
            ("__dlq.errors.topic", topic.encode()),
            ("__dlq.errors.partition", b"0"),
            ("__dlq.errors.offset", b"%d" % number),
        ]
        producer.produce(queue, None, None, 0, headers=names)
    assert producer.flush(10) == 0
    broker.purge(topic, 1)
    code, document = await asyncio.to_thread(say, "redrive", queue, "--yes")
    assert (code, document["counts"]["sent"], document["counts"]["failed"]) == (0, 1, 1)
    assert document["failed"][0]["record"] == f"{queue}:0:0"
    assert "neither there any more nor in the journal" in document["failed"][0]["reason"]
    assert [value for _key, value, *_ in await contents(session, topic)] == [b"v1", b"v1"]


def test_a_record_that_came_back_too_often_stays(broker: Broker, say: Say) -> None:
    topic, queue = broker.topic(), broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for count in (b"4", b"5"):
        names: list[tuple[str, str | bytes | None]] = [
            (HOPS_HEADER, count), ("__connect.errors.topic", topic.encode()), ("__connect.errors.partition", b"0"),
        ]  # fmt: skip
        producer.produce(queue, b"v" + count, b"k", 0, headers=names)
    assert producer.flush(10) == 0
    code, document = say("redrive", queue, "--yes")
    assert (code, document["counts"]["sent"], document["counts"]["failed"]) == (0, 1, 1)
    assert "it was sent back 5 times already" in document["failed"][0]["reason"]
    ((_, value, headers),) = broker.read_committed(topic)
    assert (value, headers) == (b"v4", [(HOPS_HEADER, b"5")])
    code, document = say("redrive", queue, "--to", queue, "--yes")
    assert (code, document["error"]["message"]) == (4, f"{queue} is the queue itself")


def test_a_partition_that_is_gone_is_asked_about_and_read_only_is_refused(broker: Broker, say: Say) -> None:
    queue, topic = broker.topic(), broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    names: list[tuple[str, str | bytes | None]] = [
        ("__connect.errors.topic", topic.encode()),
        ("__connect.errors.partition", b"4"),
        ("__connect.errors.offset", b"0"),
    ]
    producer.produce(queue, b"v", b"k", 0, headers=names)
    assert producer.flush(10) == 0
    code, document = say("redrive", queue, "--yes")
    assert (code, document["error"]["kind"]) == (4, "refused")
    assert f"{topic} has no partition 4 any more" in document["error"]["message"]
    assert "--partition key" in document["error"]["hint"]
    code, document = say("-X", "read.only=true", "redrive", queue, "--partition", "key", "--yes")
    assert (code, document["error"]["kind"]) == (4, "read_only")
    assert broker.read_committed(topic) == []
    code, document = say("redrive", queue, "--partition", "key", "--yes")
    assert (code, document["counts"]["sent"]) == (0, 1)


def values_of(broker: Broker, topic: str) -> Counter[bytes | None]:
    return Counter(value for _key, value, _headers in broker.read_committed(topic))


def sent_so_far(broker: Broker, topic: str) -> int:
    return sum(values_of(broker, topic).values())


def test_an_interrupted_redrive_says_what_stands_and_goes_on(broker: Broker, say: Say, tmp_path: Path) -> None:
    topic, queue = letters(broker, 4_000)
    line = ["--bootstrap", broker.bootstrap, "redrive", queue, "--yes"]
    variables = {**os.environ, **small_transactions(tmp_path / "small", 40)}
    process = subprocess.Popen([*_PROGRAM, *line], stderr=subprocess.PIPE, text=True, env=variables)
    wait_until(lambda: process.poll() is not None or sent_so_far(broker, topic) > 100)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=patience(30))[1]
    assert process.returncode == 130, said
    assert "It was interrupted" in said
    stands = sent_so_far(broker, topic)
    assert 100 < stands < 4_000
    assert f"{stands:,} of 4,000 dead letters" in said
    code, document = say("redrive", queue, "--yes")
    assert (code, document["counts"]["already_sent"], document["counts"]["sent"]) == (0, stands, 4_000 - stands)
    assert values_of(broker, topic) == Counter({b"v%d" % number: 1 for number in range(4_000)})


def test_what_brokers_do_not_take_is_named_and_the_others_are_sent(broker: Broker, say: Say) -> None:
    """Text of 64 characters: zlib, by which a plan estimates, packs it; lz4, by which it is sent, does not."""
    large = base64.b64encode(random.Random(7).randbytes(45_000))
    topic, queue = broker.topic(settings={"max.message.bytes": str(len(large) - 5_000)}), broker.topic()
    producer = Producer({"bootstrap.servers": broker.bootstrap})
    for number in range(40):
        names: list[tuple[str, str | bytes | None]] = [
            ("__connect.errors.topic", topic.encode()),
            ("__connect.errors.partition", b"0"),
        ]
        producer.produce(queue, large if number in (7, 30) else b"v%d" % number, b"k", 0, headers=names)
    assert producer.flush(10) == 0
    code, document = say("redrive", queue, "--yes")
    assert (code, document["counts"]["sent"], document["counts"]["failed"]) == (0, 38, 2), document
    assert [one["record"] for one in document["failed"]] == [f"{queue}:0:7", f"{queue}:0:30"]
    assert all("MSG_SIZE_TOO_LARGE" in one["reason"] for one in document["failed"])
    assert values_of(broker, topic) == Counter({b"v%d" % number: 1 for number in range(40) if number not in (7, 30)})
    code, again = say("redrive", queue, "--yes")
    assert (again["counts"]["already_sent"], again["counts"]["sent"]) == (38, 0)


def test_of_two_at_the_same_time_each_record_is_sent_once(broker: Broker, say: Say, tmp_path: Path) -> None:
    topic, queue = letters(broker, 3_000)
    line = ["--bootstrap", broker.bootstrap, "redrive", queue, "--yes", "--json"]
    variables = {**os.environ, **small_transactions(tmp_path / "small", 40)}
    running = [subprocess.Popen([*_PROGRAM, *line], stdout=subprocess.PIPE, env=variables) for _ in range(3)]
    for process in running:
        process.communicate(timeout=patience(60))
    code, document = say("redrive", queue, "--yes")
    assert code == 0, document
    assert document["counts"]["sent"] + document["counts"]["already_sent"] == 3_000
    assert values_of(broker, topic) == Counter({b"v%d" % number: 1 for number in range(3_000)})


def test_tens_of_thousands_are_sent_in_seconds(broker: Broker, say: Say) -> None:
    topic, queue = letters(broker, 20_000)
    begun = time.monotonic()
    code, document = say("redrive", queue, "--yes")
    took = time.monotonic() - begun
    assert (code, document["counts"]["sent"], document["plan"]["transactions"]) == (0, 20_000, 4)
    assert len(document["done"]) == 20_000
    assert values_of(broker, topic) == Counter({b"v%d" % number: 1 for number in range(20_000)})
    print(f"20,000 dead letters planned, sent and read back in {took:.1f} s")


def test_missing_rights_are_problems_of_the_plan_and_nothing_is_sent(
    secure_kafka: SecureKafka,
    tmp_path: Path,
    tmp_home: Path,  # noqa: ARG001
    capsys: pytest.CaptureFixture[str],
) -> None:
    broker = Broker(secure_kafka.bootstrap("PLAINTEXT"))
    topic, queue = letters(broker, 30)
    profile, secrets = secure_kafka.way("SASL_SSL", mechanism="SCRAM-SHA-256", user="nobody")
    config = tmp_path / "client.properties"
    config.write_text(
        f"""bootstrap.servers={profile.bootstrap}
security.protocol=SASL_SSL
sasl.mechanism=SCRAM-SHA-256
sasl.username=nobody
sasl.password={secrets.get(SecretField.SASL_PASSWORD)}
ssl.ca.location={profile.security.tls.ca_file}
"""
    )

    def ask(*words: str) -> tuple[int, Any]:
        code = main(["--config", str(config), "redrive", queue, *words, "--json"])
        return code, orjson.loads(capsys.readouterr().out)

    prefixed = ResourcePatternType.PREFIXED
    read = [(ResourceType.TOPIC, AclOperation.READ, name) for name in (topic, queue)]
    with secure_kafka.allowing_nobody(read) as allow:
        code, document = ask("--dry-run")
        assert code == 5, document
        hints = " ".join(document["plan"]["hints"])
        for right in (
            f"READ on Group kafkaview-redrive-{queue}",
            f"WRITE on TransactionalId kafkaview-redrive-{queue}",
        ):
            assert right in hints
        assert ask("--yes")[0] == 5
        allow(ResourceType.GROUP, AclOperation.READ, "kafkaview-redrive-", prefixed)
        allow(ResourceType.TRANSACTIONAL_ID, AclOperation.WRITE, "kafkaview-redrive-", prefixed)
        code, document = ask("--dry-run")
        assert (code, document["plan"]["hints"]) == (5, [f"Ask for the right WRITE on Topic {topic}."])
        assert ask("--yes")[0] == 5
        assert broker.read_committed(topic) == []
        allow(ResourceType.TOPIC, AclOperation.WRITE, topic)
        code, document = ask("--yes")
        assert (code, document["counts"]["sent"]) == (0, 30), document
    assert values_of(broker, topic) == Counter({b"v%d" % number: 1 for number in range(30)})
