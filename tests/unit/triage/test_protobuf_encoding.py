"""What the decoder of Protobuf shows is written back as the same message, or refused with the place of the misfit."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from google.protobuf import descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from kafkaview.cluster.ports.schemas import NamedSchema, RegisteredSchema
from kafkaview.decode.proto_files import compile_registered
from kafkaview.decode.protobuf import ProtobufSchema, read_registered
from kafkaview.decode.result import Decoded
from kafkaview.decode.wire_format import Payload
from kafkaview.triage.mending.exact_json import read_json
from kafkaview.triage.mending.misfit import Misfit
from kafkaview.triage.mending.protobuf_encoding import ProtobufEncoder
from tests.unit.decode.test_protobuf import MONEY, OLD, ORDER

READER = read_registered(RegisteredSchema("PROTOBUF", ORDER, (NamedSchema("sub/money.proto", MONEY),)))
ENCODER = ProtobufEncoder(READER.types)
_POOL = descriptor_pool.DescriptorPool()
for _file in compile_registered(ORDER, {"sub/money.proto": MONEY}):
    _POOL.Add(_file)
OrderMessage: Any = message_factory.GetMessageClass(_POOL.FindMessageTypeByName("shop.Order"))
INT32 = st.integers(-(1 << 31), (1 << 31) - 1)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "id": st.text(max_size=4),
        "amount": st.integers(-(1 << 63), (1 << 63) - 1),
        "counts": st.lists(INT32, max_size=3),
        "prices": st.dictionaries(
            st.text(max_size=2), st.fixed_dictionaries({"units": st.integers(0, (1 << 64) - 1)}), max_size=2
        ),
        "status": st.integers(0, 7),
        "at": st.fixed_dictionaries(
            {"seconds": st.integers(-62_135_596_800, 253_402_300_799), "nanos": st.integers(0, 999_999_999)}
        ),
        "totals": st.lists(st.fixed_dictionaries({"nanos": st.integers(0, (1 << 32) - 1)}), max_size=2),
        "ratio": st.floats(allow_nan=False),
        "share": st.floats(width=32, allow_nan=False),
        "raw": st.binary(max_size=4),
        "shift": INT32,
        "line": st.fixed_dictionaries({"sku": st.text(max_size=2)}),
        "collected": st.booleans(),
        "flags": st.dictionaries(INT32, st.booleans(), max_size=2),
        "parent": st.fixed_dictionaries({"post": st.text(max_size=2)}),
    },
)


def shown(reader: ProtobufSchema, data: bytes, path: bytes = b"\0") -> str:
    found = reader.decode(Payload(path + data, 0, "value", "protobuf"))
    assert isinstance(found, Decoded), found
    return found.text


@given(FIELDS)
def test_what_is_shown_of_any_message_is_written_back_byte_for_byte(fields: dict[str, Any]) -> None:
    prices = fields.pop("prices", {})
    message = OrderMessage(**fields)
    for name, price in prices.items():
        message.prices[name].units = price["units"]
    data = message.SerializeToString(deterministic=True)
    assert ENCODER.encode(read_json(shown(READER, data)).value, ".shop.Order") == (b"\0", data)


@pytest.mark.parametrize(
    ("name", "path"), [(None, b"\0"), (".shop.Order.Line", b"\x04\x00\x04"), (".shop.Other.Inner", b"\x04\x02\x00")]
)
def test_the_path_to_the_type_stands_in_front(name: str | None, path: bytes) -> None:
    found, data = ENCODER.encode({}, name)
    assert (found, data) == (path, b"")
    assert shown(READER, b"", path) == "{}"


def test_groups_and_required_fields_are_written() -> None:
    reader = read_registered(RegisteredSchema("PROTOBUF", OLD))
    text = '{"id": 7, "part": {"text": "x"}, "n": [-1]}'
    path, data = ProtobufEncoder(reader.types).encode(read_json(text).value, None)
    assert "".join(shown(reader, data, path).split()) == text.replace(" ", "")
    with pytest.raises(Misfit, match="lacks what the schema requires: id"):
        ProtobufEncoder(reader.types).encode({"n": [1]}, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[]", "it is an array where the message shop.Order belongs"),
        ('{"5": 1}', "5 is no field of the schema"),
        ('{"id": 5}', "id is a whole number where a string belongs"),
        ('{"id": null}', "id is null where a string belongs"),
        (r'{"id": "\ud800"}', "id has half of a surrogate pair"),
        ('{"amount": 9223372036854775808}', "amount is 9,223,372,036,854,775,808, which a int64 cannot hold"),
        ('{"amount": 1.0}', "amount is a number with a fraction where a int64 belongs"),
        ('{"counts": 1}', "counts is a whole number where an array belongs"),
        ('{"counts": [1, true]}', "counts[1] is a boolean where a int32 belongs"),
        ('{"prices": {"x": {"units": -1}}}', "prices.x.units is -1, which a uint64 cannot hold"),
        ('{"prices": []}', "prices is an array where a map belongs"),
        ('{"flags": {"x": true}}', "flags.x is text where a int32 belongs"),
        ('{"status": "GONE"}', 'status is "GONE", which is no value of shop.Status'),
        ('{"at": "soon"}', 'at is "soon" where a time with its zone'),
        ('{"share": 0.123456789}', "share is 0.123456789, which a float cannot hold exactly"),
        ('{"raw": "?"}', "raw is no base64"),
        ('{"collected": 1}', "collected is a whole number where a bool belongs"),
        ('{"post": "x", "collected": true}', "collected stands beside post, and the schema takes one of the two"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(Misfit) as refused:
        ENCODER.encode(read_json(text).value, None)
    assert str(refused.value).startswith(reason)


def test_a_type_that_the_schema_does_not_have_is_refused() -> None:
    for name in (".shop.Gone", ".other.Order", ".shop.Order.Gone"):
        with pytest.raises(Misfit, match="which the schema does not have"):
            ENCODER.encode({}, name)


def test_bytes_may_be_any() -> None:
    raw = bytes(range(256))
    _, data = ENCODER.encode({"raw": base64.b64encode(raw).decode()}, None)
    assert OrderMessage.FromString(data).raw == raw
