"""Protobuf is read as Google's library reads it, and where it breaks the byte is named."""

from __future__ import annotations

import base64
import random
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pool, message_factory

from kafkaview.cluster.ports.schemas import NamedSchema, RegisteredSchema
from kafkaview.decode.proto_files import compile_file
from kafkaview.decode.protobuf import read_registered
from kafkaview.decode.registry import parse_rule
from kafkaview.decode.result import Decoded, Decoder, Undecodable
from kafkaview.decode.wire_format import Payload

MONEY = 'syntax = "proto3"; package shop; message Money { uint64 units = 1; fixed32 nanos = 2; }'
ORDER = """syntax = "proto3";
package shop;
import "sub/money.proto";
import "google/protobuf/timestamp.proto";
message Order {
  string id = 1; int64 amount = 2; repeated int32 counts = 3; map<string, Money> prices = 4; Status status = 5;
  google.protobuf.Timestamp at = 6; repeated Money totals = 7; double ratio = 8; float share = 9; bytes raw = 10;
  sint32 shift = 11; Line line = 12; oneof way { string post = 13; bool collected = 14; } Order parent = 15;
  map<int32, bool> flags = 16;
  message Line { string sku = 1; }
}
enum Status { NEW = 0; PAID = 1; }
message Other { int32 a = 1; message Inner { int32 b = 1; } }
"""
OLD = """syntax = "proto2";
message Old { required int32 id = 1; optional group Part = 2 { optional string text = 3; } repeated sint64 n = 4; }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "money.proto").write_text(MONEY)
    (tmp_path / "order.proto").write_text(ORDER)
    (tmp_path / "old.proto").write_text(OLD)
    return tmp_path


def message_of(file: Path, name: str) -> Any:
    pool = descriptor_pool.DescriptorPool()
    for one in compile_file(file):
        pool.Add(one)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


@pytest.fixture
def order(folder: Path) -> Any:
    made = message_of(folder / "order.proto", "shop.Order")(
        id="é", amount=-5, counts=[1, -2], status=1, ratio=0.1, share=0.1, raw=b"\xff\x00", shift=-7, collected=True
    )
    made.prices["x"].units = 2**64 - 1
    made.flags[3] = True
    made.at.seconds, made.at.nanos = 1_700_000_000, 5
    made.totals.add(units=1)
    made.totals.add(nanos=7)
    made.line.sku = "s"
    made.parent.id = "p"
    return made


def rule(folder: Path, name: str = "Order", file: str = "order.proto") -> Decoder:
    return parse_rule(f"protobuf:{folder / file}:{name}")


def test_a_message_is_shown_by_its_fields(folder: Path, order: Any) -> None:
    found = rule(folder).decode(order.SerializeToString())
    assert isinstance(found, Decoded)
    assert found.value == {
        "id": "é",
        "amount": -5,
        "counts": [1, -2],
        "prices": {"x": {"units": 2**64 - 1}},
        "status": "PAID",
        "at": "2023-11-14T22:13:20.000000005Z",
        "totals": [{"units": 1}, {"nanos": 7}],
        "ratio": 0.1,
        "share": 0.1,
        "raw": base64.b64encode(b"\xff\x00").decode(),
        "shift": -7,
        "line": {"sku": "s"},
        "collected": True,
        "parent": {"id": "p"},
        "flags": {"3": True},
    }


def test_fields_that_the_schema_does_not_have_are_shown_by_their_number(folder: Path) -> None:
    data = b"\x08\x05\xa8\x01\x07\x3a\x02\x08\x01\xba\x01\x01z\xc5\x01\x01\x00\x00\x00\xcb\x01\x08\x01\xcc\x01"
    found = rule(folder).decode(data)
    assert isinstance(found, Decoded)
    # field 1 is a string in the schema, and a number here
    assert found.value == {
        "1": 5, "21": 7, "totals": [{"units": 1}], "23": "eg==", "24": "0x00000001", "25": {"1": 1}
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "reason", "position"),
    [
        (b"\x0a", "byte 0 of the value: the bytes end inside the length of id (id)", 0),
        (b"\x0a\x05ab", "byte 1 of the value: id has a length of 5, 2 bytes are left (id)", 1),
        (b"\x0a\x01\xff", "byte 2 of the value: it is in a string and not UTF-8 (id)", 2),
        (b"\x07", "byte 0 of the value: there is no field of the number 0", 0),
        (b"\x0e", "byte 0 of the value: field 1 has the wire type 6, which is none", 0),
        (b"\x7a\x04\x0a\x03a", "byte 1 of the value: parent has a length of 4, 3 bytes are left (parent)", 1),
        (b"\x7a\x03\x0a\x05a", "byte 3 of the value: id has a length of 5, 1 byte is left (parent.id)", 3),
        (b"\x10" + b"\xff" * 11, "byte 1 of the value: amount has more than 10 bytes (amount)", 1),
        (b"\x41\x00\x00", "byte 2 of the value: the bytes end inside ratio of 8 bytes (ratio)", 2),
        (b"\x1c", "byte 0 of the value: it ends the group 3, which was not begun", 0),
        (b"\xab\x01\x08\x01", "byte 3 of the value: the bytes end inside the group 21 (21)", 3),
    ],
)
def test_the_byte_that_breaks_is_named(folder: Path, data: bytes, reason: str, position: int) -> None:
    found = rule(folder).problem(data)
    assert found is not None
    assert (found.reason, found.position) == (reason, position)


def test_a_required_field_and_a_group_are_those_of_proto2(folder: Path) -> None:
    old = rule(folder, "Old", "old.proto")
    missing = old.problem(b"\x20\x01")
    assert missing is not None
    assert "the required field id is missing" in missing.reason
    found = old.decode(b"\x08\x01\x13\x1a\x01t\x14\x20\x01\x20\x02")
    assert isinstance(found, Decoded)
    assert found.value == {"id": 1, "part": {"text": "t"}, "n": [-1, 1]}


def test_messages_are_refused_where_googles_library_refuses_them(folder: Path, order: Any) -> None:
    whole, choose, decoder, refused = order.SerializeToString(), random.Random(3), rule(folder), 0
    for number in range(5_000):
        data = bytearray(whole if number % 2 else choose.randbytes(choose.randrange(1, 30)))
        for _ in range(choose.randint(1, 3) if number % 2 else 0):
            data[choose.randrange(len(data))] = choose.randrange(256)
        if data[0] == 0:
            continue  # could be the id of a schema
        try:
            type(order).FromString(bytes(data))
            taken = True
        except Exception:  # noqa: BLE001 - whatever it raises
            taken = False
        refused += not taken
        assert (decoder.problem(bytes(data)) is None) is taken, bytes(data)
    assert refused > 2_000


def test_the_type_is_at_the_path_behind_the_schema_id() -> None:
    reader = read_registered(RegisteredSchema("PROTOBUF", ORDER, (NamedSchema("sub/money.proto", MONEY),)))

    def decode(path: bytes) -> Decoded | Undecodable:
        return reader.decode(Payload(b"\0\0\0\0\7" + path + b"\x08\x05", 5, "value", "registry", framed=True))

    for path, value in ((b"\x02\x02", {"a": 5}), (b"\x04\x02\x00", {"b": 5})):
        found = decode(path)
        assert isinstance(found, Decoded), found
        assert found.value == value
    missing = decode(b"\x02\x08")
    assert isinstance(missing, Undecodable)
    assert (missing.position, missing.length) == (5, 2)
    assert "the schema has no message at the place 4" in missing.reason
    for path in (b"", b"\x7f", b"\xff"):
        assert isinstance(
            reader.decode(Payload(b"\0\0\0\0\7" + path, 5, "value", "registry", framed=True)), Undecodable
        )


def test_a_descriptor_in_base64_is_a_schema_too(folder: Path, order: Any) -> None:
    money, *_, own = compile_file(folder / "order.proto")
    packed = [base64.b64encode(one.SerializeToString()).decode() for one in (money, own)]
    reader = read_registered(RegisteredSchema("PROTOBUF", packed[1], (NamedSchema("sub/money.proto", packed[0]),)))
    data = b"\0\0\0\0\7\0" + order.SerializeToString()
    found = reader.decode(Payload(data, 5, "value", "registry", framed=True))
    assert isinstance(found, Decoded)
    assert isinstance(found.value, dict)
    assert found.value["at"] == "2023-11-14T22:13:20.000000005Z"


@pytest.mark.parametrize(
    ("argument", "reason"),
    [
        ("", "protobuf needs a file and the type of a message in it"),
        ("order.proto", "protobuf needs a file and the type"),
        ("order.proto:Nothing", "has no message Nothing. It has: shop.Order, shop.Other"),
        ("nowhere.proto:Order", "cannot read the schema"),
        ("broken.proto:Order", "protoc refuses it: broken.proto:1:1"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_in_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, argument: str, reason: str
) -> None:
    monkeypatch.chdir(folder)
    (folder / "broken.proto").write_text("nonsense")
    with pytest.raises(ValueError, match=reason):
        parse_rule(f"protobuf:{argument}")


@pytest.mark.parametrize("name", ["../evil.proto", "/etc/evil.proto", ""])
def test_a_reference_does_not_leave_its_folder(name: str) -> None:
    with pytest.raises(ValueError, match="which is no name of a file"):
        read_registered(RegisteredSchema("PROTOBUF", ORDER, (NamedSchema(name, MONEY),)))


def test_confluents_own_imports_are_known() -> None:
    text = """syntax = "proto3"; import "confluent/meta.proto"; import "confluent/type/decimal.proto";
    message Price { confluent.type.Decimal amount = 1 [(confluent.field_meta).doc = "of one"]; }"""
    found = read_registered(RegisteredSchema("PROTOBUF", text)).decode(
        Payload(b"\0\0\0\0\7\0\x0a\x02\x18\x02", 5, "value", "registry", framed=True)
    )
    assert isinstance(found, Decoded)
    assert found.value == {"amount": {"scale": 2}}


def test_messages_within_messages_end(folder: Path) -> None:
    data = b""
    for _ in range(99):
        size = len(data)
        data = b"\x7a" + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + data
    assert rule(folder).problem(data) is None
    deeper = b"\xab\x01" * 5_000
    found = rule(folder).problem(deeper)
    assert found is not None
    assert "nested deeper" in found.reason
