"""CBOR is read as cbor2 reads it, and where it breaks the byte is named."""

from __future__ import annotations

import io
import random

import cbor2
import pytest

from kafkaview.decode.cbor import Cbor
from kafkaview.decode.result import Decoded

CBOR = Cbor()
DOCUMENT = {"a": 1, "b": [1.5, -2, 2**64 - 1, None, True, b"\xff", 0.1], "f": {"c": "d" * 30}, "e": -(2**63)}


def test_a_document_is_shown_as_json() -> None:
    found = CBOR.decode(cbor2.dumps(DOCUMENT))
    assert isinstance(found, Decoded)
    assert found.value == {**DOCUMENT, "b": [1.5, -2, 2**64 - 1, None, True, "/w==", 0.1]}


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("c249010000000000000000", "18446744073709551616"),  # a whole number of 65 bits
        ("c349010000000000000000", "-18446744073709551617"),
        ("a1016161", '{\n  "1": "a"\n}'),
        ("a2616101616102", '{\n  "a": 1,\n  "a": 2\n}'),  # a name twice
        ("9f0102ff", "[\n  1,\n  2\n]"),
        ("7f61616162ff", '"ab"'),
        ("f93c00", "1.0"),
        ("fa3dcccccd", "0.1"),
        ("f97e00", '"NaN"'),
        ("f7", "null"),
        ("d9d9f701", "1"),
        ("d8254101", '{\n  "tag 37": "AQ=="\n}'),
        ("e5", '"simple 5"'),
    ],
)
def test_an_item_is_shown(data: str, shown: str) -> None:
    found = CBOR.decode(bytes.fromhex(data))
    assert isinstance(found, Decoded)
    assert found.text == shown


@pytest.mark.parametrize(
    ("data", "reason", "position"),
    [
        ("", "the value is empty: 0 bytes", None),
        ("a161", "byte 1 of the value: the bytes end inside", 1),
        ("1c", "byte 0 of the value: 1C begins no item", 0),
        ("ff", "byte 0 of the value: FF ends nothing that was begun", 0),
        ("6261ff", "byte 2 of the value: it is in a text and not UTF-8", 2),
        ("f5f5", "byte 1 of the value: the item has ended, 1 more byte follows", 1),
        ("5f6161ff", "byte 1 of the value: 61 inside bytes of many parts", 1),
        ("81" * 2_000, "it is nested deeper than 100 levels", 101),
        ("9b7fffffffffffffff", "byte 8 of the value: the bytes end inside an item", 8),
        ("5b7fffffffffffffff", "the bytes end inside bytes of 9,223,372,036,854,775,807 bytes", 8),
    ],
)
def test_the_byte_that_breaks_is_named(data: str, reason: str, position: int | None) -> None:
    found = CBOR.problem(bytes.fromhex(data))
    assert found is not None
    assert reason in found.reason
    assert found.position == position


def test_damaged_documents_are_refused_where_cbor2_refuses_them() -> None:
    whole, choose, refused = cbor2.dumps(DOCUMENT), random.Random(2), 0
    for _ in range(5_000):
        data = bytearray(whole)
        for _ in range(choose.randint(1, 3)):
            data[choose.randrange(len(data))] = choose.randrange(256)
        if any(byte >> 5 == 6 for byte in data):
            continue  # cbor2 looks into what tags mean
        source = io.BytesIO(data)
        try:
            cbor2.CBORDecoder(source, read_size=1).decode()
            taken = source.tell() == len(data)
        except (cbor2.CBORDecodeError, TypeError):
            taken = False
        refused += not taken
        assert (CBOR.problem(bytes(data)) is None) is taken, bytes(data).hex()
    assert refused > 300
