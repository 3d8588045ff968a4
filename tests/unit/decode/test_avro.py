"""Avro is read as fastavro reads it, and where it breaks the byte is named."""

from __future__ import annotations

import io
import json
import random
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastavro import schemaless_reader, writer

from kafkaview.decode.avro import AvroSchema, parse_avro
from kafkaview.decode.registry import parse_rule
from kafkaview.decode.result import Decoded, Undecodable
from kafkaview.decode.wire_format import Payload
from tests.unit.decode.registered import ORDER, avro, framed

VALUE: dict[str, Any] = {
    "id": "o-1",
    "amount": Decimal("12345678901234567.10"),
    "status": "PAID",
    "note": None,
    "code": 7,
    "lines": [1, -2, 2**62],
    "parent": {**dict.fromkeys(("note", "code", "parent")), "id": "é", "amount": Decimal("-0.05"), "status": "NEW",
               "lines": []},
}  # fmt: skip
READER = parse_avro(json.dumps(ORDER))


def decode(data: bytes, reader: AvroSchema = READER) -> Decoded | Undecodable:
    return reader.decode(Payload(data, 0, "value", "avro"))


def text(schema: Any, value: object) -> str:
    found = decode(avro(schema, value), parse_avro(json.dumps(schema)))
    assert isinstance(found, Decoded), found
    return " ".join(found.text.split())


def test_a_record_is_shown_with_every_digit() -> None:
    found = decode(avro(ORDER, VALUE))
    assert isinstance(found, Decoded)
    assert '"amount": "12345678901234567.10"' in found.text
    assert '"code": {\n    "long": 7\n  }' in found.text
    assert found.value == {
        **VALUE,
        "amount": "12345678901234567.10",
        "code": {"long": 7},
        "parent": {**VALUE["parent"], "amount": "-0.05"},
    }


@pytest.mark.parametrize(
    ("type_", "value", "shown"),
    [
        ("float", 0.1, "0.1"),
        ("double", 0.1, "0.1"),
        ("double", float("inf"), '"Infinity"'),
        ("double", float("nan"), '"NaN"'),
        ("bytes", b"\x00\xffa", '"\\u0000ÿa"'),
        ({"type": "fixed", "name": "F", "size": 2}, b"ab", '"ab"'),
        ({"type": "int", "logicalType": "date"}, date(2024, 2, 29), '"2024-02-29"'),
        ({"type": "int", "logicalType": "time-millis"}, time(1, 2, 3, 4_000), '"01:02:03.004"'),
        ({"type": "long", "logicalType": "time-micros"}, time(1, 2, 3, 4), '"01:02:03.000004"'),
        (
            {"type": "long", "logicalType": "timestamp-millis"},
            datetime(2024, 1, 2, 3, 4, 5, 6_000, UTC),
            '"2024-01-02T03:04:05.006Z"',
        ),
        ({"type": "long", "logicalType": "local-timestamp-micros"}, 1, '"1970-01-01T00:00:00.000001"'),
        ({"type": "long", "logicalType": "timestamp-micros"}, 2**62, str(2**62)),
        (
            {"type": "string", "logicalType": "uuid"},
            UUID("00112233-4455-6677-8899-aabbccddeeff"),
            '"00112233-4455-6677-8899-aabbccddeeff"',
        ),
        ({"type": "map", "values": "boolean"}, {"a": True, "b": False}, '{ "a": true, "b": false }'),
        ({"type": "record", "name": "E", "fields": []}, {}, "{}"),
        ({"type": "long", "logicalType": "of-our-own"}, 5, "5"),
    ],
)
def test_a_type_is_shown(type_: Any, value: object, shown: str) -> None:
    assert text(type_, value) == shown


