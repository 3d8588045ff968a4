from __future__ import annotations

import struct

import msgspec
import pytest

from kafkaview.decode.message_pack import MessagePack
from kafkaview.decode.registry import describe_rule, parse_rule
from kafkaview.decode.report import try_decoders
from kafkaview.decode.result import Decoded
from kafkaview.decode.topics import infer_decoder

ORDER = msgspec.msgpack.encode({"order_id": "o-1", "amount": 42, "items": [None, True, 1.5]})


@pytest.mark.parametrize(
    ("data", "reason", "marked"),
    [
        (b"\x93\x01\xc1\x02", r"byte 2 of the value is not MessagePack: invalid opcode '\xc1'", b"\xc1"),
        (b"\x81\xa1a", "the value breaks off at byte 2", b"a"),
        (b"\x01\x02\x03", "byte 1 of the value: the object has ended, 2 more bytes follow", b"\x02\x03"),
        (b"\x92\x01\xa3a\xffb", "byte 4 of the value, in a string, is not UTF-8", b"\xff"),
    ],
)
def test_a_violation_is_named_with_its_bytes(data: bytes, reason: str, marked: bytes) -> None:
    problem = MessagePack().problem(data)
    assert problem is not None
    assert problem.reason.removesuffix(" (some readers take it: evidence, not proof)") == reason
    assert problem.position is not None
    assert data[problem.position : problem.position + problem.length] == marked


@pytest.mark.parametrize("data", [b"", b"\x91" * 100_000 + b"\x01", b"\x92\xa2\xff\xfe\xa2\xff\xfe"])
def test_a_place_that_the_library_does_not_tell_is_not_guessed(data: bytes) -> None:
    problem = MessagePack().problem(data, "key")
    assert problem is not None
    assert (problem.position, "the key" in problem.reason) == (None, True)


def test_an_object_is_read_as_text() -> None:
    decoded = MessagePack().decode(ORDER)
    assert isinstance(decoded, Decoded)
    assert decoded.value == {"order_id": "o-1", "amount": 42, "items": [None, True, 1.5]}
    assert decoded.text.splitlines()[1] == '  "order_id": "o-1",'


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xc4\x02\x00\xff", '"AP8="'),  # bytes
        (b"\xd6\xff\x00\x00\x00\x01", '"1970-01-01T00:00:01.000000000Z"'),
        (b"\xd7\xff" + (5 << 34 | 1).to_bytes(8, "big"), '"1970-01-01T00:00:01.000000005Z"'),
        (b"\xc7\x0c\xff" + struct.pack(">Iq", 5, -1), '"1969-12-31T23:59:59.000000005Z"'),
        (b"\xd4\x07\x01", '"extension 7": "AQ=="'),
        (b"\xcb" + struct.pack(">d", float("nan")), '"NaN"'),
        (b"\xca" + struct.pack(">f", 0.1), "0.1"),
        (b"\x82\xa1a\x01\xa1a\x02", '"a": 1,\n  "a": 2'),  # a name twice
        (b"\x81\x91\x01\x02", '"[1]": 2'),  # an array as a key
        (b"\x81\x80\x01", '"{}": 1'),  # a map as a key
        (b"\x91" * 300 + b"\x01", "1"),
    ],
)
def test_types_that_json_lacks_are_healthy_and_shown_as_such(data: bytes, text: str) -> None:
    decoded = MessagePack().decode(data)
    assert isinstance(decoded, Decoded)
    assert text in decoded.text
    assert MessagePack().problem(data) is None


def test_it_is_inferred_from_maps_and_arrays_and_not_from_bytes_that_happen_to_be_numbers() -> None:
    inferred = infer_decoder([ORDER] * 9 + [ORDER[:-1]])
    assert inferred.decoder == MessagePack()
    assert inferred.how == "9 of 10 sampled records are MessagePack"
    assert infer_decoder([b"\x07"] * 10).decoder is None


def test_the_report_on_a_record_shows_it_where_it_fits_or_is_the_topics_own_format() -> None:
    titles = [row.title for row in try_decoders(ORDER)]
    assert titles == ["UTF-8", "JSON", "MessagePack"]
    assert [row.title for row in try_decoders(b"12")] == ["UTF-8", "JSON"]
    assert [row.fits for row in try_decoders(ORDER[:-1], chosen=MessagePack())] == [False, False, False]


def test_another_process_makes_it_from_its_word() -> None:
    described = describe_rule(MessagePack())
    assert described == ("msgpack", None)
    assert parse_rule(*described) == MessagePack()
