"""Records that name their schema in a registry, which may be slow, down or not know it."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from types import SimpleNamespace

import pytest

from kafkaview.cluster.ports.schemas import NamedSchema, RegisteredSchema, SchemaReference
from kafkaview.decode.choices import DecoderChoice
from kafkaview.decode.reading import FieldReading, read_records, report_record
from kafkaview.decode.registered_schema import Registered
from kafkaview.decode.registry import parse_rule
from kafkaview.decode.result import Decoded, SchemaLabel, Surroundings, Undecodable
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.topics import TopicDecoders
from kafkaview.terms import Header, Record, TimestampType
from tests.kit.fake_cluster import FakeCluster
from tests.unit.decode.registered import ORDER, MemoryRegistry, avro, framed, order_schema
from tests.unit.decode.test_avro import VALUE

GUID = "00112233-4455-6677-8899-aabbccddeeff"
WHOLE = avro(ORDER, VALUE)
JSON_SCHEMA = RegisteredSchema(
    "JSON",
    '{"type": "object", "required": ["id"], "properties": {"total": {"$ref": "money.json"}}}',
    (NamedSchema("money.json", '{"type": "integer"}'),),
    (("prices-value", 2),),
)


def record(
    value: bytes | None, key: bytes | None = None, headers: tuple[Header, ...] = (), topic: str = "orders"
) -> Record:
    return Record(topic, 0, 0, 0, TimestampType.CREATE_TIME, key, value, headers)


@pytest.fixture
def registry() -> MemoryRegistry:
    broken = RegisteredSchema("AVRO", '{"type": "nonsense"}')
    thrift = RegisteredSchema("THRIFT", "struct A {}")
    return MemoryRegistry({7: order_schema(GUID), 8: JSON_SCHEMA, 9: broken, 10: thrift})


@pytest.fixture
def decoders(registry: MemoryRegistry) -> TopicDecoders:
    return TopicDecoders(Schemas(registry))


async def read(decoders: TopicDecoders, one: Record, seconds: float = 5.0) -> FieldReading:
    (found,) = await read_records(
        decoders, FakeCluster(), [one], key=parse_rule("registry"), value=parse_rule("registry"), seconds=seconds
    )
    assert found.value is not None
    return found.value


async def test_a_value_is_read_by_the_schema_in_front_of_it(decoders: TopicDecoders) -> None:
    found = await read(decoders, record(framed(7, WHOLE)))
    assert found.schema == SchemaLabel(7, GUID, "AVRO", "orders-value", 3)
    assert str(found.schema) == "Avro, orders-value version 3 (id 7)"
    assert found.text is not None
    assert json.loads(found.text)["status"] == "PAID"


async def test_a_value_is_read_by_the_schema_in_its_header(decoders: TopicDecoders) -> None:
    by_guid = Header("__value_schema_id", b"\x01" + uuid.UUID(GUID).bytes)
    by_id = Header("__value_schema_id", b"\x00\x00\x00\x00\x07")
    for header in (by_guid, by_id):
        found = await read(decoders, record(WHOLE, None, (header,)))
        assert found.problem is None
        assert found.schema is not None
        assert found.schema.kind == "AVRO"
    odd = await read(decoders, record(WHOLE, None, (Header("__value_schema_id", b"\x02"),)))
    assert odd.problem is not None
    assert odd.problem.reason == "the header __value_schema_id holds neither an id nor a GUID of a schema (02)"


async def test_a_value_is_held_to_a_json_schema_and_those_that_it_refers_to(decoders: TopicDecoders) -> None:
    assert (await read(decoders, record(framed(8, b'{"id": 1, "total": 5, "total": 6}')))).problem is None
    found = await read(decoders, record(framed(8, b'{"id": 1, "total": "5"}')))
    assert found.problem is not None
    assert found.problem.reason == "total is a string where an integer belongs, at byte 24"
    assert found.problem.position == 24
    for data in (b'{"id": ', b"", b" "):
        found = await read(decoders, record(framed(8, data)))
        assert found.problem is not None
        assert found.problem.decoder == "registry"


async def test_numbers_and_duplicate_names_stay_what_they_are(decoders: TopicDecoders) -> None:
    found = await read(decoders, record(framed(8, b'{"id":12345678901234567890123,"a":0.10,"a":1}')))
    assert found.text == '{\n  "id": 12345678901234567890123,\n  "a": 0.10,\n  "a": 1\n}'


async def test_an_unknown_schema_is_asked_for_once_and_its_bytes_are_named(
    decoders: TopicDecoders, registry: MemoryRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        found = await read(decoders, record(framed(99, WHOLE)))
        assert found.problem is not None
    assert found.problem is not None
    assert found.problem.reason == "bytes 1 to 4 of the value: the registry has no schema id 99"
    assert (found.problem.position, found.problem.length, found.problem.judged) == (1, 4, True)
    assert found.schema == SchemaLabel(99)
    assert registry.asked == [SchemaReference(99)]
    registry.schemas[99] = order_schema()
    later = SimpleNamespace(monotonic=lambda: time.monotonic() + 61)
    monkeypatch.setattr("kafkaview.decode.schemas.time", later)
    assert (await read(decoders, record(framed(99, WHOLE)))).problem is None


async def test_a_registry_that_is_down_makes_no_record_poison(
    decoders: TopicDecoders, registry: MemoryRegistry
) -> None:
    registry.is_down = True
    found = await read(decoders, record(framed(7, WHOLE)))
    assert found.problem is not None
    assert not found.problem.judged
    assert found.problem.reason == "its schema is not known: http://registry gives no answer within 10 s"


async def test_a_slow_registry_is_not_waited_for() -> None:
    gate = threading.Event()

    def ask(_reference: SchemaReference) -> RegisteredSchema:
        gate.wait(30)
        return order_schema()

    decoders = TopicDecoders(Schemas(ask))
    found = await read(decoders, record(framed(7, WHOLE)), seconds=0)
    assert found.problem is not None
    assert found.problem.reason == "its schema is not known: the registry is being asked"
    assert not found.problem.judged
    gate.set()
    assert (await read(decoders, record(framed(7, WHOLE)))).problem is None


async def test_questions_under_way_end_with_the_session() -> None:
    gate = threading.Event()

    def ask(_reference: SchemaReference) -> RegisteredSchema:
        gate.wait(30)
        return order_schema()

    schemas = Schemas(ask)
    await schemas.learn([SchemaReference(1)], 0)
    await asyncio.wait_for(schemas.close(), 5)
    gate.set()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (
            9,
            "its schema is not known: schema id 9 cannot be used: it names the type nonsense, which it does not define",
        ),
        (10, "its schema is not known: schema id 10 cannot be used: it is of the type THRIFT, which is not read here"),
    ],
)
async def test_a_schema_that_cannot_be_used_makes_no_record_poison(
    decoders: TopicDecoders, number: int, reason: str
) -> None:
    found = await read(decoders, record(framed(number, WHOLE)))
    assert found.problem is not None
    assert (found.problem.reason, found.problem.judged) == (reason, False)


@pytest.mark.parametrize(
    ("data", "reason", "position"),
    [
        (b"", "the value is empty: 0 bytes. A tombstone would be null", None),
        (b"\x01abcdef", "byte 0 of the value is 01, not the magic byte 00 of the wire format with a schema id", 0),
        (b"\x00\x00\x00", "the value ends inside the schema id at byte 2", 2),
        (b"Obj\x01\x04", "byte 0 of the value opens an Avro container file, not a value with a schema id in front", 0),
        (framed(7, b""), "the value is empty: nothing follows its schema id", 4),
        (framed(7, WHOLE[:-1]), "the bytes end inside", len(WHOLE) + 3),
        (framed(7, WHOLE + b"\x00"), "the value has ended, 1 more byte follows", len(WHOLE) + 5),
    ],
)
async def test_what_is_not_of_the_wire_format_is_named(
    decoders: TopicDecoders, data: bytes, reason: str, position: int | None
) -> None:
    found = await read(decoders, record(data))
    assert found.problem is not None
    assert reason in found.problem.reason
    assert found.problem.position == position


@pytest.mark.parametrize("number", [7, 8])
async def test_an_empty_value_whose_header_names_a_schema_is_named(decoders: TopicDecoders, number: int) -> None:
    header = Header("__value_schema_id", b"\x00" + number.to_bytes(4, "big"))
    found = await read(decoders, record(b"", None, (header,)))
    assert found.problem is not None
    assert (found.problem.reason, found.problem.position) == ("the value is empty: 0 bytes", None)


def test_without_a_registry_nothing_is_judged() -> None:
    problem = Registered().problem(framed(7, WHOLE))
    assert problem is not None
    assert (problem.reason, problem.judged) == (
        "its schema is not known: this connection names no schema registry",
        False,
    )


def test_schemas_are_waited_for_where_nothing_is_shown_meanwhile(registry: MemoryRegistry) -> None:
    decoder = Registered(Schemas(registry).waiting()).within(Surroundings("orders"))
    assert isinstance(decoder.decode(framed(7, WHOLE)), Decoded)
    for _ in range(3):
        assert isinstance(decoder.decode(framed(99, WHOLE)), Undecodable)
    assert registry.asked == [SchemaReference(7), SchemaReference(99)]


async def test_bytes_that_only_look_framed_do_not_flood_the_registry(
    decoders: TopicDecoders, registry: MemoryRegistry
) -> None:
    records = [record(framed(1_000 + number, b"x")) for number in range(300)]
    await read_records(decoders, FakeCluster(), records, key=parse_rule("hex"), value=parse_rule("hex"))
    assert len(registry.asked) <= 50


async def test_without_a_rule_each_field_is_read_as_what_it_looks_like(decoders: TopicDecoders) -> None:
    cluster = FakeCluster()
    values = [framed(7, WHOLE), b'{"a": 0.10}', b"text", b"\xa1\x61a\x01", b"\x91\x01", b"\x00\xff\xfe", None]
    readings = await read_records(decoders, cluster, [record(value, b"k", topic="nowhere") for value in values])
    words = [one.value.decoder if one.value is not None else None for one in readings]
    assert words == ["registry", "json", "utf8", "cbor", "msgpack", "hex", None]
    assert {one.key.decoder for one in readings if one.key is not None} == {"utf8"}
    assert readings[1].value is not None
    assert readings[1].value.text == '{\n  "a": 0.10\n}'
    assert readings[5].value is not None
    assert readings[5].value.text == "00 ff fe"


async def test_the_report_says_of_each_decoder_what_came_of_it(decoders: TopicDecoders) -> None:
    rows = await report_record(decoders, record(framed(99, WHOLE)), "value", None, 5.0)
    assert [(row.title, row.fits) for row in rows] == [
        ("a registered schema", False),
        ("UTF-8", False),
        ("JSON", False),
    ]
    assert rows[0].position == 1
    assert rows[0].text == "bytes 1 to 4 of the value: the registry has no schema id 99"
    rows = await report_record(decoders, record(framed(7, WHOLE)), "value", None, 5.0)
    assert rows[0].text == "reads the whole value, as Avro, orders-value version 3 (id 7)"
    assert await report_record(decoders, record(None), "value") == ()


async def test_a_choice_counts_at_once_and_its_end_too(decoders: TopicDecoders) -> None:
    cluster = FakeCluster()
    cluster.add_topic("orders")
    cluster.add_record("orders", b'{"a": 1}', key=b"k")
    await decoders.remember("orders", DecoderChoice(key="long", value="registry"))
    topic = await decoders.of(cluster, "orders")
    assert topic.chosen
    assert topic.keys is not None
    assert (topic.decoder, topic.keys.name) == (Registered(), "long")
    with pytest.raises(ValueError, match="there is no rule 'nonsense'"):
        await decoders.remember("orders", DecoderChoice(value="nonsense"))
    await decoders.remember("orders", DecoderChoice(key="hex"))
    topic = await decoders.of(cluster, "orders")
    assert topic.decoder is not None
    assert topic.keys is not None
    assert (topic.decoder.name, topic.keys.name, topic.chosen) == ("json", "hex", False)
    assert topic.how == "1 of 1 sampled records are JSON"
    await decoders.remember("orders", DecoderChoice())
    topic = await decoders.of(cluster, "orders")
    assert topic.keys is not None
    assert topic.keys.name == "utf8"


async def test_what_the_latest_schema_of_the_topic_cannot_read_is_named(registry: MemoryRegistry) -> None:
    decoders = TopicDecoders(Schemas(registry))
    later = json.loads(json.dumps(ORDER))
    later["fields"].append({"name": "country", "type": "string"})  # no default: what was written before cannot be read
    rule, old = parse_rule("registry:latest"), record(framed(7, WHOLE))

    async def read_one(decoders: TopicDecoders) -> FieldReading | None:
        (found,) = await read_records(decoders, FakeCluster(), [old], key=rule, value=rule, seconds=5.0)
        return found.value

    alone = await read_one(decoders)
    assert alone is not None
    assert alone.problem is None
    registry.schemas[11] = RegisteredSchema("AVRO", json.dumps(later), (), (("orders-value", 4),))
    found = await read_one(TopicDecoders(Schemas(registry)))
    assert found is not None
    assert found.problem is not None
    assert (found.problem.position, found.problem.length) == (1, 4)
    assert found.problem.reason.startswith(
        "bytes 1 to 4 of the value: version 4 of orders-value, the latest, cannot read what Avro, orders-value "
        "version 3 (id 7) wrote: "
    )
    assert "country" in found.problem.reason
    registry.schemas[11] = RegisteredSchema("JSON", "{}", (), (("orders-value", 4),))
    other = await read_one(TopicDecoders(Schemas(registry)))
    assert other is not None
    assert other.problem is not None
    assert other.problem.reason.endswith("it is JSON Schema, and they are not")


async def test_a_topic_without_a_subject_is_not_judged_by_its_latest(decoders: TopicDecoders) -> None:
    (found,) = await read_records(
        decoders,
        FakeCluster(),
        [record(framed(7, WHOLE), topic="elsewhere")],
        key=parse_rule("hex"),
        value=parse_rule("registry:latest"),
        seconds=5.0,
    )
    assert found.value is not None
    assert found.value.problem is not None
    assert not found.value.problem.judged
    assert found.value.problem.reason == "the latest schema is not known: the registry has no subject elsewhere-value"