@pytest.mark.parametrize(
    ("data", "reason", "position"),
    [
        (b"", "the value is empty: 0 bytes", None),
        (b"\x06o-1", "byte 3 of the value: the bytes end inside the length of a decimal (amount)", 3),
        (b"\x7f", "byte 0 of the value: a string has a length of -64 (id)", 0),
        (b"\x08o-1", "byte 0 of the value: a string has a length of 4, 3 bytes are left (id)", 0),
        (b"\x02\xff", "byte 1 of the value: it is in a string and not UTF-8 (id) (some readers take it", 1),
        (b"\x02a\x02\x01\x06", "byte 4 of the value: index 3 where the symbols of shop.Status are 2 (status)", 4),
        (b"\x02a\x02\x01\x00\x08", "byte 5 of the value: index 4 where the branches of the union are 2 (note)", 5),
        (b"\x02a\x02\x01\x00\x00\x00\x02" + b"\xff" * 11, "a long has more than 10 bytes (lines[0])", 8),
        (b"\x02a\x02\x01\x00\x00\x00\x00\x00\x09", "byte 9 of the value: the value has ended, 1 more byte follows", 9),
        (b"Obj\x01\x04\x14avro.codec", "byte 0 of the value opens an Avro container file", 0),
    ],
)
def test_the_byte_that_breaks_is_named(data: bytes, reason: str, position: int | None) -> None:
    found = decode(data)
    assert isinstance(found, Undecodable)
    assert reason in found.reason
    assert found.position == position


def test_a_container_file_is_named_as_such() -> None:
    out = io.BytesIO()
    writer(out, ORDER, [VALUE])
    found = decode(out.getvalue())
    assert isinstance(found, Undecodable)
    assert "opens an Avro container file" in found.reason


PARTS: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "int": -7,
    "long": 2**40,
    "float": 0.5,
    "double": 0.1,
    "bytes": b"\xff",
    "string": "Ren\u00e9",
}
LINE = {"type": "record", "name": "Line", "fields": [{"name": "sku", "type": "string"}, {"name": "n", "type": "int"}]}
FLAT: tuple[Any, Any] = (
    {
        "type": "record",
        "name": "Flat",
        "fields": [
            *({"name": name, "type": name} for name in PARTS),
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
            {"name": "also", "type": "Kind"},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
            {"name": "id", "type": {"type": "fixed", "name": "Id", "size": 4}},
            {"name": "lines", "type": {"type": "array", "items": LINE}},
            {"name": "line", "type": ["null", "Line", "string"]},
            {"name": "tags", "type": {"type": "map", "values": ["null", "long"]}},
        ],
    },
    {
        **PARTS,
        "kind": "B",
        "also": "A",
        "at": 1_790_000_000_000,
        "day": 20_000,
        "price": Decimal("12.50"),
        "id": b"\x00\xffab",
        "lines": [{"sku": "a" * 70, "n": 2**31 - 1}] * 3,
        "line": {"sku": "", "n": -(2**31)},
        "tags": {"a": 1, "b": None},
    },
)


def test_a_value_that_fits_is_told_without_reading_it() -> None:
    schema, value = FLAT
    reader = parse_avro(json.dumps(schema))
    assert reader.surely_fits(b"\x00" + avro(schema, value), 1)
    assert not reader.surely_fits(avro(schema, value) + b"\x00", 0)


@pytest.mark.parametrize(
    "schema",
    [
        ORDER,
        {"type": "array", "items": "null"},
        {"type": "record", "name": "E", "fields": [{"name": "n", "type": "null"}]},
        {"type": "map", "values": {"type": "fixed", "name": "Z", "size": 0}},
    ],
)
def test_a_schema_that_contains_itself_or_values_of_no_bytes_is_always_read(schema: Any) -> None:
    assert not parse_avro(json.dumps(schema)).surely_fits(b"\x00", 0)


@pytest.mark.parametrize("seed", range(4))
def test_what_surely_fits_is_read_without_a_problem(seed: int) -> None:
    choose, whole = random.Random(seed), avro(*FLAT)
    reader = parse_avro(json.dumps(FLAT[0]))
    smaller = [parse_avro(json.dumps(one)) for one in ("int", "long", "boolean", "string", ["null", "int"], LINE)]
    fits = 0
    for _ in range(3_000):
        data = bytearray(whole)
        for _ in range(choose.randint(0, 3)):
            data[choose.randrange(len(data))] = choose.choice((choose.randrange(256), 0, 0x7F, 0x80, 0xFF))
        data = data[: choose.choice((len(data), len(data), choose.randrange(len(data))))]
        bytes_of_numbers = (0, 1, 2, 0x0F, 0x10, 0x7F, 0x80, 0xFF, 0xC3)
        short = bytes(choose.choice(bytes_of_numbers) for _ in range(choose.randrange(12)))
        for one, made in ((bytes(data), reader), *((short, made) for made in smaller)):
            if made.surely_fits(one, 0):
                fits += 1
                assert made.problem(Payload(one, 0, "value", "avro")) is None, one
    assert fits > 1_000


