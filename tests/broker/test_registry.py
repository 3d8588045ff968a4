"""Records that a registry describes, on real parts: scanned, named as poison, and re-routed byte for byte."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import orjson
import pytest
from confluent_kafka import Producer, ShareConsumer
from confluent_kafka.serialization import MessageField

from kafkaview.cli.main import main
from kafkaview.cluster.errors import DecoderUnavailable
from kafkaview.decode.choices import DecoderChoice
from kafkaview.decode.coordinator_records import INTERNAL_TOPICS
from kafkaview.decode.reading import read_records
from kafkaview.decode.registry import parse_rule
from kafkaview.demo.kafka import EmbeddedKafka
from kafkaview.profiles.profile import ConnectionProfile, SchemaRegistry
from kafkaview.records import passage
from kafkaview.records import read as browsing
from kafkaview.records.detail import RecordDetails
from kafkaview.records.request import ReadRequest
from kafkaview.records.statistics import StatisticsRequest, topic_statistics
from kafkaview.session import Session, open_session
from kafkaview.terms import Record, TopicPartition
from kafkaview.triage.scan import scan as scanning
from tests.broker import coordinator_layouts
from tests.broker.material import Broker, wait_until
from tests.broker.registry_records import (
    LATER_ORDER,
    UNKNOWN_ID,
    RegistryWriter,
    fill,
    fill_with_poison,
    registry_reader,
)
from tests.broker.schema_registry import EmbeddedRegistry

pytestmark = pytest.mark.usefixtures("tmp_home")


@pytest.fixture
async def session(broker: Broker, registry: EmbeddedRegistry, tmp_path: Path) -> AsyncIterator[Session]:
    profile = ConnectionProfile("test", broker.bootstrap, schema_registry=SchemaRegistry(registry.url))
    async with open_session(profile, journal=tmp_path / "journal.sqlite3") as session:
        yield session


@pytest.fixture
def group() -> str:
    return f"g-{uuid.uuid4().hex[:8]}"


async def records_of(session: Session, topic: str, partition: int = 0) -> list[Record]:
    place = TopicPartition(topic, partition)
    bounds = (await session.cluster.offsets([place]))[place]
    assert bounds.last_stable_offset is not None
    return [
        record
        async for batch in session.cluster.read({place: 0}, {place: bounds.last_stable_offset})
        for record in batch.records
    ]


async def test_what_confluents_serializers_write_is_shown(
    broker: Broker, session: Session, writer: RegistryWriter
) -> None:
    topic = broker.topic()
    key = writer.order(topic, {"id": "k", "total": {"units": 1}}, field=MessageField.KEY)
    fill(
        broker,
        topic,
        [
            (key, writer.order(topic, {"id": "o-1", "total": {"units": 2**62}})),
            (b"k", writer.order(topic, {"id": "o-2", "total": {"units": -1}, "note": "é"}, LATER_ORDER)),
            (None, writer.payment(f"{topic}-p", id="p-1", cents=-7)),
            (None, writer.price(f"{topic}-j", {"cents": 12})),
        ],
    )
    rule, records = parse_rule("registry"), await records_of(session, topic)
    found = await read_records(session.decoders, session.cluster, records, key=rule, value=rule, seconds=30.0)
    texts = [" ".join(one.value.text.split()) if one.value and one.value.text else None for one in found]
    assert texts == [
        '{ "id": "o-1", "total": { "units": 4611686018427387904 } }',
        '{ "id": "o-2", "total": { "units": -1 }, "note": "é" }',
        '{ "id": "p-1", "cents": -7 }',
        '{ "cents": 12 }',
    ]
    labels = [one.value.schema for one in found if one.value is not None and one.value.schema is not None]
    assert [(one.kind, one.subject, one.version) for one in labels] == [
        ("AVRO", f"{topic}-value", 1),
        ("AVRO", f"{topic}-value", 2),
        ("PROTOBUF", f"{topic}-p-value", 1),
        ("JSON", f"{topic}-j-value", 1),
    ]
    assert found[0].key is not None
    assert found[0].key.schema is not None
    assert found[0].key.schema.subject == f"{topic}-key"
    assert found[1].key is not None
    assert found[1].key.problem is not None  # not of the wire format


async def test_records_are_browsed_filtered_and_opened_as_their_schema_reads_them(
    broker: Broker, session: Session, writer: RegistryWriter
) -> None:
    topic = broker.topic()
    orders = [writer.order(topic, {"id": f"o-{number}", "total": {"units": number}}) for number in range(30)]
    fill(broker, topic, [(b"k", order) for order in orders[:20]])
    fill(broker, topic, [(b"k", UNKNOWN_ID)])
    rows = [row async for batch in browsing.read_records(session, ReadRequest(topic)) for row in batch.rows]
    assert " ".join(rows[7].value.split()) == '{ "id": "o-7", "total": { "units": 7 } }'
    assert [row.offset for row in rows if row.problem] == [20]
    assert rows[20].problem == "bytes 1 to 4 of the value: the registry has no schema id 65535"
    search = ReadRequest(topic, where="value.total.units >= 17")
    batches = [batch async for batch in browsing.read_records(session, search)]
    assert [row.offset for batch in batches for row in batch.rows] == [17, 18, 19]
    assert batches[-1].progress.failed == 1
    detail = await RecordDetails(session).at(TopicPartition(topic, 0), 3, uncommitted=False)
    assert detail.value_reading is not None
    assert detail.value_reading.schema is not None
    assert f"{topic}-value" in detail.value_reading.schema
    assert '"o-3"' in (detail.value_reading.text or "")


async def test_the_schema_of_a_record_is_shown_and_counted(
    broker: Broker, session: Session, writer: RegistryWriter
) -> None:
    topic = broker.topic()
    key = writer.order(topic, {"id": "k", "total": {"units": 1}}, field=MessageField.KEY)
    fill(broker, topic, [(key, writer.order(topic, {"id": f"o-{n}", "total": {"units": n}})) for n in range(5)])
    value, of_key = await RecordDetails(session).schemas(TopicPartition(topic, 0), 3)
    assert (value.field, value.kind, value.subject, value.version, value.problem) == (
        "value", "Avro", f"{topic}-value", 1, None
    )  # fmt: skip
    assert (of_key.field, of_key.subject) == ("key", f"{topic}-key")
    assert '"name": "Order"' in value.text
    assert len(value.references) == 1
    assert value.link is not None
    assert value.link.endswith(f"/subjects/{topic}-value/versions/1")
    async with aclosing(topic_statistics(session, StatisticsRequest(topic))) as steps:
        *_, last = [step async for step in steps]
    assert last.schemas is not None
    assert [(one.field, one.records) for one in last.schemas] == [("key", 5), ("value", 5)]
    assert all(one.label is not None and topic in one.label for one in last.schemas)


async def test_records_whose_registry_gives_no_answer_are_shown_as_bytes_and_not_called_unreadable(
    broker: Broker, writer: RegistryWriter, closed_port: int
) -> None:
    topic = broker.topic()
    fill(broker, topic, [(b"k", writer.order(topic, {"id": "o-1", "total": {"units": 1}}))])
    away = SchemaRegistry(f"http://127.0.0.1:{closed_port}")
    async with open_session(ConnectionProfile("test", broker.bootstrap, schema_registry=away)) as session:
        await session.decoders.remember(topic, DecoderChoice(value="registry"))
        rows = [row async for batch in browsing.read_records(session, ReadRequest(topic)) for row in batch.rows]
        assert [(row.problem, "o-1" in row.value) for row in rows] == [(None, True)]


def test_the_command_line_prints_a_record_with_the_id_of_its_schema(
    broker: Broker, registry: EmbeddedRegistry, writer: RegistryWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    topic = broker.topic()
    order = writer.order(topic, {"id": "o-1", "total": {"units": 1}})
    fill(broker, topic, [(None, order), (None, order), (None, order)])
    cluster = ["--bootstrap", broker.bootstrap, "-X", f"schema.registry.url={registry.url}"]
    assert main([*cluster, "records", topic, "--max", "1", "--json"]) == 0
    line = orjson.loads(capsys.readouterr().out.splitlines()[0])
    assert (line["decoder"], line["schema_id"], line["error"]) == ("registry", int.from_bytes(order[1:5]), None)
    assert orjson.loads(line["value"]) == {"id": "o-1", "total": {"units": 1}}


@pytest.mark.parametrize("processes", [0, 2])
async def test_a_scan_finds_what_the_registry_does_not_describe(
    broker: Broker, session: Session, writer: RegistryWriter, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    topic = broker.topic()
    good = writer.order(topic, {"id": "o-1", "total": {"units": 7}})
    cut = writer.payment(f"{topic}-p", id="payment", cents=7)[:-6]
    key = writer.order(topic, {"id": "k", "total": {"units": 1}}, field=MessageField.KEY)
    records = [(key, good)] * 50 + [(key, UNKNOWN_ID), (key[:-1], good), (key, cut), (None, None), (key, good)]
    fill(broker, topic, records)
    monkeypatch.setattr(passage, "count_workers", lambda _offsets: processes)
    rule = parse_rule("registry")
    async with aclosing(scanning.scan(session, [topic], value_rules=[rule], key_rules=[rule])) as steps:
        progress = [step async for step in steps]
    found = [(one.record.offset, one.field, one.reason) for step in progress for one in step.findings]
    assert found == [
        (50, "value", "bytes 1 to 4 of the value: the registry has no schema id 65535"),
        (51, "key", f"byte {len(key) - 2} of the key: the bytes end inside a long (total.units)"),
        (52, "value", "byte 8 of the value: id has a length of 7, 3 bytes are left (id)"),
    ]
    assert progress[-1].complete


@pytest.mark.parametrize("processes", [0, 1])
async def test_a_scan_ends_where_the_registry_gives_no_answer(
    broker: Broker, writer: RegistryWriter, monkeypatch: pytest.MonkeyPatch, closed_port: int, processes: int
) -> None:
    topic = broker.topic()
    fill(broker, topic, [(None, writer.order(topic, {"id": "o-1", "total": {"units": 7}}))])
    monkeypatch.setattr(passage, "count_workers", lambda _offsets: processes)
    away = SchemaRegistry(f"http://127.0.0.1:{closed_port}")
    async with open_session(ConnectionProfile("test", broker.bootstrap, schema_registry=away)) as session:
        with pytest.raises(DecoderUnavailable, match="its schema is not known: http://"):
            _ = [step async for step in scanning.scan(session, [topic], value_rules=[parse_rule("registry")])]


@pytest.mark.parametrize("kind", ["avro", "protobuf"])
def test_a_group_that_stands_on_a_record_of_no_schema_is_moved_past_it(
    broker: Broker,
    registry: EmbeddedRegistry,
    writer: RegistryWriter,
    group: str,
    capsys: pytest.CaptureFixture[str],
    kind: str,
) -> None:
    def line(*words: str) -> tuple[int, dict[str, Any]]:
        cluster = ["--bootstrap", broker.bootstrap, "-X", f"schema.registry.url={registry.url}"]
        code = main([*cluster, *words, "--json"])
        return code, orjson.loads(capsys.readouterr().out)

    topic = broker.topic()
    poison, reason = fill_with_poison(broker, topic, writer, kind)
    with registry_reader(broker.bootstrap, registry.url, topic, group, kind):
        wait_until(lambda: broker.committed_offsets(group, topic) == 10)
        code, document = line("stuck", group)
        (stuck,) = document["stuck"]
        assert (code, stuck["verdict"], stuck["reason"]) == (0, "poison", reason)
        assert (stuck["rule"], stuck["record"]["offset"]) == ("registry", 10)
        code, document = line(
            "reroute", f"{topic}:0:10", "--to", f"{topic}-dlq", "--create-dlq", "--group", group, "--evict", "--yes"
        )
        assert code == 0, document
        assert document["transaction"] == "committed"
        wait_until(lambda: broker.committed_offsets(group, topic) == 21)
    ((key, value, headers),) = broker.read_committed(f"{topic}-dlq")
    assert (key, value) == (b"\xff", poison)
    assert any(reason.encode() in (text or b"") for _, text in headers)


def take_as_share_group(broker: Broker, topic: str, group: str) -> None:
    """Reads and acknowledges a record in a share group, whose state the broker keeps in a topic then."""
    consumer, producer = (
        ShareConsumer({"bootstrap.servers": broker.bootstrap, "group.id": group}),
        Producer({"bootstrap.servers": broker.bootstrap}),
    )
    consumer.subscribe([topic])

    def takes() -> bool:
        producer.produce(topic, b"{}", partition=0)
        return producer.flush(5) == 0 and bool(consumer.poll(0.5))

    wait_until(takes)
    consumer.commit_sync()
    consumer.close()


async def test_every_record_of_kafkas_own_topics_is_readable(
    broker: Broker, session: Session, group: str, kafka: EmbeddedKafka
) -> None:
    topic = broker.topic()
    fill(broker, topic, [(None, b"{}")] * 3)
    broker.commit(group, topic, 2)
    producer = Producer({"bootstrap.servers": kafka.bootstrap, "transactional.id": group})
    producer.init_transactions(10)
    producer.begin_transaction()
    producer.produce(topic, b"{}", partition=0)
    producer.commit_transaction(10)
    take_as_share_group(broker, topic, f"share-{group}")
    rule = parse_rule("internal")
    for internal in INTERNAL_TOPICS:
        async with aclosing(scanning.scan(session, [internal], value_rules=[rule], key_rules=[rule])) as steps:
            progress = [step async for step in steps]
        assert [one for step in progress for one in step.findings] == []
        assert progress[-1].scanned > 0
    commits = []
    for partition in (await session.cluster.topic("__consumer_offsets")).partitions:
        records = await records_of(session, "__consumer_offsets", partition.topic_partition.partition)
        for one in await read_records(session.decoders, session.cluster, records):
            assert one.key is not None
            assert one.key.text is not None
            if f'"{group}"' in one.key.text and one.value is not None:
                assert one.value.text is not None
                commits.append((orjson.loads(one.key.text), orjson.loads(one.value.text)))
    assert [
        (key["data"]["topic"], value["data"]["offset"]) for key, value in commits if key["type"] == "OffsetCommitKey"
    ] == [(topic, 2)]


def test_the_layouts_are_those_of_the_release_that_is_started() -> None:
    assert coordinator_layouts.FILE.read_text(encoding="utf-8") == coordinator_layouts.text()
