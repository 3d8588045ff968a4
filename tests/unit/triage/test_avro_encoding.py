"""What the decoder of Avro shows is written back as the same value, or refused with the place that does not fit."""

from __future__ import annotations

import io
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from fastavro import schemaless_reader
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.decode.avro import AvroSchema, parse_avro
from kafkaview.decode.result import Decoded
from kafkaview.decode.wire_format import Payload
from kafkaview.triage.mending.avro_encoding import AvroEncoder
from kafkaview.triage.mending.exact_json import read_json
from kafkaview.triage.mending.misfit import Misfit
from tests.unit.decode.registered import ORDER, avro

LINE = {
    "type": "record",
    "name": "shop.Line",
    "fields": [
        {"name": "flag", "type": "boolean"},
        {"name": "i", "type": "int"},
        {"name": "l", "type": "long"},
        {"name": "f", "type": "float"},
        {"name": "d", "type": "double"},
        {"name": "b", "type": "bytes"},
        {"name": "s", "type": "string"},
        {"name": "x", "type": {"type": "fixed", "name": "Two", "size": 2}},
        {"name": "e", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
        {"name": "m", "type": {"type": "map", "values": ["null", "long", "string", "shop.Line"]}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "clock", "type": {"type": "int", "logicalType": "time-millis"}},
        {"name": "fine", "type": {"type": "long", "logicalType": "time-micros"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "micros", "type": ["null", {"type": "long", "logicalType": "timestamp-micros"}]},
        {"name": "nanos", "type": {"type": "long", "logicalType": "timestamp-nanos"}},
        {"name": "local", "type": {"type": "long", "logicalType": "local-timestamp-millis"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}},
        {"name": "rate", "type": {"type": "fixed", "name": "Rate", "size": 8, "logicalType": "decimal",
                                  "precision": 12, "scale": 4}},
        {"name": "id", "type": {"type": "fixed", "name": "Id", "size": 16, "logicalType": "uuid"}},
        {"name": "took", "type": {"type": "fixed", "name": "Took", "size": 12, "logicalType": "duration"}},
    ],
}  # fmt: skip
DECIMAL = {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}
READER = parse_avro(json.dumps(LINE))
LONGS = st.integers(-(1 << 63), (1 << 63) - 1)
INTS = st.integers(-(1 << 31), (1 << 31) - 1)


def lines(maps: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Values of the plain types, so that fastavro writes them as they are."""
    return st.fixed_dictionaries(
        {
            "flag": st.booleans(),
            "i": INTS,
            "l": LONGS,
            "f": st.floats(width=32),
            "d": st.floats(),
            "b": st.binary(max_size=4),
            "s": st.text(max_size=4),
            "x": st.binary(min_size=2, max_size=2),
            "e": st.sampled_from(["A", "B"]),
            "m": maps,
            "day": INTS,
            "clock": INTS,
            "fine": LONGS,
            "at": LONGS,
            "micros": st.none() | LONGS,
            "nanos": LONGS,
            "local": LONGS,
            "price": st.decimals(-(10**17), 10**17, places=2),
            "rate": st.decimals(-(10**7), 10**7, places=4),
            "id": st.binary(min_size=16, max_size=16),
            "took": st.binary(min_size=12, max_size=12),
        }
    )


NATIVE = st.recursive(
    st.none() | st.tuples(st.just("long"), LONGS) | st.tuples(st.just("string"), st.text(max_size=3)),
    lambda below: st.tuples(st.just("shop.Line"), lines(st.dictionaries(st.text(max_size=2), below, max_size=2))),
    max_leaves=3,
)


def shown(reader: AvroSchema, data: bytes) -> str:
    found = reader.decode(Payload(data, 0, "value", "avro"))
    assert isinstance(found, Decoded), found
    return found.text


@given(lines(st.dictionaries(st.text(max_size=2), NATIVE, max_size=2)))
def test_what_is_shown_of_any_value_is_written_back_byte_for_byte(value: dict[str, Any]) -> None:
    data = avro(LINE, value)
    text = shown(READER, data)
    written = AvroEncoder(READER).encode(read_json(text).value)
    assert shown(READER, written) == text
    said = repr(value)  # a map may hold another such value
    if "nan" not in said and "-" not in said:
        assert written == data  # fastavro writes some negative decimals with a byte more than they take


def test_a_value_is_what_fastavro_reads() -> None:
    text = """{"id": "o-1", "amount": "12345678901234567.10", "status": "PAID", "note": "x", "code": {"long": 7},
      "lines": [1, 4611686018427387904], "parent": null}"""
    data = AvroEncoder(parse_avro(json.dumps(ORDER))).encode(read_json(text).value)
    assert schemaless_reader(io.BytesIO(data), ORDER, None) == {
        "id": "o-1", "amount": Decimal("12345678901234567.10"), "status": "PAID", "note": "x", "code": 7,
        "lines": [1, 2**62], "parent": None,
    }  # fmt: skip


def encoded(type_: Any, text: str, default: Any = ...) -> Any:
    field = {"name": "f", "type": type_} | ({} if default is ... else {"default": default})
    schema = {"type": "record", "name": "R", "fields": [field]}
    data = AvroEncoder(parse_avro(json.dumps(schema))).encode(read_json(text).value)
    found: Any = schemaless_reader(io.BytesIO(data), schema, None)
    return found["f"]


@pytest.mark.parametrize(
    ("type_", "text", "read"),
    [
        ("double", '{"f": 5}', 5.0),
        ("double", '{"f": 0.10}', 0.1),
        ("double", '{"f": "Infinity"}', float("inf")),
        ("float", '{"f": 0.1}', pytest.approx(0.1)),
        (["null", "string"], '{"f": {"string": "x"}}', "x"),
        (["null", "long", "string"], '{"f": "x"}', "x"),
        (["null", "double"], '{"f": 1.5}', 1.5),
        ({"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}, '{"f": 12.5}', Decimal("12.50")),
        ({"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2}, '{"f": -1.28}', Decimal("-1.28")),
        ({"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 0}, '{"f": 1.2E2}', Decimal(120)),
    ],
)
def test_a_value_that_is_written_otherwise_is_taken(type_: Any, text: str, read: object) -> None:
    assert encoded(type_, text) == read


@pytest.mark.parametrize(
    ("type_", "default", "read"),
    [("string", "x", "x"), (["null", "string"], None, None), (["string", "null"], "x", "x"), ("bytes", "\xff", b"\xff"),
     ({"type": "array", "items": "long"}, [1], [1]), ("double", 1, 1.0)],
)  # fmt: skip
def test_a_field_that_is_missing_has_its_default(type_: Any, default: Any, read: object) -> None:
    assert encoded(type_, "{}", default) == read


@pytest.mark.parametrize(
    ("type_", "text", "reason"),
    [
        ("long", '{"f": "7"}', "f is text where a long belongs"),
        ("long", '{"f": 7.0}', "f is a number with a fraction where a long belongs"),
        ("long", '{"f": true}', "f is a boolean where a long belongs"),
        ("int", '{"f": 2147483648}', "f is 2,147,483,648, which an int cannot hold"),
        ("long", '{"f": 9223372036854775808}', "f is 9,223,372,036,854,775,808, which a long cannot hold"),
        ("long", '{"f": 1E400}', "f is a number where a long belongs"),
        ("double", '{"f": 1E400}', "f is 1E400, which a double cannot hold exactly"),
        ("double", '{"f": 9007199254740993}', "f is 9007199254740993, which a double cannot hold exactly"),
        ("double", '{"f": 0.1234567890123456789}', "which a double cannot hold exactly"),
        ("float", '{"f": 0.123456789012}', "f is 0.123456789012, which a float cannot hold exactly"),
        ("float", '{"f": 1e39}', "which a float cannot hold"),
        ("string", '{"f": null}', "f is null where a string belongs"),
        ("string", "{}", "f is missing, and the schema has no default for it"),
        ("string", '{"f": "x", "g": 1}', "g is no field of the schema"),
        ("string", r'{"f": "\ud800"}', "f has half of a surrogate pair"),
        ("string", "[]", "it is an array where the record R belongs"),
        ("bytes", '{"f": "€"}', "f has a character beyond 255"),
        (["null", "long"], '{"f": "x"}', "f is text where a long belongs"),
        (["null", "long", "int"], '{"f": "x"}', "f is text where one of null, long, int belongs"),
        (["null", "long", "string"], '{"f": {"long": "x"}}', "f.long is text where a long belongs"),
        ({"type": "array", "items": "long"}, '{"f": [1, "x"]}', r"f\[1\] is text where a long belongs"),
        ({"type": "enum", "name": "E", "symbols": ["A"]}, '{"f": "B"}', 'f is "B", which is no symbol of E'),
        ({"type": "int", "logicalType": "date"}, '{"f": "soon"}', 'f is "soon" where a date'),
        ({"type": "long", "logicalType": "timestamp-millis"}, '{"f": "2026-01-01T00:00:00"}', "with its zone"),
        (
            {"type": "long", "logicalType": "timestamp-millis"},
            '{"f": "2026-01-01T00:00:00.0001Z"}',
            "f has a fraction of a second of more than 3 digits",
        ),
        (DECIMAL, '{"f": "1.234"}', "more than the 2 digits behind the point"),
        (DECIMAL, '{"f": 123.4}', "more than the 4 digits"),
        (DECIMAL, f'{{"f": "{"1" * 5000}"}}', "decimal number"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_refused_with_its_place(type_: Any, text: str, reason: str) -> None:
    with pytest.raises(Misfit) as refused:
        encoded(type_, text)
    assert re.search(reason, str(refused.value)), str(refused.value)


def test_a_schema_of_a_reference_and_of_no_record_is_written() -> None:
    money = '{"type": "record", "name": "Money", "namespace": "shop", "fields": [{"name": "units", "type": "long"}]}'
    order = '{"type": "record", "name": "O", "namespace": "shop", "fields": [{"name": "t", "type": "Money"}]}'
    assert AvroEncoder(parse_avro(order, (money,))).encode({"t": {"units": 1}}) == b"\x02"
    assert AvroEncoder(parse_avro('"shop.Money"', (money,))).encode({"units": 1}) == b"\x02"
    assert AvroEncoder(parse_avro('["null", "shop.Money"]', (money,))).encode({"units": 1}) == b"\x02\x02"
    assert AvroEncoder(parse_avro('"string"')).encode("a") == b"\x02a"
