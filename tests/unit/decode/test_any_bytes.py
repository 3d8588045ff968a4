"""Whatever the bytes are, every decoder reads them or says why not: no exception comes out."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random, SystemRandom

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafkaview.cluster.ports.schemas import RegisteredSchema
from kafkaview.decode.reading import read_records
from kafkaview.decode.registry import FORMATS, attach_schemas, parse_rule
from kafkaview.decode.report import try_decoders
from kafkaview.decode.result import Decoded, Decoder, Surroundings, Undecodable, within
from kafkaview.decode.schemas import Schemas
from kafkaview.decode.topics import TopicDecoders, infer_decoder
from kafkaview.terms import Header, Record, TimestampType
from tests.kit.fake_cluster import FakeCluster
from tests.unit.decode.registered import ORDER, MemoryRegistry, avro, framed, order_schema
from tests.unit.decode.test_avro import VALUE
from tests.unit.decode.test_protobuf import ORDER as PROTO
from tests.unit.decode.test_registered import JSON_SCHEMA

LOCAL_PROTO = PROTO.replace('import "sub/money.proto";', "").replace("Money", "Line")
REGISTRY = MemoryRegistry({7: order_schema(), 8: JSON_SCHEMA, 9: RegisteredSchema("PROTOBUF", LOCAL_PROTO)})
SCHEMAS = Schemas(REGISTRY, waits=True)
DEEP = b"[" * 1_000 + b"]" * 1_000
WHOLE = (
    avro(ORDER, VALUE),
    framed(7, avro(ORDER, VALUE)),
    framed(8, b'{"id": 12345678901234567890123, "total": 0.10}'),
    framed(9, b"\x00\x0a\x03abc\x12\x02\x08\x01"),
    b"\x0a\x03abc\x22\x06\x0a\x01x\x12\x01\x08",
    bytes.fromhex("a2616101616282f93c00c24101"),
    bytes.fromhex("82a161c0cb3fb999999999999a"),
    b'{"a": [1, 2.50, "\\ud83d\\ude00", null], "a": true}',
    bytes.fromhex("00040000000000000003000000000100000001a20852aa0100"),
    b"Obj\x01\x04\x14avro.codec\x08null",
    DEEP,
    b"12345678",
    b"\x0b" * 100,
)
KEYS = (None, b"\x00\x01\x00\x01g\x00\x01t\x00\x00\x00\x07", b"\x00\x02\x00\x01g", b"\x00\x03\x00\x01g")
HEADERS = ((), (Header("__value_schema_id", b"\x00\x00\x00\x00\x07"),), (Header("__key_schema_id", b"\x01"),))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Good bytes with some of them changed, cut off or doubled."""
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    first, last = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
    return bytes(draw(st.sampled_from((data, data[:last], data[first:], data[:first] + data[last:], data * 2))))


ANY = st.one_of(st.binary(max_size=200), damaged(), st.binary(max_size=60).map(lambda data: framed(7, data)))


@pytest.fixture(scope="module")
def decoders(tmp_path_factory: pytest.TempPathFactory) -> list[Decoder]:
    folder: Path = tmp_path_factory.mktemp("schemas")
    (folder / "order.avsc").write_text(json.dumps(ORDER))
    (folder / "order.proto").write_text(LOCAL_PROTO)
    (folder / "order.json").write_text(JSON_SCHEMA.text.replace('"$ref": "money.json"', '"type": "integer"'))
    arguments = {
        "max-bytes": "20",
        "jsonschema": f"{folder}/order.json",
        "avro": f"{folder}/order.avsc",
        "protobuf": f"{folder}/order.proto:Order",
    }
    declared = [row for row in FORMATS if row.word != "python"]  # what the user's own code does is not held here
    rules = [row.opening + arguments[row.word] if row.opening != row.word else row.word for row in declared]
    return [attach_schemas(parse_rule(rule), SCHEMAS) for rule in rules]


def check(decoder: Decoder, data: bytes, field: str, record: Surroundings) -> None:
    """Holds a decoder to what is said of all."""
    own = within(decoder, record)
    result, problem = own.decode(data, field), own.problem(data, field)
    if isinstance(result, Decoded):
        assert problem is None, (decoder.name, data)
        assert isinstance(result.text, str)
        return
    assert isinstance(problem, Undecodable), (decoder.name, data)
    assert problem.reason == result.reason
    assert result.reason, (decoder.name, data)
    if result.position is not None:
        assert 0 <= result.position < len(data), (decoder.name, data, result)
        assert result.length >= 1, (decoder.name, data, result)


def check_all(decoders: list[Decoder], data: bytes, key: bytes | None, headers: tuple[Header, ...]) -> None:
    for topic in ("orders", "__consumer_offsets", "__transaction_state", "__share_group_state"):
        record = Surroundings(topic, key, headers)
        for decoder in decoders if topic == "orders" else [one for one in decoders if one.name == "internal"]:
            for field in ("key", "value"):
                check(decoder, data, field, record)
    assert try_decoders(data, record=Surroundings("orders", key, headers), schemas=SCHEMAS)
    infer_decoder([data], [Surroundings("orders", key, headers)], SCHEMAS)


@settings(max_examples=1_500, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=ANY, key=st.sampled_from(KEYS), headers=st.sampled_from(HEADERS))
def test_every_decoder_reads_any_bytes_or_says_why_not(
    decoders: list[Decoder], data: bytes, key: bytes | None, headers: tuple[Header, ...]
) -> None:
    check_all(decoders, data, key, headers)


def any_bytes(random: Random) -> bytes:
    """What `ANY` gives, as fast as a hundred thousand of them need: hypothesis keeps each."""
    data = bytearray(random.choice(WHOLE))
    for _ in range(random.randint(0, 4)):
        data[random.randrange(len(data))] = random.choice((0, 1, 127, 128, 255, random.randrange(256)))
    first, last = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    noise = random.randbytes(random.randint(0, 200))
    choices = (data, data[:last], data[first:], data[:first] + data[last:], data * 2, noise, framed(7, noise[:60]))
    return bytes(random.choice(choices))


@pytest.mark.soak
def test_every_decoder_reads_any_of_very_many_bytes_or_says_why_not(decoders: list[Decoder]) -> None:
    seed = SystemRandom().getrandbits(32)
    random = Random(seed)
    for count in range(100_000):
        data, key, headers = any_bytes(random), random.choice(KEYS), random.choice(HEADERS)
        try:
            check_all(decoders, data, key, headers)
        except Exception as error:
            error.add_note(f"number {count} of seed {seed}: {data!r}, {key!r}, {headers!r}")
            raise


async def test_a_document_of_a_thousand_levels_is_shown(decoders: list[Decoder]) -> None:
    record = Record("orders", 0, 0, 0, TimestampType.CREATE_TIME, None, DEEP)
    (found,) = await read_records(TopicDecoders(SCHEMAS), FakeCluster(), [record])
    assert found.value is not None
    assert found.value.decoder == "json"
    for decoder in decoders:
        check(decoder, DEEP, "value", Surroundings("orders"))
        check(decoder, framed(8, b'{"id": 1, "total": %b}' % DEEP), "value", Surroundings("orders"))