def test_damaged_values_are_refused_where_fastavro_refuses_them() -> None:
    whole, choose, refused = avro(ORDER, VALUE), random.Random(5), 0
    schema = READER.parsed
    for _ in range(5_000):
        data = bytearray(whole)
        for _ in range(choose.randint(1, 3)):
            data[choose.randrange(len(data))] = choose.randrange(256)
        data = data[: choose.choice((len(data), choose.randrange(len(data))))]
        found = decode(bytes(data))
        try:
            source = io.BytesIO(bytes(data))
            schemaless_reader(source, schema)
            taken = source.tell() == len(data)
        except Exception:  # noqa: BLE001 - whatever it raises
            taken = False
        refused += not taken
        if taken and isinstance(found, Undecodable):  # fastavro takes negative indices, and numbers of any length
            assert any(words in found.reason for words in ("index -", "has a length of -", "64 bits", "10 bytes"))
        assert taken or isinstance(found, Undecodable), data
    assert refused > 1_000


def test_one_type_may_contain_itself_but_not_for_ever() -> None:
    schema = {"type": "record", "name": "N", "fields": [{"name": "n", "type": ["null", "N"]}]}
    reader = parse_avro(json.dumps(schema))
    assert isinstance(decode(b"\x02" * 50 + b"\x00", reader), Decoded)
    found = decode(b"\x02" * 5_000 + b"\x00", reader)
    assert isinstance(found, Undecodable)
    assert "nested deeper than 100 levels" in found.reason


def test_a_hostile_schema_ends() -> None:
    endless = {"type": "record", "name": "R", "fields": [{"name": "r", "type": "R"}]}
    found = decode(b"\x00", parse_avro(json.dumps(endless)))
    assert isinstance(found, Undecodable)
    wide: Any = {"type": "record", "name": "W0", "fields": []}
    for level in range(1, 40):
        both = [{"name": "a", "type": wide}, {"name": "b", "type": f"W{level - 1}"}]
        wide = {"type": "record", "name": f"W{level}", "fields": both}
    found = decode(b"", parse_avro(json.dumps(wide)))
    assert isinstance(found, Undecodable)
    many = parse_avro('{"type": "array", "items": "null"}')
    found = decode(b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", many)
    assert isinstance(found, Undecodable)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ("{", "it is not JSON"),
        ('{"type": "record", "name": "A", "fields": [{"name": "b", "type": "B"}]}', "it names the type B"),
        ('{"type": "record"}', "it is not an Avro schema that can be used"),
        ("[" * 100_000, "it is"),
        ('{"type": "enum", "name": "E", "symbols": 7}', "it is not an Avro schema"),
        ("7", "it is not an Avro schema"),
    ],
)
def test_a_schema_that_does_not_parse_is_refused_in_a_sentence(schema: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_avro(schema)


def test_a_schema_may_refer_to_others() -> None:
    money = '{"type": "record", "name": "Money", "fields": [{"name": "units", "type": "long"}]}'
    order = '{"type": "record", "name": "Order", "fields": [{"name": "total", "type": "Money"}]}'
    found = decode(b"\x0e", parse_avro(order, (money,)))
    assert isinstance(found, Decoded)
    assert found.value == {"total": {"units": 7}}


def test_a_file_is_held_to_values_alone_and_behind_a_schema_id(tmp_path: Path) -> None:
    file = tmp_path / "order.avsc"
    file.write_text(json.dumps(ORDER))
    rule = parse_rule(f"avro:{file}")
    whole = avro(ORDER, VALUE)
    assert rule.problem(whole) is None
    assert isinstance(rule.decode(framed(7, whole)), Decoded)
    broken = rule.problem(whole[:-1])
    assert broken is not None
    assert broken.decoder == f"avro:{file}"
