"""Numbers and UUIDs as Kafka's serializers write them, and bytes as they are."""

from __future__ import annotations

import math
import random
import struct

import pytest

from kafkaview.decode.registry import parse_rule
from kafkaview.decode.result import Decoded
from kafkaview.decode.walk import float_text


@pytest.mark.parametrize(
    ("rule", "data", "shown"),
    [
        ("short", "fffe", "-2"),
        ("int", "00000007", "7"),
        ("long", "8000000000000000", str(-(2**63))),
        ("float", "3dcccccd", "0.1"),
        ("double", "3fb999999999999a", "0.1"),
        ("double", "7ff8000000000000", "NaN"),
        ("uuid", b"00112233-4455-6677-8899-AABBCCDDEEFF".hex(), "00112233-4455-6677-8899-AABBCCDDEEFF"),
        ("hex", "00ff", "00 ff"),
        ("base64", "00ff", "AP8="),
    ],
)
def test_bytes_are_shown(rule: str, data: str, shown: str) -> None:
    found = parse_rule(rule).decode(bytes.fromhex(data))
    assert isinstance(found, Decoded)
    assert found.text == shown


@pytest.mark.parametrize(
    ("rule", "data", "reason", "position"),
    [
        ("long", b"1234", "the key has 4 bytes, a long has 8", 3),
        ("long", b"123456789", "the key has 9 bytes, a long has 8", 8),
        ("short", b"", "the key has 0 bytes, a short has 2", None),
        ("uuid", b"nonsense", "the key is not the text of a UUID, which has 36 characters", 0),
        ("uuid", b"1-2-3-4-5", "Java's UUID takes shorter parts", 0),
        ("uuid", b"\xff" * 16, "byte 0 of the key is not UTF-8", 0),
        ("uuid", b"", "the key is empty: 0 bytes", None),
    ],
)
def test_what_is_none_is_named(rule: str, data: bytes, reason: str, position: int | None) -> None:
    found = parse_rule(rule).problem(data, "key")
    assert found is not None
    assert reason in found.reason
    assert found.position == position


@pytest.mark.parametrize(
    ("bits", "size", "shown"),
    [
        ("7f7fffff", "f", "3.4028235e+38"),
        ("00000001", "f", "1.4e-45"),
        ("80000000", "f", "-0.0"),
        ("4b800001", "f", "16777218.0"),
        ("7bff", "e", "65504.0"),
        ("0001", "e", "5.96e-08"),
        ("7fefffffffffffff", "d", "1.7976931348623157e+308"),
        ("ff800000", "f", '"-Infinity"'),
    ],
)
def test_a_float_has_the_digits_that_tell_it_from_its_neighbours(bits: str, size: str, shown: str) -> None:
    (number,) = struct.unpack(f">{size}", bytes.fromhex(bits))
    assert float_text(number, size) == shown


def test_every_float_is_read_back_as_it_was() -> None:
    choose = random.Random(4)
    for _ in range(20_000):
        data = choose.randbytes(4)
        (number,) = struct.unpack(">f", data)
        if math.isfinite(number):
            assert struct.pack(">f", float(float_text(number, "f"))) == data
    for bits in range(0x7C00):
        (number,) = struct.unpack(">e", bits.to_bytes(2, "big"))
        assert struct.pack(">e", float(float_text(number, "e"))) == bits.to_bytes(2, "big")
